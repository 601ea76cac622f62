"""The outcome of a search as the JSON rows others rely on."""

from collections.abc import Mapping
from typing import Any

from knowledge.passages import Findings


def rows_of(findings: Findings) -> list[dict[str, Any]]:
    """One row a hit, in rank order."""
    return [
        {
            "passage_id": hit.passage.passage_id,
            "source_id": hit.passage.source_id,
            "section": hit.passage.section,
            "text": hit.passage.text,
            "score": hit.score,
            "topic": hit.passage.topic,
            "beyond_source": hit.passage.beyond_source,
            "citations": list(hit.passage.citations),
            "problem_ids": list(hit.passage.problem_ids),
            "answers": findings.answered,
            "lexical_only": hit.lexical_only,
        }
        for hit in findings.hits
    ]


def notes_of(findings: Findings, health: Mapping[str, Any]) -> list[str]:
    """What a reader has to know beside the hits."""
    notes = list(health["notes"])
    if health["reason"]:
        notes.append(f"searched by words only: {health['reason']}")
    if not findings.answered:
        notes.append("nothing here answers this; the nearest passages follow")
    return notes
