"""Laboratory units: a concentration converted to the unit our tables use, exactly."""

import re
from decimal import Decimal

_PREFIX = {
    "": Decimal(1),
    "k": Decimal(1000),
    "d": Decimal("1e-1"),
    "c": Decimal("1e-2"),
    "m": Decimal("1e-3"),
    "u": Decimal("1e-6"),
    "n": Decimal("1e-9"),
    "p": Decimal("1e-12"),
}
_CONCENTRATION = re.compile(
    r"(?P<top>[kdcmunp]?)(?P<kind>g|mol|iu|eq)/(?P<bottom>[dcmun]?)l", re.IGNORECASE
)
_SPELLINGS = (
    ("[iu]", "iu"),
    ("µ", "u"),
    ("μ", "u"),
    ("mcg", "ug"),
    ("units", "iu"),
    ("mu/", "miu/"),
    ("uu/", "uiu/"),
    (" ", ""),
)


def factor(unit: str, wanted: str, molar_mass: Decimal | None) -> Decimal | None:
    """What a value in ``unit`` is multiplied with to be in ``wanted``; None if it cannot be.

    Args:
        unit: UCUM code or printed unit, as recorded.
        wanted: the unit of our tables.
        molar_mass: g/mol of the substance, where grams and moles convert.
    """
    given, asked = _plain(unit), _plain(wanted)
    if given == asked:
        return Decimal(1)
    one, other = _scale(given), _scale(asked)
    if one is None or other is None:
        return None
    (kind, size), (wanted_kind, wanted_size) = one, other
    if kind == wanted_kind:
        return size / wanted_size
    if molar_mass is None:
        return None
    if (kind, wanted_kind) == ("mol", "g"):
        return size * molar_mass / wanted_size
    if (kind, wanted_kind) == ("g", "mol"):
        return size / molar_mass / wanted_size
    return None


def _plain(unit: str) -> str:
    plain = unit.strip().lower()
    for written, ours in _SPELLINGS:
        plain = plain.replace(written, ours)
    return plain


def _scale(unit: str) -> tuple[str, Decimal] | None:
    match = _CONCENTRATION.fullmatch(unit)
    if match is None:
        return None
    # An equivalent of a monovalent ion (sodium, lithium: all we read) is a mole.
    kind = {"eq": "mol"}.get(match["kind"], match["kind"])
    return kind, _PREFIX[match["top"]] / _PREFIX[match["bottom"]]
