"""Blind review: two answers to one question, neither named; which is better, which is wrong."""

import json
from typing import Any

import streamlit as st

from ui.plain_text import plain
from ui.session import Session
from ui.views.ask import answer_markdown

_REVIEWER = "review_reviewer"
_CHOICES = {"left": "the left one", "equal": "no difference", "right": "the right one"}


def show(session: Session) -> None:
    """Name the reviewer, read a pair, judge it, go on; export what was said."""
    st.subheader("Review", anchor=False)
    found = session.client.review()
    if found is None:
        st.caption("No review is set up here.")
        return
    st.markdown(
        "Each question was answered twice. Nothing says by whom. "
        "Judge what a colleague could rely on, not the style."
    )
    reviewer = st.text_input("Reviewer", max_chars=120, key=_REVIEWER).strip()
    if not reviewer:
        st.caption("Give your name or initials to begin.")
        return
    own = {row["pair"]: row for row in found["judgments"] if row["reviewer"] == reviewer}
    pairs = found["pairs"]
    open_pairs = [pair for pair in pairs if pair["id"] not in own]
    st.progress(len(own) / len(pairs), text=f"{len(own)} of {len(pairs)} judged")
    if open_pairs:
        _ask(session, open_pairs[0], reviewer)
    else:
        st.success("Every pair is judged. Thank you.")
    _export(found["judgments"])


def _ask(session: Session, pair: dict[str, Any], reviewer: str) -> None:
    st.markdown(f"**{plain(pair['question'])}**")
    with st.form(f"review_{pair['id']}"):
        wrong = {}
        for column, side in zip(st.columns(2, border=True), ("left", "right"), strict=True):
            with column:
                st.caption(side.capitalize())
                st.markdown(answer_markdown(pair[side]))
                wrong[side] = st.checkbox(
                    f"The {side} answer says something clinically wrong",
                    key=f"wrong_{side}_{pair['id']}",
                )
        preference = st.radio(
            "Which answer is better?",
            list(_CHOICES),
            index=None,
            format_func=_CHOICES.__getitem__,
            horizontal=True,
            key=f"better_{pair['id']}",
        )
        if not st.form_submit_button("Keep and go on", type="primary"):
            return
    if preference is None:
        st.warning("Say which answer is better, or that there is no difference.")
        return
    session.client.judge({
        "pair": pair["id"],
        "reviewer": reviewer,
        "preference": preference,
        "wrong_left": wrong["left"],
        "wrong_right": wrong["right"],
    })  # fmt: skip
    st.rerun()


def _export(judgments: list[dict[str, Any]]) -> None:
    if judgments:
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in judgments)
        st.download_button(
            "Export the judgments", lines, "review.jsonl", "application/jsonl", on_click="ignore"
        )
