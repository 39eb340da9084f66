"""A chart view in a browser: columns or a line, with its reference lines named. Plain HTML and SVG, nothing loaded."""

from __future__ import annotations

from html import escape

from connectors.notion.sandbox.errors import Json

CSS = """
.chart{margin:14px 0 20px;border:1px solid #e9e9e7;border-radius:8px;padding:12px 14px}
.chart b{display:block;font-size:15px;margin-bottom:8px}
.chart .area{position:relative;height:170px}
.chart svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.chart .mark{position:absolute;right:0;transform:translateY(-100%);font-size:12px;color:#787774;background:#fffc}
.chart .names{display:flex;font-size:12px;color:#787774}.chart i{font-style:normal}
.chart .names span{flex:1;min-width:0;white-space:nowrap;display:flex;flex-direction:column;align-items:center}
@media(max-width:640px){.chart .many span:not(:nth-last-child(3n+1)){visibility:hidden}}
.chart .big{font-size:40px;line-height:1.2}.chart small{color:#787774}
"""


def figure(title: str, config: Json, points: list[tuple[str, float]]) -> str:
    """One chart. `points`: what `chart.points` says."""
    caption = f"<small>{escape(config['caption'])}</small>" if config.get("caption") else ""
    if config["chart_type"] == "number":
        return f'<div class="chart"><b>{escape(title)}</b><div class="big">{points[0][1]:,.10g}</div>{caption}</div>'
    lines = config.get("reference_lines") or []
    heights = [value for _, value in points] + [line["value"] for line in lines]
    low, high = min([0, *heights]), max([1, *heights]) * 1.08
    marks = "".join(
        f'<span class="mark" style="top:{_down(line["value"], low, high):.1f}%">{escape(line["label"])}</span>'
        for line in lines
    )
    rules = "".join(
        f'<line x1="0" x2="100" y1="{_down(line["value"], low, high):.1f}" y2="{_down(line["value"], low, high):.1f}" '
        'stroke="#787774" stroke-dasharray="5 4" vector-effect="non-scaling-stroke"/>'
        for line in lines
    )
    drawn = _line(points, low, high) if config["chart_type"] == "line" else _columns(points, low, high)
    names = "".join(f"<span><i>{escape(name)}</i>{value:,.10g}</span>" for name, value in points)
    many = " many" if len(points) > 6 else ""
    return (
        f'<div class="chart"><b>{escape(title)}</b><div class="area">'
        f'<svg viewBox="0 0 100 100" preserveAspectRatio="none">{drawn}{rules}</svg>{marks}</div>'
        f'<div class="names{many}">{names}</div>{caption}</div>'
    )


def _down(value: float, low: float, high: float) -> float:
    """How far below the top a value stands, in percent."""
    return 100 * (high - value) / (high - low)


def _columns(points: list[tuple[str, float]], low: float, high: float) -> str:
    wide = 100 / max(1, len(points))
    parts = []
    for place, (_, value) in enumerate(points):
        top, zero = sorted((_down(value, low, high), _down(0, low, high)))
        parts.append(
            f'<rect x="{wide * (place + 0.2):.2f}" width="{wide * 0.6:.2f}" y="{top:.2f}" '
            f'height="{zero - top:.2f}" fill="#5b97bd"/>'
        )
    return "".join(parts)


def _line(points: list[tuple[str, float]], low: float, high: float) -> str:
    wide = 100 / max(1, len(points))
    path = " ".join(f"{wide * (n + 0.5):.2f},{_down(value, low, high):.2f}" for n, (_, value) in enumerate(points))
    return (
        f'<polyline points="{path}" fill="none" stroke="#5b97bd" stroke-width="3" vector-effect="non-scaling-stroke"/>'
    )
