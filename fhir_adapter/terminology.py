"""Which drug a code or a name means, and what its product says of the dose.

Order of trust: RxNorm, NDC, ATC, then names and brands in words. Only whole
words count, so ibuprofen is no bupropion, and a cough syrup with
dextromethorphan is not the antidepressant that contains it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache

from fhir_adapter.table_files import rows, several

_TRACKED = ("antidepressant", "augmentation", "interacting")
_WORD = re.compile(r"[a-z0-9][a-z0-9'.]*")
_METABOLITE = ("nor", "desmethyl", "hydroxy", "dehydro")
_STRENGTH = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s*(mg|mcg|ug|g|milligrams?)\b"
    r"(?:\s*/\s*(?P<per>\d+(?:\.\d+)?)?\s*(?P<unit>ml|hr|h|24\s*hr?)\b)?"
)
_RELEASES = (
    ("ER", re.compile(r"\b(er|xr|xl|sr|cr|la|extended|sustained|controlled|prolonged|retard)\b")),
    ("DR", re.compile(r"\b(dr|delayed|enteric|ec)\b")),
    ("ODT", re.compile(r"\b(odt|disintegrating|orodispersible|soltab)\b")),
    ("TD", re.compile(r"\b(patch|transdermal)\b")),
)
_LONGEST_NAME = 4
_SHORTEST_ALIAS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One drug of a product, with what the product says about its dose."""

    drug: str
    """Ingredient as in our tables."""
    role: str
    """``antidepressant``, ``augmentation``, ``interacting`` or ``comedication``."""
    name: str = ""
    """Product name as in our tables."""
    strength: Decimal | None = None
    """mg in one unit (tablet, capsule, patch a day), or in 1 mL where ``per_ml``."""
    per_ml: bool = False
    worth: Decimal | None = None
    """What ``strength`` is worth against the floor, in mg (hydrobromide, CR)."""
    route: str | None = None
    release: str | None = None
    trial_default: str = ""
    """``yes``, ``no``, ``conditional``; empty for a drug that is no antidepressant."""
    weekly: bool = False
    """A capsule for one week: its strength is no daily dose."""

    def comparable(self, labelled: Decimal) -> Decimal:
        """What ``labelled`` mg of this product are worth against the floor."""
        if self.worth is None or self.strength is None:
            return labelled
        return labelled * self.worth / self.strength

    @property
    def tracked(self) -> bool:
        """Whether staging reads this drug at all."""
        return self.role in _TRACKED

    @property
    def look_alike(self) -> bool:
        """Whether it must be told apart from the antidepressant that contains it."""
        return self.drug == "dextromethorphan"


@cache
def _drugs() -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in rows("drugs")}


@cache
def _by_rxcui() -> dict[str, dict[str, str]]:
    return {row["rxcui"]: row for row in rows("products") if row["rxcui"]}


@cache
def _ingredient_rxcui() -> dict[str, str]:
    return {code: row["name"] for row in rows("drugs") for code in several(row["rxcui"])}


@cache
def _by_ndc() -> dict[str, str]:
    return {row["ndc11"]: row["rxcui"] for row in rows("ndc")}


@cache
def _by_atc() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("drugs"):
        for code in several(row["atc"]):
            found[code] = (*found.get(code, ()), row["name"])
    return found


