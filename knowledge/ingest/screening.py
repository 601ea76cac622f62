"""Whether a document may enter the knowledge: nothing poisoned, nothing about a patient."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from knowledge.ingest.formats import Block, RefusedDocumentError

TABLE = Path(__file__).parents[1] / "tables" / "screening.toml"
MIN_WORDS = 20
_HARMLESS = frozenset("\u00ad\ufe0e\ufe0f\t\n\r")
"""Soft hyphens, emoji presentation and line breaks are common in ordinary documents."""
_INVISIBLE = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})


def screen(blocks: Sequence[Block]) -> None:
    """Pass an ordinary document silently.

    Raises:
        RefusedDocumentError: with the reason, the heading it was found under, and what to do.
    """
    for block in blocks:
        for text in (block.section, block.text):
            if (reason := _objection(text)) is not None:
                named = block.section if block.section.isprintable() else ""
                where = f' under "{named}"' if named else ""
                raise RefusedDocumentError(f"{reason}{where}; remove it and add the document again")
    whole = " ".join(block.text for block in blocks)
    if (reason := _objection(whole)) is not None:
        raise RefusedDocumentError(f"{reason}; remove it and add the document again")
    if len(whole.split()) < MIN_WORDS:
        raise RefusedDocumentError(
            "hardly any text could be read from it; a scanned document needs text recognition first"
        )


def _objection(text: str) -> str | None:
    for character in text:
        if unicodedata.category(character) in _INVISIBLE and character not in _HARMLESS:
            return f"it holds invisible or control characters (U+{ord(character):04X})"
    compared = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    for reason, pattern in _refusals():
        if pattern.search(compared):
            return reason
    return None


@cache
def _refusals() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(
        (entry["reason"], re.compile(pattern, re.IGNORECASE))
        for entry in table["refuse"]
        for pattern in entry["patterns"]
    )
