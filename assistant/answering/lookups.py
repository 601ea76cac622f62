"""Questions about entries of the chart, read into a lookup."""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

from assistant.answering import asked
from assistant.answering.called import Called, called_in
from assistant.answering.chart.entries import fold
from assistant.answering.chart.index import ChartIndex
from assistant.answering.plan import Aggregate, Attribute, Lookup, Window
from assistant.answering.vocabulary import drug_words, entry_kinds, short_forms, stop_words
from assistant.answering.words import Words
from assistant.answering.write.context import Context

_NAMED_KINDS = (
    "prescription", "diagnosis", "procedure", "intake", "output", "micro_test", "organism",
    "measurement", "specimen", "dispense", "administration", "home_medicine", "allergy",
    "immunization", "careunit", "observation",
)  # fmt: skip
"""Where a bare name is looked for, in this order."""
_LOOSELY_NAMED = frozenset({"prescription", "home_medicine", "diagnosis", "procedure", "allergy"})
"""Kinds that a part of a name finds where the question says no kind."""
_FALLBACKS = {
    "prescription": ("prescription", "home_medicine", "dispense", "administration"),
    "home_medicine": ("home_medicine",),
    "intake": ("intake", "administration"),
    "lab": ("lab",),
    "vital": ("vital", "measurement"),
    "measurement": ("measurement", "micro_test", "susceptibility", "organism", "output"),
    "admission": ("admission",),
    "hospital_visit": ("hospital_visit",),
}
_ROUTE = re.compile(
    r"\b(?:via|using|by way of|through|by)\b(?: the)? (?P<route>.+?)(?: route|"
    r" method)?\s*(?:\?|\.|,|$| first| last| for (?:the|a)\b| since| until| in \d|"
    r" this| and\b)"
)
_KNOWN_ROUTES = re.compile(
    r"\b(po/ng|po|iv drip|iv|im|sc|sq|oral|orally|ng|pr|td|id|sl|ih|neb|ou|od|os|"
    r"tp|dialys|intravenous(?:ly)?|subcutaneous(?:ly)?|intramuscular(?:ly)?|"
    r"rectal(?:ly)?|transdermal(?:ly)?|by mouth)\b"
)
_PATIENT_ID = re.compile(
    r"\bpatient(?:'s)?(?: with)?(?: (?:the )?(?:id|identifier|number|"
    r"mrn))?[ :#]*(\d{4,})(?:'s)?(?!\w)"
)

_PATIENT_REFERENCE = re.compile(r"\bPatient/([A-Za-z0-9.-]+)")
_TOKEN = re.compile(r"[a-z0-9][a-z0-9'/.%+-]*")
_DRUG_KINDS = frozenset({"prescription", "dispense", "administration", "home_medicine", "intake"})
_DRUGS_COUNTED = re.compile(
    r"\b(?:medications?|medicines?|drugs?|agents?|treatments?|different|distinct|unique|meds)\b"
)
_NAMELESS = frozenset({
    "admission", "hospital_visit", "icu_stay", "emergency_visit", "careunit", "encounter",
})  # fmt: skip
"""Kinds asked about as such, never by a name."""


