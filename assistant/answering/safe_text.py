"""Text that may be shown: no markup, no invisible characters, no links.

Questions on their way in and chart strings on their way out both pass here. A
chart string is shown as data; nothing in it is ever read as an instruction.
"""

import re
import unicodedata

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CHAT_TOKENS = re.compile(
    r"<\|[^|>]{0,40}\|>|</?s>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>"
    r"|^\s*(?:system|assistant|developer)\s*:\s*",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_URL = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,20}://|data:|javascript:|mailto:|www\.)\S*", re.IGNORECASE
)
_MARKUP = str.maketrans(dict.fromkeys("<>[]`|*", " "))
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Cn"}
_VARIATION_SELECTORS = re.compile(
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u3164\uffa0]"
)
MAX_QUESTION = 2000
MAX_SHOWN = 160


def visible(text: str) -> str:
    """``text`` without invisible, bidirectional and control characters, in NFKC form."""
    text = _ANSI.sub("", text)
    folded = unicodedata.normalize("NFKC", text)
    folded = _VARIATION_SELECTORS.sub("", folded)
    kept = (
        " " if char in "\n\r\t\u2028\u2029" else char
        for char in folded
        if char in "\n\r\t" or unicodedata.category(char) not in _INVISIBLE_CATEGORIES
    )
    return " ".join("".join(kept).split())


def question_text(text: str) -> str:
    """A question as the planner reads it: visible characters only, no chat tokens, bounded.

    A line end or a chat token ends a sentence, so that what stands behind it is read apart.
    """
    plain = _ANSI.sub("", text[: MAX_QUESTION * 4])
    plain = _URL.sub(" ", _MARKDOWN_LINK.sub(r"\1 ", plain))
    lines = [visible(line) for line in _CHAT_TOKENS.sub("\n", plain).splitlines()]
    kept = [line for line in lines if line]
    ended = [line if line[-1] in ".?!:;," else f"{line}." for line in kept[:-1]] + kept[-1:]
    return " ".join(ended)[:MAX_QUESTION]


def shown(text: str, limit: int = MAX_SHOWN) -> str:
    """A chart or corpus string as plain text that no Markdown reader can turn into markup."""
    plain = _MARKDOWN_LINK.sub(r"\1", visible(text))
    plain = _URL.sub("", _TAG.sub(" ", plain))
    plain = " ".join(plain.translate(_MARKUP).split())
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"
