"""The configuration read aloud: what each job promises, in plain sentences, with the defaults that are in force. Pure.

The same text is the process page (SOP) of the business, with the day and the fingerprint of what it describes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from textwrap import TextWrapper
from typing import Any

from hub.mapping.deadline_job import DeadlineJob
from hub.mapping.model import Business
from hub.mapping.onboarding_job import OnboardingJob
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.sync_job import SyncJob
from hub.planning.explain import business as about_business
from hub.planning.explain import deadlines, onboarding, revenue, sync
from hub.planning.explain.section import Section, typeset
from hub.planning.words import Language

WIDTH = 100
"""Characters of a line on a terminal."""

_JOBS: Mapping[type[Any], Callable[[Any, Business, Language], Section]] = {
    RevenueJob: revenue.explain,
    SyncJob: sync.explain,
    DeadlineJob: deadlines.explain,
    OnboardingJob: onboarding.explain,
}


def explain(business: Business, jobs: Sequence[Any], language: Language) -> tuple[Section, ...]:
    """A section for the business, then one for each job, in the order of the jobs."""
    found = (about_business.explain(business, language), *(_JOBS[type(job)](job, business, language) for job in jobs))
    return tuple(_finished(section, language) for section in found)


def _finished(section: Section, language: Language) -> Section:
    """With the name of the job's file in the title, and the signs of the language where they belong."""
    title = f"{section.title} ({section.key}.yaml)" if section.key else section.title
    sentences = tuple(typeset(sentence, language) for sentence in section.sentences)
    return replace(section, title=title, sentences=sentences)


def as_text(sections: Sequence[Section]) -> str:
    """For a terminal."""
    item = TextWrapper(WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
    blocks = []
    for section in sections:
        lines = [section.title, "=" * len(section.title), ""]
        lines += [item.fill(sentence) for sentence in section.sentences]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def as_markdown(sections: Sequence[Section]) -> str:
    """For a page."""
    blocks = ["\n".join((f"## {s.title}", "", *(f"- {sentence}" for sentence in s.sentences))) for s in sections]
    return "\n\n".join(blocks) + "\n"


def fingerprint(sections: Sequence[Section]) -> str:
    """Twelve characters that are others when the text is."""
    return sha256(as_markdown(sections).encode()).hexdigest()[:12]
