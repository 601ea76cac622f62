"""One launch: sent to the authorization server, and taken back from it."""

import asyncio
import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.launch import oauth
from assistant.launch.discovery import Site, discover, signing_keys
from assistant.launch.ehr import Ehr
from assistant.launch.faults import AGAIN, LaunchRefusedError, ehr_failed
from assistant.launch.id_token import Expected, verified
from assistant.launch.oauth import Credentials
from assistant.launch.scopes import asked_scopes
from assistant.sessions import PendingLaunch, SessionStore, Tokens
from assistant.sessions.store import hashed

_RANDOM_BYTES = 32
_VERIFIER_BYTES = 64
_MOST_CHARACTERS = 4096
_FHIR_ID = re.compile(r"[A-Za-z0-9\-._]{1,64}")
_NOT_CLINICIANS = re.compile(r"(.*/)?(Patient|RelatedPerson)/[^/]+")
_VIEW = re.compile(r"[a-z]{1,20}")
_FIRST_VIEW = "overview"
CALLBACK = "/auth/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A launch on its way to the authorization server."""

    url: str
    """Where the browser goes."""
    state: str
    secret: str = field(repr=False)
    """For the cookie that binds the launch to this browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A launch that came back: what may be read, for whom."""

    ehr: Ehr
    site: Site
    tokens: Tokens
    patient: str
    """Logical id."""
    user: str
    """``fhirUser``, else the subject at its issuer."""
    encounter: str | None
    need_patient_banner: bool
    view: str
    """View of the page that the launching card named; empty is the first one."""

    def details(self) -> dict[str, Any]:
        """What the session keeps of it."""
        return {
            "patient": self.patient,
            "user": self.user,
            "issuer": self.site.issuer,
            "encounter": self.encounter,
            "need_patient_banner": self.need_patient_banner,
        }


