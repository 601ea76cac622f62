"""Measures the same search on PubMedQA: 1,000 questions over the paragraphs of their abstracts.

Run: ``python -m evals.benchmarks.retrieval_pubmedqa [FOLDER]``; the folder keeps the index.
"""

import json
import sys
import tempfile
from pathlib import Path

from evals.benchmarks.retrieval_questions import Question, quality, rankings
from knowledge.base import KnowledgeBase
from knowledge.embedder import MiniLmEmbeddings
from knowledge.passages import Passage
from knowledge.vector_index import open_index

DATA = Path(__file__).parents[3] / "shared" / "data" / "retrieval" / "pubmedqa" / "ori_pqal.json"


def benchmark() -> tuple[list[Passage], list[Question]]:
    """Every paragraph, and every question with the paragraphs of its own abstract."""
    passages, asked = [], []
    for pubmed_id, row in json.loads(DATA.read_text(encoding="utf-8")).items():
        own = [
            Passage(
                passage_id=f"{pubmed_id}/{at}",
                source_id=pubmed_id,
                section="",
                text=text,
                topic="site",
            )
            for at, text in enumerate(row["CONTEXTS"])
        ]
        passages.extend(own)
        relevant = frozenset(passage.passage_id for passage in own)
        asked.append(Question(pubmed_id, "sealed", "plain", row["QUESTION"], relevant))
    return passages, asked


def main() -> None:
    """Print one line a ranking."""
    if not DATA.is_file():
        print(f"skipped: no {DATA.name} beside this repository")
        return
    passages, asked = benchmark()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        embedder = MiniLmEmbeddings()
        vectors = open_index(root, passages, embedder, embedder.identity)
        knowledge = KnowledgeBase(passages, embedder=embedder, vectors=vectors)
        print(f"PubMedQA: {len(asked)} questions, {len(passages)} paragraphs")
        print("ranking  recall@5  hit@5  nDCG@10")
        for name, rank in rankings(knowledge).items():
            row = quality(rank, asked)
            print(f"{name:8} {row.recall_at_5:8.3f} {row.hit_at_5:7.3f} {row.ndcg_at_10:7.3f}")


if __name__ == "__main__":
    main()
