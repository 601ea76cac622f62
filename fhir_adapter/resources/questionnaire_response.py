"""QuestionnaireResponse: the items of a PHQ-9 or PHQ-2, recomputed, and stated totals."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from fhir_adapter import answers, scales
from fhir_adapter.administrations import Administration
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import concept_of
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node

_COUNTED = ("completed", "amended")
_LOINC = re.compile(r"\d{1,7}-\d")
_LOCAL = re.compile(r"phq[._-]?(?:9[._-])?(\d{1,2})", re.IGNORECASE)
_PHQ2_ITEMS = {1, 2}


class _Items(NamedTuple):
    numbered: list[tuple[int, Node]]
    totals: list[tuple[str, Node]]
    """Scale and item of each stated total."""


def read(response: Node, chart: Chart, facts: Facts) -> None:  # noqa: ARG001 - one signature
    """Add what the response says about rating scales."""
    facts.administrations += _administrations(response)


def _administrations(response: Node) -> Iterator[Administration]:
    found = _known(response)
    if not found.numbered and not found.totals:
        return
    if response.text_at("status") not in _COUNTED:
        response["status"].warning("a response with this status does not count: it is not read")
        return
    date = response["authored"].date()
    if date is None:
        response.warning("a score without a date: it is not read")
        return
    by_scale: dict[str, Administration] = {}

    def of(scale: str) -> Administration:
        return by_scale.setdefault(
            scale, Administration(scale=scale, date=date, reference=response.reference)
        )

    for position, item in found.numbered:
        if position <= scales.PHQ9_ITEMS:
            _add(of(scales.PHQ9), position, item)
    for scale, item in found.totals:
        if of(scale).total is None:
            _add_total(of(scale), item)
    _as_phq2(by_scale, response)
    yield from (one for one in by_scale.values() if one.items or one.total is not None)


def _known(response: Node) -> _Items:
    numbered: list[tuple[int, Node]] = []
    totals: list[tuple[str, Node]] = []
    local: list[tuple[int, Node]] = []
    for item in _answered(response):
        named = list(_loinc_codes(item))
        position = next((p for p in map(scales.phq9_positions().get, named) if p), None)
        total = next((t for t in map(scales.by_loinc, named) if t and not t.panel), None)
        own = _LOCAL.fullmatch(item.text_at("linkId") or "")
        if position is not None:
            numbered.append((position, item))
        elif total is not None:
            totals.append((total.scale, item))
        elif own is not None:
            local.append((int(own[1]), item))
    # Numbers beyond the difficulty question belong to another questionnaire (PHQ-15).
    if not numbered and all(number <= scales.PHQ9_ITEMS + 1 for number, _ in local):
        numbered = local
    return _Items(numbered, totals)


def _answered(holder: Node) -> Iterator[Node]:
    """Every item at any depth."""
    for item in holder.each("item"):
        if not isinstance(item.value, dict):
            item.error("expected an item (an object): it is not read")
            continue
        yield item
        yield from _answered(item)
        for answer in item.each("answer"):
            yield from _answered(answer)


def _loinc_codes(item: Node) -> Iterator[str]:
    """The LOINC codes that linkId, definition or code of an item hold."""
    for name in ("linkId", "definition"):
        yield from _LOINC.findall(item[name].text() or "")
    for concept in item.each("code"):
        yield from (code.code for code in concept_of(concept).codes)


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
    if position in one.items:
        if one.items[position][0] != found[0]:
            item.error("an item answered twice with different scores: the first is read")
        return
    one.items[position] = (found[0], found[1].evidence("score"))


def _add_total(one: Administration, item: Node) -> None:
    for answer in item.each("answer"):
        found = answers.number(answer)
        if found is not None:
            one.total = found[0]
            one.total_evidence = (found[1].evidence("score"),)


def _as_phq2(by_scale: dict[str, Administration], response: Node) -> None:
    """The two items of a PHQ-2 as its total, where the form is no PHQ-9."""
    asked = by_scale.get(scales.PHQ9)
    if asked is None or set(asked.items) != _PHQ2_ITEMS or asked.total is not None:
        return
    form = response["questionnaire"].value
    if isinstance(form, str) and re.search(r"phq-?9|44249-1", form, re.IGNORECASE):
        return
    total = sum((value for value, _ in asked.items.values()), Decimal(0))
    del by_scale[scales.PHQ9]
    stated = by_scale.get("PHQ-2")
    if stated is not None and stated.total not in (None, total):
        response.warning("the stated PHQ-2 total is not the sum of its items: the items are read")
    by_scale["PHQ-2"] = Administration(
        scale="PHQ-2",
        date=asked.date,
        total=total,
        total_evidence=tuple(evidence for _, evidence in asked.items.values()),
        reference=asked.reference,
    )
