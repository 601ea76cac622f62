"""Only the current episode counts; two months of remission separate it from the last."""

from tests.lib.expectations import expect
from tests.lib.histories import Line, depression, failed, score, session, took

TITLE = "Episode"


def _earlier_episode() -> list[Line]:
    return [
        score("HAM-D-17", 24, "2021-01-04"),
        took("sertraline", 100, "2021-01-04", days=84, taken="met"),
    ]


def test_two_months_of_remission_separate_two_episodes() -> None:
    """A score in remission with none outside it for 60 days ends the episode."""
    expect(
        depression("2020-11-01"),
        _earlier_episode(),
        score("HAM-D-17", 5, "2021-03-28"),
        score("HAM-D-17", 6, "2021-05-27"),
        failed("venlafaxine"),
        gives={
            "drugs": "venlafaxine",
            "earlier trials": "sertraline",
            "stage": "I",
            "episode start": "2023-01-02",
        },
        because="28 March to 27 May 2021: 60 days in remission",
    )


def test_a_relapse_within_60_days_is_the_same_episode() -> None:
    """A score outside remission within 60 days keeps the episode going."""
    expect(
        depression("2020-11-01"),
        _earlier_episode(),
        score("HAM-D-17", 5, "2021-03-28"),
        score("HAM-D-17", 18, "2021-05-27"),
        failed("venlafaxine"),
        gives={"drugs": "sertraline; venlafaxine", "earlier trials": "none"},
    )


def test_a_remission_that_lasts_leaves_the_trial_in_its_episode() -> None:
    """Remission with neither relapse nor new treatment after it starts no new episode."""
    expect(
        depression("2022-12-01"),
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="met"),
        score("HAM-D-17", 5, "2023-03-26"),
        score("HAM-D-17", 4, "2023-09-26"),
        gives={"drugs": "sertraline", "t1 outcome": "remission", "earlier trials": "none"},
    )


def test_a_remission_not_yet_60_days_old_proves_nothing() -> None:
    """Sixty days must have passed by the staging date."""
    expect(
        depression("2022-12-01"),
        took("sertraline", 100, "2024-01-02", to="2024-04-01"),
        score("HAM-D-17", 5, "2024-04-15"),
        took("venlafaxine", 150, "2024-05-20", ongoing=True),
        gives={"drugs": "sertraline; venlafaxine"},
    )


def test_a_full_remission_code_that_stands_for_60_days_separates_episodes() -> None:
    """A code of full remission, not contradicted for 60 days, ends the episode."""
    expect(
        depression("2020-11-01", active=False),
        depression(None, recorded="2021-04-01", remission="full"),
        depression(None, recorded="2022-12-15", severity="moderate"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={
            "drugs": "venlafaxine",
            "earlier trials": "sertraline",
            "episode start": "2022-12-15",
            "episode basis": "Condition/3 recorded",
        },
    )


def test_a_depression_code_within_60_days_contradicts_a_remission_code() -> None:
    """A new code of depression within 60 days shows that the remission did not stand."""
    expect(
        depression("2020-11-01"),
        depression(None, recorded="2021-04-01", remission="full"),
        depression(None, recorded="2021-05-15", severity="moderate"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "sertraline; venlafaxine", "earlier trials": "none"},
        because="1 April to 15 May 2021: 44 days",
    )


def test_a_partial_remission_code_separates_nothing() -> None:
    """Only full remission ends an episode."""
    expect(
        depression("2020-11-01"),
        depression(None, recorded="2021-04-01", remission="partial"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "sertraline; venlafaxine"},
    )


def test_a_remission_code_without_a_date_separates_nothing() -> None:
    """An undated code cannot be shown to have stood for 60 days."""
    expect(
        depression("2020-11-01"),
        depression(None, remission="full"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "sertraline; venlafaxine"},
    )


def test_a_recorded_end_of_the_diagnosis_separates_episodes() -> None:
    """A diagnosis recorded as ended, with no other open one, is a remission."""
    expect(
        depression("2020-11-01", abatement="2021-04-01", active=False),
        depression("2022-12-01"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "venlafaxine", "earlier trials": "sertraline"},
    )


def test_an_end_of_one_diagnosis_beside_another_open_one_ends_nothing() -> None:
    """While another depression code stands, the end of one is a recoding, not a remission."""
    expect(
        depression("2020-11-01", abatement="2021-04-01", active=False),
        depression("2021-03-01"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "sertraline; venlafaxine"},
    )


def test_the_end_of_a_remission_code_beside_the_end_of_depression_is_no_open_depression() -> None:
    """A code of full remission does not count as an open depression."""
    expect(
        depression("2020-11-01", abatement="2021-04-01", active=False),
        depression(None, recorded="2021-03-01", remission="full"),
        depression("2022-12-01"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "venlafaxine", "earlier trials": "sertraline"},
    )


def test_trials_of_an_earlier_episode_do_not_count() -> None:
    """A failure before the remission belongs to the earlier episode."""
    expect(
        depression("2020-11-01"),
        failed("sertraline", after="2021-01-04"),
        score("HAM-D-17", 5, "2021-06-01"),
        score("HAM-D-17", 5, "2021-09-01"),
        failed("venlafaxine"),
        gives={"e1 failed": "yes", "t1 drug": "venlafaxine", "stage": "I", "TRD": "no"},
    )


def test_a_score_of_an_earlier_episode_is_no_baseline() -> None:
    """An older baseline is looked for within the episode only."""
    expect(
        depression("2020-11-01"),
        score("HAM-D-17", 30, "2021-01-04"),
        score("HAM-D-17", 5, "2021-06-01"),
        took("venlafaxine", 150, "2023-01-02", days=56),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"t1 baseline": "none", "t1 outcome": "unknown"},
    )


