"""One index of the shipped corpus, built once for all tests of this folder."""

import pytest

from knowledge.base import KnowledgeBase, open_knowledge


@pytest.fixture(scope="session")
def knowledge_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("knowledge")


@pytest.fixture(scope="session")
def knowledge(knowledge_folder) -> KnowledgeBase:
    return open_knowledge(knowledge_folder)
