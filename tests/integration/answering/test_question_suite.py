"""Our own question suite on demo and third-party records, with the real knowledge."""

from evals.questions import run

LEAST_OF_THE_THIRD = 0.85
"""Asked of it while it was held out, and still."""
LEAST_HELD_OUT = 0.82
"""Of the fourth set, whose author had not seen the assistant: 82.8 % on 23 November 2026."""


def test_the_question_suite_reaches_its_thresholds() -> None:
    scored = list(run())
    tuned = [one for one in scored if not one.held_out]
    assert len(scored) >= 500
    wrong = [f"{one.question}: {list(one.reply.values)}" for one in tuned if not one.right]
    assert sum(one.right for one in tuned) >= 0.97 * len(tuned), wrong
    required = [(fact, one) for one in tuned for fact in one.expected.get("says", ())]
    told = sum(fact in one.reply.text for fact, one in required)
    assert told >= 0.95 * len(required)
    declined = [one for one in tuned if one.expected["status"] in ("refused", "abstained")]
    assert sum(one.status_right for one in declined) >= 0.97 * len(declined), wrong
    assert not [one.question for one in tuned if one.fabricated]
    third = [one for one in scored if one.item.startswith("third-")]
    held_out = [one for one in scored if one.held_out]
    for part, least in ((third, LEAST_OF_THE_THIRD), (held_out, LEAST_HELD_OUT)):
        assert len(part) >= 99
        assert sum(one.right for one in part) >= least * len(part)
    assert all(one.cited for one in scored)