def test_procedures_of_an_earlier_episode_are_left_out() -> None:
    """An ECT course before the remission earns no point in this episode."""
    expect(
        depression("2020-11-01"),
        session("ECT", "2021-02-01", sessions=8),
        score("HAM-D-17", 5, "2021-06-01"),
        failed("venlafaxine"),
        gives={"procedures": "none"},
    )


def test_the_episode_begins_with_the_onset_of_the_diagnosis() -> None:
    """The recorded onset of the condition starts the episode."""
    expect(
        depression("2022-12-03", recorded="2023-02-01"),
        as_of="2024-06-03",
        gives={
            "episode start": "2022-12-03",
            "episode basis": "Condition/1 onset",
            "episode months": 18,
            "persistent": "not_met",
        },
        because="3 December 2022 to 3 June 2024: 18 months, below the 24 of persistent depression",
    )


def test_without_an_onset_the_recorded_date_starts_it() -> None:
    """Else the date the condition was recorded."""
    expect(
        depression(None, recorded="2023-02-01"),
        gives={"episode start": "2023-02-01", "episode months": 16},
        because="1 February 2023 to 1 June 2024: 16 months",
    )


def test_without_either_the_first_evidence_starts_it_and_the_duration_is_a_lower_bound() -> None:
    """Else the first evidence of depression; then the episode has lasted at least as long."""
    expect(
        depression(None),
        failed("sertraline", after="2023-02-01"),
        gives={
            "episode start": "2023-02-01",
            "episode basis": "first evidence of depression in the record",
            "episode months": "16 or more",
            "persistent": "unknown",
            "assumptions": "episode taken to begin at its first evidence: 2023-02-01",
        },
    )


def test_an_episode_without_any_date_has_no_start() -> None:
    """A depression code with no date at all leaves start and duration unknown."""
    expect(
        depression(None),
        gives={
            "episode start": "none",
            "episode basis": "no dated evidence of its start",
            "episode months": "0 or more",
            "persistent": "unknown",
        },
    )


def test_two_years_are_persistent() -> None:
    """Twenty-four months reach the duration of persistent depressive disorder."""
    expect(
        depression("2022-06-01"),
        gives={"episode months": 24, "persistent": "met"},
        because="1 June 2022 to 1 June 2024: 24 months",
    )
    expect(
        depression("2022-06-02"),
        gives={"episode months": 23, "persistent": "not_met"},
    )


def test_an_ended_diagnosis_starts_the_episode_only_where_none_stands() -> None:
    """A diagnosis that still stands is preferred to an ended one."""
    expect(
        depression("2019-01-01", active=False),
        depression("2023-01-01"),
        gives={"episode start": "2023-01-01"},
    )
    expect(depression("2019-01-01", active=False), gives={"episode start": "2019-01-01"})


