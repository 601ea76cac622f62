"""What this browser tab shows: which record, at which date, under which ruleset."""

import re
from datetime import date
from typing import Any

import streamlit as st

from ui.client import ServiceCallError, ServiceClient
from ui.plain_text import plain

_TRIAL_ID = re.compile(r"\bt\d+\b")
_AS_OF = "as_of"
_RULESET = "ruleset"


class Session:
    """The open record of this tab, read anew on every run: nothing of it is cached here."""

    def __init__(self) -> None:
        self.ctx = str(st.user.get("ctx") or "")
        self.client = _client(self.ctx, str(st.user.get("session") or ""))
        self.opened = self.client.patient()
        st.session_state.setdefault(_AS_OF, date.fromisoformat(self.opened["as_of"]))
        st.session_state.setdefault(_RULESET, self.opened["ruleset"])
        self._report: dict[str, Any] | None = None

    @property
    def as_of(self) -> str:
        """The date of the view."""
        return str(st.session_state[_AS_OF].isoformat())

    @property
    def ruleset(self) -> str:
        """The ruleset of the view."""
        return str(st.session_state[_RULESET])

    @property
    def report(self) -> dict[str, Any]:
        """The staging report of the view."""
        if self._report is None:
            self._report = self.client.stage(as_of=self.as_of, ruleset=self.ruleset)
        return self._report

    @property
    def reference(self) -> dict[str, Any]:
        """Rules, thresholds, scales, sources, rulesets: the same for every patient."""
        if "reference" not in st.session_state:
            st.session_state["reference"] = self.client.reference()
        return dict(st.session_state["reference"])

    def trial(self, trial_id: str | None) -> dict[str, Any] | None:
        """The trial of this id."""
        for trial in (*self.report["trials"], *self.report["earlier_trials"]):
            if trial["id"] == trial_id:
                return dict(trial)
        return None

    def named(self, text: str) -> str:
        """``text`` with the drug's name beside each trial id."""
        return _TRIAL_ID.sub(lambda match: self.trial_name(match[0]), text)

    def trial_name(self, trial_id: str | None) -> str:
        """``sertraline (t1)``."""
        trial = self.trial(trial_id)
        return f"{trial['drug']} ({trial['id']})" if trial else str(trial_id or "")


def _client(ctx: str, page_token: str) -> ServiceClient:
    key = "client"
    if key not in st.session_state:
        base_url = st.secrets["service"]["base_url"]
        st.session_state[key] = ServiceClient(base_url, ctx, page_token)
    client: ServiceClient = st.session_state[key]
    return client


def show_problem(problem: ServiceCallError) -> None:
    """Say what went wrong, and leave the page usable."""
    st.warning(plain(problem.detail), icon=":material/cloud_off:")
    if st.button("Try again", icon=":material/refresh:", key=f"retry-{problem.status}"):
        st.rerun()
