"""The tables behind every report: rules, thresholds with unit and source, scales, sources."""

from functools import cache
from typing import Any

from fastapi import APIRouter

from assistant.service.reference import reference_tables

router = APIRouter(tags=["knowledge"])


@router.get("/api/reference")
def reference() -> dict[str, Any]:
    """Rules, rating scales (points), sources, and every ruleset with values, units, sources."""
    return _tables()


@cache
def _tables() -> dict[str, Any]:
    return reference_tables()
