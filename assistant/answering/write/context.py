"""What every writer is given: the case, the knowledge, the moment."""

from dataclasses import dataclass

from assistant.answering.case import AsOf, Case
from assistant.answering.chart.index import ChartIndex
from assistant.answering.evidence import Citation, cite_evidence, rule_citations
from assistant.answering.ports import KnowledgePort
from assistant.staging.record import Assertion, Evidence
from assistant.staging.report import StagingReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One question's surroundings."""

    case: Case | None
    knowledge: KnowledgePort
    as_of: AsOf
    supposed: tuple[Assertion, ...] = ()
    """Facts supposed for this step."""

    @property
    def report(self) -> StagingReport:
        """The report at the moment asked about.

        Raises:
            LookupError: no record is open.
        """
        if self.case is None:
            raise LookupError("no record is open")
        return self.case.report(self.as_of.day, self.supposed)

    @property
    def index(self) -> ChartIndex:
        """The entries of the chart.

        Raises:
            LookupError: no record is open.
        """
        if self.case is None:
            raise LookupError("no record is open")
        return self.case.index

    def cite(self, *evidence: Evidence, limit: int = 4, extra: str = "") -> tuple[Citation, ...]:
        """Cite elements of the chart."""
        if self.case is None:
            return ()
        return cite_evidence(self.case.chart, evidence, limit, extra)

    def rules(self, *rules: str) -> tuple[Citation, ...]:
        """Cite the passages that state these rules."""
        return rule_citations(self.knowledge, *rules)
