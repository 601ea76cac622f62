"""The case in a few sentences: the stage, the trials, what is open."""

from assistant.answering.evidence import Draft
from assistant.answering.plan import Explain, Topic
from assistant.answering.write.checks import write_checks
from assistant.answering.write.context import Context
from assistant.answering.write.missing import write_missing
from assistant.answering.write.safety import safety_statement
from assistant.answering.write.stages import write_stage, write_trd
from assistant.answering.write.trials import write_trials


def write_summary(step: Explain, context: Context) -> Draft:
    """Summarise the case: safety first, verdict, stage, trials, what mimics, what is missing."""
    del step
    flags = tuple(safety_statement(flag, context) for flag in context.report.safety)
    trd = write_trd(Explain(topic=Topic.TRD), context)
    stage = write_stage(Explain(topic=Topic.STAGE), context)
    trials = write_trials(Explain(topic=Topic.TRIALS), context)
    checks = write_checks(Explain(topic=Topic.CHECKS), context)
    missing = write_missing(Explain(topic=Topic.MISSING), context)
    parts = (
        *flags,
        trd.parts[0],
        stage.parts[0],
        *trials.parts,
        *checks.parts[:2],
        *missing.parts[:1],
    )
    return Draft(parts=parts, values=(*trd.values, *stage.values[:1]), rests_on_staging=True)
