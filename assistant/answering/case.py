"""One patient's record as answering sees it: the chart, the coded facts, the reports."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from assistant.answering.chart.index import ChartIndex
from assistant.answering.moment import AsOf
from assistant.answering.ports import RecordPort
from assistant.staging.record import Assertion, TreatmentRecord
from assistant.staging.report import StagingReport

__all__ = ["AsOf", "Assess", "Case"]

Assess = Callable[[TreatmentRecord, date, tuple[Assertion, ...]], StagingReport]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A patient's record, opened."""

    treatment: TreatmentRecord
    chart: RecordPort
    assess: Assess
    """Stages the record: the core, with the ruleset chosen."""
    assertions: tuple[Assertion, ...] = ()
    _reports: dict[tuple[date, tuple[Assertion, ...]], StagingReport] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def index(self) -> ChartIndex:
        """The chart's entries, read at the first question about them."""
        return ChartIndex.of(self.chart.resources, names_of_facts(self.treatment))

    def report(self, day: date, supposed: tuple[Assertion, ...] = ()) -> StagingReport:
        """The report at ``day``, with the asserted facts and those ``supposed``."""
        facts = self.assertions + supposed
        key = (day, facts)
        try:
            if key in self._reports:
                return self._reports[key]
        except TypeError:  # an asserted value that cannot be a key is simply not cached
            return self.assess(self.treatment, day, facts)
        report = self.assess(self.treatment, day, facts)
        self._reports[key] = report
        return report


def names_of_facts(record: TreatmentRecord) -> Mapping[str, Sequence[str]]:
    """What our tables call the resources that the coded facts were read from."""
    called: dict[str, list[str]] = defaultdict(list)
    facts = (
        *((one.drug, one.evidence) for one in record.exposures),
        *((one.test.replace("_", " ").replace(":", " "), one.evidence) for one in record.labs),
        *((one.scale, one.evidence) for one in record.scores),
        *((one.label, one.evidence) for one in record.diagnoses),
        *((one.modality, one.evidence) for one in record.sessions),
    )
    for name, evidence in facts:
        for reference in dict.fromkeys(item.reference for item in evidence):
            called[reference].append(name)
    return called
