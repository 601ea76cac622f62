"""QuestionnaireResponse: the items of a PHQ-9, recomputed, and stated totals."""

import re
from collections.abc import Iterator

from fhir_adapter import answers, scales
from fhir_adapter.administrations import Administration
from fhir_adapter.concepts import codes
from fhir_adapter.node import Node

_COUNTED = ("completed", "amended")
_LOINC = re.compile(r"\d{1,7}-\d")
_TOTAL = "total"


def administration(response: Node) -> Administration | None:
    """What a QuestionnaireResponse says about a PHQ-9; None where it is about something else."""
    found = list(_answered(response))
    numbered = [(position, item) for position, item in found if isinstance(position, int)]
    totals = [item for position, item in found if position == _TOTAL]
    if not numbered and not totals:
        return None
    status = response["status"].text()
    if status not in _COUNTED:
        response["status"].warning("a response with this status does not count: it is not read")
        return None
    date = response["authored"].date()
    if date is None:
        response.warning("a score without a date: it is not read")
        return None
    one = Administration(scale=scales.PHQ9, date=date, reference=response.reference)
    for position, item in numbered:
        if position <= scales.PHQ9_ITEMS:
            _add(one, position, item)
    for item in totals[:1]:
        _add_total(one, item)
    return one if one.items or one.total is not None else None


def _answered(holder: Node) -> Iterator[tuple[int | str | None, Node]]:
    """Every answered item at any depth, with its PHQ-9 number or ``total``."""
    for item in holder.each("item"):
        yield _position(item), item
        yield from _answered(item)
        for answer in item.each("answer"):
            yield from _answered(answer)


def _position(item: Node) -> int | str | None:
    """The PHQ-9 number of an item, by the LOINC code its linkId, definition or code holds."""
    named = [code.code for code in codes(item["code"])] if item["code"] else []
    for text in (item["linkId"].text(), item["definition"].text(), *named):
        for code in _LOINC.findall(text or ""):
            if code in scales.phq9_positions():
                return scales.phq9_positions()[code]
            if code == "44261-6":
                return _TOTAL
    return None


def _add(one: Administration, position: int, item: Node) -> None:
    given = list(item.each("answer"))
    if not given:
        return
    if len(given) > 1:
        item["answer"].warning("several answers to one item: none is read")
        return
    found = answers.item_score(given[0])
    if found is None:
        return
    if position in one.items and one.items[position][0] != found[0]:
        item.error("an item answered twice with different scores: the first is read")
        return
    one.items[position] = (found[0], found[1].evidence("score"))


def _add_total(one: Administration, item: Node) -> None:
    for answer in item.each("answer"):
        found = answers.number(answer)
        if found is not None:
            one.total = found[0]
            one.total_evidence = (found[1].evidence("score"),)
