"""Recorded uses of one drug become one trial while the pauses between them are short."""

from assistant.staging.record import ExposureStatus
from tests.lib.expectations import expect
from tests.lib.histories import Line, took

TITLE = "Joining uses into trials"


def test_a_pause_of_90_days_stays_inside_one_trial() -> None:
    """Two uses of one drug with at most 90 drug-free days between them are one trial."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("sertraline", 100, "2023-05-13", to="2023-06-23"),
        gives={"trials": "sertraline 2023-01-01 to 2023-06-23"},
        because="12 February to 12 May: 17 + 31 + 30 + 12 = 90 days without the drug",
    )


def test_a_pause_of_91_days_begins_a_new_trial() -> None:
    """After more than 90 drug-free days the same drug is a new trial."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("sertraline", 100, "2023-05-14", to="2023-06-24"),
        gives={
            "trials": "sertraline 2023-01-01 to 2023-02-11; sertraline 2023-05-14 to 2023-06-24"
        },
        because="12 February to 13 May: 91 days without the drug",
    )


def test_another_antidepressant_inside_the_pause_separates_two_trials() -> None:
    """A trial of another antidepressant that lies inside the pause ends the first trial."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("venlafaxine", 150, "2023-02-15", to="2023-03-31"),
        took("sertraline", 100, "2023-04-05", to="2023-06-23"),
        gives={
            "trials": "sertraline 2023-01-01 to 2023-02-11; "
            "venlafaxine 2023-02-15 to 2023-03-31; sertraline 2023-04-05 to 2023-06-23"
        },
    )


def test_another_drug_with_several_steps_inside_the_pause_separates_two_trials() -> None:
    """The other drug's dose steps are one trial when they are looked for inside the pause."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("venlafaxine", 75, "2023-02-15", to="2023-02-28"),
        took("venlafaxine", 150, "2023-03-01", to="2023-03-31"),
        took("sertraline", 100, "2023-04-05", to="2023-06-23"),
        gives={"drugs": "sertraline; venlafaxine; sertraline"},
    )


def test_another_antidepressant_that_outlasts_the_pause_does_not_lie_inside_it() -> None:
    """A drug begun before the pause or continued after it does not separate the uses."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("mirtazapine", 30, "2023-02-15", to="2023-06-23"),
        took("sertraline", 100, "2023-04-05", to="2023-06-23"),
        gives={"drugs": "sertraline; mirtazapine"},
    )


def test_a_hypnotic_dose_inside_the_pause_is_no_trial_and_separates_nothing() -> None:
    """Only a trial separates: a sedative dose of trazodone in the pause leaves one trial."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("trazodone", 50, "2023-02-15", to="2023-03-31"),
        took("sertraline", 100, "2023-04-05", to="2023-06-23"),
        gives={
            "trials": "sertraline 2023-01-01 to 2023-06-23",
            "excluded": "trazodone: hypnotic dose",
        },
    )


def test_esketamine_inside_the_pause_separates_nothing() -> None:
    """A course treatment is never counted, so it does not separate two uses either."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("esketamine", 84, "2023-02-15", to="2023-03-15"),
        took("sertraline", 100, "2023-04-05", to="2023-06-23"),
        gives={"drugs": "sertraline; esketamine"},
    )


def test_entries_that_repeat_one_use_are_one_trial() -> None:
    """A statement, its order and its dispenses tell of one use, not of several."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-03-31"),
        took("sertraline", 100, "2023-01-01", to="2023-03-31", source="order"),
        took("sertraline", 100, "2023-01-01", days=30, source="dispense"),
        took("sertraline", 100, "2023-01-31", days=30, source="dispense"),
        took("sertraline", 100, "2023-03-02", days=30, source="dispense"),
        gives={
            "trials": "sertraline 2023-01-01 to 2023-03-31",
            "t1 highest dose": 100,
            "t1 days at adequate dose": 90,
        },
        because="31 + 28 + 31 = 90 days",
    )


