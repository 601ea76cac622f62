"""Whether a recorded diagnosis rules out unipolar treatment-resistant depression."""

from collections.abc import Iterable, Sequence

from assistant.staging.record import Diagnosis, Verification
from assistant.staging.tables import checks

_BLOCKING_CHECKS = ("bipolarity", "psychosis")


def standing(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """The diagnoses that are neither refuted nor entered in error."""
    return [
        d
        for d in diagnoses
        if d.verification not in (Verification.REFUTED, Verification.ENTERED_IN_ERROR)
    ]


def blocking(diagnoses: Sequence[Diagnosis]) -> dict[str, list[Diagnosis]]:
    """Rule id to the diagnoses that block staging; a remission code blocks as well."""
    found: dict[str, list[Diagnosis]] = {}
    for name in _BLOCKING_CHECKS:
        check = checks()[name]
        hits = [d for d in standing(diagnoses) if d.category in check.categories]
        if hits:
            found[check.rule] = hits
    return found
