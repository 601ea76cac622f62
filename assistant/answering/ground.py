"""Whether a sentence is borne out by what it cites.

Every number, date, drug, class, stage and citation of the sentence must be
found in the evidence it names. Words are left alone: what is checked is what
can do harm when wrong.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from assistant.answering.evidence import Citation, Statement
from assistant.answering.vocabulary import classes_named, drugs_named

_DATE = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?(?:T\d{2}:\d{2}(?::\d{2})?)?")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w]*-\d)")
_STAGE = re.compile(r"\bStage\s+(0|I{1,3}|IV|V|[ABC]|CRD|TRD[1-5])\b", re.IGNORECASE)
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "half": 50,
}  # fmt: skip
_NUMBER_WORD = re.compile(r"\b(" + "|".join(_WORDS) + r")(?:-\w+)?\b", re.IGNORECASE)


def _number(text: str) -> str:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text
    return format(value.normalize(), "f") if value else "0"


def claims(text: str) -> frozenset[str]:
    """What ``text`` claims that can be checked: dates, numbers, drugs, classes, stages."""
    found = set()
    for match in _DATE.findall(text):
        found.add(f"date {match[:10]}")
    rest = _DATE.sub(" ", text)
    found |= {f"number {_number(item)}" for item in _NUMBER.findall(rest)}
    found |= {f"drug {drug}" for drug in drugs_named(text)}
    found |= {f"class {name}" for name in classes_named(text)}
    found |= {f"stage {stage.upper()}" for stage in _STAGE.findall(text)}
    return frozenset(found)


def offers(text: str) -> frozenset[str]:
    """What evidence text bears out: its claims, wider by number words and parts of dates."""
    found = set(claims(text))
    for match in _DATE.findall(text):
        parts = match[:10].split("-")
        found |= {f"date {'-'.join(parts[: n + 1])}" for n in range(len(parts))}
        found |= {f"number {_number(part)}" for part in parts}
        if "T" in match:
            found |= {f"number {_number(part)}" for part in match.split("T")[1].split(":")}
    found |= {f"number {_WORDS[word.lower()]}" for word in _NUMBER_WORD.findall(text)}
    found |= {f"number {_number(item)}" for item in re.findall(r"\d+(?:\.\d+)?", text)}
    found |= {
        f"stage {item.upper()}"
        for item in re.findall(r"\b(?:0|I{1,3}|IV|V|TRD[1-5]|CRD|A)\b", text)
    }
    return frozenset(found)


def unsupported(text: str, citations: Iterable[Citation], given: str = "") -> tuple[str, ...]:
    """The claims of ``text`` that neither ``citations`` nor ``given`` bear out."""
    wanted = claims(text)
    if not wanted:
        return ()
    supported = offers(" ".join([given, *(citation.support for citation in citations)]))
    return tuple(sorted(wanted - supported))


def grounded(statement: Statement, given: str = "") -> bool:
    """Whether every checkable claim of ``statement`` is borne out."""
    return not unsupported(statement.text, statement.citations, f"{given} {statement.computed}")
