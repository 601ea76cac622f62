"""What can mimic resistance; every check is always listed, as found or as not assessed."""

import pytest

from assistant.staging.record import ExposureStatus
from tests.lib.expectations import expect, expect_value
from tests.lib.histories import Line, diagnosis, failed, lab, took, unread

TITLE = "Pseudo-resistance"

CHECKS = (
    "bipolarity, psychosis, hypothyroidism, sleep_apnoea, inflammation, nutritional, "
    "other_medical, substance_use, anxiety, other_psychiatric, depressogenic_drug, interaction, "
    "plasma_level, inadequate_exposure, adherence, intolerance"
)


def test_every_check_is_always_listed() -> None:
    """An empty record lists every check too; nothing looked at is not assessed."""
    report = expect(documented=False, gives={})
    expect_value("checks", ", ".join(c.check for c in report.pseudo_resistance), CHECKS)
    expect_value(
        "status of each in an empty record",
        {c.status for c in report.pseudo_resistance},
        {"not_assessed"},
    )


@pytest.mark.parametrize(
    ("category", "check"),
    [
        ("bipolar", "bipolarity"),
        ("mania", "bipolarity"),
        ("psychotic_disorder", "psychosis"),
        ("hypothyroidism", "hypothyroidism"),
        ("sleep_apnoea", "sleep_apnoea"),
        ("inflammatory_disorder", "inflammation"),
        ("nutritional", "nutritional"),
        ("other_medical", "other_medical"),
        ("substance_use", "substance_use"),
        ("anxiety", "anxiety"),
        ("other_psychiatric", "other_psychiatric"),
        ("other_mood", "other_psychiatric"),
    ],
)
def test_a_coded_condition_is_present(category: str, check: str) -> None:
    """A recorded code makes its check present, with the code as evidence."""
    report = expect(
        diagnosis(category, category.replace("_", " "), onset="2020-01-01"),
        gives={f"check {check}": "present"},
    )
    (item,) = [c for c in report.pseudo_resistance if c.check == check]
    assert item.evidence[0].reference == "Condition/2"


def test_a_comorbidity_that_has_passed_is_not_present() -> None:
    """A resolved or fully remitted comorbidity no longer mimics resistance."""
    expect(
        diagnosis("anxiety", "anxiety disorder", active=False),
        diagnosis("substance_use", "alcohol dependence", remission="full"),
        gives={"check anxiety": "none_found", "check substance_use": "none_found"},
    )


def test_a_comorbidity_never_blocks_staging() -> None:
    """Only bipolar and psychotic disorders block; comorbidities are flags."""
    report = expect(
        failed("sertraline", "venlafaxine"),
        diagnosis("hypothyroidism", "hypothyroidism"),
        diagnosis("anxiety", "anxiety disorder"),
        gives={"stage": "II", "TRD": "yes"},
    )
    assert not any(c.blocks_staging for c in report.pseudo_resistance)


def test_conditions_not_read_whole_are_not_assessed() -> None:
    """Where the conditions were not read whole, no absence is claimed."""
    expect(unread("Condition"), gives={"check anxiety": "not_assessed"})
    expect(gives={"check anxiety": "none_found"})


@pytest.mark.parametrize(
    ("value", "status"), [(4.1, "possible"), (4, "none_found"), (0.3, "possible"), (10, "possible")]
)
def test_a_tsh_out_of_range_alone_is_possible(value: float, status: str) -> None:
    """A TSH above or below its range is possible, not present."""
    expect(lab("TSH", value, "mIU/L", "2024-05-01"), gives={"check hypothyroidism": status})


def test_a_tsh_above_10_is_present() -> None:
    """Above 10 mIU/L no further confirmation is needed."""
    expect(lab("TSH", 10.1, "mIU/L", "2024-05-01"), gives={"check hypothyroidism": "present"})


def test_a_raised_tsh_with_a_low_free_t4_is_present() -> None:
    """A low free T4 confirms; a normal one does not."""
    tsh = lab("TSH", 6, "mIU/L", "2024-05-01")
    expect(
        tsh,
        lab("free_T4", 0.5, "ng/dL", "2024-05-01"),
        gives={"check hypothyroidism": "present"},
    )
    expect(
        tsh,
        lab("free_T4", 1.1, "ng/dL", "2024-05-01"),
        gives={"check hypothyroidism": "possible"},
    )


def test_the_laboratorys_own_range_goes_before_ours() -> None:
    """The range printed with the value is the one it is read by."""
    expect(
        lab("TSH", 4.1, "mIU/L", "2024-05-01", low=0.3, high=4.5),
        gives={"check hypothyroidism": "none_found"},
    )
    expect(
        lab("TSH", 6, "mIU/L", "2024-05-01"),
        lab("free_T4", 0.7, "ng/dL", "2024-05-01", low=0.6),
        gives={"check hypothyroidism": "possible"},
    )


