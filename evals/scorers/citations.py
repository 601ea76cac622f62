"""Whether citations resolve, bear out their sentence, and are there where they are needed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evals.scorers import Score, told, unscored
from evals.scorers.claims import borne, claims, sentences
from evals.scorers.follows import Asked, Cited, follows
from fhir_adapter.paths import element_at

REPORT = "report"
_ANSWERED = ("answered", "partly")
_Lines = Sequence[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the citations of one answer are looked up in; none of it comes from the subject."""

    bundle: Mapping[str, Any] | None
    report: Mapping[str, Any] | None
    """The report of the rules, computed by the evaluation."""
    passage: Callable[[str], str | None]
    asked: str
    expected: Sequence[str] = field(default=())

    @cached_property
    def resources(self) -> Mapping[str, Any]:
        """The record's resources by ``Type/id``."""
        entries = (self.bundle or {}).get("entry") or ()
        found = [entry.get("resource") or {} for entry in entries]
        return {f"{one.get('resourceType')}/{one.get('id')}": one for one in found}

    @cached_property
    def computed(self) -> str:
        """The figures of the rules' report, as text."""
        return json.dumps(_figures(self.report), ensure_ascii=False) if self.report else ""

    def text(self, citation: Mapping[str, Any]) -> str | None:
        """What stands where a citation points; None where nothing does."""
        if citation.get("kind") == "source":
            return self.passage(str(citation.get("passage_id")))
        if citation.get("reference") == REPORT:
            return self._finding(str(citation.get("element")))
        resource = self.resources.get(str(citation.get("reference")))
        if resource is None:
            return None
        return _element(resource, str(citation.get("element") or ""))

    def around(self, citation: Mapping[str, Any]) -> str:
        """The whole resource or passage a citation points into, or nothing."""
        resource = self.resources.get(str(citation.get("reference")))
        if resource is not None and citation.get("kind") == "record":
            return json.dumps(resource, ensure_ascii=False)
        return self.text(citation) or ""

    def _finding(self, rule: str) -> str | None:
        if self.report is None:
            return None
        if rule in self.report:  # a part of the report, such as its completeness
            return json.dumps(self.report[rule], ensure_ascii=False)
        findings = [one for one in self.report.get("findings") or () if one.get("rule") == rule]
        if not findings and not _is_rule(rule):
            return None
        # a verdict stands on the stages too, which no finding repeats
        return json.dumps([_figures(findings), self.report.get("staging")], ensure_ascii=False)


def _figures(value: Any) -> Any:
    """A report without its references: an id that holds a date bears out no date."""
    if isinstance(value, Mapping):
        return {k: _figures(v) for k, v in value.items() if k not in ("evidence", "facts")}
    return [_figures(item) for item in value] if isinstance(value, list) else value


def _is_rule(name: str) -> bool:
    from assistant.staging.tables import rules  # noqa: PLC0415

    return name in rules()


def _element(resource: Mapping[str, Any], path: str) -> str | None:
    try:
        value = element_at(dict(resource), path)
    except KeyError:
        return None
    told_here = json.dumps(value, ensure_ascii=False)
    concept, coded, _ = path.partition(".coding[")
    if coded:  # a code says nothing without the concept it stands in
        told_here += json.dumps(element_at(dict(resource), concept), ensure_ascii=False)
    return told_here


def cited(reply: Mapping[str, Any], evidence: Evidence) -> Iterator[Score]:
    """Every measure of an answer's citations."""
    names = (
        "citation resolves",
        "claims supported",
        "claims in what is cited",
        "citation recall",
        "citation precision",
    )
    if reply.get("status") not in _ANSWERED:
        yield from (unscored(name, "nothing was answered") for name in names)
        return
    by_key = {str(one.get("key")): one for one in reply.get("citations") or ()}
    texts = {key: evidence.text(one) for key, one in by_key.items()}
    lines = list(sentences(str(reply.get("answer") or "")))
    marks = {mark for _, keys in lines for mark in keys}
    dangling = sorted(marks ^ set(by_key)) + sorted(key for key in by_key if texts[key] is None)
    resolves = bool(marks) and not dangling
    yield told(names[0], resolves, f"does not resolve: {dangling or 'nothing is cited'}")
    standing = {
        key: Cited(element=_path(one), text=texts[key] or "", whole=evidence.around(one))
        for key, one in by_key.items()
        if texts[key] is not None
    }
    supposes = bool((reply.get("staging") or {}).get("what_if"))
    asked = Asked(question=evidence.asked, bundle=evidence.bundle, supposes=supposes)
    yield from _supported(names[1:3], lines, standing, evidence, asked)
    yield from _needed(names[3:], lines, standing, evidence.asked)


