"""The published JSON schemas, ready to check a document against."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.lib.demo import REPOSITORY

FOLDER = REPOSITORY / "docs" / "schemas"


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, registry=Registry(retrieve=_published))


def _published(uri: str) -> Resource[Any]:
    """The schema that another names by its file."""
    schema = json.loads((FOLDER / uri).read_text(encoding="utf-8"))
    return Resource.from_contents(schema, default_specification=DRAFT202012)


def violations(name: str, document: Any) -> list[str]:
    """What in ``document`` breaks the schema, one line each; empty if nothing does."""
    found = _validator(name).iter_errors(document)
    return sorted(f"{error.json_path}: {error.message[:300]}" for error in found)
