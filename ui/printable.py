"""The report for the chart as one HTML page that prints on paper or to a PDF."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ui.partial_dates import span
from ui.wording import (
    ACTIONS,
    CHECK_STATUS,
    CHECKS,
    EMERGENCY,
    FACTS,
    FAILED,
    FLAGS,
    JUDGEMENT,
    METHODS,
    OUTCOMES,
    PRODUCT,
    VERDICTS,
    bounds_words,
    humanized,
    stage_value,
)

_FOLDER = Path(__file__).parent / "templates"
_OPEN_CHECKS = ("present", "possible", "not_assessed")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html")


def printable(
    report: Mapping[str, Any],
    patient: Mapping[str, Any],
    assertions: list[dict[str, Any]],
    version: Mapping[str, Any],
    rules: Mapping[str, Any],
) -> str:
    """The report as HTML; every text of the record is escaped."""
    asserted = bool(report["asserted"])
    return _template().render(
        report=report,
        patient=patient,
        product=PRODUCT,
        version=version["version"],
        bounds=bounds_words(asserted=asserted),
        stages=[_stage_row(method, report["staging"][method]) for method in METHODS],
        blocked=[rules[rule]["title"] for rule in report["staging_blocked_by"]],
        trials=[_trial_row(trial) for trial in report["trials"]],
        asserted=[_asserted_line(fact) for fact in assertions],
        checks=_check_lines(report["pseudo_resistance"]),
        missing=[_missing_line(fact) for fact in report["missing_facts"]],
        steps=[_step_line(step) for step in report["next_steps"]],
        safety=[_safety_line(flag) for flag in report["safety"]],
        emergency=EMERGENCY,
        judgement=JUDGEMENT,
    )


def _stage_row(method: str, bounds: Mapping[str, Any]) -> dict[str, Any]:
    assumed = bounds["working"] not in (None, bounds["at_least"])
    return {
        "method": METHODS[method],
        "at_least": stage_value(method, bounds["at_least"]),
        "working": stage_value(method, bounds["working"]),
        "at_most": stage_value(method, bounds["at_most"]),
        "assumed": assumed,
    }


def _trial_row(trial: Mapping[str, Any]) -> dict[str, Any]:
    outcome, dose = trial["outcome"], trial["max_daily_dose_mg"]
    scores = (
        f"{outcome['scale']} {_number(outcome['baseline'])} to {_number(outcome['endpoint'])}"
        if outcome["scale"]
        else "no score that settles it"
    )
    adequacy = {key: VERDICTS[verdict][0] for key, verdict in trial["adequacy"].items()}
    return {
        "drug": f"{trial['drug']} ({trial['drug_class']})",
        "when": span(trial["start"], trial["end"], ongoing=trial["ongoing"]),
        "dose": "not recorded" if dose is None else f"{dose:g} mg/day",
        "adequacy": adequacy,
        "outcome": f"{OUTCOMES[outcome['category']]}: {scores}",
        "failed": FAILED[trial["failed"]][0],
    }


def _number(value: Any) -> str:
    return "unknown" if value is None else f"{value:g}"


def _asserted_line(fact: Mapping[str, Any]) -> str:
    about = fact["trial"] or fact["drug"] or fact["procedure"] or "the patient"
    name = FACTS.get(fact["fact"], humanized(fact["fact"]))
    return f"{name} of {about}: {fact['value']} ({fact['author'] or 'no author'}, {fact['at']})"


def _check_lines(checks: list[dict[str, Any]]) -> list[str]:
    lines = []
    for status in _OPEN_CHECKS:
        names = [CHECKS.get(c["check"], c["check"]) for c in checks if c["status"] == status]
        if names:
            lines.append(f"{CHECK_STATUS[status][0].capitalize()}: {', '.join(names)}")
    return lines


def _missing_line(fact: Mapping[str, Any]) -> str:
    return str(fact["question"])


def _step_line(step: Mapping[str, Any]) -> str:
    return f"{ACTIONS.get(step['action'], humanized(step['action']))}: {step['detail']}"


def _safety_line(flag: Mapping[str, Any]) -> str:
    when = f" ({flag['date']})" if flag["date"] else ""
    return f"{FLAGS.get(flag['flag'], humanized(flag['flag']))}{when}. {flag['detail']}"
