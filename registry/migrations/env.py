"""Alembic's environment: one connection, handed in by `registry.migrate`."""

from alembic import context

from registry import tables_case  # noqa: F401  its tables join the metadata
from registry.tables_master import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
