"""Calls below /v1/file_uploads: a file is announced, sent in one part or several, and attached within the hour."""

from __future__ import annotations

import mimetypes
from email import policy
from email.parser import BytesParser
from typing import Any

from connectors.notion.sandbox.call import Call
from connectors.notion.sandbox.errors import Json, a_text, invalid, misfit
from connectors.notion.sandbox.files import KEPT, Upload
from connectors.notion.sandbox.objects import UPLOAD_LIMIT, a_list_of, trash_flags
from connectors.notion.sandbox.state import canonical
from connectors.notion.sandbox.times import minute

STATES = ("pending", "uploaded", "expired", "failed")
_LONGEST_NAME = 900  # bytes


def create(call: Call) -> Json:
    """POST /file_uploads: announce a file."""
    call.state.plan.has_uploads()
    call.only("mode", "filename", "content_type", "number_of_parts", "external_url")
    body, mode = call.body, call.body.get("mode", "single_part")
    if mode not in ("single_part", "multi_part"):
        raise misfit("mode", "be `single_part` or `multi_part`: the sandbox fetches nothing from elsewhere", mode)
    name = None if "filename" not in body else _name(body["filename"])
    kind = None if "content_type" not in body else a_text(body["content_type"], "content_type", most=200)
    total = None
    if mode == "multi_part":
        total = body.get("number_of_parts")
        if name is None or isinstance(total, bool) or not isinstance(total, int) or not 1 <= total <= 10_000:
            raise invalid("A multi_part upload needs a filename and a number_of_parts from 1 to 10000.")
    elif "number_of_parts" in body:
        raise misfit("number_of_parts", "be not present: the mode is single_part", body["number_of_parts"])
    stamp = call.state.stamp(None, call.caller)
    made = Upload(
        filename=name,
        content_type=_agreed(name, kind),
        expires=call.state.now() + KEPT,
        total=total,
        **stamp,
    )
    call.state.things[made.id] = made
    return upload_json(call, made)


def _name(value: object) -> str:
    name = a_text(value, "filename", most=_LONGEST_NAME)
    if len(name.encode()) > _LONGEST_NAME:
        raise misfit("filename.length", f"be ≤ `{_LONGEST_NAME}` bytes", len(name.encode()))
    return name


def _agreed(name: str | None, kind: str | None) -> str | None:
    """The content type, by its own name or by the file's. Raises 400 when the two say different things."""
    guessed = mimetypes.guess_type(name)[0] if name else None
    if name is not None and "." not in name and kind is None:
        raise misfit("filename", "have an extension, or content_type be given", name)
    if guessed is not None and kind is not None and guessed != kind:
        raise invalid(f"The content_type {kind} does not fit the extension of {name}.")
    return kind or guessed


def send(call: Call) -> Json:
    """POST /file_uploads/{file_upload_id}/send: multipart/form-data with `file`, and `part_number` of several."""
    upload, parts = _mine(call), _form(call)
    _pending(call, upload)
    name, kind, data = parts["file"]
    if not data:
        raise invalid("The file is empty.")
    if upload.total is None:
        if "part_number" in parts:
            raise invalid("part_number is for uploads of the mode multi_part.")
        if len(data) > UPLOAD_LIMIT:
            raise invalid(f"The file is larger than the workspace's limit of {UPLOAD_LIMIT} bytes.")
        if upload.content_type is not None and kind is not None and kind != upload.content_type:
            raise invalid(f"The content type {kind} of the file is not the {upload.content_type} that was announced.")
        upload.filename, upload.content_type = upload.filename or name, upload.content_type or kind
        upload.data = data
    else:
        _, _, number = parts.get("part_number", ("", None, b""))
        if not number.isdigit() or not 1 <= int(number) <= upload.total:
            raise invalid(f"part_number should be from 1 to {upload.total}, instead was `{number.decode('latin-1')}`.")
        upload.parts[int(number)] = data
    upload.edited = call.state.now()
    return upload_json(call, upload)


