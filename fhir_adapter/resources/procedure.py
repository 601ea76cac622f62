"""Procedure to TreatmentSession: ECT, magnetic stimulation, psychotherapy and the like."""

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

from assistant.staging.dates import PartialDate
from assistant.staging.record import TreatmentSession
from assistant.staging.verdicts import Verdict
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import Concept, concept_of, words
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.table_files import rows

_DONE = {
    "completed": Verdict.MET,
    "in-progress": Verdict.MET,
    "stopped": Verdict.UNKNOWN,
    "aborted": Verdict.UNKNOWN,
    "on-hold": Verdict.UNKNOWN,
    "suspended": Verdict.UNKNOWN,
    "preparation": Verdict.NOT_MET,
    "not-done": Verdict.NOT_MET,
    "unknown": Verdict.UNKNOWN,
}
_COUNT = re.compile(r"\b(\d{1,2})\s+(?:sessions|treatments)\b")
_SIDES = (("bilateral", "bilateral"), ("bitemporal", "bilateral"), ("bifrontal", "bilateral"),
          ("unilateral", "unilateral"))  # fmt: skip


class _Kind(NamedTuple):
    modality: str
    laterality: str


@cache
def _by_code() -> dict[tuple[str, str], _Kind]:
    return {
        (row["system"], row["code"].replace(".", "")): _Kind(row["modality"], row["laterality"])
        for row in rows("procedures")
    }


@cache
def _by_name() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(rf"\b{re.escape(row['phrase'])}\b"), row["modality"])
        for row in rows("procedure_names")
    )


def read(procedure: Node, chart: Chart, facts: Facts) -> None:
    """Add the session, if the procedure is one that staging reads."""
    found = _kind(concept_of(procedure["code"]))
    if found is None:
        return
    kind, named = found
    if named is not None:
        procedure["code"].at(named).warning(
            "the procedure is known by its name only, not by a code"
        )
    status = procedure.text_at("status") or ""
    if status == "entered-in-error":
        procedure["status"].warning("entered in error: the session is not read")
        return
    done = _DONE.get(status, Verdict.UNKNOWN)
    if procedure["notDone"].flag() or procedure["notPerformed"].flag():
        done = Verdict.NOT_MET
    start, end, evidence = _when(procedure, chart)
    sessions = _sessions(procedure)
    facts.sessions.append(
        TreatmentSession(
            modality=kind.modality,
            date=start,
            end=end,
            laterality=kind.laterality or _side(procedure),
            sessions=sessions,
            done=done,
            evidence=(
                procedure["code"].evidence("modality"),
                *((evidence.evidence("date"),) if evidence else ()),
                *((procedure["status"].evidence("status"),) if procedure["status"] else ()),
            ),
        )
    )


def is_read(code: Concept) -> bool:
    """Whether a code or name means a procedure that is read."""
    return _kind(code) is not None


@lru_cache(maxsize=4096)
def _kind(code: Concept) -> tuple[_Kind, str | None] | None:
    """The kind of a procedure, and where its name stands if only that tells it."""
    for found in code.codes:
        kind = _by_code().get((found.system, found.code.replace(".", "")))
        if kind is not None:
            return kind, None
    for text, path in code.words():
        lowered = text.lower()
        for pattern, modality in _by_name():
            if pattern.search(lowered) and not _assessment(lowered):
                return _Kind(modality, ""), path
    return None


def _assessment(text: str) -> bool:
    """Whether the words speak of something about the procedure, not of it."""
    return any(word in text for word in ("education", "referral", "consult", "history of", "plan"))


def _side(procedure: Node) -> str:
    texts = [text for text, _ in words(procedure["code"])]
    for site in procedure.each("bodySite"):
        texts += [text for text, _ in words(site)]
    joined = " ".join(texts).lower()
    return next((side for word, side in _SIDES if word in joined), "unknown")


def _when(
    procedure: Node, chart: Chart
) -> tuple[PartialDate | None, PartialDate | None, Node | None]:
    at = procedure.first("performedDateTime", "occurrenceDateTime")
    if at:
        return at.date(), None, at
    span = procedure.first("performedPeriod", "occurrencePeriod")
    if span:
        return span["start"].date(), span["end"].date(), span
    encounter = chart.target(procedure.first("encounter", "context"), procedure)
    if encounter is not None:
        start = encounter.first("period.start", "actualPeriod.start")
        if start:
            procedure.warning("the procedure has no date: the start of its encounter is read")
            return start.date(), None, start
    procedure.warning("the procedure has no date")
    return None, None, None


def _sessions(procedure: Node) -> int:
    for text, _ in words(procedure["code"]):
        found = _COUNT.search(text.lower())
        if found:
            return int(found[1])
    return 1


def merged(sessions: list[TreatmentSession]) -> list[TreatmentSession]:
    """Sessions of one kind on one day once: professional and hospital codes meet there."""
    kept: dict[tuple[str, str, Verdict], TreatmentSession] = {}
    undated = []
    for session in sessions:
        if session.date is None or session.end is not None:
            undated.append(session)
            continue
        key = (session.modality, session.date.text, session.done)
        known = kept.get(key)
        kept[key] = session if known is None else _united(known, session)
    return [*kept.values(), *undated]


def _united(one: TreatmentSession, other: TreatmentSession) -> TreatmentSession:
    sides = {one.laterality, other.laterality} - {"unknown"}
    return replace(
        one,
        laterality=sides.pop() if len(sides) == 1 else "unknown",
        sessions=max(one.sessions, other.sessions),
        evidence=(*one.evidence, *other.evidence),
    )
