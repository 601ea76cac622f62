"""Which drug a code or a name means, and what its product says of the dose."""

from decimal import Decimal

import pytest

from fhir_adapter import terminology
from fhir_adapter.read import read_bundle
from tests.lib import fhir
from tests.lib.fhir import RXNORM, coded

ATC = "http://www.whocc.no/atc"
NDC = "http://hl7.org/fhir/sid/ndc"
ONE_TABLET = {
    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
}


def exposures(medication, **elements):
    record = read_bundle(fhir.bundle(fhir.patient(), fhir.statement(medication, **elements)))
    return record.treatment.exposures


def issues(*resources):
    record = read_bundle(fhir.bundle(fhir.patient(), *resources))
    return [(issue.path, issue.problem) for issue in record.treatment.issues]


@pytest.mark.parametrize(
    ("medication", "drug"),
    [
        (coded(RXNORM, "312941"), "sertraline"),
        (coded(RXNORM, "36437"), "sertraline"),
        (coded(RXNORM, "208161"), "sertraline"),
        (coded("urn:oid:2.16.840.1.113883.6.88", "36437"), "sertraline"),
        (coded(ATC, "N06AX16"), "venlafaxine"),
        (coded(ATC, "n06ab10"), "escitalopram"),
        (coded(NDC, "00378-0211-01"), "amitriptyline"),
        (coded(RXNORM, "42351"), "lithium"),
        (coded(RXNORM, "52105"), "lithium"),
        ({"text": "lithium citrate 8 mEq/5 mL"}, "lithium"),
        ({"text": "Sertraline [Zoloft]"}, "sertraline"),
        ({"text": "ZOLOFT"}, "sertraline"),
        ({"text": "BuPROPion (Sustained Release)"}, "bupropion"),
        ({"text": "amfebutamone 150 mg"}, "bupropion"),
        ({"text": "dothiepin"}, "dosulepin"),
        ({"text": "St. John's wort"}, "hypericum (St John's wort)"),
        ({"coding": [{"system": "urn:local", "code": "TraZODone"}]}, "trazodone"),
        ({"coding": [{"system": RXNORM, "code": "0", "display": "venlafaxine"}]}, "venlafaxine"),
    ],
)
def test_a_code_or_name_is_known_by_its_ingredient(medication, drug):
    assert {exposure.drug for exposure in exposures(medication)} == {drug}


@pytest.mark.parametrize(
    "name",
    [
        "Ibuprofen 20 MG/ML",
        "Ibuprofen 400 MG Oral Tablet [Ibu]",
        "Amlodipine 5 MG",
        "citalopramoid",
        "nor-sertraline metabolite study",
        "acetaminophen",
        "",
        "   ",
    ],
)
def test_a_name_that_only_resembles_one_is_no_antidepressant(name):
    assert exposures({"text": name}) == ()


@pytest.mark.parametrize(
    "name",
    [
        "Acetaminophen 21.7 MG/ML / Dextromethorphan Hydrobromide 1 MG/ML / doxylamine",
        "Dextromethorphan-Guaifenesin 10 mL",
    ],
)
def test_a_cough_syrup_is_set_apart_as_a_look_alike(name):
    (exposure,) = exposures({"text": name})
    assert exposure.drug == "dextromethorphan"
    assert exposure.set_aside.startswith("look-alike")
    assert exposure.dose is None


def test_dextromethorphan_with_bupropion_is_one_antidepressant_at_its_bupropion_dose():
    (exposure,) = exposures(coded(RXNORM, "2611260"), dosage=[ONE_TABLET])
    assert exposure.drug == "bupropion | dextromethorphan"
    assert exposure.dose is not None
    assert exposure.dose.low == 105
    (named,) = exposures({"text": "bupropion 105 MG / dextromethorphan 45 MG"}, dosage=[ONE_TABLET])
    assert named.drug == exposure.drug


