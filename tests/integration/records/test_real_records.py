"""Records as they really are: every file is read or refused by name, every quirk survived.

The quirks are those of shared/data/README.md, in its order.
"""

import json
from collections import Counter
from datetime import date

import pytest

from assistant.staging.engine import stage
from assistant.staging.record import EndBasis, ExposureStatus
from fhir_adapter.errors import AdapterError
from fhir_adapter.read import read_files
from tests.lib.shared_data import FHIR, fhir_files, need

pytestmark = pytest.mark.shared_data

MIMIC = FHIR / "mimic-iv-demo" / "patients"
SMART = FHIR / "smart-sample-patients" / "stu3"
AHRQ = FHIR / "ahrq-phq9-stu3"
PYSYNTHEA = FHIR / "pysynthea"
SYNTHEA = FHIR / "synthea"
US_CORE = FHIR / "us-core"
QICORE = FHIR / "qicore-us-cql"
HL7 = FHIR / "hl7-r4-examples"


def read(*paths, patient=None):
    return read_files([need(path) for path in paths], patient=patient)


def exposures(record, drug):
    return [exposure for exposure in record.treatment.exposures if exposure.drug == drug]


def problems(record):
    return Counter(issue.problem for issue in record.treatment.issues)


@pytest.mark.parametrize("path", fhir_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_is_read_or_refused_by_name(path):
    try:
        facts = read_files([path]).treatment
    except AdapterError:
        return
    assert facts.completeness.resources_read <= facts.completeness.resources_total
    assert not any("please report" in issue.problem for issue in facts.issues)


# Medication identity


def test_mimic_names_in_an_identifier_of_the_medication_are_read():
    named = [
        exposure.drug
        for path in sorted(need(MIMIC).glob("*.json"))
        for exposure in read(path).treatment.exposures
        for item in exposure.evidence
        if item.element.startswith("identifier[") and item.reference.startswith("Medication/")
    ]
    assert "citalopram" in named or "fluoxetine" in named


def test_mimic_orders_whose_only_code_is_a_local_name_are_read():
    record = read(MIMIC / "10021312.json")
    assert any(
        item.element == "medicationCodeableConcept.coding[0].code"
        for exposure in exposures(record, "escitalopram")
        for item in exposure.evidence
    )


@pytest.mark.parametrize("name", ["Alvin_Bogan_e55120b2.json", "Marcos_Anaya_f5f97539.json"])
def test_a_cough_syrup_is_set_apart_from_antidepressants(name):
    record = read(PYSYNTHEA / name)
    syrups = exposures(record, "dextromethorphan")
    assert syrups
    assert all(syrup.set_aside.startswith("look-alike") for syrup in syrups)
    assert not exposures(record, "bupropion | dextromethorphan")


def test_a_strength_stands_in_the_display_where_no_product_is_known():
    record = read(SMART / "patient-5555001.fhir-bundle.json")
    doses = {str(e.start): e.dose for e in exposures(record, "escitalopram")}
    assert doses["2014-10-04"] is not None
    assert doses["2014-10-04"].low == 20


def test_synthea_doses_without_a_unit_stay_unknown_with_an_issue():
    name = "Milan_Beatty_e78d0ed2-1b54-4c30-90ae-f7405af1e402.json"
    record = read(SYNTHEA / "bundles" / name)
    assert [exposure.dose for exposure in exposures(record, "fluoxetine")] == [None, None]
    assert problems(record)["a dose without a unit: it is unknown"] == 2


@pytest.mark.parametrize("form", ["coded", "contained", "referenced"])
def test_us_core_forms_of_one_drug_all_resolve(form):
    record = read(
        US_CORE / "patient-example.json",
        US_CORE / f"medicationrequest-{form}-oral-axid.json",
        US_CORE / "uscore-med2.json",
    )
    assert not any("names no drug" in problem for problem in problems(record))


# Dates and periods


def test_an_order_that_runs_two_days_into_the_next_dose_keeps_its_dates():
    record = read(SMART / "patient-5555001.fhir-bundle.json")
    dated = {(str(e.start), str(e.end)) for e in exposures(record, "escitalopram")}
    assert ("2012-09-06", "2014-10-06") in dated


def test_stu3_orders_and_their_later_fills_keep_their_own_dates():
    parts = [SMART / f"patient-665677.fhir-bundle{part}.json" for part in ("", ".01", ".02")]
    record = read(*parts)
    starts = sorted(str(exposure.start) for exposure in exposures(record, "bupropion"))
    assert starts[0] == "2008-10-15"
    assert "2012-04-09" in starts


def test_one_patient_in_three_files_is_one_record():
    parts = [SMART / f"patient-665677.fhir-bundle{part}.json" for part in ("", ".01", ".02")]
    record = read(*parts)
    assert record.treatment.completeness.resources_total == 99
    assert {"atenolol", "bupropion"} <= {e.drug for e in record.treatment.exposures}


def test_mimic_dates_of_the_next_century_are_read_as_written():
    record = read(MIMIC / "10015860.json")
    years = {
        exposure.start.earliest.year for exposure in record.treatment.exposures if exposure.start
    }
    assert years
    assert min(years) > 2100


def test_mimic_home_medicines_have_status_unknown_and_no_date():
    record = read(MIMIC / "10007795.json")
    home = [e for e in record.treatment.exposures if e.source == "statement"]
    assert home
    assert all(e.status is ExposureStatus.UNKNOWN and e.start is None for e in home)
    assert problems(record)["says no time at which the drug was taken: its dates are unknown"]


def test_mimic_fills_without_date_supply_or_quantity_are_kept_undated():
    record = read(MIMIC / "10007795.json")
    fills = [e for e in record.treatment.exposures if e.source == "dispense"]
    assert fills
    assert all((e.start, e.end, e.end_basis) == (None, None, EndBasis.UNKNOWN) for e in fills)


def test_orders_without_any_instruction_are_open_and_without_a_dose():
    record = read(PYSYNTHEA / "Alvin_Bogan_e55120b2.json")
    found = exposures(record, "sertraline")
    assert found
    assert all(e.dose is None and e.end_basis is EndBasis.OPEN for e in found)


def test_cms_supplies_in_days_under_ucum_are_days():
    folder = need(FHIR / "ecqm-cms128" / "cases")
    lengths = [
        (exposure.end.earliest - exposure.start.earliest).days + 1
        for path in folder.glob("*.json")
        for exposure in read(path).treatment.exposures
        if exposure.source == "dispense" and exposure.start and exposure.end
    ]
    assert {10, 84, 179} <= set(lengths)


# Dose and words


def test_one_tablet_daily_beside_frequency_two_is_the_range_of_both():
    record = read(SMART / "patient-5555001.fhir-bundle.json")
    (found,) = [e for e in exposures(record, "escitalopram") if str(e.start) == "2012-09-06"]
    assert found.dose is not None
    assert (found.dose.low, found.dose.high) == (10, 20)
    assert problems(record)[
        "words and structure give different doses: the dose is the range of both"
    ]


def test_mimic_timing_codes_and_mg_give_a_daily_dose():
    doses = [
        exposure.dose.low
        for name in ("10005348", "10021312", "10038992")
        for exposure in read(MIMIC / f"{name}.json").treatment.exposures
        if exposure.source == "request" and exposure.dose is not None
    ]
    assert doses


def test_mimic_orders_of_one_single_dose_have_no_daily_dose():
    record = read(MIMIC / "10021312.json")
    assert problems(record)["one single dose: it gives no daily dose"]


# Scores


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TEST-12", [("2020-02-28", 15), ("2020-10-04", 3), ("2020-11-23", 17)]),
        ("TEST-10", [("2020-05-12", 14), ("2020-07-15", 3)]),
    ],
)
def test_ahrq_scores_come_from_the_extension_not_from_the_answer_code(name, expected):
    record = read(AHRQ / f"{name}.json")
    assert sorted((str(s.date), int(s.value)) for s in record.treatment.scores) == expected


