"""One administration of a scale, however many resources record it, counts once.

A questionnaire may stand in the record as a QuestionnaireResponse, as a panel,
as items and as a total. What agrees in scale and time is one administration.
Nine valid items win over a stated total; a disagreement is an issue.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.staging.dates import PartialDate
from assistant.staging.record import Evidence, Score, SuicidalitySign
from fhir_adapter import scales
from fhir_adapter.issues import IssueLog

_SECONDS = len("00:00:00")


@dataclass(slots=True, kw_only=True)
class Administration:
    """What one resource says about one administration."""

    scale: str
    date: PartialDate
    total: Decimal | None = None
    total_evidence: tuple[Evidence, ...] = ()
    items: dict[int, tuple[Decimal, Evidence]] = field(default_factory=dict)
    """Item number to score; PHQ-9 only."""
    preliminary: bool = False
    reference: str = ""
    """For issues."""

    @property
    def item_sum(self) -> Decimal | None:
        """The total of the items, if all of them are there."""
        if len(self.items) < scales.PHQ9_ITEMS:
            return None
        return sum((value for value, _ in self.items.values()), Decimal(0))


def merged(found: Iterable[Administration]) -> list[Administration]:
    """The administrations, each once, whatever order their resources come in."""
    kept: list[Administration] = []
    by_day: dict[tuple[str, str], list[Administration]] = {}
    for one in sorted(found, key=lambda one: one.reference):
        same_day = by_day.setdefault((one.scale, one.date.text), [])
        match = next((other for other in same_day if _same(one, other)), None)
        if match is None:
            same_day.append(one)
            kept.append(one)
        else:
            _unite(match, one)
    return kept


def _same(one: Administration, other: Administration) -> bool:
    if any(other.items[item][0] != one.items[item][0] for item in one.items if item in other.items):
        return False
    if _clock(one) == _clock(other):
        return None in (one.total, other.total) or one.total == other.total
    values = {value for value in (_value(one), _value(other)) if value is not None}
    return len(values) <= 1


def _clock(one: Administration) -> str:
    return one.date.time[:_SECONDS]


def _value(one: Administration) -> Decimal | None:
    return one.item_sum if one.item_sum is not None else one.total


def _unite(kept: Administration, other: Administration) -> None:
    if kept.total is None:
        kept.total = other.total
    kept.total_evidence += other.total_evidence
    for item, scored in other.items.items():
        kept.items.setdefault(item, scored)
    kept.preliminary = kept.preliminary and other.preliminary


def score_of(one: Administration, log: IssueLog) -> Score | None:
    """The score of an administration; None, with an issue, where no valid total can be had."""
    computed = one.item_sum
    item_evidence = tuple(evidence for _, evidence in one.items.values())
    if computed is not None:
        if one.total is not None and one.total != computed:
            log.warning(
                one.reference,
                one.total_evidence[0].element if one.total_evidence else "item",
                f"the stated total is not the sum of the {scales.PHQ9_ITEMS} items: "
                "the items are read",
            )
            return _score(one, computed, item_evidence)
        return _score(one, computed, (*one.total_evidence, *item_evidence))
    if one.total is None:
        if one.items:
            log.warning(
                one.reference, "", f"{len(one.items)} of {scales.PHQ9_ITEMS} items and no total"
            )
        return None
    low, high = scales.limits(one.scale)
    if not low <= one.total <= high or one.total != one.total.to_integral_value():
        log.error(
            one.reference,
            one.total_evidence[0].element,
            f"no possible total of {one.scale} (a whole number from {low} to {high}): "
            "the score is not read",
        )
        return None
    return _score(one, one.total, one.total_evidence)


def _score(one: Administration, value: Decimal, evidence: tuple[Evidence, ...]) -> Score:
    return Score(
        scale=one.scale,
        value=value,
        date=one.date,
        preliminary=one.preliminary,
        evidence=evidence,
    )


def suicidality_of(one: Administration) -> SuicidalitySign | None:
    """The sign that the suicidality item of a PHQ-9 gives, if it is above 0."""
    value, evidence = one.items.get(scales.SUICIDALITY_ITEM, (Decimal(0), None))
    if evidence is None or value <= 0:
        return None
    return SuicidalitySign(
        kind="phq9_item_9", date=one.date, detail=f"scored {value}", evidence=(evidence,)
    )
