"""Questions on the chart as they are typed in a hurry: "vit d?", "any heart attack?", "for sleep".

Each rule returns a step where the question is of its kind, else None. They name what the chart
may not hold, so that its absence is answered instead of something near it.
"""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

from assistant.answering import asked
from assistant.answering.called import Called, alike, called_in, reasons_called
from assistant.answering.plan import Aggregate, Attribute, Explain, Lookup, Step, Topic, Window
from assistant.answering.vocabulary import drug_words, drugs_named, kind_of, stop_words
from assistant.answering.words import Words
from assistant.answering.write.context import Context

_FAMILY = re.compile(
    r"\b(?:family|relatives?|mother|father|mum|mom|dad|parents?|sister|brother|siblings?|son|"
    r"daughter|husband|wife|partner|aunt|uncle|grand\w+)\b"
)


def of_relatives(words: Words) -> bool:
    """Whether someone else's illness or medicine is asked for, which this chart does not tell."""
    return _FAMILY.search(words.lower) is not None


# --- what was being taken at a time -------------------------------------------------------------

_TAKING = re.compile(
    r"\b(?:on|taking|took|take|have|had|receiv\w+|us(?:e|ed|ing)|treated with|given|get|got|"
    r"getting|prescribed|medicated)\b"
)
_ANTIDEPRESSANT = re.compile(
    r"\bantidepress\w+|\b(?:for|against) (?:her |his |the |their )?depression\b"
)
_ELSE = re.compile(
    r"\b(?:start\w*|beg[aiu]n\w*|stopp?\w*|end(?:ed)?|dos(?:e|es|age)|how much|mg|why|when|"
    r"dispens\w+|fill\w*|refill\w*|prescriptions?|pharmacy|orders?|ordered|how (?:many|long|often)|"
    r"fail\w*|respon\w+|help\w*|work\w*|level|side effects?|tolerat\w+|last|first|count\w*|route|"
    r"via|scor\w+|adequate|prescribed)\b"
)


_BEING_ON = re.compile(
    r"\btreated with\b|"
    r"\b(?:was|were|is|are|been|am|be) (?:i |she |he |they |the patient )?(?:\w+ ){0,2}"
    r"(?:on|taking)\b(?! (?:me|her|him|them|patient|the patient|this patient|\d))"
)
_OTHER_ENTRY = re.compile(
    r"\b(?:procedure|surgery|operation|test|culture|specimen|diagnos\w+|admi\w+|visit|encounter|"
    r"icu|ward|organism|output|intake|perform\w*|document\w*|measur\w*)\w*\b"
)


def taken_then(words: Words, context: Context) -> Step | None:
    """What was being taken in the time named: trials by their span, other drugs by their period."""
    if words.window is None or words.modalities or of_relatives(words):
        return None
    which = re.search(r"\b(?:what|which|any)\b.*\bantidepress", words.bare) is not None
    if not (which or _TAKING.search(words.bare)) or _ELSE.search(words.bare):
        return None
    if words.trials or (_ANTIDEPRESSANT.search(words.lower) and not words.drugs):
        return Explain(
            topic=Topic.TRIALS,
            trials=words.trials,
            window=words.window,
            asked="during",
            yes_no=words.yes_no,
        )
    if not _BEING_ON.search(words.bare) or _OTHER_ENTRY.search(words.bare):
        return None
    meant = _drug_meant(words, context)
    if meant is None and (words.drugs or words.yes_no):
        return None
    names = meant.names if meant is not None else ()
    return Lookup(
        kind="medication",
        names=names,
        named=meant is not None,
        window=words.window,
        running=True,
        aggregate=Aggregate.EXISTS if words.yes_no and meant is not None else Aggregate.LIST,
        attribute=Attribute.NAME,
    )


def _drug_meant(words: Words, context: Context) -> Called | None:
    """The medicine a question names, by its name or its group."""
    if words.drugs:
        spelt = [
            name
            for entry in drug_words().values()
            if entry.drug in words.drugs
            for name in context.index.containing(entry.word, "medication")
        ]
        return Called("medication", tuple(dict.fromkeys(spelt)), words.drugs[0], False)
    group = called_in(words.bare, context.index, ("medication",))
    if group is not None:
        return group
    for word in re.findall(r"[a-z]{5,}", words.bare):
        names = () if word in stop_words() else alike(word, "medication", context.index)
        if names:
            return Called("medication", names, word, False)
    return None


_BESIDES = re.compile(
    r"\b(?:besides|apart from|other than|except(?: for)?|in addition to|as well as|not counting|"
    r"non-?) ?(?:the |her |his |their )?antidepress\w+|\bother (?:drugs?|medic\w+|meds|tablets|"
    r"pills)\b"
)


