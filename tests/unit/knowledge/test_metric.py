"""The metric evens out the manner of asking and leaves the matter."""

import numpy as np

from knowledge.metric import unit, whitening
from knowledge.passage_parts import Parts

MATTERS = np.eye(2, 3, dtype=np.float32)
MANNER = np.array([0, 0, 1], dtype=np.float32)


def _asked(matter, *manners):
    return np.array([unit(matter + much * MANNER) for much in manners])


def test_without_several_ways_of_asking_there_is_no_metric():
    assert whitening([]) is None
    assert whitening([MATTERS[:1], MATTERS[:0]]) is None
    assert whitening([MATTERS[[0, 0]]]) is None


def test_a_question_in_a_strange_manner_still_lies_nearest_to_its_matter():
    groups = [_asked(MATTERS[0], -0.5, 0.0, 0.5), _asked(MATTERS[1], 0.2, 0.9)]
    question = unit(0.75 * MATTERS[0] + 0.25 * MATTERS[1] + 1.2 * MANNER)
    matrix = whitening(groups)
    before = [float(group.mean(axis=0) @ question) for group in groups]
    after = [float(unit(group @ matrix).mean(axis=0) @ unit(question @ matrix)) for group in groups]
    assert before[1] > before[0]
    assert after[0] > after[1]


def test_a_passage_without_ways_of_asking_is_compared_under_the_same_metric():
    groups = [_asked(MATTERS[0], 0.0, -0.5, 0.5, 0.3), np.empty((0, 3), dtype=np.float32)]
    near = Parts(MATTERS, groups).near(MATTERS[1].tolist())
    assert near[1].whole > 0.99
    assert near[1].likest == near[1].whole
    assert near[0].likest < near[1].likest
