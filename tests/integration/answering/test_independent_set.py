"""The independent conversation set, with the real knowledge: what was mended after its first look.

Its first-look figures stand in its README; these are the lowest that the kinds about the record
may fall to since it has been tuned on. They are only ever raised.
"""

from pathlib import Path

import pytest

import evals.questions as suite

FOLDER = Path(suite.__file__).parent / "datasets" / "independent"
MENDED = (
    "record", "relative time", "follow-up", "adherence", "outcome", "not in the record",
    "assertion", "clarify", "two-part", "unknown", "what if",
)  # fmt: skip
LEAST_RIGHT = 0.92
MOST_UNEXPECTED_VALUES = 4


def test_kinds_about_the_record_do_not_fall_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "SUITE", FOLDER)
    kinds = {f"independent, {kind}" for kind in MENDED}
    scored = [one for one in suite.run() if one.expected.get("family") in kinds]
    wrong = [f"{one.question}: {list(one.reply.values)} {one.reply.status}"
             for one in scored if not one.right]  # fmt: skip
    assert len(scored) >= 120
    assert len(scored) - len(wrong) >= LEAST_RIGHT * len(scored), wrong
    assert sum(one.fabricated for one in scored) <= MOST_UNEXPECTED_VALUES, wrong
