"""The page: one open record, seen from several views. Run by the service under ``/c/{ctx}``."""

from functools import partial
from pathlib import Path
from types import ModuleType

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.client import ServiceCallError
from ui.parts.banner import show_banner, show_safety
from ui.parts.sign_out import show_session, show_signed_out
from ui.session import Session, show_problem
from ui.views import about, ask, basis, compare, overview, practice, record, report, review, sources
from ui.wording import JUDGEMENT, PRODUCT

_ICON = Path(__file__).with_name("icon.png")

st.set_page_config(page_title=PRODUCT, page_icon=str(_ICON), layout="wide")


_VIEWS = {
    "overview": overview,
    "ask": ask,
    "basis": basis,
    "compare": compare,
    "record": record,
    "report": report,
    "sources": sources,
    "practice": practice,
    "about": about,
}


def _views(session: Session) -> dict[str, ModuleType]:
    """The views of this page: the blind review only where one is set up."""
    if "has_review" not in st.session_state:
        st.session_state["has_review"] = session.client.review() is not None
    return {**_VIEWS, "review": review} if st.session_state["has_review"] else _VIEWS


def _page(session: Session, name: str, view: ModuleType) -> StreamlitPage:
    return st.Page(
        partial(view.show, session),
        title=name.capitalize(),
        url_path=name,
        default=name == "overview",
    )


def main() -> None:
    """Draw the chosen view under the patient's banner."""
    if show_signed_out():
        return
    try:
        session = Session()
    except ServiceCallError as problem:
        show_problem(problem)
        return
    pages = {name: _page(session, name, view) for name, view in _views(session).items()}
    st.session_state["pages"] = pages
    chosen = st.navigation(list(pages.values()), position="hidden")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="views"):
        for page in pages.values():
            st.page_link(page)
        show_session(session)
    try:
        if chosen.url_path != "practice":
            show_banner(session)
            show_safety(session)
        chosen.run()
    except ServiceCallError as problem:
        show_problem(problem)
    st.caption(JUDGEMENT)


main()