def test_ahrq_totals_that_disagree_with_the_items_are_noted_and_the_items_read():
    noted = 0
    for path in sorted(need(AHRQ).glob("TEST-*.json")):
        record = read(path)
        assert all(0 <= score.value <= 27 for score in record.treatment.scores)
        noted += problems(record)[
            "the stated total is not the sum of the 9 items: the items are read"
        ]
    assert noted >= 3


def test_pysynthea_scores_of_fractions_are_refused_and_other_instruments_kept_apart():
    record = read(PYSYNTHEA / "Alvin_Bogan_e55120b2.json")
    assert {score.scale for score in record.treatment.scores} <= {"PHQ-9", "PHQ-2"}
    assert all(score.value == int(score.value) for score in record.treatment.scores)
    assert any("no possible total of PHQ-9" in problem for problem in problems(record))


def test_us_core_one_administration_in_four_shapes_counts_once():
    shapes = sorted(need(US_CORE).glob("*PHQ9*.json"))
    record = read(
        US_CORE / "patient-example.json",
        *shapes,
        US_CORE / "QuestionnaireResponse-phq-9-example.json",
    )
    assert len(shapes) == 12
    assert [(score.scale, int(score.value)) for score in record.treatment.scores] == [("PHQ-9", 12)]


def test_a_cancelled_screening_is_no_score():
    folder = need(FHIR / "ecqm-cms2" / "cases")
    for path in folder.glob("*ReasonForNoDepressionScreen*.json"):
        assert read(path).treatment.scores == ()


