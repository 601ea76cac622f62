"""The page: one open record, seen from several views. Run by the service under ``/c/{ctx}``."""

from pathlib import Path

import streamlit as st

from ui.client import ServiceCallError
from ui.parts.banner import show_banner, show_safety
from ui.session import Session, show_problem
from ui.views import about, ask, basis, compare, knowledge, overview, practice, record, report
from ui.wording import JUDGEMENT, PRODUCT

_ICON = Path(__file__).with_name("icon.png")

st.set_page_config(page_title=PRODUCT, page_icon=str(_ICON), layout="wide")


def main() -> None:
    """Draw the chosen view under the patient's banner."""
    try:
        session = Session()
    except ServiceCallError as problem:
        show_problem(problem)
        return
    pages = {
        "overview": st.Page(
            lambda: overview.show(session), title="Overview", url_path="overview",
            icon=":material/monitor_heart:", default=True,
        ),
        "ask": st.Page(
            lambda: ask.show(session), title="Ask", url_path="ask", icon=":material/forum:"
        ),
        "basis": st.Page(
            lambda: basis.show(session), title="Basis", url_path="basis",
            icon=":material/account_tree:",
        ),
        "compare": st.Page(
            lambda: compare.show(session), title="Compare", url_path="compare",
            icon=":material/compare_arrows:",
        ),
        "record": st.Page(
            lambda: record.show(session), title="Record", url_path="record",
            icon=":material/folder_open:",
        ),
        "report": st.Page(
            lambda: report.show(session), title="Report", url_path="report",
            icon=":material/print:",
        ),
        "knowledge": st.Page(
            lambda: knowledge.show(session), title="Sources", url_path="sources",
            icon=":material/menu_book:",
        ),
        "practice": st.Page(
            lambda: practice.show(session), title="Practice", url_path="practice",
            icon=":material/school:",
        ),
        "about": st.Page(
            lambda: about.show(session), title="About", url_path="about",
            icon=":material/info:",
        ),
    }  # fmt: skip
    st.session_state["pages"] = pages
    chosen = st.navigation(list(pages.values()), position="top")
    try:
        if chosen.url_path != "practice":
            show_banner(session)
            show_safety(session)
        chosen.run()
    except ServiceCallError as problem:
        show_problem(problem)
    st.caption(JUDGEMENT)


main()
