"""What is missing, with a form to supply it; what a clinician supplied stays apart."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from ui.client import ServiceCallError
from ui.plain_text import plain
from ui.session import Session
from ui.wording import BOUNDS, FACTS, METHODS, humanized, stage_value

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "adherence": {
        "met": "At least the required share of doses was taken",
        "not_met": "Less was taken",
    },
    "stop_reason": {
        "inefficacy": "It did not help enough",
        "intolerance": "Adverse effects",
        "other": "Another reason",
    },
    "outcome": {
        "remission": "Remission",
        "response": "Response without remission",
        "partial_response": "Partial response",
        "non_response": "Non-response",
    },
    "indication": {"depression": "Depression", "other": "Something else"},
    "diagnosis": {
        "unipolar": "Unipolar depression",
        "bipolar": "Bipolar disorder",
        "psychotic": "Psychotic disorder",
    },
    "laterality": {"bilateral": "Bilateral", "unilateral": "Unilateral"},
    "severity": {
        "subsyndromal": "Subsyndromal",
        "mild": "Mild",
        "moderate": "Moderate",
        "severe": "Severe, without psychosis",
        "psychosis": "Severe, with psychosis",
    },
}
_DATES = frozenset({"start", "end", "onset"})
_MOST_SHOWN = 4
_MOST_MOVES = 2


def show_missing(session: Session) -> None:
    """Missing facts, those first that move a stage most."""
    facts = session.report["missing_facts"]
    if not facts:
        st.markdown("Nothing missing would move a stage.")
    for place, fact in enumerate(facts[:_MOST_SHOWN]):
        _show_fact(session, fact, place)
    if len(facts) > _MOST_SHOWN:
        with st.expander(f"{len(facts) - _MOST_SHOWN} more"):
            for place, fact in enumerate(facts[_MOST_SHOWN:], start=_MOST_SHOWN):
                _show_fact(session, fact, place)


def show_missing_in_short(session: Session) -> None:
    """One line that names every missing fact that would move a stage."""
    named: dict[str, list[str]] = {}
    for fact in session.report["missing_facts"]:
        about = session.trial(fact["trial"])
        words = named.setdefault(FACTS.get(fact["fact"], humanized(fact["fact"])).lower(), [])
        if about:
            words.append(about["drug"])
    if not named:
        return
    listed = "; ".join(
        f"**{plain(fact)}**{f' of {plain(_listed(drugs))}' if drugs else ''}"
        for fact, drugs in named.items()
    )
    st.markdown(f":gray-badge[:material/search: missing] {listed}")


def _listed(words: list[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def show_asserted(session: Session) -> None:
    """What a clinician supplied: apart from the record, and removable."""
    held = session.client.assertions()
    if not held:
        return
    with st.container(border=True, key="asserted"):
        st.markdown("**Asserted by a clinician, not in the record**")
        for fact in held:
            _show_held(session, fact)


def _show_held(session: Session, fact: dict[str, Any]) -> None:
    about = (
        session.trial_name(fact["trial"]) if fact["trial"] else fact["drug"] or fact["procedure"]
    )
    words = f"{FACTS.get(fact['fact'], humanized(fact['fact']))}: {_value_words(fact)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":violet-badge[asserted] **{plain(words)}**{f' · {plain(about)}' if about else ''}  \n"
            f"{plain(fact['author'] or 'author not given')}, {plain(fact['at'])}"
        )
        if st.button("Remove", key=f"withdraw-{fact['id']}", icon=":material/delete:"):
            try:
                session.client.withdraw(fact["id"])
            except ServiceCallError as problem:
                st.warning(plain(problem.detail))
                return
            st.rerun()


def _value_words(fact: dict[str, Any]) -> str:
    value = fact["value"]
    return _CHOICES.get(fact["fact"], {}).get(str(value), str(value))


def _show_fact(session: Session, fact: dict[str, Any], place: int) -> None:
    about = session.trial_name(fact["trial"]) if fact["trial"] else fact["procedure"]
    title = FACTS.get(fact["fact"], humanized(fact["fact"]).capitalize())
    concerns = f" · {plain(about)}" if about else ""
    key = f"missing-{fact['fact']}-{fact['trial'] or fact['procedure'] or 'patient'}"
    with st.container(border=True, gap="xsmall", key=key):
        with st.container(horizontal=True, wrap=False):
            st.markdown(
                f"**{plain(title)}**{concerns}  \n{plain(fact['question'])}", width="stretch"
            )
            with st.popover("Supply", icon=":material/edit:"):
                _form(session, fact, place)
        st.caption("  \n".join(_move_words(move) for move in fact["moves"][:_MOST_MOVES]))


def _move_words(move: dict[str, Any]) -> str:
    method = METHODS.get(move["method"], move["method"])
    bound = BOUNDS[move["bound"]].lower()
    beside = (
        f", known together with {', '.join(plain(humanized(w)) for w in move['with'])}"
        if move["with"]
        else ""
    )
    return (
        f"If {plain(humanized(move['if']))}{beside}: {method}, {bound}: "
        f"{_stage(move['method'], move['from'])} → **{_stage(move['method'], move['to'])}**"
    )


def _stage(method: str, value: Any) -> str:
    try:
        return plain(stage_value(method, value))
    except KeyError:
        return plain(value)


def _form(session: Session, fact: dict[str, Any], place: int) -> None:
    with st.form(f"supply-{place}-{fact['fact']}", border=False):
        value = _value_input(session, fact, place)
        author = st.text_input("Your name", max_chars=120, key=f"author-{place}")
        st.caption("Kept with your name and the time, shown apart from the record, removable.")
        if st.form_submit_button("Add as asserted", type="primary"):
            _supply(session, fact, value, author)


def _value_input(session: Session, fact: dict[str, Any], place: int) -> Any:
    kind, key = fact["fact"], f"value-{place}-{fact['fact']}"
    if kind in _CHOICES:
        choices = _CHOICES[kind]
        return st.radio(
            FACTS.get(kind, kind),
            list(choices),
            format_func=choices.__getitem__,
            key=key,
            index=None,
        )
    if kind == "dose":
        return st.number_input("Daily dose, mg", 0.0, 2000.0, None, step=12.5, key=key)
    if kind in _DATES:
        return st.date_input(
            FACTS[kind],
            None,
            min_value=date(1950, 1, 1),
            max_value=date.fromisoformat(session.as_of),
            key=key,
        )
    return st.text_input(FACTS.get(kind, kind), max_chars=80, key=key) or None


def _supply(session: Session, fact: dict[str, Any], value: Any, author: str) -> None:
    if value is None:
        st.warning("Choose or enter a value first.")
        return
    if not author.strip():
        st.warning("Enter your name: an asserted fact is kept with its author.")
        return
    body = {"fact": fact["fact"], "value": str(value) if isinstance(value, date) else value}
    body |= {key: fact[key] for key in ("trial", "procedure") if fact[key]}
    try:
        session.client.assert_fact(body | {"author": author.strip()})
    except ServiceCallError as problem:
        st.warning(plain(problem.detail))
        return
    st.rerun()
