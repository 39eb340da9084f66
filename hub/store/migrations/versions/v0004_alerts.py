"""What was said to whom in which mail, the slots that were opened, answers to mails, and what tasks were before."""

import sqlalchemy as sa
from alembic import op

from hub.store.columns import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.add_column("blind_windows", sa.Column("reread", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "said",
        *map(_text, ("business", "job", "key", "mail")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "key", name="pk_said"),
    )
    op.create_index("ix_said_business_mail", "said", ["business", "mail"])
    op.create_table(
        "mails",
        *map(_text, ("business", "key", "job", "reader", "kind", "day", "address", "subject", "lines")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "key", name="pk_mails"),
    )
    op.create_index("ix_mails_business_job_at", "mails", ["business", "job", "at"])
    op.create_table(
        "rounds",
        _text("business"),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", name="pk_rounds"),
    )
    op.create_table(
        "answers",
        *map(_text, ("business", "id", "job", "reader", "task", "due", "what", "value", "via")),
        sa.Column("given_at", Instant(), nullable=False),
        _text("state"),
        sa.Column("note", sa.Text()),
        sa.Column("settled_at", Instant()),
        sa.PrimaryKeyConstraint("business", "id", name="pk_answers"),
    )
    op.create_index("ix_answers_business_job_state", "answers", ["business", "job", "state"])
    op.create_table(
        "task_pasts",
        *map(_text, ("business", "job", "task")),
        sa.Column("first_due", sa.Text()),
        sa.Column("due", sa.Text()),
        sa.Column("postponed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_when_done", sa.Text()),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "task", name="pk_task_pasts"),
    )
    op.create_table(
        "refused",
        *map(_text, ("business", "address", "why")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "address", name="pk_refused"),
    )
