"""Why a server gives no record at all; both are an input that cannot be read (exit 3)."""

from fhir_adapter.errors import UnreadableInput


class ServerUnavailable(UnreadableInput):
    """The server does not answer, or not with FHIR JSON."""


class AccessRefused(UnreadableInput):
    """The server does not let this reader see the patient."""
