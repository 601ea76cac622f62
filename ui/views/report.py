"""The report for the chart: one page to print or save, and the whole report as data."""

import json
from functools import partial

import streamlit as st

from ui.client import ServiceCallError
from ui.plain_text import plain
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
    fhir = partial(
        session.client.report_as_fhir, as_of=session.as_of, ruleset=session.ruleset
    )  # made when it is asked for, where the page's state is out of reach
    with st.container(horizontal=True):
        st.download_button(
            "PDF", partial(as_pdf, content), "staging-report.pdf", "application/pdf",
            icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "FHIR", fhir, "staging-report.fhir.json", "application/fhir+json",
            icon=":material/local_fire_department:", on_click="ignore",
            help="A Bundle: clinical impression, an observation a method, provenance",
        )  # fmt: skip
        st.download_button(
            "Report as data (JSON)",
            json.dumps(session.report, ensure_ascii=False, indent=1),
            "staging-report.json", "application/json", icon=":material/data_object:",
            on_click="ignore",
        )  # fmt: skip
    if session.opened["may_write_back"]:
        _show_write_back(session)
    st.iframe(as_html(content), height=_HEIGHT)


def _show_write_back(session: Session) -> None:
    with st.popover("Write to the patient's record", icon=":material/upload:"):
        st.markdown(
            "The report below, as a clinical impression with one observation a method, goes to "
            "the electronic health record under your name."
        )
        seen = st.checkbox("I have read the report and want it in the record")
        if st.button("Write", type="primary", disabled=not seen):
            try:
                written = session.client.write_back(as_of=session.as_of, ruleset=session.ruleset)
            except ServiceCallError as problem:
                st.warning(plain(problem.detail))
            else:
                st.success(f"Written: {plain(', '.join(written))}")
