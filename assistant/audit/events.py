"""What is audited: an action on one patient's record, or on a session."""

from dataclasses import dataclass, field
from enum import StrEnum


class AuditedAction(StrEnum):
    """What was done."""

    READ = "read"
    """Something of the record was shown to the user."""
    ANSWER = "answer"
    """A question about the record was answered."""
    QUERY = "query"
    """The record was asked of a FHIR server, or came with the request."""
    CREATE = "create"
    """A report was written to a FHIR server."""
    LAUNCH = "launch"
    """A session began, or its beginning was refused."""
    LOGOUT = "logout"
    """A session ended."""
    REFUSED = "refused"
    """A request without authority was refused."""


class Outcome(StrEnum):
    """How it ended, with the codes of ``audit-event-outcome``."""

    SUCCESS = "0"
    REFUSED = "4"
    FAILED = "8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who acted, and under which authority."""

    user: str = ""
    """``fhirUser`` of the session, or the subject a CDS client names; empty where unknown."""
    authority: tuple[str, ...] = ()
    """URIs of what the access rests on: the issuer that signed the user in, the token's id."""
    client: str = ""
    """Client id of the application that asks; empty is this assistant's own page."""
    address: str = ""
    """Network address the request came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedEvent:
    """One action. It holds references only: no name, no question, no value of the record."""

    action: AuditedAction
    agent: Agent = field(default_factory=Agent)
    patient: str | None = None
    """``Patient/id``; None where no patient is known (a refused launch)."""
    what: str = ""
    """``Type/id`` that was read or written; empty is the patient's record as a whole."""
    query: str = ""
    """Of a query: the server's address, or how the record came (``prefetch``, ``upload``)."""
    session: str = ""
    """Name of the session or record context; it is stored as a hash."""
    outcome: Outcome = Outcome.SUCCESS
    reason: str = ""
    """A fixed word of ours for a refusal or a fault: ``foreign_state``; never a caller's text."""
