"""The smallest facts that would move a stage, each with its moves.

Each open question of each trial is answered both ways and the stages are
computed again. A question that leaves its trial open is also tried together
with the trial's other open questions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from assistant.staging.judgement import Judgement
from assistant.staging.report import Episode, MissingFact, Move, Procedure, Staging
from assistant.staging.stages import PointRange, StagingBasis, stage_all
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
_BOUNDS = ("at_least", "working", "at_most")
_Values = dict[tuple[str, str], Any]


class _Answer(NamedTuple):
    """One answer to a question, and the basis it leads to."""

    words: str
    then: StagingBasis
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One open question and its answers."""

    fact: str
    question: str
    trial: str | None = None
    procedure: str | None = None
    answers: tuple[_Answer, ...]


class _OpenFact(NamedTuple):
    """An unknown criterion of one trial: answered for and against a failure."""

    fact: str
    question: str
    failing: str
    if_failing: Judgement
    saving: str
    if_saving: Judgement


def missing_facts(
    judgements: Sequence[Judgement],
    episode: Episode | None,
    basis: StagingBasis,
    staging: Staging,
) -> tuple[MissingFact, ...]:
    """The facts whose knowledge moves a bound, those that move the most first."""
    if basis.gates.blocked_by:
        return ()
    before = _values(staging)
    known: dict[Any, _Values] = {}
    found = []
    for question in _questions(judgements, episode, basis):
        moves: dict[Move, None] = {}
        for answer in question.answers:
            then = answer.then
            key = (then.trials, then.ect, then.duration, then.severity.points, then.gates)
            if key not in known:
                known[key] = _values(stage_all(then))
            moves.update(dict.fromkeys(_moves(before, known[key], answer)))
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


def _values(staging: Staging) -> _Values:
    return {
        (method, bound): getattr(getattr(staging, method), bound)
        for method in _METHODS
        for bound in _BOUNDS
    }


def _moves(before: _Values, after: _Values, answer: _Answer) -> Iterator[Move]:
    for key, old in before.items():
        if after[key] == old or (answer.beside and key[1] == "at_most"):
            continue
        yield Move(
            method=key[0],
            bound=key[1],
            from_=_text(old),
            to=_text(after[key]),
            if_=answer.words,
            with_=answer.beside,
        )


def _text(value: object) -> str:
    if value is None:
        return "none"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _questions(
    judgements: Sequence[Judgement], episode: Episode | None, basis: StagingBasis
) -> Iterator[_Question]:
    if judgements:
        yield from _about_the_diagnosis(basis)
    yield from _about_severity(basis)
    yield from _about_onset(episode, basis)
    for position, judgement in enumerate(judgements):
        if judgement.counts:
            yield from _about_a_trial(basis, position, judgement)
    for procedure in basis.ect:
        yield from _about_ect(basis, procedure)


def _about_the_diagnosis(basis: StagingBasis) -> Iterator[_Question]:
    gates = basis.gates
    if gates.documented is Verdict.MET:
        return
    yield _Question(
        fact="diagnosis",
        question="Is a depressive disorder the diagnosis under treatment?",
        answers=(
            _Answer("unipolar", replace(basis, gates=replace(gates, documented=Verdict.MET))),
            _Answer(
                "bipolar", replace(basis, gates=replace(gates, blocked_by=("diagnosis.bipolar",)))
            ),
        ),
    )


def _about_severity(basis: StagingBasis) -> Iterator[_Question]:
    if basis.severity.points.working is not None:
        return
    levels = methods()["maudsley"]["severity_points"].items()
    yield _Question(
        fact="severity",
        question="How severe is the depression now?",
        answers=tuple(
            _Answer(
                level,
                replace(
                    basis,
                    severity=replace(basis.severity, points=PointRange(points, points, points)),
                ),
            )
            for level, points in levels
        ),
    )


