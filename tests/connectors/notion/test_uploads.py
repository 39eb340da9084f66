"""Pictures sent to Notion: one image block for life, its file replaced, and no file lost on the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import notion_client
import pytest
from notion_client.errors import HTTPResponseError
from pydantic import SecretStr

from connectors.notion import uploads
from connectors.notion.charts import NotionCharts
from connectors.notion.client import NotionClient
from connectors.notion.failures import Refused
from connectors.notion.sandbox import create_app
from connectors.notion.sandbox.control import NotionSandbox
from connectors.notion.settings import NotionSettings
from hub.core.charts import Chart, Shown
from hub.core.errors import TransientError
from hub.core.protocol import Context
from hub.core.types import Ref
from tests.connectors.notion.conftest import TOKEN, Reading
from tests.connectors.notion.helpers import Limits
from tests.sandboxes import notion_types
from tests.sandboxes.notion_kit import NEWEST, OLDER, judge
from tests.sandboxes.serve import serve

CREATE, SEND = "POST /v1/file_uploads", "POST /v1/file_uploads/{file_upload_id}/send"
BLOCK, APPEND = "PATCH /v1/blocks/{block_id}", "PATCH /v1/blocks/{block_id}/children"
EVERY_BYTE = bytes(range(256)) * 40 + b"\r\n--\r\n\r"
CHART = Chart(
    title="Encaissements",
    kind="column",
    table=Ref(""),
    y="Valeur",
    target=Decimal(12000),
    picture=EVERY_BYTE,
    says="octobre 9 430 €",
    text="▓▓░",
)


def shown_by(reading: Reading, chart: Chart, shown: Shown | None = None) -> Shown:
    return NotionCharts(reading.client).show(Ref(reading.page), chart, shown)


def bytes_of(reading: Reading, shown: Shown) -> bytes:
    """What a browser is given for the image block."""
    page = httpx.get(f"{reading.url}/_sandbox/pages/{reading.page}").text
    key = page.split('<img src="/_sandbox/files/')[1].split('"')[0]
    assert reading.client.block(shown.ref)["image"]["type"] == "file"
    return httpx.get(f"{reading.url}/_sandbox/files/{key}").content


def test_a_picture_is_sent_and_placed_in_three_calls_and_arrives_to_the_last_byte(reading: Reading) -> None:
    reading.sandbox.reset_counters()

    shown = shown_by(reading, CHART)

    assert reading.calls() == {CREATE: 1, SEND: 1, APPEND: 1}
    assert shown.way == "picture"
    assert bytes_of(reading, shown) == EVERY_BYTE
    assert reading.client.block(shown.ref)["image"]["caption"][0]["plain_text"] == "Encaissements · octobre 9 430 €"


def test_another_picture_takes_the_place_of_the_old_one_in_the_same_block(reading: Reading) -> None:
    shown = shown_by(reading, CHART)
    blocks = reading.sandbox.plan()["Sandbox"]
    reading.sandbox.reset_counters()

    new = shown_by(reading, replace(CHART, picture=b"two", says="novembre 120 €"), shown)

    assert (new.ref, reading.calls()) == (shown.ref, {CREATE: 1, SEND: 1, BLOCK: 1})
    assert bytes_of(reading, new) == b"two"
    assert reading.client.block(new.ref)["image"]["caption"][0]["plain_text"] == "Encaissements · novembre 120 €"
    assert reading.sandbox.plan()["Sandbox"] == blocks
    reading.sandbox.reset_counters()
    assert shown_by(reading, replace(CHART, picture=b"two", says="novembre 120 €"), new) == new
    assert reading.calls() == {}


def test_a_file_whose_sending_was_not_confirmed_is_not_taken_for_refused(reading: Reading) -> None:
    reading.sandbox.fault("committed_503", path="/v1/file_uploads/*/send", times=1)

    shown = shown_by(reading, CHART)

    assert shown.way == "picture"
    assert bytes_of(reading, shown) == EVERY_BYTE


def test_a_picture_that_is_too_large_is_written_as_text_and_says_why(reading: Reading) -> None:
    shown = shown_by(reading, replace(CHART, picture=b"x" * 5_242_881))

    assert shown.way == "text"
    assert "larger than the workspace's limit" in shown.why


def test_a_picture_that_is_too_large_from_now_on_gives_its_place_to_a_text(reading: Reading) -> None:
    shown = shown_by(reading, CHART)

    new = shown_by(reading, replace(CHART, picture=b"x" * 5_242_881), shown)

    (block,) = reading.client.children(reading.page)
    assert (new.way, new.ref) == ("text", block["id"])


def test_a_chart_that_lost_its_picture_becomes_a_text(reading: Reading) -> None:
    shown = shown_by(reading, CHART)

    assert shown_by(reading, replace(CHART, picture=None), shown).way == "text"


def test_a_refused_file_is_refused_and_not_sent_again(reading: Reading) -> None:
    with pytest.raises(Refused, match="empty"):
        uploads.send(reading.client, "chart.png", "image/png", b"")

    assert reading.calls()[SEND] == 1


def test_a_file_that_is_attached_within_the_hour_stays_and_another_one_goes(reading: Reading) -> None:
    kept = uploads.send(reading.client, "a.png", "image/png", b"a")
    lost = uploads.send(reading.client, "b.png", "image/png", b"b")
    image = {"type": "image", "image": {"type": "file_upload", "file_upload": {"id": kept}}}
    reading.clock.pass_by(3599)
    reading.client.append(reading.page, [image])
    reading.clock.pass_by(1)

    late = {"type": "image", "image": {"type": "file_upload", "file_upload": {"id": lost}}}
    with pytest.raises(Refused, match="is expired"):
        reading.client.append(reading.page, [late])

    statuses = {key: reading.sdk.file_uploads.retrieve(key) for key in (kept, lost)}
    assert {key: (one["status"], one["expiry_time"]) for key, one in statuses.items()} == {
        kept: ("uploaded", None),
        lost: ("expired", "2026-11-21T09:15:00.000Z"),
    }


def test_the_address_of_a_picture_is_new_at_every_look_and_ends(reading: Reading) -> None:
    shown = shown_by(reading, CHART)

    first = reading.client.block(shown.ref)["image"]["file"]
    reading.clock.pass_by(60)
    second = reading.client.block(shown.ref)["image"]["file"]

    assert first["url"] != second["url"]
    assert (first["expiry_time"], second["expiry_time"]) == ("2026-11-21T09:15:00.000Z", "2026-11-21T09:16:00.000Z")


@pytest.fixture(params=[NEWEST, OLDER])
def official(reading: Reading, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The official client, in both versions, every answer judged."""

    def judged(answer: httpx.Response) -> None:
        answer.read()
        body = answer.json()
        judge(body, answer.status_code, request.param)
        notion_types.fits(answer, request.param, ours=False)

    with httpx.Client(event_hooks={"response": [judged]}) as http:
        yield notion_client.Client(
            client=http, auth=TOKEN, base_url=reading.url, notion_version=request.param, retry=False
        )