def test_a_refuted_diagnosis_documents_nothing() -> None:
    """A refuted or mistaken depression code is no evidence of depression."""
    expect(
        depression("2022-12-01", verification="refuted"),
        failed("sertraline")[1],
        gives={"episode start": "none", "stage": "none / none / I"},
    )


def test_an_indication_documents_depression() -> None:
    """A drug given for depression documents it without any code."""
    expect(
        took("sertraline", 100, "2023-01-02", days=56, given_for="depression"),
        documented=False,
        gives={"episode start": "2023-01-02", "TRD": "no", "stage": "0 / 0 / I"},
    )


def test_a_score_in_the_moderate_band_documents_depression() -> None:
    """A HAM-D-17 of 17 documents depression; 16 does not."""
    expect(
        score("HAM-D-17", 17, "2023-01-02"),
        documented=False,
        gives={"episode start": "2023-01-02", "stage": "0"},
    )
    expect(
        score("HAM-D-17", 16, "2023-01-02"),
        documented=False,
        gives={"episode start": "none", "stage": "none / none / 0"},
    )


def test_undocumented_depression_leaves_the_stages_open() -> None:
    """Undocumented: stages null and TRD no, except at most, which is computed all the same."""
    expect(
        took("sertraline", 100, "2023-01-02", days=56, taken="met"),
        took("venlafaxine", 150, "2023-02-27", days=56, taken="met"),
        score("HAM-D-17", 14, "2023-01-02"),
        score("HAM-D-17", 14, "2023-02-26"),
        score("HAM-D-17", 14, "2023-04-23"),
        documented=False,
        gives={
            "stage": "none / none / II",
            "TRD": "no / no / yes",
            "TRD without class rule": "no / no / yes",
            "GSRD": "none / none / trd",
            "missing facts": "diagnosis",
        },
    )


def test_an_empty_record_is_no() -> None:
    """The bounds never invent a trial the record does not mention."""
    expect(
        documented=False,
        gives={
            "TRD": "no",
            "stage": "none / none / 0",
            "Maudsley": "none",
            "missing facts": "none",
        },
    )


def test_an_undated_code_of_full_remission_is_no_open_depression() -> None:
    """Beside a recorded end, an undated remission code does not keep the episode open."""
    expect(
        depression("2020-11-01", abatement="2021-04-01", active=False),
        depression(None, remission="full"),
        depression("2022-12-01"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "venlafaxine", "earlier trials": "sertraline"},
    )


def test_a_diagnosis_begun_on_the_day_another_ended_keeps_the_episode_open() -> None:
    """An entry ended and replaced on one day is a recoding."""
    expect(
        depression("2020-11-01", abatement="2021-04-01", active=False),
        depression("2021-04-01"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "sertraline; venlafaxine"},
    )


def test_two_diagnoses_that_end_together_end_the_episode() -> None:
    """Where every entry of depression ends on one day, that day is the remission."""
    expect(
        depression("2020-11-01", abatement="2021-04-01", active=False),
        depression("2020-12-01", abatement="2021-04-01", active=False),
        depression("2022-12-01"),
        _earlier_episode(),
        failed("venlafaxine"),
        gives={"drugs": "venlafaxine", "earlier trials": "sertraline"},
    )


def test_sixty_days_are_counted_from_the_score_in_remission() -> None:
    """A relapse on day 60 is the same episode, on day 61 it is a new one."""
    for day, drugs in (
        ("2021-05-27", "sertraline; venlafaxine"),
        ("2021-05-28", "venlafaxine"),
    ):
        expect(
            depression("2020-11-01"),
            _earlier_episode(),
            score("HAM-D-17", 5, "2021-03-28"),
            score("HAM-D-17", 20, day),
            failed("venlafaxine"),
            gives={"drugs": drugs},
            because="28 March + 60 days = 27 May 2021",
        )


def test_ect_that_ended_with_the_two_months_of_remission_belongs_to_them() -> None:
    """The sixtieth day of remission is still the earlier episode; the next day is not."""
    for day, told in (("2022-03-02", "none"), ("2022-03-03", "ECT")):
        expect(
            depression("2021-01-01"),
            score("HAM-D-17", 5, "2022-01-01"),
            session("ECT", day),
            score("HAM-D-17", 22, "2022-06-01"),
            gives={"procedures": told},
            because="1 January and 60 days is 2 March",
        )
