"""The only use of a chat model: one call a question, one retry, bounded in time and length.

What a model is told is in ``disclosure.py``, what it may word in ``wording.py``, what it may
plan in ``model_plan.py``; none of its text is shown unchecked.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

SECONDS = 20.0
"""Longest that one question waits for a model, its retry included."""
MAX_TOKENS = 700
MAX_REPLY = 8000
"""Characters of a reply that are read; the rest is cut."""
ATTEMPTS = 2
_OPENAI_COMPATIBLE = "openai"

Messages = list[tuple[str, str]]
Schema = Mapping[str, Any]
"""A JSON schema with a title."""
T = TypeVar("T")


class ChatModel(Protocol):
    """A LangChain chat model, or anything with its ``invoke`` and ``stream``."""

    def invoke(self, input: Any) -> Any:  # noqa: A002 - LangChain's name
        """The model's reply to messages."""

    def stream(self, input: Any) -> Iterator[Any]:  # noqa: A002 - LangChain's name
        """The reply piece by piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A chat model by name."""

    name: str
    chat: ChatModel
    seconds: float = SECONDS


def open_model(
    name: str,
    *,
    provider: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    seconds: float = SECONDS,
) -> Model:
    """A chat model of any provider that LangChain knows (extra ``llm``).

    Args:
        name: As for ``init_chat_model``: ``openai:gpt-…``, or a local server's model.
        provider: As for ``init_chat_model``; ``openai`` where only a base URL is given.
        base_url: Of a local OpenAI-compatible server.
        api_key: Where the provider asks for one.
        seconds: Longest that one question waits for it.
    """
    from langchain.chat_models import init_chat_model  # noqa: PLC0415

    if provider is None and base_url is not None and ":" not in name:
        provider = _OPENAI_COMPATIBLE
    options: dict[str, Any] = {"base_url": base_url, "api_key": api_key}
    if base_url is not None and provider == _OPENAI_COMPATIBLE:
        from assistant.answering.model_http import bounded_client  # noqa: PLC0415

        options["api_key"] = api_key or "none"  # a local server asks for none, the client for one
        options["http_client"] = bounded_client(seconds)
    chat = init_chat_model(
        name,
        model_provider=provider,
        temperature=0,
        timeout=seconds,
        max_tokens=MAX_TOKENS,
        max_retries=0,
        **{key: value for key, value in options.items() if value is not None},
    )
    return Model(name=name, chat=chat, seconds=seconds)


@dataclass(slots=True)
class Call:
    """What one question may spend on a model: one call, one retry, one deadline for both."""

    model: Model
    clock: Callable[[], float] = time.monotonic
    made: bool = field(default=False, init=False)
    """Whether the model was called."""
    failed: bool = field(default=False, init=False)
    """Whether it gave nothing that could be used, or not all in time."""
    _deadline: float = field(default=0.0, init=False)

    def lines(self, messages: Messages) -> Iterator[str]:
        """The lines of the reply as they come, at most ``MAX_REPLY`` characters."""
        if not self._begin():
            return
        for _ in range(ATTEMPTS):
            told = False
            try:
                for line in _lines(self._pieces(messages)):
                    told = True
                    yield line
            except Exception:  # noqa: BLE001 - whatever a model does, the templates stand
                self.failed = True
            else:
                self.failed = not told
            if told or self._left() <= 0:
                return

    def value(self, schema: Schema, read: Callable[[str], T], messages: Messages) -> T | None:
        """What ``read`` makes of a reply of this shape; None where there is none in time."""
        if not self._begin():
            return None
        for _ in range(ATTEMPTS):
            try:
                return read("".join(self._pieces(messages, schema)))
            except Exception:  # noqa: BLE001 - whatever a model does, the rules stand
                self.failed = True
            if self._left() <= 0:
                break
        return None

    def _begin(self) -> bool:
        """Whether the one call is still to be made."""
        if self.made:
            return False
        self.made = True
        self._deadline = self.clock() + self.model.seconds
        return True

    def _left(self) -> float:
        return self._deadline - self.clock()

    def _pieces(self, messages: Messages, schema: Schema | None = None) -> Iterator[str]:
        """The pieces of a reply, until it is too long or too late."""
        arrived: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        stopped = threading.Event()
        chat = self.model.chat
        replied = (
            (lambda: chat.stream(messages))
            if schema is None
            else (lambda: iter((_structured(chat, schema, messages),)))
        )
        threading.Thread(target=_read, args=(replied, arrived, stopped), daemon=True).start()
        length = 0
        try:
            while (left := self._left()) > 0:
                piece = arrived.get(timeout=left)
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise piece
                yield piece[: MAX_REPLY - length]
                length += len(piece)
                if length >= MAX_REPLY:
                    break
            self.failed = True
        finally:
            stopped.set()


def _read(
    replied: Callable[[], Iterator[Any]],
    arrived: "queue.SimpleQueue[str | Exception | None]",
    stopped: threading.Event,
) -> None:
    """Hand over the pieces of a reply; the thread ends with the stream, or when told to stop."""
    try:
        for chunk in replied():
            if stopped.is_set():
                return
            content = chunk.content
            arrived.put(content if isinstance(content, str) else str(getattr(chunk, "text", "")))
    except Exception as error:  # noqa: BLE001 - handed over, and raised where it is waited for
        arrived.put(error)
    else:
        arrived.put(None)


def _structured(chat: Any, schema: Schema, messages: Messages) -> Any:
    """The raw reply of a provider held to ``schema``, where it can be; else a plain reply."""
    try:
        held = chat.with_structured_output(dict(schema), method="json_schema", include_raw=True)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        return chat.invoke(messages)
    return held.invoke(messages)["raw"]


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """Each line as soon as it has ended."""
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest
