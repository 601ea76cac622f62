"""The smallest facts that would move a stage, each with its moves.

Each open question of each trial is answered both ways and the stages are
computed again; a fact that moves nothing alone is tried together with the
other open questions of its trial.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from assistant.staging.dates import DayRange, PartialDate, add_days, add_months
from assistant.staging.judgement import Judgement
from assistant.staging.procedures import ECT
from assistant.staging.report import MissingFact, Move, Staging
from assistant.staging.stages import PointRange, StagingBasis, stage_all
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One open question and the bases its answers lead to."""

    fact: str
    question: str
    trial: str | None = None
    procedure: str | None = None
    answers: tuple[tuple[str, StagingBasis], ...]


def missing_facts(basis: StagingBasis, staging: Staging) -> tuple[MissingFact, ...]:
    """The facts whose knowledge moves a bound, those that move the most first."""
    if basis.gates.blocked_by:
        return ()
    before = _values(staging)
    found = []
    for question in _questions(basis):
        moves = [
            move
            for answer, then in question.answers
            for move in _moves(before, _values(stage_all(then)), answer)
        ]
        moves += list(_together(basis, before, question))
        if moves:
            found.append(
                MissingFact(
                    fact=question.fact,
                    question=question.question,
                    trial=question.trial,
                    procedure=question.procedure,
                    moves=tuple(dict.fromkeys(moves)),
                )
            )
    return tuple(sorted(found, key=_effect))


def _effect(fact: MissingFact) -> tuple[int, int, str, str, str]:
    ranks = [_METHODS.index(move.method) for move in fact.moves]
    return (
        min(ranks),
        -len(fact.moves),
        fact.trial or "",
        fact.procedure or "",
        fact.fact,
    )


def _values(staging: Staging) -> dict[tuple[str, str], Any]:
    return {
        (method, bound): getattr(getattr(staging, method), bound)
        for method in _METHODS
        for bound in _BOUNDS
    }


def _moves(
    before: dict[tuple[str, str], Any],
    after: dict[tuple[str, str], Any],
    answer: str,
    beside: tuple[str, ...] = (),
) -> Iterator[Move]:
    for key, old in before.items():
        if after[key] != old:
            yield Move(
                method=key[0],
                bound=key[1],
                from_=_text(old),
                to=_text(after[key]),
                if_=answer,
                with_=beside,
            )


