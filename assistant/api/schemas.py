"""Bodies and answers of the API. Every quantity names its unit in its description."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from assistant.answering.case import AsOf

QUESTION_CHARACTERS = 2000
HISTORY_TURNS = 200

AS_OF = (
    "calendar date (2024-06-01) or date-time (2024-06-01T12:00:00) of the view; without an "
    "offset it is the record's own wall clock; the record's date when absent"
)
AsOfText = Annotated[str | None, Field(max_length=40, description=AS_OF, examples=["2024-06-01"])]


class Strict(BaseModel):
    """A body in which nothing is coerced and nothing unknown is accepted."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class TurnBody(Strict):
    """An earlier turn of the conversation."""

    question: str = Field(max_length=QUESTION_CHARACTERS, description="text of the question")
    answer: str = Field(default="", max_length=20_000, description="text of the answer")


class Ask(Strict):
    """A question about the open record."""

    question: str = Field(
        min_length=1, max_length=QUESTION_CHARACTERS, description="text of the question"
    )
    as_of: AsOfText = None
    history: list[str | TurnBody] | None = Field(
        default=None,
        max_length=HISTORY_TURNS,
        description="earlier questions or turns, oldest first; without it the kept ones are used",
    )
    ruleset: str | None = Field(
        default=None, max_length=60, description="name of a ruleset; the service's own when absent"
    )
    remember: bool = Field(default=False, description="keep this turn with the open record")
    conversation: int | None = Field(
        default=None,
        ge=1,
        le=HISTORY_TURNS,
        description="number of the kept conversation it belongs to, from 1; the latest if absent",
    )


class Rating(Strict):
    """What a clinician says of an answer."""

    helpful: bool = Field(description="thumb up or down")
    reason: Literal["", "wrong", "incomplete", "citation", "unclear", "slow", "other"] = Field(
        default="", description="what was wrong with it, if anything"
    )
    note: str = Field(default="", max_length=1000, description="in the clinician's own words")


class ScoreValue(Strict):
    """A rating-scale total."""

    scale: str = Field(max_length=40, description="PHQ-9, HAM-D-17, MADRS …")
    score: int | float = Field(description="total score, in points of the scale")
    date: str | None = Field(
        default=None, max_length=10, description="calendar date, as precise as known: 2024-06"
    )


class AssertedFact(Strict):
    """A fact the clinician vouches for (contract.md, --assert)."""

    fact: str = Field(
        min_length=1,
        max_length=40,
        description="adherence (share of doses, 0-1, or met/not_met), dose (mg/day), start or end "
        "(date), outcome, stop_reason, indication, diagnosis, laterality, severity …",
    )
    value: str | bool | int | float | ScoreValue = Field(
        description="in the unit its fact names: mg/day for a dose, 0-1 for adherence"
    )
    trial: str | None = Field(default=None, max_length=40, description="trial id of the report")
    drug: str | None = Field(default=None, max_length=80, description="ingredient")
    procedure: str | None = Field(default=None, max_length=40, description="procedure id")
    author: str = Field(default="", max_length=120, description="name of who vouches for it")
    at: str = Field(
        default="", max_length=40, description="date-time, ISO 8601; the service's clock if absent"
    )


class Opened(BaseModel):
    """An opened record."""

    ctx: str = Field(description="id of the open record, for every further call")
    patient: str = Field(description="Type/id of the patient")


class SessionState(BaseModel):
    """A living session."""

    kind: str = Field(description="launch, demo, or api for a record opened over the API")


class DemoPatientLine(BaseModel):
    """One demo patient on offer."""

    id: str = Field(description="id of the demo patient")
    title: str = Field(description="name for people")
    story: str = Field(description="what the record tells")
    as_of: str | None = Field(description="calendar date the story is told at: 2024-06-03")


class DemoPatientList(BaseModel):
    """The demo patients; empty where the demo is off."""

    patients: list[DemoPatientLine] = Field(description="demo patients in the order offered")


class HeldFact(BaseModel):
    """An asserted fact that is kept."""

    id: str = Field(description="id under which it can be withdrawn")
    fact: str = Field(description="kind of fact: adherence, dose, outcome …")
    value: Any = Field(description="as asserted: mg/day for a dose, 0-1 for adherence")
    trial: str | None = Field(description="trial id of the report")
    drug: str | None = Field(description="ingredient")
    procedure: str | None = Field(description="procedure id of the report")
    author: str = Field(description="name of who vouches for it")
    at: str = Field(description="date-time, ISO 8601")


class HeldFacts(BaseModel):
    """Asserted facts, oldest first."""

    assertions: list[HeldFact] = Field(description="asserted facts, oldest first")


class ElementView(BaseModel):
    """One element of a resource, with the resource it stands in."""

    reference: str = Field(description="Type/id")
    element: str = Field(description="path inside the resource, zero-based; empty for the whole")
    value: Any = Field(description="raw FHIR JSON of the element")
    resource: dict[str, Any] = Field(description="raw FHIR JSON of the resource")


class PassageView(BaseModel):
    """One passage of the knowledge base, in our words."""

    passage_id: str = Field(description="id of the passage")
    source_id: str = Field(description="key of the source")
    section: str = Field(description="heading in the source, verbatim")
    text: str = Field(description="the passage, in our words")
    beyond_source: bool = Field(
        default=False, description="true where it goes beyond the source text"
    )
    citations: list[str] = Field(default_factory=list, description="source keys it rests on")
    rules: list[str] = Field(default_factory=list, description="rules it stands behind")
    score: float | None = Field(default=None, description="fit to the query, 0-1; no unit")


class PassageList(BaseModel):
    """Passages in rank order."""

    passages: list[PassageView] = Field(description="passages, best first")


class CdsServiceLine(BaseModel):
    """One CDS service."""

    hook: str = Field(description="hook that the service answers")
    id: str = Field(description="id of the service, the last part of its path")
    title: str = Field(description="name for people")
    description: str = Field(description="what its cards say")
    prefetch: dict[str, str] = Field(description="FHIR query by key, with placeholders")


class CdsServiceList(BaseModel):
    """The CDS services on offer."""

    services: list[CdsServiceLine] = Field(description="services, in a fixed order")


class State(BaseModel):
    """Whether the service, or a part of it, works."""

    status: str = Field(description="ok; or ready, opening, failed")
    parts: dict[str, Any] = Field(default_factory=dict, description="state of each part, by name")


def _as_of(
    as_of: Annotated[
        str | None,
        Query(
            max_length=40,
            description=AS_OF,
            examples=["2024-06-01"],
        ),
    ] = None,
) -> AsOf | None:
    return read_as_of(as_of, "query")


def read_as_of(text: str | None, where: str) -> AsOf | None:
    """The moment ``text`` names, or None where there is none.

    Raises:
        RequestValidationError: it names none of the calendar.
    """
    if text is None:
        return None
    try:
        return AsOf.parse(text)
    except ValueError:
        raise RequestValidationError([{"type": "as_of", "loc": (where, "as_of")}]) from None


AsOfQuery = Annotated[AsOf | None, Depends(_as_of)]
RulesetQuery = Annotated[
    str | None, Query(max_length=60, description="ruleset; the service's own when absent")
]
