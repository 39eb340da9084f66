"""Two plain pages that load nothing from anywhere: the status, and the list of addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from hub.engine.status_models import BusinessStatus, ConnectionStatus, HubStatus, JobStatus, Reason

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ddd}"
    "code{background:#f3f3f3;padding:0 .2rem}"
    ".ok{color:#17693a}.attention{color:#8a5a00}.fault{color:#a01818}.word{font-weight:bold}"
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address may hold the key
    "Cache-Control": "no-store",
}
_LEVELS = {"ok": "ok", "never": "attention", "paused": "attention", "held": "attention", "failing": "attention"}


def page(title: str, body: str) -> HTMLResponse:
    """A whole page around `body`, which is HTML already."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>",
        headers=_HEADERS,
    )


def status(report: HubStatus, businesses: Sequence[BusinessStatus]) -> str:
    """The status of these businesses, worst first within each, as HTML."""
    parts = [
        f"<p>At {_when(report.at)}: {_word(report.word)}</p>",
        _table(
            ("worker", "kind", "last sign of life", "since"),
            ((w.owner, w.kind, _when(w.last_heartbeat), _when(w.started_at)) for w in report.workers),
        ),
    ]
    for business in businesses:
        parts += [
            f"<h2>{escape(business.title)} {_word(business.word)}</h2>",
            _reasons(business.reasons),
            _table(_CONNECTION_COLUMNS, map(_connection, business.connections)),
            _table(_JOB_COLUMNS, map(_job, business.jobs)),
            *(_clients(job) for job in business.jobs if job.clients),
        ]
        if business.ledger:
            effects = ", ".join(f"{count} {state}" for state, count in sorted(business.ledger.items()))
            parts.append(f"<p>Effects outside: {escape(effects)}</p>")
    return "".join(parts)


_CONNECTION_COLUMNS = ("connection", "state", "last proof of life", "last delivery", "waiting", "dead", "refused")


def _connection(one: ConnectionStatus) -> tuple[str, ...]:
    return (
        escape(one.name),
        _word(one.state) + (f": {escape(one.paused_reason)}" if one.paused_reason else ""),
        _when(one.last_proof_of_life),
        _when(one.last_delivery),
        f"{one.waiting} since {_when(one.waiting_since)}" if one.waiting else "0",
        str(one.dead),
        f"{one.refused}, last {_when(one.refused_at)}: {escape(one.refused_why or '')}" if one.refused else "0",
    )


_JOB_COLUMNS = ("job", "state", "last ok", "last run", "waiting since", "held plan")


def _job(one: JobStatus) -> tuple[str, ...]:
    run = one.last_run
    return (
        escape(one.name),
        _word(one.state) + "".join(f": {escape(why)}" for why in (one.paused_reason, one.last_error) if why),
        _when(one.last_ok),
        f"{escape(run.name)}, {escape(run.state)}, {_when(run.started_at)}" if run else "",
        _when(one.waiting_since),
        f"<code>{escape(one.held_plan.id)}</code> {escape(one.held_plan.reason or '')}" if one.held_plan else "",
    )


def _clients(one: JobStatus) -> str:
    """The clients who are being welcomed: a row for each figure."""
    rows = (
        (escape(name.replace("_", " ")), "—" if value is None else f"{value:.1f}".removesuffix(".0"))
        for name, value in (one.clients or {}).items()
    )
    return _table((f"clients of {one.name}", ""), rows)


def docs(schema: Mapping[str, Any]) -> str:
    """The OpenAPI description as HTML: every address, its parameters, its answers and their fields."""
    parts = ['<p>The same for machines: <a href="openapi.json">openapi.json</a>.</p>']
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>")
            parts.append(f"<p>{escape(operation.get('summary', ''))}. {escape(operation.get('description', ''))}</p>")
            parts.append(
                _table(
                    ("parameter", "in", "required"),
                    (
                        (escape(p["name"]), escape(p["in"]), "yes" if p.get("required") else "no")
                        for p in operation.get("parameters", ())
                    ),
                )
            )
            parts.append(
                _table(
                    ("answer", "meaning", "body"),
                    (
                        (escape(code), escape(answer["description"]), _shape(_body(answer)))
                        for code, answer in operation["responses"].items()
                    ),
                )
            )
    parts += ["<h1>Shapes</h1>"]
    for name, shape in schema.get("components", {}).get("schemas", {}).items():
        parts.append(f'<h2 id="{escape(name)}">{escape(name)}</h2><p>{escape(shape.get("description", ""))}</p>')
        parts.append(
            _table(
                ("field", "type", "meaning"),
                (
                    (escape(field), _shape(kind), escape(kind.get("description", "")))
                    for field, kind in shape.get("properties", {}).items()
                ),
            )
        )
    return "".join(parts)


def _body(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _shape(kind: Mapping[str, Any]) -> str:
    if "$ref" in kind:
        name = escape(kind["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in kind:
        return " or ".join(_shape(one) for one in kind["anyOf"])
    if "enum" in kind:
        return " | ".join(escape(str(one)) for one in kind["enum"])
    if kind.get("type") == "array":
        return f"list of {_shape(kind.get('items', {}))}"
    return escape(kind.get("format") or kind.get("type", ""))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already. Nothing at all when there is no row."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""


def _reasons(reasons: Sequence[Reason]) -> str:
    worst_first = sorted(reasons, key=lambda reason: reason.level != "fault")
    return "<ul>" + "".join(f'<li class="{one.level}">{escape(one.text)}</li>' for one in worst_first) + "</ul>"


def _word(word: str) -> str:
    level = word if word in {"ok", "attention", "fault"} else _LEVELS.get(word, "fault" if word == "silent" else "")
    return f'<span class="word {level}">{escape(word)}</span>'


def _when(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""