@cache
def _by_words() -> dict[tuple[str, ...], tuple[str, str]]:
    """Words of a name to the drug and, for a brand, the brand."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for row in rows("drugs"):
        plain = [] if "|" in row["name"] else [row["name"]]
        for name in [*plain, *several(row["aliases"])]:
            if len(name) >= _SHORTEST_ALIAS:
                found.setdefault(_words(name), (row["name"], ""))
        for brand in several(row["brands"]):
            found.setdefault(_words(brand), (row["name"], brand))
    return found


@cache
def _name_starts() -> frozenset[str]:
    return frozenset(name[0] for name in _by_words())


@cache
def _brand_rows() -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in rows("products") if row["tty"] == "BN"}


@cache
def _same_strength() -> dict[tuple[str, str], tuple[dict[str, str], ...]]:
    found: dict[tuple[str, str], tuple[dict[str, str], ...]] = {}
    for row in rows("products"):
        if row["strengths"] and row["tty"] in ("SCD", "SBD"):
            key = (row["ingredients"], row["strengths"])
            found[key] = (*found.get(key, ()), row)
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip(".'") for word in _WORD.findall(text.lower()))


def by_code(system: str, code: str) -> tuple[Product, ...]:
    """The drugs that a code means; empty where our tables do not have it."""
    if system == "rxnorm":
        return _of_rxcui(code)
    if system == "ndc":
        return _of_rxcui(_by_ndc().get(ndc11(code), ""))
    if system == "atc":
        names = _by_atc().get(code.upper(), ())
        return _plain(names) if len(names) == 1 else ()
    return ()


def ndc11(code: str) -> str:
    """An NDC in the 11-digit form, from ``5-4-2`` shapes with dashes too."""
    parts = code.split("-")
    if len(parts) == 3:  # noqa: PLR2004 - labeler, product, package
        return parts[0].zfill(5) + parts[1].zfill(4) + parts[2].zfill(2)
    return code


@lru_cache(maxsize=4096)
def _of_rxcui(rxcui: str) -> tuple[Product, ...]:
    row = _by_rxcui().get(rxcui)
    if row is not None:
        return _of_row(row)
    name = _ingredient_rxcui().get(rxcui)
    return _plain((name,)) if name else ()


def _plain(names: Iterable[str]) -> tuple[Product, ...]:
    return tuple(
        Product(
            drug=part,
            role=_drugs()[part]["role"],
            trial_default=_drugs()[name]["trial_default"],
        )
        for name in names
        for part in _parts(name)
    )


def _parts(ingredients: str) -> tuple[str, ...]:
    """The drugs of a combination; one that has a class of its own stays whole."""
    if ingredients == "bupropion | dextromethorphan":
        return (ingredients,)
    return tuple(part for part in several(ingredients) if part in _drugs())


def _of_row(row: dict[str, str]) -> tuple[Product, ...]:
    found = []
    strengths = dict(zip(several(row["ingredients"]), several(row["strengths"]), strict=False))
    for part in _parts(row["ingredients"]):
        labelled = Decimal(strengths.get(part.split(" | ")[0], "0")) or None
        worth = Decimal(row["comparable_mg"]) if row["comparable_mg"] else None
        if row["unit"] == "MG/HR":
            labelled = worth
        found.append(
            Product(
                drug=part,
                role=_drugs()[part]["role"],
                name=row["name"],
                strength=labelled,
                per_ml=row["unit"] == "MG/ML",
                worth=worth,
                route=row["route"] or None,
                release=row["release"] or None,
                trial_default=row["trial_default"],
                weekly=row["weekly"] == "yes",
            )
        )
    return tuple(found)


@lru_cache(maxsize=4096)
def by_name(text: str) -> tuple[Product, ...]:
    """The drugs that a text names, with the strength and release it gives."""
    names, brand = _named(text)
    if not names:
        return ()
    ingredients = " | ".join(sorted(names))
    if ingredients not in _drugs() and len(names) > 1:
        return tuple(refine(product, text) for product in _plain(sorted(names)))
    found = _plain((ingredients,))
    row = _brand_rows().get(brand)
    if row is not None and row["trial_default"]:
        found = tuple(replace(product, trial_default=row["trial_default"]) for product in found)
    if len(found) == 1:
        return (refine(found[0], text),)
    return _combined(ingredients, text) or found


def _named(text: str) -> tuple[set[str], str]:
    """The ingredients a text names, and the last brand among the names."""
    found = _words(text)
    names: set[str] = set()
    brand = ""
    for start, word in enumerate(found):
        if word not in _name_starts() or (start and found[start - 1] in _METABOLITE):
            continue
        for length in range(min(_LONGEST_NAME, len(found) - start), 0, -1):
            hit = _by_words().get(found[start : start + length])
            if hit:
                names.update(several(hit[0]))
                brand = hit[1] or brand
                break
    return names, brand


def _combined(ingredients: str, text: str) -> tuple[Product, ...]:
    """A fixed combination whose strengths the text gives in order."""
    given = " | ".join(f"{Decimal(mg).normalize():f}" for mg, *_ in _STRENGTH.findall(text.lower()))
    candidates = _same_strength().get((ingredients, given), ())
    return _of_row(candidates[0]) if candidates else ()


def refine(product: Product, text: str) -> Product:
    """``product`` with the strength and release that its name in words adds."""
    lowered = text.lower()
    release = product.release or next(
        (name for name, pattern in _RELEASES if pattern.search(lowered)), None
    )
    strength, per_ml = product.strength, product.per_ml
    if strength is None:
        strength, per_ml = stated_strength(lowered)
    if strength is None or per_ml or product.name:
        return replace(product, release=release, strength=strength, per_ml=per_ml)
    return _as_listed(replace(product, release=release, strength=strength), strength, lowered)


def _as_listed(product: Product, strength: Decimal, text: str) -> Product:
    """What our product table adds for this strength: worth, route, use."""
    key = (product.drug, f"{strength.normalize():f}")
    candidates = [
        row
        for row in _same_strength().get(key, ())
        if product.release is None or row["release"] == product.release
    ]
    salted = [
        row
        for row in candidates
        if ("hydrobromide" in row["name"]) == ("hydrobromide" in text or "aplenzin" in text)
    ]
    facts = {(r["comparable_mg"], r["trial_default"], r["weekly"]) for r in salted}
    if len(facts) != 1:
        return product
    listed = _of_row(salted[0])[0]
    keep = product.trial_default if product.trial_default == "no" else listed.trial_default
    return replace(
        product,
        worth=listed.worth,
        trial_default=keep,
        weekly=listed.weekly,
        route=listed.route,
    )


def stated_strength(text: str) -> tuple[Decimal | None, bool]:
    """The one strength in mg (per mL: True) that a lower-case text states, if it is one."""
    found = {
        (_in_mg(Decimal(match[1]), match[2]), match["per"], match["unit"])
        for match in _STRENGTH.finditer(text)
    }
    if len(found) != 1:
        return None, False
    value, per, unit = found.pop()
    if unit is None:
        return value, False
    if unit == "ml":
        return value / Decimal(per or 1), True
    return (value * 24 if unit in ("hr", "h") and not per else value), False


def _in_mg(value: Decimal, unit: str) -> Decimal:
    if unit in ("mcg", "ug"):
        return value / 1000
    return value * 1000 if unit == "g" else value


@cache
def weekly_strengths(drug: str) -> frozenset[Decimal]:
    """The strengths in mg of a drug's capsules that are taken once a week."""
    return frozenset(
        Decimal(row["strengths"])
        for row in rows("products")
        if row["ingredients"] == drug and row["weekly"] == "yes"
    )


@cache
def implausible_above(drug: str) -> Decimal | None:
    """A daily dose in mg that nobody is given of this drug; None where no limit is known."""
    row = _drugs().get(drug)
    return Decimal(row["implausible_mg_day"]) if row and row["implausible_mg_day"] else None
