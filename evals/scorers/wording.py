"""An optional judge of the wording alone: a model of another vendor than the one judged.

It decides nothing: no threshold is set on it, and it never sees what is right.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assistant.answering.model import Model
from evals.scorers import Score, unscored
from evals.suites import EvalItem

MEASURE = "wording"
_BEST = 5
_ASK = (
    "Rate only how clearly and plainly this reply to a psychiatrist is worded, from 1 (hard to "
    "read) to 5 (as a good colleague would say it). Do not judge whether it is right. "
    "Reply with the digit alone."
)


class SameVendorError(Exception):
    """A model must not be judged by its own vendor's model."""


def wording_judge(
    judge: Model, *, judged: str | None
) -> Callable[[EvalItem, Mapping[str, Any]], Sequence[Score]]:
    """A scorer that asks ``judge`` about the wording of each answer.

    Raises:
        SameVendorError: the judged model is of the same vendor.
    """
    vendor = judge.name.partition(":")[0]
    if judged is not None and judged.partition(":")[0] == vendor:
        raise SameVendorError(f"{judge.name} and {judged} are of one vendor; name another judge")

    def rate(item: EvalItem, reply: Mapping[str, Any]) -> Sequence[Score]:
        text = reply.get("answer")
        if not text:
            return [unscored(MEASURE, "no answer to rate")]
        told = judge.chat.invoke([("system", _ASK), ("human", f"{item.asked}\n\n{text}")])
        digit = re.search(r"[1-5]", str(told.content))
        if digit is None:
            return [unscored(MEASURE, "the judge gave no digit")]
        return [Score(MEASURE, (int(digit.group()) - 1) / (_BEST - 1), f"rated {digit.group()}")]

    return rate
