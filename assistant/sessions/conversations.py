"""What was said in a session, and what the clinician vouched for: kept so that it resumes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from assistant.sessions import tables
from assistant.sessions.cipher import Cipher
from assistant.sessions.database import writing


class Conversations:
    """Turns and asserted facts of every session, sealed."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._read = engine
        self._write = writing(engine)
        self._cipher = cipher

    def turns(self, ctx: str) -> list[dict[str, Any]]:
        """The turns, oldest first."""
        return [
            self._cipher.open(row.sealed, row=f"turn {ctx}") for row in self._rows("turns", ctx)
        ]

    def add_turn(self, ctx: str, turn: Mapping[str, Any]) -> None:
        """Keep one turn; it is on disk when this returns."""
        with self._write.begin() as connection:
            connection.execute(
                insert(tables.turns).values(
                    ctx=ctx,
                    sealed=self._cipher.seal(dict(turn), row=f"turn {ctx}"),
                    key_id=self._cipher.key_id,
                )
            )

    def forget_turns(self, ctx: str) -> None:
        """Forget the conversation, not the session."""
        with self._write.begin() as connection:
            connection.execute(delete(tables.turns).where(tables.turns.c.ctx == ctx))

    def assertions(self, ctx: str) -> list[tuple[str, dict[str, Any]]]:
        """The asserted facts with their ids, oldest first."""
        return [
            (row.name, self._cipher.open(row.sealed, row=f"assertion {ctx} {row.name}"))
            for row in self._rows("assertions", ctx)
        ]

    def add_assertion(self, ctx: str, name: str, fact: Mapping[str, Any]) -> None:
        """Keep one asserted fact under its id."""
        with self._write.begin() as connection:
            connection.execute(
                insert(tables.assertions).values(
                    ctx=ctx,
                    name=name,
                    sealed=self._cipher.seal(dict(fact), row=f"assertion {ctx} {name}"),
                    key_id=self._cipher.key_id,
                )
            )

    def remove_assertion(self, ctx: str, name: str) -> None:
        """Forget one asserted fact."""
        table = tables.assertions
        with self._write.begin() as connection:
            connection.execute(delete(table).where(table.c.ctx == ctx, table.c.name == name))

    def add_feedback(self, rating: Mapping[str, Any]) -> None:
        """Keep one rating of an answer, apart from the session it was given in."""
        with self._write.begin() as connection:
            connection.execute(
                insert(tables.feedback).values(
                    sealed=self._cipher.seal(dict(rating), row="feedback"),
                    key_id=self._cipher.key_id,
                )
            )

    def feedback(self) -> list[dict[str, Any]]:
        """Every rating, oldest first."""
        table = tables.feedback
        with self._read.connect() as connection:
            rows = connection.execute(select(table).order_by(table.c.id)).all()
        return [self._cipher.open(row.sealed, row="feedback") for row in rows]

    def _rows(self, name: str, ctx: str) -> Any:
        table = tables.metadata.tables[name]
        with self._read.connect() as connection:
            query = select(table).where(table.c.ctx == ctx).order_by(table.c.id)
            return connection.execute(query).all()


class Conversation:
    """The turns and asserted facts of one session."""

    def __init__(self, kept: Conversations, ctx: str) -> None:
        self._kept = kept
        self._ctx = ctx

    def turns(self) -> list[dict[str, Any]]:
        """The turns, oldest first."""
        return self._kept.turns(self._ctx)

    def add_turn(self, turn: Mapping[str, Any]) -> None:
        """Keep one turn; it is on disk when this returns."""
        self._kept.add_turn(self._ctx, turn)

    def forget_turns(self) -> None:
        """Forget all of them."""
        self._kept.forget_turns(self._ctx)

    def assertions(self) -> list[tuple[str, dict[str, Any]]]:
        """The asserted facts with their ids, oldest first."""
        return self._kept.assertions(self._ctx)

    def add_assertion(self, name: str, fact: Mapping[str, Any]) -> None:
        """Keep one asserted fact under its id."""
        self._kept.add_assertion(self._ctx, name, fact)

    def remove_assertion(self, name: str) -> None:
        """Forget one asserted fact."""
        self._kept.remove_assertion(self._ctx, name)

    def add_feedback(self, rating: Mapping[str, Any]) -> None:
        """Keep one rating of an answer; it outlives the session."""
        self._kept.add_feedback(rating)
