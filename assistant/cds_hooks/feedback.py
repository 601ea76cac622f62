"""What became of the cards: kept for the people who judge whether they help.

Only what says nothing of a patient is kept: service, card, outcome, time and the code
of a reason. A user's comment is free text, so it is counted and dropped.
"""

import json
import re
from pathlib import Path
from typing import Any

from assistant.audit.chain import Chain
from assistant.cds_hooks.request import CardFeedback, Feedback

_CODE = re.compile(r"[A-Za-z0-9\-._:/#]{1,200}")


class FeedbackFile:
    """Appends to a hash-chained file, one line a card."""

    def __init__(self, path: Path) -> None:
        self._chain = Chain(path)

    def add(self, service_id: str, feedback: Feedback) -> None:
        """Keep what became of each card.

        Raises:
            OSError: it cannot be kept.
        """
        for one in feedback.feedback:
            line = json.dumps(_kept(service_id, one), separators=(",", ":"))
            self._chain.append(line.encode())


def _kept(service_id: str, one: CardFeedback) -> dict[str, Any]:
    why = one.overrideReason
    reason = (why.reason or {}) if why else {}
    kept = {
        "service": service_id,
        "card": str(one.card),
        "outcome": one.outcome,
        "at": one.outcomeTimestamp,
        "commented": bool(why and why.userComment),
    }
    for key in ("system", "code"):
        value = reason.get(key)
        if isinstance(value, str) and _CODE.fullmatch(value):
            kept[f"reason_{key}"] = value
    return kept