def besides_antidepressants(words: Words, context: Context) -> Lookup | None:
    """The medicines that are no antidepressants."""
    if not _BESIDES.search(words.lower) or words.drugs or words.why:
        return None
    others = tuple(
        name
        for name in context.index.names("medication")
        if not any(kind_of(drug) == "antidepressant" for drug in _drugs_of(name, context))
    )
    counted = asked.asks_to_count(words.bare)
    return Lookup(
        kind="medication", names=others, named=True, window=words.window,
        aggregate=Aggregate.COUNT if counted else Aggregate.LIST, attribute=Attribute.NAME,
        distinct=counted, current=_NOW.search(words.lower) is not None,
    )  # fmt: skip


def taken_beside_trials(words: Words, context: Context) -> Lookup | None:
    """A drug that is no trial and stands in the chart is one that was taken, augmenting or not."""
    if words.trials or len(words.absent_drugs) != 1 or not _ON_IT.search(words.lower):
        return None
    if words.window is not None or _ELSE.search(words.bare) or of_relatives(words):
        return None
    if re.search(r"\baugment\w*|\badd\w*\b|\badjunct\w*|\bcount\w*|\blevels?\b", words.lower):
        return None
    meant = _drug_meant(words, context)
    if meant is None or not meant.names:
        return None
    return _whether("medication", meant.names, current=_NOW.search(words.lower) is not None)


_ON_IT = re.compile(
    r"\b(?:is|are|was|has|have|had|did|does) (?:she|he|they|the patient) (?:\w+ ){0,2}(?:on|taking|"
    r"take|taken|had|have|get|been|tried|given)\b|^\W*(?:any|ever|still|currently)\b|\bever\W*$|"
    r"\bon board\b"
)


def _drugs_of(name: str, context: Context) -> tuple[str, ...]:
    """The drugs that an entry of this name is of, by any of its names."""
    held = context.index.names("medication").get(name, ())
    told = " ; ".join(named.text for entry in held for named in entry.names)
    return drugs_named(told)


_AT_ITS_END = re.compile(
    r"\b(?:when|at the time|by the time|at the point)\b.*\b(?:came off|come off|stop\w*|end(?:ed)?|"
    r"finish\w*|discontinu\w+)\b|\bat the end of\b"
)
_AT_ITS_START = re.compile(
    r"\b(?:when|at the time|by the time|at the point)\b.*\b(?:start\w*|beg[aiu]n\w*|"
    r"put on|went on)\b|"
    r"\bat the (?:start|beginning) of\b"
)
_UNDER_IT = re.compile(
    r"\b(?:on|under|during|while on|while taking|throughout) (?:the |her |his )?[a-z-]+\W*$"
)
_NEAR = timedelta(days=7)
_AFTER = timedelta(days=2)
"""A reading so soon after the last day still tells of the drug."""


def _made_of(words: Words) -> Aggregate:
    """The extreme asked for, else every reading, so that low and high can be seen."""
    extremes = (Aggregate.HIGHEST, Aggregate.LOWEST, Aggregate.FIRST, Aggregate.LAST)
    return words.aggregate if words.aggregate in extremes else Aggregate.LIST


def measured_at_a_turn(words: Words, context: Context) -> Lookup | None:
    """A test at the time a trial began or ended: the readings of that week."""
    meant = called_in(words.bare, context.index, ("measurement",))
    trial = context.report.trial(words.trials[0]) if len(words.trials) == 1 else None
    if meant is None or not meant.names or trial is None or words.scales:
        return None
    under_it = _UNDER_IT.search(words.lower) is not None and trial.start is not None
    if under_it and trial.start is not None and not any(trial.drug in n for n in meant.names):
        end = trial.end.latest + _AFTER if trial.end is not None else context.as_of.day
        return Lookup(
            kind="measurement", names=meant.names, named=True, aggregate=_made_of(words),
            attribute=Attribute.VALUE,
            window=Window(
                start=datetime.combine(trial.start.earliest, time.min),
                end=datetime.combine(end, time.max),
            ),
        )  # fmt: skip
    ended = _AT_ITS_END.search(words.lower) is not None
    at = trial.end if ended else trial.start if _AT_ITS_START.search(words.lower) else None
    if at is None or re.match(r"\W*when\b", words.lower):
        return None
    window = Window(
        start=datetime.combine(at.earliest - _NEAR, time.min),
        end=datetime.combine(at.latest + _NEAR, time.max),
    )
    return Lookup(
        kind="measurement", names=meant.names, named=True, window=window,
        aggregate=Aggregate.LIST, attribute=Attribute.VALUE,
    )  # fmt: skip


