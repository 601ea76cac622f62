"""One index of the shipped corpus for all tests of this folder."""

import pytest

from knowledge.base import KnowledgeBase, open_knowledge
from tests.lib.knowledge_index import copy_built_index


@pytest.fixture(scope="session")
def knowledge_folder(tmp_path_factory):
    return copy_built_index(tmp_path_factory.mktemp("knowledge"))


@pytest.fixture(scope="session")
def knowledge(knowledge_folder) -> KnowledgeBase:
    return open_knowledge(knowledge_folder)
