"""What the words of a Dosage say, in the same terms as its structure."""

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_adapter.sig import Sig, SigDose, SigFrequency, SigStep, Span, parse_sig
from fhir_adapter.terminology import Product
from fhir_adapter.timing import Rate

# Units of sig durations and periods in days; a month of 30 days as in timing.py.
_DAYS = {
    "minute": Decimal(1) / 1440,
    "hour": Decimal(1) / 24,
    "day": Decimal(1),
    "week": Decimal(7),
    "month": Decimal(30),
    "year": Decimal(365),
}
_MASS = {"mg": Decimal(1), "mcg": Decimal("0.001"), "g": Decimal(1000)}
_FORMS = ("tablet", "capsule", "each", "patch", "lozenge", "packet")


class TextStep(NamedTuple):
    """One step of an instruction in words."""

    mg: Rate | None
    """One dose in mg."""
    units: Rate | None
    """One dose in tablets, or in mL of a liquid."""
    per_day: Rate | None
    days: Decimal | None
    as_needed: bool
    route: str | None
    strength_named: bool
    """The mg may be the strength of the product rather than the dose."""


class TextDosage(NamedTuple):
    """An instruction in words: its steps in order, and whether all of it was read."""

    steps: tuple[TextStep, ...]
    whole: bool


@lru_cache(maxsize=4096)
def _sig(text: str) -> Sig:
    return parse_sig(text)


def read(text: str, product: Product) -> TextDosage | None:
    """The steps that ``text`` gives for ``product``; None where it gives none."""
    sig = _sig(text)
    listed: tuple[SigStep | Sig, ...] = sig.segments or (sig,)
    steps: list[TextStep] = []
    for item in listed:
        step = _step(item, product)
        if steps and isinstance(item, SigStep) and item.relation == "and":
            together = _side_by_side(steps[-1], step)
            if together is None:
                return None
            steps[-1] = together
        else:
            steps.append(step)
    if all(_says_nothing(step) for step in steps):
        return None
    return TextDosage(tuple(steps), not sig.problems)


def _says_nothing(step: TextStep) -> bool:
    """Whether a step gives neither dose nor frequency; ``50 mg tablet`` is a strength only."""
    if step.per_day is not None:
        return False
    return step.strength_named or (step.mg is None and step.units is None)


def _step(item: SigStep | Sig, product: Product) -> TextStep:
    mg, units = _amounts(item, product)
    return TextStep(
        mg=mg,
        units=units,
        per_day=_per_day(item.frequency),
        days=_length(item),
        as_needed=item.as_needed,
        route=item.route,
        strength_named=item.strength is not None,
    )


def _amounts(item: SigStep | Sig, product: Product) -> tuple[Rate | None, Rate | None]:
    """One dose in mg and in units of the product."""
    dose = item.dose
    if dose is None:
        return None, None
    amount = _rate(dose.amount)
    if amount is None:
        return None, None
    if dose.unit in _MASS:
        mg = amount.times(_exactly(_MASS[dose.unit]))
        return mg, _over(mg, product.strength)
    stated = _in_mg(item.total)
    if dose.unit == "mL":
        strength = product.strength if product.per_ml else None
    elif dose.unit in _FORMS:
        strength = _strength(item.strength, product)
    else:
        return None, None
    mg_each = stated or (amount.times(_exactly(strength)) if strength else None)
    return mg_each, amount


def _strength(stated: SigDose | None, product: Product) -> Decimal | None:
    """Mg of one tablet: the product's, else what the text states."""
    if product.strength is not None:
        return None if product.per_ml else product.strength
    named = _in_mg(stated)
    return named.low if named is not None and named.low == named.high else None


def _in_mg(dose: SigDose | None) -> Rate | None:
    if dose is None or dose.unit not in _MASS:
        return None
    amount = _rate(dose.amount)
    return None if amount is None else amount.times(_exactly(_MASS[dose.unit]))


def _per_day(frequency: SigFrequency | None) -> Rate | None:
    if frequency is None or frequency.per is None or frequency.unit not in _DAYS:
        return None
    times, per = _rate(frequency.times), _rate(frequency.per)
    if times is None or per is None or per.low <= 0:
        return None
    length = _DAYS[frequency.unit]
    rate = Rate(times.low / (per.high * length), times.high / (per.low * length))
    if frequency.days and frequency.unit == "day":
        return rate.times(_exactly(Decimal(len(frequency.days)) / 7))
    return rate


def _length(item: SigStep | Sig) -> Decimal | None:
    if item.duration is None or item.duration.unit not in _DAYS:
        return None
    length = item.duration.length
    return None if length.high is None else length.high * _DAYS[item.duration.unit]


def _rate(span: Span) -> Rate | None:
    return None if span.high is None else Rate(span.low, span.high)


def _exactly(value: Decimal) -> Rate:
    return Rate(value, value)


def _over(mg: Rate, strength: Decimal | None) -> Rate | None:
    return None if not strength else Rate(mg.low / strength, mg.high / strength)


def _side_by_side(one: TextStep, other: TextStep) -> TextStep | None:
    """Two doses of the same days as one dose a day; None where either cannot be told."""
    doses = [_daily(step.mg, step.per_day) for step in (one, other)]
    if doses[0] is None or doses[1] is None:
        return None
    units = [_daily(step.units, step.per_day) for step in (one, other)]
    return TextStep(
        mg=Rate(doses[0].low + doses[1].low, doses[0].high + doses[1].high),
        units=None
        if units[0] is None or units[1] is None
        else Rate(units[0].low + units[1].low, units[0].high + units[1].high),
        per_day=_exactly(Decimal(1)),
        days=one.days or other.days,
        as_needed=one.as_needed and other.as_needed,
        route=one.route or other.route,
        strength_named=one.strength_named or other.strength_named,
    )


def _daily(amount: Rate | None, per_day: Rate | None) -> Rate | None:
    return None if amount is None or per_day is None else amount.times(per_day)
