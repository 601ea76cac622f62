"""One question read into words: drugs, trials, scales, methods, time, what is asked."""

import re
from dataclasses import dataclass
from decimal import Decimal

from assistant.answering import vocabulary
from assistant.answering.plan import Aggregate, Bound, Window
from assistant.answering.timewords import split_time
from assistant.answering.write.context import Context
from assistant.staging.report import StagingReport, Trial

_ORDINALS = {
    "first": 0, "1st": 0, "initial": 0, "earliest": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2,
    "fourth": 3, "4th": 3, "fifth": 4, "5th": 4, "sixth": 5, "6th": 5,
    "last": -1, "latest": -1, "most recent": -1, "current": -1, "final": -1,
}  # fmt: skip
_THING = (
    r"(?:antidepressant |treatment |medication |drug |failed |adequate )*(?:trial|"
    r"antidepressant|drug|medication|medicine|treatment|one)s?\b"
)
_ORDINAL = re.compile(rf"\b({'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\s+{_THING}")
_TRIAL_ID = re.compile(r"\bt(?:rial\s*(?:#|no\.?|number)?\s*)?(\d{1,2})\b")
_LONE_ORDINAL = re.compile(r"\b(first|second|third|fourth|fifth|sixth|last|latest)\b")
_AT_LEAST = re.compile(
    r"\b(?:at least|proven|proves?|prove|certain(?:ly)?|for sure|definite(?:ly)?|"
    r"guaranteed|minimum stage|"
    r"lower bound|best[- ]case|record alone|lowest (?:possible )?stage|documented beyond|"
    r"conservativ\w+|confirmed stage|"
    r"without (?:any )?assum\w+)\b"
)
_AT_MOST = re.compile(
    r"\b(?:at most|possible|possibl[ey]|could (?:it|this|she|he|they|the)|"
    r"cannot (?:be )?exclude\w*|can't (?:be )?"
    r"exclude\w*|exclude[ds]?|rule[d]? out|upper bound|worst[- ]case|highest (?:possible )?stage|"
    r"maximum stage|conceivabl\w+|might (?:it|this|she|he))\b"
)
_RANGE = re.compile(
    r"\b(?:range|bounds|how (?:sure|certain|confident)|uncertainty|between which)\b"
)
_AGGREGATES: tuple[tuple[Aggregate, re.Pattern[str]], ...] = (
    (Aggregate.COUNT, re.compile(
        r"\b(?:how many|how often|number of|count|total (?:number|count)|how frequently|quantify|"
        r"how many times|tally|frequency)\b")),
    (Aggregate.TREND, re.compile(
        r"\b(?:trend\w*|over time|chang(?:e[ds]?|ing)|course of|evol\w+|progress\w*|improv\w+|"
        r"wors(?:e|en\w*)|trajectory|develop(?:s|ed|ing|ment)?|vs|versus|compared (?:to|with)|"
        r"(?:then|start|beginning|baseline|before|initially) (?:and|to|until|through) (?:now|today|"
        r"the end|after|latest))\b")),
    (Aggregate.HIGHEST, re.compile(r"\b(?:how high|ever (?:\w+ )?high|highest|maximum|max|peak|"
        r"worst|greatest|largest)\b")),
    (Aggregate.LOWEST, re.compile(r"\b(?:how low|ever (?:\w+ )?low|lowest|minimum|min|best|"
        r"smallest|least)\b")),
    (Aggregate.MEAN, re.compile(r"\b(?:average|mean)\b")),
    (Aggregate.FIRST, re.compile(

            r"\b(?:first|earliest|initial(?:ly)?|baseline|oldest|1st|"
            r"for the first time|begin with)\b")),
    (Aggregate.LAST, re.compile(

            r"\b(?:last|latest|most recent(?:ly)?|newest|current|final|recent(?:ly)?|"
            r"for the last time)\b")),
    (Aggregate.LIST, re.compile(

            r"\b(?:list|all|every|each|which|show|enumerate|scores|results|values|"
            r"measurements|readings)\b")),
)  # fmt: skip
_SET_AGAINST = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|\d{4}|then|start|baseline)\w* "
    r"(?:vs\.?|versus|compared (?:to|with)) \w"
)
"""Two times set side by side."""
_YES_NO = re.compile(
    r"^(?:and |but |so |then |ok(?:ay)?,? |please,? |hi,? |hello,? )*(?:is|are|"
    r"was|were|do|does|did|has|have|had|can|could|will|would|"
    r"isn't|aren't|wasn't|weren't|didn't|doesn't|hasn't|haven't|any|ever)\b|"
    r"^(?:respond(?:ed|s)?|responding|better|tolerat(?:ed|es?|ing)|finish(?:ed)?|complet(?:ed|e)|"
    r"work(?:ed|ing)?|help(?:ed)?|improv(?:ed|ing)|adher(?:ed|ent)|compliant|taken|took)\b.*\?\W*$|"
    r"\b(?:taken|took) (?:\w+ )?(?:properly|regularly|reliably|faithfully|as prescribed)\W*$"
)
_TAG = re.compile(
    r",? (?:right|correct|true|isn't (?:it|she|he)|doesn't (?:it|she|he)|"
    r"did(?:n't)? (?:it|she|he|they)|wasn't (?:it|she|he)|hasn't (?:she|he))\s*\??$"
)
_WHY = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat makes\b|\bexplain\b|\bfor what reason\b|"
    r"\bbecause of what\b|\breasons?\b"
    r"|\bjustif\w+|\bon what (?:basis|grounds)\b|\bhow (?:did|do|was|were) (?:you|"
    r"it|that|this|they)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the words of one question name."""

    text: str
    """As asked."""
    lower: str
    bare: str
    """Lower case, without the time words."""
    drugs: tuple[str, ...] = ()
    misspelt: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()
    absent_drugs: tuple[str, ...] = ()
    """Drugs named that are no trial of this record."""
    classes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    no_such_trial: bool = False
    """A trial is named by a place that none has: the third of two."""
    window: Window | None = None
    aggregate: Aggregate | None = None
    bound: Bound = Bound.WORKING
    yes_no: bool = False
    why: bool = False

    def has(self, pattern: str) -> bool:
        """Whether ``pattern`` occurs in the question."""
        return re.search(pattern, self.lower) is not None


