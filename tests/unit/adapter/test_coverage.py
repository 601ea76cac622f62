"""Days of medication covered, on small records of ours."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_adapter.chart import chart_of
from fhir_adapter.coverage import Window, days_covered
from fhir_adapter.entries import Gathered, gather_value
from fhir_adapter.supply_names import substance
from tests.lib.fhir import SUBJECT, bundle, patient, request, statement

AS_OF = date(2024, 12, 31)


def dispense(day="2024-01-01", days=30, medication="sertraline", **elements):
    entry = {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "subject": SUBJECT,
        "medicationCodeableConcept": {"text": medication},
        "whenHandedOver": day,
        "daysSupply": {"value": days, "unit": "d", "code": "d"},
        **elements,
    }
    return {key: value for key, value in entry.items() if value is not None}


def order(day="2024-01-01", **elements):
    plain = request(authoredOn=day, dosageInstruction=[], **elements)
    return {key: value for key, value in plain.items() if value is not None}


def chart(*resources):
    gathered = Gathered()
    numbered = [{**one, "id": f"x{place}"} for place, one in enumerate(resources)]
    gather_value(bundle(patient(), *numbered), "test", gathered)
    return chart_of(gathered, None)


def covered(*resources, start=None, end=None, as_of=AS_OF, **options):
    window = Window(as_of=as_of, start=start, end=end)
    found = days_covered(chart(*resources), window, **options)
    assert len(found) == 1, [coverage.drug for coverage in found]
    return found[0]


def spans(coverage):
    return [(str(one.start), str(one.end), one.days) for one in coverage.intervals]


def test_both_ends_of_a_supply_are_counted():
    read = covered(dispense("2024-01-01", 84))
    assert spans(read) == [("2024-01-01", "2024-03-24", 84)]  # 31 + 29 + 24
    assert (read.drug, read.source, read.policy) == ("sertraline", "dispense", "merge")


def test_merge_loses_the_overlap_and_carry_forward_keeps_it():
    fills = (dispense("2024-01-01", 30), dispense("2024-01-21", 30))
    assert spans(covered(*fills)) == [("2024-01-01", "2024-02-19", 50)]  # 30 + 30 - 10
    rolled = covered(*fills, policy="carry_forward")
    assert spans(rolled) == [("2024-01-01", "2024-02-29", 60)]


def test_two_fills_on_one_day_are_60_days_carried_forward_and_30_merged():
    fills = (dispense("2024-01-01", 30), dispense("2024-01-01", 30))
    assert covered(*fills).days == 30
    assert covered(*fills, policy="carry_forward").days == 60


def test_a_gap_splits_the_intervals_and_carrying_forward_does_not_close_it():
    fills = (dispense("2024-01-01", 10), dispense("2024-02-01", 10))
    assert [one[2] for one in spans(covered(*fills, policy="carry_forward"))] == [10, 10]


def test_supply_from_before_the_window_counts_inside_it():
    read = covered(dispense("2024-01-01", 30), start=date(2024, 1, 20), end=date(2024, 1, 25))
    assert spans(read) == [("2024-01-20", "2024-01-25", 6)]


def test_nothing_after_as_of_counts():
    later = dispense("2024-06-02", 30)
    assert covered(dispense("2024-05-20", 30), later, as_of=date(2024, 6, 1)).days == 13


@pytest.mark.parametrize(
    "status", ["cancelled", "declined", "entered-in-error", "preparation"]
)  # fmt: skip
def test_a_dispense_that_did_not_happen_covers_nothing(status):
    read = covered(dispense(status=status), drug="sertraline")
    assert (read.days, read.intervals, read.source) == (0, (), None)


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "draft"},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"doNotPerform": True},
        {"intent": "proposal"},
        {"intent": "plan"},
    ],
)
def test_an_order_that_was_none_covers_nothing(elements):
    supply = {"expectedSupplyDuration": {"value": 30, "code": "d"}}
    assert covered(order(dispenseRequest=supply, **elements), drug="sertraline").days == 0


def test_a_reported_home_medicine_counts_although_it_is_only_planned():
    supply = {"expectedSupplyDuration": {"value": 30, "code": "d"}}
    home = order(dispenseRequest=supply, intent="plan", reportedBoolean=True)
    assert covered(home).days == 30


@pytest.mark.parametrize("status", ["not-taken", "entered-in-error", "intended"])
def test_a_statement_of_what_was_not_taken_covers_nothing(status):
    assert covered(statement(status=status), drug="sertraline").days == 0


def test_auto_takes_dispenses_before_orders_before_statements():
    supply = {"expectedSupplyDuration": {"value": 90, "code": "d"}}
    asked = order(dispenseRequest=supply)
    told = statement()  # 2023-01-02 to 2023-02-26: 30 + 26 days
    assert covered(told).source == "statement"
    assert covered(told).days == 56
    assert covered(told, asked).source == "request"
    assert covered(told, asked, dispense()).source == "dispense"
    assert covered(told, asked, dispense(), source="request").days == 90


def test_refills_multiply_an_order_and_never_a_dispense():
    supply = {"expectedSupplyDuration": {"value": 30, "code": "d"}, "numberOfRepeatsAllowed": 2}
    assert covered(order(dispenseRequest=supply)).days == 90
    assert covered(dispense(dispenseRequest=supply)).days == 30


def test_expected_supply_wins_over_quantity_and_quantity_over_bounds():
    instruction = {
        "timing": {
            "repeat": {
                "frequency": 1,
                "frequencyMax": 2,
                "period": 1,
                "periodUnit": "d",
                "boundsPeriod": {"start": "2024-01-10", "end": "2024-01-14"},
            }
        },
        "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}],
    }
    plain = order(dispenseRequest=None) | {"dosageInstruction": [instruction]}
    assert spans(covered(plain)) == [("2024-01-10", "2024-01-14", 5)]
    quantity = {"quantity": {"value": 60}}
    # the upper ends: 60 / (2 tablets x 2 a day) = 15 days, from the start of the bounds
    assert spans(covered({**plain, "dispenseRequest": quantity})) == [
        ("2024-01-10", "2024-01-24", 15)
    ]
    expected = {**quantity, "expectedSupplyDuration": {"value": 7, "code": "d"}}
    assert covered({**plain, "dispenseRequest": expected}).days == 7


def test_quantity_in_tablets_over_a_dose_in_mg_needs_the_strength():
    instruction = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 100, "unit": "mg", "code": "mg"}}],
    }
    supply = {"quantity": {"value": 30, "unit": "tablet"}}
    fifty = dispense(days=None, daysSupply=None, quantity=supply["quantity"])
    fifty |= {"dosageInstruction": [instruction]}
    named = {**fifty, "medicationCodeableConcept": {"text": "sertraline 50 MG Oral Tablet"}}
    assert covered(named).days == 15  # 30 tablets / (100 mg / 50 mg)
    assert covered(fifty, drug="sertraline").days == 0


def test_quantity_over_an_instruction_in_words():
    worded = dispense(daysSupply=None, quantity={"value": 60, "unit": "tablet"})
    worded |= {"dosageInstruction": [{"text": "1 tab bid"}]}
    assert covered(worded).days == 30


def test_two_dosage_instructions_give_no_days_of_supply_and_an_issue():
    instruction = {"doseAndRate": [{"doseQuantity": {"value": 1}}]}
    several = dispense(daysSupply=None, quantity={"value": 30})
    several |= {"dosageInstruction": [instruction, instruction]}
    read = covered(several, drug="sertraline")
    assert read.days == 0
    assert any("several dosage instructions" in issue.problem for issue in read.issues)


def test_an_active_statement_without_an_end_covers_up_to_as_of():
    open_ended = statement(status="active", effectivePeriod={"start": "2024-12-01"})
    assert covered(open_ended).days == 31


def test_a_finished_statement_without_an_end_covers_nothing_and_is_named():
    read = covered(statement(effectivePeriod={"start": "2024-12-01"}), drug="sertraline")
    assert read.days == 0
    issues = read.to_json()["issues"]
    assert {issue["resource"] for issue in issues} == {"MedicationStatement/x0"}
    assert any("how long it lasted is unknown" in issue["problem"] for issue in issues)


def test_a_month_is_no_day_to_count_from():
    assert covered(dispense("2024-01"), drug="sertraline").days == 0


@pytest.mark.parametrize("days", [0, -5, 1e9])
def test_a_supply_that_cannot_be_covers_nothing(days):
    assert covered(dispense(days=days), drug="sertraline").days == 0


def test_a_class_is_pooled_drug_by_drug_and_the_days_are_counted_once():
    pooled = covered(
        dispense("2024-01-01", 30),
        dispense("2024-01-16", 30, medication="venlafaxine"),
        dispense("2024-01-01", 300, medication="lisinopril"),
        statement({"text": "citalopram"}, effectivePeriod={"start": "2024-03-01",
                                                           "end": "2024-03-10"}),
        drug_class="antidepressants",
        policy="carry_forward",
    )  # fmt: skip
    assert pooled.source == "mixed"
    assert spans(pooled) == [
        ("2024-01-01", "2024-02-14", 45),
        ("2024-03-01", "2024-03-10", 10),
    ]


def test_any_drug_is_covered_and_a_brand_is_its_ingredient():
    resources = (dispense(medication="Zoloft"), dispense(medication="Lisinopril 20 MG Oral Tablet"))
    found = days_covered(chart(*resources), Window(as_of=AS_OF))
    assert [(one.drug, one.days) for one in found] == [("lisinopril", 30), ("sertraline", 30)]
    assert covered(*resources, drug="Zoloft").drug == "sertraline"
    assert covered(*resources, drug="LISINOPRIL").days == 30


def test_an_entry_set_aside_covers_nothing_and_is_named():
    read = covered(dispense(modifierExtension=[{"url": "urn:x"}]), drug="sertraline")
    assert read.days == 0
    assert any("modifier extension" in issue.problem for issue in read.issues)


def test_a_drug_whose_entries_give_no_days_is_listed_with_none():
    found = days_covered(chart(order(dispenseRequest=None)), Window(as_of=AS_OF))
    assert [(one.drug, one.days) for one in found] == [("sertraline", 0)]


def test_a_drug_never_given_has_no_days():
    never = covered(dispense(), drug="venlafaxine").to_json()
    assert (never["drug"], never["days"], never["intervals"]) == ("venlafaxine", 0, [])


def test_every_interval_names_its_evidence():
    (interval,) = covered(dispense(), dispense("2024-01-31", 5)).to_json()["intervals"]
    assert interval["evidence"] == [
        "MedicationDispense/x0#whenHandedOver",
        "MedicationDispense/x0#daysSupply",
        "MedicationDispense/x1#whenHandedOver",
        "MedicationDispense/x1#daysSupply",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("clonidine hydrochloride 0.1 MG Oral Tablet", "clonidine"),
        ("Bumetanide Tablet 1 mg", "bumetanide"),
        ("120 ACTUAT Triamcinolone 0.055 MG/ACTUAT Nasal Inhaler [Nasacort]", "triamcinolone"),
        ("lithium carbonate 300 MG Oral Capsule", "lithium"),
        ("sodium chloride", "sodium chloride"),
    ],
)
def test_a_product_name_is_cut_to_its_substance(text, name):
    assert substance(text) == name


_FILLS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(_FILLS)
def test_merged_days_are_a_plain_set_of_days(fills):
    first = date(2023, 6, 1)
    resources = [dispense(str(first + timedelta(days=at)), length) for at, length in fills]
    days = {at + day for at, length in fills for day in range(length)}
    assert covered(*resources).days == len(days)


@settings(max_examples=60, deadline=None)
@given(_FILLS)
def test_carried_forward_no_supplied_day_is_lost(fills):
    first = date(2020, 1, 1)
    resources = [dispense(str(first + timedelta(days=at)), length) for at, length in fills]
    assert covered(*resources, policy="carry_forward").days == sum(length for _, length in fills)


_ODD = (None, "", "x", [], {}, [{}], {"a": 1}, 0, -1, True, 1e308, "2024-02-30", ["x", None])


def _places(value, path=()):
    yield path
    children = value.items() if isinstance(value, dict) else ()
    children = enumerate(value) if isinstance(value, list) else children
    for key, child in children:
        yield from _places(child, (*path, key))


def _replaced(value, path, odd):
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], odd)
    return copy


@pytest.mark.parametrize("odd", _ODD, ids=repr)
def test_no_element_of_the_wrong_kind_breaks_the_count(odd):
    instruction = {
        "text": "1 tab bid",
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d",
                              "boundsPeriod": {"start": "2024-01-01", "end": "2024-01-09"}}},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
    }  # fmt: skip
    supply = {"numberOfRepeatsAllowed": 1, "quantity": {"value": 30, "unit": "tablet"}}
    whole = (
        dispense(quantity={"value": 30}, dosageInstruction=[instruction]),
        order(dispenseRequest=supply) | {"dosageInstruction": [instruction]},
        statement(),
    )
    for one in whole:
        for path in _places(one):
            if not path or path[0] in ("resourceType", "id", "subject"):
                continue
            broken = _replaced(one, path, odd)
            for coverage in days_covered(chart(broken), Window(as_of=AS_OF)):
                assert coverage.days >= 0
