"""The only use of a chat model: it may plan in the closed set, and word what is already proven.

A model sees no identifier and no chart text: the words of the question that our
tables know, and the template sentences. It gets one call a question. What it
writes is released sentence by sentence, each checked against the template
sentences it says it uses; a sentence that fails gives way to those.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.answering.evidence import Statement
from assistant.answering.ground import unsupported
from assistant.answering.plan import Explain, Topic
from assistant.answering.safe_text import shown, visible
from assistant.answering.vocabulary import stop_words
from assistant.answering.words import Words

TIMEOUT_SECONDS = 20.0
MAX_TOKENS = 700
MAX_REPLY = 8000
"""Characters of a reply that are read; the rest is cut."""
MAX_SENTENCES = 12
MAX_SENTENCE = 400

_WRITE = (
    "Reword the numbered statements for a psychiatrist: the answer first, then the reason, then "
    "the caveat; short. Change no number, date, drug, class, stage or verdict; add nothing. Reply "
    'with JSON only: {"sentences": [{"text": "...", "uses": [1]}]}.'
)
_PLAN = (
    "Which part of a staging report answers the question? Reply with JSON only: "
    '{"topic": "one of the topics", "trial": "a trial id or null"}.'
)


class ChatModel(Protocol):
    """A LangChain chat model, or anything with its ``invoke``."""

    def invoke(self, input: Any) -> Any:  # noqa: A002 - LangChain's name
        """The model's reply to messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A chat model by name."""

    name: str
    chat: ChatModel


def open_model(name: str, base_url: str | None = None, api_key: str | None = None) -> Model:
    """A chat model of any provider that LangChain knows (extra ``llm``).

    Args:
        name: As for ``init_chat_model``: ``openai:gpt-…``, or a local server's model.
        base_url: Of a local OpenAI-compatible server.
        api_key: Where the provider asks for one.
    """
    from langchain.chat_models import init_chat_model  # noqa: PLC0415

    options: dict[str, Any] = {"base_url": base_url, "api_key": api_key}
    chat = init_chat_model(
        name,
        temperature=0,
        timeout=TIMEOUT_SECONDS,
        max_tokens=MAX_TOKENS,
        max_retries=0,
        **{key: value for key, value in options.items() if value is not None},
    )
    return Model(name=name, chat=chat)


def reworded(
    model: Model, statements: Sequence[Statement], given: str
) -> tuple[list[Statement], bool] | None:
    """The statements in the model's words, and whether any sentence had to give way.

    None where the model gave nothing that can be read: the templates stand.
    """
    told = {"statements": [{"id": n, "text": s.text} for n, s in enumerate(statements, start=1)]}
    reply = _asked(model, _WRITE, json.dumps(told, ensure_ascii=False))
    sentences = reply.get("sentences") if reply is not None else None
    if not isinstance(sentences, list) or not sentences:
        return None
    written: list[Statement] = []
    used: set[int] = set()
    gave_way = False
    for item in sentences[:MAX_SENTENCES]:
        numbers = _numbers(item, len(statements))
        sentence = _sentence(item, [statements[n - 1] for n in numbers], given)
        if sentence is not None:
            written.append(sentence)
        else:
            gave_way = True
            written += [statements[n - 1] for n in numbers if n not in used]
        used |= set(numbers)
    missing = [s for n, s in enumerate(statements, start=1) if n not in used]
    lead = [s for s in missing if s is statements[0]]
    rest = [s for s in missing if s is not statements[0]]
    return [*lead, *written, *rest], gave_way


def _numbers(item: object, count: int) -> list[int]:
    uses = item.get("uses") if isinstance(item, dict) else None
    listed = uses if isinstance(uses, list) else []
    return [n for n in dict.fromkeys(listed) if type(n) is int and 1 <= n <= count]


_NEGATION = re.compile(
    r"\b(?:no|not|none|never|neither|nor|without|cannot|excludes?|unknown|"
    r"in(?:adequate|sufficient))\b|n't\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:should|must|recommend\w*|advis\w*|prescrib\w*|start\w*|increas\w*|"
    r"rais\w*|switch\w*|stop\w*|"
    r"tak\w+|try|give\w*|consider\w*|safe\w*|certain\w*|definite\w*|proven|proves?)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\b(?:yes|met|meets?|fail\w*|count\w*|adequate\w*|remission|respon\w+|"
    r"resistan\w+|present|possible|"
    r"assum\w+|settle\w*)\b",
    re.IGNORECASE,
)