@pytest.mark.parametrize(
    ("medication", "doses"),
    [
        (coded(RXNORM, "403969"), {"fluoxetine": 25, "olanzapine": 6}),
        ({"text": "fluoxetine 25 MG / olanzapine 6 MG Oral Capsule"},
         {"fluoxetine": 25, "olanzapine": 6}),
        (coded(RXNORM, "856797"), {"amitriptyline": 25}),
    ],
)  # fmt: skip
def test_a_fixed_combination_gives_an_exposure_of_each_drug_that_staging_reads(medication, doses):
    found = exposures(medication, dosage=[ONE_TABLET])
    assert {e.drug: int(e.dose.low) for e in found if e.dose} == doses


@pytest.mark.parametrize(
    ("medication", "labelled", "comparable"),
    [
        # bupropion hydrobromide 348 mg stands for hydrochloride 300 mg
        (coded(RXNORM, "993567"), 348, 300),
        ({"text": "bupropion hydrobromide 348 mg ER tablet"}, 348, 300),
        ({"text": "bupropion XL 300 mg"}, 300, 300),
        # paroxetine CR 25 mg stands for 20 mg
        (coded(RXNORM, "1738805"), 25, 20),
        ({"text": "Paxil CR 25 mg"}, 25, 20),
        ({"text": "paroxetine 20 mg tablet"}, 20, 20),
        # a patch of 0.25 mg an hour gives 6 mg in 24 hours
        (coded(RXNORM, "865206"), 6, 6),
        ({"text": "Fluoxetine 25MG"}, 25, 25),
        ({"text": "Escitalopram Tablet 20mg"}, 20, 20),
        (coded(RXNORM, "36437", "sertraline 100 MG Oral Tablet"), 100, 100),
    ],
)
def test_one_unit_a_day_gives_the_labelled_and_the_comparable_dose(
    medication, labelled, comparable
):
    (exposure,) = exposures(medication, dosage=[ONE_TABLET])
    assert exposure.dose is not None
    assert (exposure.dose.labelled_low, exposure.dose.low) == (labelled, comparable)


def test_a_liquid_needs_the_volume_and_its_strength_a_millilitre():
    spoon = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mL", "code": "mL"}}],
    }
    (exposure,) = exposures(coded(RXNORM, "310386"), dosage=[spoon])  # fluoxetine 4 mg/mL
    assert exposure.dose is not None
    assert exposure.dose.low == 20  # 5 mL of 4 mg/mL


@pytest.mark.parametrize(
    "medication",
    [coded(RXNORM, "313995"), {"text": "Prozac Weekly 90 mg delayed release capsule"}],
)
def test_a_weekly_capsule_gives_no_daily_dose(medication):
    (exposure,) = exposures(medication, dosage=[ONE_TABLET])
    assert exposure.drug == "fluoxetine"
    assert exposure.dose is None
    assert any("one week" in problem for _, problem in issues(fhir.statement(
        medication, dosage=[ONE_TABLET])))  # fmt: skip


def _once_in(mg: int, days: int) -> dict:
    return fhir.dosage(mg, timing={"repeat": {"frequency": 1, "period": days, "periodUnit": "d"}})


@pytest.mark.parametrize("medication", [coded(RXNORM, "4493"), {"text": "fluoxetine"}])
def test_ninety_milligrams_once_a_week_are_the_weekly_capsule_however_coded(medication):
    for days in (7, 8, 14):
        (exposure,) = exposures(medication, dosage=[_once_in(90, days)])
        assert exposure.dose is None, days
    (daily,) = exposures(medication, dosage=[_once_in(20, 2)])
    assert daily.dose is not None
    assert daily.dose.high == 10


