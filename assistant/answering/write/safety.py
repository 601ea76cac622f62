"""Signs of suicidal thoughts: said before anything else."""

from assistant.answering.evidence import Draft, Statement, report_citation
from assistant.answering.plan import Explain
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import day, sentence
from assistant.staging.report import SafetyFlag


def safety_statement(flag: SafetyFlag, context: Context) -> Statement:
    """One safety flag, cited."""
    return Statement(
        text=sentence(f"safety: {flag.detail or flag.flag} ({day(flag.date)})"),
        citations=(
            *context.cite(*flag.evidence, limit=2, extra=f"{flag.detail} {flag.date}"),
            report_citation(
                context.report, "safety.suicidality", f"{flag.flag} {flag.detail} {flag.date}"
            ),
        ),
    )


def write_safety(step: Explain, context: Context) -> Draft:
    """Say which signs of suicidal thoughts the record holds."""
    del step
    flags = context.report.safety
    if not flags:
        text = "The record holds no sign of suicidal thoughts that this assistant can read."
        cited = (report_citation(context.report, "safety.suicidality", text),)
        return Draft(
            parts=(
                Statement(text=text, citations=cited),
                Statement(
                    text="That does not mean there are none: ask.",
                    citations=context.rules("safety.suicidality") or cited,
                ),
            ),
            values=("no",),
        )
    return Draft(parts=tuple(safety_statement(f, context) for f in flags), values=("yes",))
