"""What an element of the record is about, as far as the report says: its score, drug or marker."""

from collections.abc import Iterator, Mapping
from typing import Any

_ENDS = ("start", "end")


def score_at(report: Mapping[str, Any], reference: str, element: str) -> str:
    """``HAM-D-17 24, 2024-01-08`` where the element is a score or a marker; else nothing."""
    for score in report["scores"]:
        if f"{reference}#{element}" in score["evidence"]:
            return f"{score['scale']} {score['value']:g}, {score['date'] or 'no date'}"
    for marker in report["biomarkers"]:
        if f"{reference}#{element}" in marker["evidence"] and marker["value"] is not None:
            amount = f"{marker['value']:g} {marker['unit']}".strip()
            return f"{first_upper(marker['marker'])} {amount}, {marker['date'] or 'no date'}"
    return ""


def names_at(report: Mapping[str, Any], reference: str) -> list[str]:
    """The drugs and procedures that the report reads from a resource."""
    if not reference.startswith(("Medication", "Procedure")):
        return []
    return list(
        dict.fromkeys(
            part.get("drug") or part["modality"]
            for part in _parts(report)
            if any(entry.partition("#")[0] == reference for entry in part["evidence"])
        )
    )


def _parts(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("trials", "earlier_trials", "augmentations", "excluded_exposures", "procedures"):
        yield from report[name]


def quoted_at(report: Mapping[str, Any], reference: str, element: str, excerpt: str) -> str:
    """``sertraline, end: 2024-03-03``: a quoted element with what it is about; else nothing."""
    names = names_at(report, reference)
    if not names or any(name.lower() in excerpt.lower() for name in names):
        return ""
    attribute = element.rpartition(".")[2]
    about = ", ".join([*names, *(end for end in _ENDS if end == attribute)])
    return f"{about}: {excerpt}"


def first_upper(text: str) -> str:
    """A phrase at the head of a line."""
    return text[:1].upper() + text[1:]
