"""A model words what is already proven: released sentence by sentence, each checked first.

It is told the template sentences, numbered, and writes one sentence a line with the numbers it
rests on. A sentence that claims anything the sentences it names do not say gives way to them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.answering.disclosure import Disclosure
from assistant.answering.evidence import Statement
from assistant.answering.ground import claims, unsupported
from assistant.answering.model import Call, Messages
from assistant.answering.safe_text import shown, visible
from assistant.answering.vocabulary import drugs_named, joining_words, stop_words

MAX_SENTENCES = 12
MAX_SENTENCE = 400

_INSTRUCTION = (
    "You are given numbered statements about a patient's antidepressant treatment. Tell them to a "
    "psychiatrist in plain, short sentences: the answer first, then the reason, then the caveat. "
    "Write one sentence a line, and end each with the numbers of the statements it rests on, in "
    "brackets, as in: The first trial failed [2][3]. Change no number, date, drug, class, stage "
    "or verdict; leave none out; add nothing; keep DATE1 and the like as they stand."
)
_LINE = re.compile(r"^[-*•\s]*(?P<text>.*?)\s*(?P<uses>(?:\[\d{1,2}\]\s*[.,]?\s*)+)$")
_USE = re.compile(r"\[(\d{1,2})\]")


@dataclass(slots=True)
class Writer:
    """Puts the first run of statements of an answer into other words; one call a question."""

    call: Call
    disclosure: Disclosure
    gave_way: bool = field(default=False, init=False)
    """Whether a template stands where the model's words did not pass, or did not come."""

    def written(self, statements: Sequence[Statement], given: str) -> Iterator[Statement]:
        """The statements, each in the model's words or its own, as they are ready."""
        told = [s for s in statements if s.citations and self.disclosure.allows(s.text)]
        if self.call.made or not told:
            yield from statements
            return
        owed = {n: said_of(statement.text) for n, statement in enumerate(told, start=1)}
        begun = False
        for sentence, numbers in self._sentences(told, given):
            if not begun and 1 not in numbers and owed.pop(1, None) is not None:
                yield told[0]  # the answer comes first, whatever the model begins with
            begun = True
            if sentence is None:
                self.gave_way = True
                yield from (told[n - 1] for n in numbers if owed.pop(n, None) is not None)
                continue
            yield sentence
            for n in numbers:
                if n in owed and not (left := owed[n] - said_of(sentence.text)):
                    del owed[n]
                elif n in owed:
                    owed[n] = left
        self.gave_way |= self.call.failed or bool(owed)
        told_whole = {id(s) for n, s in enumerate(told, start=1) if n not in owed}
        yield from (s for s in statements if id(s) not in told_whole)

    def _sentences(
        self, told: Sequence[Statement], given: str
    ) -> Iterator[tuple[Statement | None, list[int]]]:
        """Each sentence of the model, or None where it did not pass, and what it rests on."""
        read = 0
        for line in self.call.lines(self._messages(told)):
            found = _LINE.match(line)
            if found is None:
                self.gave_way = True
                continue
            numbers = [n for n in map(int, _USE.findall(found["uses"])) if 1 <= n <= len(told)]
            text = self.disclosure.unmasked(found["text"])
            used = [told[n - 1] for n in dict.fromkeys(numbers)]
            yield checked(text, used, given), list(dict.fromkeys(numbers))
            read += 1
            if read == MAX_SENTENCES:
                return

    def _messages(self, told: Sequence[Statement]) -> Messages:
        numbered = (f"[{n}] {self.disclosure.masked(s.text)}" for n, s in enumerate(told, start=1))
        return [("system", _INSTRUCTION), ("human", "\n".join(numbered))]


_NEGATION = re.compile(
    r"\b(?:no|not|none|never|neither|nor|without|cannot|excludes?|unknown|"
    r"in(?:adequate|sufficient))\b|n't\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:should|must|recommend\w*|advis\w*|prescrib\w*|start\w*|increas\w*|rais\w*|switch\w*|"
    r"stop\w*|tak\w+|try|give\w*|consider\w*|safe\w*|certain\w*|definite\w*|proven|proves?)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\b(?:yes|met|meets?|fail\w*|count\w*|adequate\w*|remission|respon\w+|resistan\w+|present|"
    r"possible|assum\w+|settle\w*)\b",
    re.IGNORECASE,
)


def checked(text: str, used: Sequence[Statement], given: str) -> Statement | None:
    """A sentence of the model, if the statements it rests on bear it out."""
    if not text or not used:
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
    if _new_words(plain, said) or _ordinals(plain) - _ordinals(said):
        return None
    if any(char.isalpha() and not char.isascii() and char not in said for char in plain):
        return None
    if bool(_NEGATION.search(plain)) is not bool(_NEGATION.search(said)):
        return None
    if not _pairs(plain) <= _pairs(said):
        return None
    ended = plain if plain.endswith((".", "?", "!")) else f"{plain}."
    return Statement(text=ended, citations=citations, computed=f"{said} {computed}")


_HEDGE = re.compile(
    r"\b(?:assum\w+|unknown|possibl\w*|at (?:least|most)|cannot|not|no|if|would|may|might|"
    r"working|open|missing|asserted|suppos\w+)\b",
    re.IGNORECASE,
)


def said_of(text: str) -> frozenset[str]:
    """What a statement says that must not get lost: its figures, verdicts and reservations."""
    hedges = {f"hedge {match.lower()[:5]}" for match in _HEDGE.findall(text)}
    return claims(text) | hedges | {f"verdict {stem}" for stem in _stems(_VERDICT, text)}


_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|last|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|half|twice|both|all|every|always|only)\b",
    re.IGNORECASE,
)


def _ordinals(text: str) -> set[str]:
    """Words that count or order, and so can be wrong."""
    return {word.lower() for word in _ORDINAL.findall(text)}


_PLACED = re.compile(
    r"(?P<date>\d{4}-\d{2}(?:-\d{2})?)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z][A-Za-z-]+)"
)


def _pairs(text: str) -> set[tuple[str, str]]:
    """Each figure and verdict with the drug it is told of: the one named last before it."""
    drug = ""
    waiting: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    for match in _PLACED.finditer(text):
        said = match.group().lower()
        named = drugs_named(said) if match["word"] else ()
        if named:
            drug = named[0]
            pairs |= {(drug, item) for item in waiting}
            waiting = set()
        elif match["date"] or match["number"] or _VERDICT.fullmatch(said) or said in ("no", "not"):
            item = said[:4] if match["word"] else said
            (pairs.add((drug, item)) if drug else waiting.add(item))
    return pairs | {("", item) for item in waiting}


_STEM = 5


def _new_words(text: str, said: str) -> set[str]:
    """Words that neither the statements used nor plain connecting words account for."""
    known = {word[:_STEM] for word in re.findall(r"[a-z]{2,}", said.lower())}
    return {
        word
        for word in re.findall(r"[a-z]{2,}", text.lower())
        if word[:_STEM] not in known and word not in joining_words() and word not in stop_words()
    }


def _stems(words: re.Pattern[str], text: str) -> set[str]:
    return {match.lower()[:4] for match in words.findall(text)}
