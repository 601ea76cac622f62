"""The ids of added documents: one a file name, and nothing replaced by accident."""

import pytest

from knowledge.ingest.shelf import Shelf

TEXT = (
    "Every ward refers patients with resistant depression to the clinic by letter and gets an "
    "answer within {} working days, on a Tuesday or a Friday."
)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "documents")


def _file(folder, name: str, days: str):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(TEXT.format(days), encoding="utf-8")
    return path


def test_the_same_file_name_in_another_kind_does_not_take_the_place(shelf, tmp_path):
    first = shelf.add(_file(tmp_path, "policy.md", "ten"))
    second = shelf.add(_file(tmp_path, "policy.txt", "twelve"))
    assert first.source_id == "added-policy"
    assert second.source_id.startswith("added-policy-")
    assert len(shelf.documents()) == 2


def test_a_new_version_takes_the_place_whatever_its_name_is_written_in(shelf, tmp_path):
    for name in ("policy.md", "指南.md"):
        first = shelf.add(_file(tmp_path, name, "ten"))
        second = shelf.add(_file(tmp_path, name, "twelve"))
        assert first.source_id == second.source_id
        shelf.remove(first.source_id)
    assert shelf.documents() == []


def test_the_same_content_under_another_name_is_one_document(shelf, tmp_path):
    shelf.add(_file(tmp_path, "policy.md", "ten"))
    again = shelf.add(_file(tmp_path / "copies", "copy.md", "ten"))
    assert (again.source_id, again.changed) == ("added-policy", False)
