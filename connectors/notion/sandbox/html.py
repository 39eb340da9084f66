"""The look of a page in a browser: one style sheet and the small pieces of HTML. Nothing is loaded from elsewhere."""

from __future__ import annotations

from html import escape

from connectors.notion.sandbox.chart_html import CSS
from connectors.notion.sandbox.errors import Json

_INK = {
    "gray": "#787774",
    "brown": "#9f6b53",
    "orange": "#d9730d",
    "yellow": "#cb912f",
    "green": "#448361",
    "blue": "#337ea9",
    "purple": "#9065b0",
    "pink": "#c14c8a",
    "red": "#d44c47",
}
_PAPER = {
    "gray": "#f1f1ef",
    "brown": "#f4eeee",
    "orange": "#fbecdd",
    "yellow": "#fbf3db",
    "green": "#edf3ec",
    "blue": "#e7f3f8",
    "purple": "#f4f0f7",
    "pink": "#f9eef3",
    "red": "#fdebec",
}
_PILL = {
    "default": "#efeeec",
    "gray": "#e3e2e0",
    "brown": "#eee0da",
    "orange": "#fadec9",
    "yellow": "#fdecc8",
    "green": "#dbeddb",
    "blue": "#d3e5ef",
    "purple": "#e8deee",
    "pink": "#f5e0e9",
    "red": "#ffe2dd",
}

