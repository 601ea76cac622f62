"""Who may open which record: sessions bound to a browser, their records, and their end."""

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from assistant.audit import Agent, AuditedAction, AuditedEvent, Outcome
from assistant.audit.request import request_address
from assistant.launch import oauth
from assistant.launch.discovery import discover
from assistant.launch.ehr import Ehr
from assistant.launch.faults import LaunchRefusedError
from assistant.launch.flow import Granted, LaunchFlow
from assistant.launch.ports import EhrServer
from assistant.launch.tokens import Locks, SessionTokens
from assistant.launch.write_back import EhrWriter
from assistant.logs import log
from assistant.service.contexts import OpenContext
from assistant.service.errors import (
    ServiceError,
    SignInEndedError,
    UnknownContextError,
    WriteBackDisabledError,
)
from assistant.service.service import AssistantService
from assistant.sessions import Cipher, Session, SessionStore, Tokens, new_key, open_database
from assistant.sessions.conversations import Conversation

_PAGE_KEY_BYTES = 32
DEMO, LAUNCH = "demo", "launch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launching:
    """What a site with EHRs has beside its sessions."""

    flow: LaunchFlow
    server: EhrServer


class Access:
    """Starts sessions, lets their browsers in, reads their records, ends them."""

    def __init__(
        self, service: AssistantService, store: SessionStore, launching: Launching | None = None
    ) -> None:
        self._service = service
        self._store = store
        self._launching = launching
        self._page_key = secrets.token_bytes(_PAGE_KEY_BYTES)
        self._reading = Locks()
        self._renewing = Locks()

    @property
    def flow(self) -> LaunchFlow | None:
        """The launch, where EHRs are configured."""
        return self._launching.flow if self._launching else None

    # Starting

    async def start_demo(self, patient_id: str) -> tuple[Session, str]:
        """Open a demo patient for one browser; the session and its secret."""
        session, sid = await asyncio.to_thread(
            self._store.start, origin=DEMO, details={"patient": patient_id}
        )
        try:
            await self._open(session)
        except ServiceError:
            await asyncio.to_thread(self._store.end, session.ctx)
            raise
        return session, sid

    async def start_launch(self, granted: Granted) -> tuple[Session, str]:
        """Open the record a launch granted, for the browser it came back in.

        Raises:
            ServiceError: the record cannot be read; then there is no session either.
        """
        session, sid = await asyncio.to_thread(
            self._store.start,
            origin=LAUNCH,
            ehr=granted.ehr.fhir_base,
            details=granted.details(),
            tokens=granted.tokens,
        )
        try:
            self._audit(session, AuditedAction.LAUNCH)
            await self._open(session)
        except BaseException:
            await asyncio.to_thread(self._store.end, session.ctx)
            raise
        return session, sid

    def refuse_launch(self, fault: LaunchRefusedError) -> None:
        """Keep in audit and log that a launch was refused, and why."""
        log("launch_refused", error=fault.reason)
        self._service.audit.record(
            AuditedEvent(
                action=AuditedAction.LAUNCH,
                agent=Agent(address=request_address.get()),
                outcome=Outcome.REFUSED,
                reason=fault.reason,
            )
        )

    # Letting in

    async def enter(self, ctx: str, sid: str) -> Session | None:
        """The live session that ``sid`` opens; entering is use of it."""
        session = await asyncio.to_thread(self._store.find, ctx, sid) if sid else None
        if session is not None:
            await asyncio.to_thread(self._store.note_use, session)
        return session

    def page_token(self, session: Session) -> str:
        """What the page of this session, which runs in this process, shows to the API."""
        return self._signed("page", session.ctx)

    def opener_secret(self, ctx: str) -> str:
        """For the cookie of who opened a record over the API, so that its page opens too."""
        return self._signed("opener", ctx)

    def is_opener(self, ctx: str, secret: str) -> bool:
        """Whether ``secret`` is that of who opened this record over the API."""
        context = self._service.contexts.find(ctx)
        if context is None or context.is_bound:
            return False
        return hmac.compare_digest(secret.encode(), self.opener_secret(ctx).encode())

    def _signed(self, what: str, ctx: str) -> str:
        return hmac.new(self._page_key, f"{what} {ctx}".encode(), hashlib.sha256).hexdigest()

    async def allow(self, ctx: str, token: str, *, is_use: bool = True) -> Session | None:
        """Let a call of the API through to the record of ``ctx``, which is open afterwards.

        A record that was opened over the API belongs to who holds its ``ctx``, one from a
        file to the browser it was opened in; None is returned for both. Every other needs
        the token of its session's page.

        Raises:
            UnknownContextError: there is no such session, or the token is not its own.
            ServiceError: its record was not open and cannot be read again.
        """
        context = self._service.contexts.find(ctx)
        if context is not None and not context.is_bound:
            await asyncio.to_thread(self._check_opener, context, token)
            return None
        session = await asyncio.to_thread(self._store.live, ctx)
        if session is None:
            self._service.contexts.close(ctx)
            raise UnknownContextError
        if not hmac.compare_digest(token.encode(), self.page_token(session).encode()):
            self.refuse(session, "foreign_session")
            raise UnknownContextError
        if is_use:
            await asyncio.to_thread(self._store.note_use, session)
            if context is None:
                await self._open(session)
        return session

    def _check_opener(self, context: OpenContext, token: str) -> None:
        if not context.for_one_browser:
            return
        if not hmac.compare_digest(token.encode(), self.opener_secret(context.id).encode()):
            self._service.audit.record(
                AuditedEvent(
                    action=AuditedAction.REFUSED,
                    agent=replace(context.agent, address=request_address.get()),
                    patient=context.record.treatment.patient.reference,
                    session=context.id,
                    outcome=Outcome.REFUSED,
                    reason="foreign_session",
                )
            )
            raise UnknownContextError

    def refuse(self, session: Session, reason: str) -> None:
        """Keep in audit that somebody without authority asked for this record."""
        self._audit(session, AuditedAction.REFUSED, outcome=Outcome.REFUSED, reason=reason)

    async def knock(self, ctx: str) -> None:
        """Keep in audit that the page of a live session was asked for without its cookie."""
        session = await asyncio.to_thread(self._store.live, ctx)
        if session is not None:
            await asyncio.to_thread(self.refuse, session, "foreign_session")

    def ehr_of(self, session: Session) -> Ehr | None:
        """The EHR that launched it, if it is still configured."""
        for ehr in self.flow.ehrs if self.flow else ():
            if ehr.fhir_base == session.ehr:
                return ehr
        return None

    # Records

    async def read_again(self, ctx: str, token: str) -> None:
        """Read the record anew off the EHR; what was said stays.

        Raises:
            ServiceError: it cannot be read; the record stays as it was.
        """
        session = await self.allow(ctx, token)
        if session is None:
            return
        async with self._reading.of(ctx):
            await self._read(session)

    async def _open(self, session: Session) -> None:
        async with self._reading.of(session.ctx):
            if self._service.contexts.find(session.ctx) is None:
                await self._read(session)

    async def _read(self, session: Session) -> None:
        known: dict[str, Any] = {
            "context_id": session.ctx,
            "kept_in": Conversation(self._store.conversations, session.ctx),
        }
        patient = str(session.details["patient"])
        if session.origin == DEMO:
            await asyncio.to_thread(self._service.open_demo_patient, patient, **known)
            return
        ehr = self.ehr_of(session)
        tokens = await asyncio.to_thread(self._store.tokens, session.ctx)
        if ehr is None or self._launching is None or tokens is None:
            await self.end(session, "ehr_not_configured")
            raise SignInEndedError
        await asyncio.to_thread(self._audit, session, AuditedAction.QUERY, query=ehr.fhir_base)
        try:
            record = await self._launching.server.read(
                ehr, patient, tokens=self._tokens(session, ehr), scope=tokens.scope
            )
        except ServiceError:
            if await asyncio.to_thread(self._store.live, session.ctx) is None:
                raise SignInEndedError from None
            raise
        encounter = session.details.get("encounter")
        await asyncio.to_thread(
            self._service.add_record,
            record,
            origin=LAUNCH,
            agent=self._agent(session),
            encounter=f"Encounter/{encounter}" if encounter else None,
            need_patient_banner=bool(session.details.get("need_patient_banner", True)),
            may_write_back=ehr.write_back,
            **known,
        )

    async def writer(self, ctx: str, token: str) -> EhrWriter:
        """Who writes to the EHR of this record for its clinician.

        Raises:
            UnknownContextError: there is no such session, or the token is not its own.
            WriteBackDisabledError: the site does not allow it, or there is no EHR.
        """
        session = await self.allow(ctx, token)
        ehr = self.ehr_of(session) if session else None
        if session is None or ehr is None or self._launching is None or not ehr.write_back:
            raise WriteBackDisabledError
        audit = partial(
            asyncio.to_thread, self._audit, session, AuditedAction.CREATE, query=ehr.fhir_base
        )
        return EhrWriter(
            ehr=ehr,
            tokens=self._tokens(session, ehr),
            server=self._launching.server,
            audit=audit,
            signed_in=self._agent(session).user,
        )

    def _tokens(self, session: Session, ehr: Ehr) -> SessionTokens:
        if self.flow is None:
            raise SignInEndedError
        return SessionTokens(
            session,
            ehr,
            store=self._store,
            credentials=self.flow.credentials,
            lock=self._renewing.of(session.ctx),
            end=self.end,
        )

    # Ending

    async def leave(self, session: Session) -> None:
        """Sign out: forget the session, tell the EHR that its tokens are not used any more."""
        tokens = await self._forget(session, "")
        ehr = self.ehr_of(session)
        if tokens is not None and ehr is not None and self.flow is not None:
            await _revoke(self.flow, ehr, tokens)

    async def end(self, session: Session, reason: str) -> None:
        """End a session for a reason of ours or of the EHR."""
        await self._forget(session, reason)

    async def end_expired(self) -> int:
        """Forget every session whose time is over; how many there were."""
        gone = await asyncio.to_thread(self._store.end_expired)
        for ctx in gone:
            self._service.contexts.close(ctx)
        return len(gone)

    async def _forget(self, session: Session, reason: str) -> Tokens | None:
        tokens = await asyncio.to_thread(self._store.end, session.ctx)
        self._service.contexts.close(session.ctx)
        await asyncio.to_thread(self._audit, session, AuditedAction.LOGOUT, reason=reason)
        return tokens

    # Audit

    def _agent(self, session: Session) -> Agent:
        details = session.details
        if session.origin == DEMO:
            return Agent(user="demo user", authority=("urn:trd-assistant:demo",))
        return Agent(user=str(details.get("user", "")), authority=(str(details.get("issuer", "")),))

    def _audit(self, session: Session, action: AuditedAction, **told: Any) -> None:
        self._service.audit.record(
            AuditedEvent(
                action=action,
                agent=replace(self._agent(session), address=request_address.get()),
                patient=f"Patient/{session.details['patient']}",
                session=session.ctx,
                **told,
            )
        )


async def _revoke(flow: LaunchFlow, ehr: Ehr, tokens: Tokens) -> None:
    try:
        site = await discover(ehr)
        async with oauth.oauth_client(
            ehr, site, flow.credentials, redirect_uri=flow.redirect_uri
        ) as client:
            revoked = await oauth.revoke(client, site, tokens)
    except LaunchRefusedError as fault:
        log("revocation_failed", error=fault.reason)
        return
    if not revoked and site.revocation_endpoint is not None:
        log("revocation_failed", error="refused")


def in_memory_access(service: AssistantService) -> Access:
    """Sessions that end with the process: the demo's."""
    return Access(service, SessionStore(open_database(), Cipher((new_key(),))))
