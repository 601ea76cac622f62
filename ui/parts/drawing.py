"""The treatment history as charts: scores above, trials as bars with dose steps below."""

from datetime import date, timedelta
from typing import Any

import altair as alt

from ui.partial_dates import Days, days_of
from ui.wording import FAILED, OUTCOMES, counted

PICKED = ("bar", "unsure_bar", "dose", "score")
"""Names of the selections that a click makes; each holds a place in ``Drawing.picks``."""
_PAD = timedelta(days=21)
_ROW_HEIGHT = 34
_SCORE_HEIGHT = 150
_AXIS_HEIGHT = 46
_LABEL_WIDTH = 128
_LABELLED_SHARE = 0.04
_MOST_YEARS = 15

_COLORS = {
    "light": {
        "adequate": "#8cc3cb", "below": "#dde6e8", "other": "#c3ccd0", "ink": "#16232b",
        "line": "#51626c", "remission": "#226b3a", "response": "#8a5300",
    },
    "dark": {
        "adequate": "#2c7280", "below": "#2b3a41", "other": "#46565f", "ink": "#e4eaec",
        "line": "#9fb0b8", "remission": "#7fc796", "response": "#e6b45c",
    },
}  # fmt: skip


class Drawing:
    """What the timeline shows, as tables, and the chart made of them."""

    def __init__(self, report: dict[str, Any], reference: dict[str, Any], *, theme: str) -> None:
        self._report = report
        self._scales = reference["scales"]
        self._colors = _COLORS[theme if theme in _COLORS else "light"]
        self.as_of = date.fromisoformat(report["as_of"][:10])
        self.bars: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.rows: list[str] = []
        self.undated: list[str] = []
        self.picks: list[tuple[str, list[str]]] = []
        self.episode = _episode_bounds(report)
        self._collect()
        self.scores = self._scores()
        self._label_bars()
        self.response = _response_lines(report, self.as_of, _response_share(report, reference))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.bars and not self.scores

    def _collect(self) -> None:
        for trial in (*self._report["earlier_trials"], *self._report["trials"]):
            row = f"{trial['drug']} ({trial['id']})"
            self._add_trial(trial, row)
        for added in self._report["augmentations"]:
            row = f"+ {added['drug']} to {added['with']}"
            self._add_bar(row, added, _kind(added["adequate"]), "", tip="added agent")
        for course in self._report["procedures"]:
            row = f"{course['modality']} ({course['id']})"
            words = counted(course["sessions"], "session")
            self._add_bar(row, course, "other", words, tip=words)

    def _add_trial(self, trial: dict[str, Any], row: str) -> None:
        steps = trial["dose_steps"] or [
            {"start": trial["start"], "end": trial["end"], "dose_mg": trial["max_daily_dose_mg"]}
        ]
        tip = f"{OUTCOMES[trial['outcome']['category']]}; {FAILED[trial['failed']][0]}"
        for step in steps:
            dose, floor = step["dose_mg"], trial["min_adequate_dose_mg"]
            enough = dose is not None and floor is not None and dose >= floor
            words = f"{dose:g} mg" if dose is not None else "dose ?"
            evidence = step.get("evidence") or trial["evidence"]
            self._add_bar(
                row,
                {**step, "ongoing": trial["ongoing"], "evidence": evidence},
                "adequate" if enough else "below",
                words,
                tip=tip,
            )
        if trial["adequate_run"]:
            run = trial["adequate_run"]
            self.runs.append({"row": row, "start": run["start"], "end": run["end"]})

    def _add_bar(
        self, row: str, period: dict[str, Any], kind: str, words: str, *, tip: str
    ) -> None:
        start, end = days_of(period["start"]), days_of(period["end"])
        if start is None and end is None:
            self.undated.append(row)
            return
        if row not in self.rows:
            self.rows.append(row)
        shared = {
            "row": row,
            "kind": kind,
            "words": words,
            "about": tip,
            "pick": self._pick(f"{row}, {words}" if words else row, period["evidence"]),
            "from": period["start"] or "not recorded",
            "to": period["end"] or ("ongoing" if period.get("ongoing") else "not recorded"),
        }
        self.bars += [shared | piece for piece in _pieces(start, end, period, self.as_of)]

    def _pick(self, title: str, evidence: list[str]) -> int:
        """The place of what a click on this mark opens."""
        self.picks.append((title, evidence))
        return len(self.picks) - 1

    def _label_bars(self) -> None:
        if self.is_empty:
            return
        first, last = (date.fromisoformat(day) for day in self._domain())
        shortest = (last - first).days * _LABELLED_SHARE
        for bar in self.bars:
            bar["label"] = bar["words"] if bar["labelled"] and bar["days"] >= shortest else ""

    def _scores(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for score in self._report["scores"]:
            days = days_of(score["date"])
            if days is not None:
                found.setdefault(score["scale"], []).append(
                    {
                        "day": days.earliest.isoformat(),
                        "recorded": score["date"],
                        "value": score["value"],
                        "band": score["band"] or "",
                        "pick": self._pick(score["scale"], score["evidence"]),
                    }
                )
        return found

    def charts(self) -> list[tuple[Any, str]]:
        """Each chart with what it shows in words: the scores of each scale, then the trials."""
        domain = self._domain()
        parts = [
            (self._score_chart(scale, points, domain), _scores_in_words(scale, points))
            for scale, points in self.scores.items()
        ]
        if self.bars:
            parts.append((self._trial_chart(domain), self._trials_in_words()))
        return [
            (
                chart.configure_view(stroke=None).configure_axis(grid=False),
                words,
            )
            for chart, words in parts
        ]

    def _domain(self) -> list[str]:
        days = [date.fromisoformat(bar["start"]) for bar in self.bars]
        days += [
            date.fromisoformat(point["day"]) for points in self.scores.values() for point in points
        ]
        if self.episode:
            days.append(self.episode.earliest)
        first = max(min(days), self.as_of - timedelta(days=365 * _MOST_YEARS))
        return [(first - _PAD).isoformat(), (self.as_of + _PAD).isoformat()]

    def _x(self, domain: list[str], *, labels: bool) -> alt.X:
        axis = alt.Axis(title=None, labels=labels, ticks=labels, labelOverlap=True, tickCount=8)
        return alt.X("start:T", scale=alt.Scale(domain=domain), axis=axis)

    def _trial_chart(self, domain: list[str]) -> Any:
        colors, table = self._colors, _table(self.bars)
        y = alt.Y(
            "row:N",
            sort=self.rows,
            title=None,
            axis=alt.Axis(
                labelLimit=_LABEL_WIDTH - 10, minExtent=_LABEL_WIDTH, maxExtent=_LABEL_WIDTH,
                domain=False, ticks=False,
            ),
        )  # fmt: skip
        x, x2 = self._x(domain, labels=True), alt.X2("end:T")
        shown = [
            alt.Tooltip("row:N", title="Trial"),
            alt.Tooltip("words:N", title="Dose"),
            alt.Tooltip("from:N", title="From"),
            alt.Tooltip("to:N", title="To"),
            alt.Tooltip("about:N", title="Outcome"),
        ]
        fill = alt.Color(
            "kind:N",
            scale=alt.Scale(
                domain=["adequate", "below", "other"],
                range=[colors["adequate"], colors["below"], colors["other"]],
            ),
            legend=None,
        )
        base = alt.Chart(table).encode(y=y, x=x, x2=x2, tooltip=shown)
        certain = (
            base.transform_filter("datum.certain")
            .mark_bar(height=18, stroke=colors["line"], strokeWidth=0.6, cursor="pointer")
            .encode(color=fill)
            .add_params(_picked("bar"))
        )
        unsure = (
            base.transform_filter("!datum.certain")
            .mark_bar(
                height=18,
                fillOpacity=0.18,
                stroke=colors["line"],
                strokeDash=[3, 3],
                strokeWidth=1.2,
                cursor="pointer",
            )
            .encode(color=fill)
            .add_params(_picked("unsure_bar"))
        )
        doses = (
            base.transform_filter("datum.label != ''")
            .mark_text(align="left", dx=4, fontSize=11, fontWeight=600, clip=True, cursor="pointer")
            .encode(
                text="label:N",
                color=alt.value(colors["ink"]),
            )
            .add_params(_picked("dose"))
        )
        marks = [  # an empty layer would be a picture without a name to a screen reader
            (certain, any(bar["certain"] for bar in self.bars)),
            (unsure, not all(bar["certain"] for bar in self.bars)),
            (doses, any(bar["label"] for bar in self.bars)),
        ]
        layers = [
            *self._episode_layers(domain, labelled=True),
            *(layer for layer, is_drawn in marks if is_drawn),
            *self._run_layers(x, x2, y),
            self._today(domain),
        ]
        return alt.layer(*layers).properties(height=_ROW_HEIGHT * len(self.rows) + _AXIS_HEIGHT)

    def _run_layers(self, x: alt.X, x2: alt.X2, y: alt.Y) -> list[Any]:
        if not self.runs:
            return []
        table = _table(self.runs)
        return [
            alt.Chart(table)
            .mark_bar(height=3, yOffset=12, color=self._colors["ink"])
            .encode(x=x, x2=x2, y=y)
        ]

    def _today(self, domain: list[str]) -> Any:
        return (
            alt.Chart(_table([{"start": self.as_of.isoformat()}]))
            .mark_rule(color=self._colors["line"], strokeDash=[1, 3])
            .encode(x=self._x(domain, labels=True))
        )

    def _episode_layers(self, domain: list[str], *, labelled: bool) -> list[Any]:
        """A rule at the first day of the episode; a band where that day is not exact."""
        if self.episode is None or self.episode.latest.isoformat() <= domain[0]:
            return []
        first, last = self.episode.earliest, self.episode.latest
        begins = {"start": first.isoformat(), "end": (last + timedelta(days=1)).isoformat()}
        base = alt.Chart(_table([begins | {"words": "episode begins"}])).encode(
            x=self._x(domain, labels=labelled)
        )
        band = base.mark_rect(opacity=0.18, color=self._colors["line"]).encode(x2="end:T")
        rule = base.mark_rule(color=self._colors["line"], strokeWidth=1)
        words = base.mark_text(
            align="left", dx=4, y=-4, fontSize=10, color=self._colors["line"]
        ).encode(text="words:N")
        mark = rule if self.episode.is_exact else band
        return [mark, words] if labelled else [mark]

    def _score_chart(self, scale: str, points: list[dict[str, Any]], domain: list[str]) -> Any:
        colors = self._colors
        limits = self._scales.get(scale, {})
        top = max(point["value"] for point in points)
        y = alt.Y(
            "value:Q",
            title=scale,
            scale=alt.Scale(domain=[0, max(top * 1.1, 1)]),
            axis=alt.Axis(minExtent=_LABEL_WIDTH, maxExtent=_LABEL_WIDTH, tickCount=4, grid=True,
                          titleAngle=0, titleAlign="right", titleX=-42, titleY=_SCORE_HEIGHT / 2),
        )  # fmt: skip
        table = _table([{**point, "start": point["day"]} for point in points])
        base = alt.Chart(table).encode(
            x=self._x(domain, labels=False),
            y=y,
            tooltip=[
                alt.Tooltip("value:Q", title=scale),
                alt.Tooltip("recorded:N", title="Date"),
                alt.Tooltip("band:N", title="Severity"),
            ],
        )
        layers: list[Any] = [
            *self._episode_layers(domain, labelled=False),
            base.mark_line(color=colors["line"], strokeWidth=1.5),
            base.mark_point(
                filled=True, size=55, color=colors["line"], opacity=1, cursor="pointer"
            ).add_params(_picked("score")),
            base.mark_text(dy=-11, fontSize=11, color=colors["ink"]).encode(text="value:Q"),
        ]
        if limits.get("remission_max") is not None:
            layers += self._limit(limits["remission_max"], domain)
        layers += [self._response_layer(line, y, domain) for line in self.response.get(scale, ())]
        return alt.layer(*layers).properties(height=_SCORE_HEIGHT)

    def _limit(self, value: float, domain: list[str]) -> list[Any]:
        table = _table([{"value": value, "start": domain[0], "words": f"remission ≤ {value:g}"}])
        base = alt.Chart(table).encode(y="value:Q")
        return [
            base.mark_rule(color=self._colors["remission"], strokeWidth=1.2),
            base.mark_text(
                align="left", dx=4, dy=-6, fontSize=10, color=self._colors["remission"]
            ).encode(x=self._x(domain, labels=False), text="words:N"),
        ]

    def _response_layer(self, line: dict[str, Any], y: alt.Y, domain: list[str]) -> Any:
        return (
            alt.Chart(_table([line]))
            .mark_rule(color=self._colors["response"], strokeDash=[5, 3], strokeWidth=1.5)
            .encode(x=self._x(domain, labels=False), x2="end:T", y=y, tooltip=["words:N"])
        )

    def _trials_in_words(self) -> str:
        trials = "; ".join(
            f"{trial['drug']} from {trial['start'] or 'unknown'} to "
            f"{'ongoing' if trial['ongoing'] else trial['end'] or 'unknown'}"
            for trial in self._report["trials"]
        )
        return f"Trials: {trials or 'none'}."


def _scores_in_words(scale: str, points: list[dict[str, Any]]) -> str:
    return f"{scale}: " + ", ".join(f"{p['value']:g} on {p['recorded']}" for p in points)


def _picked(name: str) -> alt.Parameter:
    """The selection that a click on a mark makes; the marks do not change their looks by it."""
    return alt.selection_point(name=name, fields=["pick"], on="click", toggle=False)


def _episode_bounds(report: dict[str, Any]) -> Days | None:
    return days_of(report["episode"]["start"]) if report["episode"] else None


def _table(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _kind(adequate: str) -> str:
    return {"met": "adequate", "not_met": "below"}.get(adequate, "below")


def _pieces(
    start: Days | None, end: Days | None, period: dict[str, Any], as_of: date
) -> list[dict[str, Any]]:
    """The stretch of days that is certain, and those that are only possible."""
    last = end or (Days(as_of, as_of) if period.get("ongoing") else None)
    begin_certain = start.latest if start else None
    end_certain = last.earliest if last else None
    found: list[dict[str, Any]] = []
    if begin_certain and end_certain and begin_certain <= end_certain:
        if start and not start.is_exact:
            found.append(_piece(start.earliest, begin_certain, certain=False))
        found.append(_piece(begin_certain, end_certain, certain=True))
        if last and not last.is_exact:
            found.append(_piece(end_certain, last.latest, certain=False))
    else:
        first = start.earliest if start else (last.earliest if last else as_of)
        final = last.latest if last else as_of
        found.append(_piece(first, max(first, final), certain=False))
    longest = max(found, key=lambda piece: (piece["certain"], piece["days"]))
    longest["labelled"] = True
    return found


def _piece(first: date, last: date, *, certain: bool) -> dict[str, Any]:
    after = last + timedelta(days=1)
    return {
        "start": first.isoformat(),
        "end": after.isoformat(),
        "certain": certain,
        "labelled": False,
        "days": (after - first).days,
    }


def _response_share(report: dict[str, Any], reference: dict[str, Any]) -> float | None:
    """The fall from baseline that the report's ruleset calls response, 0-1."""
    for ruleset in reference["rulesets"]:
        if ruleset["name"] == report["ruleset"]["name"]:
            return float(ruleset["parameters"]["response_percent"]["value"]) / 100
    return None


def _response_lines(
    report: dict[str, Any], as_of: date, share: float | None
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for trial in report["trials"]:
        outcome, start = trial["outcome"], days_of(trial["start"])
        if share is None or outcome["baseline"] is None or start is None:
            continue
        end = days_of(trial["end"])
        target = outcome["baseline"] * (1 - share)
        found.setdefault(outcome["scale"], []).append(
            {
                "start": start.earliest.isoformat(),
                "end": (end.latest if end else as_of).isoformat(),
                "value": target,
                "words": f"response to {trial['drug']} needs {target:g} or less",
            }
        )
    return found
