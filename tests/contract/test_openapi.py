"""The OpenAPI: every field says its unit or format, the snapshot is current, the API obeys it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.openapi_snapshot import SNAPSHOT_NAME, snapshot
from tests.lib.demo import REPOSITORY

_SNAPSHOT = REPOSITORY / "docs" / "schemas" / SNAPSHOT_NAME
_UNIT = re.compile(
    r"mg/day|days|seconds|minutes|megabytes|bytes|points|0-1|per cent|HTTP status|how many|"
    r"number of|position|no unit|its unit|months|sessions|unit|cannot exclude|same under"
)


def _fields(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property and parameter of the description, with its place."""
    if isinstance(node, list):
        for position, item in enumerate(node):
            yield from _fields(item, f"{where}[{position}]")
    if not isinstance(node, dict):
        return
    for name, field in node.get("properties", {}).items():
        yield f"{where}.{name}", field
    if "in" in node and "schema" in node:
        yield f"{where} {node['name']}", {**node["schema"], **node}
    for key, item in node.items():
        yield from _fields(item, f"{where}/{key}")


def _types(field: dict[str, Any]) -> set[str]:
    kinds = field.get("type", [])
    found = set(kinds if isinstance(kinds, list) else [kinds])
    return found.union(*(_types(option) for option in field.get("anyOf", ())))


def test_every_field_is_described() -> None:
    fields = list(_fields(snapshot()))
    assert len(fields) > 60
    bare = [where for where, field in fields if not field.get("description")]
    assert bare == []


def test_every_number_says_its_unit() -> None:
    numbers = [
        (where, field)
        for where, field in _fields(snapshot())
        if _types(field) & {"integer", "number"}
    ]
    assert numbers
    assert [w for w, field in numbers if not _UNIT.search(field.get("description", ""))] == []


def test_every_date_says_its_form() -> None:
    dates = [
        (where, field["description"])
        for where, field in _fields(snapshot())
        if re.search(r"(\.| )(as_of|at|date|start|end|outcomeTimestamp)$", where)
    ]
    assert dates
    assert [where for where, said in dates if not re.search(r"date", said)] == []


def test_every_operation_says_what_it_answers_and_its_problems() -> None:
    for path, methods in snapshot()["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description") or operation.get("summary"), (method, path)
            problems = [status for status in operation["responses"] if status.startswith("4")]
            assert "429" in problems, (method, path)


def test_every_reference_of_the_description_leads_somewhere() -> None:
    text = json.dumps(snapshot())
    known = snapshot()["components"]["schemas"]
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', text)):
        assert reference.removeprefix("#/components/schemas/") in known, reference


def test_the_reviewed_snapshot_is_current() -> None:
    """After a change that is meant: `make docs`, and look at the difference."""
    kept = json.loads(_SNAPSHOT.read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(snapshot()))


@pytest.mark.parametrize("name", ["staging-report-1", "answer-1", "days-covered-1", "sig-1"])
def test_every_field_of_a_published_document_is_described_and_numbers_say_their_unit(
    name: str,
) -> None:
    published = json.loads((_SNAPSHOT.parent / f"{name}.json").read_text(encoding="utf-8"))
    fields = list(_fields(published))
    assert len(fields) > 7
    assert [where for where, field in fields if not field.get("description")] == []
    bare = [
        where
        for where, field in fields
        if _types(field) & {"integer", "number"} and not _UNIT.search(field["description"])
    ]
    assert bare == []