def test_an_order_adds_a_period_the_statement_does_not_know() -> None:
    """A weaker kind of entry adds periods of its own; it does not prolong a stronger one."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-01-31"),
        took("sertraline", 150, "2023-02-05", to="2023-03-31", source="order"),
        gives={
            "trials": "sertraline 2023-01-01 to 2023-03-31",
            "t1 dose steps": "100 mg 2023-01-01 to 2023-01-31; 150 mg 2023-02-05 to 2023-03-31",
        },
    )


def test_an_order_gives_the_dose_the_statement_leaves_out() -> None:
    """Where a statement has no dose, the order of the same days gives it."""
    expect(
        took("sertraline", None, "2023-01-01", to="2023-03-31"),
        took("sertraline", 100, "2023-02-01", to="2023-02-28", source="order"),
        gives={
            "t1 dose steps": "unknown dose 2023-01-01 to 2023-01-31; "
            "100 mg 2023-02-01 to 2023-02-28; unknown dose 2023-03-01 to 2023-03-31",
            "t1 dose": "met",
            "t1 days at adequate dose": "28 to 90",
        },
        because="the order proves February; January and March stay unknown",
    )


def test_an_order_of_the_same_days_gives_the_whole_dose() -> None:
    """A statement without a dose and an order of the same days are one known dose."""
    expect(
        took("sertraline", None, "2023-01-01", to="2023-03-31"),
        took("sertraline", 100, "2023-01-01", to="2023-03-31", source="order"),
        gives={
            "t1 dose steps": "100 mg 2023-01-01 to 2023-03-31",
            "t1 days at adequate dose": 90,
        },
    )


def test_a_statement_that_ended_against_an_order_that_runs_on_leaves_the_end_unknown() -> None:
    """Statement stopped, order active: one trial, its end unknown, and an issue says so."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-01", status=ExposureStatus.STOPPED),
        took("sertraline", 100, "2023-01-01", source="order", ongoing=True),
        as_of="2023-04-10",
        gives={
            "drugs": "sertraline",
            "t1 period": "2023-01-01 to ?",
            "t1 ongoing": "no",
            "t1 days at adequate dose": "32 to 100",
            "t1 duration": "unknown",
            "issues": "says that sertraline ended while MedicationRequest/3 runs on: "
            "the end is unknown between the two",
        },
        because="1 January to 1 February: 32 days; to the staging date: 31 + 28 + 31 + 10 = 100",
    )


def test_a_stopped_order_against_a_statement_of_use_is_the_same_conflict() -> None:
    """The conflict is read the same way whichever of the two says stopped."""
    expect(
        took("sertraline", 100, "2023-01-01", ongoing=True),
        took(
            "sertraline",
            100,
            "2023-01-01",
            to="2023-02-01",
            source="order",
            status=ExposureStatus.STOPPED,
        ),
        as_of="2023-04-10",
        gives={"drugs": "sertraline", "t1 days at adequate dose": "32 to 100"},
    )


def test_an_order_with_a_planned_end_bounds_the_unknown_end() -> None:
    """The end lies between the stop and the order's own end, where it has one."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-01", status=ExposureStatus.STOPPED),
        took(
            "sertraline",
            100,
            "2023-01-01",
            to="2023-03-11",
            source="order",
            status=ExposureStatus.ACTIVE,
        ),
        gives={"t1 days at adequate dose": "32 to 70"},
        because="31 + 28 + 11 = 70 days to the order's end",
    )


def test_an_order_no_longer_active_contradicts_no_statement() -> None:
    """Only an order that is still active contradicts a stopped statement."""
    for order in (
        took(
            "sertraline",
            100,
            "2023-01-01",
            to="2023-04-10",
            source="order",
            status=ExposureStatus.COMPLETED,
        ),
        took("sertraline", 100, "2023-02-15", source="order", ongoing=True),
    ):
        expect(
            took("sertraline", 100, "2023-01-01", to="2023-02-01", status=ExposureStatus.STOPPED),
            order,
            as_of="2023-04-10",
            gives={"issues": "none"},
        )


def test_supplies_after_the_disputed_end_prove_no_further_use() -> None:
    """In a conflict the proven end is the stop; a later fill does not move it."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-01", status=ExposureStatus.STOPPED),
        took("sertraline", 100, "2023-01-01", source="order", ongoing=True),
        took("sertraline", 100, "2023-02-10", days=30, source="dispense"),
        as_of="2023-04-10",
        gives={"t1 days at adequate dose": "32 to 92"},
        because="the longest: 32 days, a pause of 8 bridged, 30 days of supply, 30 more",
    )


