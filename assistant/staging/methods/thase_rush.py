"""Thase and Rush (1997), cumulative: each stage needs the one before it."""

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods

ORDER = ("0", "I", "II", "III", "IV", "V")


def thase_rush(failures: Failures) -> str:
    """``"0"`` to ``"V"``: one trial, a second class, a TCA, an MAOI, bilateral ECT."""
    first_not_taken = (
        bool(failures.trials),
        len(failures.classes) >= methods()["thase_rush"]["classes_for_stage_ii"],
        "TCA" in failures.thase_rush,
        "MAOI" in failures.thase_rush,
        failures.bilateral_ect_failed,
        False,
    ).index(False)
    return ORDER[first_not_taken]
