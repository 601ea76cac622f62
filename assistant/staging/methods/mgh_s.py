"""MGH-S (Petersen 2005): points for failed trials, optimisation, additions and ECT."""

from decimal import Decimal

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods


def mgh_s(failures: Failures) -> Decimal:
    """The points, in halves. Halves go to failed adequate trials only."""
    table = methods()["mgh_s"]
    points = Decimal(
        table["ect_points"] * failures.ect_courses_failed
        + table["trial_points"] * len(failures.trials)
    )
    if failures.trials:
        points += table["optimised_points"] * failures.optimised
        points += table["addition_points"] * failures.additions
    return points
