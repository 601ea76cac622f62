"""Our own question suite on the demo patients, with the real knowledge."""

from evals.questions import run


def test_the_question_suite_reaches_its_thresholds() -> None:
    scored = list(run())
    tuned = [one for one in scored if not one.held_out]
    held_out = [one for one in scored if one.held_out]
    assert len(scored) >= 250
    assert len(held_out) * 3 >= len(tuned) - len(held_out)
    wrong = [f"{one.question}: {list(one.reply.values)}" for one in tuned if not one.right]
    assert sum(one.right for one in tuned) >= 0.97 * len(tuned), wrong
    assert sum(one.right for one in held_out) >= 0.9 * len(held_out)
    assert all(one.cited for one in scored)
