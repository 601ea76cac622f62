"""What the sources say on a question, in sentences of the passages themselves."""

import re
from collections.abc import Sequence

from assistant.answering.evidence import Citation, Draft, Statement, passage_citation
from assistant.answering.plan import Knowledge
from assistant.answering.ports import PassagePort
from assistant.answering.safe_text import shown
from assistant.answering.write.context import Context

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9≥<])")
_WORD = re.compile(r"[a-z0-9]{3,}")
_STOP = frozenset(
    [
        "the",
        "and",
        "for",
        "what",
        "which",
        "does",
        "did",
        "are",
        "was",
        "were",
        "how",
        "why",
        "when",
        "who",
        "with",
        "that",
        "this",
        "from",
        "into",
        "has",
        "have",
        "had",
        "can",
        "could",
        "should",
        "would",
        "about",
        "there",
        "their",
        "its",
        "our",
        "you",
        "tell",
        "say",
        "says",
        "said",
        "mean",
        "means",
        "meant",
        "define",
        "defined",
        "definition",
        "explain",
        "source",
        "article",
        "text",
        "according",
        "between",
    ]
)
_FRAME = re.compile(
    r"(?i)^(?:what (?:do|does) the (?:source|article|text|literature|"
    r"evidence)s? (?:say|state|tell us)"
    r"(?: about| on)?|according to the (?:source|article|text)s?,?|tell me about|explain|define)\s+"
)
SOURCE_TEXT = "trd-article"
NEAREST = 3
"""How many passages of nearly the best score are considered; the source text goes first."""
SENTENCES = 3
NEAR = 0.75
"""Share of the best passage's score below which a second passage adds nothing."""


def write_knowledge(step: Knowledge, context: Context) -> Draft:
    """Answer from the passages that match best, or say that they do not hold it."""
    if step.of_record and context.case is not None:
        text = "I do not find that in this patient's record, and the sources cannot know it."
        return Draft(parts=(Statement(text=text),), status="abstained")
    found = context.knowledge.find(step.query, 5)
    if not found.answered:
        found = context.knowledge.find(_FRAME.sub("", step.query), 5)
    hits = list(found.hits)
    retrieved = tuple(hit.passage.passage_id for hit in hits)
    if not hits or not found.answered:
        looked = (
            "the sources"
            if context.case is None
            else ("the patient's record, the staging report and the sources")
        )
        text = f"I do not find an answer to this. I looked in {looked}."
        return Draft(parts=(Statement(text=text),), status="abstained", retrieved=retrieved)
    near = [hit.passage for hit in hits if hit.score >= NEAR * hits[0].score][:NEAREST]
    passages = sorted(near, key=lambda passage: passage.source_id != SOURCE_TEXT)[:2]
    wanted = _words(step.query)
    parts: list[Statement] = []
    for place, passage in enumerate(passages):
        parts += _quoted(passage, wanted, SENTENCES if place == 0 else 1)
    values = _quantity_asked(step.query, [part.text for part in parts])
    return Draft(parts=tuple(parts), retrieved=retrieved, values=values)


_FIGURE = r"\d+(?:\.\d+)?(?: ?(?:to|-|\u2013) ?\d+(?:\.\d+)?)?"
_QUANTITIES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(told))
    for asked, told in (
        (r"\bhow many (?:weeks|days|months)\b|\bhow long\b|\bminimum (?:duration|length)\b",
         rf"\b{_FIGURE} (?:weeks|days|months)\b"),
        ((r"\bpercent\w*|\bwhat (?:share|proportion|part)\b|\bhow (?:adherent|much adherence)\b|"
          r"\bwhat adherence\b"),
         rf"\b{_FIGURE} %"),
    )
)  # fmt: skip
"""A quantity that is asked for, and how it is told."""


def _quantity_asked(query: str, sentences: Sequence[str]) -> tuple[str, ...]:
    """The one quantity of the kind asked for that the first sentence with any holds."""
    for asked, told in _QUANTITIES:
        if asked.search(query) is None:
            continue
        for sentence in sentences:
            found = list(dict.fromkeys(told.findall(sentence)))
            if found:
                return (found[0],) if len(found) == 1 else ()
    return ()


def _words(text: str) -> frozenset[str]:
    return frozenset(w[:6] for w in _WORD.findall(text.lower()) if w not in _STOP)


def _quoted(passage: PassagePort, wanted: frozenset[str], limit: int) -> list[Statement]:
    sentences = [s.strip() for s in _SENTENCE.split(" ".join(passage.text.split())) if s.strip()]
    ranked = sorted(
        range(len(sentences)),
        key=lambda place: (-len(wanted & _words(sentences[place])), place),
    )
    picked = sorted(ranked[:limit])
    citation: tuple[Citation, ...] = (passage_citation(passage),)
    return [Statement(text=shown(sentences[place], 600), citations=citation) for place in picked]
