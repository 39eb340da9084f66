"""The first tables."""

import sqlalchemy as sa
from alembic import op

from hub.store.columns import BigId, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", Instant()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("business", "connection", "stream", "key", name="pk_changes"),
    )
    op.create_index(
        "ix_changes_business_connection_due_at",
        "changes",
        ["business", "connection", "due_at"],
        postgresql_where=sa.text("attempts >= 0"),
    )
    op.create_index(
        "ix_changes_business_first_at", "changes", ["business", "first_at"], postgresql_where=sa.text("attempts >= 0")
    )
    op.create_table(
        "connections",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("last_ok_at", Instant()),
        sa.Column("last_delivery_at", Instant()),
        sa.Column("refused", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_refused_at", Instant()),
        sa.Column("last_refused_why", sa.Text()),
        sa.Column("paused_at", Instant()),
        sa.Column("paused_reason", sa.Text()),
        sa.Column("caught_up_at", Instant()),
        sa.PrimaryKeyConstraint("business", "connection", name="pk_connections"),
    )
    op.create_table(
        "cursors",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("complete_at", Instant()),
        sa.PrimaryKeyConstraint("business", "connection", "stream", name="pk_cursors"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("dead_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
        sa.UniqueConstraint(
            "business", "connection", "stream", "key", name="uq_dead_letters_business_connection_stream_key"
        ),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("copies", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("business", "connection", "event_id", name="uq_deliveries_business_connection_event_id"),
    )
    op.create_index("ix_deliveries_business_received_at", "deliveries", ["business", "received_at"])
    op.create_index("ix_deliveries_received_at", "deliveries", ["received_at"])
    op.create_table(
        "edits",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("edited_by", sa.Text()),
        sa.Column("edited_at", Instant()),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_edits"),
    )
    op.create_index("ix_edits_business_id", "edits", ["business", "id"])
    op.create_table(
        "figures",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("proof_digest", sa.Text(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "figure", "period", "currency", name="pk_figures"),
    )
    op.create_table(
        "jobs",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("dirty_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("planned_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("dirty_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", Instant()),
        sa.Column("last_ok_at", Instant()),
        sa.Column("last_error", sa.Text()),
        sa.Column("paused_at", Instant()),
        sa.Column("paused_reason", sa.Text()),
        sa.Column("hold", sa.Text()),
        sa.Column("look", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", name="pk_jobs"),
    )
    op.create_table(
        "ledger",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.Column("run", sa.BigInteger()),
        sa.PrimaryKeyConstraint("business", "key", name="pk_ledger"),
    )
    op.create_index("ix_ledger_business_state_started_at", "ledger", ["business", "state", "started_at"])
    op.create_table(
        "limits",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("booked", sa.LargeBinary(), nullable=False),
        sa.Column("granted", sa.LargeBinary(), nullable=False),
        sa.Column("held_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("business", "connection", "name", name="pk_limits"),
    )
    op.create_table(
        "links",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business", "job", "collection", "row", name="pk_links"),
    )
    op.create_table(
        "mirror",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", Instant()),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business", "connection", "stream", "key", name="pk_mirror"),
    )
    op.create_index("ix_mirror_business_seq", "mirror", ["business", "seq"])
    op.create_table(
        "mirror_seqs",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("business", name="pk_mirror_seqs"),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
    )
    op.create_index("ix_plans_business_state", "plans", ["business", "state"])
    op.create_table(
        "runs",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("prefect_id", sa.Text()),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_business_subject_id", "runs", ["business", "subject", "id"])
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_table(
        "secrets",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_secrets"),
    )
    op.create_index("ix_secrets_business_connection_name", "secrets", ["business", "connection", "name"])
    op.create_table(
        "workers",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_workers"),
    )
