"""Why an input gives no record at all.

::

    AdapterError
    ├── UnreadableInput      not FHIR JSON, or nothing of a patient in it (exit 3)
    └── PatientChoiceError   (exit 4)
        ├── SeveralPatients  more than one patient and none chosen
        └── PatientNotFound  the chosen one is not in it

A single bad entry is no exception: it is an :class:`~assistant.staging.record.Issue`.
Messages say what came, what was expected, where, and what to do; never patient data.
"""


class AdapterError(Exception):
    """An input that gives no record; ``message`` is safe to show to anyone."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnreadableInput(AdapterError):  # noqa: N818 - names what came, as the docs do
    """The input is not FHIR JSON, or holds nothing of a patient."""

    exit_code = 3


class PatientChoiceError(AdapterError):
    """Which patient is meant is not settled."""

    exit_code = 4


class SeveralPatients(PatientChoiceError):  # noqa: N818 - names what came, as the docs do
    """The input holds more than one patient and none was chosen."""


class PatientNotFound(PatientChoiceError):  # noqa: N818 - names what came, as the docs do
    """The chosen patient is not in the input."""
