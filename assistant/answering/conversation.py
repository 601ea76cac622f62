"""The turns before this question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An earlier question, and its answer where it is known."""

    question: str
    answer: str = ""


def turns_from_json(items: object) -> tuple[Turn, ...]:
    """Read a ``--history`` list: questions, or turns with question and answer.

    Raises:
        ValueError: the list holds something else.
    """
    if not isinstance(items, list | tuple):
        raise ValueError("history must be a JSON list of questions or of {question, answer}")  # noqa: TRY004 - a bad file, not a bug
    return tuple(_turn(item, place) for place, item in enumerate(items))


def _turn(item: object, place: int) -> Turn:
    if isinstance(item, str):
        return Turn(question=item)
    if isinstance(item, dict) and isinstance(item.get("question"), str):
        answer = item.get("answer")
        return Turn(question=item["question"], answer=answer if isinstance(answer, str) else "")
    raise ValueError(f"history[{place}] must be a question or an object with one")