@pytest.mark.parametrize(
    ("medication", "counts"),
    [
        ({"text": "Zyban 150 mg"}, False),
        (coded(RXNORM, "1801289"), False),
        ({"text": "Contrave"}, False),
        ({"text": "doxepin 6 mg tablet"}, False),
        ({"text": "Silenor"}, False),
        ({"text": "doxepin 75 mg capsule"}, True),
        ({"text": "selegiline 5 mg capsule"}, False),
        ({"text": "Emsam 6 mg/24 hr patch"}, True),
        (coded(RXNORM, "865206"), True),
        ({"text": "Brisdelle 7.5 mg"}, False),
        ({"text": "milnacipran 50 mg"}, False),
        ({"text": "sertraline 50 mg"}, True),
    ],
)
def test_a_product_for_another_use_is_flagged(medication, counts):
    drugs = [e for e in exposures(medication) if e.drug != "naltrexone"]
    assert [exposure.trial_default for exposure in drugs] == [counts]


def test_a_conditional_product_counts_when_given_for_depression():
    (exposure,) = exposures({"text": "milnacipran 50 mg"}, reasonCode=[{"text": "Depression"}])
    assert exposure.trial_default


def test_a_drug_known_by_its_name_only_is_noted():
    assert (
        "medicationCodeableConcept.text",
        "the drug is known by its name only, not by a code",
    ) in issues(fhir.statement({"text": "sertraline"}))
    assert issues(fhir.statement(fhir.SERTRALINE_50)) == []


def test_words_that_name_another_drug_than_the_code_are_noted_and_the_code_read():
    medication = coded(RXNORM, "312941", text="fluoxetine 20 mg")
    assert [exposure.drug for exposure in exposures(medication)] == ["sertraline"]
    assert any("another drug" in problem for _, problem in issues(fhir.statement(medication)))


def test_codes_of_different_drugs_are_noted():
    medication = {
        "coding": [
            {"system": RXNORM, "code": "312941"},
            {"system": ATC, "code": "N06AB03"},
        ]
    }
    assert any("different drugs" in problem for _, problem in issues(fhir.statement(medication)))


def test_an_entry_that_names_no_drug_is_noted():
    nameless = fhir.statement()
    del nameless["medicationCodeableConcept"]
    assert any("names no drug" in problem for _, problem in issues(nameless))
    dangling = {**nameless, "medicationReference": {"reference": "Medication/gone"}}
    assert any("names no drug" in problem for _, problem in issues(dangling))


def test_a_dangling_reference_is_read_by_its_display():
    entry = fhir.statement()
    del entry["medicationCodeableConcept"]
    entry["medicationReference"] = {"reference": "Medication/gone", "display": "Zoloft 50 mg"}
    record = read_bundle(fhir.bundle(fhir.patient(), entry))
    (exposure,) = record.treatment.exposures
    assert exposure.drug == "sertraline"
    assert exposure.evidence[0].element == "medicationReference.display"


def test_the_ingredient_of_a_medication_gives_drug_and_strength():
    entry = fhir.statement(dosage=[ONE_TABLET])
    del entry["medicationCodeableConcept"]
    entry["contained"] = [
        {
            "resourceType": "Medication",
            "id": "med",
            "ingredient": [
                {
                    "itemCodeableConcept": {"text": "sertraline"},
                    "strength": {
                        "numerator": {"value": 50, "code": "mg"},
                        "denominator": {"value": 1, "code": "TAB"},
                    },
                }
            ],
        }
    ]
    entry["medicationReference"] = {"reference": "#med"}
    (exposure,) = read_bundle(fhir.bundle(fhir.patient(), entry)).treatment.exposures
    assert (exposure.drug, exposure.dose and exposure.dose.low) == ("sertraline", Decimal(50))


@pytest.mark.parametrize("role", ["aripiprazole", "carbamazepine", "propranolol", "quetiapine"])
def test_agents_that_the_core_reads_besides_antidepressants_are_exposures_too(role):
    assert [exposure.drug for exposure in exposures({"text": role})] == [role]


@pytest.mark.parametrize(
    ("code", "eleven"),
    [
        ("00378-0211-01", "00378021101"),
        ("378-211-1", "00378021101"),
        ("00378021101", "00378021101"),
    ],
)
def test_an_ndc_with_dashes_is_brought_to_eleven_digits(code, eleven):
    assert terminology.ndc11(code) == eleven
