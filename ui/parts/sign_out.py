"""Signing out, reading the record again, and clearing the page once the session is over."""

from collections.abc import Callable

import streamlit as st

from ui.client import ServiceCallError
from ui.session import Session

_HEARTBEAT_SECONDS = 15
_GONE = frozenset({401, 404})
_SIGNED_OUT = "signed_out"


def show_session(session: Session) -> None:
    """The buttons of the session, and a heartbeat that clears the page when it is over."""
    if session.opened["origin"] == "launch":
        st.button(
            "Read again",
            icon=":material/refresh:",
            type="tertiary",
            help="Read the record anew from the electronic health record",
            on_click=_read_again,
            args=(session,),
        )
    st.button(
        "Sign out",
        icon=":material/logout:",
        type="tertiary",
        help="Close the record on this page and forget the conversation",
        on_click=_sign_out,
        args=(session,),
    )
    _heartbeat(session.client.session)


def show_signed_out() -> bool:
    """Say that the record was closed here, if it was."""
    if not st.session_state.get(_SIGNED_OUT):
        return False
    st.info(
        "You are signed out. The record is closed on this page. Open the patient again from the "
        "electronic health record, or from the start page.",
        icon=":material/logout:",
    )
    return True


@st.fragment(run_every=_HEARTBEAT_SECONDS)
def _heartbeat(is_there: Callable[[], str]) -> None:
    try:
        is_there()
    except ServiceCallError as problem:
        if problem.status in _GONE:
            st.rerun()


def _sign_out(session: Session) -> None:
    session.client.sign_out()
    st.session_state.clear()
    st.session_state[_SIGNED_OUT] = True


def _read_again(session: Session) -> None:
    try:
        session.client.read_again()
    except ServiceCallError as problem:
        if problem.status in _GONE:
            return  # the next view says so
        st.toast(problem.detail, icon=":material/cloud_off:")
    else:
        st.toast("The record was read again.", icon=":material/refresh:")
