"""FHIR JSON in readable rows: labels and values, without knowing any resource type."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_WORD = re.compile(r"(?<!^)(?=[A-Z])")
_INDEXED = re.compile(r"^(?P<name>[A-Za-z]+)\[(?P<place>\d+)\]$")
_SKIPPED = frozenset({"resourceType", "id", "meta", "text", "system", "contained"})
_MOST_ROWS = 60


class Row(NamedTuple):
    """One readable line of an element."""

    label: str
    value: str


def label(name: str) -> str:
    """``doseAndRate`` as ``Dose and rate``."""
    return _WORD.sub(" ", name).capitalize()


def path_in_words(path: str) -> str:
    """``dosage[0].doseAndRate[0]`` as ``Dosage 1, dose and rate 1``."""
    words = []
    for part in filter(None, path.split(".")):
        indexed = _INDEXED.match(part)
        words.append(
            f"{label(indexed['name'])} {int(indexed['place']) + 1}" if indexed else label(part)
        )
    return " → ".join(words)


def rows(value: Any, name: str = "") -> list[Row]:
    """Every readable line of ``value``, at most as many as fit on a page."""
    return list(_rows(value, name))[:_MOST_ROWS]


def _rows(value: Any, name: str) -> Iterator[Row]:
    short = in_short(value)
    if short is not None:
        yield Row(name or "Value", short)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _SKIPPED and not key.startswith("_"):
                yield from _rows(item, f"{name} → {label(key)}" if name else label(key))
    elif isinstance(value, list):
        for place, item in enumerate(value, start=1):
            numbered = name if len(value) == 1 else f"{name} {place}"
            yield from _rows(item, numbered)


def in_short(value: Any) -> str | None:
    """A value on one line; None where it needs several."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if not isinstance(value, dict):
        return None
    return _concept(value) or _quantity(value) or _period(value) or _reference(value)


def _concept(value: dict[str, Any]) -> str | None:
    codings = value.get("coding")
    if not isinstance(codings, list):
        return _coding(value) if "code" in value and "display" in value else None
    shown = "; ".join(filter(None, (_coding(item) for item in codings if isinstance(item, dict))))
    text = value.get("text")
    if isinstance(text, str) and text and text not in shown:
        return f"{text} — {shown}" if shown else text
    return shown or None


def _coding(value: dict[str, Any]) -> str | None:
    code, display = value.get("code"), value.get("display")
    if display and code:
        return f"{display} ({code})"
    return str(display or code) if display or code else None


def _quantity(value: dict[str, Any]) -> str | None:
    if not isinstance(value.get("value"), int | float):
        return None
    unit = value.get("unit") or value.get("code") or ""
    return f"{value.get('comparator', '')}{value['value']:g} {unit}".strip()


def _period(value: dict[str, Any]) -> str | None:
    if not value or not set(value) <= {"start", "end"}:
        return None
    return f"{value.get('start', 'not recorded')} to {value.get('end', 'not recorded')}"


def _reference(value: dict[str, Any]) -> str | None:
    if "reference" not in value and set(value) != {"display"}:
        return None
    return str(value.get("display") or value.get("reference"))
