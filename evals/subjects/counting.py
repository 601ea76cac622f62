"""Counts what a chat model was asked for one question, and the tokens it used."""

from collections.abc import Iterator
from typing import Any


class CountedModel:
    """A chat model with its calls and tokens counted; everything else passes through."""

    def __init__(self, chat: Any, used: dict[str, int] | None = None) -> None:
        self._chat = chat
        self.used = {"calls": 0, "input": 0, "output": 0} if used is None else used
        """Calls, and tokens in and out as the provider counts them."""

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        """One reply."""
        self.used["calls"] += 1
        reply = self._chat.invoke(*args, **kwargs)
        self._count(reply["raw"] if isinstance(reply, dict) and "raw" in reply else reply)
        return reply

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """One reply, piece by piece."""
        self.used["calls"] += 1
        for piece in self._chat.stream(*args, **kwargs):
            self._count(piece)
            yield piece

    def with_structured_output(self, *args: Any, **kwargs: Any) -> "CountedModel":
        """The model held to a shape; its calls count here."""
        return CountedModel(self._chat.with_structured_output(*args, **kwargs), self.used)

    def _count(self, reply: Any) -> None:
        usage = getattr(reply, "usage_metadata", None) or {}
        self.used["input"] += int(usage.get("input_tokens", 0))
        self.used["output"] += int(usage.get("output_tokens", 0))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chat, name)
