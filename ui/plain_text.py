"""Text of the record as text: nothing in it is read as Markdown, link, color or formula."""

import re
import string
import unicodedata

_PUNCTUATION = re.compile(f"([{re.escape(string.punctuation)}])")
_LINK_STARTS = re.compile(r"(://|www\.|@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
_KEPT_CONTROL = {"\n"}


def visible(text: str) -> str:
    """``text`` without control, bidirectional and invisible characters."""
    return "".join(
        character
        for character in text
        if character in _KEPT_CONTROL or unicodedata.category(character) not in {"Cc", "Cf", "Co"}
    )


def plain(value: object) -> str:
    """``value`` as Markdown that renders as exactly this text."""
    escaped = _PUNCTUATION.sub(r"\\\1", visible(str(value)))
    unlinked = _LINK_STARTS.sub(_unlink, escaped.replace("\\:\\/\\/", f"\\:{_WORD_JOINER}\\/\\/"))
    return unlinked.replace("www\\.", f"www{_WORD_JOINER}\\.")


def _unlink(match: re.Match[str]) -> str:
    return f"{match[1]}{_WORD_JOINER}"
