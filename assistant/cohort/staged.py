"""One patient's rows of the export to rows of every output table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from assistant.cohort.deidentify import Veil
from assistant.cohort.ports import ExportReader, PatientRows
from assistant.cohort.tables import BOUNDS, METHODS, TABLES
from assistant.staging.engine import stage
from assistant.staging.methods.switch_count import definitions, switch_count
from assistant.staging.record import TreatmentRecord
from assistant.staging.report import StagingReport
from assistant.staging.ruleset import Ruleset
from assistant.staging.verdicts import Answer, Verdict

Out = dict[str, list[dict[str, Any]]]
"""Rows by the name of their table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """What is asked of every patient."""

    day: date
    as_of: str
    """As given; echoed."""
    rulesets: tuple[Ruleset, ...]
    veil: Veil | None = None
    """Set in a de-identified run."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a chunk of patients came to."""

    patients: int = 0
    resources: int = 0
    issues: int = 0
    not_staged: int = 0
    """Patients whose record could not be read or staged; each is an issue."""


@dataclass(slots=True, kw_only=True)
class Stager:
    """Stages patients one after another into rows of the tables."""

    reader: ExportReader
    asked: Staging
    file_names: Mapping[int, str]
    out: Out = field(default_factory=lambda: {table.name: [] for table in TABLES})
    tally: Tally = field(default_factory=Tally)

    def take(self, rows: PatientRows) -> None:
        """Stage the patient whose resources these are."""
        patient = rows.patient
        veil = self.asked.veil.patient(patient) if self.asked.veil else None
        name = veil.name if veil else patient
        self.tally.patients += 1
        self.tally.resources += rows.resources
        try:
            record, broken = self.reader.assemble(rows)
            reports = [self._stage(record.treatment, ruleset) for ruleset in self.asked.rulesets]
        except Exception as fault:  # noqa: BLE001 - no patient may cost the others; an issue says so
            self.tally.not_staged += 1
            told = getattr(fault, "message", type(fault).__name__)
            self._issues(name, [_not_staged(told)])
            return
        seen: dict[tuple[str, ...], dict[str, Any]] = {}
        for report in reports:
            told = {**report.to_json(), "as_of": self.asked.as_of}
            plain = veil.value(told) if veil else told
            self.out["report"].append({"patient": name, **_report_row(plain)})
            self.out["trial"] += [{"patient": name, **row} for row in _trial_rows(plain)]
            self.out["finding"] += [{"patient": name, **row} for row in _finding_rows(plain)]
            seen |= {tuple(issue.values()): issue for issue in plain["issues"]}
        self._issues(name, [*seen.values(), *map(self._broken, broken)])
        self._definitions(name, reports[0])

    def _stage(self, record: TreatmentRecord, ruleset: Ruleset) -> StagingReport:
        return stage(record, as_of=self.asked.day, ruleset=ruleset)

    def _broken(self, row: Mapping[str, Any]) -> dict[str, Any]:
        veil = self.asked.veil
        if veil is None:
            return {**row, "file": self.file_names.get(row["file"])}
        hidden = veil.references_in(row["resource"])
        return {**row, "file": f"input {row['file']}", "resource": hidden}

    def _issues(self, patient: str, issues: Iterable[Mapping[str, Any]]) -> None:
        for issue in issues:
            self.tally.issues += 1
            self.out["issue"].append({"patient": patient, "file": None, "line": None, **issue})

    def _definitions(self, patient: str, report: StagingReport) -> None:
        """The label of each definition of registers and claims studies beside ours."""
        ours = report.staging.trd.working
        for definition in definitions():
            count = switch_count(report.trials, report.procedures, definition)
            self.out["definition"].append(
                {
                    "patient": patient,
                    "ruleset": report.ruleset.name,
                    "definition": definition.name,
                    "changes_low": count.low,
                    "changes_high": count.high,
                    "at_least": count.at_least.value,
                    "at_most": count.at_most.value,
                    "trd_working": ours.value if ours is not None else None,
                    "change": _change(count.at_least, ours),
                }
            )


