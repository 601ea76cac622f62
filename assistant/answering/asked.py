"""What a question asks of the entries it is about: how many, whether, when, which, how much."""

import re

from assistant.answering.plan import Aggregate, Attribute
from assistant.answering.words import Words

_ABOVE = re.compile(
    r"\b(?:greater|more|higher|"
    r"larger)(?: than)?(?: or equal to)? (-?\d+(?:\.\d+)?)|\b(?:above|over|"
    r"exceed\w*) (-?\d+(?:\.\d+)?)|> ?(-?\d+(?:\.\d+)?)"
)
_BELOW = re.compile(
    r"\b(?:less|lower|smaller|fewer)(?: than)? (-?\d+(?:\.\d+)?)|\b(?:below|"
    r"under) (-?\d+(?:\.\d+)?)|< ?(-?\d+(?:\.\d+)?)"
)
_ABNORMAL = re.compile(r"\b(?:abnormal\w*|unusual|out of range|concern\w*)\b")
_NORMAL = re.compile(r"\bnormal\b")
_WHEN = re.compile(
    r"\bwhen\b|\bwhat (?:date|time|day|year|month)\b|\bwhich (?:date|day|time|"
    r"year)\b|\b(?:date|time|timing)s?\b(?! of birth)|\boccasion\b|"
    r"\binstances? (?:in which|when|at which|was|of)\b|\bat what point\b|"
    r"\bexact(?:ly)? time\b|\b(?:first|last) (?:instance|occurrence)\b"
)
_NAME_ASKED = re.compile(
    r"\bnames?\b|\bcalled\b|\bnamed\b|\bwhich\b|\bwhat (?:was the |is the |"
    r"were the |are the )?(?:kind|sort)\b|\bwhat (?:drug|medic\w+|procedure|"
    r"diagnos\w+|specimen|output|organism|allerg\w+|condition|test|lab|pharmac\w+|"
    r"micro\w+)\b|\bidentif\w+ the (?:drug|procedure|medic\w+|diagnos\w+|specimen|"
    r"output|organism|lab|micro\w+)\b|\bwhat\b"
)

_COUNT = re.compile(
    r"\bhow many\b|\bhow often\b|\bnumber of\b|\bcount(?:ing)? (?:of|the|how|all|"
    r"my|up)\b|\b(?:please|the|you|to|a|total) count\b|^count\b|"
    r"\bhow frequently\b|\bquantify\b|"
    r"\btally\b|\bto be counted\b|\bfrequency\b|\btabulate\b|"
    r"\benumerate the (?:\w+ ){0,2}(?:instances|visits|times|occurrences)\b|"
    r"\btotal (?:\w+ )?(?:occurrences|visits|stays|instances|admissions)\b|"
    r"\btotal (?:drug|prescri|procedure|visit|admission)\w*|\boccurrences of\b|"
    r"\bamount of (?:medic|drug|prescri)\w+"
)
_POLITE = re.compile(
    r"\b(?:can|could|would|will) you\b(?: please)?(?: be able to)?|"
    r"\bdo you (?:know|have)\b|\bis it possible to\b"
    r"|\bi (?:want|need|would like|'d like|am (?:trying|curious)\w*|wish)\b"
)
_WH = re.compile(r"\b(?:what|which|when|who|where|how|why)\b|\bwhat's\b")
_WHETHER = re.compile(
    r"\bwhether\b|\bif (?:i|i've|there|patient|any|the|my|she|he|they|it|"
    r"\w+ (?:has|had|was|were|is))\b|\bif\b"
)
_SHORTHAND = re.compile(
    r"^(?:\W|and|so)*(?:any|ever|still|currently|history of|hx of|known|previous|prior)\b|"
    r"\bon (?:the|her|his|their) (?:problem )?list\b|"
    r"\b(?:ever|yet|in the past|on record|documented|on board|or not)\W*$|"
    r"^(?:[\w -]+: ?)?(?:seen|tried|taken|picked up|collected|checked|done|measured|tested|given|"
    r"filled|dispensed|started)\b.*\?|"
    r"\b(?:picked up|collected|filled|dispensed)\b[\w ]*\?"
)
_IN_THE_LIST = re.compile(
    r"\b(?:in|on) (?:the|her|his|their) (?:problem list|chart|record|notes|history)\W*\?|"
    r"\b(?:recorded|documented|listed|coded|noted|diagnosed)(?: as (?:an? )?(?:diagnosis|condition|"
    r"problem))?\s*\?"
)
_THERE = re.compile(
    r"(?:^|[,;:.]\s*)(?:was|were|is|are) there\b|\b(?:has|have) there been\b|\bhas it ever\b"
)
_AUXILIARY = re.compile(
    r"(?:^|[,;:.]\s*)(?:(?:and|so|but)\s+)?(?:am|is|are|was|were|do|does|did|has|"
    r"have|had|can|could|might|isn't|wasn't|didn't)\b"
    r"|\b(?:is|are|was|were|do|does|did|has|have) (?:i|my|she|he|they|it|there|"
    r"patient|any|the|this|her|his)\b"
    r"|,? (?:correct|right|true|yes)\s*\?$"
)


