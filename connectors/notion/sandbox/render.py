"""Pages in a browser, calm as Notion's own, and the index of all pages."""

from __future__ import annotations

from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from connectors.notion.sandbox import chart_html
from connectors.notion.sandbox.blocks import living
from connectors.notion.sandbox.errors import Json
from connectors.notion.sandbox.html import document, inline, link, pill, style
from connectors.notion.sandbox.objects import title_of
from connectors.notion.sandbox.properties import value_of
from connectors.notion.sandbox.richtext import plain
from connectors.notion.sandbox.show import HUB, columns, moment, rows_of, shown, simple
from connectors.notion.sandbox.state import Block, Database, DataSource, Page, Property, State, Thing
from connectors.notion.sandbox.times import minute
from connectors.notion.sandbox.views import charts_of

_LISTS = {"bulleted_list_item": "ul", "numbered_list_item": "ol"}
_CLASSES = {"number": "number", "title": "name", "rich_text": "wrap", "multi_select": "wrap", "url": "link"}
_HEADINGS = {"heading_1": "h2", "heading_2": "h3", "heading_3": "h4", "heading_4": "h5"}


class Renderer:
    """Renders one page; `zone` is where instants are shown."""

    def __init__(self, state: State, zone: ZoneInfo) -> None:
        self.state = state
        self.zone = zone

    def page(self, page: Page) -> str:
        """The whole page as an HTML document."""
        title = title_of(page) or "Untitled"
        crumbs = [*reversed(list(self.state.above(page))), page]
        trail = " / ".join(self._crumb(one) for one in crumbs if isinstance(one, (Page, Database)))
        gone = page.trashed or any(up.trashed for up in self.state.above(page))
        body = [
            '<div class="trash">This page is in the trash.</div>' if gone else "",
            f'<nav><a href="/_sandbox/">Notion sandbox</a> / {trail}</nav><main>',
            f'<div class="page-icon">{escape(_emoji(page.icon))}</div>' if _emoji(page.icon) else "",
            f'<h1 class="title">{escape(title)}</h1>',
            self._properties(page),
            self._blocks(page),
            f"<footer>Edited {moment(minute(page.edited), self.zone)} · "
            f'<a href="/_sandbox/pages/{page.id}.txt">as text</a></footer></main>',
        ]
        return document(title, "".join(body))

    def _crumb(self, thing: Thing) -> str:
        name = escape(title_of(thing) or "Untitled")
        return f'<a href="/_sandbox/pages/{thing.id}">{name}</a>' if isinstance(thing, Page) else name

    def _properties(self, page: Page) -> str:
        source = self.state.things.get(page.source) if page.source else None
        if not isinstance(source, DataSource):
            return ""
        lines = [
            f"<tr{_dim(prop)}><th>{escape(prop.name)}</th><td>{self._value(page, prop)}</td></tr>"
            for prop in columns(source)
            if prop.type != "title"
        ]
        return f'<table class="props">{"".join(lines)}</table>'

    def _blocks(self, parent: Page | Block) -> str:
        out = []
        for tag, group in groupby(living(self.state, parent), key=_list_tag):
            inner = "".join(self._block(thing) for thing in group)
            out.append(f"<{tag}>{inner}</{tag}>" if tag else inner)
        return "".join(out)

    def _block(self, thing: Thing) -> str:  # noqa: PLR0911, PLR0912 - one answer per type
        if not isinstance(thing, Block):
            return self._standing(thing)
        content = thing.content
        text, tint = inline(content.get("rich_text", [])), style(content.get("color", "default"))
        below = self._blocks(thing) if thing.children else ""
        match thing.type:
            case "divider":
                return "<hr>"
            case "column_list":
                return f'<div class="columns">{below}</div>'
            case "column":
                return f"<div>{below}</div>"
            case "table":
                return self._simple_table(thing)
            case "code":
                return f"<pre><code>{text}</code></pre>"
            case "image":
                return _image(content)
            case "link_to_page":
                return self._link(self.state.things[content[content["type"]]])
            case "bookmark":
                return f"<p>{link(content['url'], escape(content['url']))}</p>"
            case "callout":
                return self._callout(content, text, below)
            case "to_do":
                done = content["checked"]
                box = "☑" if done else "☐"
                state = " done" if done else ""
                return f'<div class="todo{state}"{tint}><span>{box}</span><div class="text">{text}{below}</div></div>'
            case "toggle":
                return f"<details open{tint}><summary>{text}</summary>{below}</details>"
            case "quote":
                return f"<blockquote{tint}>{text}{below}</blockquote>"
            case "bulleted_list_item" | "numbered_list_item":
                return f"<li{tint}>{text}{below}</li>"
        tag = _HEADINGS.get(thing.type, "p")
        return f"<{tag}{tint}>{text}</{tag}>{below}"

    def _standing(self, thing: Thing) -> str:
        """A database, with its charts and its rows, or the line that leads to a page."""
        if isinstance(thing, Database):
            charts = [chart_html.figure(view.name, view.config or {}, at) for view, at in charts_of(self.state, thing)]
            return "".join([*charts, *(self._table(self.state.things[key]) for key in thing.sources)])
        icon = _emoji(thing.icon) if isinstance(thing, Page) else ""
        name = escape(title_of(thing) or "Untitled")
        return f'<a class="link-row" href="/_sandbox/pages/{thing.id}">{escape(icon) or "▤"} {name}</a>'

    def _link(self, named: Thing) -> str:
        """A link to a page, or to the page on which a database stands."""
        page = named if isinstance(named, Page) else self.state.page_of(named) or named
        return f'<p><a href="/_sandbox/pages/{page.id}">↗ {escape(title_of(named) or "Untitled")}</a></p>'

    def _callout(self, content: Json, text: str, below: str) -> str:
        color = content["color"]
        plain = "" if color.endswith("_background") or color == "default" else " plain"
        mark = f'<span class="mark">{escape(_emoji(content["icon"]))}</span>' if _emoji(content["icon"]) else ""
        return f'<div class="callout{plain}"{style(color)}>{mark}<div class="text">{text}{below}</div></div>'

    def _simple_table(self, block: Block) -> str:
        lines = []
        for n, row in enumerate(living(self.state, block)):
            if isinstance(row, Block):
                tag = "th" if n == 0 and block.content["has_column_header"] else "td"
                cells = "".join(f'<{tag} class="wrap">{inline(cell)}</{tag}>' for cell in row.content["cells"])
                lines.append(f"<tr>{cells}</tr>")
        return f'<div class="scroll"><table>{"".join(lines)}</table></div>'

    def _table(self, source: Thing) -> str:
        if not isinstance(source, DataSource) or source.trashed:
            return ""
        props, rows = columns(source), rows_of(self.state, source)
        head = "".join(f'<th class="{_cell_class(prop)}">{escape(prop.name)}</th>' for prop in props)
        lines = "".join(
            f"<tr>{''.join(f'<td class={_quoted(prop)}>{self._value(row, prop)}</td>' for prop in props)}</tr>"
            for row in rows
        )
        title = escape(title_of(source) or "Untitled")
        empty = "" if rows else '<div class="empty">No rows yet</div>'
        return (
            f'<div class="table-title">{title}<span class="count">{len(rows)}</span></div>'
            f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>{empty}</div>'
        )

    def _value(self, row: Page, prop: Property) -> str:
        value = value_of(row, prop)
        match prop.type:
            case "title":
                return f'<a href="/_sandbox/pages/{row.id}">{inline(value) or "Untitled"}</a>'
            case "rich_text":
                return inline(value)
            case "select" | "status":
                return pill(value["name"], value["color"]) if value else ""
            case "multi_select":
                return "".join(pill(one["name"], one["color"]) for one in value)
            case "url" | "email" | "phone_number":
                return _contact(prop.type, simple(row, prop))
        return escape(shown(self.state, row, prop, self.zone))

    def index(self) -> str:
        """All top pages with what stands on them."""
        out = ["<nav>Notion sandbox</nav><main>", '<h1 class="title">Pages</h1>']
        for workspace in self.state.workspaces.values():
            out.append(f"<h3>{escape(workspace.name)}</h3>")
            tops = [
                one
                for one in self.state.things.values()
                if isinstance(one, Page) and one.root == one.id and one.workspace == workspace.id and not one.trashed
            ]
            out.append("".join(self._branch(page) for page in tops) or '<p class="empty">No pages yet</p>')
        return document("Notion sandbox", "".join([*out, "</main>"]))

    def _branch(self, page: Page) -> str:
        below = "".join(self._branch(one) for one in living(self.state, page) if isinstance(one, Page))
        return f'{self._block(page)}<div style="margin-left:22px">{below}</div>'


