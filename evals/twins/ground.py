"""What the twins of a record are made on: one of its trials, written out plainly."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import orjson

from assistant.answering.case import AsOf
from assistant.staging.engine import stage
from assistant.staging.ruleset import Ruleset, load_ruleset
from assistant.staging.tables import drugs
from evals.twins.edits import Bundle, PlainTrial, having, patient_of, reference, without
from fhir_adapter.read import read_bundle

_DRUGS = ("Medication",)
_DAYS = 70
_BASELINE, _ENDPOINT = 24, 20
_PLANTED = ("sertraline", "escitalopram", "venlafaxine", "mirtazapine", "duloxetine")
_PLANTED_DAYS_AGO = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A record with one trial that the twins vary."""

    bundle: Bundle
    """The record without what the trial was read from."""
    record: Bundle
    """The record as it came."""
    report: dict[str, Any]
    """What the rules say of the record as it came."""
    patient: str
    as_of: str
    drug: str
    floor: float
    start: date
    days: int
    """Days from its first to its last."""
    ruleset: Ruleset

    def trial(self, **differs: Any) -> PlainTrial:
        """The trial: adequate, fully covered, without response."""
        days = differs.pop("days", self.days)
        values: dict[str, Any] = {
            "drug": self.drug,
            "mg": self.floor,
            "start": self.start,
            "end": self.start + timedelta(days=days - 1),
            "covered": days,
            "baseline": _BASELINE,
            "endpoint": _ENDPOINT,
        }
        return PlainTrial(**{**values, **differs})

    def holding(self, trial: PlainTrial) -> Bundle:
        """The record with this trial in it."""
        return having(self.bundle, trial.resources(self.patient))


def report_of(bundle: Bundle, as_of: str) -> dict[str, Any]:
    """What the rules of the source text say of a record."""
    return _report(orjson.dumps(bundle), as_of)


@lru_cache(maxsize=512)
def _report(bundle: bytes, as_of: str) -> dict[str, Any]:
    return stage(read_bundle(bundle).treatment, as_of=AsOf.parse(as_of).day).to_json()


def ground_of(bundle: Bundle, as_of: str) -> Ground:
    """The record with one of its trials set apart; a planted one where it has none.

    The trial keeps its drug and its first day. What it was read from leaves the record,
    and with it every score near it, so that the pair's own figures decide.
    """
    report = report_of(bundle, as_of)
    ruleset = load_ruleset("source_text")
    day = AsOf.parse(as_of).day
    chosen = _usable(report, day)
    if chosen is not None:
        drug, start = str(chosen["drug"]), date.fromisoformat(chosen["start"])
        sources, days = _read_from([chosen]), _days(chosen, ruleset)
    else:
        known = {row["drug"] for row in (*report["trials"], *report["excluded_exposures"])}
        drug = next(name for name in _PLANTED if name not in known)
        start, days = day - timedelta(days=_PLANTED_DAYS_AGO), _DAYS
        sources = _read_from(report["trials"])
    near = _scores_near(report, start, start + timedelta(days=150))
    kept = without(
        bundle,
        lambda one: (
            (reference(one) in sources and one["resourceType"].startswith(_DRUGS))
            or reference(one) in near
        ),
    )
    floor = _floor(drug)
    if floor is None:
        raise ValueError(f"the tables hold no floor of {drug}")
    return Ground(
        bundle=kept,
        record=bundle,
        report=report,
        patient=patient_of(bundle),
        as_of=as_of,
        drug=drug,
        floor=floor,
        start=start,
        days=days,
        ruleset=ruleset,
    )


def _usable(report: dict[str, Any], day: date) -> dict[str, Any] | None:
    """The first trial that stands alone, has a first day, and ended long enough ago."""
    names = [trial["drug"] for trial in report["trials"]]
    for trial in report["trials"]:
        alone = names.count(trial["drug"]) == 1 and trial["role"] == "monotherapy"
        dated = len(str(trial["start"])) == len("2024-01-01")
        if alone and dated and _floor(trial["drug"]) is not None:
            began = date.fromisoformat(trial["start"])
            if began + timedelta(days=_PLANTED_DAYS_AGO) <= day:
                found: dict[str, Any] = trial
                return found
    return None


def _read_from(trials: list[dict[str, Any]]) -> set[str]:
    return {str(place).partition("#")[0] for trial in trials for place in trial["evidence"]}


def _days(trial: dict[str, Any], ruleset: Ruleset) -> int:
    """The length of the trial itself, where it is adequate and no longer than ten weeks."""
    own = int(trial["days"]["low"])
    return own if ruleset.min_days <= own <= _DAYS and not trial["ongoing"] else _DAYS


def _scores_near(report: dict[str, Any], start: date, end: date) -> set[str]:
    """References of the scores that could be baseline or endpoint of the trial."""
    first, last = (start - timedelta(days=60)).isoformat(), end.isoformat()
    return {
        str(place).partition("#")[0]
        for score in report["scores"]
        if first <= str(score["date"])[:10] <= last
        for place in score["evidence"]
    }


def _floor(drug: str) -> float | None:
    row = drugs().get(drug)
    floor = getattr(row, "floors", {}).get("atrq") if row is not None else None
    return None if floor is None else float(floor)
