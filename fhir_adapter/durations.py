"""How many days a Duration lasts, and on which day it ends."""

from decimal import Decimal

from assistant.staging.dates import PartialDate, add_days
from fhir_adapter import timing
from fhir_adapter.node import Node


def days_of(duration: Node) -> Decimal | None:
    """The days a Duration (or daysSupply) lasts; an issue for a unit that is no time."""
    value = duration.decimal_at("value")
    if value is None:
        return None
    if value <= 0:
        duration.error("a duration must be above 0: it is not read")
        return None
    names = duration.units()
    for name in names:
        found = timing.days(value, name)
        if found is not None:
            return found
    if not names:
        duration.warning("a duration without a unit: read as days")
        return value
    duration.error("not a unit of time: the duration is not read")
    return None


def last_day(start: PartialDate, length: Decimal) -> PartialDate:
    """The last day of ``length`` days that begin at ``start``, both counted."""
    whole = max(1, int(length))
    if start.is_exact:
        return PartialDate.of(add_days(start.earliest, whole - 1))
    first, last = add_days(start.earliest, whole - 1), add_days(start.latest, whole - 1)
    return PartialDate(first, last, f"{last:%Y-%m}" if first.year == last.year else f"{last:%Y}")
