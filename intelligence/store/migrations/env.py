"""What Alembic runs: the steps, on the connection that `store/schema.py` hands it."""

from alembic import context

from intelligence.store.schema import CONNECTION

context.configure(connection=context.config.attributes[CONNECTION], transactional_ddl=True)
context.run_migrations()
