"""A data folder whose index is built, for commands that run in their own process."""

import pytest

from knowledge.base import open_knowledge


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    open_knowledge(folder / "knowledge").close()
    return folder
