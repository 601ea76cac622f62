"""Which rating scale a code or a name means, and which totals are possible."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from fhir_adapter.concepts import Concept
from fhir_adapter.table_files import rows, several

_NOT_A_TOTAL = re.compile(r"\bitem \d|\bquestion \d|subscale|change from|percent|\bteen|adolescent")
_A_TOTAL = re.compile(r"\b(total|score)\b")
_NO_VERSION = "the name does not say which version of the scale: not read"
_NAME_ONLY = "a code we do not know: the scale is known by its name only"
_CODE_UNKNOWN = "a code that we do not know for the scale it names: not read"
PHQ9 = "PHQ-9"
PHQ9_ITEMS = 9
SUICIDALITY_ITEM = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The scale an element names."""

    scale: str
    """Empty where a scale is named and yet cannot be read."""
    panel: bool = False
    """Named by the code of the questionnaire, not of its total."""
    remark: str = ""
    """What an issue says about the naming."""


@cache
def _by_code() -> dict[tuple[str, str], Named]:
    found: dict[tuple[str, str], Named] = {}
    for row in rows("scales"):
        for column, panel in (("total_codes", False), ("panel_codes", True)):
            for code in several(row[column]):
                system, _, value = code.partition(":")
                found[(system, value)] = Named(scale=row["scale"], panel=panel)
    return found


def by_loinc(code: str) -> Named | None:
    """The scale that a LOINC code names."""
    return _by_code().get(("loinc", code))


@cache
def limits(scale: str) -> tuple[Decimal, Decimal]:
    """The lowest and the highest possible total."""
    row = next(row for row in rows("scales") if row["scale"] == scale)
    return Decimal(row["min"]), Decimal(row["max"])


@lru_cache(maxsize=4096)
def named(concept: Concept) -> Named | None:
    """The scale a code element names; None for another observation."""
    for code in concept.codes:
        found = _by_code().get((code.system, code.code))
        if found:
            return found
    coded = any(code.system in ("loinc", "snomed") for code in concept.codes)
    for text, _ in concept.words():
        found = by_name(text)
        if found:
            return _under_another_code(found, text) if coded and found.scale else found
    return None


def _under_another_code(named: Named, text: str) -> Named:
    """A scale named in words beside a LOINC or SNOMED CT code that our table does not have.

    For a scale whose codes we know it is another thing (an item, a version for
    teenagers); for one without, the words decide, if they speak of a total.
    """
    if named.scale in _coded_scales() or not _A_TOTAL.search(_plain(text)):
        return Named(scale="", remark=_CODE_UNKNOWN)
    return Named(scale=named.scale, remark=_NAME_ONLY)


@cache
def _coded_scales() -> frozenset[str]:
    return frozenset(found.scale for found in _by_code().values())


@lru_cache(maxsize=1024)
def by_name(text: str) -> Named | None:
    """The scale a name in words means."""
    plain = _plain(text)
    if _NOT_A_TOTAL.search(plain):
        return None
    padded = f" {plain} "
    for row in rows("scale_names"):
        if f" {row['phrase']} " in padded and (not row["also"] or f" {row['also']} " in padded):
            return Named(scale=row["scale"], remark="" if row["scale"] else _NO_VERSION)
    return None


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", ascii_only.lower()))


@cache
def phq9_positions() -> dict[str, int]:
    """LOINC code to item number, the difficulty item (10) included."""
    return {row["code"]: int(row["position"]) for row in rows("phq9") if row["kind"] == "item"}


@lru_cache(maxsize=4096)
def phq9_item(concept: Concept) -> int | None:
    """The number of the PHQ-9 item that a code element names."""
    for code in concept.codes:
        if code.system == "loinc" and code.code in phq9_positions():
            return phq9_positions()[code.code]
    return None


@cache
def phq9_answers() -> dict[str, Decimal]:
    """LOINC answer code to its score."""
    return {row["code"]: Decimal(row["score"]) for row in rows("phq9") if row["kind"] == "answer"}
