"""Journeys of clients, what people said of them, who is who, and whom we were asked to forget."""

import sqlalchemy as sa
from alembic import op

from hub.store.columns import BigId, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.add_column("jobs", sa.Column("wake_at", Instant()))
    op.create_table(
        "journeys",
        *map(_text, ("business", "job", "id", "person", "name", "offer")),
        sa.Column("opened_at", Instant(), nullable=False),
        *map(_text, ("version", "mapping", "state", "reason")),
        sa.Column("changed_at", Instant()),
        sa.PrimaryKeyConstraint("business", "job", "id", name="pk_journeys"),
    )
    op.create_index("ix_journeys_business_person", "journeys", ["business", "person"])
    op.create_table(
        "marks",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        *map(_text, ("business", "job", "journey", "what", "value", "by")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
    )
    op.create_index("ix_marks_business_job_journey", "marks", ["business", "job", "journey"])
    op.create_table(
        "aliases",
        *map(_text, ("business", "address", "person")),
        sa.Column("confirmed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "address", name="pk_aliases"),
    )
    op.create_table(
        "forgotten",
        *map(_text, ("business", "digest", "salt", "mark")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "digest", name="pk_forgotten"),
    )