class LaunchFlow:
    """Begins launches from the configured EHRs and takes them back."""

    def __init__(
        self,
        *,
        ehrs: Sequence[Ehr],
        public_url: str,
        credentials: Credentials,
        store: SessionStore,
        types: Sequence[str],
    ) -> None:
        self.ehrs = tuple(ehrs)
        self.credentials = credentials
        self.redirect_uri = public_url.rstrip("/") + CALLBACK
        self._store = store
        self._types = tuple(types)

    def ehr(self, fhir_base: str | None) -> Ehr:
        """The configured EHR of this FHIR base, compared character by character.

        Raises:
            LaunchRefusedError: none is configured; it is never asked who it is.
        """
        for ehr in self.ehrs:
            if ehr.fhir_base == fhir_base:
                return ehr
        raise LaunchRefusedError(
            "unknown_ehr",
            "This assistant is not registered at the system that launched it. "
            "The operator configures the EHRs that may launch it.",
        )

    def standalone_ehr(self, number: int) -> Ehr:
        """The configured EHR of this number, where it offers a sign-in of its own.

        Raises:
            LaunchRefusedError: there is none, or it does not.
        """
        if 0 <= number < len(self.ehrs) and self.ehrs[number].standalone:
            return self.ehrs[number]
        raise LaunchRefusedError(
            "not_standalone", "Open the patient in the electronic health record."
        )

    async def begin(self, ehr: Ehr, launch: str | None) -> Begun:
        """Send a launch to the EHR's authorization server; ``launch`` None is standalone.

        Raises:
            LaunchRefusedError: the EHR cannot be asked, or not safely.
        """
        if launch is not None and not 0 < len(launch) <= _MOST_CHARACTERS:
            raise LaunchRefusedError("no_launch", f"The launch names no context. {AGAIN}")
        site = await discover(ehr)
        state, nonce, secret = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
        verifier = secrets.token_urlsafe(_VERIFIER_BYTES)
        scope = asked_scopes(ehr, self._types, standalone=launch is None)
        context = {} if launch is None else {"launch": launch}
        async with oauth.oauth_client(
            ehr, site, self.credentials, redirect_uri=self.redirect_uri, scope=scope
        ) as client:
            url, _ = client.create_authorization_url(
                site.authorization_endpoint,
                state=state,
                code_verifier=verifier,
                aud=ehr.fhir_base,
                nonce=nonce,
                **context,
            )
        pending = PendingLaunch(
            ehr=ehr.fhir_base,
            binding=hashed(secret),
            verifier=verifier,
            nonce=nonce,
            scope=scope,
        )
        await asyncio.to_thread(self._store.begin_launch, state, pending)
        return Begun(url=url, state=state, secret=secret)

    async def complete(self, answer: Mapping[str, str], secret: str | None) -> Granted:
        """Take a launch back; ``secret`` is that of the browser's cookie.

        Raises:
            LaunchRefusedError: anything does not fit.
        """
        pending = await self._taken(answer.get("state", ""), secret)
        ehr = self.ehr(pending.ehr)
        if "error" in answer:
            raise LaunchRefusedError(
                "ehr_refused", f"The EHR did not grant access to this record. {AGAIN}"
            )
        code = answer.get("code", "")
        if not 0 < len(code) <= _MOST_CHARACTERS:
            raise LaunchRefusedError("no_code", f"The sign-in came back incomplete. {AGAIN}")
        site = await discover(ehr)
        if answer.get("iss", site.issuer) != site.issuer:
            raise LaunchRefusedError("mixed_up", f"The answer is of another server. {AGAIN}")
        async with oauth.oauth_client(
            ehr, site, self.credentials, redirect_uri=self.redirect_uri
        ) as client:
            told = await oauth.exchange(client, site, code, pending.verifier)
        return await self._granted(ehr, site, told, pending)

    async def _taken(self, state: str, secret: str | None) -> PendingLaunch:
        pending = None
        if 0 < len(state) <= _MOST_CHARACTERS:
            pending = await asyncio.to_thread(self._store.take_launch, state)
        if pending is None:
            raise LaunchRefusedError(
                "unknown_state", f"This sign-in was used before or took too long. {AGAIN}"
            )
        if secret is None or not hmac.compare_digest(hashed(secret), pending.binding):
            raise LaunchRefusedError(
                "foreign_browser", f"This sign-in was begun in another browser. {AGAIN}"
            )
        return pending

    async def _granted(
        self, ehr: Ehr, site: Site, told: Mapping[str, Any], pending: PendingLaunch
    ) -> Granted:
        tokens = oauth.granted(told, asked=pending.scope)
        expected = Expected(issuer=site.issuer, audience=ehr.client_id, nonce=pending.nonce)
        signed_in = verified(told.get("id_token"), await signing_keys(ehr, site), expected)
        if _NOT_CLINICIANS.fullmatch(signed_in.user):
            raise LaunchRefusedError(
                "not_a_clinician", "The assistant is for health professionals, not for patients."
            )
        patient = told.get("patient")
        if not isinstance(patient, str) or not _FHIR_ID.fullmatch(patient):
            raise ehr_failed("no_patient", "The EHR did not say which patient is open.")
        encounter = told.get("encounter")
        return Granted(
            ehr=ehr,
            site=site,
            tokens=tokens,
            patient=patient,
            user=signed_in.user,
            encounter=encounter
            if isinstance(encounter, str) and _FHIR_ID.fullmatch(encounter)
            else None,
            need_patient_banner=told.get("need_patient_banner") is not False,
            view=_view(told.get("appContext")),
        )


def _view(app_context: object) -> str:
    """What our CDS Hooks cards put into the link, as the EHR hands it back."""
    try:
        told = json.loads(app_context) if isinstance(app_context, str) else app_context
    except (ValueError, RecursionError):
        return ""
    view = told.get("view") if isinstance(told, dict) else None
    if not isinstance(view, str) or not _VIEW.fullmatch(view) or view == _FIRST_VIEW:
        return ""
    return view