def lookup_of(words: Words, context: Context, index: ChartIndex) -> Lookup | None:
    """The lookup a question asks for, or None where it asks about no entry of the chart."""
    words = _of_its_drug(words, context)
    text = _written_out(words, context)
    around = _around_a_trial(text, words, context) if context.case is not None else None
    if around is not None:
        text = around[1]
        words = replace(words, drugs=words.absent_drugs, text=text)
    said = [kind for kind, pattern in entry_kinds().items() if pattern.search(text)]
    if said and said[0].startswith("patient_"):
        return Lookup(kind=said[0], aggregate=Aggregate.LAST, attribute=Attribute.VALUE)
    route = _route_of(text, said, index)
    kind, names = _kind_and_names(text, said, words, index)
    lay = None if names else _in_other_words(text, said, kind, words, index)
    if lay is not None:
        kind, names = lay.kind, list(lay.names)
        text = text.replace(lay.said, " how " if lay.said.startswith("how") else " ")
    if kind is None or _asks_who(text):
        return None
    kind, names = _taken_not_measured(kind, names, text, words, index)
    rest = _without(text, names)
    step = Lookup(
        kind=kind,
        names=tuple(names),
        named=bool(names) or lay is not None or _names_something(text, kind, route, words),
        each=lay is not None and lay.panel,
        route=route,
        window=words.window or (around[0] if around is not None else None),
        daily=asked.asks_daily_dose(rest),
        aggregate=asked.aggregate_of(words, rest),
        attribute=asked.attribute_of(rest, kind),
        above=asked.above(rest),
        below=asked.below(rest),
        abnormal=asked.abnormality(rest),
        distinct=asked.asks_to_count(rest)
        and kind in _DRUG_KINDS
        and not names
        and _DRUGS_COUNTED.search(rest) is not None,
    )
    if kind in _MEASURED_KINDS and not step.names and step.aggregate in _EXTREMES:
        return None  # the extreme of different tests is none
    if _only_named(step, words):
        step = replace(step, aggregate=Aggregate.EXISTS)
    if _asks_what_runs(words, step):
        kind = step.kind if index.of_kind(step.kind) and step.names else "medication"
        aggregate = step.aggregate if step.aggregate is Aggregate.EXISTS else Aggregate.LIST
        step = replace(step, kind=kind, current=True, aggregate=aggregate, daily=False)
        if aggregate is Aggregate.EXISTS and not names:
            step = replace(step, aggregate=Aggregate.LIST, named=False)
    if kind in _MEASURED_KINDS and names and _SET_AGAINST.search(words.lower):
        return replace(step, aggregate=Aggregate.TREND, attribute=Attribute.VALUE, abnormal=None)
    return _settled(step, rest)


def _written_out(words: Words, context: Context) -> str:
    """The question without its time words, in the words that charts write."""
    text = re.sub(r"\bweigh(?:ed|s|ing)?\b", "weight", _without_patient(words.bare, context))
    if "diagnos" in text:
        text = text.replace("low sodium", "hyponatremia")
    for short, whole in short_forms().items():
        text = re.sub(rf"\b{short}\b", whole, text)
    return text


_TO_SWALLOW = re.compile(r"\b(?:tablets?|pills?|capsules?|supplements?|drops|injections?)\b")


def _within_a_longer_name(said: str, original: str) -> bool:
    """Whether the words stand in a longer name ("Non Invasive Blood Pressure systolic")."""
    whole = " ".join(original.split())
    return any(
        match.group()[0].isupper()
        and (
            re.search(r"[A-Z][\w-]* $", whole[: match.start()]) is not None
            or re.match(r" (?:[A-Z]|systolic|diastolic|mean)", whole[match.end() :]) is not None
        )
        for match in re.finditer(re.escape(said), whole, re.IGNORECASE)
        if match.start() > 0
    )


def _of_its_drug(words: Words, context: Context) -> Words:
    """A level of a trial named otherwise ("ven level?") is one of its drug."""
    if context.case is None or words.drugs or not words.trials or not _LEVEL.search(words.bare):
        return words
    held = [context.report.trial(trial) for trial in words.trials]
    return replace(words, drugs=tuple(trial.drug for trial in held if trial is not None))


_ASKS_A_VALUE = re.compile(
    r"\b(?:levels?|results?|values?|readings?|last|latest|recent|when|check\w*|measur\w+|test\w*|"
    r"normal|ok(?:ay)?|fine|high|low|raised|elevated|range|was|is|recover\w*|back|now|then|trend|"
    r"chang\w+|how|what|scor\w+|therapeutic|any|worst|highest|lowest|lately|today|show|vs|versus)\b"
)


def _in_other_words(
    text: str, said: list[str], kind: str | None, words: Words, index: ChartIndex
) -> Called | None:
    """What is asked for by a word that the chart does not use."""
    if said and said[0] in _NAMELESS - {"encounter"} | {"intake", "output", "organism"}:
        return None
    found = called_in(text, index)
    if found is None or (found.kind != "measurement" and kind is None):
        return None
    if _within_a_longer_name(found.said, words.text):
        return None
    if found.kind == "measurement" and _TO_SWALLOW.search(text):
        return None
    if found.kind != "measurement":
        return found if found.kind in (kind, "medication") or kind in _DRUG_KINDS else None
    short = len(words.lower.split()) <= _LONGEST_CALL
    return found if short or _ASKS_A_VALUE.search(words.lower) else None