def test_the_newest_value_counts() -> None:
    """An old abnormal value that has become normal is no sign."""
    expect(
        lab("TSH", 12, "mIU/L", "2023-05-01"),
        lab("TSH", 2, "mIU/L", "2024-05-01"),
        gives={"check hypothyroidism": "none_found"},
    )
    expect(lab("TSH", 12, "mIU/L", None), gives={"check hypothyroidism": "not_assessed"})
    expect(lab("TSH", None, "mIU/L", "2024-05-01"), gives={"check hypothyroidism": "not_assessed"})


@pytest.mark.parametrize(
    ("value", "comparator", "status"),
    [
        (4.9, "", "none_found"),
        (5, "", "possible"),
        (10, "", "possible"),
        (10.1, "", "not_assessed"),
        (10, ">", "not_assessed"),
        (5, "<", "none_found"),
        (8, "<", "none_found"),
    ],
)
def test_hs_crp_between_5_and_10_is_possible_and_above_it_cannot_be_read(
    value: float, comparator: str, status: str
) -> None:
    """hs-CRP from 5 to 10 mg/L is possible; above 10 an acute inflammation is likelier."""
    expect(
        lab("hs-CRP", value, "mg/L", "2024-05-01", comparator=comparator),
        gives={"check inflammation": status},
    )


def test_a_coded_inflammatory_disorder_is_present_whatever_the_hs_crp() -> None:
    """A code stands though the value cannot be interpreted."""
    expect(
        lab("hs-CRP", 30, "mg/L", "2024-05-01"),
        diagnosis("inflammatory_disorder", "rheumatoid arthritis"),
        gives={"check inflammation": "present"},
    )


@pytest.mark.parametrize(
    ("test", "value", "unit"),
    [
        ("vitamin_B12", 199, "pg/mL"),
        ("folate", 2.9, "ng/mL"),
        ("ferritin", 29, "ng/mL"),
        ("vitamin_D", 19, "ng/mL"),
    ],
)
def test_a_low_nutrient_is_possible(test: str, value: float, unit: str) -> None:
    """A value below its limit is possible; above it there is nothing."""
    expect(lab(test, value, unit, "2024-05-01"), gives={"check nutritional": "possible"})
    expect(lab(test, value + 100, unit, "2024-05-01"), gives={"check nutritional": "none_found"})


def test_a_positive_drug_screen_is_possible_substance_use() -> None:
    """A positive urine screen is possible, a negative one nothing."""
    expect(
        lab("urine_drug_screen:cocaine", None, "", "2024-05-01", reads="positive"),
        gives={"check substance_use": "possible"},
    )
    expect(
        lab("urine_drug_screen:cocaine", None, "", "2024-05-01", reads="negative"),
        gives={"check substance_use": "none_found"},
    )


def test_a_drug_associated_with_depression_is_possible() -> None:
    """Some drugs are associated with depression: an association only, so possible."""
    expect(
        took("atenolol", 50, "2023-01-02", ongoing=True),
        gives={"check depressogenic_drug": "possible"},
    )
    expect(
        failed("sertraline"),
        took("atenolol", 50, "2023-01-02", days=30, status=ExposureStatus.NOT_TAKEN),
        gives={"check depressogenic_drug": "none_found"},
    )


def test_an_inducer_overlapping_a_trial_is_present() -> None:
    """An enzyme inducer that overlaps a trial of a drug it lowers is present."""
    report = expect(
        failed("sertraline", "venlafaxine"),
        took("rifampin", 600, "2023-02-01", days=10),
        gives={"check interaction": "present"},
    )
    (item,) = [c for c in report.pseudo_resistance if c.check == "interaction"]
    assert item.trials == ("t1",)


def test_an_inducer_acts_on_a_whole_class() -> None:
    """Rifampin lowers the tricyclics as a class."""
    expect(
        failed("nortriptyline"),
        took("rifampin", 600, "2023-01-10", days=10),
        gives={"check interaction": "present"},
    )


def test_st_johns_wort_is_an_inducer() -> None:
    """St John's wort beside sertraline lowers it."""
    expect(
        failed("sertraline"),
        took("hypericum (St John's wort)", 900, "2023-01-10", days=30),
        gives={"check interaction": "present"},
    )


