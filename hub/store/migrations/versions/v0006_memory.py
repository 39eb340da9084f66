"""What was known of figures on which day, what subscriptions were, entries by hand, and statements."""

import sqlalchemy as sa
from alembic import op

from hub.store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "figure_history",
        *map(_text, ("business", "job", "figure", "period", "currency", "day", "value", "unit")),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        *map(_text, ("rules", "because")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "figure", "period", "currency", "day", name="pk_figure_history"),
    )
    op.create_table(
        "states",
        *map(_text, ("business", "job", "thing", "day")),
        sa.Column("body", sa.Text()),
        sa.PrimaryKeyConstraint("business", "job", "thing", "day", name="pk_states"),
    )
    op.create_table(
        "entries",
        *map(_text, ("business", "job", "name", "day", "value", "by")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "name", "day", name="pk_entries"),
    )
    op.create_table(
        "statements",
        *map(_text, ("business", "job", "number", "month", "body")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "number", name="pk_statements"),
    )