def _contact(kind: str, value: str | None) -> str:
    if not value:
        return ""
    address = value if kind == "url" else f"mailto:{value}" if kind == "email" else ""
    shown_value = value.removeprefix("https://").removeprefix("http://") if kind == "url" else value
    return link(address, escape(shown_value))


def _image(content: Json) -> str:
    """A file that was sent is shown; one that lives elsewhere is not fetched."""
    caption = inline(content["caption"])
    if content["type"] == "external":
        url = content["external"]["url"]
        return f"<figure>Image: {link(url, escape(url))}</figure>"
    alt = escape(plain(content["caption"]))
    return f'<div class="image"><img src="/_sandbox/files/{content["file"]}" alt="{alt}"><small>{caption}</small></div>'


def _emoji(icon: Json | None) -> str:
    return str(icon.get("emoji", "")) if icon else ""


def _list_tag(thing: Thing) -> str:
    return _LISTS.get(thing.type, "") if isinstance(thing, Block) else ""


def _dim(prop: Property) -> str:
    return ' class="dim"' if prop.name == HUB else ""


def _cell_class(prop: Property) -> str:
    if prop.name == HUB:
        return "dim"
    return _CLASSES.get(prop.type, "")


def _quoted(prop: Property) -> str:
    return f'"{_cell_class(prop)}"'
