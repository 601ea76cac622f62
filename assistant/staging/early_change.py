"""Little change by week four: a flag for review, never a failure.

Less than a fifth of improvement after four weeks predicts non-response later on
(CANMAT 2023, Q7d); the trial is judged by its endpoint all the same.
"""

from assistant.staging.courses import Course
from assistant.staging.dates import add_days
from assistant.staging.outcome import SUCCESS, Measured, ScoreHistory
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import thresholds


def little_change_early(
    course: Course, measured: Measured, scores: ScoreHistory, ruleset: Ruleset
) -> bool:
    """Whether the last score by week four shows too little improvement.

    Only where the start and the scores are known to the day, and only while no
    later score shows a response.
    """
    start, outcome = course.start, measured.outcome
    if start is None or not start.is_exact or outcome.category in SUCCESS or not outcome.baseline:
        return False
    limits = thresholds()
    first = add_days(start.earliest, ruleset.endpoint_min_days)
    last = add_days(start.earliest, int(limits["early_change_days"].value))
    by_then = scores.between(outcome.scale or "", first, last)
    if not by_then:
        return False
    last_day = by_then[-1].date.earliest
    latest = max([s for s in by_then if s.date.earliest == last_day], key=lambda s: s.date.time)
    fell = (outcome.baseline - latest.value) / outcome.baseline * 100
    return fell < limits["early_change_percent"].value
