"""The adapter's own tables, read once. ``tables/README.md`` says where each row comes from."""

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Every row of ``tables/<name>.csv``."""
    text = files("fhir_adapter").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def several(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, divided by ``|``."""
    return tuple(part.strip() for part in cell.split("|") if part.strip())
