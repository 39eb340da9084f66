"""What the status says, as JSON: the same shapes for the web, the command line and whoever watches us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Word = Literal["ok", "attention", "fault"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Reason(_Model):
    """Why the word is not "ok". fault: something does not work. attention: somebody should decide something."""

    level: Literal["attention", "fault"]
    text: str


class BlindStatus(_Model):
    """A time in which a provider did not tell the hub what changed."""

    began_at: datetime
    ended_at: datetime
    why: str
    reconciled_at: datetime | None = Field(description="When what was missed had been asked for; null: not yet.")


class ConnectionStatus(_Model):
    name: str
    connector: str
    state: Literal["ok", "silent", "paused", "never"]
    last_proof_of_life: datetime | None = Field(description="The last successful read, write or signed delivery.")
    last_delivery: datetime | None
    refused: int = Field(description="Deliveries refused so far, for instance for a wrong signature.")
    refused_at: datetime | None
    refused_why: str | None
    paused_reason: str | None
    waiting: int = Field(description="Records that wait to be read again.")
    waiting_since: datetime | None = Field(description="Since when the oldest of them waits.")
    dead: int = Field(description="Dead letters: what could not be read or written, kept with the reason.")
    subscriptions: int = Field(
        default=0, description="Webhooks that the hub made at the provider and that lived when it last looked."
    )
    subscriptions_seen_at: datetime | None = Field(
        default=None, description="When the provider last said that one of them lives and reaches the hub."
    )
    last_blind: BlindStatus | None = Field(
        default=None, description="The last time in which nothing was heard; one not yet reconciled comes first."
    )


class RunStatus(_Model):
    id: int
    name: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]
    error: str | None


class HeldPlan(_Model):
    id: str
    reason: str | None


class JobStatus(_Model):
    name: str
    state: Literal["ok", "waiting", "held", "failing", "paused", "never"]
    last_ok: datetime | None
    last_run: RunStatus | None
    waiting_since: datetime | None = Field(description="Since when its figures are older than what was read.")
    held_plan: HeldPlan | None
    last_error: str | None
    paused_reason: str | None
    clients: Mapping[str, Decimal | None] | None = Field(
        default=None, description="Of a job that welcomes clients: its figures as they were counted last."
    )


class WorkerStatus(_Model):
    owner: str
    kind: str
    last_heartbeat: datetime
    started_at: datetime


class BusinessStatus(_Model):
    business: str
    title: str
    word: Word
    reasons: tuple[Reason, ...]
    last_worker_heartbeat: datetime | None
    connections: tuple[ConnectionStatus, ...]
    jobs: tuple[JobStatus, ...]
    ledger: Mapping[str, int] = Field(description="Effects outside by state: started, done, uncertain, failed.")


class HubStatus(_Model):
    at: datetime
    word: Word
    reasons: tuple[Reason, ...]
    workers: tuple[WorkerStatus, ...]
    businesses: tuple[BusinessStatus, ...]