def _about_onset(episode: Episode | None, basis: StagingBasis) -> Iterator[_Question]:
    if episode is None or basis.duration.low == basis.duration.high:
        return
    acute, subacute = basis.ruleset.maudsley_acute_months, basis.ruleset.maudsley_subacute_months
    points = methods()["maudsley"]["duration_points"]
    answers = [
        _Answer(words, replace(basis, duration=PointRange(value, value, value)))
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


def _about_ect(basis: StagingBasis, procedure: Procedure) -> Iterator[_Question]:
    def changed(then: Procedure) -> StagingBasis:
        return replace(basis, ect=tuple(then if p.id == procedure.id else p for p in basis.ect))

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


def _about_a_trial(basis: StagingBasis, position: int, judgement: Judgement) -> Iterator[_Question]:
    open_facts = list(_open_facts(judgement))
    for unknown in open_facts:
        answers = [
            _Answer(unknown.failing, _with_trial(basis, position, unknown.if_failing)),
            _Answer(unknown.saving, _with_trial(basis, position, unknown.if_saving)),
        ]
        failing, settled = _all_failing(judgement)
        beside = tuple(fact for fact in settled if fact != unknown.fact)
        if beside:
            answers.append(_Answer(unknown.failing, _with_trial(basis, position, failing), beside))
        yield _Question(
            fact=unknown.fact,
            question=unknown.question,
            trial=judgement.course.id,
            answers=tuple(answers),
        )


def _open_facts(judgement: Judgement) -> Iterator[_OpenFact]:
    """The unknown criteria of a trial, in the order a clinician would settle them."""
    drug, met, not_met = judgement.course.drug.name, Verdict.MET, Verdict.NOT_MET
    taken = judgement.adherence
    if taken.verdict is Verdict.UNKNOWN:
        yield _OpenFact(
            "adherence",
            f"Was {drug} taken as prescribed?",
            "met",
            replace(judgement, adherence=replace(taken, verdict=met)),
            "not_met",
            replace(judgement, adherence=replace(taken, verdict=not_met)),
        )
    if judgement.dose is Verdict.UNKNOWN:
        yield _OpenFact(
            "dose",
            f"What daily dose of {drug} was reached?",
            "at or above the floor",
            replace(judgement, dose=met, duration=judgement.duration_if_dosed),
            "below the floor",
            replace(judgement, dose=not_met, duration=not_met),
        )
    dosed = judgement.dose is not Verdict.UNKNOWN
    if (judgement.duration if dosed else judgement.duration_if_dosed) is Verdict.UNKNOWN:
        start = judgement.course.start
        fact = "end" if start is not None and start.is_exact else "start"
        yield _OpenFact(
            fact,
            f"On which day did {drug} {'end' if fact == 'end' else 'begin'}?",
            "long enough",
            replace(
                judgement, duration_if_dosed=met, duration=met if dosed else judgement.duration
            ),
            "too short",
            replace(judgement, duration_if_dosed=not_met, duration=not_met),
        )
    if judgement.short_of_response is Verdict.UNKNOWN:
        yield _OpenFact(
            "outcome",
            f"What was the score at the end of {drug}?",
            "non_response",
            replace(judgement, short_of_response=met),
            "response",
            replace(judgement, short_of_response=not_met),
        )
    if judgement.for_depression is Verdict.UNKNOWN:
        yield _OpenFact(
            "indication",
            f"Was {drug} given for depression?",
            "depression",
            replace(judgement, for_depression=met),
            "another indication",
            replace(judgement, for_depression=not_met),
        )


def _all_failing(judgement: Judgement) -> tuple[Judgement, tuple[str, ...]]:
    """The trial with every open question answered towards failure, and the facts asked."""
    asked = []
    while (unknown := next(_open_facts(judgement), None)) is not None:
        judgement = unknown.if_failing
        asked.append(unknown.fact)
    return judgement, tuple(asked)


def _with_trial(basis: StagingBasis, position: int, judged: Judgement) -> StagingBasis:
    trials = list(basis.trials)
    trials[position] = replace(
        trials[position],
        failed=judged.failed(),
        failed_working=judged.failed(assume_adherence=basis.ruleset.assume_adherence),
    )
    return replace(basis, trials=tuple(trials))
