"""Totals from which a ruleset calls the depression resistant: registers use such cut-offs."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from assistant.staging.methods import source_stage
from assistant.staging.methods.failures import Reading
from assistant.staging.report import Bounds, CutOff
from assistant.staging.ruleset import Ruleset
from assistant.staging.verdicts import Answer

_PARAMETERS = {"maudsley": "maudsley_trd_from", "mgh_s": "mgh_s_trd_from"}


def cut_offs(
    totals: Mapping[str, Sequence[int | Decimal | None]],
    stages: Sequence[str | None],
    ruleset: Ruleset,
) -> tuple[CutOff, ...]:
    """Whether each total reaches its cut-off, under each reading; none where the ruleset has none.

    Args:
        totals: the total of each method under each reading, in the order of ``Reading``.
        stages: the source text's stage under each reading; None where staging is not told.
        ruleset: names the cut-offs and their source.
    """
    found = []
    for method, name in _PARAMETERS.items():
        points = getattr(ruleset, name)
        if points is None:
            continue
        at_least, working, at_most = (
            _reached(total, points, stage, reading)
            for total, stage, reading in zip(totals[method], stages, Reading, strict=True)
        )
        found.append(
            CutOff(
                method=method,
                points=points,
                reached=Bounds(at_least=at_least, working=working, at_most=at_most),
                source=ruleset.parameters[name].source,
            )
        )
    return tuple(found)


def _reached(
    total: int | Decimal | None, points: int | Decimal, stage: str | None, reading: Reading
) -> Answer | None:
    """A total that is not told reaches nothing without a failure, and may be any at most."""
    if total is not None:
        return Answer.YES if total >= points else Answer.NO
    if stage == source_stage.ORDER[0]:
        return Answer.NO
    unbounded = stage is not None and reading is Reading.AT_MOST
    return Answer.YES if unbounded else None