_LONGEST_CALL = 4


def _only_named(step: Lookup, words: Words) -> bool:
    """Whether a name and a question mark are all there is: is it there?"""
    bare = words.lower.rstrip().endswith("?") and len(words.lower.split()) <= _LONGEST_CALL
    return (
        bare
        and bool(step.names)
        and step.kind in ("diagnosis", "allergy", "procedure", "prescription", "home_medicine")
        and step.aggregate is Aggregate.LIST
        and not re.search(r"\b(?:what|which|when|who|where|how|why|list|show)\b", words.lower)
    )


_RUNS = re.compile(
    r"\b(?:current(?:ly)?|now|at the moment|at present|presently|still|these days|nowadays|"
    r"active)\b|\b(?:is|are) (?:she|he|they|the patient) (?:\w+ )?(?:on|taking)\b"
)
_ASKS_THE_DRUG = (Attribute.ENTRY, Attribute.NAME)


def _asks_what_runs(words: Words, step: Lookup) -> bool:
    """Whether medication is asked for as it stands now, and not as it once was."""
    return (
        step.kind in _DRUG_KINDS - {"intake", "administration"} | {"medication"}
        and step.window is None
        and step.attribute in _ASKS_THE_DRUG
        and step.aggregate in (Aggregate.EXISTS, Aggregate.LIST, Aggregate.LAST)
        and _RUNS.search(words.lower) is not None
        and not re.search(r"\b(?:last|latest|most recent|first)\b", words.lower)
    )


def _asks_who(text: str) -> bool:
    """Whether a person is the answer: who ordered, saw or wrote is not read from the chart."""
    return re.search(r"^(?:and |so )?who(?:m|se)?\b", text) is not None


_LEVEL = re.compile(
    r"\b(?:levels?|serum|plasma|blood|concentrations?|measur\w+|tests?|mmol|range)\b"
)


def _taken_not_measured(
    kind: str, names: list[str], text: str, words: Words, index: ChartIndex
) -> tuple[str, list[str]]:
    """A drug that is named is one taken, unless its level is asked for."""
    if kind not in _MEASURED_KINDS or not words.drugs or _LEVEL.search(text):
        return kind, names
    for pool in ("home_medicine", "prescription", "dispense", "administration"):
        found = _names(text, pool, words, index)
        if found:
            return pool, found
    return kind, names


def running_medicines(words: Words) -> Lookup | None:
    """What is being taken at all, where no kind of entry is named."""
    if words.window is not None or words.drugs or not _WHAT_RUNS.search(words.lower):
        return None
    return Lookup(kind="medication", current=True, aggregate=Aggregate.LIST)


def named_drug(words: Words) -> Lookup | None:
    """Whether a drug that is named was ever taken, where nothing else is asked of it."""
    asks = words.yes_no or re.search(
        r"^\W*(?:and )?(?:any|what about|ever)\b|"
        r"\b(?:when|how long|how much|what dose|which dose|why)\b.*"
        r"\b(?:she|he|they|her|his|patient)\b",
        words.lower,
    )
    if not words.absent_drugs or not asks or words.window is not None:
        return None
    return Lookup(kind="medication", named=True, aggregate=Aggregate.EXISTS)


_ENTRY_WORDS = re.compile(
    r"\b(?:prescri\w+|dispens\w+|refill\w*|fill(?:s|ed)?|pharmac\w+|order(?:s|ed)?|levels?|serum|"
    r"plasma|blood|concentration\w*|routes?|tablets?|capsules?|pills?|allerg\w+|administ\w+|"
    r"encounters?|visits?|appointments?|seen|mmol|ng/ml|scripts?|record(?:ed)? as|entr(?:y|ies))\b"
)


def speaks_of_entries(words: Words) -> bool:
    """Whether entries of the chart are asked for, not the trial that was made of them."""
    return _ENTRY_WORDS.search(words.lower) is not None


