"""What a CDS client sends, read strictly where it is used; what is not used is ignored."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

PATIENT_VIEW = "patient-view"
ORDER_SELECT = "order-select"
_MOST_FEEDBACK = 100
_MOST_SELECTIONS = 200

PatientId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9\-._]{1,64}$", description="FHIR id of the patient")
]


class _Read(BaseModel):
    """Members of ours are not coerced; extensions of a vendor are let be."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, frozen=True)


class FhirAuthorization(_Read):
    """The client's permission to read its FHIR server; kept no longer than the call."""

    access_token: SecretStr = Field(description="bearer token; used for this call only")
    token_type: Literal["Bearer"] = Field(description="kind of token: Bearer")
    expires_in: int = Field(description="life of the token, in seconds")
    scope: str = Field(max_length=4000, description="granted scopes, separated by spaces")
    subject: str = Field(max_length=300, description="OAuth client id the token was issued to")
    patient: str | None = Field(
        default=None, max_length=64, description="FHIR id of the patient the token is bound to"
    )


class HookContext(_Read):
    """Who looks at whom, and of an order the drafts."""

    userId: str = Field(  # noqa: N815  the specification's spelling
        max_length=300, description="FHIR reference of the user, Practitioner/id"
    )
    patientId: PatientId  # noqa: N815  the same
    selections: list[str] = Field(
        default_factory=list,
        max_length=_MOST_SELECTIONS,
        description="references of the drafts just selected, Type/id",
    )
    draftOrders: dict[str, Any] | None = Field(  # noqa: N815  the same
        default=None, description="FHIR Bundle of unsigned orders"
    )


class HookRequest(_Read):
    """One call of a service."""

    hook: Literal["patient-view", "order-select"] = Field(description="name of the hook")
    hookInstance: UUID = Field(description="UUID of this call")  # noqa: N815  the same
    context: HookContext = Field(description="who looks at whom")
    fhirServer: str | None = Field(  # noqa: N815  the same
        default=None, max_length=2000, description="FHIR base URL of the client"
    )
    fhirAuthorization: FhirAuthorization | None = Field(  # noqa: N815  the same
        default=None, description="permission to read that server"
    )
    prefetch: dict[str, Any] | None = Field(
        default=None, description="FHIR resources by the keys of the service's prefetch"
    )


class OverrideReason(_Read):
    """Why a card was set aside."""

    reason: dict[str, Any] | None = Field(default=None, description="Coding of the reason")
    userComment: str | None = Field(  # noqa: N815  the same
        default=None, max_length=10_000, description="free text; it is not kept"
    )


class CardFeedback(_Read):
    """What became of one card."""

    card: UUID = Field(description="UUID of the card")
    outcome: Literal["accepted", "overridden"] = Field(description="accepted or overridden")
    outcomeTimestamp: str = Field(  # noqa: N815  the same
        pattern=r"^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$", description="ISO 8601 date-time"
    )
    overrideReason: OverrideReason | None = Field(  # noqa: N815  the same
        default=None, description="why it was overridden"
    )


class Feedback(_Read):
    """What became of the cards of a service."""

    feedback: list[CardFeedback] = Field(
        min_length=1, max_length=_MOST_FEEDBACK, description="one entry a card"
    )
