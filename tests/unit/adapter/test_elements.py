"""``elements.toml`` is the whole truth about what is read."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from fhir_adapter.errors import AdapterError
from fhir_adapter.modifiers import elements
from fhir_adapter.node import Node
from fhir_adapter.read import read_bundle, read_files
from tests.lib import fhir
from tests.lib.demo import REPOSITORY
from tests.lib.shared_data import FHIR, need

_INDEX = re.compile(r"\[\d+\]")
_NESTED_ITEM = re.compile(r"^(item(\.answer)?\.)+(?=item)")
DEMO = sorted((REPOSITORY / "assistant" / "demo_patients").glob("*.json"))


def expanded(entries: dict, prefix: str = "") -> Iterator[str]:
    for path, what in entries.items():
        whole = f"{prefix}{path}"
        if isinstance(what, str):
            yield whole
        else:
            yield from expanded(elements()["type"][what["type"]], f"{whole}.")


def declared(kind: str) -> set[str]:
    paths = set(expanded(elements().get(kind, {}))) | set(expanded(elements()["any"]))
    with_parents = set()
    for path in paths:
        steps = path.split(".")
        with_parents |= {".".join(steps[:length]) for length in range(1, len(steps) + 1)}
    return with_parents


@pytest.fixture
def read_paths(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Every path that is looked at, by resource type."""
    seen: set[tuple[str, str]] = set()
    look, look_each, look_first = Node.__getitem__, Node.each, Node.first
    look_text, look_number = Node.text_at, Node.decimal_at

    def watched(node: Node, name: str) -> Node:
        note(node, look(node, name).path)
        return look(node, name)

    def watched_each(node: Node, name: str) -> Iterator[Node]:
        note(node, f"{node.path}.{name}".strip("."))
        return look_each(node, name)

    def watched_first(node: Node, *names: str) -> Node:
        for name in names:
            note(node, f"{node.path}.{name.split('.')[0]}".strip("."))
        return look_first(node, *names)

    def watched_text(node: Node, name: str) -> str | None:
        note(node, f"{node.path}.{name}".strip("."))
        return look_text(node, name)

    def watched_number(node: Node, name: str) -> Decimal | None:
        note(node, f"{node.path}.{name}".strip("."))
        return look_number(node, name)

    def note(node: Node, path: str) -> None:
        path = _INDEX.sub("", path)
        if path.startswith("contained."):
            path, kind = path.removeprefix("contained."), "Medication"
        else:
            kind = node.reference.split("/")[0]
        seen.add((kind, _NESTED_ITEM.sub("", path)))

    monkeypatch.setattr(Node, "__getitem__", watched)
    monkeypatch.setattr(Node, "each", watched_each)
    monkeypatch.setattr(Node, "first", watched_first)
    monkeypatch.setattr(Node, "text_at", watched_text)
    monkeypatch.setattr(Node, "decimal_at", watched_number)
    return seen


def undeclared(seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {
        (kind, path) for kind, path in seen if kind[:1].isupper() and path not in declared(kind)
    }


def test_the_demo_patients_are_read_by_declared_paths_only(read_paths):
    for path in DEMO:
        read_files([path])
    assert read_paths
    assert undeclared(read_paths) == set()


@pytest.mark.shared_data
def test_real_records_are_read_by_declared_paths_only(read_paths):
    for path in sorted(need(FHIR).rglob("*.json")):
        try:
            read_files([path])
        except AdapterError:
            continue
    assert undeclared(read_paths) == set()


def pruned(value, paths, here=""):
    """A resource with nothing but its declared elements."""
    if isinstance(value, list):
        return [pruned(item, paths, here) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, child in value.items():
        path = _NESTED_ITEM.sub("", f"{here}.{name}".strip("."))
        if path == "contained":
            held = child if isinstance(child, list) else [child]
            kept[name] = [pruned(one, declared(one["resourceType"])) for one in held]
        elif path in paths:
            kept[name] = pruned(child, paths, path)
    return kept


def as_read(content):
    try:
        return read_bundle(content).treatment
    except AdapterError as refusal:
        return refusal.message


def assert_read_alike(content):
    if content["resourceType"] != "Bundle":
        content = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": content}]}
    entries = [
        {
            **entry,
            "resource": pruned(entry["resource"], declared(entry["resource"]["resourceType"])),
        }
        if isinstance(entry.get("resource"), dict)
        else entry
        for entry in content.get("entry", [])
    ]
    assert as_read({**content, "entry": entries}) == as_read(content)


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_without_what_is_not_declared_a_demo_patient_is_read_alike(path):
    assert_read_alike(json.loads(path.read_bytes()))


@pytest.mark.shared_data
def test_without_what_is_not_declared_real_records_are_read_alike():
    for path in sorted(need(FHIR).rglob("*.json")):
        content = json.loads(path.read_bytes())
        if isinstance(content, dict) and "resourceType" in content:
            assert_read_alike(content)


def test_every_entry_says_what_it_is_for():
    for kind, entries in elements().items():
        if kind in ("type", "modifierExtension"):
            continue
        for path, what in entries.items():
            assert what if isinstance(what, str) else what["for"], f"{kind}.{path}"


@pytest.mark.parametrize(
    "resource",
    [
        fhir.statement(modifierExtension=[{"url": "urn:x", "valueBoolean": True}]),
        fhir.statement(dosage=[fhir.dosage(modifierExtension=[{"url": "urn:x"}])]),
        fhir.request(dosageInstruction=[fhir.dosage(modifierExtension=[{"url": "urn:x"}])]),
        fhir.phq9(14, modifierExtension=[{"url": "urn:x"}]),
        fhir.condition("F33.1", modifierExtension=[{}]),
        fhir.condition("F33.1", modifierExtension=["urn:x"]),
    ],
)
def test_an_unknown_modifier_extension_sets_the_resource_aside(resource):
    facts = read_bundle(fhir.bundle(fhir.patient(), resource)).treatment
    assert (*facts.exposures, *facts.scores, *facts.diagnoses) == ()
    (issue,) = facts.issues
    assert "modifierExtension[0]" in issue.path
    assert facts.completeness.resources_read == 1
    assert facts.completeness.resources_total == 2


def test_the_tables_are_small_and_each_row_names_its_source():
    folder = Path(REPOSITORY / "fhir_adapter" / "tables")
    for table in folder.glob("*.csv"):
        assert table.stat().st_size < 2_000_000
        head, *rest = table.read_text(encoding="utf-8").splitlines()
        assert "source" in head.split(","), table.name
        assert rest == sorted(set(rest), key=rest.index), f"{table.name} has a row twice"
