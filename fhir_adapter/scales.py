"""Which rating scale a code or a name means, and which totals are possible."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from fhir_adapter.concepts import Concept
from fhir_adapter.table_files import rows, several

_NOT_A_TOTAL = re.compile(r"\bitem \d|\bquestion \d|subscale|change from|percent|\bteen|adolescent")
PHQ9 = "PHQ-9"
PHQ9_ITEMS = 9
SUICIDALITY_ITEM = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The scale an element names."""

    scale: str
    """Empty where the name does not say which version of the scale."""
    panel: bool = False
    """Named by the code of the questionnaire, not of its total."""


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
    if any(code.system in ("loinc", "snomed") for code in concept.codes):
        return None
    for text, _ in concept.words():
        found = by_name(text)
        if found:
            return found
    return None


@lru_cache(maxsize=1024)
def by_name(text: str) -> Named | None:
    """The scale a name in words means."""
    plain = _plain(text)
    if _NOT_A_TOTAL.search(plain):
        return None
    padded = f" {plain} "
    for row in rows("scale_names"):
        if f" {row['phrase']} " in padded and (not row["also"] or f" {row['also']} " in padded):
            return Named(scale=row["scale"])
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
