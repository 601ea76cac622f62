"""The vectors shipped with the corpus are those of the corpus as it stands."""

from knowledge.corpus_reader import authored_passages
from knowledge.embedder import MiniLmEmbeddings
from knowledge.passage_vectors import digest_of, vectors_of
from knowledge.vector_cache import shipped_vectors, write_vectors

SAMPLE = 12
CLOSE = 0.9999


def test_every_passage_of_the_corpus_has_its_vectors_shipped():
    shipped = shipped_vectors(MiniLmEmbeddings.identity)
    missing = [item.passage_id for item in authored_passages() if digest_of(item) not in shipped]
    assert missing == [], "run: python -m knowledge.vector_cache"


def test_shipped_vectors_are_what_the_embedder_computes():
    shipped = shipped_vectors(MiniLmEmbeddings.identity)
    passages = authored_passages()[:: len(authored_passages()) // SAMPLE]
    for passage, made in zip(passages, vectors_of(passages, {}, MiniLmEmbeddings()), strict=True):
        for one, other in zip(shipped[digest_of(passage)], made, strict=True):
            assert float(one @ other) > CLOSE, passage.passage_id


def test_vectors_of_another_embedder_are_not_taken(tmp_path):
    path = tmp_path / "vectors.npz"
    write_vectors("mine", {"digest": [[1.0, 0.0]]}, path)
    assert list(shipped_vectors("mine", path)) == ["digest"]
    assert shipped_vectors("other", path) == {}


def test_a_missing_or_broken_cache_is_no_cache(tmp_path):
    assert shipped_vectors("mine", tmp_path / "none.npz") == {}
    (tmp_path / "broken.npz").write_bytes(b"broken")
    assert shipped_vectors("mine", tmp_path / "broken.npz") == {}
