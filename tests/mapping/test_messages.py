"""Each mistake, and word for word what the person who made it is told.

`newcomers.txt` holds the ten likeliest slips of a first mapping, `messages.txt` all others; `newcomers_kinds.txt` and
`kinds.txt` do the same for the other kinds of job and their texts. A case is: its name, the file, what the example in
`write.py` or `kinds.py` says (-), what stands there instead (+), and the problems that follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.mapping.loader import load
from tests.mapping import kinds
from tests.mapping.write import BUSINESS, REVENUE, changed, lines, problems_of, write

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    name: str
    file: str
    old: str
    new: str
    says: tuple[str, ...]

    @property
    def content(self) -> str:
        return changed(BUSINESS if self.file == "business.yaml" else REVENUE, self.old, self.new)


def cases(name: str) -> list[Case]:
    blocks = (HERE / name).read_text(encoding="utf-8").strip("\n").split("\n\n")
    return [read_case(block) for block in blocks]


def read_case(block: str) -> Case:
    name, file, old, new, *says = block.split("\n")
    assert (name[:2], old[:2], new[:2]) == ("# ", "- ", "+ "), block
    return Case(name[2:], file, unescaped(old[2:]), unescaped(new[2:]), tuple(says))


def unescaped(text: str) -> str:
    text = text.replace("\\n", "\n").replace("\\t", "\t")
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


ALL = [*cases("newcomers.txt"), *cases("messages.txt")]
KINDS = [*cases("newcomers_kinds.txt"), *cases("kinds.txt")]


@pytest.mark.parametrize("case", ALL, ids=[case.name for case in ALL])
def test_each_mistake_is_told_word_for_word(case: Case, tmp_path: Path) -> None:
    assert tuple(problems_of(tmp_path, case.file, case.content)) == case.says


@pytest.mark.parametrize("case", KINDS, ids=[case.name for case in KINDS])
def test_each_mistake_in_any_kind_of_job_is_told_word_for_word(case: Case, tmp_path: Path) -> None:
    assert tuple(kinds.problems_of(tmp_path, case.file, case.old, case.new)) == case.says


@pytest.mark.parametrize("case", cases("newcomers_kinds.txt"), ids=lambda case: case.name)
def test_the_ten_likeliest_slips_with_other_jobs_lead_to_the_fix(case: Case, tmp_path: Path) -> None:
    """One message, at the line of the slip, with the right word."""
    told = kinds.problems_of(tmp_path, case.file, case.old, case.new)
    right = kinds.FILES[case.file].split("\n")
    slip = next(number for number, line in enumerate(right, start=1) if case.old in line)

    assert len(cases("newcomers_kinds.txt")) == 10
    assert len(told) == 1
    assert told[0].startswith(f":{slip}:")
    assert "Did you mean" in told[0] or "Take it out of one of the two" in told[0]


def test_no_case_is_there_twice() -> None:
    for some in (ALL, KINDS):
        assert len({case.name for case in some}) == len(some)


@pytest.mark.parametrize("case", cases("newcomers.txt"), ids=lambda case: case.name)
def test_the_ten_likeliest_slips_of_a_newcomer_lead_to_the_fix(case: Case, tmp_path: Path) -> None:
    """One message, at the line of the slip, with the right word or a line to copy."""
    told = problems_of(tmp_path, case.file, case.content)
    right = BUSINESS if case.file == "business.yaml" else REVENUE
    pairs = zip(right.split("\n"), case.content.split("\n"), strict=True)
    slip = next(number for number, (good, bad) in enumerate(pairs, start=1) if good != bad)

    assert len(cases("newcomers.txt")) == 10
    assert len(told) == 1
    assert told[0].startswith(f":{slip}:")
    assert "Did you mean" in told[0] or "Example:" in told[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- hub: 1\n", ":1:1: error: This file is a list; expected keys with values. Begin each line with a key."),
        ("hub\n", ":1:1: error: This file is one value; expected keys with values. Begin each line with a key."),
        ("", ": error: This file is empty. Write its keys, or delete it."),
        ("# later\n", ": error: This file is empty. Write its keys, or delete it."),
        (b"\xff\xfeh\x00", ":1:1: error: This file is not UTF-8 text. Save the file as UTF-8."),
        ("hub: 1\nsays: ça".encode("latin-1"), ":2:7: error: This file is not UTF-8 text. Save the file as UTF-8."),
        (
            b"a" * 10_000_000,
            ": error: This file has more than 100 KB. A mapping has some 50 lines: is this another file?",
        ),
        (
            "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
            ":5:15: error: With its aliases unfolded this file has more than 20000 values. Use fewer aliases.",
        ),
        (
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 3000)),
            ":19:1: error: With its aliases unfolded this file has more than 20 levels. Use fewer aliases.",
        ),
        ("a: " + "[" * 50_000, ":1:23: error: More than 20 levels, one inside the other. A mapping needs at most 5."),
        ("- " * 40_000, ":1:41: error: More than 20 levels, one inside the other. A mapping needs at most 5."),
        ("a: {" * 20_000, ":1:77: error: More than 20 levels, one inside the other. A mapping needs at most 5."),
    ],
    ids=range(12),
)
def test_a_file_that_is_no_mapping_is_told_word_for_word(content: str | bytes, says: str, tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path, "revenue.yaml", content)

    assert told.split(" Example:")[0] == says


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, key="a", business=changed(BUSINESS, "EUR", "eur"), jobs={"revenue.yaml": "job: news"})
    write(tmp_path, key="b", jobs={"one.yaml": "hub: [", "two.yaml": changed(REVENUE, "says: what came in\n", "")})

    told = lines(load(tmp_path), tmp_path)

    assert [line.split(" ")[0] for line in told] == [
        "a/business.yaml:5:11:",
        "a/revenue.yaml:1:6:",
        "b/one.yaml:1:7:",
        "b/two.yaml:1:1:",
    ]


def test_every_way_out_shows_one_working_line() -> None:
    for case in (*ALL, *KINDS):
        for line in case.says:
            assert re.search(r"Example( of a (clean|first) line| of a line| of its first line)?: .+", line), line
