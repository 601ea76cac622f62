"""An embedder for tests: a text's words, hashed into a few dimensions; instant and exact."""

import hashlib

from langchain_core.embeddings import Embeddings

DIMENSIONS = 16


class HashedWords(Embeddings):
    """Texts that share words lie near each other."""

    identity = "hashed-words"

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        vector = [0.001] * DIMENSIONS
        for word in text.lower().split():
            vector[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1.0
        return vector


class NeverEmbeds(HashedWords):
    """Proves that an index was opened as it stood: it cannot compute a document's vector."""

    def embed_documents(self, texts):
        raise AssertionError(f"asked to embed {len(texts)} texts of an index that should be whole")


def hashed_words() -> HashedWords:
    """What a configuration names as ``tests.lib.embeddings:hashed_words``."""
    return HashedWords()
