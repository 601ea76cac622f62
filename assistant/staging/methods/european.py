"""European staging (Souery 1999): failed trials decide, the weeks are only shown."""

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods

ORDER = ("0", "A", "TRD1", "TRD2", "TRD3", "TRD4", "TRD5", "CRD")


def european(failures: Failures, *, crd_after_days: int) -> str:
    """``"0"``, ``"A"``, ``"TRD1"`` to ``"TRD5"``, or ``"CRD"`` beyond ``crd_after_days``.

    Two failures of one class stay ``"A"`` (CLARIFICATIONS.md).
    """
    failed = len(failures.trials)
    if not failed:
        return "0"
    table = methods()["european"]
    if failed < table["trd1_trials"] or len(failures.classes) < table["trd1_trials"]:
        return "A"
    if failures.days > crd_after_days:
        return "CRD"
    return f"TRD{min(failed - table['trd1_trials'] + 1, table['last_substage'])}"
