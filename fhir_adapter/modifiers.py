"""Whether a resource says something about itself that we must not overlook."""

from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from fhir_adapter.node import Node

_HOLDERS = ("dosage", "dosageInstruction", "component", "item")


@cache
def elements() -> dict[str, Any]:
    """``elements.toml``: every element that is read, and what for."""
    return loads(files("fhir_adapter").joinpath("elements.toml").read_text(encoding="utf-8"))


@cache
def _known() -> frozenset[str]:
    return frozenset(elements().get("modifierExtension", {}))


def has_modifier(resource: dict[str, Any]) -> bool:
    """Whether there is a modifier extension to look at, told without a cursor."""
    if "modifierExtension" in resource:
        return True
    for name in _HOLDERS:
        held = resource.get(name)
        if held is not None and _holds_modifier(held):
            return True
    return False


def _holds_modifier(held: Any) -> bool:
    for item in held if isinstance(held, list) else [held]:
        if isinstance(item, dict) and "modifierExtension" in item:
            return True
    return False


def set_aside(resource: Node) -> bool:
    """Whether an unknown modifier extension forbids reading the resource; noted as an issue."""
    if not has_modifier(resource.value):
        return False
    holders = [resource, *(node for name in _HOLDERS for node in resource.each(name))]
    for holder in holders:
        if not isinstance(holder.value, dict):
            continue
        for extension in holder.each("modifierExtension"):
            url = extension.value.get("url") if isinstance(extension.value, dict) else None
            if url not in _known():
                extension.error(
                    "an unknown modifier extension may change the meaning: "
                    "the resource is set aside"
                )
                return True
    return False