def refused(call: Any) -> int:
    with pytest.raises(HTTPResponseError) as error:
        call()
    return error.value.status


def test_the_official_client_sends_a_file_in_one_part(reading: Reading, official: Any) -> None:
    files = official.file_uploads
    made = files.create(mode="single_part", filename="graphique.png", content_type="image/png")
    assert (made["status"], made["upload_url"].rsplit("/", 1)[1]) == ("pending", "send")
    image = {"type": "image", "image": {"type": "file_upload", "file_upload": {"id": made["id"]}}}
    assert refused(lambda: official.blocks.children.append(reading.page, children=[image])) == 400

    sent = files.send(made["id"], file=("graphique.png", EVERY_BYTE, "image/png"))

    assert (sent["status"], sent["content_length"]) == ("uploaded", len(EVERY_BYTE))
    assert "upload_url" not in sent
    block = official.blocks.children.append(reading.page, children=[image])["results"][0]
    assert block["image"]["file"]["url"].startswith("https://")
    assert files.retrieve(made["id"])["expiry_time"] is None
    external = {"external": {"url": "https://example.com/a.png"}}
    changed = official.blocks.update(block["id"], image=external)
    assert changed["image"]["type"] == "external"
    assert [one["id"] for one in files.list(status="uploaded")["results"]] == [made["id"]]