def report_text(report: Mapping[str, Any]) -> str:
    """A report as ``stage --format json`` prints it, to the byte."""
    return orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _not_staged(why: str) -> dict[str, Any]:
    problem = f"the patient is not staged: {why}"
    return {"severity": "error", "resource": "", "path": "", "problem": problem}


def _change(theirs: Answer, ours: Answer | None) -> str:
    if ours is None:
        return "not_staged"
    if theirs is Answer.YES:
        return "same" if ours is Answer.YES else "only_definition"
    return "only_ours" if ours is Answer.YES else "same"


def _report_row(report: Mapping[str, Any]) -> dict[str, Any]:
    completeness, episode = report["completeness"], report["episode"] or {}
    months = episode.get("duration_months") or {}
    return {
        "ruleset": report["ruleset"]["name"],
        "ruleset_version": report["ruleset"]["version"],
        "as_of": report["as_of"],
        "resources_read": completeness["resources_read"],
        "resources_total": completeness["resources_total"],
        "after_as_of": completeness["after_as_of"],
        "episode_start": episode.get("start"),
        "episode_months_low": months.get("low"),
        "episode_months_high": months.get("high"),
        **_funnel(report["trials"]),
        **_stages(report["staging"]),
        "maudsley_band": report["staging"]["maudsley"]["band"],
        "blocked_by": report["staging_blocked_by"],
        "missing_facts": sorted({fact["fact"] for fact in report["missing_facts"]}),
        "pseudo_resistance": [
            check["check"] for check in report["pseudo_resistance"] if check["status"] == "present"
        ],
        "safety": sorted({flag["flag"] for flag in report["safety"]}),
        "issues": len(report["issues"]),
        "report": report_text(report),
    }


def _funnel(trials: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many trials pass each criterion after the ones before it."""
    dosed = [t for t in trials if t["adequacy"]["dose"] == Verdict.MET]
    long = [t for t in dosed if t["adequacy"]["duration"] == Verdict.MET]
    taken = [t for t in long if t["adequacy"]["adherence"] != Verdict.NOT_MET]
    measured = [t for t in taken if t["outcome"]["category"] != "unknown"]
    return {
        "trials": len(trials),
        "trials_dose_met": len(dosed),
        "trials_duration_met": len(long),
        "trials_adequate": len(taken),
        "trials_measured": len(measured),
        "trials_failed": sum(t["failed_working"] == Answer.YES for t in trials),
    }


def _stages(staging: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{method}_{bound}": staging[method][bound] for method in METHODS for bound in BOUNDS}


def _trial_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = report["ruleset"]["name"]
    return [
        {"ruleset": name, "earlier_episode": earlier, **_trial_row(trial)}
        for earlier, trials in ((False, report["trials"]), (True, report["earlier_trials"]))
        for trial in trials
    ]


_SAME = (
    "drug",
    "drug_class",
    "role",
    "start",
    "end",
    "ongoing",
    "max_daily_dose_mg",
    "min_adequate_dose_mg",
    "discontinuation",
    "failed",
    "failed_working",
    "evidence",
)


def _trial_row(trial: Mapping[str, Any]) -> dict[str, Any]:
    adequacy, outcome = trial["adequacy"], trial["outcome"]
    at_dose = trial["days_at_adequate_dose"]
    return {
        "trial": trial["id"],
        **{name: trial[name] for name in _SAME},
        "days_low": trial["days"]["low"],
        "days_high": trial["days"]["high"],
        "days_at_adequate_dose_low": at_dose["low"],
        "days_at_adequate_dose_high": at_dose["high"],
        "dose": adequacy["dose"],
        "duration": adequacy["duration"],
        "adherence": adequacy["adherence"],
        "adequate": adequacy["overall"],
        "outcome": outcome["category"],
        "scale": outcome["scale"],
        "baseline": outcome["baseline"],
        "endpoint": outcome["endpoint"],
        "percent_reduction": outcome["percent_reduction"],
    }


def _finding_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = report["ruleset"]["name"]
    kept = ("rule", "verdict", "subject", "statement", "facts", "sources")
    return [{"ruleset": name, **{key: one[key] for key in kept}} for one in report["findings"]]
