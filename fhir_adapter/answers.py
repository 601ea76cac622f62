"""The score of one answer: number, ordinal extension, answer code, digits in a string."""

from decimal import Decimal

from fhir_adapter import scales
from fhir_adapter.concepts import codes
from fhir_adapter.node import Node

_ORDINALS = ("iso21090-CO-value", "ordinalValue", "itemWeight", "questionnaire-ordinalValue")
_LOWEST, _HIGHEST = Decimal(0), Decimal(3)


def number(holder: Node) -> tuple[Decimal, Node] | None:
    """The number in a ``value[x]``: integer, decimal, quantity, ordinal, digits in a string."""
    plain = holder.first("valueInteger", "valueDecimal")
    if plain:
        value = plain.decimal()
        return None if value is None else (value, plain)
    quantity = holder["valueQuantity"]
    if quantity:
        return _of_quantity(quantity)
    coded = holder.first("valueCoding", "valueCodeableConcept")
    if coded:
        ordinal = _ordinal(coded)
        return None if ordinal is None else (ordinal, coded)
    return _of_string(holder["valueString"])


def _of_quantity(quantity: Node) -> tuple[Decimal, Node] | None:
    if quantity["comparator"]:
        quantity["comparator"].warning("a score with a comparator is no exact score: not read")
        return None
    value = quantity.decimal_at("value")
    return None if value is None else (value, quantity["value"])


def _of_string(node: Node) -> tuple[Decimal, Node] | None:
    text = node.text()
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        node.warning("words where a score was expected: not read")
        return None
    node.warning("a score given as text: read as the number it is")
    return Decimal(text), node


def item_score(holder: Node) -> tuple[Decimal, Node] | None:
    """The score 0 to 3 of a PHQ-9 answer; None, with an issue, for anything else.

    A score in an extension wins over the answer code: some servers code every
    answer alike.
    """
    coded = holder.first("valueCoding", "valueCodeableConcept")
    found = None
    if coded:
        value = _ordinal(coded)
        value = value if value is not None else _by_answer_code(coded)
        found = None if value is None else (value, coded)
    else:
        found = number(holder)
    if found is None:
        holder.warning("an item without a readable score")
        return None
    if not _LOWEST <= found[0] <= _HIGHEST or found[0] != found[0].to_integral_value():
        found[1].error(f"no possible item score ({_LOWEST} to {_HIGHEST}): it is not read")
        return None
    return found


def _ordinal(coded: Node) -> Decimal | None:
    """The score in an extension of the coding (or of its concept)."""
    for holder in (coded, *coded.each("coding")):
        for extension in holder.each("extension"):
            url = extension.text_at("url") or ""
            if url.endswith(_ORDINALS):
                return extension.first("valueDecimal", "valueInteger").decimal()
    return None


def _by_answer_code(coded: Node) -> Decimal | None:
    for code in codes(coded):
        found = scales.phq9_answers().get(code.code)
        if found is not None:
            return found
        if not code.system and code.code.isascii() and code.code.isdigit():
            coded.at(f"{code.path}.code".strip(".")).warning(
                "a local answer code that is a number: read as the score"
            )
            return Decimal(code.code)
    return None
