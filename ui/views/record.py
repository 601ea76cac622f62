"""The record as read: raw beside understood, with every reading issue."""

from collections import Counter

import streamlit as st

from ui.parts.checklist import show_issues
from ui.parts.evidence import show_rows
from ui.plain_text import plain
from ui.session import Session
from ui.wording import resource_type

_FIRST_TYPES = (
    "MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration",
    "Observation", "Condition", "Procedure",
)  # fmt: skip


def show(session: Session) -> None:
    """Choose a resource; see how it was understood, and its raw JSON."""
    record = session.client.record()
    st.subheader("What was read", anchor=False)
    counts = Counter(entry["type"] for entry in record["resources"])
    st.markdown(f"Read {record['read']} of {record['total']} entries of this patient.")
    if not counts:
        return
    kinds = sorted(counts, key=lambda kind: (kind not in _FIRST_TYPES, kind))
    kind = st.selectbox(
        "Resource type", kinds, format_func=lambda name: f"{resource_type(name)} ({counts[name]})"
    )
    references = [entry["reference"] for entry in record["resources"] if entry["type"] == kind]
    reference = st.selectbox("Resource", references)
    if reference:
        _show_resource(session, reference)
    st.subheader("Reading issues", anchor=False)
    show_issues(record["issues"])


def _show_resource(session: Session, reference: str) -> None:
    resource = session.client.element(reference)["resource"]
    readable, raw = st.columns(2)
    with readable:
        st.markdown("**Readable**")
        show_rows(resource)
        _show_use(session, reference)
    with raw:
        st.markdown("**Raw FHIR**")
        st.json(resource, expanded=2)


def _show_use(session: Session, reference: str) -> None:
    st.markdown("**What the report made of it**")
    used = [
        finding
        for finding in session.report["findings"]
        if any(fact.partition("#")[0] == reference for fact in finding["facts"])
    ]
    trials = [
        trial["id"]
        for trial in session.report["trials"] + session.report["earlier_trials"]
        if any(entry.partition("#")[0] == reference for entry in trial["evidence"])
    ]
    for trial_id in trials:
        st.markdown(f"- Trial {plain(session.trial_name(trial_id))}")
    for statement in dict.fromkeys(finding["statement"] for finding in used):
        st.markdown(f"- {plain(statement)}")
    if not trials and not used:
        st.caption("Nothing in this report rests on this resource.")
