"""The command ``trd-assistant``: one file a command group, heavy imports inside the commands."""

import typer

from assistant.cli import audit, coverage, evals, keys, knowledge, serve
from assistant.cli.ask import ask
from assistant.cli.cohort import cohort
from assistant.cli.feedback import feedback
from assistant.cli.stage import stage

app = typer.Typer(
    name="trd-assistant",
    help="Treatment-resistant depression, staged from a FHIR record and answered with citations.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: drawing it with Rich takes thrice as long as all else
    pretty_exceptions_enable=False,
)
app.command("stage")(stage)
app.command("ask")(ask)
app.command("cohort")(cohort)
app.command("feedback")(feedback)
coverage.register(app)
serve.register(app)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(evals.app, name="evals")


def main() -> None:
    """Run the command line."""
    app()
