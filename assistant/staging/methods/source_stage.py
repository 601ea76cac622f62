"""Stage I and II of the source text. It names no higher stage, so none is invented."""

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods

ORDER = ("0", "I", "II")


def source_stage(failures: Failures) -> str:
    """``"0"``; ``"I"``: one adequate trial failed; ``"II"``: a second of another class."""
    if not failures.trials:
        return "0"
    second_class = methods()["source_stage"]["classes_for_stage_ii"]
    return "II" if len(failures.classes) >= second_class else "I"
