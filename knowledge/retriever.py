"""The search as a LangChain retriever, to plug into any chain."""

from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

if TYPE_CHECKING:
    from knowledge.base import KnowledgeBase


class KnowledgeRetriever(BaseRetriever):
    """Passages as LangChain documents, best first; none when nothing answers the question.

    ``metadata`` of a document holds passage_id, source_id, section, topic, citations and score.
    """

    knowledge: Any
    """The :class:`~knowledge.base.KnowledgeBase` to search."""
    k: int = 5
    topic: str | None = None
    source_id: str | None = None
    abstain: bool = True
    """Whether to return nothing where the knowledge holds no answer."""

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  LangChain passes it
    ) -> list[Document]:
        base: KnowledgeBase = self.knowledge
        findings = base.find(query, self.k, topic=self.topic, source_id=self.source_id)
        if self.abstain and not findings.answered:
            return []
        return [
            Document(
                id=hit.passage.passage_id,
                page_content=hit.passage.text,
                metadata={
                    "passage_id": hit.passage.passage_id,
                    "source_id": hit.passage.source_id,
                    "section": hit.passage.section,
                    "topic": hit.passage.topic,
                    "citations": list(hit.passage.citations),
                    "beyond_source": hit.passage.beyond_source,
                    "score": hit.score,
                },
            )
            for hit in findings.hits
        ]
