"""What fills a chart beside an antidepressant career, in the proportions of real exports.

A profile says how many resources of a type a patient has, how long a line of it is, and which
codes it carries. The figures were counted in two exports: ``synthea``, three whole Synthea charts
(188 resources, 164 kB a patient; 21 % of the resources are read, most of these Encounters and the
laboratory values that staging knows), and ``mimic``, the MIMIC-IV demo (1,523 resources, 1.36 MB a
patient; 15 % are read, most of these orders that point to a Medication). Codes are the
commonest ones there; every name, date and value is made up. Lines are filled into templates, so
that a hundred thousand charts are written in minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

import orjson

_LOINC, _SNOMED = "http://loinc.org", "http://snomed.info/sct"
_RXNORM, _UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://unitsofmeasure.org"
_LOCAL = "http://example.org/fhir/CodeSystem/"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_SIZES = (0.4, 0.7, 0.9, 1.0, 1.2, 1.8)
"""How full charts are against the mean, each as often as the others; their mean is one."""
_ID, _PATIENT, _DAY, _VALUE, _VISIT = "@id@", "@patient@", "@day@", 7070707.7, "@visit@"
Item = tuple[str, str, str, str, int]
"""System, code, display, unit (empty for none) and weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One sort of resource in a profile."""

    type: str
    mean: float
    """How many a patient has."""
    size: int
    """Bytes of a line, as counted."""
    items: tuple[Item, ...]
    category: str = ""
    shared: int = 0
    """Of a drug that is named by reference: how many Medications the patients share."""


def _of(system: str, text: str) -> tuple[Item, ...]:
    """Items from ``code|display|unit|weight`` separated by semicolons."""
    found = []
    for part in text.split(";"):
        code, display, unit, weight = part.strip().split("|")
        found.append((system, code, display, unit, int(weight)))
    return tuple(found)


_SYNTHEA = (
    Kind(
        type="Observation",
        mean=81.4,
        size=823,
        category="laboratory",
        items=_of(
            _LOINC,
            "2339-0|Glucose|mg/dL|17; 6299-2|Urea Nitrogen|mg/dL|17; 38483-4|Creatinine|mg/dL|17;"
            "49765-1|Calcium|mg/dL|17; 2947-0|Sodium|mmol/L|17; 6298-4|Potassium|mmol/L|17;"
            "2069-3|Chloride|mmol/L|17; 20565-8|Carbon Dioxide|mmol/L|17;"
            "4548-4|Hemoglobin A1c/Hemoglobin.total in Blood|%|17;"
            "2093-3|Total Cholesterol|mg/dL|9; 2571-8|Triglycerides|mg/dL|9;"
            "2085-9|High Density Lipoprotein Cholesterol|mg/dL|9",
        ),
    ),
    Kind(
        type="Observation",
        mean=44.9,
        size=823,
        category="vital-signs",
        items=_of(
            _LOINC,
            "72514-3|Pain severity - 0-10 verbal numeric rating [Score] - Reported|{score}|23;"
            "8302-2|Body Height|cm|22; 29463-7|Body Weight|kg|22; 39156-5|Body Mass Index|kg/m2|22;"
            "55284-4|Blood Pressure|mm[Hg]|22; 72166-2|Tobacco smoking status NHIS||22",
        ),
    ),
    Kind(
        type="Encounter",
        mean=20.3,
        size=795,
        items=_of(
            _SNOMED, "185349003|Encounter for check up||5; 185345009|Encounter for symptom||3"
        ),
    ),
    Kind(
        type="DiagnosticReport",
        mean=10.3,
        size=1396,
        items=_of(_LOINC, "51990-0|Basic Metabolic Panel||17; 57698-3|Lipid Panel||9"),
    ),
    Kind(
        type="Condition",
        mean=7.0,
        size=805,
        items=_of(
            _SNOMED,
            "10509002|Acute bronchitis (disorder)||8; 444814009|Viral sinusitis (disorder)||4;"
            "195662009|Acute viral pharyngitis (disorder)||2; 15777000|Prediabetes||2;"
            "271737000|Anemia (disorder)||2; 162864005|Body mass index 30+ - obesity (finding)||1;"
            "239873007|Osteoarthritis of knee||1; 39848009|Whiplash injury to neck||1",
        ),
    ),
    Kind(
        type="MedicationRequest",
        mean=6.3,
        size=860,
        items=_of(
            _RXNORM,
            "313782|Acetaminophen 325 MG Oral Tablet||4; 310965|Ibuprofen 200 MG Oral Tablet||2;"
            "1049221|Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet||2;"
            "904419|Alendronic acid 10 MG Oral Tablet||1; 309097|Cefuroxime 250 MG Oral Tablet||1;"
            "849574|Naproxen sodium 220 MG Oral Tablet||2",
        ),
    ),
    Kind(
        type="CarePlan",
        mean=6.0,
        size=1406,
        items=_of(_SNOMED, "736254008|Psychiatry care plan||1; 53950000|Respiratory therapy||1"),
    ),
    Kind(
        type="Procedure",
        mean=6.0,
        size=605,
        items=_of(
            _SNOMED,
            "428191000124101|Documentation of current medications||10;"
            "23426006|Measurement of respiratory function (procedure)||2; 73761001|Colonoscopy||2;"
            "74016001|Knee X-ray||1",
        ),
    ),
)
_WARD_DRUGS = _of(
    f"{_LOCAL}formulary",
    "NACLFLUSH|Sodium Chloride 0.9% Flush||25; HEPA5I|Heparin||12; OXYC5|OxyCODONE||11;"
    "HUMU100I|Insulin||8; MIDO5|Midodrine||8; ACET325|Acetaminophen||7; D5W|Dextrose 5%||24;"
    "NOREPI|Norepinephrine||9; PROPOF|Propofol||8; FENT|Fentanyl||6; SENN187|Senna||6;"
    "VANC1F|Vancomycin||6; FURO40I|Furosemide||6; CITA20|Citalopram||1; QUET25|QUEtiapine||1",
)
_MIMIC = (
    Kind(type="MedicationAdministration", mean=565.4, size=979, items=_WARD_DRUGS),
    Kind(
        type="Observation",
        mean=369.5,
        size=844,
        category="vital-signs",
        items=_of(
            _LOINC,
            "85354-9|Blood pressure panel with all children optional|mm[Hg]|13;"
            "8867-4|Heart rate|/min|12;"
            "98137-3|Pain assessment report||13; 9279-1|Respiratory rate|/min|12;"
            "2708-6|Oxygen saturation in Arterial blood|%|12; 8310-5|Body temperature|F|8;"
            "2947-0|Sodium|mmol/L|11",
        )
        + _of(
            f"{_LOCAL}items",
            "226559|Foley|ml|67; 225754|20 Gauge Insertion Date||30; 224290|Tubing Change||60;"
            "224288|Arterial line Insertion Date||40; 224186|Dressing Change||80",
        ),
    ),
    Kind(type="MedicationRequest", mean=152.3, size=1035, items=_WARD_DRUGS, shared=1794),
    Kind(type="MedicationRequest", mean=23.3, size=1035, items=_WARD_DRUGS),
    Kind(type="MedicationDispense", mean=153.8, size=981, items=_WARD_DRUGS),
    Kind(
        type="Specimen",
        mean=124.6,
        size=531,
        items=_of(_SNOMED, "119297000|Blood specimen||3; 122575003|Urine specimen||1"),
    ),
    Kind(
        type="Condition",
        mean=50.5,
        size=660,
        items=_of(
            "http://hl7.org/fhir/sid/icd-10-cm",
            "E78.5|Hyperlipidemia, unspecified||56; Z79.4|Long term (current) use of insulin||56;"
            "N17.9|Acute kidney failure, unspecified||38;"
            "I48.91|Unspecified atrial fibrillation||39;"
            "I10|Essential (primary) hypertension||45; E11.9|Type 2 diabetes mellitus||35;"
            "D64.9|Anemia, unspecified||20; J96.01|Acute respiratory failure with hypoxia||20",
        ),
    ),
    Kind(
        type="Procedure",
        mean=34.5,
        size=636,
        items=_of(
            _SNOMED,
            "410188000|Taking patient vital signs assessment (procedure)||103;"
            "386478007|Triage: emergency center (procedure)||22; 399208008|Chest X-ray||17",
        ),
    ),
    Kind(type="MedicationStatement", mean=24.1, size=819, items=_WARD_DRUGS),
    Kind(
        type="Encounter",
        mean=6.4,
        size=1480,
        items=_of(_SNOMED, "32485007|Hospital admission||1; 50849002|Emergency room admission||1"),
    ),
)
PROFILES: dict[str, tuple[Kind, ...]] = {"synthea": _SYNTHEA, "mimic": _MIMIC}


def lines(
    profile: str, chance: Random, patient: str, days: tuple[bytes, ...]
) -> Iterator[tuple[str, bytes]]:
    """The lines of one patient, each with its file: ``Type.YYYY.ndjson``; days are ISO dates."""
    fullness, number, who = chance.choice(_SIZES), 0, patient.encode()
    for kind in PROFILES[profile]:
        wanted = kind.mean * fullness
        count = int(wanted) + (chance.random() < wanted % 1)
        templates, weights = _templates(kind)
        for parts in chance.choices(templates, cum_weights=weights, k=count):
            day = days[int(chance.random() * len(days))]
            told = {
                "id": b"%s-c%d" % (who, number),
                "patient": who,
                "day": day,
                "value": b"%.1f" % (1 + 200 * chance.random()),
                "visit": b"%s-v%d" % (who, number % 20),
                "shared": b"m%d" % int(kind.shared * chance.random()),
            }
            number += 1
            name = f"{kind.type}.{day[:4].decode()}.ndjson"
            yield name, b"".join(told[part] if isinstance(part, str) else part for part in parts)


def shared(profile: str) -> Iterator[tuple[str, bytes]]:
    """The Medications that patients of a profile share."""
    for kind in PROFILES.get(profile, ()):
        for number in range(kind.shared):
            _, code, display, _, _ = kind.items[number % len(kind.items)]
            coding = {"system": f"{_LOCAL}formulary", "code": code, "display": display}
            resource = {
                "resourceType": "Medication",
                "id": f"m{number}",
                "code": {"coding": [coding]},
                "status": "active",
            }
            yield "Medication.ndjson", orjson.dumps(resource) + b"\n"


@cache
def _templates(kind: Kind) -> tuple[list[tuple[str | bytes, ...]], list[int]]:
    """Each item as bytes with named gaps between, and the weights added up."""
    found = [_cut(orjson.dumps(_resource(kind, item)), kind.size) for item in kind.items]
    return found, list(accumulate(item[-1] for item in kind.items))


def _cut(text: bytes, size: int) -> tuple[str | bytes, ...]:
    """A line cut at its gaps, with a narrative that fills it up to the size counted."""
    narrative = b',"text":{"status":"generated","div":"<div>%s</div>"}}'
    room = size - len(text) - len(narrative)
    if room > 0:
        text = text[:-1] + narrative % (b"." * room)
    gaps = {
        _ID.encode(): "id",
        _PATIENT.encode(): "patient",
        _DAY.encode(): "day",
        str(_VALUE).encode(): "value",
        _VISIT.encode(): "visit",
        b"@shared@": "shared",
    }
    parts: list[str | bytes] = [text + b"\n"]
    for mark, name in gaps.items():
        parts = [piece for part in parts for piece in _split(part, mark, name)]
    return tuple(parts)


def _split(part: str | bytes, mark: bytes, name: str) -> list[str | bytes]:
    if isinstance(part, str):
        return [part]
    first, *others = part.split(mark)
    return [first, *(piece for other in others for piece in (name, other))]


def _resource(kind: Kind, item: Item) -> dict[str, Any]:
    system, code, display, unit, _ = item
    concept = {"coding": [{"system": system, "code": code, "display": display}], "text": display}
    moment = f"{_DAY}T09:20:00-05:00"
    base: dict[str, Any] = {
        "resourceType": kind.type,
        "id": _ID,
        "meta": {"versionId": "1", "lastUpdated": f"{_DAY}T09:30:00.000Z"},
        "status": "final" if kind.type in ("Observation", "DiagnosticReport") else "completed",
        "subject": {"reference": f"Patient/{_PATIENT}"},
        "encounter": {"reference": f"Encounter/{_VISIT}"},
    }
    if kind.type.startswith("Medication"):
        return {**base, **_drug(kind, concept, moment)}
    if kind.type == "Observation":
        return {**base, "code": concept, **_observed(kind, unit, moment)}
    return {**base, **_about(kind, concept, moment)}


def _drug(kind: Kind, concept: dict[str, Any], moment: str) -> dict[str, Any]:
    dose = {"value": _VALUE, "unit": "mg", "system": _UCUM, "code": "mg"}
    named = {"medicationReference": {"reference": "Medication/@shared@"}}
    timed: dict[str, Any] = {
        "MedicationRequest": {
            "intent": "order",
            "authoredOn": moment,
            "dosageInstruction": [{"text": "as ordered", "doseAndRate": [{"doseQuantity": dose}]}],
        },
        "MedicationDispense": {"whenHandedOver": moment, "quantity": dose},
        "MedicationStatement": {"effectiveDateTime": moment},
        "MedicationAdministration": {"effectiveDateTime": moment, "dosage": {"dose": dose}},
    }
    about = named if kind.shared else {"medicationCodeableConcept": concept}
    return {**about, **timed[kind.type]}


def _observed(kind: Kind, unit: str, moment: str) -> dict[str, Any]:
    about: dict[str, Any] = {
        "category": [{"coding": [{"system": _CATEGORY, "code": kind.category}]}],
        "effectiveDateTime": moment,
        "issued": moment,
    }
    quantity = {"value": _VALUE, "unit": unit, "system": _UCUM, "code": unit}
    if unit == "mm[Hg]":
        parts = (("8480-6", "Systolic Blood Pressure"), ("8462-4", "Diastolic Blood Pressure"))
        about["component"] = [
            {
                "code": {"coding": [{"system": _LOINC, "code": code, "display": display}]},
                "valueQuantity": quantity,
            }
            for code, display in parts
        ]
    elif unit:
        about["valueQuantity"] = quantity
    else:
        about["valueString"] = "recorded"
    return about


def _about(kind: Kind, concept: dict[str, Any], moment: str) -> dict[str, Any]:
    if kind.type == "Encounter":
        period = {"start": moment, "end": f"{_DAY}T09:50:00-05:00"}
        return {"status": "finished", "class": {"code": "AMB"}, "type": [concept], "period": period}
    if kind.type == "Condition":
        active = {"coding": [{"code": "active"}]}
        return {"clinicalStatus": active, "code": concept, "onsetDateTime": _DAY}
    if kind.type == "Procedure":
        return {"code": concept, "performedDateTime": moment}
    if kind.type == "DiagnosticReport":
        results = [{"reference": f"Observation/{_PATIENT}-c{n}"} for n in range(8)]
        return {"code": concept, "effectiveDateTime": moment, "result": results}
    if kind.type == "CarePlan":
        return {"category": [concept], "intent": "order", "period": {"start": moment}}
    return {"type": concept, "receivedTime": moment}
