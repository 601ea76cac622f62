"""The documents say what is true: commands run, paths exist, words are in order."""

import re
import shlex

import pytest

from tests.lib.commands import trd_assistant
from tests.lib.demo import REPOSITORY

_DOCUMENTS = tuple(sorted(path.name for path in REPOSITORY.glob("*.md")))
_PACKAGES = ("assistant", "fhir_adapter", "knowledge", "ui", "evals", "tests", "docs")
_COMMAND = ".venv/bin/trd-assistant "


def _text(document: str) -> str:
    return (REPOSITORY / document).read_text(encoding="utf-8")


def _examples() -> list[tuple[str, list[str]]]:
    """Each command of the README's console blocks with the output printed under it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", _text("README.md"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
    return found


def _runnable() -> list[tuple[str, list[str]]]:
    return [
        (command, output)
        for command, output in _examples()
        if command.startswith(_COMMAND) and not command.startswith(f"{_COMMAND}demo")
    ]


def test_the_documents_are_all_there() -> None:
    wanted = {"README", "CONTRIBUTING", "CHANGELOG", "GLOSSARY", "CLARIFICATIONS", "SECURITY"}
    assert {f"{name}.md" for name in wanted} <= set(_DOCUMENTS)


def test_the_readme_shows_commands() -> None:
    assert len(_runnable()) >= 2


@pytest.mark.parametrize(("command", "output"), _runnable(), ids=[c for c, _ in _runnable()])
def test_a_command_of_the_readme_prints_what_the_readme_says(
    command: str, output: list[str]
) -> None:
    done = trd_assistant(*shlex.split(command.removeprefix(_COMMAND)))
    assert done.exit == 0, done.err
    printed = " ".join(done.out.split())
    for line in output:
        for part in line.split("…"):
            assert " ".join(part.split()) in printed


def test_the_make_targets_of_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))
    for document in _DOCUMENTS:
        named = set(re.findall(r"`make ([a-z-]+)`", _text(document)))
        named |= set(re.findall(r"^\$ make ([a-z-]+)", _text(document), re.MULTILINE))
        assert named <= targets, document


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_the_paths_that_a_document_names_exist(document: str) -> None:
    for quoted in re.findall(r"`([\w./-]+)`", _text(document)):
        if quoted.split("/")[0] in _PACKAGES and "/" in quoted:
            assert (REPOSITORY / quoted).exists(), quoted
    for target in re.findall(r"\]\(([\w./-]+)\)", _text(document)):
        assert (REPOSITORY / target).exists(), target


def test_each_term_of_the_glossary_is_explained_once_in_order() -> None:
    row = re.compile(r"^\| (.+?) \| (?:core|FHIR|service) \| .+ \|$", re.MULTILINE)
    rows = row.findall(_text("GLOSSARY.md"))
    terms = [term.replace("`", "").lower() for term in rows]
    assert len(terms) > 60
    assert len(set(terms)) == len(terms)
    assert terms == sorted(terms)


def test_each_clarification_says_what_is_open_how_it_is_read_why_and_where() -> None:
    entries = _text("CLARIFICATIONS.md").split("\n### ")[1:]
    assert len(entries) > 25
    for entry in entries:
        title = entry.splitlines()[0]
        for part in ("Open", "Reading", "Why", "Where"):
            assert f"- *{part}*: " in entry, f"{title}: {part}"
