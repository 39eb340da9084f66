"""Proofs of large figures in shares that change one by one, proofs of before a change, and whose count they are."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.drop_column("runs", "prefect_id")
    op.add_column("jobs", sa.Column("counted", sa.Text()))
    # Invoices have lines: they are read again.
    op.execute("DELETE FROM cursors WHERE stream = 'invoice'")
    op.create_table(
        "figure_pasts",
        *map(_text, ("business", "job", "figure", "period", "currency", "day")),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "figure", "period", "currency", name="pk_figure_pasts"),
    )
    op.create_table(
        "figure_shares",
        *map(_text, ("business", "job", "figure", "period", "currency")),
        sa.Column("share", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "figure", "period", "currency", "share", name="pk_figure_shares"),
    )
