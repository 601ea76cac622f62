"""The suite ``twins``: whether what must change changes, and what must stay stays."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import orjson

from evals.cases import CaseError
from evals.records import demo_record
from evals.scorers import Score, told, unscored
from evals.subjects import Subject
from evals.suites import EvalItem, Options, Suite
from evals.twins import Change, Pair
from evals.twins.fields import field_of, stages, table
from evals.twins.ground import report_of
from evals.twins.making import agrees, twins_of

_QUESTIONS = (
    ("What stage is she?", "staging.source_stage.working"),
    ("Is this depression treatment-resistant?", "staging.trd.working"),
    ("Is {drug} a failed trial?", "trials[{drug}].failed"),
    ("Was the dose of {drug} adequate?", "trials[{drug}].adequacy.dose"),
    ("Was the {drug} trial long enough?", "trials[{drug}].adequacy.duration"),
)
_SPOKEN = {"met": "yes", "not_met": "no"}


def items(options: Options) -> Iterator[EvalItem]:
    """The pairs of every demo patient, or of the site's own records."""
    for name, record, as_of in _records(options):
        for number, pair in enumerate(_pairs(record, as_of, options.seed), start=1):
            yield EvalItem(
                id=f"{name}.{number:02d} {pair.family}",
                family=pair.family,
                asked=f"{name} as of {as_of}: {pair.what}",
                expected=pair.to_json(),
                perform=partial(_perform, pair),
                judge=partial(_judge, pair),
            )


def _records(options: Options) -> Iterator[tuple[str, bytes, str]]:
    from assistant.service.demo_patients import demo_patients  # noqa: PLC0415
    from evals.suites.files import placed  # noqa: PLC0415

    if options.cases is None:
        for patient in demo_patients():
            as_of = patient.as_of.isoformat() if patient.as_of else ""
            yield patient.id, demo_record(patient.id), as_of
        return
    seen: set[bytes] = set()
    paths = [options.cases] if options.cases.is_file() else sorted(options.cases.rglob("*.y*ml"))
    for one in placed(paths, options):
        if one.record is not None and one.record not in seen:
            seen.add(one.record)
            yield one.item.id, one.record, one.as_of
    if not seen:
        raise CaseError(f"{options.cases}: none of its cases has a record")


@cache
def _pairs(record: bytes, as_of: str, seed: int) -> tuple[Pair, ...]:
    return tuple(twins_of(orjson.loads(record), as_of, seed=seed).pairs)


def _perform(pair: Pair, subject: Subject) -> dict[str, Any]:
    question, _, _ = _question(pair)
    sides = {}
    for name, record in (("a", pair.a), ("b", pair.b)):
        opened = subject.open(orjson.dumps(record))
        report = opened.stage(pair.as_of, "source_text")
        sides[name] = {
            "fields": {one.field: field_of(report, one.field) for one in pair.changes},
            "stages": stages(report),
            "trials": table(report),
            "values": opened.ask(question, pair.as_of).get("values") if question else None,
        }
    return {"answer": question, **sides}


def _question(pair: Pair) -> tuple[str, str, str]:
    """A question whose answer differs between the two by the rules, and both answers."""
    a, b = _by_rules(pair)
    drugs = [one.field[7:].partition("]")[0] for one in pair.changes if one.field[:7] == "trials["]
    for words, field in _QUESTIONS:
        if "{drug}" in field and not drugs:
            continue
        named = field.format(drug=drugs[0]) if drugs else field
        values = field_of(a, named), field_of(b, named)
        if values[0] != values[1] and None not in values:
            told_values = [_SPOKEN.get(str(value), str(value)) for value in values]
            return words.format(drug=drugs[0] if drugs else ""), told_values[0], told_values[1]
    return "", "", ""


def _by_rules(pair: Pair) -> tuple[Any, Any]:
    return report_of(dict(pair.a), pair.as_of), report_of(dict(pair.b), pair.as_of)


def _judge(pair: Pair, _: Subject, reply: dict[str, Any]) -> Iterable[Score]:
    a, b = reply["a"], reply["b"]
    if pair.changes:
        yield _adaptation(pair, a, b)
    else:
        yield unscored("adaptation", "nothing may change in this pair")
    if pair.steady:
        kept = all(a[part] == b[part] for part in ("stages", "trials"))
        right = a["stages"] == stages(_by_rules(pair)[0])
        yield told("steadiness", kept and right, "a stage or a trial changed, or was not right")
    question, wanted_a, wanted_b = _question(pair)
    if question:
        got = (a["values"] or [None])[0], (b["values"] or [None])[0]
        right = got == (wanted_a, wanted_b)
        detail = f"{question} expected {wanted_a}, then {wanted_b}; got {got[0]}, then {got[1]}"
        yield told("adaptation by answer", right, detail)


def _adaptation(pair: Pair, a: Mapping[str, Any], b: Mapping[str, Any]) -> Score:
    """Every field that must change has, to what it must; every stage follows the rules."""
    wrong = [
        f"{one.field}: expected {one.a}, then {one.b}; "
        f"got {a['fields'].get(one.field)}, then {b['fields'].get(one.field)}"
        for one in pair.changes
        if not _changed(one, a["fields"], b["fields"])
    ]
    for side, rules in zip((a, b), _by_rules(pair), strict=True):
        due = stages(rules)
        wrong += [
            f"{name}: expected {due[name]}, got {side['stages'].get(name)}"
            for name in due
            if side["stages"].get(name) != due[name]
        ]
    return told("adaptation", not wrong, "; ".join(wrong[:3]))


def _changed(change: Change, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return agrees(change, a.get(change.field), b.get(change.field))


TWINS = Suite(
    name="twins",
    title="Evidence twins, each family by itself",
    items=items,
    pooled=False,
)
