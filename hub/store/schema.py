"""Every table of the hub. Migrations bring a database to exactly this; a test compares the two.

Each table but `workers` has a `business` column that is never null (R9): whoever reads a row names its business.
Texts that hold our own values (bodies, links, figures) are written by `hub.core.codec`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from hub.store.columns import BigId, count, instant, key, lease, text_

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text_("business"),
    text_("connection"),
    text_("event_id"),
    instant("received_at"),
    text_("url"),
    text_("headers"),
    Column("body", LargeBinary, nullable=False),
    text_("events"),
    Column("copies", BigInteger, nullable=False),
    UniqueConstraint("business", "connection", "event_id"),
    Index(None, "received_at"),
    Index(None, "business", "received_at"),
)

changes = Table(
    "changes",
    metadata,
    key("business"),
    key("connection"),
    key("stream"),
    key("key"),
    Column("seq", BigInteger, nullable=False),
    count("attempts"),
    instant("first_at"),
    instant("due_at"),
    *lease(),
    text_("error", null=True),
    # PostgreSQL knows little of a table that fills and empties all day, and would look single rows up by these: the
    # condition, which is always true, keeps them for the questions that ask it (`hub.store.changes`).
    Index(None, "business", "first_at", postgresql_where=text("attempts >= 0")),
    Index(None, "business", "connection", "due_at", postgresql_where=text("attempts >= 0")),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text_("business"),
    text_("connection"),
    text_("stream"),
    text_("key"),
    text_("reason"),
    count("attempts"),
    instant("dead_at"),
    UniqueConstraint("business", "connection", "stream", "key"),
)

mirror = Table(
    "mirror",
    metadata,
    key("business"),
    key("connection"),
    key("stream"),
    key("key"),
    text_("body"),
    text_("digest"),
    instant("at", null=True),
    Column("deleted", Boolean, nullable=False),
    instant("read_at"),
    Column("seq", BigInteger, nullable=False),
    Index(None, "business", "seq"),
)

mirror_seqs = Table(
    "mirror_seqs",
    metadata,
    key("business"),
    count("seq"),
)

ledger = Table(
    "ledger",
    metadata,
    key("business"),
    key("key"),
    text_("job"),
    text_("kind"),
    text_("summary"),
    text_("state"),
    count("attempts"),
    text_("ref", null=True),
    text_("error", null=True),
    instant("started_at"),
    instant("finished_at", null=True),
    Column("run", BigInteger),
    Index(None, "business", "state", "started_at"),
)

links = Table(
    "links",
    metadata,
    key("business"),
    key("job"),
    key("collection"),
    key("row"),
    text_("ref", null=True),
    text_("content"),
    count("version"),
    instant("updated_at"),
)

edits = Table(
    "edits",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text_("business"),
    text_("job"),
    text_("collection"),
    text_("row"),
    text_("field"),
    text_("written"),
    text_("seen"),
    text_("edited_by", null=True),
    instant("edited_at", null=True),
    instant("noted_at"),
    Index(None, "business", "id"),
)

cursors = Table(
    "cursors",
    metadata,
    key("business"),
    key("connection"),
    key("stream"),
    text_("cursor", null=True),
    instant("started_at"),
    instant("complete_at", null=True),
)

plans = Table(
    "plans",
    metadata,
    key("id"),
    text_("business"),
    text_("job"),
    text_("digest"),
    text_("body"),
    text_("state"),
    text_("reason", null=True),
    instant("made_at"),
    instant("decided_at", null=True),
    Index(None, "business", "state"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text_("business"),
    text_("kind"),
    text_("subject"),
    text_("name"),
    text_("owner"),
    text_("state"),
    text_("counts"),
    text_("error", null=True),
    instant("started_at"),
    instant("finished_at", null=True),
    Index(None, "business", "subject", "id"),
    Index(None, "state"),
)

jobs = Table(
    "jobs",
    metadata,
    key("business"),
    key("job"),
    count("dirty_seq"),
    count("planned_seq"),
    instant("dirty_at"),
    instant("due_at"),
    count("attempts"),
    *lease(),
    instant("last_ok_at", null=True),
    text_("last_error", null=True),
    instant("paused_at", null=True),
    text_("paused_reason", null=True),
    text_("hold", null=True),
    count("look"),
    text_("mapping", null=True),
    instant("wake_at", null=True),
    text_("counted", null=True),
)

connections = Table(
    "connections",
    metadata,
    key("business"),
    key("connection"),
    instant("last_ok_at", null=True),
    instant("last_delivery_at", null=True),
    count("refused"),
    instant("last_refused_at", null=True),
    text_("last_refused_why", null=True),
    instant("paused_at", null=True),
    text_("paused_reason", null=True),
    instant("caught_up_at", null=True),
)

figures = Table(
    "figures",
    metadata,
    key("business"),
    key("job"),
    key("figure"),
    key("period"),
    key("currency"),
    text_("value"),
    text_("unit"),
    Column("proof", LargeBinary, nullable=False),
    text_("proof_digest"),
    Column("estimated", Boolean, nullable=False),
    instant("counted_at"),
)

figure_shares = Table(
    "figure_shares",
    metadata,
    key("business"),
    key("job"),
    key("figure"),
    key("period"),
    key("currency"),
    Column("share", Integer, primary_key=True, autoincrement=False),
    Column("proof", LargeBinary, nullable=False),
    text_("digest"),
)

figure_pasts = Table(
    "figure_pasts",
    metadata,
    key("business"),
    key("job"),
    key("figure"),
    key("period"),
    key("currency"),
    text_("day"),
    Column("proof", LargeBinary, nullable=False),
)

figure_history = Table(
    "figure_history",
    metadata,
    key("business"),
    key("job"),
    key("figure"),
    key("period"),
    key("currency"),
    key("day"),
    text_("value"),
    text_("unit"),
    Column("estimated", Boolean, nullable=False),
    text_("rules"),
    text_("because"),
    instant("at"),
)

states = Table(
    "states",
    metadata,
    key("business"),
    key("job"),
    key("thing"),
    key("day"),
    text_("body", null=True),
)

entries = Table(
    "entries",
    metadata,
    key("business"),
    key("job"),
    key("name"),
    key("day"),
    text_("value"),
    text_("by"),
    instant("at"),
)

statements = Table(
    "statements",
    metadata,
    key("business"),
    key("job"),
    key("number"),
    text_("month"),
    text_("body"),
    instant("at"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    key("business"),
    key("connection"),
    key("ref"),
    text_("url"),
    text_("about"),
    instant("made_at"),
    instant("seen_at"),
)

blind_windows = Table(
    "blind_windows",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text_("business"),
    text_("connection"),
    text_("about"),
    text_("why"),
    instant("began_at"),
    instant("ended_at"),
    instant("reconciled_at", null=True),
    count("reread"),
    Index(None, "business", "connection"),
)

follows = Table(
    "follows",
    metadata,
    key("business"),
    key("connection"),
    text_("ids"),
    instant("since"),
)

said = Table(
    "said",
    metadata,
    key("business"),
    key("job"),
    key("key"),
    text_("mail"),
    instant("at"),
    Index(None, "business", "mail"),
)

mails = Table(
    "mails",
    metadata,
    key("business"),
    key("key"),
    text_("job"),
    text_("reader"),
    text_("kind"),
    text_("day"),
    text_("address"),
    text_("subject"),
    text_("lines"),
    instant("at"),
    Index(None, "business", "job", "at"),
)

rounds = Table(
    "rounds",
    metadata,
    key("business"),
    instant("at"),
)

answers = Table(
    "answers",
    metadata,
    key("business"),
    key("id"),
    text_("job"),
    text_("reader"),
    text_("task"),
    text_("due"),
    text_("what"),
    text_("value"),
    text_("via"),
    instant("given_at"),
    text_("state"),
    text_("note", null=True),
    instant("settled_at", null=True),
    Index(None, "business", "job", "state"),
)

task_pasts = Table(
    "task_pasts",
    metadata,
    key("business"),
    key("job"),
    key("task"),
    text_("first_due", null=True),
    text_("due", null=True),
    count("postponed"),
    text_("due_when_done", null=True),
    instant("seen_at"),
)

refused = Table(
    "refused",
    metadata,
    key("business"),
    key("address"),
    text_("why"),
    instant("at"),
)

unsubscribed = Table(
    "unsubscribed",
    metadata,
    key("business"),
    key("address"),
    instant("at"),
)

journeys = Table(
    "journeys",
    metadata,
    key("business"),
    key("job"),
    key("id"),
    text_("person"),
    text_("name"),
    text_("offer"),
    instant("opened_at"),
    text_("version"),
    text_("mapping"),
    text_("state"),
    text_("reason"),
    instant("changed_at", null=True),
    Index(None, "business", "person"),
)

marks = Table(
    "marks",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text_("business"),
    text_("job"),
    text_("journey"),
    text_("what"),
    text_("value"),
    text_("by"),
    instant("at"),
    Index(None, "business", "job", "journey"),
)

aliases = Table(
    "aliases",
    metadata,
    key("business"),
    key("address"),
    text_("person"),
    instant("confirmed_at"),
)

forgotten = Table(
    "forgotten",
    metadata,
    key("business"),
    key("digest"),
    text_("salt"),
    text_("mark"),
    instant("at"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text_("business"),
    text_("connection"),
    text_("name"),
    text_("secret"),
    instant("made_at"),
    Index(None, "business", "connection", "name"),
)

limits = Table(
    "limits",
    metadata,
    key("business"),
    key("connection"),
    key("name"),
    Column("booked", LargeBinary, nullable=False),
    Column("granted", LargeBinary, nullable=False),
    Column("held_until", Double, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    key("owner"),
    text_("kind"),
    instant("at"),
    instant("started_at"),
)
