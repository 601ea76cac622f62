"""Sessions, tokens, conversations, asserted facts, launches under way."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _of_session() -> sa.Column[str]:
    return sa.Column(
        "ctx", sa.String(64), sa.ForeignKey("sessions.ctx", ondelete="CASCADE"), nullable=False
    )


def _sealed() -> tuple[sa.Column[bytes], sa.Column[str]]:
    return (
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "sessions",
        sa.Column("ctx", sa.String(64), primary_key=True),
        sa.Column("sid_hash", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("ehr", sa.String(500)),
        *_sealed(),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("used", sa.Float, nullable=False),
        sa.Column("ends", sa.Float, nullable=False),
    )
    op.create_index("sessions_used", "sessions", ["used"])
    op.create_table(
        "tokens", _of_session(), *_sealed(), sa.Column("version", sa.Integer, nullable=False)
    )
    op.create_index("tokens_ctx", "tokens", ["ctx"], unique=True)
    op.create_table("turns", _id(), _of_session(), *_sealed())
    op.create_index("turns_ctx", "turns", ["ctx"])
    op.create_table(
        "assertions",
        _id(),
        _of_session(),
        sa.Column("name", sa.String(64), nullable=False),
        *_sealed(),
    )
    op.create_index("assertions_ctx", "assertions", ["ctx", "name"], unique=True)
    op.create_table(
        "launches",
        sa.Column("state_hash", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("launches", "assertions", "turns", "tokens", "sessions"):
        op.drop_table(table)
