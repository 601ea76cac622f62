"""Search in the sources."""

import streamlit as st

from ui.parts.evidence import passage_card
from ui.session import Session

_RESULTS = 8


def show(session: Session) -> None:
    """Passages nearest to a query, each with its section and source."""
    st.subheader("Search the sources", anchor=False)
    query = st.text_input(
        "What to look for", placeholder="minimum duration of an adequate trial", max_chars=400
    )
    if not query.strip():
        st.caption(
            "Passages are in our own words, under the heading they stand under in the source."
        )
        return
    with st.spinner("Searching"):
        passages = session.client.search(query, _RESULTS)
    if not passages:
        st.markdown("The sources hold nothing on this.")
    for passage in passages:
        passage_card(session, passage)
