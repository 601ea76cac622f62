"""The conversation: questions, answers, and citations that open the evidence."""

import re
from collections.abc import Iterator
from typing import Any

import streamlit as st

from ui.client import ServiceCallError
from ui.parts.evidence import show_element, show_passage, show_rules
from ui.parts.rating import show_rating
from ui.plain_text import plain
from ui.session import Session, show_problem
from ui.wording import citation_words, counted

_INVITATION = "Ask about this patient or the sources"
_PENDING = "pending_question"
_UNANSWERED = "unanswered_question"
_CONVERSATION = "conversation"
_ALL_TURNS = "all_turns"
_CITATION = re.compile(r"\\\[([RS]\d+(?:\\, [RS]\d+)*)\\\]")
_STATUS = {
    "partly": "Part of this stays open.",
    "abstained": "The record and the sources do not hold the answer.",
    "refused": "This is outside what the assistant may do.",
}
_MOST_SHOWN = 10


def question_box() -> None:
    """A question line inside another view; the answer comes in the Ask view."""
    with st.container(key="question-box"):
        question = st.chat_input(_INVITATION, max_chars=2000)
    if question:
        st.session_state[_PENDING] = question
        st.switch_page(st.session_state["pages"]["ask"])


def show(session: Session) -> None:
    """One conversation kept with this record, and the next question."""
    kept = list(enumerate(session.client.turns()))
    number = _chosen_conversation(kept)
    turns = [(place, turn) for place, turn in kept if turn["conversation"] == number]
    _show_head(session, turns, following=_latest(kept) + 1)
    _show_readiness(session)
    for place, turn in _shown(turns):
        _show_turn(session, turn, place)
    pending = st.session_state.pop(_PENDING, None)
    chosen = None
    if not turns and not pending:
        chosen = _suggestions(session)
    again = _show_unanswered() if not pending else None
    typed = st.chat_input(_INVITATION, max_chars=2000, submit_mode="stop")
    question = pending or typed or chosen or again
    if question:
        _answer(session, question, number)


