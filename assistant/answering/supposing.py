"""Facts supposed ("if she had taken it") and facts stated ("she took it every day")."""

import re
from datetime import timedelta

from assistant.answering.plan import Confirm, Explain, Step, Topic, WhatIf
from assistant.answering.topics import topic_of
from assistant.answering.words import Words
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import listed
from assistant.staging.record import Assertion
from assistant.staging.report import Trial

_IF = re.compile(
    r"^\W*say\b|\b(?:if|what if|suppos(?:e|ing)|assum(?:e|ing)|imagine|let'?s say|"
    r"hypothetically|given|provided|had (?:she|he|they|it|the patient)|"
    r"(?:since|because|as) (?:she|he|they|the patient) (?:never|only|skipped|missed|did|had|was)|"
    r"without the (?:bipolar|psychotic)|not (?:really )?bipolar)\b"
)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:%|percent)")
_DOSE = re.compile(r"(\d{1,4}(?:\.\d+)?)\s*mg")
_STATED = re.compile(
    r"\b(?:she|he|they|the patient|i know|patient|family|partner|mother|husband|"
    r"wife|pharmacy)\b.*\b(?:took|taken|takes|"
    r"stopped|is|are|was|were|had|has|adhered|did|confirmed?|confirms|told|says|said|missed|"
    r"skipped)\b"
)


def supposed(words: Words, context: Context, before: Step | None) -> WhatIf | None:
    """The hypothetical a question puts, or None where it puts none."""
    if not _IF.search(words.lower) or words.has(
        r"\bassumptions?\b|\bassumed\b|\bif (?:any|so|known|recorded|there)\b|"
        r"\bsee if\b|\bcheck if\b|\bknow if\b|\btell me if\b|\bask(?:ed)? if\b"
    ):
        return None
    facts = _facts(words, context, before)
    if not facts:
        return None
    then = topic_of(words)
    if then is None or then.topic not in (Topic.TRD, Topic.STAGE, Topic.TRIAL, Topic.FAILED_COUNT):
        if words.has(r"\bcount\w*\b|\bfail\w*\b|\badequate\b") and any(f.trial for f in facts):
            then = Explain(topic=Topic.TRIAL, trials=tuple(f.trial for f in facts if f.trial))
            return WhatIf(assertions=facts, then=then)
        resistant = words.has(r"\btrd\b|\bresistan\w+|\brefractory\b")
        asked = Topic.TRD if resistant and not words.methods else Topic.STAGE
        then = Explain(topic=asked, methods=words.methods, bound=words.bound)
    return WhatIf(assertions=facts, then=then)


_COUNTERFACTUAL = re.compile(
    r"(?<!know )(?<!see )(?<!ask )(?<!tell me )(?<!check )(?<!wonder )"
    r"\bhad (?:it|she|he|they|the \w+|[a-z]+ine|[a-z]+pram) (?:\w+ )?been\b.*,|"
    r"\bif (?:she|he|her|his|the|it|they|[a-z]+ine|[a-z]+pram)\b.{0,40}\b(?:had|were|was|did)\b"
)


def unsupposable(words: Words) -> bool:
    """Whether something is supposed that is no fact a report can be computed with."""
    in_its_place = len(words.drugs) > 1 and words.has(
        r"\b(?:suppos\w+|imagine|assum\w+|if|say|what if)\b.*\b(?:had been|were|was|instead of)\b"
    )
    return in_its_place or _COUNTERFACTUAL.search(words.lower) is not None


def asserted(words: Words, context: Context, before: Step | None) -> Confirm | None:
    """The fact a clinician states, or None where a question is asked."""
    if (
        words.yes_no
        or words.lower.rstrip().endswith("?")
        or words.has(r"^(?:what|which|when|why|how|who|where|list|show|tell)\b")
    ):
        return None
    if not _STATED.search(words.lower):
        return None
    facts = _facts(words, context, before)
    if not facts:
        return None
    words_of = [_in_words(fact, context) for fact in facts]
    return Confirm(assertions=facts, words=listed(words_of))


def _meant(words: Words, context: Context, before: Step | None) -> list[Trial]:
    report = context.report
    ids = words.trials or (before.trials if isinstance(before, Explain) else ())
    if isinstance(before, WhatIf) and not words.trials:
        ids = tuple(f.trial for f in before.assertions if f.trial)
    trials = [t for t in (report.trial(i) for i in ids) if t is not None]
    if trials:
        return trials
    if words.has(
        r"\b(?:both|all|every|each|everything|always|the trials|medications?|antidepressants?)\b"
    ):
        return list(report.trials)
    return list(report.trials) if len(report.trials) == 1 else []


def _facts(words: Words, context: Context, before: Step | None) -> tuple[Assertion, ...]:
    pair = _fact(words)
    if pair is None:
        trials = _meant(words, context, before) if words.drugs else []
        ends = [(trial, _ended_early(words, trial)) for trial in trials]
        return tuple(
            Assertion(fact="end", value=end, trial=trial.id, drug=trial.drug)
            for trial, end in ends
            if end is not None
        )
    fact, value = pair
    if fact == "diagnosis":
        return (Assertion(fact=fact, value=value),)
    trials = _meant(words, context, before)
    if not trials and fact == "adherence":
        trials = [t for t in context.report.trials if t.adequacy.adherence.value == "unknown"]
    return tuple(
        Assertion(fact=fact, value=value, trial=trial.id, drug=trial.drug) for trial in trials
    )