_NAMED_AS_TAKEN = re.compile(
    r"\b(?:prescri\w+|tak(?:e|es|en|ing)|took|on|given|had|have|has|receiv\w+|us(?:e|ed|es|ing)|"
    r"start(?:ed)? on|of|with|any|for|administered|dispensed|ordered) (?:any |an? |the |some )?"
)


def finds_nothing(step: Lookup, words: Words) -> bool:
    """Whether a lookup rests on no name the chart holds, nor on one that is plainly a drug's."""
    if not step.names and named_drug(words) is not None:
        return True
    unknown = step.named and not step.names and not words.drugs and step.kind in _DRUG_KINDS
    if not unknown or step.window is not None:
        return False
    rest = _residue(asked.without_limits(words.bare))
    meant = rest[0] if rest else ""
    return not re.search(rf"{_NAMED_AS_TAKEN.pattern}{re.escape(meant)}\b", words.bare)


_WHAT_RUNS = re.compile(
    r"\bwhat (?:else )?(?:is|are|'s) (?:she|he|they|the patient) (?:\w+ )?(?:on|taking)\b|"
    r"\bwhat's (?:she|he) (?:\w+ )?(?:on|taking)\b|"
    r"\b(?:what|which) (?:treatments?|medications?|medicines?|drugs?|meds|therapy) (?:is|are) "
    r"(?:she|he|they|the patient) (?:\w+ )?(?:on|taking|having|getting|receiving)\b|"
    r"\b(?:on|taking|given) (?:anything|something)\b"
)


def followed(before: Lookup, words: Words, context: Context, index: ChartIndex) -> Lookup | None:
    """The lookup before, with what a follow-up changes of it: time, name, or what is asked."""
    around = _around_a_trial(words.bare, words, context)
    text = around[1] if around is not None else words.bare
    own = lookup_of(words, context, index)
    if own is not None and own.kind != before.kind and not own.names:
        return own
    if (
        own is not None
        and own.names
        and own.kind in _MEASURED_KINDS
        and before.kind in _MEASURED_KINDS
    ):
        kept = before.window if own.window is None else own.window
        same = (Aggregate.EXISTS, Aggregate.LIST, Aggregate.LAST)
        how = before.aggregate if own.aggregate in same else own.aggregate
        return replace(own, window=kept, aggregate=how, attribute=before.attribute)
    names = _exact(text, before.kind, words, index) or _names(text, before.kind, words, index)
    extreme = words.aggregate in _EXTREMES
    other = not names and not extreme and _names_something(text, before.kind, None, words)
    window = words.window or (around[0] if around is not None else None)
    changed = replace(
        before,
        names=tuple(names) if names or other else before.names,
        named=before.named or bool(names) or other,
        window=window or before.window,
    )
    if asked.asks_to_count(words.bare) or re.search(r"\bhow many\b", words.bare):
        changed = replace(changed, aggregate=Aggregate.COUNT)
    elif re.search(r"\bwhen\b", words.bare):
        changed = _when_of(changed)
        if words.aggregate in (Aggregate.FIRST, Aggregate.LAST):
            changed = replace(changed, aggregate=words.aggregate)
    elif re.search(r"\bdose\b|\bhow much\b", words.bare):
        changed = replace(changed, attribute=Attribute.DOSE, aggregate=Aggregate.LAST)
    elif words.aggregate in _EXTREMES and before.kind in _MEASURED_KINDS:
        changed = replace(changed, aggregate=words.aggregate, attribute=Attribute.VALUE)
    elif words.aggregate in (Aggregate.FIRST, Aggregate.LAST):
        changed = replace(changed, aggregate=words.aggregate)
    return changed if changed != before else None


_EXTREMES = (Aggregate.HIGHEST, Aggregate.LOWEST, Aggregate.MEAN, Aggregate.TREND)


def _when_of(step: Lookup) -> Lookup:
    told = (Aggregate.EXISTS, Aggregate.COUNT)
    aggregate = Aggregate.LIST if step.aggregate in told else step.aggregate
    return replace(step, attribute=Attribute.TIME, aggregate=aggregate)


_AROUND = re.compile(
    r"\b(before|prior to|after|since|during|while (?:on|taking)|throughout|"
    r"until)\b(?: (?:the|she|he|they|"
    r"starting|started|start|beginning|of|her|his|first|trial|was|took|on)\b)*"
)


