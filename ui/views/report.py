"""The report for the chart: one page to print or save, and the whole report as data."""

import json
from functools import partial

import streamlit as st

from ui.printable import as_html, as_pdf, report_content
from ui.session import Session

_HEIGHT = 1150


def show(session: Session) -> None:
    """What would go into the chart, as it prints."""
    st.subheader("Report for the chart", anchor=False)
    content = report_content(
        session.report,
        session.opened["patient"],
        session.client.assertions(),
        session.client.version(),
        session.reference["rules"],
    )
    with st.container(horizontal=True):
        st.download_button(
            "PDF", partial(as_pdf, content), "staging-report.pdf", "application/pdf",
            icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Report as data (JSON)",
            json.dumps(session.report, ensure_ascii=False, indent=1),
            "staging-report.json", "application/json", icon=":material/data_object:",
            on_click="ignore",
        )  # fmt: skip
    st.iframe(as_html(content), height=_HEIGHT)