_FOR_SO_LONG = re.compile(
    r"\b(?:for|after|within|only|just|lasted)\b(?: about| roughly| only| just| lasted)? "
    r"(?P<n>\d{1,3}|one|"
    r"two|three|"
    r"four|five|six|seven|eight|nine|ten|twelve|a) (?P<unit>day|week|month)s?\b"
)
_COUNTS = {
    word: number
    for number, word in enumerate(
        ("a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
} | {"one": 1, "twelve": 12}
_DAYS_OF = {"day": 1, "week": 7, "month": 30}


def _ended_early(words: Words, trial: Trial) -> str | None:
    """The last day of a trial that is said to have lasted so long, where its start is exact."""
    said = _FOR_SO_LONG.search(words.lower)
    start = trial.start
    if said is None or start is None or start.earliest != start.latest:
        return None
    count = int(said["n"]) if said["n"].isdigit() else _COUNTS[said["n"]]
    days = count * _DAYS_OF[said["unit"]]
    return (start.earliest + timedelta(days=max(days, 1) - 1)).isoformat()


def _fact(words: Words) -> tuple[str, object] | None:
    """The fact that the words give, and its value."""
    if words.has(_TAKING) and (adherence := _adherence(words)) is not None:
        return "adherence", adherence
    dose = _DOSE.search(words.lower)
    if len(words.drugs) > 1 and words.has(r"\bhad been\b|\bwere\b|\binstead\b|\breplaced\b"):
        return None  # another drug in the place of one cannot be supposed
    if dose is not None and words.drugs:
        return "dose", float(dose[1])
    for fact, value, pattern in _FACT_WORDS:
        if words.has(pattern):
            return fact, value
    return None


_TAKING = (
    r"\badher\w+|\bcomplian\w+|\btook\b|\btaken\b|\btaking (?:it|them|every\w*)\b|\btake\b|"
    r"\bswallow\w*|"
    r"\bskipp\w+|\bmissed\b|\bdoses\b"
)
_POORLY = (
    r"\bevery (?:other|second|third) day\b|\bsometimes\b|\bforg[eo]t\w*\b|\boccasional\w*\b|"
    r"\bnot\b|n't\b|\bnever\b|\bnon-?adher\w+|\bpoor(?:ly)?\b|\bskipp\w+|\bmissed\b|\bhalf\b|"
    r"\brarely\b|\birregular\w*|\binadequate\b|\blow\b|\bbad\b"
)
_WELL = (
    r"\bevery ?day\b|\bdaily\b|\bregular\w*|\bas prescribed\b|\bfull(?:y)?\b|\bgood\b|"
    r"\bconfirmed\b|\badequate\w*|\ball (?:of )?(?:it|them|doses)\b|\bfine\b|\balways\b|"
    r"\bproperly\b|\bmet\b|\badhered\b|\bcompliant\b|\badherent\b|\breliabl\w+|\bfaithful\w*|"
    r"\beverything\b|\breligious\w*|\bconsistent\w*|"
    r"\bwithout fail\b|\ball (?:of )?(?:the|her|his)\b|\bevery (?:dose|pill|tablet)\b|"
    r"\bok(?:ay)?\b|\bperfect\w*|"
    r"\bwithout missing\b|\bexcellent\b"
)
_FACT_WORDS: tuple[tuple[str, str, str], ...] = (
    ("stop_reason", "intolerance",
     r"\bside effects?\b|\bintoler\w+|\badverse\b|\bnot tolerat\w+|\bcouldn't tolerate\b"),
    ("stop_reason", "inefficacy",
     r"\bineffic\w+|\black of eff\w+|\bdid(?:n't| not) (?:work|help)\b|\bineffective\b"),
    ("diagnosis", "unipolar",
     r"\bwithout the (?:bipolar|psychotic)\b|\bno bipolar|\bunipolar\b|"  # noqa: ISC004
     r"(?:\bnot|n't|\bnever) (?:really |been |be |have been |had |actually )*bipolar\b"),
    ("diagnosis", "bipolar", r"\bbipolar\b|\bmania\b|\bmanic\b"),
    ("diagnosis", "psychotic", r"\bpsychotic\b|\bschizo\w+"),
    ("outcome", "remission", r"\bremission\b|\bremitted\b"),
    ("outcome", "partial_response", r"\bpartial(?:ly)? respon\w+"),
    ("outcome", "non_response",
     r"\bnon-?respon\w+|\bno response\b|\b(?:not|n't) respond\w*|\black of response\b"),
    ("outcome", "response", r"\bresponse\b|\bresponded\b|\bworked\b|\bhelped\b"),
)  # fmt: skip


def _adherence(words: Words) -> object | None:
    percent = _PERCENT.search(words.lower)
    if percent is not None:
        return min(1.0, float(percent[1]) / 100)
    if words.has(_POORLY):
        return "not_met"
    return "met" if words.has(_WELL) else None


def _in_words(fact: Assertion, context: Context) -> str:
    trial = context.report.trial(fact.trial) if fact.trial else None
    drug = trial.drug if trial is not None else (fact.drug or "")
    match fact.fact:
        case "adherence":
            how = {"met": "was adequate", "not_met": "was not adequate"}.get(
                str(fact.value), f"was {fact.value}"
            )
            return f"adherence to {drug} {how}"
        case "end":
            return f"{drug} was taken until {fact.value}"
        case "dose":
            return f"{drug} was taken at {fact.value} mg/day"
        case "stop_reason":
            return f"{drug} was stopped for {fact.value}"
        case "outcome":
            return f"the outcome of {drug} was {str(fact.value).replace('_', ' ')}"
    return f"the {fact.fact} is {fact.value}"
