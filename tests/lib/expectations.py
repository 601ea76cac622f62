"""What a case is asked, in the reader's words, and what the report answers.

``expect`` stages a case and compares; while ``recording`` is on, it also keeps
each case so that ``docs/rules.md`` can print it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.staging.dates import DayRange
from assistant.staging.engine import stage
from assistant.staging.record import Diagnosis
from assistant.staging.report import StagingReport
from assistant.staging.ruleset import load_ruleset
from tests.lib.histories import Line, assertions, depression, record

AS_OF = "2024-06-01"
_METHODS = {
    "TRD": "trd",
    "TRD without class rule": "trd_without_class_rule",
    "stage": "source_stage",
    "Thase-Rush": "thase_rush",
    "Maudsley": "maudsley",
    "GSRD": "gsrd",
    "European": "european",
    "MGH-S": "mgh_s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One case with its expected answers, for the chapter."""

    lines: tuple[Line, ...]
    as_of: str
    ruleset: str
    expected: Mapping[str, str]
    because: str


_recorded: list[Shown] | None = None


@contextmanager
def recording() -> Iterator[list[Shown]]:
    """Keep every case that ``expect`` and ``expect_value`` see."""
    global _recorded  # noqa: PLW0603  one recorder, used by the generator only
    _recorded = []
    try:
        yield _recorded
    finally:
        _recorded = None


def expect(
    *lines: Line | list[Line],
    gives: Mapping[str, object],
    as_of: str = AS_OF,
    ruleset: str = "source_text",
    because: str = "",
    documented: bool = True,
) -> StagingReport:
    """Stage the case and compare each question with its expected answer.

    A depressive disorder with onset on 1 December 2022 is added unless the case
    has one of its own or is not ``documented``.
    """
    flat = [x for item in lines for x in (item if isinstance(item, list) else [item])]
    own = any(isinstance(x.fact, Diagnosis) and x.fact.category == "depression" for x in flat)
    stated = tuple(flat)
    if documented and not own:
        flat.insert(0, depression())
    report = stage(
        record(flat),
        as_of=date.fromisoformat(as_of),
        ruleset=load_ruleset(ruleset),
        assertions=assertions(flat),
    )
    expected = {question: shown(value) for question, value in gives.items()}
    _keep(stated, as_of, load_ruleset(ruleset).name, expected, because)
    found = {question: ask(report, question) for question in expected}
    wrong = [
        f"{q}: expected {expected[q]!r}, got {found[q]!r}"
        for q in expected
        if found[q] != expected[q]
    ]
    assert not wrong, "\n".join(wrong)
    return report


def expect_value(what: str, value: object, expected: object, *, because: str = "") -> None:
    """Compare one figure of a rule that needs no whole history."""
    _keep((), "", "", {what: shown(expected)}, because)
    assert shown(value) == shown(expected), what


def ask(report: StagingReport, question: str) -> str:
    """The report's answer to one question, as a reader sees it."""
    if question in _METHODS:
        return _bounds(getattr(report.staging, _METHODS[question]))
    if question in _WHOLE:
        return shown(_WHOLE[question](report))
    subject, _, rest = question.partition(" ")
    if subject == "check":
        return next(c.status for c in report.pseudo_resistance if c.check == rest)
    if subject == "why":
        return next(c.detail for c in report.pseudo_resistance if c.check == rest)
    if subject == "sentence":
        return _sentence(report, *rest.partition(" of ")[::2])
    if subject[0] == "p":
        procedure = next(p for p in report.procedures if p.id == subject)
        return shown(_PROCEDURE[rest](procedure))
    trial = report.trial(subject)
    assert trial is not None, f"the report has no trial {subject}"
    return shown(_TRIAL[rest](trial))


def _sentence(report: StagingReport, rule: str, about: str) -> str:
    """What the report says by one rule, of one trial where it is about one."""
    found = [f for f in report.findings if f.rule == rule and (f.subject or "") == about]
    assert len(found) == 1, f"{len(found)} findings of {rule} about {about or 'the record'}"
    return f"{found[0].statement} [{found[0].verdict.value}]"


def shown(value: object) -> str:
    """A value as the chapter prints it."""
    if isinstance(value, DayRange):
        if value.low == value.high:
            return str(value.low)
        return f"{value.low} or more" if value.high is None else f"{value.low} to {value.high}"
    if isinstance(value, tuple | list):
        return "; ".join(shown(v) for v in value) or "none"
    if isinstance(value, Decimal):
        return _number(value)
    return "none" if value is None else str(value)


def _keep(
    lines: tuple[Line, ...], as_of: str, ruleset: str, expected: Mapping[str, str], because: str
) -> None:
    if _recorded is not None:
        _recorded.append(
            Shown(lines=lines, as_of=as_of, ruleset=ruleset, expected=expected, because=because)
        )


def _bounds(bounds: Any) -> str:
    three = [shown(getattr(bounds, name)) for name in ("at_least", "working", "at_most")]
    return three[0] if len(set(three)) == 1 else " / ".join(three)


def _cut_off(report: StagingReport, method: str) -> str | None:
    found = [c for c in report.staging.cut_offs if c.method == method]
    return f"{found[0].points}: {_bounds(found[0].reached)}" if found else None


def _period(start: object, end: object) -> str:
    return f"{shown(start) if start else '?'} to {shown(end) if end else '?'}"


def _number(value: Any) -> str:
    return "none" if value is None else f"{value.normalize():f}"


