"""The smallest facts that would move a stage, each with its moves.

Each open question of each trial is answered both ways and the stages are
computed again. A question that leaves its trial open is also tried together
with the trial's other open questions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from assistant.staging.judgement import Criteria, Judgement
from assistant.staging.methods.failures import FailedTrial, Failures, Reading
from assistant.staging.report import Episode, MissingFact, Move, Procedure
from assistant.staging.stages import (
    CountedTrial,
    Level,
    Levels,
    PointRange,
    StagingBasis,
    Told,
    as_counted,
    failures_of,
    level,
    levels,
    told,
)
from assistant.staging.tables import methods
from assistant.staging.verdicts import Answer, Verdict

_METHODS = (
    "trd",
    "source_stage",
    "trd_without_class_rule",
    "thase_rush",
    "maudsley",
    "gsrd",
    "european",
    "mgh_s",
)
_PLACES = tuple((Level._fields.index(method), method) for method in _METHODS)
_BOUNDS = tuple(Reading)
_BOUND_NAMES = tuple(reading.value for reading in Reading)


class _Answer(NamedTuple):
    """One answer to a question, and the stages it leads to."""

    words: str
    then: Levels
    beside: tuple[str, ...] = ()


class _Question(NamedTuple):
    """One open question and its answers."""

    fact: str
    question: str
    answers: tuple[_Answer, ...]
    trial: str | None = None
    procedure: str | None = None


class _OpenFact(NamedTuple):
    """An unknown criterion of one trial: answered for and against a failure."""

    fact: str
    failing: str
    if_failing: Criteria
    saving: str
    if_saving: Criteria


class _Replay:
    """The stages with one more fact known; only what the fact changes is told again."""

    def __init__(self, basis: StagingBasis, before: Levels) -> None:
        self.basis = basis
        self.before = before
        self.words = [[_text(value) for value in one[: len(_PLACES)]] for one in before]
        self._counted = {
            reading: [as_counted(trial, reading) for trial in basis.trials] for reading in Reading
        }
        self._told: dict[tuple[Reading | int | None, ...], tuple[Failures, Told]] = {}
        self._known: dict[tuple[int, Answer, Answer], Levels] = {}

    def changed(self, **changes: Any) -> Levels:
        """The stages of the basis with these fields changed."""
        return levels(replace(self.basis, **changes))

    def with_trial(self, position: int, criteria: Criteria) -> Levels:
        """The stages with the trial at ``position`` judged by ``criteria``."""
        failed = criteria.failed()
        working = criteria.failed(assume_adherence=self.basis.ruleset.assume_adherence)
        key = (position, failed, working)
        if key not in self._known:
            known = self.basis.trials[position]
            judged = CountedTrial(known.id, failed, working, known.proven, known.possible)
            self._known[key] = tuple(
                [
                    self._level(reading, position, as_counted(judged, reading), before)
                    for reading, before in zip(_BOUNDS, self.before, strict=True)
                ]
            )
        return self._known[key]

    def _level(
        self, reading: Reading, position: int, trial: FailedTrial | None, before: Level
    ) -> Level:
        counted = self._counted[reading]
        if counted[position] is trial:
            return before
        changed = [*counted[:position], trial, *counted[position + 1 :]]
        listed = [one for one in changed if one is not None]
        # ECT counts differently by reading; without it the same trials say the same.
        key = (reading if self.basis.ect else None, *map(id, listed))
        if key not in self._told:
            failed = failures_of(listed, self.basis.ect, reading)
            self._told[key] = failed, told(failed, self.basis.ruleset)
        return level(self.basis, reading, *self._told[key])


def missing_facts(
    judgements: Sequence[Judgement],
    episode: Episode | None,
    basis: StagingBasis,
    before: Levels,
) -> tuple[MissingFact, ...]:
    """The facts whose knowledge moves a bound from ``before``, those that move the most first."""
    if basis.gates.blocked_by:
        return ()
    replay = _Replay(basis, before)
    found = []
    for question in _questions(judgements, episode, replay):
        moves = [m for answer in question.answers for m in _moves(replay, answer)]
        if moves:
            found.append(
                MissingFact(
                    fact=question.fact,
                    question=question.question,
                    trial=question.trial,
                    procedure=question.procedure,
                    moves=tuple(moves),
                )
            )
    return tuple(sorted(found, key=_effect))


def _effect(fact: MissingFact) -> tuple[bool, int, int, str, str, str]:
    """Facts that move a stage alone come first, by the method they move."""
    alone = [move for move in fact.moves if not move.with_]
    ranks = [_METHODS.index(move.method) for move in alone or fact.moves]
    return (
        not alone,
        min(ranks),
        -len(alone),
        fact.trial or "",
        fact.procedure or "",
        fact.fact,
    )


def _moves(replay: _Replay, answer: _Answer) -> list[Move]:
    """The bounds an answer moves; beside other facts the upper bound says nothing new."""
    moved = [
        (bound, words, old, new)
        for bound, words, old, new in zip(
            _BOUND_NAMES, replay.words, replay.before, answer.then, strict=True
        )
        if new is not old and not (answer.beside and bound == _BOUND_NAMES[-1])
    ]
    return [
        Move(method, bound, words[place], _text(new), answer.words, answer.beside)
        for place, method in _PLACES
        for bound, words, was, becomes in moved
        if was[place] != (new := becomes[place])
    ]


def _text(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _questions(
    judgements: Sequence[Judgement], episode: Episode | None, replay: _Replay
) -> Iterator[_Question]:
    if judgements:
        yield from _about_the_diagnosis(replay)
    yield from _about_severity(replay)
    yield from _about_onset(episode, replay)
    for position, judgement in enumerate(judgements):
        if judgement.counts:
            yield from _about_a_trial(replay, position, judgement)
    for procedure in replay.basis.ect:
        yield from _about_ect(replay, procedure)


def _about_the_diagnosis(replay: _Replay) -> Iterator[_Question]:
    gates = replay.basis.gates
    if gates.documented is Verdict.MET:
        return
    yield _Question(
        fact="diagnosis",
        question="Is a depressive disorder the diagnosis under treatment?",
        answers=(
            _Answer("unipolar", replay.changed(gates=replace(gates, documented=Verdict.MET))),
            _Answer(
                "bipolar",
                replay.changed(gates=replace(gates, blocked_by=("diagnosis.bipolar",))),
            ),
        ),
    )


def _about_severity(replay: _Replay) -> Iterator[_Question]:
    severity = replay.basis.severity
    if severity.points.working is not None:
        return
    yield _Question(
        fact="severity",
        question="How severe is the depression now?",
        answers=tuple(
            _Answer(
                name,
                replay.changed(
                    severity=replace(severity, points=PointRange(points, points, points))
                ),
            )
            for name, points in methods()["maudsley"]["severity_points"].items()
        ),
    )


def _about_onset(episode: Episode | None, replay: _Replay) -> Iterator[_Question]:
    basis = replay.basis
    if episode is None or basis.duration.low == basis.duration.high:
        return
    acute, subacute = basis.ruleset.maudsley_acute_months, basis.ruleset.maudsley_subacute_months
    points = methods()["maudsley"]["duration_points"]
    answers = [
        _Answer(words, replay.changed(duration=PointRange(value, value, value)))
        for words, value in (
            (f"up to {acute} months ago", points["acute"]),
            (f"{acute} to {subacute} months ago", points["subacute"]),
            (f"more than {subacute} months ago", points["chronic"]),
        )
        if basis.duration.low <= value <= basis.duration.high
    ]
    yield _Question(
        fact="onset", question="When did the current episode begin?", answers=tuple(answers)
    )


def _about_ect(replay: _Replay, procedure: Procedure) -> Iterator[_Question]:
    def changed(then: Procedure) -> Levels:
        return replay.changed(
            ect=tuple(then if p.id == procedure.id else p for p in replay.basis.ect)
        )

    if procedure.laterality == "unknown":
        yield _Question(
            fact="laterality",
            question="Was this ECT course bilateral or unilateral?",
            procedure=procedure.id,
            answers=tuple(
                _Answer(side, changed(replace(procedure, laterality=side)))
                for side in ("bilateral", "unilateral")
            ),
        )
    if procedure.failed is Answer.UNKNOWN:
        yield _Question(
            fact="outcome",
            question="What was the score at the end of this ECT course?",
            procedure=procedure.id,
            answers=(
                _Answer("non_response", changed(replace(procedure, failed=Answer.YES))),
                _Answer("response", changed(replace(procedure, failed=Answer.NO))),
            ),
        )


def _about_a_trial(replay: _Replay, position: int, judgement: Judgement) -> Iterator[_Question]:
    drug, start = judgement.course.drug.name, judgement.course.start
    asks_end = start is not None and start.is_exact
    criteria = judgement.criteria
    open_facts = list(_open_facts(criteria))
    # A single open fact leaves no other to be known beside it.
    failing, settled = _all_failing(criteria) if len(open_facts) > 1 else (criteria, ())
    for unknown in open_facts:
        answers = [
            _Answer(unknown.failing, replay.with_trial(position, unknown.if_failing)),
            _Answer(unknown.saving, replay.with_trial(position, unknown.if_saving)),
        ]
        beside = tuple(_named(fact, asks_end) for fact in settled if fact != unknown.fact)
        if beside:
            answers.append(_Answer(unknown.failing, replay.with_trial(position, failing), beside))
        fact = _named(unknown.fact, asks_end)
        yield _Question(
            fact=fact,
            question=_QUESTIONS[fact].format(drug=drug),
            trial=judgement.course.id,
            answers=tuple(answers),
        )


_LENGTH = "length"
"""Stands for ``start`` or ``end``, whichever the record leaves open."""

_QUESTIONS = {
    "adherence": "Was {drug} taken as prescribed?",
    "dose": "What daily dose of {drug} was reached?",
    "start": "On which day did {drug} begin?",
    "end": "On which day did {drug} end?",
    "outcome": "What was the score at the end of {drug}?",
    "indication": "Was {drug} given for depression?",
}


def _named(fact: str, asks_end: bool) -> str:
    if fact == _LENGTH:
        return "end" if asks_end else "start"
    return fact


def _open_facts(criteria: Criteria) -> Iterator[_OpenFact]:
    """The unknown criteria of a trial, in the order a clinician would settle them."""
    met, not_met = Verdict.MET, Verdict.NOT_MET
    if criteria.adherence is Verdict.UNKNOWN:
        yield _OpenFact(
            "adherence",
            "met",
            criteria._replace(adherence=met),
            "not_met",
            criteria._replace(adherence=not_met),
        )
    if criteria.dose is Verdict.UNKNOWN:
        yield _OpenFact(
            "dose",
            "at or above the floor",
            criteria._replace(dose=met, duration=criteria.duration_if_dosed),
            "below the floor",
            criteria._replace(dose=not_met, duration=not_met),
        )
    dosed = criteria.dose is not Verdict.UNKNOWN
    if (criteria.duration if dosed else criteria.duration_if_dosed) is Verdict.UNKNOWN:
        yield _OpenFact(
            _LENGTH,
            "long enough",
            criteria._replace(duration_if_dosed=met, duration=met if dosed else criteria.duration),
            "too short",
            criteria._replace(duration_if_dosed=not_met, duration=not_met),
        )
    if criteria.short_of_response is Verdict.UNKNOWN:
        yield _OpenFact(
            "outcome",
            "non_response",
            criteria._replace(short_of_response=met),
            "response",
            criteria._replace(short_of_response=not_met),
        )
    if criteria.for_depression is Verdict.UNKNOWN:
        yield _OpenFact(
            "indication",
            "depression",
            criteria._replace(for_depression=met),
            "another indication",
            criteria._replace(for_depression=not_met),
        )


def _all_failing(criteria: Criteria) -> tuple[Criteria, tuple[str, ...]]:
    """The trial with every open question answered towards failure, and the facts asked."""
    asked = []
    while (unknown := next(_open_facts(criteria), None)) is not None:
        criteria = unknown.if_failing
        asked.append(unknown.fact)
    return criteria, tuple(asked)