_CSS = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;color:#37352f;background:#fff;font:16px/1.5 ui-sans-serif,-apple-system,"Segoe UI","Helvetica Neue",
Helvetica,"Noto Sans","DejaVu Sans",Arial,"Noto Color Emoji",sans-serif;overflow-wrap:break-word}
nav{font-size:14px;color:#787774;padding:12px 20px}
nav a{color:inherit;text-decoration:none}
nav a:hover{color:#37352f}
main{max-width:1040px;margin:0 auto;padding:40px 40px 120px}
.page-icon{font-size:64px;line-height:1.1;margin-bottom:8px}
h1.title{font-size:40px;line-height:1.2;margin:0 0 24px;letter-spacing:-.01em}
h2,h3,h4,h5{line-height:1.3;margin:1.5em 0 6px}
h2{font-size:28px}h3{font-size:22px}h4{font-size:18px}h5{font-size:16px}
main>h2:first-of-type{margin-top:1em}
p{margin:5px 0;min-height:1.5em;white-space:pre-wrap}
a{color:inherit;text-decoration-color:#b9b8b4;text-underline-offset:3px}
code{font:85% ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;background:#f1f1ef;
color:#c14c47;border-radius:4px;padding:.2em .4em}
pre{background:#f7f6f3;border-radius:6px;padding:20px;overflow-x:auto;font-size:14px}
pre code{background:none;color:inherit;padding:0}
hr{border:0;border-top:1px solid #e4e3e0;margin:18px 0}
ul,ol{margin:4px 0;padding-left:26px}li{margin:3px 0}
blockquote{margin:8px 0;padding:2px 0 2px 16px;border-left:3px solid #37352f}
details{margin:4px 0}details>*:not(summary){margin-left:22px}summary{cursor:pointer}
.callout{display:flex;gap:10px;background:#f1f1ef;border-radius:8px;padding:14px 16px;margin:8px 0}
.callout.plain{background:#fff;border:1px solid #e4e3e0}
.callout .mark{font-size:20px;line-height:1.2;flex:none}
.callout .text{flex:1;min-width:0;white-space:pre-wrap}
.todo{display:flex;gap:8px;margin:4px 0}.todo.done .text{color:#9b9a97;text-decoration:line-through}
.columns{display:flex;gap:24px;align-items:stretch}
.columns>div{flex:1 1 0;min-width:0}
.columns .callout{height:calc(100% - 16px)}
.columns>div:has(>:nth-child(2)) .callout{height:auto}
.link-row{display:block;padding:4px 2px;border-radius:4px;text-decoration:none;font-weight:500}
.link-row:hover{background:#f1f1ef}
.table-title{font-size:18px;font-weight:600;margin:26px 0 6px}
.table-title .count{color:#9b9a97;font-weight:400;font-size:14px;margin-left:8px}
.scroll{overflow-x:auto;margin:4px 0 18px;border-top:1px solid #e9e9e7;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-size:14px;min-width:100%}
th,td{text-align:left;vertical-align:top;padding:7px 10px;border-bottom:1px solid #e9e9e7;white-space:nowrap}
th{color:#787774;font-weight:400}
th:not(:last-child),td:not(:last-child){border-right:1px solid #f1f1ef}
td.wrap{white-space:normal;min-width:240px;max-width:420px}
td.link{max-width:190px;overflow:hidden;text-overflow:ellipsis}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
td.name{font-weight:500;white-space:normal;min-width:150px}td.name a{text-decoration:none}
td.name a:hover{text-decoration:underline;text-decoration-color:#b9b8b4}
.dim,.dim *{color:#b9b8b4!important;font-size:12px}
.pill{display:inline-block;border-radius:4px;padding:0 7px;line-height:1.5;margin-right:4px;font-size:13px}
.empty{color:#b9b8b4;padding:8px 10px;font-size:14px}
.props{border-collapse:collapse;min-width:0;margin:0 0 20px}
.props th,.props td{border:0!important;padding:4px 14px 4px 0;white-space:normal}
.trash{background:#fdebec;color:#d44c47;padding:8px 20px;font-size:14px;text-align:center}
.image img{max-width:100%;display:block;border-radius:4px}.image{margin:12px 0}.image small{color:#787774}
figure{margin:12px 0;padding:18px;background:#f7f6f3;border-radius:6px;color:#787774;font-size:14px}
footer{color:#b9b8b4;font-size:13px;border-top:1px solid #f1f1ef;margin-top:64px;padding-top:12px}
@media(max-width:640px){
main{padding:20px 18px 80px}
h1.title{font-size:30px}.page-icon{font-size:48px}
h2{font-size:24px}h3{font-size:20px}
.columns{flex-direction:column;gap:0}
.columns .callout{height:auto}
.scroll{margin-left:-18px;margin-right:-18px;padding:0 18px}
}
"""


def document(title: str, body: str) -> str:
    """A whole HTML page."""
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_CSS}{CSS}</style></head><body>{body}</body></html>"
    )


def style(color: str) -> str:
    """The style attribute of one of Notion's colour words; "" for default."""
    if color.endswith("_background"):
        paper = _PAPER.get(color.removesuffix("_background"))
        return f' style="background:{paper}"' if paper else ""
    ink = _INK.get(color)
    return f' style="color:{ink}"' if ink else ""


def pill(name: str, color: str) -> str:
    return f'<span class="pill" style="background:{_PILL.get(color, _PILL["default"])}">{escape(name)}</span>'


def inline(rich: list[Json]) -> str:
    """Rich text as HTML."""
    return "".join(_run(item) for item in rich)


def _run(item: Json) -> str:
    text, notes = escape(item["plain_text"]), item["annotations"]
    for key, tag in (
        ("code", "code"),
        ("bold", "strong"),
        ("italic", "em"),
        ("strikethrough", "s"),
        ("underline", "u"),
    ):
        if notes[key]:
            text = f"<{tag}>{text}</{tag}>"
    if notes["color"] != "default":
        text = f"<span{style(notes['color'])}>{text}</span>"
    return link(item["href"], text) if item["href"] else text


def link(address: str, inner: str) -> str:
    """A link to a web or mail address; other schemes stay text. `inner` is HTML."""
    if not address.startswith(("https://", "http://", "mailto:")):
        return inner
    return f'<a href="{escape(address)}" rel="noreferrer">{inner}</a>'
