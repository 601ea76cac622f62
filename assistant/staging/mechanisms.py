"""Markers and models of mechanism. They are shown; they never change a stage."""

from decimal import Decimal

from assistant.staging.record import LabResult, TreatmentRecord
from assistant.staging.report import Biomarker
from assistant.staging.tables import plasma_ranges, thresholds


def biomarkers(record: TreatmentRecord) -> tuple[Biomarker, ...]:
    """hs-CRP, dexamethasone suppression and plasma levels with their reading, newest first."""
    found = []
    for lab in record.labs:
        reading = _reading(lab)
        if reading is None or lab.value is None:
            continue
        found.append(
            Biomarker(
                marker=lab.test.replace("plasma_level:", "plasma level of "),
                value=lab.value,
                unit=lab.unit,
                date=lab.date,
                reading=reading,
                evidence=lab.evidence,
            )
        )
    found.sort(key=lambda b: (str(b.date or ""), b.marker, str(b.value)), reverse=True)
    return tuple(found)


def occupancy_after(occupancy_percent: Decimal, concentration_factor: Decimal) -> Decimal:
    """Transporter occupancy when the brain concentration changes by a factor.

    One-site binding, ``C / (C + K)``: 71 % becomes 83 % when the concentration
    doubles (the source text's ABCB1 example). A calculator, not a measurement:
    it is never applied to a patient.

    Raises:
        ValueError: the occupancy is outside (0, 100) or the factor is not positive.
    """
    hundred = Decimal(100)
    if not 0 < occupancy_percent < hundred or concentration_factor <= 0:
        raise ValueError("occupancy must lie between 0 and 100 %, the factor above 0")
    ratio = occupancy_percent / (hundred - occupancy_percent) * concentration_factor
    return ratio / (ratio + 1) * hundred


def _reading(lab: LabResult) -> str | None:
    if lab.value is None:
        return None
    limits = thresholds()
    if lab.test == "hs-CRP":
        if lab.is_above(limits["hs_crp_uninterpretable"].value):
            return "not interpretable: acute inflammation is likely"
        if lab.is_below(limits["hs_crp_stratum"].value):
            return "below the inflammatory stratum, exploratory"
        if lab.upper_limit_only:
            return "not exact enough for the inflammatory stratum"
        return "inflammatory stratum, exploratory"
    if lab.test == "DST":
        limit = limits["cortisol_dst_non_suppression"].value
        word = "suppressed" if lab.is_below(limit) else "not suppressed"
        return f"cortisol {word} after dexamethasone, informational"
    if lab.test.startswith("plasma_level:"):
        expected = plasma_ranges().get(lab.test.partition(":")[2])
        if expected is None:
            return None
        if lab.is_below(expected.low):
            return "below range: exposure is doubtful"
        return "within or above range: supports exposure"
    return None
