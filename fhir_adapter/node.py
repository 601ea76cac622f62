"""A cursor into a raw resource that knows its path.

The raw JSON stays the truth. A :class:`Node` reads one element of it, tells
where it stands, and turns a value of the wrong kind into an issue, so a broken
element costs that element and nothing else.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from assistant.staging.dates import PartialDate
from assistant.staging.record import Evidence
from fhir_adapter.issues import IssueLog

_KINDS = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


_BEYOND = Decimal(10) ** 15
"""No dose, duration, count or laboratory value in any unit comes near it."""
_HOLDING = (str, list, dict)
"""What can be empty; a number or a boolean is there whatever it is."""


def _is_there(value: Any) -> bool:
    return bool(value) or (value is not None and type(value) not in _HOLDING)


@lru_cache(maxsize=4096, typed=True)
def _number(value: float) -> Decimal | None:
    """The number as written; None for one beyond anything measured."""
    found = Decimal(str(value))
    return found if found.is_finite() and abs(found) < _BEYOND else None


class Node:
    """One element of a resource, present or not."""

    __slots__ = ("log", "path", "reference", "value")

    def __init__(self, value: Any, path: str, reference: str, log: IssueLog) -> None:
        self.value = value
        self.path = path
        self.reference = reference
        self.log = log

    def __bool__(self) -> bool:
        """Whether the element is there and not empty."""
        return _is_there(self.value)

    def __getitem__(self, name: str) -> "Node":
        """The child ``name``, absent where there is none."""
        value = self.value
        path = f"{self.path}.{name}" if self.path else name
        if type(value) is dict:
            return Node(value.get(name), path, self.reference, self.log)
        if value is not None:
            self.error(f"expected an object, found {self._kind()}: the element is not read")
        return Node(None, path, self.reference, self.log)

    def inner(self, *names: str) -> "Node":
        """The element that many steps down; the same as indexing step by step, but cheaper."""
        value = self.value
        for name in names:
            if type(value) is not dict:
                return self._step_by_step(names)
            value = value.get(name)
            if value is None:
                break
        path = ".".join(names)
        return Node(value, f"{self.path}.{path}" if self.path else path, self.reference, self.log)

    def _step_by_step(self, names: tuple[str, ...]) -> "Node":
        node = self
        for name in names:
            node = node[name]
        return node

    def has(self, *names: str) -> bool:
        """Whether any of the children is there, told without a cursor to it."""
        value = self.value
        if type(value) is not dict:
            return False
        for name in names:  # noqa: SIM110 - a generator costs more than the look
            if value.get(name) is not None:
                return True
        return False

    def each(self, name: str) -> Sequence["Node"]:
        """The items of the repeating child ``name``; a single value is a list of one."""
        value = self.value
        if type(value) is dict and value.get(name) is None:
            return ()
        child = self[name]
        if type(child.value) is list:
            return [
                child.inside(f"[{index}]", item)
                for index, item in enumerate(child.value)
                if item is not None
            ]
        return () if child.value is None else (child,)

    def first(self, *names: str) -> "Node":
        """The first child of ``names`` that is there; FHIR versions name elements differently."""
        value = self.value
        for name in names:
            step, dot, rest = name.partition(".")
            if type(value) is not dict or not _is_there(value.get(step)):
                continue
            found = self[step]
            if dot:
                found = found.first(rest)
            if found:
                return found
        path = names[0].partition(".")[0]
        return Node(None, f"{self.path}.{path}" if self.path else path, self.reference, self.log)

    def inside(self, path: str, value: Any) -> "Node":
        """``value`` as the element at ``path`` (``[0]``, ``coding[0]``) below this one."""
        joint = "" if not path or path[0] == "[" or not self.path else "."
        return Node(value, f"{self.path}{joint}{path}", self.reference, self.log)

    def at(self, path: str) -> "Node":
        """The element at a path below this one, for its place only: its value is left out."""
        return self.inside(path, None) if path else self

    def text(self) -> str | None:
        """The string here, without surrounding blanks."""
        value = self.value
        if value is None:
            return None
        if isinstance(value, str):
            return value.strip() or None
        self.error(f"expected a string, found {self._kind()}: the element is not read")
        return None

    def text_at(self, name: str) -> str | None:
        """The string in the child ``name``; the same as ``self[name].text()``, but cheaper."""
        value = self.value
        if type(value) is dict:
            found = value.get(name)
            if found is None:
                return None
            if type(found) is str:
                return found.strip() or None
        return self[name].text()

    def flag(self) -> bool | None:
        """The boolean here."""
        value = self.value
        if value is None or isinstance(value, bool):
            return value
        self.error(f"expected true or false, found {self._kind()}: the element is not read")
        return None

    def decimal(self) -> Decimal | None:
        """The number here, as written."""
        value = self.value
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.error(f"expected a number, found {self._kind()}: the element is not read")
            return None
        number = _number(value)
        if number is None:
            self.error("a number beyond anything measured: the element is not read")
        return number

    def decimal_at(self, name: str) -> Decimal | None:
        """The number in the child ``name``; the same as ``self[name].decimal()``, but cheaper."""
        value = self.value
        if type(value) is dict:
            found = value.get(name)
            if found is None:
                return None
            if type(found) is int or type(found) is float:
                number = _number(found)
                if number is not None:
                    return number
        return self[name].decimal()

    def whole(self) -> int | None:
        """The whole number here."""
        value = self.decimal()
        if value is None:
            return None
        if value != value.to_integral_value():
            self.error("expected a whole number: the element is not read")
            return None
        return int(value)

    def date(self) -> PartialDate | None:
        """The calendar date here, as written in its own offset."""
        text = self.text()
        if text is None:
            return None
        try:
            # Digits of other scripts are no FHIR date, though Python counts with them.
            return PartialDate.parse(text if text.isascii() else "")
        except ValueError as problem:
            self.error(f"{problem}: the date is not read")
            return None

    def units(self) -> list[str]:
        """What a Quantity here says of its unit: its code, then its words."""
        return [name for name in (self.text_at("code"), self.text_at("unit")) if name]

    def evidence(self, attribute: str = "") -> Evidence:
        """This element as evidence for ``attribute``."""
        return Evidence(reference=self.reference, element=self.path, attribute=attribute)

    def cited(self, attribute: str) -> tuple[Evidence, ...]:
        """This element as evidence, or nothing where it is absent."""
        return (self.evidence(attribute),) if self.value is not None else ()

    def error(self, problem: str) -> None:
        """Note that something here is not used."""
        self.log.error(self.reference, self.path, problem)

    def warning(self, problem: str) -> None:
        """Note that something here is used with care."""
        self.log.warning(self.reference, self.path, problem)

    def _kind(self) -> str:
        return _KINDS.get(type(self.value), "something else")
