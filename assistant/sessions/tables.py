"""The tables; every moment is in seconds of the epoch (UTC), every ``sealed`` column encrypted."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

sessions = Table(
    "sessions",
    metadata,
    Column("ctx", String(64), primary_key=True),
    Column("sid_hash", String(64), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("ehr", String(500)),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("started", Float, nullable=False),
    Column("used", Float, nullable=False),
    Column("ends", Float, nullable=False),
    Index("sessions_used", "used"),
)


def _of_session() -> Column[str]:
    return Column("ctx", String(64), ForeignKey("sessions.ctx", ondelete="CASCADE"), nullable=False)


tokens = Table(
    "tokens",
    metadata,
    _of_session(),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Index("tokens_ctx", "ctx", unique=True),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _of_session(),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Index("turns_ctx", "ctx"),
)

assertions = Table(
    "assertions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _of_session(),
    Column("name", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Index("assertions_ctx", "ctx", "name", unique=True),
)

launches = Table(
    "launches",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("ends", Float, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
)
"""Ratings of answers; they outlive the session they were given in, and name none."""

SEALED = (sessions, tokens, turns, assertions, feedback)
"""Tables whose rows are resealed when the key changes; a launch does not live that long."""
