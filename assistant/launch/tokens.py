"""The bearer token of a session, renewed under a lock and kept in the database."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from assistant.launch import oauth
from assistant.launch.discovery import discover
from assistant.launch.ehr import Ehr
from assistant.launch.faults import LaunchRefusedError
from assistant.launch.oauth import Credentials, InvalidGrantError
from assistant.sessions import Session, SessionStore, Tokens

_BEFORE_EXPIRY_SECONDS = 10.0
EndSession = Callable[[Session, str], Awaitable[None]]


class SessionTokens:
    """The token source of one session's reads.

    Two requests that meet an expired token renew it once: the second finds the
    first one's tokens in the database and uses them.
    """

    def __init__(
        self,
        session: Session,
        ehr: Ehr,
        *,
        store: SessionStore,
        credentials: Credentials,
        lock: asyncio.Lock,
        end: EndSession,
    ) -> None:
        self._session = session
        self._ehr = ehr
        self._store = store
        self._credentials = credentials
        self._lock = lock
        self._end = end

    async def token(self) -> str | None:
        """The newest access token, renewed shortly before it expires."""
        tokens = await self._kept()
        if tokens is None:
            return None
        if tokens.expires is not None and tokens.expires - _BEFORE_EXPIRY_SECONDS < time.time():
            await self.renew(tokens.access)
            tokens = await self._kept()
        return tokens.access if tokens else None

    async def renew(self, used: str | None) -> bool:
        """Renew once for all requests that were refused with ``used``."""
        async with self._lock:
            tokens = await self._kept()
            if tokens is None:
                return False
            if tokens.access != used:
                return True
            if tokens.refresh is None:
                return False
            return await self._renewed(tokens)

    async def _renewed(self, tokens: Tokens) -> bool:
        try:
            site = await discover(self._ehr)
            async with oauth.oauth_client(
                self._ehr, site, self._credentials, redirect_uri=""
            ) as client:
                renewed, answer = await oauth.renew(client, site, tokens)
        except InvalidGrantError:
            await self._end(self._session, "renewal_refused")
            return False
        except LaunchRefusedError:
            return False
        patient = answer.get("patient", self._session.details["patient"])
        if patient != self._session.details["patient"]:
            await self._end(self._session, "another_patient")
            return False
        ctx = self._session.ctx
        kept = await asyncio.to_thread(self._store.replace_tokens, ctx, renewed)
        return kept or await self._kept() != tokens  # another worker was faster

    async def _kept(self) -> Tokens | None:
        return await asyncio.to_thread(self._store.tokens, self._session.ctx)


class Locks:
    """One lock a session, for as long as somebody holds or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, ctx: str) -> asyncio.Lock:
        """The lock of this session."""
        lock = self._locks.get(ctx)
        if lock is None:
            lock = self._locks[ctx] = asyncio.Lock()
        return lock