def _amount(mg: Any) -> str:
    return "unknown dose" if mg is None else f"{_number(mg)} mg"


_TRIAL: dict[str, Callable[[Any], object]] = {
    "drug": lambda t: t.drug,
    "class": lambda t: t.drug_class,
    "role": lambda t: t.role,
    "period": lambda t: _period(t.start, t.end),
    "ongoing": lambda t: "yes" if t.ongoing else "no",
    "dose": lambda t: t.adequacy.dose.value,
    "duration": lambda t: t.adequacy.duration.value,
    "adherence": lambda t: t.adequacy.adherence.value,
    "adequate": lambda t: t.adequacy.overall.value,
    "highest dose": lambda t: _number(t.max_daily_dose_mg),
    "labelled dose": lambda t: _number(t.labelled_daily_dose_mg),
    "minimum dose": lambda t: _number(t.min_adequate_dose_mg),
    "days": lambda t: t.days,
    "days at adequate dose": lambda t: t.days_at_adequate_dose,
    "days covered": lambda t: (
        "none"
        if t.proportion_of_days_covered is None
        else f"{t.proportion_of_days_covered * 100:.1f} %"
    ),
    "dose steps": lambda t: [
        f"{_amount(s.dose_mg)} {_period(s.start, s.end)}" for s in t.dose_steps
    ],
    "outcome": lambda t: t.outcome.category,
    "scale": lambda t: t.outcome.scale,
    "baseline": lambda t: _number(t.outcome.baseline),
    "endpoint": lambda t: _number(t.outcome.endpoint),
    "measured": lambda t: _period(t.outcome.baseline_date, t.outcome.endpoint_date),
    "reduction": lambda t: (
        "none" if t.outcome.percent_reduction is None else f"{t.outcome.percent_reduction:.2f} %"
    ),
    "stopped": lambda t: t.discontinuation,
    "failed": lambda t: t.failed.value,
    "failed (working)": lambda t: t.failed_working.value,
    "remarks": lambda t: sorted(t.remarks),
    "reasons": lambda t: t.reasons,
    "asserted": lambda t: t.asserted,
}
_PROCEDURE: dict[str, Callable[[Any], object]] = {
    "modality": lambda p: p.modality,
    "sessions": lambda p: p.sessions,
    "laterality": lambda p: p.laterality,
    "period": lambda p: _period(p.start, p.end),
    "outcome": lambda p: p.outcome.category if p.outcome else None,
    "baseline": lambda p: _number(p.outcome.baseline) if p.outcome else None,
    "endpoint": lambda p: _number(p.outcome.endpoint) if p.outcome else None,
    "failed": lambda p: p.failed.value,
}
_WHOLE: dict[str, Callable[[StagingReport], object]] = {
    "trials": lambda r: [f"{t.drug} {_period(t.start, t.end)}" for t in r.trials],
    "drugs": lambda r: [t.drug for t in r.trials],
    "earlier trials": lambda r: [t.drug for t in r.earlier_trials],
    "excluded": lambda r: [f"{x.drug}: {x.reason}" for x in r.excluded_exposures],
    "augmentations": lambda r: [f"{a.drug} with {a.with_}" for a in r.augmentations],
    "augmentation periods": lambda r: [_period(a.start, a.end) for a in r.augmentations],
    "augmentation reasons": lambda r: [x for a in r.augmentations for x in a.reasons],
    "augmentations adequate": lambda r: [a.adequate.value for a in r.augmentations],
    "augmentations counted": lambda r: [a.counts.value for a in r.augmentations],
    "procedures": lambda r: [p.modality for p in r.procedures],
    "Maudsley band": lambda r: r.staging.maudsley.band,
    "Maudsley items": lambda r: (
        [f"{k} {v}" for k, v in r.staging.maudsley.items.items()]
        if r.staging.maudsley.items
        else None
    ),
    "Maudsley cut-off": lambda r: _cut_off(r, "maudsley"),
    "MGH-S cut-off": lambda r: _cut_off(r, "mgh_s"),
    "Maudsley otherwise": lambda r: [
        f"{a.value} ({a.band}) by {a.basis}" for a in r.staging.maudsley.alternatives
    ],
    "blocked by": lambda r: r.staging_blocked_by,
    "episode start": lambda r: r.episode.start if r.episode else None,
    "episode basis": lambda r: r.episode.basis if r.episode else None,
    "episode months": lambda r: r.episode.duration_months if r.episode else None,
    "persistent": lambda r: r.episode.persistent.value if r.episode else None,
    "assumptions": lambda r: r.assumptions,
    "missing facts": lambda r: sorted(
        " of ".join(filter(None, (f.fact, f.trial or f.procedure))) for f in r.missing_facts
    ),
    "next steps": lambda r: [s.action for s in r.next_steps],
    "next steps in words": lambda r: [
        f"{s.action}: {s.detail} ({', '.join((*s.because, *s.trials))})" for s in r.next_steps
    ],
    "safety": lambda r: [f"{s.flag}: {s.detail}" for s in r.safety],
    "biomarkers": lambda r: [f"{b.marker} {b.value} {b.unit}: {b.reading}" for b in r.biomarkers],
    "population": lambda r: [
        f"{f.rule.partition('.')[2]} {f.verdict.value}"
        for f in r.findings
        if f.rule.startswith("population.")
    ],
    "after the staging date": lambda r: r.completeness.after_as_of,
    "issues": lambda r: [i.problem for i in r.issues],
}
