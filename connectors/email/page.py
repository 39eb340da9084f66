"""The HTML mail around a body: one column, readable on a phone, light or dark as the reader has it. It loads nothing.

Where a mail program ignores the styles of the head, what is left is a plain page with plain links.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_STYLE = """
h1,h2,h3{font-size:18px;line-height:1.3;margin:28px 0 10px}
p{margin:0 0 14px}
ol,ul{margin:0 0 14px;padding-left:25px}
li{margin:0 0 6px}
li:has(.small),li:has(.row){margin-bottom:20px}
a{color:#1558a6}
strong a{color:inherit;text-decoration-color:#8a8a8a;text-decoration-thickness:1px;text-underline-offset:3px}
blockquote{margin:0 0 14px;padding:2px 0 2px 14px;border-left:3px solid #c9c9c9}
blockquote p:last-child{margin:0}
hr{border:0;border-top:1px solid #ddd;margin:24px 0}
pre,code{font-size:14px;white-space:pre-wrap}
td,th{padding:4px 10px 4px 0;text-align:left;vertical-align:top}
.small{font-size:15px;color:#5c5c5c}
.row{display:inline-block;margin-top:6px}
.button{display:inline-block;font-size:14px;line-height:20px;padding:5px 9px;margin:0 3px 6px 0;
border:1px solid #b9c4d0;border-radius:8px;text-decoration:none;color:#1558a6}
.between{display:none}
.foot{margin-top:32px;padding-top:12px;border-top:1px solid #ddd;font-size:13px;color:#666}
.foot p{margin:0 0 6px}
"""
_DARK = """
@media (prefers-color-scheme:dark){
body{background:#17181a!important;color:#e8e8e8!important}
a,.button{color:#9cc3f5}
.button{border-color:#4a5561}
.small,.foot{color:#a9a9a9}
blockquote{border-color:#555}
hr,.foot{border-color:#3a3a3a}
}
"""
_BODY = (
    "margin:0 auto;padding:16px;max-width:600px;background:#fff;color:#222;font-family:system-ui,-apple-system,"
    "'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;overflow-wrap:anywhere;"
    "word-break:break-word;-webkit-text-size-adjust:100%"
)


def page(language: str, title: str, body: str, footer: Sequence[str]) -> str:
    """A whole HTML mail around `body` and the footer's lines, which are HTML already."""
    small = "".join(f"<p>{line}</p>" for line in footer)
    foot = f'<div class="foot">{small}</div>' if footer else ""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<style>{_DARK}</style></head>\n"
        f'<body style="{_BODY}">\n{body}\n{foot}\n</body>\n</html>\n'
    )
