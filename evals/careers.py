"""Antidepressant careers made up from a seed, written as a Bulk Data export would be.

``python -m evals.careers --patients 100000 --seed 1 --out DIR`` writes NDJSON by resource type
and year, so that no patient stands together. Patient ``n`` of a seed is the same however many
are asked for. One in five never had an antidepressant; the others tried one to six, among
laboratory values, vital signs, visits and other drugs. Some of what a stage needs is left out
on purpose: a dose, the day of a date, a score, the reason for stopping. ``--chart synthea`` and
``--chart mimic`` put the same careers into charts as full as real ones (:mod:`evals.full_charts`).
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import orjson

from evals import full_charts

FIRST_DAY = date(2016, 1, 4)
LAST_DAY = date(2024, 6, 1)
"""The day to stage the export on."""
DENSE = "dense"
"""A chart of 26 kB with little in it but what staging reads."""
CHARTS = (DENSE, *full_charts.PROFILES)
_MIX_PATIENTS = 500
"""So many patients are shuffled into one another within a file."""
_LOINC, _RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM, _SNOMED = "http://unitsofmeasure.org", "http://snomed.info/sct"
_ICD10, _CPT = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.ama-assn.org/go/cpt"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_STATUS = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_TRIALS = ((0, 20), (1, 28), (2, 22), (3, 15), (4, 9), (5, 4), (6, 2))
"""Antidepressants tried, and how many patients in a hundred."""
_ANTIDEPRESSANTS = (
    ("312941", "sertraline 50 MG Oral Tablet", 50, (25, 50, 100, 150, 200)),
    ("349332", "escitalopram 10 MG Oral Tablet", 10, (5, 10, 20)),
    ("200371", "citalopram 20 MG Oral Tablet", 20, (10, 20, 40)),
    ("310385", "fluoxetine 20 MG Oral Capsule", 20, (20, 40, 60)),
    ("313585", "24 HR venlafaxine 75 MG Extended Release Oral Capsule", 75, (75, 150, 225)),
    (
        "993518",
        "12 HR bupropion hydrochloride 150 MG Extended Release Oral Tablet",
        150,
        (150, 300),
    ),
    ("311725", "mirtazapine 15 MG Oral Tablet", 15, (15, 30, 45)),
    ("198046", "nortriptyline 50 MG Oral Capsule", 50, (25, 50, 100)),
    ("1439808", "vortioxetine 10 MG Oral Tablet", 10, (10, 20)),
    ("856377", "trazodone hydrochloride 50 MG Oral Tablet", 50, (50, 100)),
    ("312347", "phenelzine 15 MG Oral Tablet", 15, (45, 60)),
)
_AUGMENTING = (
    ("197891", "lithium carbonate 300 MG Extended Release Oral Tablet", 300, 900),
    ("312744", "quetiapine 25 MG Oral Tablet", 25, 150),
)
_OTHER_DRUGS = (
    ("314076", "lisinopril 10 MG Oral Tablet", 10, 10),
    ("310534", "glyburide 2.5 MG Oral Tablet", 2.5, 5),
    ("198211", "simvastatin 40 MG Oral Tablet", 40, 40),
    ("861007", "metformin hydrochloride 500 MG Oral Tablet", 500, 1000),
)
_LABORATORY = (
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "m[IU]/L", 2.1),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 139),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5.6),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 182),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.9),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 6.8),
)
_VITAL = (
    ("29463-7", "Body weight", "kg", 71.5),
    ("8867-4", "Heart rate", "/min", 68),
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 124),
)
_DEPRESSION = (
    ("F32.1", "Major depressive disorder, single episode, moderate"),
    ("F33.1", "Major depressive disorder, recurrent, moderate"),
    ("F33.2", "Major depressive disorder, recurrent severe without psychotic features"),
)
_OTHER_PROBLEMS = (
    (_SNOMED, "59621000", "Essential hypertension"),
    (_SNOMED, "44054006", "Type 2 diabetes mellitus"),
    (_ICD10, "F41.1", "Generalized anxiety disorder"),
    (_ICD10, "E03.9", "Hypothyroidism, unspecified"),
    (_ICD10, "F31.81", "Bipolar II disorder"),
)


@dataclass
class _Chart:
    """One patient while being made up."""

    chance: Random
    patient: str
    resources: list[tuple[date, dict[str, Any]]] = field(default_factory=list)

    def add(self, kind: str, on: date, content: dict[str, Any]) -> str:
        """Take a resource in; the reference to it."""
        name = f"{self.patient}-{len(self.resources)}"
        whole = {
            "resourceType": kind,
            "id": name,
            "meta": {"versionId": "1", "lastUpdated": f"{on}T09:30:00.000Z"},
            "subject": {"reference": f"Patient/{self.patient}"},
            **content,
        }
        self.resources.append((on, whole))
        return f"{kind}/{name}"

    def often(self, percent: float) -> bool:
        """True in ``percent`` of a hundred."""
        return self.chance.random() * 100 < percent

    def day(self) -> date:
        """Any day of the years covered."""
        return FIRST_DAY + timedelta(days=self.chance.randrange((LAST_DAY - FIRST_DAY).days))


def patient(seed: int, number: int, *, noise: bool = True) -> list[tuple[date, dict[str, Any]]]:
    """The resources of one patient, each with the day it was recorded."""
    chance = Random(f"{seed}/{number}")  # noqa: S311 - made up, guards nothing
    chart = _Chart(chance=chance, patient=f"p{number}")
    born = date(1940, 1, 1) + timedelta(days=chance.randrange(24_000))
    person = {
        "resourceType": "Patient",
        "id": chart.patient,
        "identifier": [{"system": "urn:oid:2.999.1", "value": f"MRN{number:08}"}],
        "name": [{"use": "official", "family": f"Family{number}", "given": [f"Given{number}"]}],
        "gender": chance.choice(("female", "female", "male")),
        "birthDate": born.isoformat(),
    }
    chart.resources.append((FIRST_DAY, person))
    if noise:
        _noise(chart)
    _career(chart)
    return chart.resources


def _noise(chart: _Chart) -> None:
    for rows, category, most in ((_LABORATORY, "laboratory", 24), (_VITAL, "vital-signs", 24)):
        for _ in range(chart.chance.randrange(4, most)):
            code, display, unit, value = chart.chance.choice(rows)
            measured = round(value * chart.chance.uniform(0.8, 1.25), 1)
            _observation(chart, chart.day(), category, (code, display), (measured, unit))
    for _ in range(chart.chance.randrange(2, 10)):
        on = chart.day()
        visit = {"system": _SNOMED, "code": "185349003", "display": "Encounter for check up"}
        about = {
            "status": "finished",
            "class": {"code": "AMB"},
            "type": [{"coding": [visit]}],
            "period": {"start": f"{on}T08:00:00-05:00", "end": f"{on}T08:30:00-05:00"},
        }
        chart.add("Encounter", on, about)
    for code, display, strength, dose in chart.chance.sample(
        _OTHER_DRUGS, chart.chance.randrange(3)
    ):
        start = chart.day()
        _order(chart, (code, display, strength), dose, start, start + timedelta(days=180))
    for system, code, display in chart.chance.sample(_OTHER_PROBLEMS, 2):
        if chart.often(12):
            _condition(chart, chart.day(), {"system": system, "code": code, "display": display})


def _observation(
    chart: _Chart, on: date, category: str, code: tuple[str, str], value: tuple[float, str]
) -> None:
    about = {
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": category}]}],
        "code": {
            "coding": [{"system": _LOINC, "code": code[0], "display": code[1]}],
            "text": code[1],
        },
        "effectiveDateTime": f"{on}T10:20:00-05:00",
        "issued": f"{on}T11:00:00.000-05:00",
        "valueQuantity": {"value": value[0], "unit": value[1], "system": _UCUM, "code": value[1]},
    }
    chart.add("Observation", on, about)


def _condition(chart: _Chart, on: date, coding: dict[str, str]) -> None:
    about = {
        "clinicalStatus": {"coding": [{"system": _STATUS, "code": "active"}]},
        "code": {"coding": [coding], "text": coding["display"]},
        "onsetDateTime": on.isoformat() if chart.often(80) else on.isoformat()[:7],
        "recordedDate": on.isoformat(),
    }
    chart.add("Condition", on, about)


def _career(chart: _Chart) -> None:
    counts, weights = zip(*_TRIALS, strict=True)
    tried = chart.chance.choices(counts, weights)[0]
    if not tried:
        return
    start = FIRST_DAY + timedelta(days=chart.chance.randrange(300, 2300))
    if chart.often(95):
        code, display = chart.chance.choice(_DEPRESSION)
        onset = start - timedelta(days=chart.chance.randrange(7, 200))
        _condition(chart, onset, {"system": _ICD10, "code": code, "display": display})
    score = chart.chance.randrange(14, 24)
    for drug in chart.chance.sample(_ANTIDEPRESSANTS, tried):
        days = chart.chance.choice((14, 30, 45, 60, 84, 120, 240))
        score = _trial(chart, drug, start, days, score)
        start += timedelta(days=days + chart.chance.choice((-7, 0, 0, 1, 10, 40, 200)))
        if start > LAST_DAY:
            return
    if chart.often(3):
        for session in range(chart.chance.choice((6, 8, 10))):
            on = start + timedelta(days=3 * session)
            coding = {"system": _CPT, "code": "90870", "display": "Electroconvulsive therapy"}
            about = {
                "status": "completed",
                "code": {"coding": [coding]},
                "performedDateTime": on.isoformat(),
            }
            chart.add("Procedure", on, about)


def _trial(
    chart: _Chart, drug: tuple[str, str, float, tuple[int, ...]], start: date, days: int, score: int
) -> int:
    """One trial with its fills and scores; the score it ends with."""
    code, display, strength, doses = drug
    end = start + timedelta(days=days - 1)
    dose = chart.chance.choice(doses)
    order = _order(chart, (code, display, strength), dose, start, end)
    if chart.often(60):
        for fill in range(0, days, 30):
            if chart.often(92):
                _dispense(chart, (code, display), start + timedelta(days=fill), order)
    after = max(1, score - chart.chance.choice((0, 1, 2, 4, 8, 14)))
    for on, value in ((start, score), (end, after)):
        if chart.often(75):
            label = "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"
            _observation(chart, on, "survey", ("44261-6", label), (value, "{score}"))
    if chart.often(10):
        agent, product, unit, daily = chart.chance.choice(_AUGMENTING)
        _order(chart, (agent, product, unit), daily, start + timedelta(days=days // 2), end)
    return after


def _order(chart: _Chart, drug: tuple[str, str, float], dose: float, start: date, end: date) -> str:
    code, display, _ = drug
    rate = {"doseQuantity": {"value": dose, "unit": "mg", "system": _UCUM, "code": "mg"}}
    period = {"start": start.isoformat(), "end": end.isoformat()}
    if chart.often(4):
        period["start"] = period["start"][:7]
    repeat = {"boundsPeriod": period, "frequency": 1, "period": 1, "periodUnit": "d"}
    known = not chart.often(6)
    instruction: dict[str, Any] = {"timing": {"repeat": repeat}}
    if known:
        instruction |= {"text": f"{dose} mg by mouth once daily", "doseAndRate": [rate]}
    about: dict[str, Any] = {
        "meta": {"profile": [f"{_US_CORE}medicationrequest"], "lastUpdated": f"{start}T09:30:00Z"},
        "status": "completed" if end < LAST_DAY else "active",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": _RXNORM, "code": code, "display": display}],
            "text": display,
        },
        "authoredOn": f"{start}T09:30:00-05:00",
        "dosageInstruction": [instruction],
    }
    if chart.often(12):
        about["status"] = "stopped"
        words = chart.chance.choice(("inefficacy", "side effects", "patient preference"))
        about["statusReason"] = {"text": words}
    return chart.add("MedicationRequest", start, about)


def _dispense(chart: _Chart, drug: tuple[str, str], on: date, order: str) -> None:
    about = {
        "status": "completed",
        "medicationCodeableConcept": {
            "coding": [{"system": _RXNORM, "code": drug[0], "display": drug[1]}]
        },
        "authorizingPrescription": [{"reference": order}],
        "daysSupply": {"value": 30, "unit": "days", "system": _UCUM, "code": "d"},
        "whenHandedOver": f"{on}T15:00:00-05:00",
    }
    chart.add("MedicationDispense", on, about)


def chart_lines(seed: int, number: int, chart: str = DENSE) -> list[tuple[str, bytes]]:
    """The lines of one patient, each with its file: the career, and the chart around it."""
    found = [
        (f"{resource['resourceType']}.{on.year}.ndjson", orjson.dumps(resource) + b"\n")
        for on, resource in patient(seed, number, noise=chart == DENSE)
    ]
    if chart != DENSE:
        chance = Random(f"{seed}/{number}/{chart}")  # noqa: S311 - made up, guards nothing
        found += full_charts.lines(chart, chance, f"p{number}", _days())
    return found


@cache
def _days() -> tuple[bytes, ...]:
    """Every day of the years covered, as written."""
    count = (LAST_DAY - FIRST_DAY).days
    return tuple((FIRST_DAY + timedelta(days=n)).isoformat().encode() for n in range(count))


def write(folder: Path, patients: int, seed: int, chart: str = DENSE) -> None:
    """Write the export: ``Type.YYYY.ndjson``, patients shuffled into one another."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        opened: dict[str, BinaryIO] = {}
        for block in chain([list(full_charts.shared(chart))], _blocks(patients, seed, chart)):
            for name, line in block:
                if name not in opened:
                    opened[name] = files.enter_context((folder / name).open("wb"))
                opened[name].write(line)


def _blocks(patients: int, seed: int, chart: str) -> Iterator[list[tuple[str, bytes]]]:
    for first in range(0, patients, _MIX_PATIENTS):
        lines = [
            line
            for number in range(first, min(first + _MIX_PATIENTS, patients))
            for line in chart_lines(seed, number, chart)
        ]
        Random(f"{seed}-{first}").shuffle(lines)  # noqa: S311 - an order, guards nothing
        yield lines


def main() -> None:
    """Write an export."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--patients", type=int, required=True)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--chart", choices=CHARTS, default=DENSE)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    write(given.out, given.patients, given.seed, given.chart)


if __name__ == "__main__":
    main()
