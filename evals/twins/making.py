"""Makes the twins of a record, and has the rules confirm every one of them."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from evals.twins import SCHEMA, Change, NotMade, Pair
from evals.twins.edits import Bundle
from evals.twins.families import FAMILIES
from evals.twins.fields import field_of, stages, table
from evals.twins.ground import ground_of, report_of

ANY = "*"
"""A side of a change that may be anything but the other side."""


class Twins(NamedTuple):
    """The pairs of one record, and the families that it gives none of."""

    pairs: Sequence[Pair]
    not_made: Sequence[NotMade]

    def to_json(self) -> dict[str, Any]:
        """The pairs without their records, and what was not made."""
        return {
            "schema": SCHEMA,
            "pairs": [{"n": number, **pair.to_json()} for number, pair in _numbered(self.pairs)],
            "not_made": [{"family": one.family, "why": one.why} for one in self.not_made],
        }


def twins_of(bundle: Bundle, as_of: str, *, seed: int = 0) -> Twins:
    """The pairs of every family that this record allows.

    Raises:
        AdapterError: the record cannot be read.
    """
    ground = ground_of(bundle, as_of)
    pairs: list[Pair] = []
    not_made: list[NotMade] = []
    for name, family in FAMILIES.items():
        made = list(family(ground, random.Random(f"{seed} {name}")))  # noqa: S311 - not a secret
        if not made:
            not_made.append(NotMade(family=name, why="the record already holds what it would add"))
        for pair in made:
            doubt = unconfirmed(pair)
            if doubt is None:
                pairs.append(pair)
            else:
                not_made.append(NotMade(family=name, why=doubt))
    return Twins(pairs, not_made)


def unconfirmed(pair: Pair) -> str | None:
    """Why the rules do not confirm a pair; None where they do."""
    a, b = report_of(dict(pair.a), pair.as_of), report_of(dict(pair.b), pair.as_of)
    for change in pair.changes:
        found = field_of(a, change.field), field_of(b, change.field)
        if not agrees(change, *found):
            return (
                f"in this record {change.field} is {found[0]} and {found[1]}, "
                f"not {change.a} and {change.b}"
            )
    if pair.steady and (stages(a), table(a)) != (stages(b), table(b)):
        return "in this record the stages or trials would not stay as they are"
    return None


def agrees(change: Change, a: Any, b: Any) -> bool:
    """Whether two values are those of the change."""
    if ANY in (change.a, change.b):
        fixed, free = (b, a) if change.a == ANY else (a, b)
        wanted = change.b if change.a == ANY else change.a
        return bool(fixed == wanted and free != fixed)
    return bool(a == change.a and b == change.b)


def _numbered(pairs: Sequence[Pair]) -> list[tuple[int, Pair]]:
    return list(enumerate(pairs, start=1))


def write_twins(twins: Twins, folder: Path) -> None:
    """Write both records of every pair, and the list of pairs beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, pair in _numbered(twins.pairs):
        for side, record in (("a", pair.a), ("b", pair.b)):
            name = f"{number:02d}-{pair.family.replace(': ', '-').replace(' ', '-')}-{side}.json"
            text = json.dumps(record, ensure_ascii=False, indent=1)
            (folder / name).write_text(text + "\n", encoding="utf-8")
    listed = json.dumps(twins.to_json(), ensure_ascii=False, indent=2)
    (folder / "twins.json").write_text(listed + "\n", encoding="utf-8")
