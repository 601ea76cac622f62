"""What answering needs from outside: the chart as it stands, and the knowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


class FindingsPort(Protocol):
    """What a search found, and whether it answers the question."""

    @property
    def hits(self) -> Sequence[HitPort]:
        """The passages, best first."""

    @property
    def answered(self) -> bool:
        """Whether they are good enough to answer from."""


class EmbedderPort(Protocol):
    """Turns texts into vectors of one space, on this machine."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in order."""

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""


class KnowledgePort(Protocol):
    """The passages a rule or a question stands on."""

    @property
    def embedder(self) -> "EmbedderPort | None":
        """What turns texts into vectors on this machine; None where there is nothing to do so."""

    def find(self, query: str, k: int = 5) -> FindingsPort:
        """The ``k`` passages nearest to ``query``."""

    def passages_for_rule(self, rule_id: str) -> Sequence[PassagePort]:
        """The passages that state a rule."""


class RecordPort(Protocol):
    """The chart of one patient."""

    @property
    def resources(self) -> Mapping[str, dict[str, Any]]:
        """Raw FHIR JSON by ``Type/id``."""

    def excerpt(self, reference: str, element: str) -> str:
        """What stands at ``element`` of ``reference``, as short text; empty if nothing does."""


@dataclass(frozen=True, slots=True)
class NothingFound:
    """The outcome of a search that had nowhere to look."""

    hits: tuple[HitPort, ...] = ()
    answered: bool = False


class NoKnowledge:
    """Stands in where the knowledge could not be opened: it knows nothing."""

    embedder: EmbedderPort | None = None

    def find(self, query: str, k: int = 5) -> FindingsPort:  # noqa: ARG002
        """No passage."""
        return NothingFound()

    def passages_for_rule(self, rule_id: str) -> Sequence[PassagePort]:  # noqa: ARG002
        """No passage."""
        return ()
