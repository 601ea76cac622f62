"""What must hold of every record that is read, whatever it holds."""

from typing import Any

from fhir_adapter.errors import AdapterError
from fhir_adapter.paths import element_at
from fhir_adapter.read import read_bundle


def read_without_fault(content: Any) -> None:
    """Read a record: a refusal of ours, or facts whose every citation resolves."""
    try:
        record = read_bundle(content)
    except AdapterError:
        return
    facts = record.treatment
    assert [i for i in facts.issues if "please report" in i.problem] == []
    assert facts.completeness.resources_read <= facts.completeness.resources_total
    evidenced = (
        *facts.exposures,
        *facts.scores,
        *facts.diagnoses,
        *facts.sessions,
        *facts.labs,
        *facts.reactions,
        *facts.suicidality,
    )
    for fact in evidenced:
        for item in fact.evidence:
            element_at(record.resources[item.reference], item.element)
    for exposure in facts.exposures:
        assert exposure.dose is None or 0 <= exposure.dose.low <= exposure.dose.high
        if exposure.start and exposure.end:
            assert exposure.start.earliest <= exposure.end.latest
