"""One call of a service, from the token to the cards."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from assistant.audit import Agent, AuditedAction, AuditedEvent, AuditTrail, Outcome
from assistant.audit.request import request_address
from assistant.cds_hooks.cards import CardMaker
from assistant.cds_hooks.catalogue import SERVICES, CdsService
from assistant.cds_hooks.feedback import FeedbackFile
from assistant.cds_hooks.prefetch import bundle_of, gaps
from assistant.cds_hooks.request import ORDER_SELECT, Feedback, HookRequest
from assistant.cds_hooks.tokens import Caller, TokenRefusedError, TokenVerifier
from assistant.staging.engine import stage
from assistant.staging.record import TreatmentRecord
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import drugs


class UnknownCdsServiceError(Exception):
    """There is no service of this id."""

    def __init__(self) -> None:
        super().__init__("No CDS service of this id. GET /cds-services lists them.")


class RecordUnavailableError(Exception):
    """The record came neither whole in the prefetch nor from the FHIR server (412)."""


class WrongHookError(Exception):
    """The service answers another hook than the one called."""

    def __init__(self) -> None:
        super().__init__("This service answers another hook; GET /cds-services names it.")


class RecordSource(Protocol):
    """Reads records for a call; ``bootstrap`` supplies the real one."""

    def read(self, bundle: dict[str, Any], *, patient: str) -> TreatmentRecord:
        """The facts of ``patient`` in a Bundle.

        Raises:
            RecordUnavailableError: it cannot be read.
        """

    async def fetch(self, server: "FhirAccess") -> TreatmentRecord:
        """The facts of a patient off a FHIR server.

        Raises:
            RecordUnavailableError: it cannot be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirAccess:
    """A FHIR server that may be read for one call."""

    base: str
    patient: str
    certificates: str | None
    token: str | None
    scope: str | None

    def __repr__(self) -> str:
        """Without the token."""
        return f"FhirAccess({self.base!r})"


class CdsHooks:
    """Answers the calls of the configured clients."""

    def __init__(  # noqa: PLR0913 - its parts
        self,
        *,
        verifier: TokenVerifier,
        records: RecordSource,
        audit: AuditTrail,
        feedback: FeedbackFile,
        ruleset: Callable[[], Ruleset],
        today: Callable[[], date],
        public_url: str,
    ) -> None:
        self._verifier = verifier
        self._records = records
        self._audit = audit
        self._feedback = feedback
        self._ruleset = ruleset
        self._today = today
        self._url = public_url
        self._cards = CardMaker(public_url=public_url)

    async def caller(self, authorization: str, path: str) -> Caller:
        """Who calls the endpoint ``path``; a refusal is audited.

        Raises:
            TokenRefusedError: nobody we know.
            AuditUnavailableError: the refusal cannot be recorded.
        """
        try:
            return await self._verifier.verify(authorization, audience=f"{self._url}{path}")
        except TokenRefusedError as error:
            self._audit.record(
                AuditedEvent(
                    action=AuditedAction.REFUSED,
                    agent=Agent(address=request_address.get()),
                    outcome=Outcome.REFUSED,
                    reason=f"cds_token_{error.reason}",
                )
            )
            raise

    async def cards(
        self, service: CdsService, caller: Caller, request: HookRequest
    ) -> dict[str, Any]:
        """The answer to one call.

        Raises:
            WrongHookError: the service answers another hook.
            RecordUnavailableError: the record cannot be had.
            AuditUnavailableError: the read cannot be recorded.
        """
        if request.hook != service.hook:
            raise WrongHookError
        ordered = await asyncio.to_thread(self._ordered, request)
        if service.hook == ORDER_SELECT and not ordered:
            return {"cards": []}
        record = await self._record(caller, request)
        return {"cards": await asyncio.to_thread(self._made, service, request, record, ordered)}

    def take_feedback(self, service: CdsService, feedback: Feedback) -> None:
        """Keep what became of the cards."""
        self._feedback.add(service.id, feedback)

    # The record

    async def _record(self, caller: Caller, request: HookRequest) -> TreatmentRecord:
        patient = request.context.patientId
        missing = gaps(request.prefetch, patient, caller.client.not_served)
        if not missing:
            self._audited(caller, request, "prefetch")
            bundle = bundle_of(request.prefetch or {})
            return await asyncio.to_thread(self._records.read, bundle, patient=patient)
        access = _access(caller, request)
        if access is None:
            raise RecordUnavailableError(
                f"The prefetch is not whole ({', '.join(missing)}), and no FHIR server "
                "configured for this client was given to read the rest from."
            )
        self._audited(caller, request, access.base)
        return await self._records.fetch(access)

    def _audited(self, caller: Caller, request: HookRequest, query: str) -> None:
        self._audit.record(
            AuditedEvent(
                action=AuditedAction.QUERY,
                agent=Agent(
                    user=request.context.userId,
                    authority=(caller.client.issuer, f"urn:jti:{caller.token_id}"),
                    client=caller.subject,
                    address=request_address.get(),
                ),
                patient=f"Patient/{request.context.patientId}",
                query=query,
                session=str(request.hookInstance),
            )
        )

    # The cards

    def _made(
        self,
        service: CdsService,
        request: HookRequest,
        record: TreatmentRecord,
        ordered: tuple[tuple[str, str], ...],
    ) -> list[dict[str, Any]]:
        report = stage(record, as_of=self._today(), ruleset=self._ruleset())
        if service.hook == ORDER_SELECT:
            return self._cards.of_orders(report, ordered, request.hookInstance)
        return self._cards.of_patient(report, request.hookInstance)

    def _ordered(self, request: HookRequest) -> tuple[tuple[str, str], ...]:
        """The antidepressants among the selected drafts, each with its class."""
        drafts = _selected(request)
        if not drafts:
            return ()
        patient = request.context.patientId
        person = {"resourceType": "Patient", "id": patient}
        entries = [{"resource": one} for one in (person, *drafts)]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        known = drugs()
        named = dict.fromkeys(
            exposure.drug for exposure in self._records.read(bundle, patient=patient).exposures
        )
        return tuple((drug, known[drug].drug_class) for drug in named if drug in known)


def _selected(request: HookRequest) -> list[dict[str, Any]]:
    entries = (request.context.draftOrders or {}).get("entry")
    found = []
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and _is_selected(resource, request.context.selections):
            found.append(resource)
    return found


def _is_selected(resource: Mapping[str, Any], selections: Collection[str]) -> bool:
    """Whether a draft is selected, or is the Medication that a draft may point to."""
    kind = resource.get("resourceType")
    return kind == "Medication" or f"{kind}/{resource.get('id')}" in selections


def _access(caller: Caller, request: HookRequest) -> FhirAccess | None:
    """The server to read, where it is one of those configured for this client."""
    base = (request.fhirServer or "").rstrip("/")
    if base not in caller.client.fhir_servers:
        return None
    granted = request.fhirAuthorization
    patient = request.context.patientId
    if granted is not None and granted.patient not in (None, patient):
        raise RecordUnavailableError("The token given is bound to another patient.")
    return FhirAccess(
        base=base,
        patient=patient,
        certificates=caller.client.certificates,
        token=granted.access_token.get_secret_value() if granted else None,
        scope=granted.scope if granted else None,
    )


def service_of(service_id: str) -> CdsService:
    """The service of this id.

    Raises:
        UnknownCdsServiceError: there is none.
    """
    try:
        return SERVICES[service_id]
    except KeyError:
        raise UnknownCdsServiceError from None
