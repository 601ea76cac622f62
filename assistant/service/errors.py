"""Why a use case was refused. Messages are safe to show: no patient data, no request text.

ServiceError
├── UnknownContextError       no open record under this id
├── SignInEndedError          the EHR no longer accepts this sign-in
├── UnknownDemoPatientError   no demo patient of this name
├── UploadsDisabledError      this service takes no uploaded records
├── UnreadableRecordError     the upload is not readable FHIR
├── AmbiguousPatientError     the upload holds several patients, or not the one asked for
├── UnknownRulesetNameError   no ruleset of this name
├── UnusableAssertionError    the asserted fact cannot be used
├── UnknownAssertionError     no asserted fact under this id
├── UnknownEvidenceError      the record has no such resource or element
├── WriteBackDisabledError    reports are not written to this record's EHR
├── WriteBackFailedError      the EHR did not take the report
├── UnknownPassageError       the knowledge base has no such passage or rule
├── ReviewUnavailableError    no blind review is set up here, or its files do not work
├── UnknownPairError          the review has no such pair
└── KnowledgeUnavailableError the knowledge base is not open
"""

from collections.abc import Sequence


class ServiceError(Exception):
    """A use case was refused; ``str(error)`` says why and what to do."""


class UnknownContextError(ServiceError):
    """No record is open under this id."""

    def __init__(self) -> None:
        super().__init__(
            "No open record under this address: it was closed or never opened. "
            "Open the patient again."
        )


class SignInEndedError(ServiceError):
    """The EHR no longer accepts this sign-in."""

    def __init__(self) -> None:
        super().__init__(
            "The EHR no longer accepts this sign-in, so the record was closed. "
            "Launch the assistant again from the patient's chart."
        )


class UnknownDemoPatientError(ServiceError):
    """No demo patient of this name."""

    def __init__(self) -> None:
        super().__init__("No demo patient of this name. GET /api/patients lists them.")


class UploadsDisabledError(ServiceError):
    """Uploads are off."""

    def __init__(self) -> None:
        super().__init__(
            "This service takes no uploaded records. Launch it from the EHR, "
            "or set uploads = true in its settings for an evaluation."
        )


class UnreadableRecordError(ServiceError):
    """The upload is not readable FHIR."""


class AmbiguousPatientError(ServiceError):
    """The upload holds several patients, or not the one asked for."""


class UnknownRulesetNameError(ServiceError):
    """No ruleset of this name."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"No ruleset of this name. There are: {', '.join(names)}.")


class UnusableAssertionError(ServiceError):
    """The asserted fact cannot be used."""


class UnknownAssertionError(ServiceError):
    """No asserted fact under this id."""

    def __init__(self) -> None:
        super().__init__("No asserted fact under this id; it may have been removed already.")


class UnknownTurnError(ServiceError):
    """No such turn in the conversation."""

    def __init__(self) -> None:
        super().__init__("The conversation holds no such turn; it may have been forgotten.")


class NoFeedbackError(ServiceError):
    """Ratings are kept for records opened on the page only."""

    def __init__(self) -> None:
        super().__init__("Ratings are kept for records opened on the page, not over the API.")


class UnknownEvidenceError(ServiceError):
    """The record has no such resource or element."""

    def __init__(self) -> None:
        super().__init__("The record as read holds no such resource or element.")


class WriteBackDisabledError(ServiceError):
    """Reports are not written to this record's EHR."""

    def __init__(self) -> None:
        super().__init__(
            "Reports are not written from here: the record was not launched from an EHR, or the "
            "site has not set write_back = true for it. The report can be downloaded instead."
        )


class WriteBackFailedError(ServiceError):
    """The EHR did not take the report."""


class UnknownPassageError(ServiceError):
    """The knowledge base has no such passage or rule."""

    def __init__(self) -> None:
        super().__init__("The knowledge base holds no such passage or rule.")


class KnowledgeUnavailableError(ServiceError):
    """The knowledge base is not open."""

    def __init__(self) -> None:
        super().__init__(
            "The knowledge base is not open yet, or could not be opened: staging works, "
            "source passages and answers do not. See /ready."
        )


class ReviewUnavailableError(ServiceError):
    """No blind review is set up here, or its files do not work."""

    def __init__(self, why: str = "No review is set up here: set review_pairs.") -> None:
        super().__init__(why)


class UnknownPairError(ServiceError):
    """The review has no such pair."""

    def __init__(self) -> None:
        super().__init__("The review has no pair of this id. GET …/review lists them.")
