"""The first own words of a reply: what its writer wrote, without what she answers to and without her signature. Pure.

Mail programs mark both in their own ways. What stands behind the first such mark is not read: it is better to
understand too little than to take our own words for hers.
"""

from __future__ import annotations

import re

MOST = 4000
"""Characters of a reply that are looked at."""

_WROTE = re.compile(
    r"^\W*(on|le|am|el|il|op|em)\b.{3,200}?\b(wrote|a\s+écrit|a\s+ecrit|schrieb|escribió|ha\s+scritto|schreef)\b.{0,100}?:\s*$",
    re.IGNORECASE,
)
_WROTE_SHORT = re.compile(r"^.{0,200}\b(wrote|a\s+écrit|a\s+ecrit)\s*:\s*$", re.IGNORECASE)
_OPENS = re.compile(r"^\W*(on|le)\b.*\d", re.IGNORECASE)
"""How a line begins that goes on with "wrote:" on the next one or two."""

_MARKS = re.compile(
    r"""^\s*(
      >                                                        # a quoted line
    | --\s*$ | —\s*$                                           # a signature (RFC 3676 4.3), with and without its space
    | _{5,}\s*$ | -{5,}\s*$ | ={5,}\s*$ | \*{5,}\s*$           # Outlook, and whoever draws lines
    | -{2,}\s*(original\ message|message\ d['’]origine|message\ original|forwarded\ message|message\ transféré
        |reply\ (above|message)).*
    | (begin\ forwarded\ message|début\ du\ message\ (transféré|réexpédié))\s*:.*
    | (from|de|von|expéditeur)\s*:\s.*(@|<|\[).*               # the headers of what is answered
    | (from|de|expéditeur)\s*:\s*\S.*
    | (sent|envoyé|gesendet|date)\s*:\s.*
    | (sent|envoyé|envoyée)\s+(from|with|via|de|depuis|avec|à\ partir\ de|par)\s.*
    | (get|télécharger|obtenir|obtenez|téléchargez)\s+(outlook|bluemail|l['’]application)\b.*
    | provenance\s*:\s.*
    | (yahoo\ mail|gmail\ mobile|mobile\ mail).*
    | (this\ message\ was\ sent\ automatically|ce\ message\ a\ été\ envoyé\ automatiquement)\b.*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)


def own_words(text: str) -> str:
    """What its writer wrote first, up to the first mark; "" when there is nothing before it.

    Where nothing stands above what is answered, but something below a quote, behind an empty line, that is read.
    """
    lines = text[:MOST].replace("\u00a0", " ").replace("\u202f", " ").replace("\r\n", "\n").split("\n")
    end = _first_mark(lines)
    said = "\n".join(lines[:end]).strip()
    return said or _below(lines)


def _first_mark(lines: list[str]) -> int:
    for place, line in enumerate(lines):
        if _MARKS.match(line) or _WROTE.match(line) or _WROTE_SHORT.match(line):
            return place
        if _OPENS.match(line) and any(_WROTE.match(" ".join(lines[place : place + n])) for n in (2, 3)):
            return place
    return len(lines)


def _below(lines: list[str]) -> str:
    """What stands below the last quoted line. A quoted line that was broken in two would follow it at once."""
    quoted = [place for place, line in enumerate(lines) if line.lstrip().startswith(">")]
    rest = lines[quoted[-1] + 1 :] if quoted else []
    if not rest or rest[0].strip():
        return ""
    return "\n".join(rest[: _first_mark(rest)]).strip()
