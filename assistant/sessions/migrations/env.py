"""Alembic's way in: runs the migrations over the connection that ``open_database`` passes."""

from alembic import context

from assistant.sessions.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="sessions_version",
)
with context.begin_transaction():
    context.run_migrations()
