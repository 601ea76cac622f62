"""Writing a file so that a crash leaves the old one or the new one."""

import os
import uuid
from pathlib import Path


def write_durably(path: Path, text: str) -> None:
    """Replace a file in one step that survives a crash."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
