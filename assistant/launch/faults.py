"""Why a launch is refused. ``reason`` is a fixed word for audit and log, the message is shown.

Neither repeats anything that came with the request or from the EHR.
"""

from http import HTTPStatus

AGAIN = "Close this page and launch the assistant again from the patient's chart."


class LaunchRefusedError(Exception):
    """A launch or its return is refused, or the EHR failed."""

    def __init__(
        self, reason: str, message: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


def ehr_failed(reason: str, message: str) -> LaunchRefusedError:
    """The EHR did not answer, or not as SMART App Launch asks."""
    return LaunchRefusedError(reason, f"{message} {AGAIN}", status=HTTPStatus.BAD_GATEWAY)