def read_words(text: str, context: Context) -> Words:
    """Read one question."""
    lower = text.lower().replace("\u2019", "'")
    window, bare = split_time(lower, context.as_of.wall)
    drugs, misspelt = vocabulary.drugs_meant(text)
    drugs += tuple(drug for drug in _excluded_in(lower, context) if drug not in drugs)
    classes = vocabulary.classes_meant(text)
    trials, absent = _trials(lower, drugs, classes, context)
    return Words(
        text=text,
        lower=lower,
        bare=bare,
        drugs=drugs,
        misspelt=misspelt,
        trials=trials,
        absent_drugs=absent,
        classes=classes,
        no_such_trial=not trials and _beyond(lower, context),
        methods=vocabulary.methods_named(text),
        scales=vocabulary.scales_named(text),
        checks=vocabulary.checks_named(text),
        modalities=vocabulary.modalities_named(text),
        window=window,
        aggregate=Aggregate.TREND if _SET_AGAINST.search(lower) else _aggregate(bare),
        bound=_bound(lower),
        yes_no=_YES_NO.search(lower) is not None or _TAG.search(lower) is not None,
        why=_WHY.search(lower) is not None,
    )


def _excluded_in(lower: str, context: Context) -> tuple[str, ...]:
    """The drugs named that this record holds but no trial counts."""
    if context.case is None:
        return ()
    held = dict.fromkeys(item.drug for item in context.report.excluded_exposures)
    named = tuple(drug for drug in held if re.search(rf"\b{re.escape(drug)}\b", lower))
    return named or tuple(
        item.drug
        for item in context.report.excluded_exposures
        if set(_TELLING.findall(item.reason.lower())) & set(_TELLING.findall(lower)) - _COMMON
    )


_TELLING = re.compile(r"[a-z]{5,}")
_COMMON = frozenset(
    {
        "other",
        "below",
        "floor",
        "indication",
        "without",
        "medicine",
        "alike",
        "depression",
        "adequate",
    }
) | frozenset(vocabulary.drug_words())
"""Words of a reason that do not tell one drug from another."""


