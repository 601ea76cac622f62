"""An index of the shipped corpus, built once for all tests of this machine."""

import os
import shutil
from functools import cache
from pathlib import Path

from knowledge.base import open_knowledge

_FOLDER = Path(os.environ["TRD_ASSISTANT_DATA"]) / "knowledge"


@cache
def _built() -> Path:
    open_knowledge(_FOLDER).close()
    return _FOLDER


def copy_built_index(folder: Path) -> Path:
    """The folder of a knowledge base, with its index already built."""
    shutil.copytree(_built() / "index", folder / "index")
    return folder
