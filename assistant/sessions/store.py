"""Sessions with their tokens, and launches under way."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from assistant.sessions import tables
from assistant.sessions.cipher import Cipher
from assistant.sessions.conversations import Conversations
from assistant.sessions.database import writing
from assistant.sessions.model import Lifetimes, PendingLaunch, Session, Tokens

_SECRET_BYTES = 32
_CTX_BYTES = 18
_USES_NOTED_PER_IDLE_TIME = 60


class SessionStore:
    """Starts, finds and ends sessions; every method is one transaction."""

    def __init__(
        self,
        engine: Engine,
        cipher: Cipher,
        *,
        lifetimes: Lifetimes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._read = engine
        self._write = writing(engine)
        self._cipher = cipher
        self._clock = clock
        self.lifetimes = lifetimes or Lifetimes()
        self.conversations = Conversations(engine, cipher)

    # Sessions

    def start(
        self,
        *,
        origin: str,
        details: Mapping[str, Any],
        ehr: str | None = None,
        tokens: Tokens | None = None,
    ) -> tuple[Session, str]:
        """A new session, and the secret (``sid``) for the cookie of its browser."""
        ctx, sid = secrets.token_urlsafe(_CTX_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
        now = self._clock()
        row = {
            "ctx": ctx,
            "sid_hash": hashed(sid),
            "origin": origin,
            "ehr": ehr,
            "sealed": self._cipher.seal(dict(details), row=f"session {ctx}"),
            "key_id": self._cipher.key_id,
            "started": now,
            "used": now,
            "ends": now + self.lifetimes.absolute,
        }
        with self._write.begin() as connection:
            connection.execute(insert(tables.sessions).values(row))
            if tokens is not None:
                connection.execute(insert(tables.tokens).values(self._token_row(ctx, tokens)))
        return self._session_of(row), sid

    def find(self, ctx: str, sid: str) -> Session | None:
        """The live session of this address, where ``sid`` is its secret."""
        row = self._live_row(ctx)
        if row is None or not hmac.compare_digest(str(row["sid_hash"]), hashed(sid)):
            return None
        return self._session_of(row)

    def live(self, ctx: str) -> Session | None:
        """The live session of this address, asked from inside: no secret is compared."""
        row = self._live_row(ctx)
        return None if row is None else self._session_of(row)

    def note_use(self, session: Session) -> None:
        """Put the idle end off; writes at most once in a small part of the idle time."""
        now = self._clock()
        if now - session.used < self.lifetimes.idle / _USES_NOTED_PER_IDLE_TIME:
            return
        with self._write.begin() as connection:
            connection.execute(
                update(tables.sessions).where(tables.sessions.c.ctx == session.ctx).values(used=now)
            )

    def end(self, ctx: str) -> Tokens | None:
        """Forget a session and all that hangs on it; its tokens, so that they can be revoked."""
        with self._write.begin() as connection:
            row = connection.execute(_of(tables.tokens, ctx)).mappings().first()
            connection.execute(delete(tables.sessions).where(tables.sessions.c.ctx == ctx))
        return None if row is None else self._tokens_of(row)

    def end_expired(self) -> tuple[str, ...]:
        """Forget every session and launch whose time is over; the ``ctx`` of these sessions."""
        now = self._clock()
        table = tables.sessions
        over = (table.c.ends <= now) | (table.c.used <= now - self.lifetimes.idle)
        with self._write.begin() as connection:
            connection.execute(delete(tables.launches).where(tables.launches.c.ends <= now))
            gone = connection.execute(delete(table).where(over).returning(table.c.ctx))
            return tuple(str(ctx) for (ctx,) in gone)

    def _live_row(self, ctx: str) -> Mapping[str, Any] | None:
        with self._read.connect() as connection:
            row = connection.execute(_of(tables.sessions, ctx)).mappings().first()
        now = self._clock()
        if row is None or row["ends"] <= now or row["used"] <= now - self.lifetimes.idle:
            return None
        return dict(row)

    def _session_of(self, row: Mapping[str, Any]) -> Session:
        return Session(
            ctx=row["ctx"],
            origin=row["origin"],
            ehr=row["ehr"],
            details=self._cipher.open(row["sealed"], row=f"session {row['ctx']}"),
            started=row["started"],
            used=row["used"],
            ends=row["ends"],
        )

    # Tokens

    def tokens(self, ctx: str) -> Tokens | None:
        """The newest tokens of a session."""
        with self._read.connect() as connection:
            row = connection.execute(_of(tables.tokens, ctx)).mappings().first()
        return None if row is None else self._tokens_of(row)

    def replace_tokens(self, ctx: str, tokens: Tokens) -> bool:
        """Keep renewed tokens; False where others were kept since ``tokens.version``."""
        row = self._token_row(ctx, tokens) | {"version": tokens.version + 1}
        with self._write.begin() as connection:
            changed = connection.execute(
                update(tables.tokens)
                .where(tables.tokens.c.ctx == ctx, tables.tokens.c.version == tokens.version)
                .values(row)
            )
            return changed.rowcount == 1

    def _token_row(self, ctx: str, tokens: Tokens) -> dict[str, Any]:
        value = {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "expires": tokens.expires,
            "scope": tokens.scope,
        }
        return {
            "ctx": ctx,
            "sealed": self._cipher.seal(value, row=f"tokens {ctx}"),
            "key_id": self._cipher.key_id,
            "version": tokens.version,
        }

    def _tokens_of(self, row: Any) -> Tokens:
        value = self._cipher.open(row["sealed"], row=f"tokens {row['ctx']}")
        return Tokens(**value, version=row["version"])

    # Launches under way

    def begin_launch(self, state: str, launch: PendingLaunch) -> None:
        """Remember a launch under its ``state``, of which only a hash is kept."""
        value = {
            "ehr": launch.ehr,
            "binding": launch.binding,
            "verifier": launch.verifier,
            "nonce": launch.nonce,
            "scope": launch.scope,
        }
        key = hashed(state)
        with self._write.begin() as connection:
            connection.execute(
                insert(tables.launches).values(
                    state_hash=key,
                    sealed=self._cipher.seal(value, row=f"launch {key}"),
                    ends=self._clock() + self.lifetimes.launch,
                )
            )

    def take_launch(self, state: str) -> PendingLaunch | None:
        """The launch of this ``state``, once: it is forgotten as it is taken."""
        key = hashed(state)
        table = tables.launches
        with self._write.begin() as connection:
            row = connection.execute(
                delete(table)
                .where(table.c.state_hash == key)
                .returning(table.c.sealed, table.c.ends)
            ).first()
        if row is None or row.ends <= self._clock():
            return None
        return PendingLaunch(**self._cipher.open(row.sealed, row=f"launch {key}"))

    # Keys

    def reseal(self) -> int:
        """Seal every row anew that another key than the first sealed; how many there were."""
        changed = 0
        for table in tables.SEALED:
            place = next(iter(table.primary_key), None)
            place = table.c.ctx if place is None else place
            with self._write.begin() as connection:
                old = connection.execute(
                    select(place, table.c.sealed).where(table.c.key_id != self._cipher.key_id)
                ).all()
                for key, sealed in old:
                    connection.execute(
                        update(table)
                        .where(place == key)
                        .values(sealed=self._cipher.reseal(sealed), key_id=self._cipher.key_id)
                    )
                changed += len(old)
        return changed


def hashed(secret: str) -> str:
    """What is kept of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _of(table: Any, ctx: str) -> Any:
    return select(table).where(table.c.ctx == ctx)
