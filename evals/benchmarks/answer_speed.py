"""How long an answer takes without a model, as a multiple of embedding one query, in one run.

Run from the project's root: ``python -m evals.benchmarks.answer_speed``. The questions are those
of the suite on the demo patients; the embedder is the one the knowledge search uses. Exit 1 where
the 95th percentile is ten times the median embedding or more.
"""

import sys
import time
from statistics import median, quantiles

from assistant.bootstrap import open_knowledge
from evals.questions import run

LIMIT = 10.0
_WARM_UP = 5
_MILLISECONDS = 1000


def main() -> int:
    """Print the figures of this run."""
    knowledge = open_knowledge()
    if knowledge.embedder is None:
        sys.stdout.write("skipped: there is no embedder on this machine\n")
        return 2
    list(run(knowledge))  # records read, caches warm, as in a service
    scored = list(run(knowledge))
    answers = [one.reply.ms for one in scored]
    embeddings = []
    for one in scored:
        began = time.perf_counter()
        knowledge.embedder.embed_query(one.question)
        embeddings.append((time.perf_counter() - began) * _MILLISECONDS)
    slow = quantiles(answers, n=20)[-1]
    unit = median(embeddings[_WARM_UP:])
    print(f"{len(answers)} answers: median {median(answers):.1f} ms, p95 {slow:.1f} ms")
    print(f"embedding one query: median {unit:.1f} ms; p95 of an answer = {slow / unit:.1f} times")
    return 0 if slow < LIMIT * unit else 1


if __name__ == "__main__":
    sys.exit(main())
