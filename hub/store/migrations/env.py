"""Alembic runs this file. It works on the connection and in the transaction that `migrate.upgrade` hands it."""

from alembic import context

from hub.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
