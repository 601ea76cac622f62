"""What a diagnosis code means for staging: exact code first, then the longest prefix."""

from dataclasses import dataclass
from functools import cache, lru_cache

from fhir_adapter.concepts import Code, Concept
from fhir_adapter.table_files import rows

_FIRST = "depression"
"""Of a code that means two things (depression with anxiety), the one that is named first."""


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


_Table = dict[tuple[str, str], tuple[Meaning, ...]]


@cache
def _tables() -> tuple[_Table, _Table]:
    exact: _Table = {}
    prefix: _Table = {}
    for row in rows("conditions"):
        table = prefix if row["match"] == "prefix" else exact
        key = (row["system"], _plain(row["code"]))
        both = (*table.get(key, ()), _meaning(row))
        table[key] = tuple(sorted(both, key=lambda one: one.category != _FIRST))
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
def meanings(system: str, code: str) -> tuple[Meaning, ...]:
    """What the code means; nothing for one that staging does not read."""
    if not system or not code:
        return ()
    exact, prefix = _tables()
    plain = _plain(code)
    found = exact.get((system, plain), ())
    if found or system == "snomed":
        return found
    for length in range(len(plain), 2, -1):
        found = prefix.get((system, plain[:length]), ())
        if found:
            return found
    return ()


@lru_cache(maxsize=4096)
def meanings_of(concept: Concept) -> tuple[tuple[Meaning, ...], Code] | None:
    """What the first code of a condition that staging reads means, and that code."""
    for code in concept.codes:
        found = meanings(code.system, code.code)
        if found:
            return found, code
    return None
