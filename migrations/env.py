"""How migrations run: on the application's own engine, on SQLite by copying tables, the word index left alone."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from marketplace.database import UTCDateTime, Word, db

WORD_INDEX = "listing_words"


def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compared_to: Any) -> bool:
    """Autogenerate sees every table but those of the word index, which a migration makes by hand."""
    return not (kind in ("table", "index") and name is not None and WORD_INDEX in name)


def render(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Columns of our own types as what the database sees."""
    if kind == "type" and isinstance(item, Word):
        return "sa.String(length=40)"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare(_context: Any, _column: Any, _metadata_column: Any, inspected: Any, ours: Any) -> bool | None:
    """Our wrapped types are what the database holds."""
    return False if isinstance(ours, Word | UTCDateTime) else None


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.Model.metadata,
            include_object=is_ours,
            render_item=render,
            compare_type=compare,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
