"""Treatment histories in a few words: each line of a case is one entry of a chart.

A line keeps the words a reader sees (``docs/rules.md`` prints them) beside the
fact of the core they stand for. Nothing here knows a rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.record import (
    Assertion,
    Completeness,
    Diagnosis,
    DrugReaction,
    EndBasis,
    Evidence,
    Exposure,
    ExposureSource,
    ExposureStatus,
    IncompleteRead,
    Indication,
    LabResult,
    Person,
    Score,
    StopReason,
    SuicidalitySign,
    TreatmentRecord,
    TreatmentSession,
    Verification,
)
from assistant.staging.verdicts import Verdict

_SOURCES = {
    "statement": ExposureSource.STATEMENT,
    "order": ExposureSource.REQUEST,
    "dispense": ExposureSource.DISPENSE,
    "administration": ExposureSource.ADMINISTRATION,
}
_RESOURCES = {
    ExposureSource.STATEMENT: "MedicationStatement",
    ExposureSource.REQUEST: "MedicationRequest",
    ExposureSource.DISPENSE: "MedicationDispense",
    ExposureSource.ADMINISTRATION: "MedicationAdministration",
}
_ELEMENTS: dict[type, tuple[str, tuple[str, ...]]] = {
    Score: ("Observation", ("value", "date")),
    Diagnosis: ("Condition", ("code", "onset", "recorded", "abatement")),
    TreatmentSession: ("Procedure", ("modality", "date")),
    LabResult: ("Observation", ("value", "date")),
    DrugReaction: ("AllergyIntolerance", ("drug", "date")),
    SuicidalitySign: ("Observation", ("value",)),
}
_MAY_BE_ABSENT = ("dose", "start", "end", "indication", "stop_reason", "adherence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a case: how it reads, and the fact it stands for."""

    what: str
    detail: str = ""
    start: str = ""
    end: str = ""
    fact: Any


def took(  # noqa: PLR0913  a line of a chart has this many columns
    drug: str,
    mg: float | str | None,
    start: str | None,
    *,
    days: int | None = None,
    to: str | None = None,
    ongoing: bool = False,
    source: str = "statement",
    status: ExposureStatus | None = None,
    taken: str | None = None,
    stopped_for: str | None = None,
    given_for: str | None = None,
    release: str | None = None,
    order: str = "",
    labelled: float | None = None,
    set_aside: str = "",
    sold_as_antidepressant: bool = True,
    as_needed: bool = False,
) -> Line:
    """A drug at one daily dose: for so many ``days``, ``to`` a date, or still taken.

    ``mg`` None is a dose that is not recorded; ``"25-100"`` one known within limits.
    ``taken`` is an adherence statement: ``met``, ``not_met`` or ``unknown``.
    """
    if days is not None and start is not None:
        to = (date.fromisoformat(start) + timedelta(days=days - 1)).isoformat()
    if status is None:
        status = ExposureStatus.ACTIVE if ongoing else ExposureStatus.COMPLETED
    basis = EndBasis.OPEN if ongoing else EndBasis.STATED if to else EndBasis.UNKNOWN
    notes = [
        *([source] if source != "statement" else []),
        *([f"adherence {taken}"] if taken else []),
        *([f"stopped for {stopped_for}"] if stopped_for else []),
        *([f"given for {given_for}"] if given_for else []),
        *([release] if release else []),
        *([f"labelled {labelled} mg"] if labelled else []),
        *([f"order {order}"] if order else []),
        *([status.value.replace("_", " ")] if status not in _PLAIN else []),
        *([set_aside] if set_aside else []),
        *(["as needed"] if as_needed else []),
        *([] if sold_as_antidepressant else ["not an antidepressant product"]),
    ]
    fact = Exposure(
        drug=drug,
        source=_SOURCES[source],
        status=status,
        start=_date(start),
        end=_date(to),
        end_basis=basis,
        dose=_dose(mg, labelled),
        as_needed=as_needed,
        release=release,
        indication=_indication(given_for),
        stop_reason=StopReason(stopped_for) if stopped_for else None,
        adherence=Verdict(taken) if taken else None,
        set_aside=set_aside,
        trial_default=sold_as_antidepressant,
        group=order,
    )
    amount = "dose not recorded" if mg is None else f"{mg} mg/day"
    return Line(
        what=drug,
        detail="; ".join([amount, *notes]),
        start=start or "not recorded",
        end="still taken" if ongoing else to or "not recorded",
        fact=fact,
    )


_PLAIN = (ExposureStatus.ACTIVE, ExposureStatus.COMPLETED)


