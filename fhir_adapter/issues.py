"""What could not be read, collected with its place."""

from assistant.staging.record import Issue


class IssueLog:
    """Collects issues in the order found; the same one is kept once."""

    def __init__(self) -> None:
        self._issues: dict[Issue, None] = {}

    def error(self, resource: str, path: str, problem: str) -> None:
        """Something that is not used."""
        self._issues[Issue(severity="error", resource=resource, path=path, problem=problem)] = None

    def warning(self, resource: str, path: str, problem: str) -> None:
        """Something that is used with care."""
        self._issues[Issue(severity="warning", resource=resource, path=path, problem=problem)] = (
            None
        )

    def found(self) -> tuple[Issue, ...]:
        """Every issue so far."""
        return tuple(self._issues)