def test_the_official_client_sends_a_file_in_parts_in_any_order(reading: Reading, official: Any) -> None:
    files = official.file_uploads
    made = files.create(mode="multi_part", filename="long.png", number_of_parts=2)
    files.send(made["id"], file=("long.png", b"second", "image/png"), part_number="2")
    assert refused(lambda: files.complete(made["id"])) == 400
    files.send(made["id"], file=("long.png", b"first ", "image/png"), part_number="1")

    done = files.complete(made["id"])

    assert (done["status"], done["content_length"], done["number_of_parts"]) == (
        "uploaded",
        12,
        {"total": 2, "sent": 2},
    )
    assert refused(lambda: files.complete(made["id"])) == 400


def test_the_sandbox_refuses_files_that_notion_would_not_take(reading: Reading, official: Any) -> None:
    files = official.file_uploads
    made = files.create(filename="a.png")
    assert refused(lambda: files.create(filename="a.png", content_type="text/plain")) == 400
    assert refused(lambda: files.create(filename="a")) == 400
    assert refused(lambda: files.create(mode="external_url", external_url="https://example.com/a.png")) == 400
    assert refused(lambda: files.create(mode="multi_part", filename="a.png")) == 400
    assert refused(lambda: files.send(made["id"], file=("a.txt", b"x", "text/plain"))) == 400
    assert refused(lambda: files.send(made["id"], file=("a.png", b"x", "image/png"), part_number="1")) == 400
    assert refused(lambda: files.complete(made["id"])) == 400
    assert refused(lambda: files.retrieve("00000000-0000-4000-8000-000000000000")) == 404
    assert refused(lambda: files.retrieve(reading.page)) == 404
    assert files.send(made["id"], file=("a.png", b"x", "image/png"))["status"] == "uploaded"
    assert refused(lambda: files.send(made["id"], file=("a.png", b"x", "image/png"))) == 400


def test_a_file_belongs_to_the_connection_that_sent_it(reading: Reading) -> None:
    reading.sandbox.add_token("ntn_other", name="Other")
    mine = uploads.send(reading.client, "a.png", "image/png", b"a")
    with httpx.Client() as http:
        other = notion_client.Client(client=http, auth="ntn_other", base_url=reading.url, retry=False)
        assert refused(lambda: other.file_uploads.retrieve(mine)) == 404


def test_a_body_that_is_no_form_is_refused(reading: Reading) -> None:
    made = reading.sdk.file_uploads.create(filename="a.png")
    headers = {"authorization": f"Bearer {TOKEN}", "notion-version": NEWEST}
    for more in ({"json": {}}, {"data": {"file": "x"}}, {"files": {"datei": b"x"}}):
        answer = httpx.post(f"{reading.url}/v1/file_uploads/{made['id']}/send", headers=headers, **more)
        assert answer.status_code == 400


def test_a_lost_connection_while_a_file_is_sent_leaves_no_block_and_is_not_refused() -> None:
    app = create_app()
    sandbox: NotionSandbox = app.state.sandbox
    with serve(app) as url:
        page = sandbox.share_page("Pilotage")
        settings = NotionSettings(api_key=SecretStr(TOKEN), base_url=url)
        context = Context(limiter=Limits(), now=lambda: datetime(2026, 11, 21, tzinfo=UTC))
        with NotionClient(settings, context, sleep=lambda _: None) as client:
            sandbox.fault("reset", path="/v1/file_uploads/*/send")
            with pytest.raises(TransientError):
                NotionCharts(client).show(Ref(page), CHART, None)
            assert list(client.children(page)) == []