def _around_a_trial(text: str, words: Words, context: Context) -> tuple[Window, str] | None:
    """The time before, during or after a trial that is named, and the question without it."""
    trial = context.report.trial(words.trials[0]) if len(words.trials) == 1 else None
    if trial is None or trial.start is None:
        return None
    named = re.search(rf"{_AROUND.pattern} {re.escape(trial.drug)}(?: (?:trial|treatment))?", text)
    if named is None:
        return None
    start = datetime.combine(trial.start.earliest, time.min)
    end = datetime.combine(trial.end.latest, time.max) if trial.end is not None else None
    window = Window(start=start, end=end)
    if named[1] in {"before", "prior to", "until"}:
        window = Window(end=start - timedelta(microseconds=1))
    elif named[1] == "since":
        window = Window(start=start)
    elif named[1] == "after":
        window = Window(start=end or datetime.combine(context.as_of.day, time.max))
    return window, f"{text[: named.start()]} {text[named.end() :]}"


def other_patient_named(text: str, context: Context) -> bool:
    """Whether the question names a patient by a number that is not this one's."""
    if context.case is None:
        return False
    called = _TITLED.search(text) or _CALLED.search(text)
    if called is not None and not _own_names(context) & set(called[1].lower().split()):
        return True
    match = _PATIENT_ID.search(text.lower()) or _PATIENT_REFERENCE.search(text)
    return match is not None and match[1] not in _own_ids(context)


