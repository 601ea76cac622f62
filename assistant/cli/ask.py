"""``trd-assistant ask``: one answer, or many over one record."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.exits import (
    CommandError,
    Exit,
    exit_codes,
    print_json,
    read_json,
    read_json_lines,
)
from assistant.cli.inputs import OutputFormat, assertions, moment, record, ruleset

if TYPE_CHECKING:
    from assistant.answering.answer import Answer
    from assistant.answering.case import AsOf, Case
    from assistant.answering.conversation import Turn
    from assistant.answering.model import Model
    from assistant.answering.ports import KnowledgePort


def ask(  # noqa: PLR0913, PLR0917 - one parameter an option
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT… QUESTION",
            help="The record, then the question; with --no-record the question alone, "
            "with --questions the record alone.",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Date or date-time; default today.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option("--history", help="JSON list of the earlier questions or turns.")
    ] = None,
    assert_file: Annotated[
        Path | None, typer.Option("--assert", help="JSON list of facts the clinician vouches for.")
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions", help='JSON lines {"id", "question", "as_of", "history"}: one line each.'
        ),
    ] = None,
    no_record: Annotated[bool, typer.Option("--no-record", help="Ask the sources alone.")] = False,
    patient: Annotated[
        str | None, typer.Option("--patient", help="Id or identifier, where there are several.")
    ] = None,
    ruleset_name: Annotated[
        str, typer.Option("--ruleset", help="A ruleset shipped, or a .toml file.")
    ] = "source_text",
    model_name: Annotated[
        str | None,
        typer.Option("--model", help="A chat model that may word the answer (extra llm)."),
    ] = None,
    model_url: Annotated[
        str | None, typer.Option("--model-url", help="Base URL of an OpenAI-compatible server.")
    ] = None,
    model_provider: Annotated[
        str | None, typer.Option("--model-provider", help="Where the name does not say it.")
    ] = None,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How the answer is written.")
    ] = OutputFormat.TEXT,
) -> None:
    """Ask about one patient's record, or about the sources; every statement is cited."""
    with exit_codes():
        inputs, question = _inputs_and_question(words or [], questions, no_record)
        when = moment(as_of)
        turns = _turns(read_json(history, "--history"), "--history") if history else ()
        case = None if no_record else _case(inputs, patient, ruleset_name, assert_file)
        asked = _Asked(
            case=case,
            knowledge=_knowledge(),
            model=named_model(model_name, model_provider, model_url),
        )
        if questions is not None:
            _ask_each(questions, asked, when)
            return
        reply = asked.answer(question, turns, when)
        if output is OutputFormat.JSON:
            print_json(reply.to_json())
        else:
            _print(reply)


def _inputs_and_question(
    words: list[str], questions: Path | None, no_record: bool
) -> tuple[list[str], str]:
    inputs = list(words)
    question = ""
    if questions is None:
        if not inputs or not inputs[-1].strip():
            raise CommandError(Exit.USAGE, "give a QUESTION, or --questions FILE.jsonl")
        question = inputs.pop()
    if no_record and inputs:
        raise CommandError(Exit.USAGE, "--no-record stands in place of INPUT: give no input")
    if not no_record and not inputs:
        raise CommandError(Exit.USAGE, "give INPUT and QUESTION, or --no-record and a QUESTION")
    return inputs, question


def _case(
    inputs: list[str], patient: str | None, ruleset_name: str, assert_file: Path | None
) -> "Case":
    from assistant.bootstrap import open_case  # noqa: PLC0415

    chosen = ruleset(ruleset_name)
    facts = assertions(assert_file)
    return open_case(record(inputs, patient), ruleset=chosen, assertions=facts)


def _knowledge() -> "KnowledgePort":
    from assistant.bootstrap import open_knowledge  # noqa: PLC0415

    return open_knowledge()


def _turns(items: Any, what: str) -> "tuple[Turn, ...]":
    from assistant.answering.conversation import turns_from_json  # noqa: PLC0415

    try:
        return turns_from_json(items)
    except ValueError as error:
        raise CommandError(Exit.USAGE, f"{what}: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What every question of one process is asked of."""

    case: "Case | None"
    knowledge: "KnowledgePort"
    model: "Model | None"

    def answer(self, question: str, turns: "tuple[Turn, ...]", when: "AsOf") -> "Answer":
        """The answer to one question."""
        from assistant.answering.answer import answer  # noqa: PLC0415

        return answer(
            question,
            case=self.case,
            knowledge=self.knowledge,
            history=turns,
            as_of=when,
            model=self.model,
        )


def named_model(name: str | None, provider: str | None, url: str | None) -> "Model | None":
    """The model of the options; one of the environment is used by --model only."""
    if name is None:
        return None
    from pydantic import ValidationError  # noqa: PLC0415

    from assistant.config import ConfigError, refuse_tracing  # noqa: PLC0415
    from assistant.model_settings import (  # noqa: PLC0415
        ModelSettings,
        ModelUnavailableError,
        model_settings,
        open_configured_model,
    )

    given = {"name": name, "provider": provider, "base_url": url}
    try:
        refuse_tracing()
        chosen = ModelSettings.model_validate(given)
        key = model_settings(chosen)
        return open_configured_model(
            chosen.model_copy(update={"api_key": key.api_key if key else None})
        )
    except ValidationError:
        message = "--model-url must be an http(s) address"
        raise CommandError(Exit.USAGE, message) from None
    except (ConfigError, ModelUnavailableError) as error:
        raise CommandError(Exit.USAGE, str(error)) from None


def _ask_each(path: Path, asked: _Asked, when: "AsOf") -> None:
    for number, item in read_json_lines(path, "--questions"):
        where = f"--questions {path}, line {number}"
        question = item.get("question")
        if not isinstance(question, str) or not question.strip():
            raise CommandError(Exit.USAGE, f'{where}: "question" must be text')
        own = item.get("as_of")
        at = moment(str(own)) if own is not None else when
        turns = _turns(item.get("history") or [], where)
        reply = asked.answer(question, turns, at)
        print_json({"id": item.get("id"), **reply.to_json()}, indent=False)


def _print(reply: "Answer") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.markdown import Markdown  # noqa: PLC0415

    console = Console(highlight=False)
    console.print(Markdown(reply.text, hyperlinks=False))
    if reply.citations:
        console.print()
    for key, citation in reply.citations:
        where = (
            f"{citation.source_id}, “{citation.section}”"
            if citation.kind == "source"
            else f"{citation.reference}#{citation.element}"
        )
        told = f"[{key}] {where}: {citation.excerpt}"
        console.print(told, markup=False, style="dim", soft_wrap=True)
    console.print(f"{reply.status}, as of {reply.as_of}", style="dim")
