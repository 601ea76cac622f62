"""The report for the chart: one page, on screen and as a file."""

import streamlit as st

from ui.session import Session


def show(session: Session) -> None:
    """What would go into the chart."""
    st.subheader("Report", anchor=False)
    st.json(session.report, expanded=1)
