"""GSRD: the number of failed adequate trials, whatever their class."""

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods

ORDER = ("none", "non_responder", "trd")


def gsrd(failures: Failures) -> str:
    """``none``, ``non_responder`` (one failed trial) or ``trd``."""
    failed = len(failures.trials)
    if failed >= methods()["gsrd"]["trd_from_trials"]:
        return "trd"
    return "non_responder" if failed else "none"
