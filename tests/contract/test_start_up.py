"""The commands that need no knowledge and no page start without loading either."""

import json

import pytest

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
