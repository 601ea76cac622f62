"""The timeline draws what is known, and what is not known as not known."""

from typing import Any

from ui.parts.drawing import Drawing

REFERENCE: dict[str, Any] = {
    "scales": {"PHQ-9": {"remission_max": 4}},
    "rulesets": [{"name": "source_text", "parameters": {"response_percent": {"value": 50}}}],
}


def _trial(**given: Any) -> dict[str, Any]:
    return {
        "id": "t1", "drug": "sertraline", "start": None, "end": None, "ongoing": False,
        "max_daily_dose_mg": 50, "min_adequate_dose_mg": 50, "dose_steps": [],
        "adequate_run": None, "failed": "unknown", "evidence": ["MedicationStatement/m1#status"],
        "outcome": {"category": "unknown", "baseline": None, "scale": None},
    } | given  # fmt: skip


def _drawing(
    *trials: dict[str, Any],
    scores: list[dict[str, Any]] | None = None,
    episode: dict[str, Any] | None = None,
) -> Drawing:
    report = {
        "as_of": "2024-06-30", "ruleset": {"name": "source_text"}, "trials": list(trials),
        "earlier_trials": [], "augmentations": [], "procedures": [], "scores": scores or [],
        "episode": episode,
    }  # fmt: skip
    return Drawing(report, REFERENCE, theme="light")


def _pieces(drawing: Drawing) -> list[tuple[str, str, bool]]:
    return [(bar["start"], bar["end"], bar["certain"]) for bar in drawing.bars]


def test_exact_dates_are_one_certain_bar_with_both_ends_counted() -> None:
    drawing = _drawing(_trial(start="2024-01-01", end="2024-02-29"))
    assert _pieces(drawing) == [("2024-01-01", "2024-03-01", True)]


def test_an_end_known_to_the_month_is_certain_to_its_first_day_only() -> None:
    drawing = _drawing(_trial(start="2024-01-01", end="2024-03"))
    assert _pieces(drawing) == [
        ("2024-01-01", "2024-03-02", True),
        ("2024-03-01", "2024-04-01", False),
    ]


def test_an_end_that_is_not_recorded_is_uncertain_up_to_the_date_of_the_view() -> None:
    drawing = _drawing(_trial(start="2024-01-01"))
    assert _pieces(drawing) == [("2024-01-01", "2024-07-01", False)]


def test_an_ongoing_trial_is_certain_up_to_the_date_of_the_view() -> None:
    drawing = _drawing(_trial(start="2024-01-01", ongoing=True))
    assert _pieces(drawing) == [("2024-01-01", "2024-07-01", True)]


def test_a_trial_without_any_date_is_named_not_drawn() -> None:
    drawing = _drawing(_trial())
    assert drawing.is_empty
    assert drawing.undated == ["sertraline (t1)"]


def test_a_dose_below_the_minimum_or_unknown_is_not_drawn_as_adequate() -> None:
    steps = [
        {"start": "2024-01-01", "end": "2024-01-31", "dose_mg": 25},
        {"start": "2024-02-01", "end": "2024-03-31", "dose_mg": 50},
        {"start": "2024-04-01", "end": "2024-04-30", "dose_mg": None},
    ]
    drawing = _drawing(_trial(start="2024-01-01", end="2024-04-30", dose_steps=steps))
    assert [(bar["kind"], bar["words"]) for bar in drawing.bars] == [
        ("below", "25 mg"), ("adequate", "50 mg"), ("below", "dose ?"),
    ]  # fmt: skip


def test_response_is_drawn_at_the_share_of_baseline_the_ruleset_asks_for() -> None:
    outcome = {"category": "non_response", "baseline": 18, "scale": "PHQ-9"}
    drawing = _drawing(_trial(start="2024-01-01", end="2024-02-29", outcome=outcome))
    assert [line["value"] for line in drawing.response["PHQ-9"]] == [9]


def test_every_chart_is_described_in_words() -> None:
    scores = [
        {
            "scale": "PHQ-9",
            "value": 18,
            "date": "2024-01-01",
            "band": "moderate",
            "evidence": ["Observation/o1#valueQuantity.value"],
        }
    ]
    drawing = _drawing(_trial(start="2024-01-01", end="2024-02-29"), scores=scores)
    assert [words for _, words in drawing.charts()] == [
        "PHQ-9: 18 on 2024-01-01",
        "Trials: sertraline from 2024-01-01 to 2024-02-29.",
    ]
    for chart, _ in drawing.charts():
        assert chart.to_dict()["$schema"]


def _episode_marks(start: str) -> list[dict[str, Any]]:
    drawing = _drawing(_trial(start="2024-01-01", end="2024-02-29"), episode={"start": start})
    ((chart, _words),) = drawing.charts()
    drawn = chart.to_dict()
    return [
        layer["mark"]["type"]
        for layer in drawn["layer"]
        if any("episode begins" in row.values() for row in drawn["datasets"][layer["data"]["name"]])
    ]


def test_the_episode_begins_at_a_line_and_in_a_band_where_the_day_is_not_recorded() -> None:
    assert _episode_marks("2023-12-24") == ["rule", "text"]
    assert _episode_marks("2023-12") == ["rect", "text"]


def test_a_mark_leads_to_the_elements_it_was_read_from() -> None:
    scores = [
        {"scale": "PHQ-9", "value": 18, "date": "2024-01-01", "band": "moderate",
         "evidence": ["Observation/o1#valueQuantity.value"]}
    ]  # fmt: skip
    drawing = _drawing(_trial(start="2024-01-01", end="2024-02-29"), scores=scores)
    bar, point = drawing.bars[0], drawing.scores["PHQ-9"][0]
    assert drawing.picks[bar["pick"]] == (
        "sertraline (t1), 50 mg", ["MedicationStatement/m1#status"],
    )  # fmt: skip
    assert drawing.picks[point["pick"]] == ("PHQ-9", ["Observation/o1#valueQuantity.value"])
