"""The moment a question is asked at; alone, so that ``stage`` loads nothing of answering."""

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment a question is asked at, on the record's own wall clock."""

    text: str
    """As given; echoed."""
    wall: datetime
    """Without offset; the last moment of the day where only a date was given."""

    @property
    def day(self) -> date:
        """The calendar date."""
        return self.wall.date()

    @classmethod
    def parse(cls, text: str) -> "AsOf":
        """Read a date or a date-time.

        Raises:
            ValueError: ``text`` is neither.
        """
        try:
            if "T" not in text and " " not in text.strip():
                return cls.of(date.fromisoformat(text.strip()))
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            raise ValueError(
                "as_of must be a date (2024-06-01) or a date-time (2024-06-01T12:00:00)"
            ) from None
        return cls(text.strip(), moment.replace(tzinfo=None))

    @classmethod
    def of(cls, day: date) -> "AsOf":
        """The whole of ``day``."""
        return cls(day.isoformat(), datetime.combine(day, time.max))
