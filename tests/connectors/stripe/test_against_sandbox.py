"""The connector against the sandbox, over real sockets: reads, changes, deliveries, and what goes wrong."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.stripe.sandbox import checkout, create_app
from connectors.stripe.sandbox.state import Moment
from connectors.stripe.settings import StripeSettings
from connectors.stripe.spec import SPEC
from connectors.stripe.webhook import EVENT_TYPES, StripeWebhook
from hub.core import codec, kinds
from hub.core.errors import ConfigError, RecordError, SignatureError, TransientError
from hub.core.protocol import Connector, Context, Source, Subscriptions
from hub.core.types import Record, WebhookRequest
from tests.connectors.stripe.stub import Limiter
from tests.sandboxes.serve import serve

KEY = "sk_test_sandbox"
DAY = timedelta(days=1)


class Clock:
    """The one clock of sandbox and hub."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.at


CLOCK = Clock()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Any, str]]:
    app = create_app(CLOCK)
    with serve(app) as url:
        yield app.state.sandbox, url


@pytest.fixture
def sandbox(served: tuple[Any, str]) -> Iterator[Any]:
    CLOCK.at = datetime.now(UTC).replace(microsecond=0)
    yield served[0]
    served[0].reset()


@pytest.fixture
def live(sandbox: Any, served: tuple[Any, str]) -> Iterator[Connector]:
    with SPEC.connect(settings(served[1]), context()) as made:
        yield made


@pytest.fixture
def source(live: Connector) -> Source:
    assert live.source is not None
    return live.source


@pytest.fixture
def endpoints(live: Connector) -> Subscriptions:
    assert live.subscriptions is not None
    return live.subscriptions


def settings(url: str, key: str = KEY) -> StripeSettings:
    return StripeSettings.model_validate({"api_key": key, "base_url": url})


def context() -> Context:
    return Context(limiter=lambda *_: Limiter(), now=CLOCK)


def said(record: Record) -> Any:
    return record.fields


def read(source: Source, stream: str) -> dict[str, Record]:
    found = [each for page in source.read(stream, None) for each in page.records]
    assert len({each.key for each in found}) == len(found)
    return {each.key: each for each in found}


def a_small_business(shop: Any) -> None:
    """One of everything that the hub reads."""
    monthly = shop.price(amount=9700, interval="month", product="Le Cercle")["id"]
    yearly = shop.price(amount=97000, interval="year", product="Le Cercle, un an")["id"]
    part = shop.price(amount=25000, interval="month", product="Programme en 4 fois")["id"]
    tiers = [{"up_to": 3, "unit_amount": 1000}, {"up_to": "inf", "unit_amount_decimal": "750.5"}]
    seats = shop.price(amount=None, interval="month", product="Equipe", tiers=tiers, tiers_mode="volume")["id"]
    coupon = shop.coupon(percent_off=20, duration="repeating", duration_in_months=3)["id"]
    nora = shop.customer(email="nora@example.com", name="Nora")["id"]
    hugo = shop.customer(email="hugo@example.com")["id"]
    shop.subscribe(customer=nora, price=monthly, coupons=[coupon])
    shop.subscribe(customer=nora, price=seats, quantity=5)
    shop.subscribe(customer=hugo, price=yearly, trial_days=14)
    shop.instalments(customer=hugo, price=part, count=4)
    shop.sell(amount=19900, product="Atelier", customer=nora)
    shop.sell(amount=10000, currency="usd", product="Workshop", exchange_rate=0.92)
    shop.sell(amount=4900, product="Guide", email="x@example.com")


def charges_of(source: Source) -> list[Record]:
    return list(read(source, "charge").values())


