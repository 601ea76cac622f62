"""What answering needs from outside: the chart as it stands, and the knowledge."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class PassagePort(Protocol):
    """One passage of the knowledge, in our words."""

    @property
    def passage_id(self) -> str:
        """Id by which the passage is cited."""

    @property
    def source_id(self) -> str:
        """Key of the source it renders."""

    @property
    def section(self) -> str:
        """Heading in the source, verbatim."""

    @property
    def text(self) -> str:
        """What the passage says."""


class HitPort(Protocol):
    """A passage found for a query."""

    @property
    def passage(self) -> PassagePort:
        """The passage."""

    @property
    def score(self) -> float:
        """How well it fits."""


class KnowledgePort(Protocol):
    """The passages a rule or a question stands on."""

    def search(self, query: str, k: int = 5) -> Sequence[HitPort]:
        """The ``k`` passages nearest to ``query``, best first."""

    def passages_for_rule(self, rule_id: str) -> Sequence[PassagePort]:
        """The passages that state a rule."""


class RecordPort(Protocol):
    """The chart of one patient."""

    @property
    def resources(self) -> Mapping[str, dict[str, Any]]:
        """Raw FHIR JSON by ``Type/id``."""

    def excerpt(self, reference: str, element: str) -> str:
        """What stands at ``element`` of ``reference``, as short text; empty if nothing does."""


class NoKnowledge:
    """Stands in where the knowledge could not be opened: it knows nothing."""

    def search(self, query: str, k: int = 5) -> Sequence[HitPort]:  # noqa: ARG002
        """No passage."""
        return ()

    def passages_for_rule(self, rule_id: str) -> Sequence[PassagePort]:  # noqa: ARG002
        """No passage."""
        return ()