@pytest.mark.parametrize("drug", ["venlafaxine", "paroxetine"])
def test_an_inducer_of_another_enzyme_is_none(drug: str) -> None:
    """An inducer does not lower drugs that its enzymes do not break down."""
    expect(
        failed(drug),
        took("rifampin", 600, "2023-01-10", days=10),
        gives={"check interaction": "none_found"},
    )


def test_an_inducer_never_taken_or_undated_is_none() -> None:
    """A declined or an undated inducer cannot be shown to overlap."""
    for line in (
        took("rifampin", 600, "2023-01-10", days=10, status=ExposureStatus.DECLINED),
        took("rifampin", 600, None),
    ):
        expect(failed("sertraline"), line, gives={"check interaction": "none_found"})
    expect(
        took("sertraline", 50, None),
        took("rifampin", 600, "2023-01-10", days=10),
        gives={"check interaction": "none_found"},
    )


def _trial(**facts: object) -> Line:
    return took("sertraline", 50, "2023-01-02", **{"days": 56, "taken": "met", **facts})


def test_an_inadequate_trial_is_present() -> None:
    """Too low a dose or too short a time is the commonest mimic."""
    for line, words in (
        (took("sertraline", 25, "2023-01-02", days=56), "sertraline: the dose was too low"),
        (_trial(days=20), "sertraline: it was too short"),
    ):
        report = expect(line, gives={"check inadequate_exposure": "present"})
        (item,) = [c for c in report.pseudo_resistance if c.check == "inadequate_exposure"]
        assert item.detail == words
    expect(_trial(), gives={"check inadequate_exposure": "none_found"})


def test_a_trial_still_running_is_not_yet_inadequate() -> None:
    """An ongoing trial short of its weeks is no mimic."""
    expect(
        took("sertraline", 50, "2024-05-20", ongoing=True),
        gives={"check inadequate_exposure": "none_found"},
    )


def test_adherence_is_present_where_it_was_poor_and_not_assessed_where_unknown() -> None:
    """Poor adherence is present; unrecorded adherence is not assessed; good is not found."""
    for taken, status in (("not_met", "present"), (None, "not_assessed"), ("met", "none_found")):
        expect(_trial(taken=taken), gives={"check adherence": status})


def test_intolerance_is_present_where_a_drug_was_stopped_for_it() -> None:
    """Intolerance names the trial and its evidence."""
    report = expect(
        _trial(days=10, stopped_for="intolerance"), gives={"check intolerance": "present"}
    )
    (item,) = [c for c in report.pseudo_resistance if c.check == "intolerance"]
    assert [str(e) for e in item.evidence] == ["MedicationStatement/2#stop_reason"]


def test_levels_are_not_assessed_without_one() -> None:
    """Without a level of a trial's drug there is nothing to assess."""
    expect(
        _trial(),
        lab("plasma_level:venlafaxine", 10, "ng/mL", "2023-02-01"),
        gives={"check plasma_level": "not_assessed"},
    )
    expect(
        failed("phenelzine"),
        lab("plasma_level:phenelzine", 10, "ng/mL", "2023-02-01"),
        gives={"check plasma_level": "none_found"},
        because="no reference range is in the table",
    )


def test_a_level_of_the_first_or_last_day_of_a_trial_belongs_to_it() -> None:
    """Both ends of a trial count; a level of the day before or after does not."""
    for day, status in (
        ("2023-01-01", "none_found"),
        ("2023-01-02", "present"),
        ("2023-02-26", "present"),
        ("2023-02-27", "none_found"),
    ):
        expect(
            took("venlafaxine", 150, "2023-01-02", days=56),
            lab("plasma_level:venlafaxine", 20, "ng/mL", day),
            gives={"check plasma_level": status},
        )


def test_a_result_without_a_figure_is_neither_low_nor_high() -> None:
    """A test that was done and gave no value says nothing."""
    expect(
        took("venlafaxine", 150, "2023-01-02", days=56),
        lab("plasma_level:venlafaxine", None, "ng/mL", "2023-02-01"),
        lab("sodium", None, "mmol/L", "2023-02-20"),
        lab("TSH", None, "mIU/L", "2023-02-01"),
        gives={
            "check plasma_level": "none_found",
            "check hypothyroidism": "not_assessed",
            "t1 stopped": "unknown",
        },
    )


def test_inadequate_adherence_is_shown_with_what_tells_of_it() -> None:
    """The statement that a drug was not taken as prescribed is cited."""
    report = expect(
        took("sertraline", 50, "2023-01-02", days=56, taken="not_met"),
        gives={"check adherence": "present"},
    )
    (check,) = [c for c in report.pseudo_resistance if c.check == "adherence"]
    assert [e.element for e in check.evidence] == ["adherence"]
    assert check.trials == ("t1",)
