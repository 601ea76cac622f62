"""Reads the passages written by this project: ``corpus/*.md``, one section of a source a file.

A file opens with TOML between ``+++`` lines (source_id, section, topic, beyond_source).
Each ``## slug`` then begins one passage: optional ``key: value`` lines, a blank line, its text.
The keys are ``rules``, ``problems``, ``sources`` (keys of sources.toml), ``source``
(another source than the file's), ``section``, ``beside`` (slugs this passage comments on),
``defines`` (names of what the passage says what it is, parted by ``|``) and ``asks`` (how
people ask for it, parted by ``|``), which may stand on several lines.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from knowledge.passages import KnowledgeError, Passage, Topic

CORPUS = Path(__file__).parent / "corpus"
_HEADER = re.compile(r"\A\+\+\+\n(?P<toml>.*?)\n\+\+\+\n(?P<body>.*)\Z", re.DOTALL)
_PASSAGE = re.compile(r"^## (?P<slug>[a-z0-9-]+)\n", re.MULTILINE)
_FIELD = re.compile(r"(?P<key>[a-z]+): (?P<value>.+)")
_FIELDS = frozenset(
    {"rules", "problems", "sources", "source", "section", "beside", "asks", "defines"}
)


@cache
def authored_passages() -> tuple[Passage, ...]:
    """Every passage of the shipped corpus, in reading order."""
    return read_corpus(CORPUS)


@cache
def source_titles() -> Mapping[str, str]:
    """The full reference of every source of the shipped corpus, by id."""
    return _references(CORPUS / "sources.toml")


def read_corpus(folder: Path) -> tuple[Passage, ...]:
    """Every passage of the files in ``folder``, in the order of file names and headings."""
    references = _references(folder / "sources.toml")
    passages = [
        passage for path in sorted(folder.glob("*.md")) for passage in _read_file(path, references)
    ]
    known = {passage.passage_id for passage in passages}
    if len(known) != len(passages):
        raise KnowledgeError(f"{folder.name}: two passages share one id")
    for passage in passages:
        if unknown := set(passage.beside) - known:
            raise KnowledgeError(
                f"{passage.passage_id}: beside names no passage: {sorted(unknown)}"
            )
    return tuple(passages)


def _references(path: Path) -> Mapping[str, str]:
    """The full reference of each source, by key."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        key: f"{entry['citation']}. {entry['identifier']}"
        if entry["identifier"]
        else entry["citation"]
        for key, entry in entries.items()
    }


def _read_file(path: Path, references: Mapping[str, str]) -> Iterator[Passage]:
    match = _HEADER.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise KnowledgeError(f"{path.name}: expected TOML between two +++ lines at the top")
    header = tomllib.loads(match["toml"])
    if header["topic"] not in get_args(Topic):
        raise KnowledgeError(f"{path.name}: unknown topic {header['topic']!r}")
    stem = path.stem.split("-", 1)[1]
    body = match["body"]
    starts = list(_PASSAGE.finditer(body))
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        block = body[start.end() : following.start() if following else len(body)]
        yield _passage(f"{stem}/{start['slug']}", block, header, references)


def _passage(
    passage_id: str, block: str, header: Mapping[str, Any], references: Mapping[str, str]
) -> Passage:
    fields, text = _split(passage_id, block)
    source_id = fields.get("source", header["source_id"])
    cited = _items(fields.get("sources", "")) or (source_id,)
    if unknown := [key for key in (source_id, *cited) if key not in references]:
        raise KnowledgeError(f"{passage_id}: sources.toml has no entry {unknown}")
    stem = passage_id.split("/", 1)[0]
    return Passage(
        passage_id=passage_id,
        source_id=source_id,
        section=fields.get("section", header["section"]),
        text=text,
        topic=header["topic"],
        rules=_items(fields.get("rules", "")),
        problem_ids=_items(fields.get("problems", "")),
        beyond_source=source_id != "trd-article",
        citations=tuple(references[key] for key in cited),
        beside=tuple(
            slug if "/" in slug else f"{stem}/{slug}" for slug in _items(fields.get("beside", ""))
        ),
        asks=_items(fields.get("asks", ""), "|"),
        defines=_items(fields.get("defines", ""), "|"),
    )


def _split(passage_id: str, block: str) -> tuple[dict[str, str], str]:
    """The ``key: value`` lines right below the heading, and the text after the blank line."""
    head, _, text = block.partition("\n\n") if not block.startswith("\n") else ("", "", block)
    fields: dict[str, str] = {}
    for line in head.strip().splitlines():
        match = _FIELD.fullmatch(line)
        if match is None or match["key"] not in _FIELDS:
            raise KnowledgeError(f"{passage_id}: expected `key: value`, found {line!r}")
        value = match["value"].strip()
        fields[match["key"]] = (
            f"{fields['asks']} | {value}" if match["key"] == "asks" and "asks" in fields else value
        )
    joined = " ".join(text.split())
    if not joined:
        raise KnowledgeError(f"{passage_id}: a passage without text")
    return fields, joined


def _items(value: str, parted_by: str = ",") -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(parted_by) if item.strip())
