"""Files sent to Notion: announced, sent in one part, and then attached to a block within the hour.

https://developers.notion.com/guides/data-apis/uploading-small-files. A file that is attached to nothing goes by itself,
so one that was sent twice does no harm.
"""

from __future__ import annotations

from connectors.notion.client import NotionClient
from connectors.notion.failures import Refused


def send(client: NotionClient, name: str, content_type: str, data: bytes) -> str:
    """Send a file of at most 20 MB (5 MB to a free workspace); the id of the upload. Two calls.

    Raises what every call raises: `Refused` for a file that is too large or of a type that Notion does not take.
    """
    what = f"send the file {name}"
    upload = client.call(
        "repeat",
        what,
        lambda sdk: sdk.file_uploads.create(mode="single_part", filename=name, content_type=content_type),
    )
    key = str(upload["id"])
    try:
        client.call("repeat", what, lambda sdk: sdk.file_uploads.send(key, file=(name, data, content_type)))
    except Refused:
        # Of a sending whose answer was lost, the second one is refused: the file is there.
        if client.call("read", what, lambda sdk: sdk.file_uploads.retrieve(key)).get("status") != "uploaded":
            raise
    return key
