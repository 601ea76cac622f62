"""Who read which patient, when, and under which authority: FHIR AuditEvents in a hash chain."""

from assistant.audit.events import Agent, AuditedAction, AuditedEvent, Outcome
from assistant.audit.trail import AuditTrail, AuditUnavailableError, FileAuditTrail

__all__ = [
    "Agent",
    "AuditTrail",
    "AuditUnavailableError",
    "AuditedAction",
    "AuditedEvent",
    "FileAuditTrail",
    "Outcome",
]
