"""Where the engine's report and the second reading of the same history part."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from assistant.staging.engine import stage
from assistant.staging.report import StagingReport
from assistant.staging.report import Trial as ReportedTrial
from assistant.staging.ruleset import load_ruleset
from tests.property.by_day import Trial
from tests.property.generate import History
from tests.property.second_opinion import LEVELS, Opinion, second_opinion

METHODS = (
    "trd",
    "trd_without_class_rule",
    "source_stage",
    "thase_rush",
    "maudsley",
    "gsrd",
    "european",
    "mgh_s",
)


def staged(history: History) -> StagingReport:
    """The engine's report on a generated history."""
    return stage(history.record, as_of=history.as_of, ruleset=load_ruleset(history.ruleset))


def disagreements(history: History, report: StagingReport) -> list[str]:
    """Each value on which the two readings differ, in words."""
    opinion = second_opinion(history.record, history.as_of, history.ruleset)
    return [*_in_trials(report, opinion), *_in_stages(report, opinion)]


def _in_stages(report: StagingReport, opinion: Opinion) -> Iterator[str]:
    for method in METHODS:
        for level in LEVELS:
            told = getattr(getattr(report.staging, method), level)
            second = opinion.staging[method][level]
            if method == "mgh_s" and told is not None:
                told = Fraction(told)
            if told != second:
                yield f"{method} {level}: engine {told}, second reading {second}"


def _in_trials(report: StagingReport, opinion: Opinion) -> Iterator[str]:
    for name, listed, seconds in (
        ("trials", report.trials, opinion.trials),
        ("earlier_trials", report.earlier_trials, opinion.earlier),
    ):
        told = {(t.drug, str(t.start)): _told(t) for t in listed}
        second = {(t.drug, str(t.start)): _seen(t) for t in seconds}
        for key in sorted(told.keys() | second.keys()):
            if told.get(key) != second.get(key):
                yield f"{name} {key}: engine {told.get(key)}, second reading {second.get(key)}"


def _told(trial: ReportedTrial) -> dict[str, Any]:
    return {
        "role": trial.role,
        "dose": str(trial.adequacy.dose),
        "duration": str(trial.adequacy.duration),
        "adherence": str(trial.adequacy.adherence),
        "overall": str(trial.adequacy.overall),
        "adequate days": (trial.days_at_adequate_dose.low, trial.days_at_adequate_dose.high),
        "category": trial.outcome.category,
        "failed": str(trial.failed),
        "failed_working": str(trial.failed_working),
        "days": (trial.days.low, trial.days.high),
    }


def _seen(trial: Trial) -> dict[str, Any]:
    return {
        "role": trial.role,
        "dose": trial.dose,
        "duration": trial.duration,
        "adherence": trial.adherence,
        "overall": trial.overall,
        "adequate days": (trial.run_low, trial.run_high),
        "category": trial.category,
        "failed": trial.failed,
        "failed_working": trial.failed_working,
        "days": (max(1, len(trial.surely)), len(trial.possibly)),
    }
