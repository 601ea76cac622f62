"""The report for the chart: one page, as HTML to look at and as PDF to keep."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.partial_dates import span
from ui.wording import (
    ACTIONS,
    BOUNDS,
    CHECK_STATUS,
    CHECKS,
    COURSES,
    EMERGENCY,
    FACTS,
    FAILED,
    FLAGS,
    JUDGEMENT,
    METHODS,
    OUTCOMES,
    PRODUCT,
    VERDICTS,
    bound_words,
    bounds_words,
    counted,
    cut_off_words,
    humanized,
    step_words,
)

_FOLDER = Path(__file__).parent / "templates"
_OPEN_CHECKS = ("present", "possible", "not_assessed")
_TRIAL_ID = re.compile(r"\bt\d+\b")
_TITLE = "Treatment-resistant depression: staging report"


def report_content(
    report: Mapping[str, Any],
    patient: Mapping[str, Any],
    assertions: list[dict[str, Any]],
    version: Mapping[str, Any],
    rules: Mapping[str, Any],
) -> dict[str, Any]:
    """What the page says, section by section, in words fit to print."""
    return {
        "title": _TITLE,
        "patient": {
            "name": patient["name"] or "Name not recorded",
            "about": _about(patient),
        },
        "basis": _basis(report),
        "product": PRODUCT,
        "version": version["version"],
        "bounds": list(bounds_words(asserted=bool(report["asserted"])).values()),
        "stages": [_stage_row(method, report["staging"][method]) for method in METHODS],
        "blocked": [rules[rule]["title"] for rule in report["staging_blocked_by"]],
        "assumptions": [_with_drugs(line, report) for line in report["assumptions"]],
        "trials": [_trial_row(trial) for trial in report["trials"]],
        "beside": _beside_lines(report),
        "asserted": [_asserted_line(fact) for fact in assertions],
        "checks": _check_lines(report["pseudo_resistance"]),
        "missing": [_missing_line(fact) for fact in report["missing_facts"]],
        "steps": [_step_line(step) for step in report["next_steps"]],
        "safety": [_safety_line(flag) for flag in report["safety"]],
        "emergency": EMERGENCY,
        "judgement": JUDGEMENT,
    }


def as_html(content: Mapping[str, Any]) -> str:
    """The page as HTML; every text of the record is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html").render(content)


def as_pdf(content: Mapping[str, Any]) -> bytes:
    """The page as a tagged PDF; every text of the record is data of the template, not markup."""
    import typst  # noqa: PLC0415  84 MB that only this needs

    made: bytes = typst.compile(
        _FOLDER / "report.typ",
        root=_FOLDER,
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        ignore_system_fonts=False,
        format="pdf",
    )
    return made


def _about(patient: Mapping[str, Any]) -> str:
    identifiers = f" ({', '.join(patient['identifiers'])})" if patient["identifiers"] else ""
    return (
        f", born {patient['birth_date'] or 'not recorded'}, "
        f"{patient['gender'] or 'sex not recorded'}{identifiers}"
    )


def _basis(report: Mapping[str, Any]) -> str:
    ruleset, read = report["ruleset"], report["completeness"]
    later = f"; {read['after_as_of']} dated later were not used" if read["after_as_of"] else ""
    gaps = "".join(f" {gap['type']} was not read whole." for gap in read["incomplete"])
    return (
        f"As of {report['as_of']}. Ruleset {ruleset['name']} {ruleset['version']}. "
        f"Read {read['resources_read']} of {read['resources_total']} entries{later}.{gaps}"
    )


def _stage_row(method: str, bounds: Mapping[str, Any]) -> dict[str, Any]:
    assumed = bounds["working"] not in (None, bounds["at_least"])
    return {
        "method": METHODS[method],
        **{bound: bound_words(method, bounds, bound) for bound in BOUNDS},
        "assumed": assumed,
    }


def _trial_row(trial: Mapping[str, Any]) -> dict[str, Any]:
    outcome, dose = trial["outcome"], trial["max_daily_dose_mg"]
    adequacy = {key: VERDICTS[verdict][0] for key, verdict in trial["adequacy"].items()}
    return {
        "drug": f"{trial['drug']} ({trial['drug_class']})",
        "when": span(trial["start"], trial["end"], ongoing=trial["ongoing"]),
        "dose": "not recorded" if dose is None else f"{dose:g} mg/day",
        "adequacy": adequacy,
        "outcome": f"{OUTCOMES[outcome['category']]}: {_scores(outcome)}",
        "failed": FAILED[trial["failed"]][0],
    }


def _beside_lines(report: Mapping[str, Any]) -> list[str]:
    """What stages rest on beside the trials, and what was set aside."""
    lines = [f"{cut_off_words(cut)} (a proxy, no stage)" for cut in report["staging"]["cut_offs"]]
    for added in report["augmentations"]:
        when = span(added["start"], added["end"])
        adequate = VERDICTS[added["adequate"]][0]
        beside = _with_drugs(added["with"], report)
        lines.append(f"{added['drug']} added to {beside}, {when}; adequate: {adequate}")
    for course in report["procedures"]:
        sessions = counted(course["sessions"], "session")
        when = span(course["start"], course["end"])
        lines.append(f"{course['modality']}, {sessions}, {when}: {COURSES[course['failed']][0]}")
    for trial in report["earlier_trials"]:
        when = span(trial["start"], trial["end"], ongoing=trial["ongoing"])
        lines.append(f"Earlier episode: {trial['drug']}, {when}: {FAILED[trial['failed']][0]}")
    lines += [f"Not counted: {e['drug']} ({e['reason']})" for e in report["excluded_exposures"]]
    return lines


def _scores(outcome: Mapping[str, Any]) -> str:
    scale, first, last = outcome["scale"], outcome["baseline"], outcome["endpoint"]
    if first is None and last is None:
        return "no score that settles it"
    return f"{scale} {_number(first)} to {_number(last)}"


def _with_drugs(line: str, report: Mapping[str, Any]) -> str:
    """``line`` with the drug in place of each trial id: nobody reading paper can look it up."""
    drugs = {trial["id"]: trial["drug"] for trial in report["trials"] + report["earlier_trials"]}
    return _TRIAL_ID.sub(lambda match: str(drugs.get(match[0], match[0])), line)


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
    return f"{ACTIONS.get(step['action'], humanized(step['action']))}. {step_words(step)}"


def _safety_line(flag: Mapping[str, Any]) -> str:
    when = f" ({flag['date']})" if flag["date"] else ""
    return (
        f"{FLAGS.get(flag['flag'], humanized(flag['flag']))}{when}. {flag['detail'].rstrip('.')}."
    )
