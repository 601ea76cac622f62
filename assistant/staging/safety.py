"""Signs of suicidal thoughts or behaviour: they come before every other question."""

from datetime import date

from assistant.staging.record import TreatmentRecord
from assistant.staging.report import SafetyFlag

_WORDS = {
    "phq9_item_9": "PHQ-9 item 9 above 0",
    "coded_ideation": "suicidal ideation is coded",
    "coded_attempt": "a suicide attempt is coded",
    "c_ssrs": "a positive answer of the C-SSRS",
}


def flags(record: TreatmentRecord) -> tuple[SafetyFlag, ...]:
    """One flag a sign, the newest first."""
    ordered = sorted(
        record.suicidality,
        key=lambda s: (s.date.latest if s.date else date.min, s.kind),
        reverse=True,
    )
    return tuple(
        SafetyFlag(
            flag="suicidality",
            detail="; ".join(filter(None, (_WORDS.get(s.kind, s.kind), s.detail))),
            date=s.date,
            evidence=s.evidence,
        )
        for s in ordered
    )
