"""Signs that an adequate dose may have acted as a low one: levels and enzyme inducers.

They never change a verdict; they are remarked and asked about.
"""

from assistant.staging.courses import Course
from assistant.staging.record import Exposure, LabResult
from assistant.staging.record_index import RecordIndex
from assistant.staging.tables import plasma_ranges
from assistant.staging.timeline import Reading, span


def low_levels(index: RecordIndex, course: Course) -> list[LabResult]:
    """Plasma levels of the course's drug, drawn within it, below the reference range."""
    levels = index.labs.get(f"plasma_level:{course.drug.name}")
    inside = course.shortest_span
    expected = plasma_ranges().get(course.drug.name) if levels else None
    if not levels or expected is None or inside is None:
        return []
    return [
        lab
        for lab in levels
        if lab.is_below(expected.low)
        and lab.date is not None
        and inside[0] <= lab.date.earliest
        and lab.date.latest <= inside[1]
    ]


def inducers(index: RecordIndex, course: Course) -> list[Exposure]:
    """Uses of an enzyme inducer that lowers the course's drug, overlapping the course."""
    inside = course.shortest_span
    if inside is None or not index.inducers:
        return []
    affected = {course.drug.name, f"class:{course.drug.drug_class}"}
    found = []
    for exposure, inducer in index.inducers:
        if not inducer.affects & affected:
            continue
        used = span(exposure, Reading.SHORTEST, inside[1])
        if used is not None and used[0] <= inside[1] and used[1] >= inside[0]:
            found.append(exposure)
    return sorted(found, key=lambda x: x.drug)
