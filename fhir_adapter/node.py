"""A cursor into a raw resource that knows its path.

The raw JSON stays the truth. A :class:`Node` reads one element of it, tells
where it stands, and turns a value of the wrong kind into an issue, so a broken
element costs that element and nothing else.
"""

from collections.abc import Iterator
from decimal import Decimal
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
        return self.value not in (None, "", [], {})

    def __getitem__(self, name: str) -> "Node":
        """The child ``name``, absent where there is none."""
        value = self.value
        path = f"{self.path}.{name}" if self.path else name
        if isinstance(value, dict):
            return Node(value.get(name), path, self.reference, self.log)
        if value is not None:
            self.error(f"expected an object, found {self._kind()}: the element is not read")
        return Node(None, path, self.reference, self.log)

    def each(self, name: str) -> Iterator["Node"]:
        """The items of the repeating child ``name``; a single value is a list of one."""
        child = self[name]
        if child.value is None:
            return
        if not isinstance(child.value, list):
            yield child
            return
        for index, item in enumerate(child.value):
            if item is not None:
                yield Node(item, f"{child.path}[{index}]", self.reference, self.log)

    def first(self, *names: str) -> "Node":
        """The first child of ``names`` that is there; FHIR versions name elements differently."""
        for name in names:
            node = self
            for step in name.split("."):
                if not isinstance(node.value, dict):
                    break
                node = node[step]
            else:
                if node:
                    return node
        return Node(None, self[names[0].split(".")[0]].path, self.reference, self.log)

    def text(self) -> str | None:
        """The string here, without surrounding blanks."""
        value = self.value
        if value is None:
            return None
        if isinstance(value, str):
            return value.strip() or None
        self.error(f"expected a string, found {self._kind()}: the element is not read")
        return None

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
        return Decimal(str(value))

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

    def evidence(self, attribute: str = "") -> Evidence:
        """This element as evidence for ``attribute``."""
        return Evidence(reference=self.reference, element=self.path, attribute=attribute)

    def error(self, problem: str) -> None:
        """Note that something here is not used."""
        self.log.error(self.reference, self.path, problem)

    def warning(self, problem: str) -> None:
        """Note that something here is used with care."""
        self.log.warning(self.reference, self.path, problem)

    def _kind(self) -> str:
        return _KINDS.get(type(self.value), "something else")
