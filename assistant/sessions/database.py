"""The database of sessions: SQLite by default, PostgreSQL by URL, migrated when it is opened."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

MEMORY = "sqlite://"
"""A database that ends with the process: the demo's."""
_WRITES = "writes"
_BUSY_SECONDS = 10
_MIGRATION_LOCK = 7_214_511


class DatabaseError(Exception):
    """The database cannot be used; the message names no password."""


def open_database(url: str = MEMORY) -> Engine:
    """The database at ``url``, its tables made or migrated.

    Raises:
        DatabaseError: the URL is none, or the database does not answer.
    """
    engine = _engine(url)
    try:
        with writing(engine).begin() as connection:
            if engine.dialect.name == "postgresql":  # several workers may start at once
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            _migrate(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        raise _unusable(url, error) from None
    return engine


def _unusable(url: str, error: Exception) -> DatabaseError:
    return DatabaseError(
        f"the database {shown(url)} cannot be used ({type(error).__name__}): "
        "check that it exists, that it answers and that this user may create tables"
    )


def shown(url: str) -> str:
    """The URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def writing(engine: Engine) -> Engine:
    """The same engine; its transactions take the write lock at once."""
    return engine.execution_options(**{_WRITES: True})


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend == "sqlite":
            return _sqlite(url, in_memory=parsed.database in (None, "", ":memory:"))
        if backend == "postgresql":
            return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError):
        backend = "unknown"
    except ImportError:
        raise DatabaseError(
            "PostgreSQL needs its driver: install trd-assistant[postgresql]"
        ) from None
    raise DatabaseError(
        f"a database of the kind {backend!r} is not supported: expected "
        "sqlite:///folder/sessions.db or postgresql://user@host/name"
    )


def _sqlite(url: str, *, in_memory: bool) -> Engine:
    options: dict[str, Any] = {"connect_args": {"timeout": _BUSY_SECONDS}}
    if in_memory:
        # one connection, lent to one thread at a time: it is the database
        options |= {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
        options["connect_args"]["check_same_thread"] = False
    else:
        try:
            Path(str(make_url(url).database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(url, error) from None
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, see _sqlite_begin
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged row survives a loss of power
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("assistant.sessions") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
