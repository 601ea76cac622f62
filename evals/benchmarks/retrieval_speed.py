"""Measures how long the index takes to build, and a query against embedding its text alone.

Run: ``python -m evals.benchmarks.retrieval_speed``. Embedding and search alternate within the run,
so that a busy machine slows both alike.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from evals.benchmarks.retrieval_questions import questions
from knowledge.base import open_knowledge
from knowledge.embedder import MiniLmEmbeddings

ROUNDS = 3


def main() -> None:
    """Print the figures of the report."""
    embedder = MiniLmEmbeddings()
    with tempfile.TemporaryDirectory() as folder:
        built = _milliseconds(lambda: open_knowledge(Path(folder), embedder=embedder))
        started = time.perf_counter()
        knowledge = open_knowledge(Path(folder), embedder=embedder)
        opened = (time.perf_counter() - started) * 1000
        texts = [item.text for item in questions()]
        knowledge.find(texts[0])
        alone, whole = [], []
        for text in texts * ROUNDS:
            alone.append(_milliseconds(partial(embedder.embed_query, text)))
            whole.append(_milliseconds(partial(knowledge.find, text)))
        processor = [
            _processor_milliseconds(work, texts) for work in (embedder.embed_query, knowledge.find)
        ]
    print(f"index of {len(knowledge.passages)} passages built in {built / 1000:.1f} s")
    print(f"opened again in {opened / 1000:.2f} s")
    print(f"{len(whole)} queries     p50 ms   p95 ms")
    for name, times in (("embedding alone", alone), ("whole search", whole)):
        print(f"{name:15} {_percentile(times, 50):8.2f} {_percentile(times, 95):8.2f}")
    ratio = _percentile(whole, 95) / _percentile(alone, 95)
    print(f"p95 ratio {ratio:.2f}; ratio of processor time {processor[1] / processor[0]:.2f}")


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _processor_milliseconds(work: Callable[[str], object], texts: list[str]) -> float:
    """What the work costs this process, all threads together, however busy the machine is."""
    started = time.process_time()
    for text in texts:
        work(text)
    return (time.process_time() - started) * 1000 / len(texts)


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    main()
