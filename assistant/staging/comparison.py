"""One record under several rulesets: what each says, and where they part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from assistant.staging.engine import stage
from assistant.staging.record import Assertion, TreatmentRecord
from assistant.staging.report import Bounds, Maudsley, StagingReport
from assistant.staging.ruleset import Ruleset

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
_NO_TRIAL = "no trial"


class Difference(NamedTuple):
    """A stage, or the failure of a trial, on which the rulesets part."""

    about: str
    """A method, or the drug and start of a trial."""
    values: tuple[str, ...]
    """What each ruleset says, in their order: at least / working / at most where these differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The reports of several rulesets on one record, and where they part."""

    reports: tuple[StagingReport, ...]
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain JSON values, each report by the name of its ruleset."""
        return {
            "schema": "ruleset-comparison/1",
            "rulesets": [report.ruleset.name for report in self.reports],
            "differences": [
                {"about": found.about, "values": list(found.values)} for found in self.differences
            ],
            "reports": {report.ruleset.name: report.to_json() for report in self.reports},
        }


def compare(
    record: TreatmentRecord,
    *,
    as_of: date,
    rulesets: Sequence[Ruleset],
    assertions: Sequence[Assertion] = (),
) -> Comparison:
    """What each of ``rulesets`` says of ``record``, and where they part.

    Raises:
        UnusableAssertionError: an assertion names an unknown fact or an impossible value.
    """
    reports = tuple(
        stage(record, as_of=as_of, ruleset=ruleset, assertions=assertions) for ruleset in rulesets
    )
    told = [*_stages(reports), *_failures(reports)]
    parting = tuple(found for found in told if len(set(found.values)) > 1)
    return Comparison(reports=reports, differences=parting)


def _stages(reports: Sequence[StagingReport]) -> Iterator[Difference]:
    for method in METHODS:
        yield Difference(method, tuple(_bounds(getattr(r.staging, method)) for r in reports))


def _failures(reports: Sequence[StagingReport]) -> Iterator[Difference]:
    told = [{f"{t.drug} {t.start}": t.failed_working.value for t in r.trials} for r in reports]
    for trial in dict.fromkeys(trial for trials in told for trial in trials):
        values = tuple(trials.get(trial, _NO_TRIAL) for trials in told)
        yield Difference(f"{trial}, failed", values)


def _bounds(found: Bounds[Any] | Maudsley) -> str:
    three = [_shown(value) for value in (found.at_least, found.working, found.at_most)]
    return three[0] if len(set(three)) == 1 else " / ".join(three)


def _shown(value: object) -> str:
    if value is None:
        return "not given"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
