"""Where the embedder cannot be loaded the search goes on by words, and says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge import embedder
from knowledge.base import KnowledgeBase, open_knowledge
from knowledge.embedder import EmbedderUnavailableError, load_embedder
from tests.lib.embeddings import HashedWords


def _lexical_only(base: KnowledgeBase) -> bool:
    return base.health()["search"] == "lexical only"


def test_a_wrong_checksum_means_lexical_only_and_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(embedder, "WEIGHTS_SHA256", "0" * 64)
    base = open_knowledge(tmp_path)
    assert _lexical_only(base)
    assert "sha256" in base.health()["reason"]
    hits = base.search("hypomanic symptoms")
    assert hits[0].passage.passage_id == "pseudo-resistance/hypomania"
    assert all(hit.lexical_only for hit in hits)


def test_a_missing_package_means_lexical_only_and_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(embedder, "WEIGHTS", ("no_such_package", "model.onnx"))
    base = open_knowledge(tmp_path)
    assert _lexical_only(base)
    assert "no_such_package" in base.health()["reason"]


def test_a_folder_that_cannot_be_written_means_lexical_only(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    base = open_knowledge(blocked / "index", embedder=HashedWords())
    assert _lexical_only(base)
    assert base.search("remission")


def test_another_embedder_is_taken_by_its_import_path(tmp_path, monkeypatch):
    monkeypatch.setenv("TRD_ASSISTANT_EMBEDDER", "tests.lib.embeddings:hashed_words")
    base = open_knowledge(tmp_path)
    assert base.health()["search"] == "dense and lexical"


def test_changing_the_embedder_builds_the_index_again(tmp_path):
    open_knowledge(tmp_path, embedder=HashedWords()).close()
    first = (tmp_path / "index" / "CURRENT").read_text()
    other = HashedWords()
    other.identity = "other"
    open_knowledge(tmp_path, embedder=other).close()
    assert (tmp_path / "index" / "CURRENT").read_text() != first


@pytest.mark.parametrize("path", ["nowhere:at_all", "os:getcwd", "knowledge", "knowledge.base:x"])
def test_what_makes_no_embedder_is_refused_with_what_was_expected(path):
    with pytest.raises(EmbedderUnavailableError, match="LangChain Embeddings"):
        load_embedder(path)


def test_importing_knowledge_loads_neither_chroma_nor_langchain():
    code = (
        "import sys, knowledge.base, knowledge.library\n"
        "heavy = {'chromadb', 'langchain_core', 'onnxruntime', 'numpy', 'bm25s'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ},
    )
    assert done.stdout.strip() == "[]"


class _Breaks(HashedWords):
    """Fails from the moment it is told to, as an embedder behind a network may."""

    broken = False

    def embed_query(self, text):
        if self.broken:
            raise ConnectionError
        return super().embed_query(text)


def test_an_embedder_that_fails_in_use_leaves_a_search_by_words_and_is_said(tmp_path):
    embedder_in_use = _Breaks()
    base = open_knowledge(tmp_path, embedder=embedder_in_use)
    embedder_in_use.broken = True
    hits = base.search("hypomanic symptoms")
    assert hits[0].passage.passage_id == "pseudo-resistance/hypomania"
    assert all(hit.lexical_only for hit in hits)
    assert "failed in use (ConnectionError)" in base.health()["reason"]


def test_an_embedder_that_fails_while_building_leaves_a_search_by_words(tmp_path):
    class Fails(HashedWords):
        def embed_documents(self, texts):
            raise ConnectionError

    base = open_knowledge(tmp_path, embedder=Fails())
    assert _lexical_only(base)
    assert base.search("remission")
