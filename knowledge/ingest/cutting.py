"""Cuts the blocks of a document into passages that fit the embedder, headings kept."""

import hashlib
import re
from collections.abc import Iterator, Sequence

from knowledge.ingest.formats import Block
from knowledge.passages import Passage

TARGET_WORDS = 90
"""Short neighbors under one heading are joined up to this."""
MAX_WORDS = 150
"""Longer ones are cut at a sentence; the embedder reads 256 tokens."""
_PROBLEM = re.compile(r"\s*\[@problem_id:(?P<id>[\w-]+)\]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“(])")


def cut(blocks: Sequence[Block], source_id: str, title: str) -> list[Passage]:
    """The passages of an added document, each once, in reading order."""
    passages: dict[str, Passage] = {}
    for section, joined in _joined(blocks):
        text = _PROBLEM.sub("", joined).strip()
        if not text:
            continue
        digest = hashlib.sha256(f"{section}\n{text}".encode()).hexdigest()[:12]
        passage_id = f"{source_id}/{digest}"
        passages[passage_id] = Passage(
            passage_id=passage_id,
            source_id=source_id,
            section=section or title,
            text=text,
            topic="site",
            problem_ids=tuple(dict.fromkeys(_PROBLEM.findall(joined))),
            beyond_source=True,
            citations=(title,),
        )
    return list(passages.values())


def _joined(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    section, words = "", [""]
    for block in blocks:
        for piece in _pieces(block.text):
            pending = " ".join(words).split()
            if block.section != section or len(pending) + len(piece.split()) > TARGET_WORDS:
                yield section, " ".join(words).strip()
                section, words = block.section, []
            words.append(piece)
    yield section, " ".join(words).strip()


def _pieces(text: str) -> Iterator[str]:
    """The text whole if it is short enough, else its sentences packed together."""
    if len(text.split()) <= MAX_WORDS:
        yield text
        return
    packed: list[str] = []
    for sentence in _SENTENCE.split(text):
        for part in _parts(sentence.split()):
            if packed and len(packed) + len(part) > TARGET_WORDS:
                yield " ".join(packed)
                packed = []
            packed += part
    yield " ".join(packed)


def _parts(words: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(words), MAX_WORDS):
        yield words[start : start + MAX_WORDS]
