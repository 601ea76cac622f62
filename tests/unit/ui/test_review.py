"""The blind review on the page: one pair after another, kept by the service, exported."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.bootstrap import build_service
from assistant.config import Settings
from tests.lib.live_service import live_service
from tests.unit.api.test_review import PAIRS
from tests.unit.ui.conftest import show
from tests.unit.ui.conftest import words as shown_words
from ui.client import ServiceClient, connections


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "pairs.json").write_text(json.dumps(PAIRS))
    settings = Settings(
        demo=True,
        review_pairs=str(tmp_path / "pairs.json"),
        review_judgments=str(tmp_path / "review.jsonl"),
        audit_file=str(tmp_path / "audit.jsonl"),
    )
    with live_service(build_service(settings)) as found:
        yield found
        connections(found).close()


@pytest.fixture
def client(address: str) -> ServiceClient:
    return ServiceClient(address, ServiceClient(address, "").open_demo_patient("worked-case"))


@pytest.fixture
def view(address: str, client: ServiceClient) -> AppTest:
    script = "from ui.session import Session\nfrom ui.views import review\nreview.show(Session())\n"
    app = AppTest.from_string(script, default_timeout=60)
    app.secrets["service"] = {"base_url": address}
    app.user = {"ctx": client._patient.rpartition("/")[2]}
    return app.run()


def words(app: AppTest) -> str:
    """What the page says, as it is read."""
    return shown_words(app).replace("\\", "")


def _keep(app: AppTest) -> AppTest:
    return next(b for b in app.button if b.label == "Keep and go on").click().run()


def test_a_reviewer_reads_both_answers_and_judges_one_pair_after_another(
    view: AppTest, client: ServiceClient
) -> None:
    assert "Stage II" not in words(view)  # nothing is shown before the reviewer is named
    view.text_input[0].set_value("AB").run()
    assert "What stage?" in words(view)
    assert "Stage II" in words(view)
    view.checkbox[1].check()
    view.radio[0].set_value("left")
    assert "TRD?" in words(_keep(view))
    (row,) = client.review()["judgments"]
    assert (row["pair"], row["reviewer"], row["preference"]) == ("record/a", "AB", "left")
    assert (row["wrong_left"], row["wrong_right"]) == (False, True)
    view.radio[0].set_value("equal")
    _keep(view)
    assert [message.value for message in view.success] == ["Every pair is judged. Thank you."]


def test_a_judgment_without_a_preference_is_not_kept(view: AppTest, client: ServiceClient) -> None:
    view.text_input[0].set_value("AB").run()
    assert "no difference" in words(_keep(view))
    assert client.review()["judgments"] == []


def test_a_second_reviewer_begins_at_the_first_pair(view: AppTest) -> None:
    view.text_input[0].set_value("AB").run()
    view.radio[0].set_value("left")
    _keep(view)
    view.text_input[0].set_value("CD").run()
    assert "What stage?" in words(view)


def test_the_page_offers_the_review_only_where_one_is_set_up(
    address: str, client: ServiceClient
) -> None:
    app = show(address, client._patient.rpartition("/")[2])
    assert not app.exception
    assert "review" in app.session_state["pages"]
    with live_service() as other:
        ctx = ServiceClient(other, "").open_demo_patient("worked-case")
        assert "review" not in show(other, ctx).session_state["pages"]
        connections(other).close()
