"""What is said of entries of the chart: prescriptions, diagnoses, encounters, observations."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.answering.chart.entries import Entry, Moment
from assistant.answering.evidence import (
    Citation,
    Draft,
    Statement,
    Table,
    record_citation,
    report_citation,
)
from assistant.answering.plan import Aggregate, Attribute, Lookup
from assistant.answering.safe_text import shown
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import age_between, figure, listed, sentence

MANY = 4
CITED = 12
"""Entries cited for a count; more add nothing a reader would open."""

KIND_WORDS = {
    "prescription": "prescription", "dispense": "dispense", "administration": "administration",
    "home_medicine": "reported medicine", "medication": "medication entry", "intake": "intake",
    "diagnosis": "diagnosis", "procedure": "procedure", "encounter": "encounter",
    "admission": "hospital admission", "hospital_visit": "hospital visit",
    "icu_stay": "ICU stay", "emergency_visit": "emergency department visit",
    "careunit": "care unit", "specimen": "specimen", "organism": "organism",
    "susceptibility": "susceptibility result", "micro_test": "microbiology test",
    "output": "output", "lab": "laboratory result", "vital": "vital sign",
    "measurement": "measurement", "observation": "observation", "allergy": "allergy",
    "immunization": "immunization", "report": "report", "care_plan": "care plan",
    "order": "order", "adverse_event": "adverse event",
}  # fmt: skip
_MEASURED = frozenset({"lab", "vital", "measurement", "observation", "susceptibility"})
_TYPES = {
    "prescription": "MedicationRequest", "dispense": "MedicationDispense",
    "administration": "MedicationAdministration", "home_medicine": "MedicationStatement",
    "diagnosis": "Condition", "procedure": "Procedure", "encounter": "Encounter",
    "admission": "Encounter", "hospital_visit": "Encounter", "icu_stay": "Encounter",
    "emergency_visit": "Encounter", "lab": "Observation", "vital": "Observation",
    "measurement": "Observation", "observation": "Observation",
}  # fmt: skip


def write_lookup(step: Lookup, context: Context) -> Draft:
    """Answer from the entries of one kind."""
    if step.kind.startswith("patient_"):
        return _of_patient(step, context)
    entries = context.index.find(step, context.as_of.wall)
    if not entries:
        ended = replace(step, current=False) if step.current and step.names else None
        once = context.index.find(ended, context.as_of.wall) if ended is not None else []
        return _no_longer(once[-1], step, context) if once else _none(step, context)
    return _BY_AGGREGATE[step.aggregate](entries, step, context)


def _no_longer(entry: Entry, step: Lookup, context: Context) -> Draft:
    """An entry that is recorded, but not as running."""
    end = f", until {_told_time(entry.end)}" if entry.end is not None else ""
    since = f" from {_told_time(entry.start)}" if entry.start is not None else ""
    status = f" ({entry.status})" if entry.status else ""
    cited = [_cite_name(entry, context), _cite_time(entry, entry.start, context),
             _cite_time(entry, entry.end, context)]  # fmt: skip
    text = f"no longer: {_told_name(entry)} is recorded{since}{end}{status}"
    statement = Statement(
        text=sentence(text),
        citations=tuple(c for c in cited if c is not None),
        fallback="No: it is recorded, but not as still running.",
    )
    value = "no" if step.aggregate is Aggregate.EXISTS else "none"
    return Draft(parts=(statement,), values=(value,))


def plural(kind: str, count: int) -> str:
    """The kind in words, in the right number."""
    word = KIND_WORDS.get(kind, kind.replace("_", " "))
    if count == 1:
        return word
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return {"diagnosis": "diagnoses"}.get(word, f"{word}s")


def _when(step: Lookup) -> str:
    window = step.window
    if window is None:
        return ""
    start = window.start.date().isoformat() if window.start else ""
    end = window.end.date().isoformat() if window.end else ""
    if start and end:
        return f" on {start}" if start == end else f" from {start} to {end}"
    return f" since {start}" if start else f" until {end}"


def _called(step: Lookup, entries: Sequence[Entry]) -> str:
    if not step.names or not entries:
        return ""
    wanted = set(step.names)
    found = [next(n.text for n in e.names if n.key in wanted) for e in entries]
    unique = list(dict.fromkeys(shown(name) for name in found))
    return f" of {listed(unique[:3])}" if unique else ""


def _told_names(entries: Sequence[Entry], step: Lookup) -> str:
    """The names of what there is, where these are few and say something."""
    if step.kind not in ("allergy", "diagnosis", "immunization", "procedure"):
        return ""
    unique = list(dict.fromkeys(_told_name(entry) for entry in entries))
    return f" ({listed(unique)})" if len(unique) < MANY and all(unique) else ""


def _cite_name(entry: Entry, context: Context) -> Citation | None:
    if context.case is None:
        return None
    name = entry.name
    element = name.element if name is not None else entry.element
    extra = " ".join(n.text for n in entry.names)
    return record_citation(context.case.chart, entry.reference, element, extra)


def _cite_time(entry: Entry, at: Moment | None, context: Context) -> Citation | None:
    if context.case is None or at is None:
        return None
    reference = at.reference or entry.reference
    return record_citation(context.case.chart, reference, at.element, at.text)


def _cite(entry: Entry, step: Lookup, context: Context) -> tuple[Citation, ...]:
    """The elements that bear out what is said of an entry."""
    at = _moment(entry, step)
    found = [_cite_name(entry, context), _cite_time(entry, at, context)]
    chart = context.case.chart if context.case is not None else None
    if chart is not None:
        if step.attribute in (Attribute.VALUE, Attribute.ENTRY) and entry.value is not None:
            extra = f"{entry.value.text} {entry.value.unit}"
            found.insert(0, record_citation(chart, entry.reference, entry.value.element, extra))
        if step.attribute is Attribute.DOSE and entry.dose is not None:
            extra = f"{entry.dose.text} {entry.dose.unit}"
            found.insert(0, record_citation(chart, entry.reference, entry.dose.element, extra))
        for part in (
            entry.route if step.attribute is Attribute.ROUTE or step.route else None,
            entry.type if step.attribute is Attribute.TYPE else None,
            *(entry.reasons[:1] if step.attribute is Attribute.REASON or step.reasons else ()),
            entry.source if step.route else None,
        ):
            if part is not None:
                found.insert(0, record_citation(chart, entry.reference, part.element, part.text))
    return tuple(c for c in found if c is not None)


def _moment(entry: Entry, step: Lookup) -> Moment | None:
    return entry.end if step.attribute is Attribute.END else entry.start


def _none(step: Lookup, context: Context) -> Draft:
    if step.current and not step.named:
        return _nothing_running(context)
    kind = plural(step.kind, 2)
    pool = context.index.of_kind(step.kind)
    incomplete = _incomplete(step, context)
    what = f"that {KIND_WORDS.get(step.kind, step.kind)}" if step.named else f"any {kind}"
    text = f"the record given shows no sign of {what}{_when(step)}"
    cited = (_read_whole(context, kind),)
    parts = [Statement(text=sentence(text), citations=cited, computed=_when(step))]
    if incomplete:
        parts.append(
            Statement(text="It was not read whole, so this does not show that there is none.")
        )
    presence = step.aggregate in (Aggregate.EXISTS, Aggregate.COUNT)
    holds_kind = step.kind not in _MEASURED or _holds_kind(step, context)
    if not presence or not holds_kind:
        if not pool:
            parts.append(
                Statement(text=f"The record given holds no {kind} at all.", citations=cited)
            )
        return Draft(parts=tuple(parts), status="abstained")
    if incomplete:
        return Draft(parts=tuple(parts), values=("unknown",), status="partly")
    value = "no" if step.aggregate is Aggregate.EXISTS else "0"
    return Draft(parts=tuple(parts), values=(value,))


def _nothing_running(context: Context) -> Draft:
    """No medication is recorded as being taken at the moment asked about."""
    text = "Nothing is recorded as being taken now."
    cited = (_read_whole(context, plural("medication", 2)),)
    return Draft(parts=(Statement(text=text, citations=cited),), values=("none",))


def _read_whole(context: Context, kind: str) -> Citation:
    """What an absence rests on: how much was read, with nothing of the kind in it."""
    read = context.report.completeness
    told = f"{read.resources_read} of {read.resources_total} entries read, searched for {kind}"
    return report_citation(context.report, "completeness", told)


def _holds_kind(step: Lookup, context: Context) -> bool:
    """Whether the record holds measurements of the kind at all; laboratory unless said."""
    kind = "lab" if step.kind in ("measurement", "observation") and step.named else step.kind
    return bool(context.index.of_kind(kind))


def _incomplete(step: Lookup, context: Context) -> bool:
    if context.case is None:
        return False
    wanted = _TYPES.get(step.kind)
    return any(part.type == wanted for part in context.case.treatment.completeness.incomplete)


def _exists(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    count = len(entries)
    value = "yes"
    if step.abnormal is False and not step.names:
        outside = context.index.find(replace(step, abnormal=True), context.as_of.wall)
        if outside:
            return _abnormal_ones(outside, step, context)
    last = entries[-1]
    at = _moment(last, step)
    dated = f", the last on {at.text[:10]}" if at is not None and count > 1 else (
        f", on {at.text[:10]}" if at is not None else ""
    )  # fmt: skip
    called = _called(step, entries) or _told_names(entries, step)
    text = f"{value}: {count} {plural(step.kind, count)}{called}{_when(step)}{dated}"
    return Draft(
        parts=(
            Statement(
                text=sentence(text),
                citations=_cite(last, step, context),
                computed=f"{count}{_when(step)}",
                fallback=sentence(value),
            ),
        ),
        values=(value,),
    )


def _abnormal_ones(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    """Not all is normal: what is not."""
    shown_ones = list({_name(e): e for e in entries}.values())[-MANY:]
    told = replace(step, attribute=Attribute.VALUE)
    lead = Statement(text="No, not all are normal:", computed="")
    return Draft(parts=(lead, *(_line(e, told, context) for e in shown_ones)), values=("no",))


def _count(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    if step.distinct:
        entries = list({tuple(n.key for n in e.names): e for e in entries}.values())
    count = len(entries)
    also = "" if step.distinct else _products(entries, step)
    text = f"{count} {plural(step.kind, count)}{_called(step, entries)}{_when(step)}{also}"
    cited = tuple(c for e in entries[:CITED] for c in _cite(e, step, context)[:1])
    computed = f"{count}{_when(step)}{also}"
    return Draft(
        parts=(Statement(text=sentence(text), citations=cited, computed=computed),),
        values=(str(count),),
    )


def _products(entries: Sequence[Entry], step: Lookup) -> str:
    """How many products the orders are of, where that is another number."""
    if step.kind not in ("prescription", "dispense", "home_medicine") or step.names:
        return ""
    products = len({tuple(named.key for named in entry.names) for entry in entries})
    return f", of {products} different products" if products != len(entries) else ""


def _first(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    return _one(_tied(entries, step, entries[0]), step, context)


def _last(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    if step.each:
        latest = list({_name(entry): entry for entry in entries}.values())
        return _list(latest, replace(step, aggregate=Aggregate.LIST), context)
    return _one(_tied(entries, step, entries[-1]), step, context)


def _tied(entries: list[Entry], step: Lookup, chosen: Entry) -> list[Entry]:
    """The entries of the same moment: none of them is more first than another."""
    at = _moment(chosen, step)
    if at is None:
        return [chosen]
    same = [e for e in entries if (m := _moment(e, step)) is not None and m.first == at.first]
    return [chosen, *(e for e in same if e is not chosen)]


def _one(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    entries = [e for e in entries if said_of(e, step)] or entries
    picked = [entries[0]]
    if step.attribute in (Attribute.NAME, Attribute.ENTRY):
        picked = list({said_of(e, step): e for e in entries}.values())
    said = [_dose_said(e, step) if step.daily else said_of(e, step) for e in picked]
    values = tuple(dict.fromkeys(value for value in said if value))
    parts = tuple(_line(entry, step, context) for entry in picked[:CITED])
    return Draft(parts=parts, values=values, status="answered" if values else "abstained")


def said_of(entry: Entry, step: Lookup) -> str:
    """The bare answer about one entry."""
    match step.attribute:
        case Attribute.TIME | Attribute.END:
            at = _moment(entry, step)
            return at.text if at is not None else ""
        case Attribute.VALUE:
            return _with_unit(entry) or _name(entry)
        case Attribute.DOSE:
            dose = entry.dose
            return f"{dose.text} {dose.unit}".strip() if dose is not None else ""
        case Attribute.ROUTE:
            return shown(entry.route.text) if entry.route is not None else ""
        case Attribute.STATUS:
            return entry.status
        case Attribute.TYPE:
            return shown(entry.type.text) if entry.type is not None else ""
        case Attribute.REASON:
            return shown(entry.reasons[0].text) if entry.reasons else ""
        case Attribute.DURATION:
            return _lasted(entry)
    return _name(entry)


def _dose_said(entry: Entry, step: Lookup) -> str:
    """The total daily dose where dose and timing give it, else what the entry says."""
    dose, times = entry.dose, entry.doses_a_day
    if step.attribute is not Attribute.DOSE or dose is None or dose.number is None or not times:
        return said_of(entry, step)
    return f"{figure(round(dose.number * times, 3))} {dose.unit}/day"


def _name(entry: Entry) -> str:
    return shown(entry.name.text) if entry.name is not None else ""


_METHOD_OF_A_TEST = re.compile(r"\s*\[[^\]]*\](?: (?:in|by) .*)?$")


def _told_name(entry: Entry) -> str:
    """The name in a sentence: a laboratory test without its unit and specimen."""
    return shown(_METHOD_OF_A_TEST.sub("", entry.name.text)) if entry.name is not None else ""


def _told_time(at: Moment) -> str:
    """A recorded time in a sentence: to the minute, midnight as the day alone."""
    day, _, clock = at.text.partition("T")
    return f"{day} at {clock[:5]}" if clock and not clock.startswith("00:00") else day


def _with_unit(entry: Entry) -> str:
    if entry.value is None:
        return ""
    unit = "" if _ANNOTATION.fullmatch(entry.value.unit) else entry.value.unit
    return shown(f"{entry.value.text} {unit}".strip())


_ANNOTATION = re.compile(r"\{.*\}")
"""A unit that only says what is counted, as of a score."""


def _lasted(entry: Entry) -> str:
    if entry.start is None or entry.end is None:
        return ""
    days = (entry.end.last.date() - entry.start.first.date()).days + 1
    return f"{days} day{'s' if days != 1 else ''}"


def _line(entry: Entry, step: Lookup, context: Context) -> Statement:
    name = _told_name(entry) or KIND_WORDS.get(step.kind, step.kind)
    at = _moment(entry, step)
    said = said_of(entry, step) if not step.daily else _dose_said(entry, step)
    detail = f": {said}" if said and step.attribute in (
        Attribute.VALUE, Attribute.DOSE, Attribute.ROUTE, Attribute.STATUS, Attribute.TYPE,
        Attribute.DURATION, Attribute.REASON,
    ) else ""  # fmt: skip
    if step.attribute is Attribute.ENTRY and entry.value is not None:
        detail = f": {_with_unit(entry)}"
    dated = f", {_told_time(at)}" if at is not None else ", undated"
    if not said:
        detail = f": the entry gives no {step.attribute.value}"
    return Statement(
        text=sentence(f"{name}{detail}{dated}"),
        citations=_cite(entry, step, context),
        computed=said if step.attribute is Attribute.DURATION or step.daily else "",
        fallback=sentence(f"one {KIND_WORDS.get(step.kind, 'entry')} is recorded"),
    )


def _list(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    values = tuple(dict.fromkeys(v for e in entries if (v := said_of(e, step))))
    if len(entries) <= MANY:
        return Draft(
            parts=tuple(_line(e, step, context) for e in entries),
            values=values,
            status="answered" if values else "abstained",
        )
    one_each = list({said_of(e, step): e for e in entries}.values())
    named = step.attribute in (Attribute.NAME, Attribute.ENTRY)
    told = replace(step, attribute=Attribute.ENTRY) if named else step
    rows = tuple(
        (
            (
                _name(e),
                _with_unit(e) if named else said_of(e, step),
                at.text if (at := _moment(e, step)) is not None else "",
            ),
            _cite(e, told, context),
        )
        for e in one_each[:_ROWS]
    )
    lead = Statement(
        text=sentence(f"{len(entries)} {plural(step.kind, len(entries))}{_when(step)}"),
        citations=_cite(entries[-1], step, context)[:1],
        computed=f"{len(entries)}{_when(step)}",
    )
    parts: tuple[Statement | Table, ...] = (
        lead,
        Table(header=("Entry", "", "Date"), rows=rows),
    )
    if len(one_each) > _ROWS:
        rest = len(one_each) - _ROWS
        more = Statement(text=f"{rest} more are not shown.", computed=str(rest))
        parts = (*parts, more)
    return Draft(parts=parts, values=values)


_ROWS = 40


def _extreme(pick: Callable[..., Entry]) -> Callable[[list[Entry], Lookup, Context], Draft]:
    def write(entries: list[Entry], step: Lookup, context: Context) -> Draft:
        dosed = step.attribute is Attribute.DOSE
        held = [e for e in entries if _figure(e, dosed=dosed) is not None]
        if not held:
            return _none(step, context)
        chosen = pick(held, key=lambda e: _figure(e, dosed=dosed))
        timed = step.attribute is Attribute.TIME
        attribute = Attribute.DOSE if dosed else Attribute.TIME if timed else Attribute.VALUE
        return _one([chosen], replace(step, attribute=attribute), context)

    return write


def _figure(entry: Entry, *, dosed: bool) -> float | None:
    measured = entry.dose if dosed else entry.value
    return measured.number if measured is not None else None


def _mean(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    held = [e for e in entries if e.value is not None and e.value.number is not None]
    units = {e.value.unit for e in held if e.value is not None}
    if not held or len(units) != 1:
        return _none(step, context)
    numbers = [e.value.number for e in held if e.value is not None and e.value.number is not None]
    value = f"{figure(round(sum(numbers) / len(numbers), 2))} {units.pop()}".strip()
    cited = tuple(c for e in held[:CITED] for c in _cite(e, step, context)[:1])
    text = f"the mean of {len(numbers)} values is {value}"
    return Draft(
        parts=(Statement(text=sentence(text), citations=cited, computed=text),), values=(value,)
    )


def _trend(entries: list[Entry], step: Lookup, context: Context) -> Draft:
    return _list(entries, replace(step, attribute=Attribute.VALUE), context)


def _of_patient(step: Lookup, context: Context) -> Draft:
    case = context.case
    reference = case.treatment.patient.reference if case is not None else ""
    resource = case.chart.resources.get(reference, {}) if case is not None else {}
    birth, gender = resource.get("birthDate"), resource.get("gender")
    if step.kind == "patient_gender":
        return _patient_fact("gender", gender, "recorded as", reference, context)
    if step.kind == "patient_birth" or not isinstance(birth, str):
        return _patient_fact("birthDate", birth, "born on", reference, context)
    return _age(birth, reference, context)


def _patient_fact(
    element: str, value: object, words: str, reference: str, context: Context
) -> Draft:
    if not isinstance(value, str) or context.case is None:
        text = f"The record does not give the patient's {element}."
        return Draft(parts=(Statement(text=text),), status="abstained")
    cited = (record_citation(context.case.chart, reference, element),)
    text = f"the patient is {words} {shown(value)}"
    return Draft(parts=(Statement(text=sentence(text), citations=cited),), values=(shown(value),))


def _age(birth: str, reference: str, context: Context) -> Draft:
    if context.case is None:
        return Draft(parts=(), status="abstained")
    value = age_between(birth, context.as_of.day, context.as_of.day)
    cited = (record_citation(context.case.chart, reference, "birthDate"),)
    text = f"the patient is {value} years old on {context.as_of.day.isoformat()}"
    computed = f"{value} {context.as_of.day.isoformat()}"
    statement = Statement(text=sentence(text), citations=cited, computed=computed)
    return Draft(parts=(statement,), values=(value,))


_BY_AGGREGATE: dict[Aggregate, Callable[[list[Entry], Lookup, Context], Draft]] = {
    Aggregate.FIRST: _first,
    Aggregate.LAST: _last,
    Aggregate.COUNT: _count,
    Aggregate.LIST: _list,
    Aggregate.EXISTS: _exists,
    Aggregate.HIGHEST: _extreme(max),
    Aggregate.LOWEST: _extreme(min),
    Aggregate.MEAN: _mean,
    Aggregate.TREND: _trend,
}