def test_cms159_scores_of_300_and_of_unknown_status_do_not_count():
    folder = need(FHIR / "ecqm-cms159" / "cases")
    record = read(folder / "DENOMPopStrat1Pass-SecondAssessmentStatusUnknown1.json")
    assert problems(record)["a score with this status does not count: it is not read"]
    scores = [s for path in folder.glob("*.json") for s in read(path).treatment.scores]
    assert scores
    assert max(score.value for score in scores) <= 27


# Conditions, negation, allergies


@pytest.mark.parametrize(
    ("name", "categories"),
    [
        ("10005348", {"depression"}),
        ("10020740", {"bipolar", "psychotic_disorder", "depression"}),
        ("10027445", {"depression", "persistent_depressive_disorder"}),
    ],
)
def test_mimic_codes_without_a_dot_and_dated_by_their_encounter_are_read(name, categories):
    record = read(MIMIC / f"{name}.json")
    found = record.treatment.diagnoses
    assert categories <= {diagnosis.category for diagnosis in found}
    assert all(d.active is None and d.onset is None for d in found)
    assert any(d.recorded is not None for d in found)


def test_mimic_ect_sessions_are_read_from_icd_9_procedure_codes():
    record = read(MIMIC / "10020740.json")
    ect = [session for session in record.treatment.sessions if session.modality == "ECT"]
    assert len(ect) == 8


@pytest.mark.parametrize(
    "path",
    [
        QICORE / "MedicationRequest-negation-example.json",
        QICORE / "MedicationDispense-negation-example.json",
        QICORE / "MedicationAdministration-negation-example.json",
        QICORE / "AllergyIntolerance-example-refuted.json",
        QICORE / "Observation-negation-example.json",
        QICORE / "Procedure-negation-example.json",
        HL7 / "AllergyIntolerance-nka.json",
        HL7 / "MedicationDispense-meddisp0309.json",
    ],
    ids=lambda path: path.name,
)
def test_what_was_not_done_or_refuted_gives_no_fact(path):
    facts = read(path).treatment
    taken = [e for e in facts.exposures if e.status not in ("do_not_perform", "declined",
             "not_taken", "entered_in_error")]  # fmt: skip
    assert (taken, facts.scores, facts.sessions, facts.reactions) == ([], (), (), ())


# References and versions


def test_a_patient_whose_id_is_not_what_references_use_is_known_by_its_full_url():
    record = read(AHRQ / "TEST-12.json")
    assert record.treatment.patient.reference == "Patient/384"
    assert len(record.treatment.scores) == 3


