"""Files that were sent to Notion, and the pictures in blocks that show one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.notion.sandbox import richtext as rich
from connectors.notion.sandbox.errors import Json, an_object, invalid, misfit, only
from connectors.notion.sandbox.state import Caller, State, Thing
from connectors.notion.sandbox.times import minute

KEPT = timedelta(hours=1)
"""How long a file that is attached to nothing is kept, and how long the address of one that is, is good."""


@dataclass(slots=True, kw_only=True)
class Upload(Thing):
    """A file on its way, or there. `total`: its parts, for the mode multi_part; None: it comes in one."""

    label: ClassVar[str] = "file_upload"
    filename: str | None
    content_type: str | None
    expires: datetime | None
    total: int | None = None
    parts: dict[int, bytes] = field(default_factory=dict)
    data: bytes | None = None

    def status(self, now: datetime) -> str:
        if self.expires is not None and now >= self.expires:
            return "expired"
        return "pending" if self.data is None else "uploaded"


def attached(state: State, by: Caller, given: object, path: str) -> Upload:
    """The file of {"id": …}, which from now on stays. Raises 400 for one that is not there, not whole or too old."""
    body = an_object(given, path)
    only(body, ("id",), path)
    upload = state.things.get(str(body.get("id")))
    if not isinstance(upload, Upload) or upload.created_by != by.id:
        raise invalid(f"Could not find file_upload with ID: {body.get('id')}.")
    status = upload.status(state.now())
    if status != "uploaded":
        raise invalid(f"body.{path}: the file upload {upload.id} is {status}; only one that is uploaded can be used.")
    upload.expires = None
    return upload


def media(state: State, by: Caller, inner: Json, path: str, before: Json | None) -> Json:
    """The object below `image`: an address elsewhere or an uploaded file, and a caption.

    `before`: what a PATCH leaves in place; such a request names no type.
    """
    only(inner, ("external", "file_upload", "caption", *(() if before else ("type",))), path)
    kinds = [kind for kind in ("external", "file_upload") if kind in inner]
    if len(kinds) > 1 or (before is None and not kinds) or inner.get("type", *kinds[:1] or ("",)) not in (*kinds, ""):
        raise misfit(path, "hold `external` or `file_upload`, and that as its type", inner)
    content = dict(before or {})
    if kinds == ["external"]:
        url = rich.external({"external": inner["external"]}, path)["external"]["url"]
        content = {"type": "external", "external": {"url": url}}
    elif kinds:
        content = {"type": "file", "file": attached(state, by, inner["file_upload"], f"{path}.file_upload").id}
    caption = (before or {}).get("caption", [])
    if "caption" in inner:
        caption = rich.parse(inner["caption"], f"{path}.caption", state, by)
    return {**content, "caption": caption}


def media_json(state: State, content: Json) -> Json:
    """What `media` made, as Notion answers it."""
    return {**content, "file": file_json(state, content["file"])} if content["type"] == "file" else content


def file_json(state: State, key: str) -> Json:
    """An attached file as blocks show it: at an address that is new at every look and good for an hour."""
    upload = state.get(key, Upload)
    name = upload.filename or "file"
    return {
        "url": f"https://files.notion.invalid/{upload.workspace}/{upload.id}/{name}?at={int(state.now().timestamp())}",
        "expiry_time": minute(state.now() + KEPT),
    }
