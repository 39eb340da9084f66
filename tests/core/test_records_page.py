"""The part "Kinds" of docs/records.md is what hub.core.kinds says.

Changed a kind? `python -m tests.core.test_records_page` writes the part anew.
"""

from __future__ import annotations

from hub.core.kinds import KINDS, PLACE, WHO, Field
from tests.paths import ROOT

PAGE = ROOT / "docs" / "records.md"
TITLE = "## Kinds"
INTRO = f"""\
So that jobs need not know providers, a stream may hold a *kind*: its records carry the fields of that kind, beside what
else the provider says. A field that the provider cannot say is left out; None says that it can be said and is empty.
`!` marks a field that every record of the kind has; `?` one that may be None.

*who* is a person inside another record: {", ".join(f"`{name}`" for name in WHO)}, each left out where it is not said.
*place* is a project, board, database or list: {", ".join(f"`{name}`" for name in PLACE)}. *whos*, *places* and *texts*
are tuples of these. *answers* and *tracking* map texts to texts.
"""


def part() -> str:
    """The part as it has to be, from its title to the end of the page."""
    common = set.intersection(*(set(fields) for fields in KINDS.values()))
    blocks = [TITLE, INTRO.strip()]
    for kind, fields in KINDS.items():
        blocks.append(f"### {kind}")
        blocks.append(table({name: field for name, field in fields.items() if name not in common}))
    blocks.append("### Every kind")
    blocks.append(table({name: field for name, field in next(iter(KINDS.values())).items() if name in common}))
    return "\n\n".join(blocks) + "\n"


def table(fields: dict[str, Field]) -> str:
    rows = ["| field | holds | what it says |", "|---|---|---|"]
    rows += [f"| `{name}`{mark(field)} | {field.shape} | {field.says} |" for name, field in fields.items()]
    return "\n".join(rows)


def mark(field: Field) -> str:
    return ("!" if field.always else "") + ("?" if field.empty else "")


def before() -> str:
    """The page up to that part."""
    return PAGE.read_text(encoding="utf-8").partition(f"{TITLE}\n")[0]


def test_the_page_lists_the_kinds_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == before() + part()


def test_no_sentence_of_a_kind_breaks_the_table() -> None:
    for fields in KINDS.values():
        for field in fields.values():
            assert not set("|\n") & set(field.says)


if __name__ == "__main__":
    PAGE.write_text(f"{before().rstrip()}\n\n{part()}", encoding="utf-8")
