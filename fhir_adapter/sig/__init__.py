"""A free-text dose instruction ("take 1 tab po bid x 7 days") read into structure.

What was tried first (November 2026): ``parsigs`` 1.1.0b0 needs a spaCy model from
a model hub; ``dose-instruction-parser`` 2025.1024a0 needs the model ``en_edris9``
from a release page, Python below 3.12, spaCy below 3.5 and NumPy 1.26; ``StructuRX``
0.2 (2013) is written for Python 2 and a Java parser. None installs beside the
product without a network, and statistical readers guess where we must say
"unknown"; so this is a grammar of our own over a table of words
(``tables/sig_words.toml``).
"""

from dataclasses import replace
from functools import lru_cache

from fhir_adapter.sig.grammar import reduce_items
from fhir_adapter.sig.steps import NO_UNIT, NONE_READ, read_step, split, without_asides
from fhir_adapter.sig.structure import (
    Sig,
    SigDose,
    SigDuration,
    SigFrequency,
    SigStep,
    Span,
)
from fhir_adapter.sig.tokens import tokenize

__all__ = ["Sig", "SigDose", "SigDuration", "SigFrequency", "SigStep", "Span", "parse_sig"]

_LONGEST = 1000
"""Characters; an instruction is a line or two, longer text is a note."""


@lru_cache(maxsize=4096)
def parse_sig(text: str) -> Sig:
    """What ``text`` tells a patient to take; None and a problem where it cannot be read."""
    if not text.strip():
        return Sig(text=text, problems=("the instruction is empty",))
    if len(text) > _LONGEST:
        return Sig(text=text, problems=(f"longer than {_LONGEST} characters: not read",))
    tokens = tokenize(text)
    items, aside = without_asides(reduce_items(tokens.items))
    drafts = split(items)
    read = [read_step(draft, aside if len(drafts) == 1 else ()) for draft in drafts]
    steps = _merge_equal(_inherit([step for step, _ in read]))
    unread = [word for _, words in read for word in words]
    problems = _problems(steps, unread, tokens.corrected)
    directed = any(item.kind == "d" for item in (*items, *aside))
    return _assemble(text, steps, problems, directed=directed)


def _inherit(steps: list[SigStep]) -> list[SigStep]:
    """Steps with what they take over from the step before: unit, dose, frequency, route."""
    inherited = steps[:1]
    for following in steps[1:]:
        before = inherited[-1]
        step = _with_unit(following, before)
        if step.relation == "then" and not step.as_needed:
            step = _with_frequency(_with_dose(step, before), before)
        inherited.append(replace(step, route=step.route or before.route))
    return inherited


def _with_unit(step: SigStep, before: SigStep) -> SigStep:
    """``2 tablets for 3 days then 1``: tablets go on."""
    if step.dose is None or NO_UNIT not in step.problems or before.dose is None:
        return step
    if before.dose.unit is None:
        return step
    dose = replace(step.dose, unit=before.dose.unit)
    return replace(step, dose=dose, problems=_without(step, NO_UNIT))


def _with_dose(step: SigStep, before: SigStep) -> SigStep:
    """``1 tablet twice daily for 2 weeks then once daily``: the dose goes on."""
    missing = NONE_READ.format("dose")
    if step.dose is not None or step.frequency is None or missing not in step.problems:
        return step
    if before.dose is None:
        return step
    return replace(step, dose=before.dose, problems=_without(step, missing))


def _with_frequency(step: SigStep, before: SigStep) -> SigStep:
    """``2 puffs bd for 1 week then 1 puff``: the frequency goes on."""
    missing = NONE_READ.format("frequency")
    known = before.frequency is not None and before.frequency.unit is not None
    if step.dose is None or not known or missing not in step.problems:
        return step
    return replace(step, frequency=before.frequency, problems=_without(step, missing))


def _without(step: SigStep, problem: str) -> tuple[str, ...]:
    return tuple(entry for entry in step.problems if entry != problem)


def _merge_equal(steps: list[SigStep]) -> list[SigStep]:
    """``one in the morning and one at bedtime`` is one dose twice a day.

    Where a third dose differs they stay apart, as the text has them.
    """
    merged = steps[:1]
    for step in steps[1:]:
        together = _twice_the_same(merged[-1], step)
        if together is None:
            merged.append(step)
        else:
            merged[-1] = together
    return steps if any(step.relation == "and" for step in merged) else merged


def _twice_the_same(first: SigStep, second: SigStep) -> SigStep | None:
    one, two = first.frequency, second.frequency
    if second.relation != "and" or one is None or two is None or first.dose is None:
        return None
    if first.dose != second.dose or first.as_needed != second.as_needed or first.duration:
        return None
    if (one.per, one.unit) != (Span.exactly(1), "day") or (two.per, two.unit) != (one.per, "day"):
        return None
    if not (one.times.is_exact and two.times.is_exact and (one.when or one.time_of_day)):
        return None
    frequency = SigFrequency(
        times=Span.exactly(one.times.low + two.times.low),
        per=one.per,
        unit="day",
        when=tuple(dict.fromkeys((*one.when, *two.when))),
        time_of_day=(*one.time_of_day, *two.time_of_day),
    )
    return replace(
        first, frequency=frequency, duration=second.duration, route=first.route or second.route
    )


def _problems(
    steps: list[SigStep], unread: list[str], corrected: tuple[str, ...]
) -> tuple[str, ...]:
    problems: list[str] = []
    for number, step in enumerate(steps, start=1):
        where = f"step {number}, " if len(steps) > 1 else ""
        problems += [where + problem for problem in step.problems]
    if any(step.relation == "and" for step in steps):
        problems.append("dose: different doses on the same day, see segments")
        problems.append("frequency: different doses on the same day, see segments")
    if unread:
        problems.append(f"words not read: {len(unread)}")
    problems += [f'spelling: read a word as "{word}"' for word in corrected]
    return tuple(problems)


def _assemble(text: str, steps: list[SigStep], problems: tuple[str, ...], *, directed: bool) -> Sig:
    first = steps[0]
    side_by_side = any(step.relation == "and" for step in steps)
    return Sig(
        text=text,
        method=first.method,
        dose=None if side_by_side else first.dose,
        frequency=None if side_by_side else first.frequency,
        route=first.route,
        as_needed=first.as_needed,
        as_directed=directed,
        duration=first.duration,
        strength=first.strength,
        total=first.total,
        maximum=first.maximum,
        drug=first.drug,
        segments=tuple(steps) if len(steps) > 1 else (),
        problems=problems,
    )