def _sentence(item: object, used: Sequence[Statement], given: str) -> Statement | None:
    """One sentence of the model, if the statements it uses bear it out."""
    text = item.get("text") if isinstance(item, dict) else None
    if not isinstance(text, str) or not used:
        return None
    plain = shown(text, MAX_SENTENCE)
    if not plain or plain != " ".join(visible(text).split()):
        return None  # markup, links or invisible characters: not ours
    said = " ".join(statement.text for statement in used)
    citations = tuple(c for statement in used for c in statement.citations)
    computed = " ".join((given, *(statement.computed for statement in used)))
    if unsupported(plain, (), f"{said} {computed}") or not citations:
        return None
    for words in (_ADVICE, _VERDICT):
        if _stems(words, plain) - _stems(words, said):
            return None
    if _new_words(plain, said):
        return None
    if bool(_NEGATION.search(plain)) is not bool(_NEGATION.search(said)):
        return None
    return Statement(text=plain, citations=citations, computed=f"{said} {computed}")


_CONNECTING = frozenset(
    [
        "although",
        "because",
        "however",
        "therefore",
        "whereas",
        "despite",
        "since",
        "thus",
        "hence",
        "both",
        "either",
        "while",
        "patient",
        "episode",
        "trial",
        "trials",
        "treatment",
        "depression",
        "drug",
        "drugs",
        "antidepressant",
        "antidepressants",
        "stage",
        "staging",
        "score",
        "scores",
        "points",
        "definition",
        "criterion",
        "criteria",
        "record",
        "evidence",
        "according",
        "overall",
        "meaning",
        "under",
        "above",
        "below",
        "than",
        "reached",
        "reaching",
        "lasted",
        "lasting",
        "ended",
        "ending",
        "began",
        "beginning",
    ]
)
_STEM = 5


def _new_words(text: str, said: str) -> set[str]:
    """Words that neither the statements used nor plain connecting words account for."""
    known = {word[:_STEM] for word in re.findall(r"[a-z]{2,}", said.lower())}
    return {
        word
        for word in re.findall(r"[a-z]{2,}", text.lower())
        if word[:_STEM] not in known and word not in _CONNECTING and word not in stop_words()
    }


def _stems(words: re.Pattern[str], text: str) -> set[str]:
    return {match.lower()[:4] for match in words.findall(text)}


def planned(model: Model, words: Words, trials: Sequence[str]) -> Explain | None:
    """The part of the report that the model takes the question to be about, if there is one."""
    told = {
        "question": known_words(words),
        "topics": [topic.value for topic in Topic],
        "trials": list(trials),
    }
    reply = _asked(model, _PLAN, json.dumps(told))
    topic = reply.get("topic") if reply is not None else None
    if reply is None or not isinstance(topic, str) or topic not in set(Topic):
        return None
    trial = reply.get("trial")
    return Explain(
        topic=Topic(topic),
        trials=(trial,) if isinstance(trial, str) and trial in trials else words.trials,
        methods=words.methods,
        bound=words.bound,
    )


_NAME = re.compile(r"\b[A-Z][\w'-]+|\S*\d{4,}\S*|\S+@\S+")


def known_words(words: Words) -> str:
    """The question without anything that may name a person."""
    first, _, rest = words.text.partition(" ")
    kept = _NAME.sub("…", rest)
    named = [*words.drugs, *words.scales, *words.methods]
    return f"{first.lower()} {kept} ({', '.join(named)})" if named else f"{first.lower()} {kept}"


def _asked(model: Model, instruction: str, content: str) -> dict[str, Any] | None:
    """One call; None where it fails or replies with anything but a JSON object."""
    try:
        reply = model.chat.invoke([("system", instruction), ("human", content)])
        text = reply.content if isinstance(reply.content, str) else ""
        found = re.search(r"\{.*\}", text[:MAX_REPLY], re.DOTALL)
        value = json.loads(found.group()) if found is not None else None
    except Exception:  # noqa: BLE001 - whatever a model does, the templates stand
        return None
    return value if isinstance(value, dict) else None
