"""When a drug was taken, and how its end is known."""

import pytest

from assistant.staging.record import EndBasis, ExposureSource
from fhir_adapter.read import read_bundle
from tests.lib import fhir


def exposure(resource):
    (found,) = read_bundle(fhir.bundle(fhir.patient(), resource)).treatment.exposures
    return found


def dates(resource):
    found = exposure(resource)
    return (
        found.start and str(found.start),
        found.end and str(found.end),
        found.end_basis,
    )


def bounded(**bounds):
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", **bounds}
    return [fhir.dosage(timing={"repeat": repeat})]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"start": "2023-01-02", "end": "2023-02-26"}, ("2023-01-02", "2023-02-26")),
        ({"start": "2023-01", "end": "2023"}, ("2023-01", "2023")),
        ({"start": "2023-01-02T23:30:00-05:00"}, ("2023-01-02", None)),
        ({"start": "2023-01-02T00:30:00+14:00"}, ("2023-01-02", None)),
        ({"end": "2023-02-26"}, (None, "2023-02-26")),
        ({}, (None, None)),
        ({"start": "2023-02-30", "end": "2023-03-31"}, (None, "2023-03-31")),
        ({"start": "2023-03-01", "end": "2023-01-01"}, (None, None)),
    ],
)
def test_a_statement_is_dated_by_its_period_as_written(period, expected):
    assert dates(fhir.statement(effectivePeriod=period))[:2] == expected


def test_a_partial_start_is_a_range_of_days():
    found = exposure(fhir.statement(effectivePeriod={"start": "2023-02"}))
    assert found.start is not None
    assert (str(found.start.earliest), str(found.start.latest)) == ("2023-02-01", "2023-02-28")


@pytest.mark.parametrize(
    ("status", "basis"),
    [
        ("active", EndBasis.OPEN),
        ("on-hold", EndBasis.OPEN),
        ("completed", EndBasis.UNKNOWN),
        ("stopped", EndBasis.UNKNOWN),
        ("unknown", EndBasis.UNKNOWN),
    ],
)
def test_without_an_end_the_status_says_whether_it_is_open(status, basis):
    entry = fhir.statement(status=status, effectivePeriod={"start": "2023-01-02"})
    assert dates(entry) == ("2023-01-02", None, basis)


def test_an_order_is_dated_by_the_bounds_of_its_dosage_before_the_day_it_was_written():
    order = fhir.request(
        dosageInstruction=bounded(boundsPeriod={"start": "2023-01-10", "end": "2023-03-01"})
    )
    assert dates(order) == ("2023-01-10", "2023-03-01", EndBasis.STATED)


def test_an_order_without_bounds_starts_when_it_was_written():
    assert dates(fhir.request()) == ("2023-01-02", None, EndBasis.OPEN)


def test_an_order_without_any_other_date_starts_with_its_validity():
    order = fhir.request(dispenseRequest={"validityPeriod": {"start": "2023-01-05"}})
    del order["authoredOn"]
    assert dates(order) == ("2023-01-05", None, EndBasis.OPEN)


@pytest.mark.parametrize(
    ("supply", "last"),
    [
        # 30 days from 2 January, the first day counted
        ({"expectedSupplyDuration": {"value": 30, "code": "d"}}, "2023-01-31"),
        # 30 days and two refills of 30: 90 days
        (
            {"expectedSupplyDuration": {"value": 30, "unit": "days"}, "numberOfRepeatsAllowed": 2},
            "2023-04-01",
        ),
        ({"expectedSupplyDuration": {"value": 1, "code": "mo"}}, "2023-01-31"),
        ({"expectedSupplyDuration": {"value": 4, "code": "wk"}}, "2023-01-29"),
        # 60 tablets of 50 mg at 100 mg a day: 30 days
        ({"quantity": {"value": 60, "unit": "tablet"}}, "2023-01-31"),
        ({"quantity": {"value": 60, "unit": "tablet"}, "numberOfRepeatsAllowed": 1}, "2023-03-02"),
    ],
)
def test_an_order_lasts_as_long_as_its_supply_with_refills(supply, last):
    order = fhir.request(fhir.SERTRALINE_50, dispenseRequest=supply)
    assert dates(order) == ("2023-01-02", last, EndBasis.SUPPLY)


def test_a_length_of_treatment_is_a_stated_end():
    order = fhir.request(dosageInstruction=bounded(boundsDuration={"value": 6, "code": "wk"}))
    assert dates(order) == ("2023-01-02", "2023-02-12", EndBasis.STATED)  # 42 days


def test_an_order_that_is_over_ended_some_day_while_it_was_valid():
    order = fhir.request(
        status="completed",
        dispenseRequest={"validityPeriod": {"start": "2023-01-02", "end": "2023-01-20"}},
    )
    found = exposure(order)
    assert found.end is not None
    assert (str(found.end.earliest), str(found.end.latest)) == ("2023-01-02", "2023-01-20")
    assert not found.end.is_exact


def test_an_active_order_does_not_end_with_its_validity():
    order = fhir.request(dispenseRequest={"validityPeriod": {"end": "2023-01-20"}})
    assert dates(order) == ("2023-01-02", None, EndBasis.OPEN)


def test_an_r5_order_that_is_over_ends_when_its_status_changed():
    order = fhir.request(status="stopped", statusChanged="2023-02-10T09:00:00Z")
    assert dates(order) == ("2023-01-02", "2023-02-10", EndBasis.STATED)


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, ("2023-01-02", "2023-01-31", EndBasis.SUPPLY)),
        (
            {"whenHandedOver": None, "whenPrepared": "2023-01-01"},
            ("2023-01-01", "2023-01-30", EndBasis.SUPPLY),
        ),
        # CMS: unit "days" under the UCUM system
        (
            {"daysSupply": {"value": 84, "system": "http://unitsofmeasure.org", "code": "days"}},
            ("2023-01-02", "2023-03-26", EndBasis.SUPPLY),
        ),
        ({"daysSupply": None}, ("2023-01-02", None, EndBasis.UNKNOWN)),
        ({"daysSupply": {"value": -3, "code": "d"}}, ("2023-01-02", None, EndBasis.UNKNOWN)),
        ({"daysSupply": {"value": 3, "code": "mg"}}, ("2023-01-02", None, EndBasis.UNKNOWN)),
        ({"whenHandedOver": None}, (None, None, EndBasis.UNKNOWN)),
    ],
)
def test_a_fill_lasts_its_days_of_supply_from_the_day_it_was_handed_over(elements, expected):
    fill = {k: v for k, v in fhir.dispense(**elements).items() if v is not None}
    assert dates(fill) == expected
    assert exposure(fill).source is ExposureSource.DISPENSE


def test_a_month_plus_supply_keeps_its_imprecision():
    fill = fhir.dispense(whenHandedOver="2023-01")
    found = exposure(fill)
    assert found.end is not None
    # 30 days from 1 January at the earliest, from 31 January at the latest
    assert (str(found.end.earliest), str(found.end.latest)) == ("2023-01-30", "2023-03-01")


def test_the_day_of_an_instant_is_the_day_written_not_the_day_in_utc():
    found = exposure(fhir.dispense(whenHandedOver="2023-01-02T23:30:00-08:00"))
    assert str(found.start) == "2023-01-02"
