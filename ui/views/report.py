"""The report for the chart: one page to print or save, and the whole report as data."""

import json

import streamlit as st

from ui.printable import printable
from ui.session import Session

_HEIGHT = 1150


def show(session: Session) -> None:
    """What would go into the chart, as it prints."""
    st.subheader("Report for the chart", anchor=False)
    page = printable(
        session.report,
        session.opened["patient"],
        session.client.assertions(),
        session.client.version(),
        session.reference["rules"],
    )
    with st.container(horizontal=True):
        st.download_button(
            "Printable page", page, "staging-report.html", "text/html",
            icon=":material/print:", on_click="ignore",
            help="One page; open it and print, or save it as a PDF",
        )  # fmt: skip
        st.download_button(
            "Report as data (JSON)",
            json.dumps(session.report, ensure_ascii=False, indent=1),
            "staging-report.json", "application/json", icon=":material/data_object:",
            on_click="ignore",
        )  # fmt: skip
    st.iframe(page, height=_HEIGHT)
