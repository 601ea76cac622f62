"""What the knowledge layer holds and what a search returns."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Topic = Literal[
    "introduction",
    "definition",
    "adequacy",
    "outcome",
    "pseudo_resistance",
    "staging",
    "mechanisms",
    "pharmacokinetics",
    "inflammation",
    "stress",
    "glutamate",
    "plasticity",
    "scales",
    "pharmacotherapy",
    "psychotherapy",
    "neuromodulation",
    "ketamine",
    "populations",
    "site",
]
"""What a passage is about; ``site`` is every document a hospital added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One idea, in words that can be quoted, with where it comes from."""

    passage_id: str
    source_id: str
    """Key of the source: ``trd-article``, a key of ``sources.toml``, or an added document."""
    section: str
    """The heading it stands under in its source, verbatim."""
    text: str
    topic: str
    rules: tuple[str, ...] = ()
    """Ids of the rules of the core that this passage explains."""
    problem_ids: tuple[str, ...] = ()
    """Problem ids that the source text attaches to the statement."""
    beyond_source: bool = False
    """Whether the source text does not say this, and another named source does."""
    citations: tuple[str, ...] = ()
    """Full references of the sources it rests on."""
    beside: tuple[str, ...] = ()
    """Passages this one comments on: a reading of a contested statement, with its literature."""
    asks: tuple[str, ...] = ()
    """How people ask for it; helps finding it, is never quoted."""
    defines: tuple[str, ...] = ()
    """Names of what it says what it is: asked for one of them alone, it comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found, and how well it matched (0 to 1, comparable within one search only)."""

    passage: Passage
    score: float
    lexical_only: bool = False
    """Whether it was found by its words alone, because no embedder could be loaded."""


class Signs(NamedTuple):
    """What a search found out about its best passages."""

    coverage: float
    """Share of the question's words, weighted by what they tell, that one of the best holds."""
    similarity: float
    """Nearness of the likest passage or known way of asking; 0 without an embedder."""
    length: float
    """Logarithm of one plus the number of telling words: long questions carry more filler."""
    stray: float
    """Nearness of the likest question that nothing here answers; 0 without an embedder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The outcome of one search."""

    hits: tuple[Hit, ...]
    answered: bool
    """Whether the hits are good enough to answer from; if not, the assistant abstains."""
    confidence: float
    signs: Signs
    """What the confidence was computed from."""


class KnowledgeError(Exception):
    """Something about the passages or their index that a user can act on; safe to show."""