@pytest.mark.parametrize("name", ["TEST-12.json"])
def test_nothing_of_the_record_is_lost_between_reading_and_citing(name):
    record = read(AHRQ / name)
    raw = json.loads((AHRQ / name).read_text())
    assert len(record.resources) == len(raw["entry"])


def test_a_bulk_export_is_read_for_the_patient_chosen():
    folder = need(SYNTHEA / "bulk-10-patients")
    patients = [
        json.loads(line)["id"]
        for line in (folder / "Patient.000.ndjson").read_text().splitlines()
        if line.strip()
    ]
    record = read(folder, patient=patients[0])
    assert record.treatment.patient.reference == f"Patient/{patients[0]}"
    with pytest.raises(AdapterError, match=f"{len(patients)} patients"):
        read(folder)


def test_a_log_line_without_a_resource_type_costs_the_line():
    with pytest.raises(AdapterError, match=r"log\.ndjson"):
        read(SYNTHEA / "bulk-10-patients" / "log.ndjson")


def test_the_gzipped_export_of_100_patients_is_read_for_one_of_them():
    record = read(
        *(
            FHIR / "mimic-iv-demo-full" / f"Mimic{kind}.ndjson.gz"
            for kind in ("Patient", "Condition", "Encounter", "MedicationStatementED")
        ),
        patient="10014354",
    )
    assert record.treatment.diagnoses
    subjects = {
        resource["subject"]["reference"]
        for resource in record.resources.values()
        if "subject" in resource
    }
    assert subjects == {record.treatment.patient.reference}


def test_trazodone_at_night_beside_another_antidepressant_is_a_hypnotic_dose():
    record = read(SMART / "patient-731673.fhir-bundle.json")
    report = stage(record.treatment, as_of=date(2015, 1, 1)).to_json()
    assert {one["drug"] for one in (*report["trials"], *report["earlier_trials"])} == {"duloxetine"}
    assert {(one["drug"], one["reason"]) for one in report["excluded_exposures"]} == {
        ("trazodone", "hypnotic dose")
    }


def test_lithium_and_quetiapine_of_a_bipolar_patient_stage_nothing():
    record = read(PYSYNTHEA / "Lynell_Padberg_ff99f780.json")
    assert exposures(record, "lithium") != []
    assert exposures(record, "quetiapine") != []
    staging = stage(record.treatment, as_of=date(2026, 1, 1)).to_json()["staging"]
    assert set(staging["trd"].values()) == {"no"}
    assert set(staging["source_stage"].values()) == {None}


NO_FACT = {
    "Observation": ("registered", "cancelled", "unknown", "entered-in-error"),
    "QuestionnaireResponse": ("in-progress", "entered-in-error", "stopped"),
    "AllergyIntolerance": ("refuted", "unconfirmed", "entered-in-error"),
}


def without_fact(resource):
    """Whether the resource says of itself that nothing is to be concluded from it."""
    verification = resource.get("verificationStatus")
    if isinstance(verification, dict):
        verification = verification.get("coding", [{}])[0].get("code")
    stated = {resource.get("status"), verification}
    return not stated.isdisjoint(NO_FACT.get(resource["resourceType"], ()))


def test_nothing_is_concluded_from_what_does_not_count_in_any_file():
    met = Counter()
    for path in fhir_files():
        try:
            record = read_files([path])
        except AdapterError:
            continue
        facts = record.treatment
        cited = {
            item.reference
            for fact in (*facts.scores, *facts.labs, *facts.reactions, *facts.suicidality)
            for item in fact.evidence
        }
        for reference, resource in record.resources.items():
            if without_fact(resource):
                met[resource["resourceType"]] += 1
                assert reference not in cited, path.name
    assert set(met) >= {"Observation", "AllergyIntolerance"}


def test_no_known_allergy_is_no_reaction_to_a_drug():
    met = 0
    for path in fhir_files():
        if b'"716186003"' in path.read_bytes():  # SNOMED CT: no known allergy
            met += 1
            assert read(path).treatment.reactions == ()
    assert met
