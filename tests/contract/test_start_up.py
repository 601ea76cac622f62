"""The commands that need no knowledge and no page start without loading either."""

import json

import pytest

from evals.benchmarks.start_up import HELP_TARGET, STAGE_TARGET, measured, ratios
from tests.lib import demo
from tests.lib.commands import python

_HEAVY = ("langchain", "langchain_core", "langchain_chroma", "chromadb", "streamlit", "onnxruntime")
_PROGRAM = """
import json, sys
from assistant.cli import main
sys.argv = ["trd-assistant", *sys.argv[1:]]
try:
    main()
except SystemExit as done:
    code = done.code or 0
else:
    code = 0
loaded = {name.split(".")[0] for name in sys.modules}
print(json.dumps({"exit": code, "loaded": sorted(loaded)}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("stage", str(demo.path("worked-case")), "--as-of", "2024-06-03", "--format", "json"),
        ("stage", str(demo.path("worked-case")), "--as-of", "2024-06-03"),
    ],
    ids=["help", "stage as JSON", "stage as text"],
)
def test_help_and_stage_load_neither_langchain_nor_chroma_nor_streamlit(
    arguments: tuple[str, ...],
) -> None:
    run = python(_PROGRAM, *arguments)
    found = json.loads(run.err.strip().splitlines()[-1])
    assert found["exit"] == 0
    assert [name for name in _HEAVY if name in found["loaded"]] == []
    if "--help" in arguments:
        assert "rich" not in found["loaded"]


def test_help_and_stage_cost_little_more_than_what_they_must_load() -> None:
    """Processor time within one run, so that neither machine nor load decides."""
    told, staged = ratios(measured(rounds=3))
    assert told <= HELP_TARGET
    assert staged <= STAGE_TARGET