def _aggregate(bare: str) -> Aggregate | None:
    for aggregate, pattern in _AGGREGATES:
        if pattern.search(bare):
            return aggregate
    return None


def _bound(lower: str) -> Bound:
    low, high = _AT_LEAST.search(lower), _AT_MOST.search(lower)
    if (low and high) or _RANGE.search(lower):
        return Bound.RANGE
    if low:
        return Bound.AT_LEAST
    return Bound.AT_MOST if high else Bound.WORKING


def _trials(
    lower: str, drugs: tuple[str, ...], classes: tuple[str, ...], context: Context
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if context.case is None:
        return (), drugs
    report = context.report
    found: list[str] = []
    absent: list[str] = []
    for drug in drugs:
        of_drug = _of(report, drug)
        found += of_drug
        if not of_drug:
            absent.append(drug)
    if found or absent:
        return tuple(dict.fromkeys(found)), tuple(absent)
    found += (
        _by_short_name(lower, report)
        or _by_id(lower, report)
        or _by_ordinal(lower, report.trials)
        or _by_dose(lower, report)
    )
    if not found and classes:
        found += [t.id for t in report.trials if t.drug_class in classes]
    return tuple(dict.fromkeys(found)), ()


def _of(report: StagingReport, drug: str) -> list[str]:
    here = [t.id for t in report.trials if t.drug == drug]
    return here or [t.id for t in report.earlier_trials if t.drug == drug]


def _by_id(lower: str, report: StagingReport) -> list[str]:
    named = [f"t{number}" for number in _TRIAL_ID.findall(lower)]
    return [trial_id for trial_id in named if report.trial(trial_id) is not None]


_SHORT_NAME = 4


def _by_short_name(lower: str, report: StagingReport) -> list[str]:
    """The trials whose drug is written short: "sert", "mirtaz", "ven 225"."""
    found = []
    for token in re.findall(r"\b[a-z]{3,8}\b", lower):
        long_enough = len(token) >= _SHORT_NAME or re.search(
            rf"\b{token} (?:dose|trial|level|\d)", lower
        )
        if long_enough and token not in vocabulary.stop_words():
            found += [t.id for t in report.trials if t.drug.startswith(token)]
    return found


_DOSE = re.compile(
    r"\b(\d+(?:\.\d+)?) ?(?:mg|milligrams?)\b(?!/)|"
    r"\b(?:was|is|were|are|on|at) (\d+(?:\.\d+)?)(?= (?:mg |a day )?(?:an? )?(?:enough|adequate|"
    r"sufficient|too (?:low|little)|high enough|therapeutic))"
)


def _by_dose(lower: str, report: StagingReport) -> list[str]:
    """The one trial that was given at the dose named, where no drug is."""
    found = {Decimal(a or b) for a, b in _DOSE.findall(lower)}
    if len(found) != 1:
        return []
    wanted = found.pop()
    at = [
        t.id for t in report.trials
        if wanted == t.labelled_daily_dose_mg or any(s.dose_mg == wanted for s in t.dose_steps)
    ]  # fmt: skip
    return at if len(at) == 1 else []


def _beyond(lower: str, context: Context) -> bool:
    """Whether a trial is named by a place beyond the last."""
    if context.case is None:
        return False
    count = len(context.report.trials)
    return any(_ORDINALS[word] >= count for word in _ORDINAL.findall(lower))


def _by_ordinal(lower: str, trials: tuple[Trial, ...]) -> list[str]:
    found = []
    for word in _ORDINAL.findall(lower):
        place = _ORDINALS[word]
        if -len(trials) <= place < len(trials):
            found.append(trials[place].id)
    return found


def lone_ordinal(lower: str, trials: tuple[Trial, ...]) -> list[str]:
    """The trial a follow-up such as "and the second?" points at."""
    match = _LONE_ORDINAL.search(lower)
    if match is None:
        return []
    place = _ORDINALS[match.group()]
    return [trials[place].id] if -len(trials) <= place < len(trials) else []