def score(scale: str, value: float | str, on: str, *, preliminary: bool = False) -> Line:
    """One total of a rating scale."""
    note = f"total {value}" + (" (preliminary)" if preliminary else "")
    fact = Score(
        scale=scale,
        value=Decimal(str(value)),
        date=PartialDate.parse(on),
        preliminary=preliminary,
    )
    return Line(what=scale, detail=note, start=on, fact=fact)


def diagnosis(category: str, label: str, **facts: Any) -> Line:
    """A coded condition; ``onset``, ``recorded`` and ``abatement`` as ISO dates."""
    for name in ("onset", "recorded", "abatement"):
        if facts.get(name) is not None:
            facts[name] = PartialDate.parse(facts[name])
    if "verification" in facts:
        facts["verification"] = Verification(facts["verification"])
    fact = Diagnosis(category=category, label=label, **facts)
    notes = [
        *([fact.severity] if fact.severity else []),
        *(["with psychotic features"] if fact.psychotic_features else []),
        *([f"in {fact.remission} remission"] if fact.remission else []),
        *(["no longer active"] if fact.active is False else []),
        *(
            [fact.verification.value.replace("_", " ")]
            if fact.verification is not Verification.CONFIRMED
            else []
        ),
        *([f"recorded {fact.recorded}"] if fact.recorded else []),
    ]
    return Line(
        what=label,
        detail="; ".join(["diagnosis", *notes]),
        start=str(fact.onset or ""),
        end=str(fact.abatement or ""),
        fact=fact,
    )


def depression(onset: str | None = "2022-12-01", **facts: Any) -> Line:
    """A depressive disorder with its onset."""
    return diagnosis("depression", "depressive disorder", onset=onset, **facts)


def session(
    modality: str,
    start: str,
    *,
    end: str | None = None,
    sessions: int = 1,
    side: str = "unknown",
    done: str = "met",
) -> Line:
    """One entry of ECT, rTMS, psychotherapy and the like."""
    fact = TreatmentSession(
        modality=modality,
        date=_date(start),
        end=_date(end),
        laterality=side,
        sessions=sessions,
        done=Verdict(done),
    )
    notes = [
        f"{sessions} session{'s' if sessions > 1 else ''}",
        *([side] if side != "unknown" else []),
    ]
    if done != "met":
        notes.append("not done" if done == "not_met" else "unclear whether done")
    begins = start or "not recorded"
    return Line(what=modality, detail="; ".join(notes), start=begins, end=end or "", fact=fact)


def sessions(modality: str, *days: str, side: str = "unknown") -> list[Line]:
    """One session on each of these days."""
    return [session(modality, day, side=side) for day in days]


def lab(  # noqa: PLR0913  a laboratory value has this many columns
    test: str,
    value: float | str | None,
    unit: str,
    on: str | None,
    *,
    comparator: str = "",
    low: float | None = None,
    high: float | None = None,
    reads: str | None = None,
) -> Line:
    """One laboratory value, with the laboratory's own range where it gives one."""
    fact = LabResult(
        test=test,
        value=None if value is None else Decimal(str(value)),
        unit=unit,
        date=_date(on),
        comparator=comparator,
        reference_low=None if low is None else Decimal(str(low)),
        reference_high=None if high is None else Decimal(str(high)),
        interpretation=reads,
    )
    range_ = "" if low is None and high is None else f" (range {low} to {high})"
    shown = reads or "no value" if value is None else f"{comparator}{value} {unit}{range_}"
    return Line(what=test.replace(":", ": "), detail=shown, start=on or "not dated", fact=fact)


def born(on: str) -> Line:
    """The patient's date of birth."""
    evidence = (Evidence(reference="Patient/example", element="birthDate", attribute="birth_date"),)
    person = Person(reference="Patient/example", birth_date=_date(on), evidence=evidence)
    return Line(what="born", detail="", start=on, end="", fact=person)


def reaction(drug: str, on: str | None) -> Line:
    """An adverse event, allergy or intolerance tied to a drug."""
    fact = DrugReaction(drug=drug, date=_date(on))
    return Line(what=f"adverse reaction to {drug}", start=on or "not dated", fact=fact)


def suicidality(kind: str, on: str | None, detail: str = "") -> Line:
    """A recorded sign of suicidal thoughts or behavior."""
    fact = SuicidalitySign(kind=kind, date=_date(on), detail=detail)
    return Line(what=kind.replace("_", " "), detail=detail, start=on or "not dated", fact=fact)


