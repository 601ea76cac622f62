"""Laboratory values in the unit of the tables."""

from decimal import Decimal

import pytest

from fhir_adapter import units
from fhir_adapter.read import read_bundle
from tests.lib import fhir
from tests.lib.fhir import LOINC, coded


def observation(code, value=None, unit=None, **elements):
    quantity = {"valueQuantity": {"value": value, "unit": unit}} if value is not None else {}
    return {
        "resourceType": "Observation",
        "id": "l1",
        "status": "final",
        "subject": fhir.SUBJECT,
        "code": coded(LOINC, code) if isinstance(code, str) else code,
        "effectiveDateTime": "2023-01-02",
        **quantity,
        **elements,
    }


def facts(resource):
    return read_bundle(fhir.bundle(fhir.patient(), resource)).treatment


def lab(resource):
    (found,) = facts(resource).labs
    return found


@pytest.mark.parametrize(
    ("code", "value", "unit", "test", "expected"),
    [
        ("3016-3", 5.2, "mIU/L", "TSH", "5.2"),
        ("3016-3", 5.2, "m[IU]/L", "TSH", "5.2"),
        ("3016-3", 5.2, "uIU/mL", "TSH", "5.2"),
        ("3016-3", 5.2, "mU/L", "TSH", "5.2"),
        ("11580-8", 5.2, "u[IU]/mL", "TSH", "5.2"),
        ("30522-7", 0.6, "mg/dL", "hs-CRP", "6"),
        ("30522-7", 6, "mg/L", "hs-CRP", "6"),
        ("1988-5", 6000, "ug/L", "CRP", "6"),
        ("2951-2", 126, "mEq/L", "sodium", "126"),
        ("2951-2", 126, "mmol/L", "sodium", "126"),
        ("14334-7", 0.7, "mmol/L", "lithium", "0.7"),
        ("14334-7", 0.7, "meq/l", "lithium", "0.7"),
        ("3719-2", 6.94, "mg/L", "lithium", "1"),
        ("718-7", 126, "g/L", "hemoglobin", "12.6"),
        ("2132-9", 200, "ng/L", "vitamin_B12", "200"),
        ("4548-4", 5.4, "%", "HbA1c", "5.4"),
        # IFCC master equation: 0.0915 x 48 + 2.15 = 4.392 + 2.15
        ("4548-4", 48, "mmol/mol", "HbA1c", "6.542"),
        ("9699-0", 40, "ug/L", "plasma_level:paroxetine", "40"),
    ],
)
def test_a_value_is_converted_to_the_unit_of_the_table(code, value, unit, test, expected):
    found = lab(observation(code, value, unit))
    assert (found.test, found.value) == (test, Decimal(expected))


@pytest.mark.parametrize(
    ("given", "unit", "wanted", "molar_mass"),
    [
        # free thyroxine 776.87 g/mol: 10 pmol/L = 7768.7 pg/L = 0.77687 ng/dL
        ("0.077687", "pmol/L", "ng/dL", Decimal("776.87")),
        # cobalamin 1355.39 g/mol: 1 pmol/L = 1.35539 pg/mL
        ("1.35539", "pmol/L", "pg/mL", Decimal("1355.39")),
        ("0.001", "ug/L", "mg/L", None),
        ("10", "mg/dL", "mg/L", None),
    ],
)
def test_factors_between_units_are_exact(given, unit, wanted, molar_mass):
    assert units.factor(unit, wanted, molar_mass) == Decimal(given)


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [("furlong", "mg/L"), ("mg", "mg/L"), ("mmol/L", "mg/L"), ("IU/L", "mg/L"), ("", "mg/L")],
)
def test_a_unit_that_does_not_convert_has_no_factor(unit, wanted):
    assert units.factor(unit, wanted, None) is None


@pytest.mark.parametrize(("value", "unit"), [(5, "furlong"), (5, None), (7, "mmol/L")])
@pytest.mark.parametrize("code", ["4548-4", "718-7"])  # HbA1c; hemoglobin
def test_an_unconvertible_unit_leaves_the_value_unknown_with_an_issue(code, value, unit):
    resource = observation(code, value, unit)
    assert lab(resource).value is None
    assert any("unit" in issue.problem for issue in facts(resource).issues)


def test_the_reference_range_of_the_laboratory_is_converted_too():
    resource = observation(
        "30522-7",
        0.6,
        "mg/dL",
        referenceRange=[
            {"type": {"coding": [{"code": "therapeutic"}]}, "low": {"value": 9, "unit": "mg/dL"}},
            {"low": {"value": 0}, "high": {"value": 0.3, "unit": "mg/dL"}},
        ],
    )
    found = lab(resource)
    assert (found.reference_low, found.reference_high) == (0, 3)


@pytest.mark.parametrize(
    ("elements", "interpretation"),
    [
        ({"interpretation": [{"coding": [{"code": "L"}]}]}, "low"),
        ({"interpretation": [{"coding": [{"code": "HH"}]}]}, "high"),
        ({"interpretation": {"coding": [{"code": "N"}]}}, "normal"),
        ({"valueCodeableConcept": {"text": "Positive"}}, "positive"),
        ({"valueString": "Negative"}, "negative"),
    ],
)
def test_interpretations_are_read_from_code_or_presence(elements, interpretation):
    found = lab(observation("3427-2", **elements))
    assert (found.test, found.interpretation) == (
        "urine_drug_screen:cannabinoids",
        interpretation,
    )


def test_a_drug_level_is_known_by_its_name():
    found = lab(observation({"text": "Sertraline [Mass/volume] in Serum or Plasma"}, 30, "ng/mL"))
    assert found.test == "plasma_level:sertraline"
    assert facts(observation({"text": "Sertraline adherence"}, 30, "ng/mL")).labs == ()
    assert facts(observation({"text": "Norsertraline level"}, 30, "ng/mL")).labs == ()


def test_a_comparator_is_kept():
    resource = observation("3016-3")
    resource["valueQuantity"] = {"value": 0.01, "comparator": "<", "unit": "mIU/L"}
    assert lab(resource).comparator == "<"


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "registered", "unknown"])
def test_a_result_that_does_not_count_is_noted_and_not_read(status):
    found = facts(observation("3016-3", 5, "mIU/L", status=status))
    assert found.labs == ()
    assert "does not count" in found.issues[0].problem


def test_components_are_read_as_results_of_their_own():
    panel = observation(
        {"text": "Chemistry"},
        component=[
            {
                "code": coded(LOINC, "2951-2"),
                "valueQuantity": {"value": 126, "unit": "mmol/L"},
            }
        ],
    )
    found = lab(panel)
    assert (found.test, found.evidence[0].element) == (
        "sodium",
        "component[0].valueQuantity.value",
    )
