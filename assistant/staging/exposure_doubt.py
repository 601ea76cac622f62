"""Signs that an adequate dose may have acted as a low one: levels and enzyme inducers.

They never change a verdict; they are remarked and asked about.
"""

from assistant.staging.courses import Course, is_taken
from assistant.staging.record import Exposure, LabResult, TreatmentRecord
from assistant.staging.tables import interactions, plasma_ranges
from assistant.staging.timeline import Reading, span


def low_levels(record: TreatmentRecord, course: Course) -> list[LabResult]:
    """Plasma levels of the course's drug, drawn within it, below the reference range."""
    expected = plasma_ranges().get(course.drug.name)
    inside = course.span(Reading.SHORTEST)
    if expected is None or inside is None:
        return []
    return [
        lab
        for lab in record.labs
        if lab.test == f"plasma_level:{course.drug.name}"
        and lab.is_below(expected.low)
        and lab.date is not None
        and inside[0] <= lab.date.earliest
        and lab.date.latest <= inside[1]
    ]


def inducers(record: TreatmentRecord, course: Course) -> list[Exposure]:
    """Uses of an enzyme inducer that lowers the course's drug, overlapping the course."""
    inside = course.span(Reading.SHORTEST)
    if inside is None:
        return []
    table, drug = interactions()["inducer"], course.drug
    found = []
    for exposure in record.exposures:
        inducer = table.get(exposure.drug)
        if inducer is None or not is_taken(exposure):
            continue
        if not inducer.affects & {drug.name, f"class:{drug.drug_class}"}:
            continue
        used = span(exposure, Reading.SHORTEST, inside[1])
        if used is not None and used[0] <= inside[1] and used[1] >= inside[0]:
            found.append(exposure)
    return sorted(found, key=lambda x: (x.drug, str(x.evidence[0]) if x.evidence else ""))
