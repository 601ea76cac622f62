"""docs/records.md says what each source of real records yields."""

import pytest

from tests.lib import yields
from tests.lib.shared_data import FHIR, need


@pytest.mark.shared_data
def test_the_page_on_real_records_is_what_reading_them_gives():
    need(FHIR)
    assert yields.PAGE.read_text(encoding="utf-8") == yields.page()
