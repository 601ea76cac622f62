"""What a run rests on: hashes of datasets, prompts, rules and tables; versions; the seed."""

import hashlib
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from assistant import __version__
from assistant.staging.ruleset import load_ruleset
from evals.gate import TABLE
from evals.suites import FOLDER, Options, Suite

_LENGTH = 16
_PROMPTS = ("model_plan.py", "wording.py")
_LIBRARIES = ("inspect-ai", "langchain-core", "chromadb", "onnxruntime", "tokenizers")


def header_of(
    suites: Sequence[Suite], subject: dict[str, Any], options: Options, limit: int | None
) -> dict[str, Any]:
    """The header of a run; two runs with the same header asked the same thing of the same."""
    ruleset = load_ruleset("source_text")
    return {
        "subject": subject,
        "evaluator": {"version": __version__, "python": platform.python_version()},
        "libraries": {name: version(name) for name in _LIBRARIES},
        "seed": options.seed,
        "limit": limit,
        "ruleset": {"name": ruleset.name, "version": ruleset.version},
        "hashes": {
            "datasets": {suite.name: _datasets(suite, options) for suite in suites},
            "prompts": _of(_package("assistant.answering", name) for name in _PROMPTS),
            "rulesets": _of(_tables("assistant.staging", "tables/rulesets")),
            "tables": _of(
                [*_tables("assistant.staging", "tables"), *_tables("fhir_adapter", "tables")]
            ),
            "corpus": _of(_tables("knowledge", "corpus")),
            "gate": _of([TABLE]),
        },
    }


def _datasets(suite: Suite, options: Options) -> str:
    if options.cases is not None:
        return _of(_below(options.cases))
    return _of(path for name in suite.datasets for path in _below(FOLDER / name))


def _below(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(one for one in path.rglob("*") if one.is_file())


def _package(package: str, name: str) -> Path:
    return Path(str(files(package).joinpath(name)))


def _tables(package: str, folder: str) -> list[Path]:
    return _below(_package(package, folder))


def _of(paths: Iterable[Path]) -> str:
    """One hash over the names and bytes of these files."""
    found = hashlib.sha256()
    for path in paths:
        if "__pycache__" in path.parts:
            continue
        found.update(path.name.encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:_LENGTH]
