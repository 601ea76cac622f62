"""The use cases of the product, one method each; the API and its tests call nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from assistant.answering.answer import answer
from assistant.answering.case import AsOf, Case
from assistant.answering.compose import Release
from assistant.answering.conversation import Turn
from assistant.answering.model import Model
from assistant.audit import Agent, AuditedAction, AuditedEvent, AuditTrail
from assistant.audit.request import request_address
from assistant.config import Settings
from assistant.logs import log
from assistant.service.contexts import HeldAssertion, OpenContext, OpenContexts
from assistant.service.demo_patients import DemoPatient, demo_patient, demo_patients
from assistant.service.errors import (
    UnknownEvidenceError,
    UnknownRulesetNameError,
    UnusableAssertionError,
    UploadsDisabledError,
)
from assistant.service.knowledge_access import KnowledgeAccess
from assistant.service.ports import ReadRecord, RecordReader
from assistant.staging.engine import stage
from assistant.staging.record import Assertion
from assistant.staging.report import StagingReport
from assistant.staging.ruleset import NAMES, Ruleset, load_ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about an open record."""

    text: str
    as_of: AsOf | None = None
    """None is the date of the record's first view."""
    ruleset: str | None = None
    history: Sequence[Turn] | None = None
    """Earlier turns, oldest first; None is the conversation kept with the record."""
    conversation: int | None = None
    """Which kept conversation it belongs to, from 1; None is the latest."""
    remember: bool = False
    """Whether this turn is kept with the record."""


class Evidence(NamedTuple):
    """A resource of the record, and the element of it that was asked for."""

    resource: dict[str, Any]
    value: object


