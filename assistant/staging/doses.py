"""A daily dose, comparable with the adequacy floor, and as the label states it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """A daily dose in mg/day, known exactly or within ``[low, high]``.

    ``low`` and ``high`` are comparable with the tables' floors (hydrobromide as
    hydrochloride, controlled release as immediate release); ``labelled_low`` and
    ``labelled_high`` are what the prescription says.
    """

    low: Decimal
    high: Decimal
    labelled_low: Decimal
    labelled_high: Decimal

    @classmethod
    def exactly(cls, mg: Decimal, labelled_mg: Decimal | None = None) -> "Dose":
        """A dose of ``mg`` a day; ``labelled_mg`` where the label's figure differs."""
        labelled = mg if labelled_mg is None else labelled_mg
        return cls(low=mg, high=mg, labelled_low=labelled, labelled_high=labelled)

    @classmethod
    def between(cls, low: Decimal, high: Decimal) -> "Dose":
        """A dose somewhere in ``[low, high]`` mg/day."""
        return cls(low=low, high=high, labelled_low=low, labelled_high=high)

    def __add__(self, other: "Dose") -> "Dose":
        """Two strengths of one drug taken on the same day."""
        return Dose(
            low=self.low + other.low,
            high=self.high + other.high,
            labelled_low=self.labelled_low + other.labelled_low,
            labelled_high=self.labelled_high + other.labelled_high,
        )