def _shown(turns: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """The last turns; a long conversation shows its earlier ones when asked to."""
    earlier = len(turns) - _MOST_SHOWN
    if earlier <= 0 or st.session_state.get(_ALL_TURNS):
        return turns
    if st.button(f"Show {counted(earlier, 'earlier question')}", icon=":material/expand_less:"):
        st.session_state[_ALL_TURNS] = True
        st.rerun()
    return turns[-_MOST_SHOWN:]


def _latest(kept: list[tuple[int, dict[str, Any]]]) -> int:
    return max((turn["conversation"] for _place, turn in kept), default=1)


def _chosen_conversation(kept: list[tuple[int, dict[str, Any]]]) -> int:
    """The number of the conversation on show: the one chosen, else the latest."""
    first_questions: dict[int, str] = {}
    for _place, turn in kept:
        first_questions.setdefault(turn["conversation"], turn["question"])
    number = int(st.session_state.get(_CONVERSATION) or _latest(kept))
    if not first_questions or list(first_questions) == [number]:
        return number
    first_questions.setdefault(number, "New conversation")
    numbers = sorted(first_questions, reverse=True)
    key = f"conversations-{number}-{len(kept)}"  # a choice is kept by its words, which change
    chosen = st.selectbox(
        "Conversation",
        numbers,
        index=numbers.index(number),
        format_func=lambda one: f"{one}. {first_questions[one]}",
        key=key,
        on_change=_choose_conversation,
        args=(key,),
    )
    return int(chosen)


def _choose_conversation(key: str) -> None:
    st.session_state[_CONVERSATION] = st.session_state[key]


def _show_head(
    session: Session, turns: list[tuple[int, dict[str, Any]]], *, following: int
) -> None:
    if not turns:
        st.subheader("Ask about this patient", anchor=False)
        st.caption(
            "Every statement of an answer is cited: to the element of the record, "
            "and to the passage of the source."
        )
        return
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(f"{counted(len(turns), 'question')}, as of {session.as_of}")
        if st.button("New conversation", icon=":material/add_comment:", type="tertiary"):
            st.session_state[_CONVERSATION] = following
            st.rerun()


def _show_readiness(session: Session) -> None:
    state = session.client.readiness()["status"]
    if state == "opening":
        st.info(
            "The sources are still being opened. The first answer waits for them.",
            icon=":material/hourglass_top:",
        )
    elif state == "failed":
        st.warning(
            "The sources could not be opened: answers rest on the record alone and cite no "
            "passage. Tell whoever runs this service.",
            icon=":material/menu_book:",
        )


def _suggestions(session: Session) -> str | None:
    chosen: str | None = st.pills(
        "Suggestions for this patient", suggested(session.report), key="suggested"
    )
    return chosen


def suggested(report: dict[str, Any]) -> list[str]:
    """Questions that fit this report."""
    questions = ["Is this depression treatment-resistant?"]
    if report["staging_blocked_by"]:
        questions.append("Why does unipolar staging not apply?")
    else:
        questions.append("Which stage is it, and why?")
    open_trial = next((t for t in report["trials"] if t["failed"] != "yes"), None)
    if open_trial:
        questions.append(f"Why does the {open_trial['drug']} trial not count as failed?")
    if report["scores"]:
        questions.append(f"What was the last {report['scores'][-1]['scale']} score?")
    if report["missing_facts"]:
        questions.append("What is missing?")
    questions.append("List the antidepressant trials.")
    return questions


def _show_unanswered() -> str | None:
    """A question whose answer was stopped or failed; the question, if it is to be asked again."""
    question: str | None = st.session_state.get(_UNANSWERED)
    if question is None:
        return None
    with st.container(border=True, key="unanswered"):
        st.markdown(f"Not answered: {plain(question)}")
        with st.container(horizontal=True):
            again = st.button("Ask again", icon=":material/refresh:")
            if st.button("Discard", icon=":material/close:", type="tertiary"):
                del st.session_state[_UNANSWERED]
                st.rerun()
    return question if again else None


def _answer(session: Session, question: str, conversation: int) -> None:
    st.session_state[_UNANSWERED] = question  # until the answer is whole
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(plain(question))
    with st.chat_message("assistant", avatar=":material/clinical_notes:"):
        try:
            with st.spinner("Reading the record and the sources"):
                st.write_stream(_streamed(session, question, conversation))
        except ServiceCallError as problem:
            show_problem(problem)
            return
    del st.session_state[_UNANSWERED]
    st.rerun()


def _streamed(session: Session, question: str, conversation: int) -> Iterator[str]:
    pieces = session.client.ask(
        question, as_of=session.as_of, ruleset=session.ruleset, conversation=conversation
    )
    for piece in pieces:
        if isinstance(piece, str):
            yield f"{_with_badges(plain(piece))} "


def _show_turn(session: Session, turn: dict[str, Any], place: int) -> None:
    answer = turn["answer"]
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(plain(turn["question"]))
    with st.chat_message("assistant", avatar=":material/clinical_notes:"):
        if answer["status"] in _STATUS:
            st.caption(_STATUS[answer["status"]])
        st.markdown(answer_markdown(answer["answer"]))
        _show_citations(session, answer["citations"], place)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.popover("Copy", icon=":material/content_copy:", type="tertiary"):
                st.code(copied(turn), language=None, wrap_lines=True)
            show_rating(session, place)


def copied(turn: dict[str, Any]) -> str:
    """A turn as plain text, with what its citations name, for a note."""
    answer = turn["answer"]
    sources = [
        f"[{cited['key']}] {cited['reference']}#{cited['element']}"
        if cited["kind"] == "record"
        else f"[{cited['key']}] {cited['source_id']}, {cited['section']}"
        for cited in answer["citations"]
    ]
    return "\n".join([turn["question"], "", answer["answer"], "", *sources, answer["as_of"]])


def answer_markdown(text: str) -> str:
    """An answer as Markdown: its text verbatim, its citation keys as badges."""
    lines = [plain(line) for line in text.split("\n")]
    bulleted = [re.sub(r"^\\[-*•]\s*", "- ", line) for line in lines]
    return _with_badges("\n".join(_spaced(bulleted)))


def _spaced(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.startswith("- ") else f"{line}  "


def _with_badges(escaped: str) -> str:
    def badges(match: re.Match[str]) -> str:
        keys = match[1].replace("\\,", ",").split(", ")
        return " ".join(
            f":{'blue' if key.startswith('R') else 'gray'}-badge[{key}]" for key in keys
        )

    return _CITATION.sub(badges, escaped)


def _show_citations(session: Session, citations: list[dict[str, Any]], place: int) -> None:
    rules = session.reference["rules"]
    with st.container(horizontal=True, gap="xsmall"):
        for citation in citations:
            icon = (
                ":material/description:" if citation["kind"] == "record" else ":material/menu_book:"
            )
            if st.button(
                f"**{citation['key']}** {plain(citation_words(citation, rules, session.report))}",
                key=f"cite-{place}-{citation['key']}",
                icon=icon,
            ):
                _open(session, citation)


def _open(session: Session, citation: dict[str, Any]) -> None:
    if citation["kind"] == "source":
        show_passage(session, citation["passage_id"], citation.get("excerpt", ""))
    elif citation["reference"] == "report":
        show_rules(session, [citation["element"]])
    else:
        show_element(session, citation["reference"], citation["element"])
