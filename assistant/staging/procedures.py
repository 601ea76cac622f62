"""Courses of ECT, rTMS, psychotherapy and the rest, and whether an ECT course failed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.staging.dates import add_days, days_inclusive
from assistant.staging.outcome import SUCCESS, ScoreHistory, Window, measure
from assistant.staging.record import TreatmentRecord, TreatmentSession
from assistant.staging.report import Outcome, Procedure
from assistant.staging.ruleset import Ruleset
from assistant.staging.verdicts import Answer, Verdict

ECT = "ECT"
STIMULATION = frozenset({ECT, "rTMS"})
"""What the register definition counts beside drugs."""


def courses_of_procedures(
    record: TreatmentRecord,
    scores: ScoreHistory,
    after: date | None,
    as_of: date,
    ruleset: Ruleset,
) -> tuple[Procedure, ...]:
    """One entry a course: sessions of one modality at most the ruleset's gap apart.

    Courses that ended by ``after`` belong to an earlier episode and are left out.
    """
    found: list[Procedure] = []
    by_modality: dict[str, list[TreatmentSession]] = {}
    for session in record.sessions:
        if session.done is not Verdict.NOT_MET:
            by_modality.setdefault(session.modality, []).append(session)
    for modality, sessions in sorted(by_modality.items()):
        ordered = sorted(sessions, key=_when)
        found.extend(
            _procedure(scores, modality, group, as_of, ruleset)
            for group in _grouped(ordered, ruleset)
        )
    current = [p for p in found if after is None or p.end is None or p.end.latest > after]
    current.sort(key=lambda p: (p.start.earliest if p.start else date.max, p.modality))
    return tuple(replace(p, id=f"p{n}") for n, p in enumerate(current, start=1))


def _when(session: TreatmentSession) -> date:
    return session.date.earliest if session.date else date.max


def _grouped(ordered: Sequence[TreatmentSession], ruleset: Ruleset) -> list[list[TreatmentSession]]:
    groups: list[list[TreatmentSession]] = []
    for session in ordered:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and last.date is not None
            and session.date is not None
            and days_inclusive((last.end or last.date).latest, session.date.earliest) - 1
            <= ruleset.course_gap_days
        ):
            groups[-1].append(session)
        else:
            groups.append([session])
    return groups


def _procedure(
    scores: ScoreHistory,
    modality: str,
    group: list[TreatmentSession],
    as_of: date,
    ruleset: Ruleset,
) -> Procedure:
    dates = [s.date for s in group if s.date is not None]
    ends = [s.end or s.date for s in group if (s.end or s.date) is not None]
    sessions = sum(s.sessions for s in group)
    start, end = (dates[0] if dates else None), (ends[-1] if ends else None)
    outcome, failed = None, Answer.UNKNOWN
    if modality == ECT and start is not None and end is not None:
        window = Window(
            start=start.earliest,
            baseline_from=add_days(start.earliest, -ruleset.ect_baseline_before_days - 1),
            baseline_until=start.earliest,
            opens=end.latest,
            closes=min(add_days(end.latest, ruleset.ect_endpoint_after_days), as_of),
        )
        outcome = measure(scores, [window], ruleset).outcome
        failed = _failed(outcome, _enough(group, ruleset), ruleset)
    return Procedure(
        id="",
        modality=modality,
        laterality=_laterality(group),
        sessions=sessions,
        start=start,
        end=end,
        outcome=outcome,
        failed=failed,
        evidence=tuple(dict.fromkeys(e for s in group for e in s.evidence)),
    )


def _enough(group: list[TreatmentSession], ruleset: Ruleset) -> Verdict:
    """Whether the sessions make a course; one entry over several days leaves their number open."""
    if sum(s.sessions for s in group) >= ruleset.ect_min_sessions:
        return Verdict.MET
    uncounted = any(
        s.sessions == 1
        and s.date is not None
        and s.end is not None
        and s.end.latest > s.date.latest
        for s in group
    )
    return Verdict.UNKNOWN if uncounted else Verdict.NOT_MET


def _failed(outcome: Outcome, enough: Verdict, ruleset: Ruleset) -> Answer:
    if enough is Verdict.NOT_MET or outcome.category in SUCCESS:
        return Answer.NO
    if enough is Verdict.UNKNOWN or outcome.percent_reduction is None:
        return Answer.UNKNOWN
    short = outcome.percent_reduction < ruleset.failure_below_percent
    return Answer.YES if short else Answer.NO


def _laterality(group: list[TreatmentSession]) -> str:
    stated = {s.laterality for s in group if s.laterality != "unknown"}
    return stated.pop() if len(stated) == 1 else "unknown"