def test_an_undated_use_adds_no_days_to_a_dated_one() -> None:
    """An entry without dates is taken as the same use; an issue names it."""
    expect(
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("sertraline", 200, None),
        gives={
            "drugs": "sertraline",
            "t1 highest dose": 100,
            "issues": "undated use of sertraline, which has dated entries: "
            "taken as the same use, it adds no days",
        },
    )


def test_an_undated_use_alone_is_a_trial_of_unknown_length() -> None:
    """A drug recorded without any date stays a trial; nothing about its length is guessed."""
    expect(
        took("sertraline", 100, None),
        gives={
            "t1 period": "? to ?",
            "t1 dose": "met",
            "t1 days at adequate dose": "0 or more",
            "t1 duration": "unknown",
            "t1 failed": "unknown",
        },
    )


def _stopped(on: str, mg: float = 100) -> Line:
    return took("sertraline", mg, "2023-01-01", to=on, status=ExposureStatus.STOPPED)


def test_an_order_that_begins_on_the_day_of_the_stop_contradicts_it() -> None:
    """An order of the very day of the stop still contradicts the statement."""
    expect(
        _stopped("2023-02-01"),
        took("sertraline", 100, "2023-02-01", source="order", ongoing=True),
        as_of="2023-04-10",
        gives={"t1 period": "2023-01-01 to ?"},
    )


def test_an_active_order_that_ends_with_the_stop_contradicts_nothing() -> None:
    """An order whose own end is not after the stop agrees with it."""
    for end, period in (
        ("2023-02-01", "2023-01-01 to 2023-02-01"),
        ("2023-02-02", "2023-01-01 to ?"),
    ):
        expect(
            _stopped("2023-02-01"),
            took(
                "sertraline",
                100,
                "2023-01-01",
                to=end,
                source="order",
                status=ExposureStatus.ACTIVE,
            ),
            gives={"t1 period": period},
        )


def test_a_disputed_stop_known_to_the_month_may_be_its_first_day() -> None:
    """The proven end is the first day the stop can mean, the possible end the order's last."""
    expect(
        _stopped("2023-02"),
        took(
            "sertraline",
            100,
            "2023-01-01",
            to="2023-03",
            source="order",
            status=ExposureStatus.ACTIVE,
        ),
        gives={"t1 days at adequate dose": "32 to 90"},
        because="1 January to 1 February: 32; to 31 March: 31 + 28 + 31 = 90",
    )


def test_after_a_disputed_stop_the_orders_dose_holds() -> None:
    """What may have been taken after the stop is what the order says; else the last dose."""
    for mg, steps in (
        (50, "100 mg 2023-01-01 to 2023-02-01; 50 mg 2023-02-02 to 2023-04-10"),
        (None, "100 mg 2023-01-01 to 2023-04-10"),
    ):
        expect(
            _stopped("2023-02-01"),
            took("sertraline", mg, "2023-01-01", source="order", ongoing=True),
            as_of="2023-04-10",
            gives={"t1 dose steps": steps, "t1 highest dose": 100},
        )


def test_the_last_of_several_stops_is_the_one_an_order_contradicts() -> None:
    """Two statements that ended, an order that runs on: disputed from the later stop."""
    expect(
        took("sertraline", 50, "2023-01-02", to="2023-01-29", status=ExposureStatus.STOPPED),
        took("sertraline", 100, "2023-01-30", to="2023-03-05", status=ExposureStatus.STOPPED),
        took("sertraline", 100, "2023-01-30", ongoing=True, source="order"),
        as_of="2023-03-31",
        gives={"t1 days": "63 to 89", "t1 period": "2023-01-02 to ?"},
        because="2 January to 5 March are 63 days, to 31 March 89",
    )


def test_two_fills_of_one_day_are_two_strengths() -> None:
    """Fills that begin together add up; the longer one goes on alone."""
    expect(
        took("sertraline", 50, "2023-01-02", days=30, source="dispense"),
        took("sertraline", 50, "2023-01-02", days=60, source="dispense"),
        gives={"t1 dose steps": "100 mg 2023-01-02 to 2023-01-31; 50 mg 2023-02-01 to 2023-03-02"},
    )