_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|mr|mrs|ms)\b\.? ([A-Z][\w'-]+)")


_CALLED = re.compile(
    r"(?:\b(?:[Dd]id|[Dd]oes|[Hh]as|[Ii]s|[Ww]as|about|for|stage|of) |^(?:and |show |open )?)"
    r"(?!Thase|Mount|Free)([A-Z][a-z]{2,} [A-Z][a-z]{2,})(?:(?:'s)? (?:gets?|got|takes?|taking|"
    r"took|on|have|had|ever|been|respond\w*|do|doing|fail\w*|tried|resistant|trd|TRD|too|also|"
    r"treated|prescribed|given|charts?|records?|trials|scores?)\b|'s\b|\W*$)"
)
"""First and last name of someone who does or gets something."""


def _own_names(context: Context) -> set[str]:
    """The patient's names, in lower case."""
    if context.case is None:
        return set()
    resource = context.case.chart.resources.get(context.case.treatment.patient.reference, {})
    return {
        part.lower()
        for name in resource.get("name") or ()
        if isinstance(name, dict)
        for part in (str(name.get("family", "")), *map(str, name.get("given") or ()))
    }


def _own_ids(context: Context) -> set[str]:
    own: set[str] = set()
    if context.case is None:
        return own
    resource = context.case.chart.resources.get(context.case.treatment.patient.reference, {})
    own.add(str(resource.get("id")))
    return own | {
        str(item.get("value"))
        for item in resource.get("identifier") or ()
        if isinstance(item, dict)
    }


def _without_patient(text: str, context: Context) -> str:
    """The question without the number by which it calls this patient."""
    text = _PATIENT_ID.sub(" ", text)
    for own in _own_ids(context):
        if own in text and any(char.isdigit() for char in own):  # a word is no identifier
            text = re.sub(rf"(?<![\w-]){re.escape(own.lower())}(?:'s)?(?![\w-])", " ", text)
    return " ".join(text.split())


def _without(text: str, names: list[str]) -> str:
    """The question without the names it holds, so that no word of a name is read as a word."""
    folded = fold(text)
    for name in sorted(names, key=len, reverse=True):
        folded = folded.replace(name, " ")
    return " ".join(folded.split())


def _kind_and_names(
    text: str, said: list[str], words: Words, index: ChartIndex
) -> tuple[str | None, list[str]]:
    """The kind of entry asked about, and the names of it that the question holds."""
    if said and said[0] in _NAMELESS | {"organism"}:
        return _by_kind_alone(text, said, words, index)
    if "dispense" in said and words.drugs:
        return "dispense", _exact(text, "dispense", words, index) or _names(
            text, "dispense", words, index
        )
    tried = list(dict.fromkeys(pool for kind in said for pool in _FALLBACKS.get(kind, (kind,))))
    for read in (_exact, _names):
        for pool in tried:
            names = read(text, pool, words, index)
            if names:
                return pool, names
    elsewhere = _named_elsewhere(text, said, tried, words, index)
    if elsewhere is not None:
        return elsewhere
    if not said:
        return None, []
    pools = _FALLBACKS.get(said[0], (said[0],))
    return next((pool for pool in pools if index.of_kind(pool)), said[0]), []


def _by_kind_alone(
    text: str, said: list[str], words: Words, index: ChartIndex
) -> tuple[str | None, list[str]]:
    """Stays and visits have no names, unless the word was part of an entry's name."""
    for pool in said[1:]:
        found = _exact(text, pool, words, index)
        if found and entry_kinds()[said[0]].search(" ".join(found)):
            return pool, found
    if said[0] == "organism":
        return "organism", _names(text, "organism", words, index)
    return said[0], []


def _named_elsewhere(
    text: str, said: list[str], tried: list[str], words: Words, index: ChartIndex
) -> tuple[str, list[str]] | None:
    """A name that the question holds though it speaks of another kind, or of none."""
    for pool in _NAMED_KINDS:
        if pool in tried:
            continue
        loose = not said and pool in _LOOSELY_NAMED
        names = (_names if loose else _exact)(text, pool, words, index)
        if names and (not said or max(map(len, names)) >= _TELLING):
            return pool, names
    return None


_TELLING = 6
"""Letters of a name that is taken up though the question speaks of another kind."""


def _exact(text: str, pool: str, words: Words, index: ChartIndex) -> list[str]:
    return [
        name
        for name in index.named_in(text, pool, words.text)
        if not _is_function_word(name, pool) and not _part_of_a_longer_name(name, words.text)
    ]


def _names(text: str, pool: str, words: Words, index: ChartIndex) -> list[str]:
    exact = _exact(text, pool, words, index)
    if exact:
        return exact
    by_drug = [
        name
        for drug in words.drugs
        for entry in drug_words().values()
        if entry.drug == drug
        for name in index.containing(entry.word, pool)
    ]
    if by_drug:
        return list(dict.fromkeys(by_drug))
    rest = " ".join(_residue(text))
    return (
        index.containing(rest, pool) if len(rest) > _SHORTEST_REST and rest not in _FLUIDS else []
    )


_SHORTEST_REST = 3
_FLUIDS = frozenset({"plasma", "serum", "blood", "urine"})
"""What a test is made in, which names none."""


def _part_of_a_longer_name(name: str, original: str) -> bool:
    """Whether the question writes the name as part of a longer one ("Arterial Line Dressing")."""
    whole = " ".join(original.split())
    found = list(re.finditer(rf"(?<![\w/-]){re.escape(name)}", whole, re.IGNORECASE))
    return bool(found) and all(
        match.group()[0].isupper() and _GOES_ON.match(whole, match.end()) for match in found
    )


_GOES_ON = re.compile(r" [A-Z][a-z]+| #\d|-[A-Z]{2,}|/[A-Z]")


def _is_function_word(name: str, pool: str) -> bool:
    if pool == "specimen" or " " in name:
        return False
    return name in stop_words()


def _residue(text: str) -> list[str]:
    return [
        token.strip("'.")
        for token in _TOKEN.findall(text.replace("'s", " "))
        if token.strip("'.") not in stop_words() and not re.fullmatch(r"-?\d+(?:\.\d+)?", token)
    ]


def _names_something(text: str, kind: str, route: str | None, words: Words) -> bool:
    if kind in ("admission", "hospital_visit", "icu_stay", "emergency_visit", "careunit"):
        return False
    rest = re.sub(rf"(?<!\w){re.escape(route)}(?!\w)", " ", text) if route else text
    if kind in ("encounter", "diagnosis"):  # the words of other kinds may be names, as "weight"
        rest = entry_kinds()[kind].sub(" ", rest)
    return bool(_residue(asked.without_limits(rest))) or bool(words.drugs)


def _route_of(text: str, said: list[str], index: ChartIndex) -> str | None:
    sources = {fold(e.source.text) for e in index.of_kind("encounter") if e.source is not None}
    routes = {fold(e.route.text) for e in index.of_kind("medication") if e.route is not None}
    if "admission" in said or "emergency_visit" in said:
        found = _longest(text, sources)
        if found is not None and re.search(r"\b(?:via|by way of|through|using|from|by)\b", text):
            return found
    if re.search(r"\broute\b|\bvia\b|\busing\b|\bby\b|\bthrough\b", text):
        found = _longest(text, routes)
        if found is not None:
            return found
        known = _KNOWN_ROUTES.search(text)
        if known is not None and "admission" not in said:
            return known[1]
    return None


def _longest(text: str, names: set[str]) -> str | None:
    found = [n for n in names if re.search(rf"(?<![a-z0-9/]){re.escape(n)}(?![a-z0-9/])", text)]
    return max(found, key=len, default=None)


_SET_AGAINST = re.compile(
    r"\bvs\b|\bversus\b|\bcompared (?:to|with)\b|\bthen and now\b|"
    r"\b(?:start|beginning|baseline) and (?:now|today|the end)\b|"
    r"\b(?:put on|gain\w*|los[et]\w*|lost)\W*$"
)
"""Two readings of one test, set side by side."""
_MEASURED_KINDS = frozenset({"measurement", "lab", "vital", "observation"})
_CHANGE = re.compile(
    r"\b(?:chang\w+|trends?|over time|los[et]\w*|gain\w*|put on|going (?:up|down)|"
    r"r[iou]s(?:e|en|ing)|"
    r"fall\w*|fell|drop\w*|doing|develop\w*|up|down|vs|versus|compared (?:to|with)|recover\w*|"
    r"back (?:to|in) (?:the )?(?:normal|range)|normali[sz]\w+|resolved|corrected|improv\w+|better|"
    r"worse\w*|then (?:and|to) now|start and now)\b"
)
_JUDGED = re.compile(
    r"(?<!how )\b(?:high|low|raised|elevated|reduced|ok(?:ay)?|fine|good|therapeutic|"
    r"(?:in|within) (?:the )?(?:normal |therapeutic )?range)\b"
)


_NORMAL_NOW = re.compile(r"^\W*(?:and )?is\b.*\bnormal\b")


def _settled(step: Lookup, text: str) -> Lookup:
    if step.kind in _NAMELESS - {"careunit"} and step.attribute in (
        Attribute.ENTRY, Attribute.NAME,
    ):  # fmt: skip
        step = replace(step, attribute=Attribute.TIME)
    if step.abnormal is not None and step.kind not in (
        "measurement",
        "lab",
        "vital",
        "observation",
        "output",
    ):
        step = replace(step, abnormal=None)
    if step.kind in _MEASURED_KINDS and step.names and _CHANGE.search(text):
        return replace(step, aggregate=Aggregate.TREND, attribute=Attribute.VALUE)
    extreme = re.search(r"\bever (?:\w+ )?(low|high)\b", text)
    if step.kind in _MEASURED_KINDS and step.names and extreme is not None:
        lowest = extreme[1] == "low"
        return replace(step, aggregate=Aggregate.LOWEST if lowest else Aggregate.HIGHEST)
    if step.names and step.abnormal is False and re.search(r"\bnormal\W*$", text):
        step = replace(step, abnormal=None)
    judged = _JUDGED.search(text) or (step.names and _NORMAL_NOW.search(text))
    if step.kind in _MEASURED_KINDS and step.aggregate is Aggregate.EXISTS and judged:
        return replace(step, aggregate=Aggregate.LAST, attribute=Attribute.VALUE, abnormal=None)
    if (step.above is not None or step.below is not None) and step.aggregate is Aggregate.LIST:
        return replace(step, aggregate=Aggregate.EXISTS)
    if step.aggregate is Aggregate.LIST and step.attribute in (Attribute.VALUE, Attribute.DOSE):
        plural = re.search(
            r"\b(?:all|every|list|each|tests|labs|levels|values|results|doses|measurements|readings)\b",
            text,
        )
        return step if plural else replace(step, aggregate=Aggregate.LAST)
    return step