def _asks_whether(text: str) -> bool:
    """Whether yes or no is the answer: an auxiliary asks, and no question word does."""
    plain = _POLITE.sub(" ", text)
    if _WHETHER.search(plain) or _THERE.search(plain):
        return True
    if _IN_THE_LIST.search(plain) and not _WH.search(plain):
        return True
    if _SHORTHAND.search(plain) and not _WH.search(plain):
        return True
    first_of = re.search(r"\b(?:occasion|time|date|instance|first|last|name)\b", plain)
    if re.search(r"\b(?:verify|confirm|any)\b", plain) and not _WH.search(plain) and not first_of:
        return True
    return (
        bool(_AUXILIARY.search(plain))
        and not _WH.search(plain)
        and not re.search(
            r"\b(?:names?|^list|list (?:the|all|of)|identify the|specify the|"
            r"determine the|provide the)\b",
            plain,
        )
    )


def aggregate_of(words: Words, text: str) -> Aggregate:
    """What is made of the entries: a count, yes or no, the first, the last, all of them."""
    if _COUNT.search(text):
        return Aggregate.COUNT
    if _asks_whether(text):
        return Aggregate.EXISTS
    if words.aggregate in (Aggregate.FIRST, Aggregate.LAST, Aggregate.HIGHEST, Aggregate.LOWEST,
                           Aggregate.MEAN, Aggregate.TREND):  # fmt: skip
        return words.aggregate
    return Aggregate.LIST


def attribute_of(text: str, kind: str) -> Attribute:
    """What is asked of each entry: its time, name, value, and the like."""
    if kind == "careunit":
        return Attribute.NAME
    if kind == "admission" and re.search(
        r"\bdischarg\w*|\breleased\b|\bleft\b|\bleave\b|\bleaving\b|\bchecked out\b|\bexit\w*", text
    ):
        return Attribute.END
    if kind == "admission" and re.search(r"\btypes?\b|\bclassif\w+|\bcategor\w+|\bkind\b", text):
        return Attribute.TYPE
    if (
        re.search(r"\bdos(?:e|age|es)\b|\bhow much\b|\bamount\b|\bquantity\b", text)
        and kind
        in (
            "prescription",
            "dispense",
            "administration",
            "intake",
            "home_medicine",
        )
        and not _asks_when(text)
    ):
        return Attribute.DOSE
    if _asks_when(text):
        return Attribute.TIME
    if re.search(r"\bhow long\b|\bduration\b|\blength of\b", text):
        return Attribute.DURATION
    if re.search(
        r"\b(?:what|which) route\b|\broute of\b|\bhow (?:was|is) .* (?:given|administered|taken)\b",
        text,
    ):
        return Attribute.ROUTE
    if re.search(r"\bstatus\b|\bstill active\b", text):
        return Attribute.STATUS
    if kind in ("measurement", "vital", "lab", "output", "observation", "susceptibility"):
        names_it = re.search(r"\bnames?\b|\bcalled\b|\bwhich\b|\bwhat (?:lab|output|test)\b", text)
        wants_name = names_it and not re.search(r"\bresults?\b|\bvalues?\b|\blevels?\b", text)
        return Attribute.NAME if wants_name or kind == "output" else Attribute.VALUE
    return Attribute.NAME if _NAME_ASKED.search(text) else Attribute.ENTRY


