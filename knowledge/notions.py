"""Recognizes a question that asks what one thing is, and nothing else: "What is ECT?".

Such a question has one telling word, so neither its words nor its meaning show whether it is
answered. A passage that says what something is therefore names it (``defines`` in the corpus).
"""

import re
from collections.abc import Sequence

from knowledge.lexical import fold, stemmed_words
from knowledge.passages import Passage

_BEFORE = re.compile(
    r"(?:please |(?:can|could) you )?(?:tell me )?"
    r"(?:(?:so )?whats?(?:'?s| is| are| was| were| does| do| exactly is| exactly are)?"
    r"|define|explain|describe|(?:the )?(?:definition|meaning) of)\s+(?=\S)"
)
_AFTER = re.compile(r"\s+(?:mean|means|meaning|definition|stands? for|is|are)$|,? in short$")
_FILLING = frozenset({"a", "an", "the", "exactly", "actually", "meant", "by", "term", "called"})


class Notions:
    """What the passages define, by any of its names."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._defined: dict[tuple[str, ...], list[int]] = {}
        for position, passage in enumerate(passages):
            for name in {_named(fold(name)) for name in passage.defines}:
                self._defined.setdefault(name, []).append(position)

    def asked_for(self, question: str) -> list[int]:
        """The positions of the passages that define what a (folded) question asks for alone."""
        asked = question.lower().strip(" \t\n?!.\"'")
        asked = _AFTER.sub("", _BEFORE.sub("", asked, count=1) if _BEFORE.match(asked) else asked)
        return self._defined.get(_named(asked), [])


def _named(text: str) -> tuple[str, ...]:
    return tuple(stemmed_words(text, without=_FILLING))