def test_everything_is_read_and_reads_the_same_one_by_one(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    a_small_business(shop)
    charges = [each.key for each in charges_of(source)]
    shop.refund(charges[0], amount=500)
    shop.dispute_lost(shop.dispute_open(charges[1])["id"])
    shop.stripe_fee(500)
    everything = {stream: read(source, stream) for stream in SPEC.streams}
    assert all(everything.values()), {stream: len(found) for stream, found in everything.items()}
    for stream, found in everything.items():
        for key, record in found.items():
            assert record.at is not None
            assert source.fetch(stream, key)[0] == record, (stream, key)
            assert codec.loads(codec.dumps(record.fields)) == record.fields


def test_every_record_of_a_stream_that_holds_a_kind_is_whole(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    a_small_business(shop)
    nora = shop.customer(email="nora2@example.com")["id"]
    shop.customer_discount(nora, shop.coupon(percent_off=20, duration="forever")["id"])
    shop.sell(amount=6000, product="Guide", method="sepa_debit")
    price = shop.price(amount=9700, interval="month", product="Le Cercle 2")["id"]
    shop.subscribe(customer=nora, price=price, outcome="failed")
    shop.invoice(customer=nora, amount=5000)
    statuses = set()
    for stream, kind in SPEC.kinds.items():
        for key, record in read(source, stream).items():
            assert kinds.problems(kind, record.fields, whole=True) == [], (stream, key)
            statuses.add((stream, record.fields.get("status")))
    assert {status for stream, status in statuses if stream == "charge"} == {"paid", "pending", "failed"}


def open_session(shop: Any) -> str:
    """A session that nobody has completed, as the API opens one."""
    price = shop.state.rows("price")[shop.price(amount=4900, product="Guide")["id"]]
    return str(checkout.open_session(shop.state, Moment(shop.state.now()), [(price, 2)])["id"])


def test_a_checkout_is_a_signup_from_its_completion_on(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    session = open_session(shop)
    assert source.fetch("checkout_session", session)[0].deleted
    assert read(source, "checkout_session") == {}
    assert "status=complete" in sandbox.log(1)[0]["query"], "abandoned sessions cost no calls"
    shop.complete_checkout(session, email="lea@example.com", name="Lea", method="sepa_debit")
    (found,) = source.fetch("checkout_session", session)
    assert said(found)["who"] == {"email": "lea@example.com", "name": "Lea"}
    assert said(found)["products"] == ("Guide",)
    assert (said(found)["payment_status"], said(found)["payment"]) == ("unpaid", None)
    shop.settle_payment(charges_of(source)[0].key)
    (paid,) = source.fetch("checkout_session", session)
    assert (said(paid)["payment_status"], said(paid)["payment"]) == ("paid", said(paid)["payment_intent"])
    assert read(source, "checkout_session") == {session: paid}


def test_all_lines_of_a_long_checkout_are_named(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    prices = [shop.state.rows("price")[shop.price(amount=100, product=f"Guide {n}")["id"]] for n in range(12)]
    row = checkout.open_session(shop.state, Moment(shop.state.now()), [(price, 1) for price in prices])
    shop.complete_checkout(row["id"], email="lea@example.com")
    (found,) = source.fetch("checkout_session", row["id"])
    assert said(found)["products"] == tuple(f"Guide {n}" for n in range(12))
    assert read(source, "checkout_session") == {row["id"]: found}


def test_a_discount_on_a_customer_is_read_with_what_its_coupon_takes_off(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    customer = shop.customer(email="nora@example.com")["id"]
    shop.customer_discount(customer, shop.coupon(percent_off=20, duration="forever")["id"])
    price = shop.price(amount=10000, interval="month", product="Le Cercle")["id"]
    made = shop.subscribe(customer=customer, price=price)
    (found,) = source.fetch("customer", customer)
    assert (said(found)["discount"]["percent"], said(found)["discount"]["duration"]) == (20, "forever")
    assert read(source, "customer")[customer] == found
    assert str(said(source.fetch("invoice", made["invoice"])[0])["total"]) == "80.00 EUR", "as Stripe bills it"
    shop.customer_discount(customer, None)
    assert said(source.fetch("customer", customer)[0])["discount"] is None


def test_what_comes_in_one_answer_is_what_is_read_alone(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    a_small_business(shop)
    charges = [each.key for each in charges_of(source)]
    shop.refund(charges[0], amount=500)
    dispute = shop.dispute_open(charges[1])["id"]
    shop.dispute_won(dispute)
    for stream, inner in (
        ("charge", "balance_transaction"),
        ("refund", "balance_transaction"),
        ("dispute", "balance_transaction"),
        ("invoice", "invoice_payment"),
    ):
        alone, brought = read(source, inner), Counter[str]()
        for key in read(source, stream):
            for record in source.fetch(stream, key)[1:]:
                assert record == alone[record.key], (stream, key)
                brought[record.stream] += 1
        assert set(brought) == {inner}, stream
    assert len(source.fetch("dispute", dispute)) == 3, "the dispute, the withdrawal and the reinstatement"


def test_a_changed_charge_costs_one_call(sandbox: Any, source: Source) -> None:
    a_small_business(sandbox.account(KEY, currency="eur"))
    streams = ("charge", "invoice", "subscription", "customer", "balance_transaction")
    keys = {stream: next(iter(read(source, stream))) for stream in streams}
    for stream, key in keys.items():
        sandbox.reset_log()
        source.fetch(stream, key)
        assert sum(sandbox.calls().values()) == 1, sandbox.calls()


def test_the_money_of_a_sale_in_dollars_is_the_money_received(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    shop.sell(amount=10000, currency="usd", product="Workshop", exchange_rate=0.92, fee=480)
    (charge,) = charges_of(source)
    _, movement = source.fetch("charge", charge.key)
    assert str(said(charge)["amount"]) == "100.00 USD"
    assert [str(said(movement)[name]) for name in ("amount", "fee", "net")] == ["92.00 EUR", "4.80 EUR", "87.20 EUR"]
    assert str(said(movement)["exchange_rate"]) == "0.92"


def test_a_backfill_that_was_broken_off_goes_on_and_misses_nothing(sandbox: Any, source: Source) -> None:
    shop = sandbox.account()
    for number in range(250):
        shop.customer(email=f"{number}@example.com")
    first = next(iter(source.read("customer", None)))
    shop.customer(email="meanwhile@example.com")
    rest = [each.key for page in source.read("customer", first.cursor) for each in page.records]
    assert len(first.records) == 100
    assert len({each.key for each in first.records} | set(rest)) == 250


def test_what_is_made_during_a_backfill_comes_by_the_changes_of_a_cursor_taken_before(
    sandbox: Any, source: Source
) -> None:
    shop = sandbox.account()
    shop.customer(email="before@example.com")
    ((_, cursor),) = source.changes(None)
    reading = source.read("customer", None)
    meanwhile = shop.customer(email="meanwhile@example.com")["id"]
    seen = {each.key for page in reading for each in page.records}
    told = {event.key for events, _ in source.changes(cursor) for event in events}
    assert meanwhile in seen | told


def test_a_deleted_customer_is_a_tombstone_and_so_is_one_that_never_was(sandbox: Any, source: Source) -> None:
    shop = sandbox.account()
    customer = shop.customer(email="gone@example.com")["id"]
    shop.delete_customer(customer)
    assert source.fetch("customer", customer) == (Record(stream="customer", key=customer, deleted=True),)
    for stream in SPEC.streams:
        assert source.fetch(stream, "x_never") == (Record(stream=stream, key="x_never", deleted=True),)


def test_changes_name_what_changed_in_order_and_only_once(sandbox: Any, source: Source) -> None:
    shop = sandbox.account(KEY, currency="eur")
    shop.customer(email="before@example.com")
    ((_, cursor),) = source.changes(None)
    assert [events for events, _ in source.changes(cursor)] == [[]]
    made = [shop.customer(email=f"{number}@example.com", deliver=True)["id"] for number in range(130)]
    batches = list(source.changes(cursor))
    told = [event for events, _ in batches for event in events]
    assert [event.key for event in told if event.stream == "customer"] == made
    assert len(batches) == 2
    assert [list(events) for events, _ in source.changes(batches[-1][1])] == [[]]
    halfway = [event.key for events, _ in source.changes(batches[0][1]) for event in events]
    assert halfway == made[100:], "each page's cursor goes on where the page ended"


def test_after_thirty_quiet_days_nothing_is_lost_as_long_as_somebody_looked(sandbox: Any, source: Source) -> None:
    shop = sandbox.account()
    shop.customer(email="first@example.com")
    ((_, cursor),) = source.changes(None)
    for _ in range(3):
        CLOCK.at += 20 * DAY
        *_, (_, cursor) = source.changes(cursor)
    late = shop.customer(email="late@example.com")["id"]
    assert [event.key for events, _ in source.changes(cursor) for event in events] == [late]


@pytest.mark.parametrize("kind", ["429", "500", "502", "503", "409", "truncated_json", "reset"])
def test_a_passing_fault_is_not_noticed(sandbox: Any, source: Source, kind: str) -> None:
    customer = sandbox.account().customer(email="a@example.com")["id"]
    sandbox.faults.add("GET", "/v1/customers/*", kind, times=1)
    assert source.fetch("customer", customer)[0].key == customer


def test_a_fault_that_lasts_ends_a_read_as_transient_and_not_as_complete(sandbox: Any, source: Source) -> None:
    shop = sandbox.account()
    for number in range(101):
        shop.customer(email=f"{number}@example.com")
    reading = source.read("customer", None)
    next(reading)
    sandbox.faults.add("GET", "/v1/customers", "502")
    with pytest.raises(TransientError):
        next(reading)


def test_a_revoked_key_is_for_a_person_to_put_right(sandbox: Any, source: Source) -> None:
    sandbox.revoke_key(KEY)
    with pytest.raises(ConfigError, match="refuses the key"):
        source.fetch("customer", "cus_1")
    with pytest.raises(ConfigError, match="refuses the key") as raised:
        source.check()
    assert KEY not in str(raised.value)


def test_a_restricted_key_is_told_all_that_it_lacks_at_once(sandbox: Any, served: tuple[Any, str]) -> None:
    granted = ["customers", "products", "prices", "subscriptions", "invoices", "checkout_sessions", "balance"]
    sandbox.restricted_key("rk_test_reader", dict.fromkeys(granted, "read"))
    with SPEC.connect(settings(served[1], "rk_test_reader"), context()) as live:
        assert live.source is not None
        with pytest.raises(ConfigError) as raised:
            live.source.check()
    lines = [line.strip() for line in str(raised.value).splitlines() if line.startswith("  ")]
    assert [line.split(":")[0] for line in lines if "subscription_schedule" not in line] == [
        "charge",
        "refund",
        "dispute",
        "changes",
    ]
    assert "rak_charge_read" in str(raised.value)


def test_a_check_of_a_good_key_says_what_it_sees(sandbox: Any, source: Source) -> None:
    sandbox.account(KEY, name="Atelier Lila")
    first, second, third = source.check()
    assert "Atelier Lila" in first
    assert first.endswith("test mode")
    assert "restricted key" in second
    assert "balance_transaction" in third


# --- webhooks


class Inbox:
    """Keeps deliveries and answers 200."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": message["type"] + ".complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.got.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def inbox_server() -> Iterator[tuple[Inbox, str]]:
    app = Inbox()
    with serve(app) as url:
        yield app, f"{url}/in/atelier-lila/stripe"


@pytest.fixture
def inbox(inbox_server: tuple[Inbox, str]) -> tuple[Inbox, str]:
    inbox_server[0].got.clear()
    return inbox_server


def request(delivery: tuple[dict[str, str], bytes], url: str, *secrets: str) -> WebhookRequest:
    headers, body = delivery
    return WebhookRequest(url=url, headers=headers, body=body, secrets=secrets, now=CLOCK())


def test_deliveries_to_an_ensured_endpoint_are_signed_understood_and_lead_to_records(
    sandbox: Any, source: Source, endpoints: Subscriptions, inbox: tuple[Inbox, str]
) -> None:
    box, url = inbox
    (ours,) = endpoints.ensure(url)
    assert ours.secret is not None
    assert [each.ref for each in endpoints.ensure(url)] == [ours.ref]
    assert len(endpoints.list()) == 1
    shop = sandbox.account(KEY, currency="eur")
    customer = shop.customer(email="nora@example.com", deliver=True)["id"]
    price = shop.price(amount=9700, interval="month", product="Le Cercle")["id"]
    shop.subscribe(customer=customer, price=price, deliver=True)
    shop.sell(amount=4900, product="Guide", customer=customer, deliver=True)
    sandbox.webhooks.wait(20)
    streams = set()
    for delivery in box.got:
        StripeWebhook().verify(request(delivery, url, "whsec_old", ours.secret))
        with pytest.raises(SignatureError):
            StripeWebhook().verify(request(delivery, url, "whsec_old"))
        _, (event,) = StripeWebhook().parse(delivery[1])
        assert event.type in EVENT_TYPES, "we are told only what we asked for"
        assert event.stream is not None
        assert event.key is not None
        assert source.fetch(event.stream, event.key)[0].key == event.key
        streams.add(event.stream)
    assert streams >= {"customer", "subscription", "invoice", "invoice_payment", "charge", "checkout_session"}


def heard(box: Inbox, url: str, secret: str, source: Source) -> dict[str, Record]:
    """Each type that was delivered, signed as it must be, and the record that it leads to."""
    found = {}
    for delivery in box.got:
        StripeWebhook().verify(request(delivery, url, secret))
        _, (event,) = StripeWebhook().parse(delivery[1])
        assert event.stream is not None
        assert event.key is not None
        found[event.type] = source.fetch(event.stream, event.key)[0]
    return found


def test_deadlines_are_told_when_they_come_and_their_dates_are_in_the_records(
    sandbox: Any, source: Source, endpoints: Subscriptions, inbox: tuple[Inbox, str]
) -> None:
    box, url = inbox
    (ours,) = endpoints.ensure(url)
    shop = sandbox.account(KEY, currency="eur")
    customer = shop.customer(email="nora@example.com", name="Nora")["id"]
    price = shop.price(amount=9700, interval="month", product="Le Cercle")["id"]
    start = CLOCK()
    shop.subscribe(customer=customer, price=price, trial_days=14, at=start)
    invoice = shop.invoice(customer=customer, amount=30000, days_until_due=10, at=start)
    shop.advance(start + 9 * DAY, deliver=True)
    sandbox.webhooks.wait(20)
    assert box.got == [], "nothing is due yet"
    shop.advance(start + 11 * DAY, deliver=True)
    shop.advance(start + 12 * DAY, deliver=True)
    sandbox.webhooks.wait(20)
    told = heard(box, url, str(ours.secret), source)
    assert set(told) == {"invoice.overdue", "customer.subscription.trial_will_end"}
    assert len(box.got) == 2, "each is told once"
    late, trial = told["invoice.overdue"], told["customer.subscription.trial_will_end"]
    whole = start.replace(microsecond=0)
    assert (late.key, said(late)["due_at"], said(late)["status"]) == (invoice, whole + 10 * DAY, "open")
    assert said(late)["who"] == {"key": customer, "name": "Nora", "email": "nora@example.com"}
    assert (said(trial)["trial_end"], said(trial)["status"]) == (whole + 14 * DAY, "trialing")
    made = [json.loads(body)["created"] for _, body in box.got]
    assert sorted(made) == [int((whole + days * DAY).timestamp()) for days in (10, 11)]


def test_a_dispute_is_told_with_the_date_until_which_it_can_be_answered(
    sandbox: Any, source: Source, endpoints: Subscriptions, inbox: tuple[Inbox, str]
) -> None:
    box, url = inbox
    (ours,) = endpoints.ensure(url)
    shop = sandbox.account(KEY, currency="eur")
    charge = shop.sell(amount=10000, product="Atelier")["charge"]
    opened = CLOCK().replace(microsecond=0)
    shop.dispute_open(charge, days=9, at=opened, deliver=True)
    sandbox.webhooks.wait(20)
    told = heard(box, url, str(ours.secret), source)
    dispute = said(told["charge.dispute.created"])
    assert (dispute["due_by"], dispute["status"], dispute["charge"]) == (opened + 9 * DAY, "needs_response", charge)


def test_a_checkout_to_a_subscription_is_told_with_its_first_invoice_and_a_renewal_is_told_as_none(
    sandbox: Any, source: Source, endpoints: Subscriptions, inbox: tuple[Inbox, str]
) -> None:
    box, url = inbox
    (ours,) = endpoints.ensure(url)
    shop = sandbox.account(KEY, currency="eur")
    price = shop.price(amount=9700, interval="month", product="Le Cercle")["id"]
    shop.sell(price=price, email="lea@example.com", name="Lea", deliver=True)
    sandbox.webhooks.wait(20)
    told = heard(box, url, str(ours.secret), source)
    signup, invoice = said(told["checkout.session.completed"]), said(told["invoice.paid"])
    assert invoice["first"] is True
    assert signup["payment"] == told["invoice.paid"].key == signup["invoice"]
    assert (signup["subscription"], signup["products"]) == (invoice["subscription"], ("Le Cercle",))
    assert signup["who"] == {**invoice["who"], "email": "lea@example.com", "name": "Lea"}
    box.got.clear()
    shop.renew(signup["subscription"], deliver=True)
    sandbox.webhooks.wait(20)
    assert said(heard(box, url, str(ours.secret), source)["invoice.paid"])["first"] is False


def test_a_discount_put_on_a_customer_is_told_of_the_customer(
    sandbox: Any, source: Source, endpoints: Subscriptions, inbox: tuple[Inbox, str]
) -> None:
    box, url = inbox
    (ours,) = endpoints.ensure(url)
    shop = sandbox.account(KEY, currency="eur")
    customer = shop.customer(email="nora@example.com")["id"]
    shop.customer_discount(customer, shop.coupon(percent_off=20, duration="forever")["id"], deliver=True)
    sandbox.webhooks.wait(20)
    told = heard(box, url, str(ours.secret), source)
    assert told["customer.discount.created"].key == customer
    assert said(told["customer.discount.created"])["discount"]["percent"] == 20


def test_while_a_secret_is_rolled_the_old_and_the_new_one_both_fit(
    sandbox: Any, endpoints: Subscriptions, inbox: tuple[Inbox, str]
) -> None:
    box, url = inbox
    (ours,) = endpoints.ensure(url)
    rolled = sandbox.webhooks.roll_secret(ours.ref, keep_seconds=3600)
    sandbox.account().customer(email="a@example.com", deliver=True)
    sandbox.webhooks.wait(20)
    (delivery,) = box.got
    assert delivery[0]["stripe-signature"].count("v1=") == 2
    for secret in (ours.secret, rolled):
        StripeWebhook().verify(request(delivery, url, str(secret)))


@pytest.mark.parametrize(("version", "thin"), [("2020-08-27", False), ("2026-10-28.endive", True)])
def test_endpoints_of_old_versions_and_thin_ones_say_the_same(
    sandbox: Any, inbox: tuple[Inbox, str], version: str, thin: bool
) -> None:
    box, url = inbox
    if thin:
        sandbox.webhooks.endpoint(url, thin=True)
    else:
        sandbox.webhooks.endpoint(url, api_version=version)
    shop = sandbox.account(KEY, currency="eur")
    customer = shop.customer(email="a@example.com", deliver=True)["id"]
    price = shop.price(amount=9700, interval="month", product="Le Cercle")["id"]
    subscription = shop.subscribe(customer=customer, price=price, deliver=True)
    sandbox.webhooks.wait(20)
    told = {(event.stream, event.key) for _, body in box.got for event in StripeWebhook().parse(body)[1]}
    assert told >= {("customer", customer), ("subscription", subscription["subscription"])}
    assert {stream for stream, _ in told} >= {"customer", "subscription", "invoice", "charge"}


def test_a_disabled_endpoint_is_enabled_again_and_removed_only_once(
    sandbox: Any, endpoints: Subscriptions, inbox: tuple[Inbox, str]
) -> None:
    (ours,) = endpoints.ensure(inbox[1])
    sandbox.webhooks.set_status(ours.ref, "disabled")
    assert not endpoints.list()[0].alive
    assert endpoints.ensure(inbox[1])[0].alive
    assert [each.ref for each in endpoints.list()] == [ours.ref]
    endpoints.remove(ours.ref)
    endpoints.remove(ours.ref)
    assert endpoints.list() == ()


# --- edges


def test_what_stripe_refuses_is_a_record_error(sandbox: Any, source: Source, endpoints: Subscriptions) -> None:
    sandbox.account()
    with pytest.raises(RecordError, match="refused POST /v1/webhook_endpoints"):
        endpoints.ensure("not an address")
