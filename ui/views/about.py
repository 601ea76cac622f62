"""What this is, what it stands on, and its limits."""

import streamlit as st

from ui.plain_text import plain
from ui.session import Session
from ui.wording import JUDGEMENT


def show(session: Session) -> None:
    """Versions, method, limits, sources."""
    st.subheader("About", anchor=False)
    version = session.client.version()
    ready = session.client.readiness()
    st.markdown(JUDGEMENT)
    st.markdown(
        f"Version {plain(version['version'])}, ruleset {plain(version['ruleset'])} "
        f"{plain(version['ruleset_version'])}, knowledge base: {plain(ready['status'])}."
    )
    st.markdown(
        "- Every stage, date and number is computed by fixed rules; no language model computes.\n"
        "- What the record does not say is unknown. It is neither taken as absent nor guessed.\n"
        "- “Proven” counts unknown facts against failure; “still possible” counts them for it; "
        "“if the assumptions hold” takes undocumented adherence as adequate and nothing else.\n"
        "- No patient data leaves this service, and none is stored in the knowledge base."
    )
    st.subheader("What it stands on, and what it uses of the patient", anchor=False)
    st.table(
        [
            {"attribute": plain(item["name"]), "value": plain(item["value"])}
            for item in session.client.transparency()
        ],
        hide_header=True,
        hide_index=True,
        border="horizontal",
    )
    with st.expander("The learned parts: 31 attributes"):
        st.table(
            [
                {
                    "group": plain(item["group"]),
                    "attribute": plain(item["name"]),
                    "value": plain(item["value"]),
                }
                for item in session.client.learned_parts()
            ],
            hide_index=True,
            border="horizontal",
        )
    st.subheader("Limits", anchor=False)
    st.markdown(
        "- It reads coded entries and dose instructions; clinical notes are not read.\n"
        "- It stages unipolar depression; a bipolar or psychotic disorder blocks it.\n"
        "- A stage says what was tried and failed, not what will help this patient.\n"
        "- Records are often incomplete: read what is missing before what is staged."
    )
    with st.expander("Sources"):
        for source in session.reference["sources"].values():
            st.markdown(f"- {plain(source['citation'])} {plain(source['identifier'])}")