def one_psychotherapy(words: Words, context: Context) -> Lookup | None:
    """One kind of psychotherapy that the chart does not hold, whatever others it does."""
    meant = called_in(words.bare, context.index, ("procedure",))
    if meant is None or meant.names:
        return None
    counted = asked.asks_to_count(words.bare)
    return replace(
        _whether("procedure", ()), aggregate=Aggregate.COUNT if counted else Aggregate.EXISTS
    )


# --- what a medicine was for --------------------------------------------------------------------

_FOR_WHAT = re.compile(
    r"\bwhat (?:is|was|are|were)\b.{1,60}\bfor\W*$|\bindications? (?:for|of)\b|"
    r"\bwhy (?:is|was|were|did|does|has|have)\b.{0,40}\b(?:on|get|take|taking|given|giv\w+|"
    r"receiv\w+|prescribed|put on|started on|have)\b|\bfor what (?:reason|indication|condition)\b|"
    r"\bwhat (?:for|is it for)\W*$|\breason for (?:the |giving |taking |prescribing )"
)
_NOT_FOR = re.compile(
    r"\b(?:stop\w*|discontinu\w+|switch\w*|count\w*|fail\w*|exclud\w+|off|chang\w+|adequate|not|"
    r"ended?|n't|resist\w+|trial|score|so)\b"
)
_TO_TREAT = re.compile(
    r"\b(?:what|which|anything|something|any(?: \w+)?)\b.{0,40}\b(?:get|got|gets|given|take|takes|"
    r"taking|took|taken|on|prescribed|have|had|receiv\w+|us(?:e|ed|es|ing))\b.{0,12}"
    r"\b(?:for|against) (?P<what>.+?)\W*$|\b(?:treatment|medic\w+|drugs?|tablets?|pills?) (?:for|"
    r"against) (?P<ill>.+?)\W*$|\b(?:anything|something) (?:for|against) (?P<it>.+?)\W*$"
)


def reason_asked(words: Words, context: Context) -> Lookup | None:
    """What a medicine was given for, or what was given for a complaint."""
    if words.window is not None or of_relatives(words):
        return None
    if _FOR_WHAT.search(words.lower) and not _NOT_FOR.search(words.lower):
        meant = _drug_meant(words, context)
        if meant is None or not meant.names:
            return None
        return Lookup(
            kind="medication", names=meant.names, named=True, aggregate=Aggregate.LIST,
            attribute=Attribute.REASON,
        )  # fmt: skip
    for_it = _TO_TREAT.search(words.lower)
    if for_it is None or words.drugs or words.modalities:
        return None
    told = for_it["what"] or for_it["ill"] or for_it["it"]
    if re.search(r"\bdepress\w+|\bmood\b|\bhow\b|\b(?:days|weeks|months)\b|\bwhat\b", told):
        return None
    reasons = reasons_called(told, context.index)
    if not reasons and called_in(told, context.index, ("diagnosis",)) is None:
        return None
    yes_no = words.yes_no or re.search(r"\bany(?:thing)?\b", words.lower) is not None
    return Lookup(
        kind="medication", reasons=reasons or (told,), named=True,
        aggregate=Aggregate.EXISTS if yes_no else Aggregate.LIST, attribute=Attribute.NAME,
    )  # fmt: skip


# --- a test under another name ------------------------------------------------------------------

_JUDGED = re.compile(
    r"\b(?:normal|ok(?:ay)?|fine|good|in (?:the )?range|therapeutic|results?|values?|levels?|last|"
    r"latest|when|what|how)\b|^\W*\w+\W*$"
)


def test_before_topic(words: Words, context: Context, topic: Explain) -> bool:
    """Whether a test is asked for that the part of the report found does not show."""
    meant = called_in(words.bare, context.index, ("measurement",))
    if meant is None or words.scales:
        return False
    if topic.topic is Topic.SCORES:
        return True
    if topic.topic is Topic.BIOMARKERS:
        return re.search(r"\bmarkers?\b|\bbiomarkers?\b", words.lower) is None
    if topic.topic is Topic.CHECKS and topic.asked in ("", "assessed"):
        return meant.panel and _JUDGED.search(words.bare) is not None
    return False


# --- is it there at all -------------------------------------------------------------------------

