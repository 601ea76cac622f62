"""CMS159, depression remission at twelve months: the PHQ-9 as read agrees with the measure.

The rule in plain words (data/README.md): the index is the first PHQ-9 above 9 in the
twelve months that begin fourteen months before the measurement period; remission is
shown by the last PHQ-9 within 60 days of twelve months after the index being below 5.
The index may be taken up to 7 days before the visit of the diagnosis; from age 12 on.
"""

import json
from datetime import date, timedelta

import pytest

from assistant.staging.dates import add_months
from fhir_adapter.read import read_files
from tests.lib.shared_data import FHIR, need

pytestmark = pytest.mark.shared_data

FOLDER = FHIR / "ecqm-cms159"
CASES = json.loads((FOLDER / "expected.json").read_text()) if FOLDER.exists() else []
DEPRESSION = ("depression", "persistent_depressive_disorder")
WEEK = timedelta(days=7)
EXCLUDING = ("bipolar", "psychotic_disorder")


def facts(case):
    return read_files([need(FOLDER / "cases" / f"{case['case']}.json")]).treatment


def phq9(treatment):
    return sorted(
        (score.date.earliest, score.date.time, score.value)
        for score in treatment.scores
        if score.scale == "PHQ-9"
    )


def index(treatment, start: date) -> date | None:
    """The day of the index score, with a depressive disorder on record by then."""
    diagnosed = [
        d.onset.earliest
        for d in treatment.diagnoses
        if d.category in DEPRESSION and d.onset is not None
    ]
    for day, _, value in phq9(treatment):
        if add_months(start, -14) <= day < add_months(start, -2) and value > 9:
            return day if any(onset <= day + WEEK for onset in diagnosed) else None
    return None


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_index_and_the_remission_agree_with_the_measure(case):
    treatment = facts(case)
    populations = case["groups"][0]["populations"]
    start = date.fromisoformat(case["measurementPeriod"]["start"])
    assert treatment.patient.birth_date is not None
    twelve = add_months(treatment.patient.birth_date.earliest, 12 * 12)
    indexed = index(treatment, start)
    if indexed is not None and indexed < twelve:
        indexed = None
    assert (indexed is not None) == bool(populations["initial-population"])
    if indexed is None or populations["denominator-exclusion"]:
        return
    year = add_months(indexed, 12)
    window = (year - timedelta(days=60), year + timedelta(days=60))
    last = [value for day, _, value in phq9(treatment) if window[0] <= day <= window[1]][-1:]
    assert bool(last and last[0] < 5) == bool(populations["numerator"])


def test_a_bipolar_or_psychotic_exclusion_is_read_as_such():
    found = {
        case["case"]: {d.category for d in facts(case).diagnoses} & set(EXCLUDING)
        for case in CASES
        if "Bipolar" in case["case"] or "Schizo" in case["case"]
    }
    need(FOLDER)
    assert found
    assert all(found.values()), found
