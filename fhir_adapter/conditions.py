"""What a diagnosis code means for staging: exact code first, then the longest prefix."""

from dataclasses import dataclass
from functools import cache, lru_cache

from fhir_adapter.concepts import Code, Concept
from fhir_adapter.table_files import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One row of ``tables/conditions.csv``."""

    category: str
    label: str
    code: str
    """``system|code`` of the table row."""
    severity: str | None
    psychotic: bool | None
    remission: str | None
    remission_unspecified: bool
    """In remission, the code does not say how far."""


@cache
def _tables() -> tuple[dict[tuple[str, str], Meaning], dict[tuple[str, str], Meaning]]:
    exact: dict[tuple[str, str], Meaning] = {}
    prefix: dict[tuple[str, str], Meaning] = {}
    for row in rows("conditions"):
        table = prefix if row["match"] == "prefix" else exact
        table.setdefault((row["system"], _plain(row["code"])), _meaning(row))
    return exact, prefix


def _meaning(row: dict[str, str]) -> Meaning:
    return Meaning(
        category=row["category"],
        label=row["label"],
        code=f"{row['system']}|{row['code']}",
        severity=row["severity"] or None,
        psychotic={"yes": True, "no": False}.get(row["psychotic"]),
        remission=row["remission"] or None,
        remission_unspecified=row["remission_unspecified"] == "yes",
    )


def _plain(code: str) -> str:
    """A code without its dot: some servers leave it out."""
    return code.upper().replace(".", "")


@lru_cache(maxsize=4096)
def meaning(system: str, code: str) -> Meaning | None:
    """What the code means; None for one that staging does not read."""
    if not system or not code:
        return None
    exact, prefix = _tables()
    plain = _plain(code)
    found = exact.get((system, plain))
    if found is not None or system == "snomed":
        return found
    for length in range(len(plain), 2, -1):
        found = prefix.get((system, plain[:length]))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def first_meaning(concept: Concept) -> tuple[Meaning, Code] | None:
    """The first code of a condition that staging reads."""
    for code in concept.codes:
        found = meaning(code.system, code.code)
        if found is not None:
            return found, code
    return None
