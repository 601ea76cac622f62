"""Evaluation cases: one record, what is asked of it, what is expected.

A file is YAML (one record, many items) or JSON lines (a record and an item a
line). The shape is published as ``docs/schemas/eval-case-1.json``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

SCHEMA = "eval-case/1"
T = TypeVar("T", bound=BaseModel)


class CaseError(Exception):
    """A file of cases cannot be used; the message says where and what was expected."""


def _as_text(value: object) -> object:
    return value if value is None or isinstance(value, str | bool) else str(value)


Text = Annotated[str, BeforeValidator(_as_text)]
"""Text; a date or a number that YAML has read as such is taken as it was written."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Part):
    """A coded condition."""

    code: str = Field(description="ICD-10-CM code")
    onset: Text | None = None
    recorded: Text | None = None


class Drug(_Part):
    """A drug over one period, as a statement, an order or both."""

    drug: str = Field(description="ingredient, as the tables name it")
    mg: float | None = Field(default=None, description="mg a day; absent: not recorded")
    start: Text | None = None
    end: Text | None = None
    status: str | None = None
    taken: float | None = Field(
        default=None, description="share of the period that dispenses cover; absent: no dispenses"
    )
    stopped_for: str | None = Field(default=None, description="reason in words")
    given_for: str | None = Field(default=None, description="indication in words")
    order: bool = Field(default=False, description="recorded as an order, not as a statement")


class ScaleTotal(_Part):
    """One total of a rating scale."""

    scale: str
    value: float
    date: Text


class Lab(_Part):
    """One laboratory value by its LOINC code."""

    loinc: str
    value: float
    unit: str
    date: Text


class Course(_Part):
    """Sessions of a procedure, one a week apart or closer."""

    code: str = Field(description="SNOMED CT code of the procedure")
    dates: list[Text]
    laterality: Literal["bilateral", "unilateral"] | None = None


class Chart(_Part):
    """A record in a few words; :mod:`evals.charts` writes it as a FHIR Bundle."""

    born: Text = "1980-05-01"
    gender: str = "female"
    conditions: list[Condition] = []
    drugs: list[Drug] = []
    scores: list[ScaleTotal] = []
    labs: list[Lab] = []
    courses: list[Course] = []


class Expected(_Part):
    """What the report must say. What is not named is not scored."""

    staging: dict[str, Any] = Field(
        default={}, description="method to its value, or to {at_least, working, at_most}"
    )
    trials: list[dict[str, Any]] | None = Field(
        default=None, description="the trial table, each row with the fields that are scored"
    )
    excluded: list[str] | None = Field(default=None, description="drugs that are no trials")
    checks: dict[str, str] = Field(default={}, description="pseudo-resistance check to status")
    safety: list[str] | None = Field(default=None, description="safety flags")


class Item(_Part):
    """One thing asked of the record: questions in several wordings, or the report."""

    id: str
    ask: list[str] = []
    status: str | None = None
    values: list[Text] | None = None
    says: list[str] = Field(default=[], description="texts that must stand in the answer")
    forbidden: list[str] = Field(default=[], description="texts that must not stand in it")
    cites: list[str] = Field(
        default=[], description="one must be cited: Type/id, Type/id#element, section or passage id"
    )
    history: list[str] = []
    held_out: bool = False
    family: str | None = None
    expect: Expected | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "Item":
        if not self.ask and self.expect is None:
            raise ValueError("give ask (with status), or expect")
        if self.ask and self.status is None:
            raise ValueError("an item that asks needs the expected status")
        return self


class CaseFile(_Part):
    """One record and the items asked of it."""

    patient: str | None = Field(default=None, description="a demo patient's id")
    record: str | None = Field(default=None, description="a FHIR file, beside this one or shared")
    chart: Chart | None = None
    bundle: dict[str, Any] | None = Field(default=None, description="a FHIR Bundle, inline")
    as_of: Text | None = None
    ruleset: str = "source_text"
    note: str = ""
    items: list[Item]


class CaseLine(Item):
    """A line of a JSON-lines file: the record and one item together."""

    patient: str | None = None
    record: str | None = None
    chart: Chart | None = None
    bundle: dict[str, Any] | None = None
    as_of: Text | None = None
    ruleset: str = "source_text"


_OF_FILE = ("patient", "record", "chart", "bundle", "as_of", "ruleset")


def read_cases(path: Path) -> Iterator[CaseFile]:
    """The cases of a file.

    Raises:
        CaseError: it cannot be read, or a case in it has another shape.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path.name}: cannot be read as UTF-8 text ({error})") from None
    if path.suffix == ".jsonl":
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield _line(line, f"{path.name}, line {number}")
        return
    try:
        # YAML of a machine's own making is JSON most of the time; both read alike here
        loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError as error:
        raise CaseError(f"{path.name}: expected YAML ({_one_line(error)})") from None
    yield _checked(CaseFile, loaded, path.name)


def _line(line: str, where: str) -> CaseFile:
    try:
        loaded = json.loads(line)
    except ValueError:
        raise CaseError(f"{where}: expected one JSON object") from None
    given = _checked(CaseLine, loaded, where).model_dump(exclude_unset=True)
    own = {name: given.pop(name) for name in _OF_FILE if name in given}
    return _checked(CaseFile, {**own, "items": [given]}, where)


def _checked(model: type[T], loaded: object, where: str) -> T:
    try:
        return model.model_validate(loaded)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise CaseError(f"{where}: {place}: {first['msg']}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def published_schema() -> dict[str, Any]:
    """The JSON schema of a file of cases, and of a line of JSON lines."""
    file = CaseFile.model_json_schema(ref_template="#/$defs/{model}")
    line = CaseLine.model_json_schema(ref_template="#/$defs/{model}")
    definitions = {**file.pop("$defs"), **line.pop("$defs")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "eval-case-1.json",
        "title": "Evaluation cases of trd-assistant: a YAML file, or a line of JSON lines",
        "anyOf": [{"$ref": "#/$defs/CaseFile"}, {"$ref": "#/$defs/CaseLine"}],
        "$defs": {**definitions, "CaseFile": file, "CaseLine": line},
    }
