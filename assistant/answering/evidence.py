"""What a sentence stands on: an element of the record, a computed finding, a passage."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assistant.answering.ports import KnowledgePort, PassagePort, RecordPort
from assistant.answering.safe_text import shown
from assistant.staging.record import Evidence
from assistant.staging.report import Finding, StagingReport

EXCERPT_LENGTH = 300
REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One thing cited. ``support`` is the text a claim must be found in."""

    kind: str
    """``record`` or ``source``."""
    reference: str = ""
    element: str = ""
    source_id: str = ""
    section: str = ""
    passage_id: str = ""
    excerpt: str = ""
    support: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes two citations the same."""
        if self.kind == "source":
            return (self.kind, self.source_id, self.section, self.passage_id)
        if self.reference == REPORT:
            return (self.kind, self.reference, self.element, self.excerpt)
        return (self.kind, self.reference, self.element)

    def to_json(self, key: str) -> dict[str, Any]:
        """The citation under its key, in the shape of contract.md."""
        if self.kind == "source":
            return {
                "key": key,
                "kind": "source",
                "source_id": self.source_id,
                "section": self.section,
                "passage_id": self.passage_id,
                "excerpt": self.excerpt,
            }
        return {
            "key": key,
            "kind": "record",
            "reference": self.reference,
            "element": self.element,
            "excerpt": self.excerpt,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence, and what it cites."""

    text: str
    citations: tuple[Citation, ...] = ()
    computed: str = ""
    """Figures computed from the entries cited (a count, a length); checked like a citation."""
    fallback: str = ""
    """Shown instead when the sentence is not borne out; a sentence without figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows where there are many; each row cites its own."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Citation, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The answer to one step before it is checked and put together."""

    parts: tuple[Statement | Table, ...]
    values: tuple[str, ...] = ()
    status: str = "answered"
    rests_on_staging: bool = False
    retrieved: tuple[str, ...] = ()
    what_if: bool = False
    holds_chart_text: bool = False
    """Names as the chart writes them stand in it: it is never shown to a model."""


def record_citation(chart: RecordPort, reference: str, element: str, extra: str = "") -> Citation:
    """Cite one element of the chart; ``extra`` names what the coded element stands for."""
    raw = chart.excerpt(reference, element)
    return Citation(
        kind="record",
        reference=reference,
        element=element,
        excerpt=shown(raw, EXCERPT_LENGTH),
        support=f"{raw} {extra}",
    )


def cite_evidence(
    chart: RecordPort, evidence: Iterable[Evidence], limit: int = 4, extra: str = ""
) -> tuple[Citation, ...]:
    """Cite the elements a fact was read from, each once, at most ``limit``."""
    found: dict[tuple[str, str], Citation] = {}
    for item in evidence:
        key = (item.reference, item.element)
        if key in found or not item.element or item.reference not in chart.resources:
            continue
        found[key] = record_citation(chart, item.reference, item.element, extra)
        if len(found) == limit:
            break
    return tuple(found.values())


def finding_citation(finding: Finding, support: str = "") -> Citation:
    """Cite a computed verdict by its rule."""
    return Citation(
        kind="record",
        reference=REPORT,
        element=finding.rule,
        excerpt=shown(finding.statement, EXCERPT_LENGTH),
        support=f"{finding.statement} {finding.verdict.value} {support}",
    )


def report_citation(
    report: StagingReport, rule: str, support: str, subject: str | None = None
) -> Citation:
    """Cite the verdict of ``rule`` (on ``subject``), with the report's own figures."""
    for finding in report.findings:
        if finding.rule == rule and (subject is None or finding.subject == subject):
            return finding_citation(finding, support)
    return Citation(
        kind="record",
        reference=REPORT,
        element=rule,
        excerpt=shown(support, EXCERPT_LENGTH),
        support=support,
    )


def passage_citation(passage: PassagePort) -> Citation:
    """Cite a passage of the sources."""
    return Citation(
        kind="source",
        source_id=passage.source_id,
        section=passage.section,
        passage_id=passage.passage_id,
        excerpt=shown(passage.text, EXCERPT_LENGTH),
        support=f"{passage.section} {passage.text}",
    )


def rule_citations(knowledge: KnowledgePort, *rules: str) -> tuple[Citation, ...]:
    """The first passage that states each of ``rules``, each passage once."""
    cited: dict[tuple[str, ...], Citation] = {}
    for rule in rules:
        for passage in list(knowledge.passages_for_rule(rule))[:1]:
            citation = passage_citation(passage)
            cited.setdefault(citation.identity, citation)
    return tuple(cited.values())
