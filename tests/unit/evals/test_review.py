"""Blind pairs and the agreement of those who judge them."""

import json

import pytest

from evals.results import ItemResult, RunResult, SuiteResult
from evals.review import ReviewError, agreement, pairs_of, read_judgments, read_pairs


def run(**answers):
    items = [
        ItemResult(
            id=name, family="f", half="", asked=f"What of {name}?", expected=None,
            reply={"answer": text}, scores={}, details={},
        )
        for name, text in answers.items()
    ]  # fmt: skip
    suite = SuiteResult(name="record", title="R", status="passed", items=items)
    return RunResult(header={}, suites=[suite])


def many(prefix):
    return run(**{f"i{n}": f"{prefix} {n}" for n in range(20)})


def judged(pair, reviewer, preference, *, wrong_left=False, wrong_right=False):
    return {
        "pair": pair, "reviewer": reviewer, "preference": preference,
        "wrong_left": wrong_left, "wrong_right": wrong_right, "at": "",
    }  # fmt: skip


def test_only_answers_that_differ_are_paired_and_the_sides_are_drawn():
    made = pairs_of(run(a="x", b="same"), run(a="y", b="same"), limit=None, seed=0)
    assert [pair["id"] for pair in made["pairs"]] == ["record/a"]
    sides = {
        pair["left_is"] for pair in pairs_of(many("old"), many("new"), limit=None, seed=0)["pairs"]
    }
    assert sides == {"old", "new"}


def test_the_left_answer_is_of_the_run_it_is_said_to_be():
    for pair in pairs_of(many("old"), many("new"), limit=None, seed=3)["pairs"]:
        assert pair["left"].startswith(pair["left_is"])
        assert not pair["right"].startswith(pair["left_is"])


def test_the_same_seed_draws_the_same_pairs():
    first, second = (pairs_of(many("old"), many("new"), limit=5, seed=1) for _ in range(2))
    assert first == second
    assert len(first["pairs"]) == 5


def test_runs_that_say_the_same_give_nothing_to_judge():
    with pytest.raises(ReviewError, match="no answer that differs"):
        pairs_of(run(a="x"), run(a="x"), limit=None, seed=0)


PAIRS = {
    "pairs": [
        {"id": f"p{n}", "left_is": side} for n, side in enumerate(["old", "new", "old", "new"])
    ]
}


def test_reviewers_who_say_the_same_agree_wholly():
    # new is right, left, right, left; both prefer old, new, new, old
    said = ["left", "left", "right", "right"]
    found = agreement(PAIRS, [judged(f"p{n}", who, s) for who in "ab" for n, s in enumerate(said)])
    assert found.alpha_preference == 1.0
    assert found.preferred == {"old": 4, "equal": 0, "new": 4}
    assert found.pairs == 4


def test_reviewers_who_say_the_opposite_disagree():
    first = ["left", "left", "right", "right"]
    second = ["right", "right", "left", "left"]
    rows = [judged(f"p{n}", "a", s) for n, s in enumerate(first)]
    rows += [judged(f"p{n}", "b", s) for n, s in enumerate(second)]
    found = agreement(PAIRS, rows)
    assert found.alpha_preference is not None
    assert found.alpha_preference < 0


def test_alpha_of_a_table_worked_by_hand():
    # nominal, 8 units, one disagreement: observed 1/8; values 0: 13, 1: 3 of 16
    # expected 2 x 13 x 3 / (16 x 15) = 0.325; alpha = 1 - 0.125 / 0.325 = 0.6154
    wrongs = {"a": {"p0", "p1"}, "b": {"p0"}}
    rows = [
        judged(f"p{n}", who, "equal", wrong_left=f"p{n}" in wrongs[who])
        for who in "ab"
        for n in range(4)
    ]
    assert agreement(PAIRS, rows).alpha_wrong == pytest.approx(0.6154, abs=1e-4)


def test_one_reviewer_alone_agrees_with_nobody():
    found = agreement(PAIRS, [judged("p0", "a", "left")])
    assert (found.alpha_preference, found.pairs) == (None, 0)


def test_a_judgment_of_another_file_is_refused():
    with pytest.raises(ReviewError, match="p9"):
        agreement(PAIRS, [judged("p9", "a", "left")])


def test_the_last_judgment_of_a_reviewer_counts(tmp_path):
    path = tmp_path / "export.jsonl"
    rows = [judged("p0", "a", "left"), judged("p0", "a", "right")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [row["preference"] for row in read_judgments(path)] == ["right"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": "evals-pairs/1"}'])
def test_a_file_that_holds_no_pairs_is_refused(tmp_path, text):
    path = tmp_path / "pairs.json"
    path.write_text(text)
    with pytest.raises(ReviewError, match=r"pairs\.json"):
        read_pairs(path)