class AssistantService:
    """Open a record, assess it, ask about it, add what the clinician knows."""

    def __init__(  # noqa: PLR0913 - one parameter a part
        self,
        *,
        settings: Settings,
        reader: RecordReader,
        knowledge: KnowledgeAccess,
        audit: AuditTrail,
        today: Callable[[], date],
        now: Callable[[], str],
        model: Model | None = None,
    ) -> None:
        self.settings = settings
        self.contexts = OpenContexts(
            capacity=settings.max_open_records, idle_minutes=settings.idle_minutes
        )
        self.knowledge = knowledge
        self.audit = audit
        self._reader = reader
        self._today = today
        self._now = now
        self._model = model

    # Opening

    def demo_patients(self) -> tuple[DemoPatient, ...]:
        """The demo patients on offer; none where the demo is off."""
        return demo_patients() if self.settings.demo else ()

    def open_demo_patient(self, patient_id: str, **known: Any) -> OpenContext:
        """Open a demo patient's record; ``known`` is what a session adds to it.

        Raises:
            UploadsDisabledError: the demo is off.
            UnknownDemoPatientError: there is none of this id.
            AuditUnavailableError: the opening cannot be recorded.
        """
        if not self.settings.demo:
            raise UploadsDisabledError
        patient = demo_patient(patient_id)
        return self._open(
            patient.bundle(),
            origin="demo",
            title=patient.title,
            story=patient.story,
            as_of=patient.as_of,
            **known,
        )

    def open_record(
        self, bundle: bytes, *, patient: str | None = None, for_one_browser: bool = False
    ) -> OpenContext:
        """Open an uploaded Bundle, for whom its address is told or for one browser alone.

        Raises:
            UploadsDisabledError: this service takes none.
            UnreadableRecordError: it is not FHIR.
            AmbiguousPatientError: several patients, or not the one asked for.
            AuditUnavailableError: the opening cannot be recorded.
        """
        if not self.settings.uploads:
            raise UploadsDisabledError
        return self._open(bundle, origin="upload", patient=patient, for_one_browser=for_one_browser)

    def _open(
        self, bundle: bytes, *, origin: str, patient: str | None = None, **known: Any
    ) -> OpenContext:
        record = self._reader.read(bundle, patient=patient)
        agent = Agent(user=f"{origin} user", authority=(f"urn:trd-assistant:{origin}",))
        self.audit.record(
            AuditedEvent(
                action=AuditedAction.QUERY,
                agent=replace(agent, address=request_address.get()),
                patient=record.treatment.patient.reference,
                query=origin,
            )
        )
        return self.add_record(record, origin=origin, agent=agent, **known)

    def add_record(
        self, record: ReadRecord, *, origin: str, agent: Agent, **known: Any
    ) -> OpenContext:
        """Take in a record whose reading was audited, for the one who asked for it."""
        context = self.contexts.add(record, origin=origin, agent=agent, **known)
        log(
            "record_opened",
            resources=len(record.resources),
            issues=len(record.treatment.issues),
            open_records=len(self.contexts),
        )
        return context

    def _read(
        self, context_id: str, what: str = "", action: AuditedAction = AuditedAction.READ
    ) -> OpenContext:
        """The open record, once it is recorded that something of it is read.

        Raises:
            UnknownContextError: none is open under this id.
            AuditUnavailableError: it cannot be recorded, so nothing is read.
        """
        context = self.contexts.get(context_id)
        self.audit.record(
            AuditedEvent(
                action=action,
                agent=replace(context.agent, address=request_address.get()),
                patient=context.record.treatment.patient.reference,
                what=what,
                session=context_id,
            )
        )
        return context

    def record(self, context_id: str) -> OpenContext:
        """The open record with what was said about it."""
        return self._read(context_id)

    # Assessing

    def as_of(self, context: OpenContext, as_of: date | None) -> date:
        """The date a view of this record is made for."""
        return as_of or context.as_of or self._today()

    def ruleset(self, name: str | None) -> Ruleset:
        """A shipped ruleset by name, or the service's own (which may be a site's file).

        Raises:
            UnknownRulesetNameError: there is none.
        """
        if name is None or name == self.settings.ruleset:
            return load_ruleset(self.settings.ruleset)
        if name not in NAMES:
            raise UnknownRulesetNameError(NAMES)
        return load_ruleset(name)

    def assess(
        self,
        context_id: str,
        *,
        as_of: date | None = None,
        ruleset: str | None = None,
        supposed: Sequence[Assertion] = (),
    ) -> StagingReport:
        """The staging report of an open record.

        ``supposed`` are facts for this one report only (what-if); asserted facts
        always count.
        """
        return self._assess(self._read(context_id), as_of, ruleset, supposed)

    def _assess(
        self,
        context: OpenContext,
        as_of: date | None,
        ruleset: str | None,
        supposed: Sequence[Assertion],
    ) -> StagingReport:
        day = self.as_of(context, as_of)
        rules = self.ruleset(ruleset)
        held = tuple(held.assertion for held in context.assertions)

        def compute() -> StagingReport:
            try:
                return stage(
                    context.record.treatment,
                    as_of=day,
                    ruleset=rules,
                    assertions=(*held, *supposed),
                )
            except (ValueError, TypeError) as error:
                if not held and not supposed:
                    raise
                raise UnusableAssertionError(str(error)) from None

        if supposed:
            return compute()
        key = (day, rules.name, tuple(h.id for h in context.assertions))
        return context.report(key, compute)

    def report_bundle(
        self,
        context_id: str,
        *,
        as_of: date | None = None,
        ruleset: str | None = None,
        **how: Any,
    ) -> dict[str, Any]:
        """The report as a FHIR Bundle, to keep or (``transaction``) to write to the EHR."""
        report = self.assess(context_id, as_of=as_of, ruleset=ruleset)
        return self._reader.report_bundle(report, **how)

    # Asking

    def ask(
        self, context_id: str, question: Question, release: Release | None = None
    ) -> dict[str, Any]:
        """The answer to one question, ``answer/1`` of contract.md.

        ``release`` is given each piece of its text once that piece has passed the check.
        """
        context = self._read(context_id, action=AuditedAction.ANSWER)
        history = question.history
        if history is None:
            history = context.history(question.conversation)
        moment = question.as_of or AsOf.of(self.as_of(context, None))
        answered = answer(
            question.text,
            case=self._case(context, question.ruleset),
            knowledge=self.knowledge.opened_or_none(),
            history=history,
            as_of=moment,
            model=self._model,
            release=release,
        ).to_json()
        if question.remember:
            context.remember_turn(question.text, answered, question.conversation)
        log(
            "question_answered",
            answer_status=answered["status"],
            citations=len(answered["citations"]),
            ms=answered["ms"],
        )
        return answered

    def _case(self, context: OpenContext, ruleset: str | None) -> Case:
        rules = self.ruleset(ruleset)

        def build() -> Case:
            return Case(
                treatment=context.record.treatment,
                chart=self._reader.chart(context.record),
                assess=lambda treatment, day, facts: stage(
                    treatment, as_of=day, ruleset=rules, assertions=facts
                ),
                assertions=tuple(held.assertion for held in context.assertions),
            )

        return context.case((rules.name, tuple(held.id for held in context.assertions)), build)

    def rate_answer(self, context_id: str, place: int, rating: Mapping[str, Any]) -> None:
        """Keep what the clinician says of a kept turn, for those who evaluate this assistant.

        Raises:
            NoFeedbackError: the record was not opened on the page.
            UnknownTurnError: there is no turn at ``place``, 0 being the oldest kept.
        """
        context = self._read(context_id)
        context.rate_turn(place, {**rating, "at": self._now()})
        log("answer_rated")

    # What the clinician knows

    def assert_fact(self, context_id: str, item: Mapping[str, Any]) -> HeldAssertion:
        """Keep a fact the clinician vouches for; later reports count it as asserted.

        Raises:
            UnusableAssertionError: it cannot be read, or no report can be made with it.
        """
        context = self._read(context_id)
        try:
            assertion = Assertion.from_json({**item, "at": item.get("at") or self._now()})
        except ValueError as error:
            raise UnusableAssertionError(str(error)) from None
        self._assess(context, None, None, (assertion,))
        return context.add_assertion(assertion)

    def assertions(self, context_id: str) -> tuple[HeldAssertion, ...]:
        """What the clinician vouched for, oldest first."""
        return self._read(context_id).assertions

    def withdraw_assertion(self, context_id: str, assertion_id: str) -> None:
        """Drop an asserted fact.

        Raises:
            UnknownAssertionError: there is none under this id.
        """
        self.contexts.get(context_id).remove_assertion(assertion_id)

    # Evidence

    def evidence(self, context_id: str, reference: str, path: str = "") -> Evidence:
        """The resource ``Type/id`` of the record, and one element of it by its path.

        Raises:
            UnknownEvidenceError: the record or the resource has none.
        """
        found = self._read(context_id, reference).record.resources.get(reference)
        if found is None:
            raise UnknownEvidenceError
        return Evidence(found, self._reader.element(found, path) if path else found)