def _text(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _questions(basis: StagingBasis) -> Iterator[_Question]:
    yield from _about_the_record(basis)
    for judgement in basis.judgements:
        if judgement.counts:
            yield from _about_a_trial(basis, judgement)
    for procedure in basis.procedures:
        if procedure.modality == ECT and procedure.laterality == "unknown":
            answers = tuple(
                (side, _with_procedure(basis, replace(procedure, laterality=side)))
                for side in ("bilateral", "unilateral")
            )
            yield _Question(
                fact="laterality",
                question=f"Was the ECT course {procedure.id} bilateral or unilateral?",
                procedure=procedure.id,
                answers=answers,
            )
        if procedure.modality == ECT and procedure.failed is Answer.UNKNOWN:
            yield _Question(
                fact="outcome",
                question=f"What did the ECT course {procedure.id} do to the score?",
                procedure=procedure.id,
                answers=(
                    ("non_response", _with_procedure(basis, replace(procedure, failed=Answer.YES))),
                    ("response", _with_procedure(basis, replace(procedure, failed=Answer.NO))),
                ),
            )


def _about_the_record(basis: StagingBasis) -> Iterator[_Question]:
    gates = basis.gates
    if gates.documented is not Verdict.MET:
        yield _Question(
            fact="diagnosis",
            question="Is a depressive disorder the diagnosis under treatment?",
            answers=(
                ("unipolar", replace(basis, gates=replace(gates, documented=Verdict.MET))),
                (
                    "bipolar",
                    replace(basis, gates=replace(gates, blocked_by=("diagnosis.bipolar",))),
                ),
            ),
        )
    points = basis.severity.points
    if points.working is None:
        answers = tuple(
            (
                f"{value} points",
                replace(
                    basis,
                    severity=replace(basis.severity, points=PointRange(value, value, value)),
                ),
            )
            for value in range(points.low, points.high + 1)
        )
        yield _Question(
            fact="severity",
            question="How severe is the depression now (a score, or mild, moderate, severe)?",
            answers=answers,
        )
    episode = basis.episode
    if episode is not None and (episode.start is None or episode.duration_months.high is None):
        yield _Question(
            fact="onset",
            question="When did the current episode begin?",
            answers=tuple(_onsets(basis)),
        )


def _onsets(basis: StagingBasis) -> Iterator[tuple[str, StagingBasis]]:
    episode, ruleset = basis.episode, basis.ruleset
    if episode is None:
        return
    spans = (
        ("12 months or less", 0, ruleset.maudsley_acute_months),
        ("13 to 24 months", ruleset.maudsley_acute_months, ruleset.maudsley_subacute_months),
        ("more than 24 months", ruleset.maudsley_subacute_months, None),
    )
    known = episode.start
    for words, _, upper in spans:
        months = upper if upper is not None else ruleset.maudsley_subacute_months
        day = add_months(basis.as_of, -months)
        start = PartialDate.of(day if upper is not None else add_days(day, -1))
        if known is not None and start.earliest > known.latest:
            continue
        then = replace(episode, start=start, duration_months=DayRange(months, months))
        yield words, replace(basis, episode=then)


def _about_a_trial(basis: StagingBasis, judgement: Judgement) -> Iterator[_Question]:
    trial, drug = judgement.course.id, judgement.course.drug.name
    for fact, question, answers in _open(judgement, drug):
        yield _Question(
            fact=fact,
            question=question,
            trial=trial,
            answers=tuple((words, _with_judgement(basis, then)) for words, then in answers),
        )


_Answers = tuple[tuple[str, Judgement], ...]


def _open(judgement: Judgement, drug: str) -> Iterator[tuple[str, str, _Answers]]:
    """Open questions of one trial; the first answer is the one under which it failed."""
    if judgement.adherence.verdict is Verdict.UNKNOWN:
        yield (
            "adherence",
            f"Were at least the required share of {drug} doses taken?",
            (
                ("met", _adherent(judgement, Verdict.MET)),
                ("not_met", _adherent(judgement, Verdict.NOT_MET)),
            ),
        )
    if judgement.dose is Verdict.UNKNOWN:
        yield (
            "dose",
            f"What was the highest daily dose of {drug}, and from when?",
            (
                (
                    "at or above the floor",
                    replace(judgement, dose=Verdict.MET, duration=judgement.duration_if_dosed),
                ),
                (
                    "below the floor",
                    replace(judgement, dose=Verdict.NOT_MET, duration=Verdict.NOT_MET),
                ),
            ),
        )
    elif judgement.duration is Verdict.UNKNOWN:
        start = judgement.course.start
        missing = "end" if start is not None and start.is_exact else "start"
        yield (
            missing,
            f"On which day did {drug} {'begin' if missing == 'start' else 'end'}?",
            (
                ("long enough", replace(judgement, duration=Verdict.MET)),
                ("too short", replace(judgement, duration=Verdict.NOT_MET)),
            ),
        )
    if judgement.short_of_response is Verdict.UNKNOWN:
        yield (
            "outcome",
            f"What was the score at the end of {drug}?",
            (
                ("non_response", replace(judgement, short_of_response=Verdict.MET)),
                ("response", replace(judgement, short_of_response=Verdict.NOT_MET)),
            ),
        )
    if judgement.for_depression is Verdict.UNKNOWN:
        yield (
            "indication",
            f"Was {drug} given for depression?",
            (
                ("depression", replace(judgement, for_depression=Verdict.MET)),
                ("another indication", replace(judgement, for_depression=Verdict.NOT_MET)),
            ),
        )


def _together(
    basis: StagingBasis, before: dict[tuple[str, str], Any], question: _Question
) -> Iterable[Move]:
    """Moves of the lower bound that need all open questions of the trial answered."""
    if question.trial is None:
        return ()
    judgement = next(j for j in basis.judgements if j.course.id == question.trial)
    names = [fact for fact, _, _ in _open(judgement, judgement.course.drug.name)]
    beside = tuple(name for name in names if name != question.fact)
    if not beside:
        return ()
    settled = judgement
    while open_ := next(iter(_open(settled, "")), None):
        settled = open_[2][0][1]
    after = _values(stage_all(_with_judgement(basis, settled)))
    answer = next(a for a, _ in question.answers)
    return [move for move in _moves(before, after, answer, beside) if move.bound != "at_most"]


def _adherent(judgement: Judgement, verdict: Verdict) -> Judgement:
    return replace(judgement, adherence=replace(judgement.adherence, verdict=verdict))


def _with_judgement(basis: StagingBasis, changed: Judgement) -> StagingBasis:
    return replace(
        basis,
        judgements=tuple(
            changed if j.course.id == changed.course.id else j for j in basis.judgements
        ),
    )


def _with_procedure(basis: StagingBasis, changed: Any) -> StagingBasis:
    return replace(
        basis,
        procedures=tuple(changed if p.id == changed.id else p for p in basis.procedures),
    )
