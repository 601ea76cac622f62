"""Which Observations count, and when they were made: the same for scores and laboratory values."""

from assistant.staging.dates import PartialDate
from fhir_adapter.node import Node

COUNTED = ("final", "amended", "corrected", "preliminary")
"""Statuses of a result that may be read."""


def effective(observation: Node) -> PartialDate | None:
    """When it was observed: effective, else issued."""
    node = observation.first("effectiveDateTime", "effectiveInstant", "effectivePeriod.start")
    return node.date() or observation["issued"].date()