_LEAD = re.compile(
    r"^(?:\W|and\b|so\b|but\b|ok\b|also\b)*(?:(?:any|ever|known|previous|prior|past|current|active|"
    r"history of|hx of|h/o|pmhx?(?: of)?|(?:has|have|does|did|do|is|was|were|are|had|hasn't|isn't|"
    r"didn't|doesn't) (?:she|he|they|the patient|there|it|we)|got|have|had|has|been|ever|"
    r"suffer(?:ed|s|ing)? (?:from|with)?|diagnosed with|on|taking|taken|takes?|given|give|tried|"
    r"try|prescribed|started|put on|using|used|use|get|gets|receive[ds]?|allergic to|signs? of|"
    r"evidence of|a|an|the|some|her|his|their|having|ever|still|currently|now|already|yet)\b\s*)+"
)
_TAIL = re.compile(
    r"(?:\b(?:ever|in (?:the|her|his) (?:past|record|chart|notes|history)|before|previously|"
    r"so far|yet|on board|on (?:record|file)|documented|recorded|known|noted|history|hx|tried|"
    r"taken|given|used|prescribed|started|now|currently|at the moment|at all|too|as well|or not)\b"
    r"\W*)+$"
)
_NOW = re.compile(
    r"\b(?:on board|now|currently|at the moment|still|yet|these days)\b|"
    r"\b(?:is|are) (?:she|he|they|the patient) (?:\w+ )?(?:on|taking)\b"
)
_LONGEST = 5
_WH = re.compile(
    r"\b(?:what|which|when|who|whom|whose|where|why|how|if|or|should|would|could|can)\b"
)
_ILLNESS = re.compile(
    r"\b\w*(?:itis|osis|emia|aemia|oma|pathy|plegia|algia|uria|rrhea|rrhoea|cancer|disease|disorder|"
    r"syndrome|injury|fracture|infection|ulcers?|gout|psoriasis|eczema|lupus|sclerosis|shingles|"
    r"covid|stones?|an(?:a)?emia|hernia|phobia|autism|delirium|measles|hiv)\b"
)
_MEDICINE = re.compile(
    r"\b\w{3,}(?:pril|sartan|olol|statin|dipine|azole|cillin|mycin|oxetine|pram|azine|apine|idone|"
    r"azepam|zolam|gliptin|gliflozin|formin|caine|profen|triptan|setron|parin|xaban|oxacin|vir|"
    r"triptyline|oxin|thiazide|barbital|codone|phylline|barb|mab)\b"
)


def is_there(words: Words, context: Context) -> Step | None:
    """Whether the chart holds a diagnosis, a drug, a procedure or a visit that is named."""
    if words.window is not None or of_relatives(words) or _WH.search(words.lower):
        return None
    lead, tail = _LEAD.match(words.lower), _TAIL.search(words.lower)
    if lead is None and tail is None:
        return _named_alone(words, context)
    what = words.lower[lead.end() if lead is not None else 0 :]
    what = _TAIL.sub("", what).strip(" ?!.,")
    if not what or len(what.split()) > _LONGEST:
        return None
    if _ANTIDEPRESSANT.search(what) and len(what.split()) == 1:
        return Explain(topic=Topic.TRIALS, asked="any")
    return _presence(what, words, context)


_ALONE = 3


def _named_alone(words: Words, context: Context) -> Lookup | None:
    """A group of drugs or an illness and nothing else: "NSAIDs?"."""
    if len(words.lower.split()) > _ALONE:
        return None
    meant = called_in(words.bare, context.index, ("medication", "diagnosis"))
    rest = words.bare.replace(meant.said, "") if meant is not None else words.bare
    if meant is None or re.search(r"\w", rest):
        return None
    return _whether(meant.kind, meant.names)


def _presence(what: str, words: Words, context: Context) -> Step | None:
    index = context.index
    drug = _drug_meant(words, context)
    if drug is not None and words.trials:
        return Explain(topic=Topic.TRIALS, trials=words.trials, asked="any")
    if drug is not None:
        return _whether("medication", drug.names, current=_NOW.search(words.lower) is not None)
    meant = called_in(what, index, ("diagnosis", "encounter"))
    if meant is not None:
        return _whether(meant.kind, meant.names)
    for kind in ("diagnosis", "procedure", "allergy", "immunization", "medication", "encounter"):
        names = alike(what, kind, index)
        if names:
            return _whether(kind, names)
    if all(word in stop_words() for word in what.split()):
        return None
    if _ILLNESS.search(what):
        return _whether("diagnosis", ())
    return _whether("medication", ()) if _MEDICINE.search(what) else None


def _whether(kind: str, names: tuple[str, ...], *, current: bool = False) -> Lookup:
    return Lookup(
        kind=kind, names=names, named=True, aggregate=Aggregate.EXISTS, current=current,
        attribute=Attribute.ENTRY,
    )  # fmt: skip


_RULES = (
    besides_antidepressants, taken_then, taken_beside_trials, reason_asked, measured_at_a_turn,
    one_psychotherapy,
)  # fmt: skip


def typed_in_short(words: Words, context: Context) -> Step | None:
    """What is meant before any part of the report is thought of: the first rule that holds."""
    found = (rule(words, context) for rule in _RULES)
    return next((step for step in found if step is not None), None)