_TIME_NOUN = (
    r"(?:date|time|timing|day|year|month|occasion|instance|occurrence|point|moment|period)s?"
)
_WHAT_TIME = re.compile(
    r"\b(?:what|which)(?:'s| is| was| were| are)?(?: (?:the|my|her|his|their|"
    r"a))?(?: patient(?:'s)?)?"
    rf"(?: \w+){{0,3}}? {_TIME_NOUN}\b"
)


_RELATIVE = re.compile(r"(?<=\w) (?:on|in|at|during|with|for) which\b")


_LAST_TIME = re.compile(r"(?<!the )\b(?:last|this|first) time\W*$")
"""At the last occasion, not when that was: "bp last time?"."""


def _asks_when(text: str) -> bool:
    """Whether a time is the answer, not only a word of the question."""
    if re.search(r"\bnames?\b|\bcalled\b|\bnamed\b", text):
        return False
    text = _RELATIVE.sub(" ", text)
    text = _LAST_TIME.sub(" last ", text)
    when, what = re.search(r"\bwhen\b", text), re.search(r"\b(?:what|which|how)\b", text)
    if when is not None and (what is None or when.start() < what.start()):
        return True
    if what is not None:
        found = _WHAT_TIME.search(text)
        return found is not None and not re.search(
            r"\b(?:weight|level|value|result|reading|measurement|dose|dosage|diagnosis|procedure|"
            r"drug|medication|medicine|organism|specimen|output|care ?unit|type)\b",
            found.group(),
        )
    return _WHEN.search(text) is not None


def _limit(pattern: re.Pattern[str], text: str) -> float | None:
    match = pattern.search(text)
    return float(next(g for g in match.groups() if g is not None)) if match else None


def abnormality(text: str) -> bool | None:
    """Whether abnormal (True) or normal (False) values are asked about; None for neither."""
    if _ABNORMAL.search(text):
        return True
    return False if _NORMAL.search(text) and re.search(r"\bnormal\b(?! saline)", text) else None


def above(text: str) -> float | None:
    """The limit that values asked about exceed."""
    return _limit(_ABOVE, text)


def below(text: str) -> float | None:
    """The limit that values asked about stay under."""
    return _limit(_BELOW, text)


def score_limit(text: str) -> str:
    """The limit that scores asked about exceed or stay under: ``below 10``; empty for none."""
    for side, limit in (("above", above(text)), ("below", below(text))):
        if limit is not None:
            return f"{side} {limit:g}"
    return ""


def without_limits(text: str) -> str:
    """The question without the limits it gives."""
    return _BELOW.sub(" ", _ABOVE.sub(" ", text))


def asks_to_count(text: str) -> bool:
    """Whether a number of entries is the answer."""
    return _COUNT.search(text) is not None


def asks_daily_dose(text: str) -> bool:
    """Whether the dose of a whole day is asked for."""
    return _DAILY.search(text) is not None


_DAILY = re.compile(
    r"\bdaily\b|\bper day\b|\ba day\b|/day\b|\btotal dose\b|\b(?:is|are|was|"
    r"were) (?:she|he|they|the patient) "
    r"(?:currently |now )?(?:on|taking)\b"
)
