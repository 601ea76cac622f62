"""Comparing runs: each item that changed is listed; a lost clinical fact is a regression."""

import pytest

from evals.compare import compare
from evals.reports.markdown import comparison
from evals.results import (
    ItemResult,
    ResultsError,
    RunResult,
    SuiteResult,
    figures_of,
    read_results,
    write_results,
)


def run(values, *, clinical=True, seed=0, more=()):
    names = ["one", *more]
    items = [
        ItemResult(
            id=name, family="f", half="", asked="What stage?", expected=["II"],
            reply={"answer": "Stage II"}, scores={"values": values}, details={"values": "why"},
        )
        for name in names
    ]  # fmt: skip
    made = SuiteResult(name="record", title="R", status="passed", items=items, clinical=clinical)
    return RunResult(header={"seed": seed, "hashes": {"gate": "a"}}, suites=[made])


def test_a_lost_clinical_fact_is_a_regression_and_is_listed():
    found = compare(run(1.0), run(0.0))
    assert len(found.regressions) == 1
    assert "**clinical** record / one: values 1 → 0" in comparison(found)


def test_a_fact_that_is_no_longer_scored_is_a_regression():
    assert compare(run(1.0), run(None)).regressions


def test_a_gain_is_listed_and_is_no_regression():
    found = compare(run(0.0), run(1.0))
    assert len(found.changes) == 1
    assert not found.regressions


def test_what_is_not_clinical_is_listed_and_does_not_fail():
    found = compare(run(1.0, clinical=False), run(0.0, clinical=False))
    assert found.changes[0].is_regression
    assert not found.regressions


def test_items_that_only_one_run_has_are_named():
    found = compare(run(1.0, more=["two"]), run(1.0, more=["three"]))
    assert (found.only_old, found.only_new) == (["record / two"], ["record / three"])


def test_a_header_that_differs_is_named():
    assert compare(run(1.0), run(1.0, seed=7)).header == [("seed", 0, 7)]


def test_a_run_is_read_back_as_it_was_written(tmp_path):
    write_results(run(1.0), tmp_path)
    assert read_results(tmp_path).to_json() == run(1.0).to_json()


def test_a_baseline_keeps_figures_and_no_texts(tmp_path):
    kept = figures_of(run(1.0))
    assert "Stage II" not in str(kept.to_json())
    assert not compare(kept, run(1.0)).changes


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other"}', "\x00"])
def test_a_file_that_is_no_result_is_refused_by_name(tmp_path, text):
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ResultsError, match=r"results\.json"):
        read_results(path)
