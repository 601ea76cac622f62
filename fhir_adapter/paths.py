"""Element paths as the reports cite them: ``dosage[0].doseAndRate[0].doseQuantity.value``."""

import re
from typing import Any

_STEP = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_-]*)(?P<indexes>(?:\[\d+\])*)")
_INDEX = re.compile(r"\[(\d+)\]")


def element_at(resource: dict[str, Any], path: str) -> object:
    """The value at ``path`` of a raw resource.

    Raises:
        KeyError: the resource has no such element.
    """
    value: Any = resource
    for step in path.split("."):
        match = _STEP.fullmatch(step)
        if match is None:
            raise KeyError(f"not an element path: {path!r}")
        value = _child(value, match["name"], path)
        for index in _INDEX.findall(match["indexes"]):
            value = _item(value, int(index), path)
    return value


def _child(value: Any, name: str, path: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        raise KeyError(f"no element {path!r}")
    return value[name]


def _item(value: Any, index: int, path: str) -> Any:
    if not isinstance(value, list) or index >= len(value):
        raise KeyError(f"no element {path!r}")
    return value[index]
