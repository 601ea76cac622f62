"""The questions of an independent author load, and say what is expected of each."""

from collections import Counter
from pathlib import Path

import pytest

from evals.cases import read_cases

DATASETS = Path(__file__).parents[3] / "evals" / "datasets"
SETS = {"independent/*.yaml": 300, "questions/fourth-*.yaml": 120, "independent_2/*.yaml": 450}
"""Each set with the fewest wordings it may hold."""
FILES = sorted(path for files in SETS for path in DATASETS.glob(files))
STATUSES = {"answered", "partly", "abstained", "refused", "not answered"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_item_is_held_out_and_expects_a_known_status(path):
    (case,) = read_cases(path)
    assert case.items
    assert all(item.held_out and item.status in STATUSES for item in case.items)


def test_no_question_is_asked_twice_of_one_record_in_one_conversation():
    for path in FILES:
        (case,) = read_cases(path)
        asked = Counter(
            (question.lower(), *item.history) for item in case.items for question in item.ask
        )
        assert [key for key, times in asked.items() if times > 1] == []


def test_ids_are_unique_over_all_sets():
    items = [item for path in FILES for case in read_cases(path) for item in case.items]
    assert len({item.id for item in items}) == len(items)


@pytest.mark.parametrize(("files", "fewest"), SETS.items())
def test_a_set_has_enough_questions(files, fewest):
    paths = DATASETS.glob(files)
    items = [item for path in paths for case in read_cases(path) for item in case.items]
    assert sum(len(item.ask) for item in items) >= fewest
