"""A data folder whose index is built, for commands that run in their own process."""

import pytest

from tests.lib.knowledge_index import copy_built_index


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    copy_built_index(folder / "knowledge")
    return folder
