"""Who calls us and since when, what was not heard, what is followed, who wants no more mails."""

import sqlalchemy as sa
from alembic import op

from hub.store.columns import BigId, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Records have other fields than before: they are read again, which the worker does before it plans anything.
    op.execute("DELETE FROM mirror")
    op.execute("DELETE FROM cursors")
    op.create_table(
        "subscriptions",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "connection", "ref", name="pk_subscriptions"),
    )
    op.create_table(
        "blind_windows",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("reconciled_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_blind_windows"),
    )
    op.create_index("ix_blind_windows_business_connection", "blind_windows", ["business", "connection"])
    op.create_table(
        "follows",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "connection", name="pk_follows"),
    )
    op.create_table(
        "unsubscribed",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "address", name="pk_unsubscribed"),
    )
