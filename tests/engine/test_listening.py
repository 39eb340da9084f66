"""Who calls us: made where missing, never doubled, never another's; what stopped is made anew and its gap is healed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from cryptography.fernet import Fernet
from pydantic import BaseModel

from hub.core.errors import TransientError
from hub.core.protocol import Connector, ConnectorSpec, CursorExpired
from hub.core.types import Cursor, Event, Page, Record, Ref, Subscription
from hub.engine import backfill, listening, pending
from hub.engine.listening import Heard, listen
from hub.engine.receivers import NotAwaitedError
from hub.engine.runtime import Ears, Runtime
from hub.mapping.model import Business, ConnectionConfig
from hub.store import connections, cursors, follows, mirror, secrets, subscriptions, windows
from hub.store.database import Store
from tests.engine.world import START

KEY = Fernet.generate_key()
URL = "https://hub.example.com/webhooks/lila/boards"
HOUR = timedelta(hours=1)


@dataclass
class Provider:
    """A provider with boards, a webhook for each, and a memory of what changed. Its subscriptions are a list."""

    boards: tuple[str, ...] = ("b1", "b2")
    listed: list[Subscription] = field(default_factory=list)
    records: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    forgets: bool = False
    renews: bool = False
    fails: int = 0
    secrets_told: bool = True
    handed: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    remember: object = None
    follow: tuple[str, ...] | None = None

    def ensure(self, url: str) -> Sequence[Subscription]:
        needed = []
        if self.renews:  # as Asana's does
            self.listed = [one for one in self.listed if one.failing_since is None]
        for board in self.boards if self.follow is None else self.follow:
            found = next((one for one in self.listed if one.url == url and one.about == board and one.alive), None)
            needed.append(found or self._make(url, board))
            if self.fails:
                self.fails -= 1
                raise TransientError("The provider hung up.")
        return needed

    def _make(self, url: str, board: str) -> Subscription:
        number = next(self.numbers)
        secret = f"secret-{number}"
        if callable(self.remember):
            self.remember(secret)
        made = Subscription(ref=Ref(f"w{number}"), url=url, alive=True, about=board)
        self.listed.append(made)
        return replace(made, secret=secret) if self.secrets_told else made

    def list(self) -> Sequence[Subscription]:
        return tuple(self.listed)

    def remove(self, ref: Ref) -> None:
        self.listed = [one for one in self.listed if one.ref != ref]

    def change(self, ref: str, **to: object) -> None:
        self.listed = [replace(one, **to) if one.ref == ref else one for one in self.listed]

    # The source

    def check(self) -> Sequence[str]:
        return ()

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:  # noqa: ARG002
        wanted = self.boards if self.follow is None else self.follow
        held = [Record(stream=stream, key=key) for key, board in self.records.items() if board in wanted]
        yield Page(records=held, cursor=None)

    def fetch(self, stream: str, key: str) -> Sequence[Record]:
        return (Record(stream=stream, key=key, deleted=key not in self.records),)

    def changes(self, cursor: Cursor | None) -> Iterator[tuple[Sequence[Event], Cursor]]:
        if self.forgets and cursor is not None:
            raise CursorExpired
        start = len(self.changed) if cursor is None else int(cursor)
        yield (
            [Event(id=key, type="changed", stream="card", key=key) for key in self.changed[start:]],
            Cursor(str(len(self.changed))),
        )


class Nothing(BaseModel):
    pass


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Site:
    store: Store
    provider: Provider
    clock: Clock
    runtime: Runtime
    url: str = URL
    given: tuple[str, ...] = ()

    def listen(self) -> Heard:
        return listen(self.runtime, "boards")

    def rows(self) -> list[subscriptions.SubscriptionRow]:
        with self.store.read() as conn:
            return subscriptions.listing(conn, "lila", "boards")

    def signing(self) -> set[str]:
        with self.store.read() as conn:
            return set(pending.signing(conn, "lila", "boards", KEY))

    def blind(self) -> list[windows.BlindWindow]:
        with self.store.read() as conn:
            return list(windows.last(conn, "lila").values())

    def pending(self) -> pending.Pending | None:
        with self.store.read() as conn:
            return pending.get(conn, "lila", "boards", KEY)

    def hand(self, secret: str) -> None:
        pending.remember(self.store, "lila", "boards", KEY, self.clock(), secret)


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    clock, provider = Clock(), Provider()

    @contextmanager
    def opened(_: str) -> Iterator[Connector]:
        yield Connector(name="boards", source=provider, subscriptions=provider)

    spec = ConnectorSpec(
        name="boards",
        title="Boards",
        settings=Nothing,
        connect=lambda *_: opened(""),
        streams=("card",),
        follows="board",
    )
    business = Business(
        hub=1, business="Lila", key="lila", connections={"boards": ConnectionConfig.model_validate({"follow": "all"})}
    )
    made: list[Site] = []
    ears = Ears(url=lambda _: made[0].url, key=lambda: KEY, given=lambda _: made[0].given)
    runtime = Runtime(
        store, business, (), {"boards": spec}, opened, clock, followed=lambda _: provider.follow, ears=ears
    )
    made.append(Site(store, provider, clock, runtime))
    with store.write() as conn:
        connections.ensure(conn, "lila", ["boards"])
    backfill.backfill(runtime, "boards")
    yield made[0]
    runtime.close()


def test_each_followed_board_gets_one_subscription_and_its_secret_is_kept(site: Site) -> None:
    heard = site.listen()
    assert heard.lines == [f"Boards calls {URL} from now on about 2 boards. Their signing secrets are kept, encrypted."]
    assert (heard.made, heard.alive, heard.removed, heard.deaf) == (2, 2, 0, False)
    assert {(row.ref, row.about) for row in site.rows()} == {("w1", "b1"), ("w2", "b2")}
    assert site.signing() == {"secret-1", "secret-2"}
    assert site.pending() is None


def test_listening_again_changes_nothing(site: Site) -> None:
    site.listen()
    before = list(site.provider.listed)
    heard = site.listen()
    assert heard.lines == [f"Boards calls {URL} already."]
    assert site.provider.listed == before
    assert site.blind() == []


def test_what_others_made_is_never_touched(site: Site) -> None:
    theirs = [
        Subscription(ref=Ref("x1"), url="https://zapier.example.com", alive=True, about="b1"),
        Subscription(ref=Ref("x2"), url="https://old.example.com/webhooks/lila/boards", alive=True, about="b1"),
        Subscription(ref=Ref("x3"), url="https://zapier.example.com", alive=False, about="b9"),
    ]
    site.provider.listed += theirs
    site.listen()
    site.url = "https://new.example.com/webhooks/lila/boards"
    site.listen()
    assert [one for one in site.provider.listed if one.ref.startswith("x")] == theirs


def test_ours_at_an_old_address_of_what_is_followed_no_more_and_doubled_are_removed(site: Site) -> None:
    site.listen()
    site.url = "https://new.example.com/webhooks/lila/boards"
    moved = site.listen()
    assert moved.removed == 2
    assert {one.url for one in site.provider.listed} == {site.url}
    assert site.signing() == {"secret-3", "secret-4"}

    site.provider.follow = ("b1",)
    left = site.listen()
    assert left.removed == 1
    assert [one.about for one in site.provider.listed] == ["b1"]
    assert site.blind() == []

    twice = Subscription(ref=Ref("w9"), url=site.url, alive=True, about="b1")
    site.provider.listed.append(twice)
    with site.store.write() as conn:
        row = subscriptions.SubscriptionRow("w9", site.url, "b1", site.clock(), site.clock())
        subscriptions.put(conn, "lila", "boards", row)
        secrets.put(conn, "lila", "boards", "webhook:w9", "secret-of-9", KEY, site.clock())
    assert site.listen().removed == 1
    assert [one.ref for one in site.provider.listed] == ["w3"]
    assert site.signing() == {"secret-3"}


def test_a_deleted_subscription_is_made_anew_and_the_gap_is_named_and_read(site: Site) -> None:
    site.listen()
    site.clock.at += HOUR
    site.listen()
    seen = {row.ref: row.seen_at for row in site.rows()}
    site.clock.at += 3 * HOUR
    site.provider.remove(Ref("w1"))
    site.provider.changed = ["c1", "c2"]
    heard = site.listen()
    (blind,) = site.blind()
    assert blind.began_at == seen["w1"]
    assert site.clock.at - blind.ended_at < timedelta(seconds=1)
    assert blind.why == "Boards had deleted the subscription"
    assert blind.about == "b1"
    assert blind.reconciled_at is not None
    began, ended = f"{blind.began_at:%Y-%m-%d %H:%M:%S} UTC", f"{blind.ended_at:%Y-%m-%d %H:%M:%S} UTC"
    assert f"Not heard from {began} to {ended}: Boards had deleted the subscription." in heard.lines
    assert "What was missed is read now: 2 records may have changed." in heard.lines
    assert "secret-1" not in site.signing()
    assert {row.ref for row in site.rows()} == {"w2", "w3"}
    assert site.listen().blind == ()


def test_a_later_delivery_proves_that_the_only_subscription_lived(site: Site) -> None:
    site.provider.follow = ("b1",)
    site.listen()
    site.clock.at += HOUR
    at = site.clock()
    with site.store.write() as conn:
        connections._set(conn, "lila", "boards", last_delivery_at=at)
    site.clock.at += HOUR
    site.provider.remove(Ref("w1"))
    site.listen()
    assert site.blind()[0].began_at == at


def test_a_disabled_subscription_is_blind_since_the_provider_says(site: Site) -> None:
    site.listen()
    since = site.clock()
    site.clock.at += 24 * HOUR
    site.provider.change("w2", alive=False, failing_since=since)
    heard = site.listen()
    assert site.blind()[0].began_at == since
    assert site.blind()[0].why == "Boards had disabled the subscription"
    assert heard.made == 1
    assert heard.removed == 1, "the dead one is ours, and is cleared away"


def test_a_subscription_that_fails_gives_no_proof_of_life(site: Site) -> None:
    site.listen()
    seen = {row.ref: row.seen_at for row in site.rows()}
    site.clock.at += HOUR
    site.provider.change("w1", failing_since=site.clock())
    heard = site.listen()
    assert any("has not reached that address since" in line for line in heard.lines)
    site.clock.at += 20 * HOUR
    site.provider.remove(Ref("w1"))
    site.listen()
    assert site.blind()[0].began_at == seen["w1"]


def test_one_that_the_provider_makes_anew_because_it_failed_leaves_its_gap(site: Site) -> None:
    site.listen()
    since = site.clock()
    site.clock.at += 5 * HOUR
    site.provider.change("w1", failing_since=since)
    site.provider.renews = True
    site.listen()
    assert {one.ref for one in site.provider.listed} == {"w2", "w3"}
    assert site.blind()[0].began_at == since
    assert site.blind()[0].why == "Boards could not reach the hub"
    assert "secret-1" not in site.signing()


def test_a_gap_longer_than_the_providers_memory_is_read_whole(site: Site) -> None:
    site.listen()
    site.provider.forgets = True
    site.provider.remove(Ref("w1"))
    site.provider.records["c7"] = "b1"
    site.clock.at += 40 * 24 * HOUR
    site.listen()
    with site.store.read() as conn:
        assert mirror.get(conn, "lila", "boards", "card", "c7") is not None
    assert site.blind()[0].reconciled_at is not None


def test_a_gap_that_cannot_be_read_yet_stays_open_until_the_next_catch_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.listen()
    site.provider.remove(Ref("w1"))
    with monkeypatch.context() as patched:
        patched.setattr(backfill, "catch_up", _busy)
        heard = site.listen()
    assert any("not read yet" in line for line in heard.lines)
    assert site.blind()[0].reconciled_at is None
    backfill.catch_up(site.runtime, "boards")
    assert site.blind()[0].reconciled_at is not None


def _busy(*_: object) -> int:
    raise TransientError("The provider is busy.")


def test_ours_whose_secret_is_lost_is_made_anew_and_its_silence_is_named(site: Site) -> None:
    site.listen()
    with site.store.write() as conn:
        secrets.drop(conn, "lila", "boards", "webhook:w1")
    heard = site.listen()
    assert heard.made == 1
    assert not heard.deaf
    assert {one.ref for one in site.provider.listed} == {"w2", "w3"}
    assert site.blind()[0].why == "the signing secret was lost, so every delivery was refused"


def test_one_at_our_address_that_another_made_is_left_and_told(site: Site) -> None:
    site.provider.listed.append(Subscription(ref=Ref("x1"), url=URL, alive=True, about="b1"))
    heard = site.listen()
    assert heard.deaf
    assert "HUB_LILA_BOARDS_WEBHOOK_SECRETS" in heard.lines[0]
    assert any(one.ref == "x1" for one in site.provider.listed)
    site.given = ("known to the OBM",)
    assert not site.listen().deaf


def test_the_secret_comes_inside_the_call_and_is_filed_under_what_it_signs_for(site: Site) -> None:
    site.provider.remember = site.hand
    site.provider.secrets_told = False
    site.provider.follow = ("b1",)
    site.listen()
    assert site.signing() == {"secret-1"}
    with site.store.read() as conn:
        assert secrets.names(conn, "lila", "boards") == {"webhook:w1"}


def test_a_secret_that_comes_when_nobody_registers_is_refused(site: Site) -> None:
    with pytest.raises(NotAwaitedError):
        site.hand("of a stranger")
    site.listen()
    with pytest.raises(NotAwaitedError):
        site.hand("of a stranger")
    site.hand("secret-1")  # one that is held already may come again
    assert site.signing() == {"secret-1", "secret-2"}


def test_a_strangers_secret_that_comes_during_a_registration_does_not_outlive_it(site: Site) -> None:
    site.provider.remember = lambda _: site.hand("of a stranger")
    site.listen()
    assert site.signing() == {"secret-1", "secret-2"}


def test_by_hand_only_the_first_secret_counts_and_only_for_half_an_hour(site: Site) -> None:
    pending.await_hand(site.runtime, "boards", KEY)
    site.hand("the token")
    with pytest.raises(NotAwaitedError):
        site.hand("of a stranger")
    assert site.signing() == {"the token"}
    pending.await_hand(site.runtime, "boards", KEY)
    site.clock.at += timedelta(minutes=31)
    with pytest.raises(NotAwaitedError):
        site.hand("too late")
    pending.await_hand(site.runtime, "boards", KEY)
    site.hand("another token")
    assert site.signing() == {"another token"}, "a webhook that was made anew has one token"


def test_two_processes_do_not_register_at_once(site: Site) -> None:
    with pending.await_call(site.runtime, "boards", KEY), pytest.raises(TransientError, match="another process"):
        site.listen()


def test_a_registration_that_broke_off_doubles_nothing_and_leaves_nothing_that_we_cannot_verify(site: Site) -> None:
    site.provider.fails = 1
    with suppress(TransientError):
        site.listen()
    assert len(site.provider.listed) == 1
    heard = site.listen()
    assert sorted(one.about for one in site.provider.listed) == ["b1", "b2"]
    assert not heard.deaf
    assert site.signing() == {"secret-2", "secret-3"}


def test_the_hourly_healing_says_what_it_did_and_goes_on_past_what_fails(site: Site) -> None:
    assert listening.heal(site.runtime) == [
        f"boards: Boards calls {URL} from now on about 2 boards. Their signing secrets are kept, encrypted."
    ]
    assert listening.heal(site.runtime) == []
    site.provider.fails = 5
    assert listening.heal(site.runtime) == ["boards: The provider hung up."]


def test_when_other_boards_are_followed_the_mirror_follows(site: Site) -> None:
    site.provider.records = {"c1": "b1", "c2": "b2"}
    site.provider.follow = ("b1",)
    with site.store.write() as conn:
        follows.put(conn, "lila", "boards", ["b1"], site.clock())
    backfill.backfill(site.runtime, "boards", again=True)
    assert _mirrored(site) == {"c1"}
    site.provider.follow = ("b2",)
    backfill.catch_up(site.runtime, "boards")
    assert _mirrored(site) == {"c2"}
    with site.store.read() as conn:
        before = cursors.get(conn, "lila", "boards", "card")
    backfill.catch_up(site.runtime, "boards")
    with site.store.read() as conn:
        assert cursors.get(conn, "lila", "boards", "card") == before, "the same boards are not read again"


def _mirrored(site: Site) -> set[str]:
    with site.store.read() as conn:
        return {key for connection, stream in [("boards", "card")] for key in ("c1", "c2") if _lives(conn, key)}


def _lives(conn: object, key: str) -> bool:
    record = mirror.get(conn, "lila", "boards", "card", key)
    return record is not None and not record.deleted