def _path(citation: Mapping[str, Any]) -> str:
    return str(citation.get("element") or "") if citation.get("kind") == "record" else ""


def _supported(
    names: Sequence[str],
    lines: _Lines,
    standing: Mapping[str, Cited],
    evidence: Evidence,
    asked: Asked,
) -> Iterator[Score]:
    """Whether every claim stands in what its sentence cites, or in the rules' report.

    The second measure is stricter: the share of the claims that the cited elements and
    passages hold by themselves. Figures computed from several entries are not among them.
    """
    given = f"{evidence.asked} {' '.join(evidence.expected)}"
    unsupported: list[str] = []
    made_in_all, held_in_all = 0, 0
    for text, keys in lines:
        cited_here = [standing[key] for key in keys if key in standing]
        own = " ".join(one.text for one in cited_here)
        made = claims(text)
        held = {claim for claim in made if borne(claim, own)}
        made_in_all, held_in_all = made_in_all + len(made), held_in_all + len(held)
        unsupported += [
            f"{claim} in “{text[:80]}”"
            for claim in sorted(made - held)
            if not any(borne(claim, where) for where in (given, evidence.computed))
            and not _counted(claim, keys)
            and not _end_of_window(claim, evidence.asked)
            and not follows(claim, text, cited_here, asked)
        ]
    if not made_in_all:
        yield from (unscored(name, "the answer makes no claim to check") for name in names)
        return
    yield told(names[0], not unsupported, "; ".join(unsupported[:3]))
    yield Score(names[1], held_in_all / made_in_all)


def _needed(
    names: Sequence[str],
    lines: _Lines,
    standing: Mapping[str, Cited],
    asked: str,
) -> Iterator[Score]:
    """Whether each claiming sentence has a citation that holds a claim, and each cites no other."""
    claiming = [(text, keys, claims(text)) for text, keys in lines]
    claiming = [one for one in claiming if one[2]]
    if not claiming:
        yield from (unscored(name, "no claim") for name in names)
        return
    bare = [
        text[:80]
        for text, keys, made in claiming
        if not any(
            borne(claim, standing[key].text) for claim in made for key in keys if key in standing
        )
    ]
    uses = [
        (key, key in standing and _bears(made, standing[key].whole, f"{text} {asked}"))
        for text, keys, made in claiming
        for key in keys
    ]
    yield Score(names[0], 1 - len(bare) / len(claiming), "; ".join(bare[:3]))
    idle = [key for key, bears in uses if not bears]
    if not uses:
        yield unscored(names[1], "no claim is cited")
        return
    yield Score(names[1], 1 - len(idle) / len(uses), f"bear nothing out: {idle[:6]}" * bool(idle))


def _counted(claim: str, keys: Sequence[str]) -> bool:
    """Whether a number is the count of the entries cited for it."""
    return claim == f"number {len(keys)}"


def _end_of_window(claim: str, asked: str) -> bool:
    """Whether a date is the first or last day of a year near those of the question."""
    kind, _, value = claim.partition(" ")
    if kind != "date" or value[5:] not in ("01-01", "12-31"):
        return False
    years = {int(year) for year in re.findall(r"\b(?:19|20|21)\d{2}\b", asked)}
    return any(abs(int(value[:4]) - year) <= 1 for year in years)


def _bears(made: frozenset[str], whole: str, sentence: str) -> bool:
    """Whether the resource or passage cited holds a claim of its sentence, or a word of it."""
    if any(borne(claim, whole) for claim in made):
        return True
    words = re.findall(r"[a-z]{5,}|\b[A-Z][A-Za-z]*-?[A-Z]+\b", sentence)
    around = whole.lower()
    return any(word.lower() in around for word in words)