def asserted(fact: str, value: object, *, of: str | None = None) -> Line:
    """A fact the clinician vouches for, about trial ``t1``, course ``p1``, or a drug."""
    about: dict[str, str | None] = {}
    if of is not None:
        kind = {"t": "trial", "p": "procedure"}.get(of[0]) if of[1:].isdigit() else "drug"
        about[kind or "drug"] = of
    entry = Assertion(
        fact=fact, value=value, author="Dr. Example", at="2024-06-01T09:00:00Z", **about
    )
    where = f" of {of}" if of else ""
    return Line(what=f"clinician asserts {fact}{where}", detail=str(value), fact=entry)


def unread(resource: str, read: int = 50, total: int | None = 80) -> Line:
    """A resource type that was not read whole."""
    fact = IncompleteRead(type=resource, read=read, total=total, why="the server stopped early")
    return Line(what=f"{resource} not read whole", detail=f"{read} of {total}", fact=fact)


def failed(*drugs: str, after: str = "2023-01-02", last: int = 20) -> list[Line]:
    """Eight weeks of each drug in turn at its minimum dose, taken as prescribed, no response.

    HAM-D-17 is 24 when the first begins and ``last`` at the end of each.
    """
    lines, day = [score("HAM-D-17", 24, after)], date.fromisoformat(after)
    for drug in drugs:
        lines.append(took(drug, FLOORS[drug], day.isoformat(), days=56, taken="met"))
        day += timedelta(days=56)
        lines.append(score("HAM-D-17", last, day.isoformat()))
        day += timedelta(days=1)
    return lines


FLOORS: dict[str, float] = {
    "sertraline": 50,
    "citalopram": 20,
    "fluoxetine": 20,
    "paroxetine": 20,
    "fluvoxamine": 50,
    "venlafaxine": 150,
    "duloxetine": 60,
    "bupropion": 300,
    "bupropion | dextromethorphan": 210,
    "mirtazapine": 15,
    "vortioxetine": 10,
    "agomelatine": 25,
    "reboxetine": 4,
    "nortriptyline": 75,
    "imipramine": 150,
    "maprotiline": 150,
    "phenelzine": 45,
    "moclobemide": 300,
    "selegiline": 6,
}
"""Minimum adequate doses in mg/day as the ATRQ-based set gives them, written apart from the
table so that a slip in it shows."""


def record(lines: Iterable[Line]) -> TreatmentRecord:
    """The record that the lines describe, each fact with its place in the chart."""
    sorted_out: dict[type, list[Any]] = {}
    for number, line in enumerate(lines, start=1):
        fact = line.fact
        if isinstance(fact, Assertion | IncompleteRead):
            sorted_out.setdefault(type(fact), []).append(fact)
            continue
        sorted_out.setdefault(type(fact), []).append(
            replace(fact, evidence=fact.evidence or _evidence(fact, number))
        )
    incomplete = tuple(sorted_out.get(IncompleteRead, ()))
    return TreatmentRecord(
        patient=next(iter(sorted_out.get(Person, ())), Person(reference="Patient/example")),
        exposures=tuple(sorted_out.get(Exposure, ())),
        scores=tuple(sorted_out.get(Score, ())),
        diagnoses=tuple(sorted_out.get(Diagnosis, ())),
        sessions=tuple(sorted_out.get(TreatmentSession, ())),
        labs=tuple(sorted_out.get(LabResult, ())),
        reactions=tuple(sorted_out.get(DrugReaction, ())),
        suicidality=tuple(sorted_out.get(SuicidalitySign, ())),
        completeness=Completeness(resources_read=10, resources_total=10, incomplete=incomplete),
    )


def assertions(lines: Iterable[Line]) -> tuple[Assertion, ...]:
    """The asserted facts among the lines."""
    return tuple(line.fact for line in lines if isinstance(line.fact, Assertion))


def _evidence(fact: Any, number: int) -> tuple[Evidence, ...]:
    if isinstance(fact, Exposure):
        given = [name for name in _MAY_BE_ABSENT if getattr(fact, name) is not None]
        kind, elements = _RESOURCES[fact.source], ("drug", *given, "status")
    else:
        kind, elements = _ELEMENTS[type(fact)]
    return tuple(
        Evidence(reference=f"{kind}/{number}", element=name, attribute=name) for name in elements
    )


def _date(text: str | None) -> PartialDate | None:
    return None if text is None else PartialDate.parse(text)


def _dose(mg: float | str | None, labelled: float | None) -> Dose | None:
    if mg is None:
        return None
    if labelled is not None:
        return Dose.exactly(Decimal(str(mg)), Decimal(str(labelled)))
    low, _, high = str(mg).partition("-")
    return Dose.between(Decimal(low), Decimal(high or low))


def _indication(words: str | None) -> Indication | None:
    return None if words is None else Indication(depression=words == "depression", label=words)
