"""The smallest facts that would move a stage, each with its moves.

Each open question of each trial is answered both ways and the stages are
computed again. A question that leaves its trial open is also tried together
with the trial's other open questions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from assistant.staging.courses import Course
from assistant.staging.judgement import Criteria, Judgement
from assistant.staging.methods.failures import FailedTrial, Reading
from assistant.staging.methods.maudsley import Beside
from assistant.staging.report import Episode, MissingFact, Move, Procedure
from assistant.staging.ruleset import Ruleset
from assistant.staging.stages import (
    READINGS,
    Counted,
    Gates,
    Level,
    Levels,
    PointRange,
    StagingBasis,
    failures,
    failures_of,
    level_of,
    levels,
    maudsley_beside,
    overruling,
    told,
    with_maudsley,
)
from assistant.staging.tables import methods
from assistant.staging.verdicts import MET, NO, NOT_KNOWN, OPEN, Answer, Verdict

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
"""In the order in which their moves are told."""
_RANKS = {method: rank for rank, method in enumerate(_METHODS)}
_by_rank = itemgetter(*(Level._fields.index(method) for method in _METHODS))
_BOUNDS = tuple(reading.value for reading in READINGS)


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
    """An unknown criterion of one trial: answered for a failure and, in words, against it."""

    fact: str
    failing: str
    if_failing: Criteria
    saving: str


class _Counting(NamedTuple):
    """One reading of the trials as they stand."""

    reading: Reading
    stands: Level
    overruled: bool
    """Whether a gate tells its level, whatever the trials."""
    beside: Beside | None
    """The Maudsley items that no trial changes."""
    counted: list[FailedTrial | None]
    """Each trial as it counts; None where it does not."""


class _Replay:
    """The stages with one more fact known; only what the fact changes is told again."""

    def __init__(self, basis: StagingBasis, failed: Counted, before: Levels) -> None:
        self.basis = basis
        self.failed = failed
        self.before = before
        self.words = [[_text(value) for value in _by_rank(one)] for one in before]
        counted = [t.under(t.failed, t.failed_working) for t in basis.trials]
        self._readings = [
            _Counting(
                reading,
                stands,
                overruling(basis.gates, reading) is not None,
                maudsley_beside(basis, reading),
                [under[place] for under in counted],
            )
            for place, (reading, stands) in enumerate(zip(READINGS, before, strict=True))
        ]
        self._known: dict[tuple[int, Answer, Answer], Levels] = {}

    def with_gates(self, gates: Gates) -> Levels:
        """The stages behind other gates."""
        return levels(replace(self.basis, gates=gates), self.failed)

    def with_ect(self, ect: tuple[Procedure, ...]) -> Levels:
        """The stages with these courses of ECT."""
        changed = replace(self.basis, ect=ect)
        return levels(changed, failures(changed))

    def with_points(
        self, *, duration: PointRange | None = None, severity: PointRange | None = None
    ) -> Levels:
        """The stages with other Maudsley points of duration or severity; no other method moves."""

        def moved(one: _Counting) -> Level:
            beside = maudsley_beside(self.basis, one.reading, duration=duration, severity=severity)
            return with_maudsley(one.stands, self.failed[one.reading], beside)

        return tuple([one.stands if one.overruled else moved(one) for one in self._readings])

    def failure(self, criteria: Criteria) -> tuple[Answer, Answer]:
        """Whether a trial of these criteria failed: proven, and under the assumptions."""
        failed = working = criteria.failed()
        if failed is OPEN and self.basis.ruleset.assume_adherence:
            working = criteria.failed(assume_adherence=True)
        return failed, working

    def with_criteria(self, known: Mapping[int, Criteria]) -> Levels:
        """The stages with several trials judged anew, by their position."""
        trials = list(self.basis.trials)
        for position, criteria in known.items():
            failed, working = self.failure(criteria)
            trials[position] = trials[position]._replace(failed=failed, failed_working=working)
        changed = replace(self.basis, trials=tuple(trials))
        return levels(changed, failures(changed))

    def with_trial(self, position: int, failed: Answer, working: Answer) -> Levels:
        """The stages with the failure of the trial at ``position`` told so."""
        key = (position, failed, working)
        if key not in self._known:
            self._known[key] = self._told(position, failed, working)
        return self._known[key]

    def _told(self, position: int, failed: Answer, working: Answer) -> Levels:
        ect, ruleset = self.basis.ect, self.basis.ruleset
        now: list[Level] = []
        last: list[FailedTrial] | None = None
        for trial, (reading, stands, overruled, beside, counted) in zip(
            self.basis.trials[position].under(failed, working), self._readings, strict=True
        ):
            if overruled or counted[position] is trial:
                now.append(stands)
                continue
            changed = counted.copy()
            changed[position] = trial
            listed = [one for one in changed if one is not None]
            # ECT counts differently by reading; without it the same trials say the same.
            if ect or listed != last:
                failed_so = failures_of(listed, ect, reading)
                words = told(failed_so, ruleset)
            last = listed
            now.append(level_of(failed_so, words, beside))
        return tuple(now)


def missing_facts(
    judgements: Sequence[Judgement],
    episode: Episode | None,
    basis: StagingBasis,
    failed: Counted,
    before: Levels,
) -> tuple[MissingFact, ...]:
    """The facts whose knowledge moves a bound from ``before``, those that move the most first.

    ``failed`` are the failures under each reading as they stand.
    """
    if basis.gates.blocked_by:
        return ()
    replay = _Replay(basis, failed, before)
    found: dict[tuple[str, str | None, str | None], MissingFact] = {}
    for question in _questions(judgements, episode, replay):
        moves = [m for answer in question.answers for m in _moves(replay, answer)]
        if moves:
            named = (question.fact, question.trial, question.procedure)
            asked = found.get(named)
            found[named] = MissingFact(
                fact=question.fact,
                question=question.question,
                trial=question.trial,
                procedure=question.procedure,
                moves=(*asked.moves, *moves) if asked else tuple(moves),
            )
    return tuple(sorted(found.values(), key=_effect))


def _effect(fact: MissingFact) -> tuple[bool, int, int, str, str, str]:
    """Facts that move a stage alone come first, by the method they move."""
    alone = [_RANKS[move.method] for move in fact.moves if not move.with_]
    return (
        not alone,
        min(alone or [_RANKS[move.method] for move in fact.moves]),
        -len(alone),
        fact.trial or "",
        fact.procedure or "",
        fact.fact,
    )


def _moves(replay: _Replay, answer: _Answer) -> list[Move]:
    """The bounds an answer moves; beside other facts the upper bound says nothing new."""
    moved: list[tuple[int, str, str, object]] = []
    for bound, words, old, new in zip(
        _BOUNDS, replay.words, replay.before, answer.then, strict=True
    ):
        if new is old or (answer.beside and bound == _BOUNDS[-1]):
            continue
        told = zip(_RANKS.values(), words, _by_rank(old), _by_rank(new), strict=True)
        moved += [
            (rank, bound, word, becomes) for rank, word, was, becomes in told if was != becomes
        ]
    moved.sort(key=itemgetter(0))
    if_, with_ = answer.words, answer.beside
    return [
        Move(_METHODS[rank], bound, word, _text(becomes), if_, with_)
        for rank, bound, word, becomes in moved
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
        if judgement.failed() is OPEN:
            yield from _about_a_trial(replay, position, judgement)
    for other in judgements:
        yield from _about_dates_beside(replay, judgements, other.course)
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
            _Answer("unipolar", replay.with_gates(replace(gates, documented=Verdict.MET))),
            _Answer(
                "bipolar", replay.with_gates(replace(gates, blocked_by=("diagnosis.bipolar",)))
            ),
        ),
    )


def _about_severity(replay: _Replay) -> Iterator[_Question]:
    if replay.basis.severity.points.working is not None:
        return
    yield _Question(
        fact="severity",
        question="How severe is the depression now?",
        answers=tuple(
            _Answer(name, replay.with_points(severity=PointRange(points, points, points)))
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
        _Answer(words, replay.with_points(duration=PointRange(value, value, value)))
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
        return replay.with_ect(
            tuple([then if p.id == procedure.id else p for p in replay.basis.ect])
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
    """The questions about a trial whose failure is open; an answer against it settles that."""
    drug, start = judgement.course.drug.name, judgement.course.start
    asks_end = start is not None and start.is_exact
    open_facts = list(_open_facts(judgement.criteria))
    # A single open fact leaves no other to be known beside it.
    failing: Criteria = judgement.criteria
    settled: tuple[str, ...] = ()
    if len(open_facts) > 1:
        failing, settled = _all_failing(failing)

    def judged(criteria: Criteria) -> Levels:
        return replay.with_trial(position, *replay.failure(criteria))

    for unknown in open_facts:
        answers = [
            _Answer(unknown.failing, judged(unknown.if_failing)),
            _Answer(unknown.saving, replay.with_trial(position, NO, NO)),
        ]
        beside = tuple([_named(fact, asks_end) for fact in settled if fact != unknown.fact])
        if beside:
            answers.append(_Answer(unknown.failing, judged(failing), beside))
        fact = _named(unknown.fact, asks_end)
        yield _Question(
            fact=fact,
            question=_worded(fact, replay.basis.ruleset).format(drug=drug),
            trial=judgement.course.id,
            answers=tuple(answers),
        )


def _about_dates_beside(
    replay: _Replay, judgements: Sequence[Judgement], other: Course
) -> Iterator[_Question]:
    """When a drug was taken, where that alone makes the outcomes of others surely their own."""
    settled = {
        position: judgement
        for position, judgement in enumerate(judgements)
        if judgement.may_share == (other.id,)
    }
    if not settled:
        return
    ended = other.start is not None and other.start.is_exact
    fact, order = ("end", "before") if ended else ("start", "after")
    beside = " and ".join(judgement.course.drug.name for judgement in settled.values())
    own = {
        position: judgement.criteria._replace(own_endpoint=MET)
        for position, judgement in settled.items()
    }
    yield _Question(
        fact=fact,
        question=_QUESTIONS[fact].format(drug=other.drug.name),
        trial=other.id,
        answers=(_Answer(f"{order} {beside}", replay.with_criteria(own)),),
    )


def _worded(fact: str, ruleset: Ruleset) -> str:
    return _PROXY if fact == "outcome" and ruleset.proxy else _QUESTIONS[fact]


_PROXY = "Did {drug} fail, or did another treatment follow it?"
"""What a ruleset asks that judges no score."""
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
    if criteria.adherence is NOT_KNOWN:
        yield _OpenFact("adherence", "met", criteria._replace(adherence=MET), "not_met")
    if criteria.dose is NOT_KNOWN:
        yield _OpenFact(
            "dose",
            "at or above the floor",
            criteria._replace(dose=MET, duration=criteria.duration_if_dosed),
            "below the floor",
        )
    dosed = criteria.dose is not NOT_KNOWN
    if (criteria.duration if dosed else criteria.duration_if_dosed) is NOT_KNOWN:
        yield _OpenFact(
            _LENGTH,
            "long enough",
            criteria._replace(duration_if_dosed=MET, duration=MET if dosed else criteria.duration),
            "too short",
        )
    if NOT_KNOWN in (criteria.short_of_response, criteria.own_endpoint):
        told = criteria._replace(short_of_response=MET, own_endpoint=MET)
        yield _OpenFact("outcome", "non_response", told, "response")
    if criteria.for_depression is NOT_KNOWN:
        yield _OpenFact(
            "indication",
            "depression",
            criteria._replace(for_depression=MET),
            "another indication",
        )


def _all_failing(criteria: Criteria) -> tuple[Criteria, tuple[str, ...]]:
    """The trial with every open question answered towards failure, and the facts asked."""
    asked = []
    while (unknown := next(_open_facts(criteria), None)) is not None:
        criteria = unknown.if_failing
        asked.append(unknown.fact)
    return criteria, tuple(asked)