def complete(call: Call) -> Json:
    """POST /file_uploads/{file_upload_id}/complete: all parts are there."""
    upload = _mine(call)
    _pending(call, upload)
    if upload.total is None:
        raise invalid("A single_part upload is complete when it is sent.")
    if len(upload.parts) != upload.total:
        raise invalid(f"{len(upload.parts)} of {upload.total} parts were sent.")
    upload.data = b"".join(upload.parts[number] for number in sorted(upload.parts))
    upload.edited = call.state.now()
    return upload_json(call, upload)


def retrieve(call: Call) -> Json:
    """GET /file_uploads/{file_upload_id}."""
    return upload_json(call, _mine(call))


def list_uploads(call: Call) -> Json:
    """GET /file_uploads?status=: what this connection sent, newest first."""
    wanted = (call.query.get("status") or [""])[0]
    if wanted and wanted not in STATES:
        raise misfit("status", f"be one of {', '.join(STATES)}", wanted)
    now, size_and_cursor = call.state.now(), call.paging()
    mine = [
        one
        for one in reversed(list(call.state.things.values()))
        if isinstance(one, Upload) and one.created_by == call.caller.id and wanted in ("", one.status(now))
    ]
    shown, following = call.state.page_through(mine, *size_and_cursor)
    return a_list_of("file_upload", [upload_json(call, one) for one in shown], following)


def upload_json(call: Call, upload: Upload) -> Json:
    """The object, with the address where it goes while it is pending."""
    status, url = upload.status(call.state.now()), f"https://api.notion.com/v1/file_uploads/{upload.id}"
    shown: Json = {
        "object": "file_upload",
        "id": upload.id,
        "created_time": minute(upload.created),
        "created_by": {"id": upload.created_by, "type": call.caller.kind},
        "last_edited_time": minute(upload.edited),
        **trash_flags(upload.trashed, call.version),
        "expiry_time": minute(upload.expires) if upload.expires else None,
        "status": status,
        "filename": upload.filename,
        "content_type": upload.content_type,
        "content_length": None if upload.data is None else len(upload.data),
    }
    if status == "pending":
        shown["upload_url"] = f"{url}/send"
    if upload.total is not None:
        shown["number_of_parts"] = {"total": upload.total, "sent": len(upload.parts)}
        if status == "pending":
            shown["complete_url"] = f"{url}/complete"
    return shown


def _mine(call: Call) -> Upload:
    """The upload of the path. One that another connection made is not found."""
    key = canonical(call.params["file_upload_id"])
    if key is None:
        raise invalid(f"path failed validation: the id should be a valid uuid: `{call.params['file_upload_id']}`.")
    found = call.state.things.get(key)
    if not isinstance(found, Upload) or found.created_by != call.caller.id:
        raise call.state.missing(call.caller, Upload.label, key)
    return found


def _pending(call: Call, upload: Upload) -> None:
    status = upload.status(call.state.now())
    if status != "pending":
        raise invalid(f"The file upload is {status}; only a pending one takes files.")


def _form(call: Call) -> dict[str, tuple[str, str | None, bytes]]:
    """Name of a field -> file name, content type, bytes. Raises 400 for anything but a form with a file."""
    if not call.content_type.startswith("multipart/form-data"):
        raise invalid("The Content-Type should be multipart/form-data.")
    head = f"Content-Type: {call.content_type}\r\n\r\n".encode("latin-1")
    form = BytesParser(policy=policy.HTTP).parsebytes(head + call.raw)
    found: dict[str, tuple[str, str | None, bytes]] = {}
    for part in form.iter_parts() if form.is_multipart() else ():
        name: Any = part.get_param("name", header="content-disposition")
        kind = part.get_content_type() if part.get("content-type") else None
        payload: Any = part.get_payload(decode=True)
        found[str(name)] = (part.get_filename() or "", kind, payload)
    if "file" not in found or set(found) - {"file", "part_number"}:
        raise invalid(f"The form should hold `file`, and `part_number` for a part; not {sorted(found)}.")
    return found
