"""What a course is judged beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.staging.courses import Course
from assistant.staging.outcome import ScoreHistory
from assistant.staging.record_index import RecordIndex
from assistant.staging.ruleset import Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeView:
    """The record's facts, the other courses of its episode."""

    index: RecordIndex
    scores: ScoreHistory
    courses: Sequence[Course]
    also_begun: Mapping[str, Sequence[tuple[date, date]]]
    """Earliest and latest first day of each addition, by the id of its course; of each course
    of brain stimulation under ``""``."""
    baseline_from: date | None
    """Scores up to this day belong to an earlier episode."""
    as_of: date
    ruleset: Ruleset
