"""The planner of rules: a question and the turns before it become a plan."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.beyond import beyond_the_record, check_named
from assistant.answering.conversation import Turn
from assistant.answering.declining import judgment
from assistant.answering.general import is_general, speaks_of_a_patient
from assistant.answering.intents import IntentMatcher, matcher_of
from assistant.answering.lookups import (
    finds_nothing,
    followed,
    lookup_of,
    named_drug,
    other_patient_named,
    running_medicines,
    speaks_of_entries,
)
from assistant.answering.particulars import particular
from assistant.answering.plan import (
    LAST_TRIAL,
    Aggregate,
    Attribute,
    Clarify,
    Confirm,
    Explain,
    Knowledge,
    Lookup,
    QueryPlan,
    Refuse,
    Step,
    Topic,
    WhatIf,
)
from assistant.answering.refuse import is_emergency, refusal_for
from assistant.answering.safe_text import question_text
from assistant.answering.shorthand import (
    is_there,
    of_relatives,
    test_before_topic,
    typed_in_short,
)
from assistant.answering.supposing import asserted, supposed, unsupposable
from assistant.answering.topics import topic_of
from assistant.answering.trial_topics import (
    about_trial,
    attributes_asked,
    lists_attributes,
    trial_attribute,
)
from assistant.answering.vocabulary import without_drugs
from assistant.answering.words import Words, lone_ordinal, read_words
from assistant.answering.write.context import Context
from assistant.answering.write.trials import chosen

MAX_HISTORY = 20
MAX_PARTS = 6
TWO = 2

_NEW_QUESTION = re.compile(r"(?<=[\w\])}>])\s+(?=(?:What|Which|When|Who|Why|How)\s)")
_SPLIT = re.compile(
    r"(?<=\?)\s+|;\s+|,?\s+then\s+(?=(?:the|what|which|how|why|list|show|tell)\b)|"
    r",?\s+and\s+(?=(?:what|which|when|where|who|why|how|list|"
    r"show|tell)\b|(?:is|are|was|were|"
    r"did|does|do|has|have) (?:i|she|he|they|it|there|this|that|the|any|her|"
    r"his)\b)|,?\s+and\s+(?=whether\b|(?:at|by|for|since|from|with) (?:what|which|how)\b)|"
    r"(?<=[.!])\s+(?=[A-Z])",
)
_FOLLOW_UP = re.compile(
    r"^(?:no|sorry|actually|rather|i mean|i meant|i was asking|and|what about|how about|"
    r"and what about|and for|for|then|or|also|but)\b|"
    r"^(?:the )?(?:first|second|"
    r"third|fourth|last|other)(?: (?:one|trial|drug))?\s*\??$|^(?:the )?same (?:for|with|of|on)\b|"
    r"^(?:at|by|for|since|in|with|on|from) (?:what|which|how)\b|\b(?:that|it|this|them|"
    r"those|the same|its)\b"
)
_WHY_ONLY = re.compile(
    r"^(?:but |and |so |ok(?:ay)?,? )?(?:are you (?:sure|certain)|really|how do you know|"
    r"why|how come|how so|explain(?: that| it|"
    r" this| please)?|because|says who|"
    r"on what (?:basis|grounds)|based on what|what is that based on)(?: (?:is|was|did|does|"
    r"do|not|so|that|it|this|"
    r"you|say|think|exactly)\b)*\W*$"
)
_WHAT_ABOUT = re.compile(
    r"^(?:and |so |but )*(?:what|how) about\b|^and\b|"
    r"^(?:no|sorry|actually|rather|i mean|i meant|i was asking)\b"
)
_ENOUGH = re.compile(r"\b(?:enough|adequate|sufficient)\b")
_ENOUGH_OF = {
    Topic.TRIAL_LENGTH: "duration",
    Topic.TRIAL_DOSE: "dose",
    Topic.TRIAL_ADHERENCE: "adherence",
}
_BARE_QUESTION = re.compile(
    r"^(?:and |so |but )?(?:since when|when|how many|how often|which ones?|which|what dose|"
    r"how much|how long|by which route|"
    r"the (?:first|last)|first|last)(?: (?:was|were|is|did|that|it|this|time|one|"
    r"of them|times|the|first|last|latest|most recent))*\W*$|"
    r"^(?:and |so |but )?(?:how (?:low|high)(?: did (?:it|that|they) (?:go|get|fall|rise|drop))?|"
    r"(?:the )?(?:lowest|highest|worst|best|peak|average|mean|trend)(?: (?:one|value|reading|"
    r"level|result|ever))*)\W*$"
)
_UNIT_ONLY = re.compile(r"^(?:and |so |that is )?(?:in|how many) (weeks|days|months)\W*$")
_YES = re.compile(
    r"^(?:yes|yep|yeah|correct|right|sure|please do|do (?:it|so|that)|go ahead|"
    r"ok(?:ay)?|confirm(?:ed)?|exactly)\b"
)


@dataclass(frozen=True, slots=True)
class Focus:
    """What the conversation is about so far."""

    step: Step | None = None
    words: Words | None = None


def plan_question(question: str, context: Context, history: Sequence[Turn]) -> QueryPlan:
    """The plan of ``question``, given the turns before it."""
    focus = Focus()
    for turn in history[-MAX_HISTORY:]:
        steps, _ = _steps(question_text(turn.question), context, focus)
        focus = _moved(focus, steps)
    judged = [judgment(part, context.knowledge.embedder) for part in parts_of(question)]
    emergency = is_emergency(question) or any(part.danger for part in judged)
    steps, notes = _steps(question, context, focus)
    asks = all(part.ordinary for part in judged)
    if emergency and not asks and all(isinstance(step, Knowledge) for step, _ in steps):
        steps = [(Refuse(kind="emergency"), None)]
    return QueryPlan(steps=tuple(step for step, _ in steps), emergency=emergency, notes=notes)


def _refusal(part: str, context: Context) -> str | None:
    """The kind of refusal a part of the question calls for, or None."""
    refused = judgment(part, context.knowledge.embedder).kind
    named = refused is None and other_patient_named(part, context)
    return "other_patient" if named else refused


Read = tuple[Step, Words | None]
_ECHO = re.compile(r"(?i)^(?:which|what) (?:drug|antidepressant|one|trial|dose|class)s?\W*$")
"""A part that only says the question before it again."""


def _moved(focus: Focus, steps: Sequence[Read]) -> Focus:
    for step, words in reversed(steps):
        if not isinstance(step, Refuse):
            return Focus(step, words)
    return focus


def _steps(question: str, context: Context, focus: Focus) -> tuple[list[Read], tuple[str, ...]]:
    found: list[Read] = []
    notes: list[str] = []
    for part in parts_of(question):
        refused = _refusal(part, context)
        words = None if refused else read_words(part, context)
        step = Refuse(kind=refused) if refused else _step(words, context, focus) if words else None
        if step is None or any(_same(step, known) for known, _ in found):
            continue
        if found and _ECHO.search(part):
            continue
        each = attributes_asked(words) if words is not None and isinstance(step, Explain) else ()
        found += [(one, words) for one in each or (step,)]
        if words is not None:
            notes += [f"I read a drug name as {drug}." for drug in words.misspelt]
            focus = Focus(step, words)
    found = _without_idle_steps(found)
    if not found:
        found = [(Knowledge(query=question), None)]
    return found, tuple(dict.fromkeys(notes))


def _without_idle_steps(found: list[Read]) -> list[Read]:
    """Instructions and remarks change nothing where something was asked beside them."""
    asked = [read for read in found if not _is_idle(read)]
    questions = [read for read in asked if read[1] is not None and "?" in read[1].text]
    if questions:
        return [read for read in asked if read in questions or _is_own_act(read)]
    if asked:
        return asked
    refused = [read for read in found if isinstance(read[0], Refuse)]
    return refused or found[:1]


def _is_idle(read: Read) -> bool:
    step, words = read
    if isinstance(step, Refuse):
        return step.kind == "instructions"
    return isinstance(step, Knowledge) and (words is None or not _ASKS.search(words.text))


def _is_own_act(read: Read) -> bool:
    """Whether a part without a question mark still asks, states a fact, or is refused."""
    step, words = read
    if isinstance(step, Confirm | WhatIf | Refuse):
        return True
    return words is not None and (
        _ASKS.search(words.text) is not None or _OPENS_A_QUESTION.search(words.text) is not None
    )


_OPENS_A_QUESTION = re.compile(
    r"(?i)^(?:and |but |so )*(?:is|are|was|were|did|does|do|has|have|had|what|which|when|how|why|"
    r"whether|(?:at|by|for|since|from|with) (?:what|which|how))\b"
)


def _bare(step: Explain) -> Explain:
    return replace(step, why=False, claimed="", yes_no=False)


def _same(step: Step, other: Step) -> bool:
    if isinstance(step, Explain) and isinstance(other, Explain):
        return _bare(step) == _bare(other)
    if isinstance(step, Lookup) and isinstance(other, Lookup):
        return _bare_lookup(step) == _bare_lookup(other)
    return step == other


def _bare_lookup(step: Lookup) -> Lookup:
    told = step.attribute is Attribute.ENTRY
    return replace(step, attribute=Attribute.NAME if told else step.attribute)


def parts_of(question: str) -> list[str]:
    """The questions that one message asks, at most a few."""
    marked = _NEW_QUESTION.sub(". ", question)
    parts = [part.strip(" ,") for part in _SPLIT.split(marked)]
    whole = [part for part in parts if re.search(r"\w", part)]
    if not whole or (len(whole) == TWO and lists_attributes(question)):
        return [question]
    return _with_their_setting(_marked(whole))[:MAX_PARTS]


def _marked(parts: list[str]) -> list[str]:
    """A question cut off before "and" has lost its mark, unless the next one points back at it."""
    kept: list[str] = []
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        points_back = _needs_setting(part, _OF_THE_EPISODE.sub("", following)) and not (
            _WHETHER.search(part) and _WHETHER.search(following)
        )
        was_cut = following and _UNMARKED.search(part) and not points_back
        kept.append(f"{part}?" if was_cut else part)
    return kept


_OF_THE_EPISODE = re.compile(
    r"(?i)\b(?:is|was) (?:it|this|that) (?=(?:really |truly |already )?"
    r"(?:trd|treatment[- ]?resist\w*|resistant|bipolar|unipolar|pseudo))"
)
"""A pronoun that means the depression, not what the question before was about."""
_UNMARKED = re.compile(
    r"(?i)^(?:is|are|was|were|did|does|do|has|have|had|can|could|what|which|when|where|who|why|how)"
    r"\b.*\w$"
)
_WHETHER = re.compile(r"(?i)^(?:is|are|was|were|did|does|do|has|have|had)\b")
_ASKS = re.compile(
    r"\?|\b(?:what|which|when|where|who|why|how|whether|list|show|tell|identify|"
    r"determine|check|provide|give|find|"
    r"is|are|was|were|did|does|do|has|have)\b(?=.*\?)|^(?:list|show|tell|identify|"
    r"determine|check|provide|give|find|"
    r"summari[sz]e|explain|count|describe)\b",
    re.IGNORECASE,
)


def _needs_setting(setting: str, question: str) -> bool:
    """Whether a question points back at the sentence before it."""
    if re.search(r"(?i)\b(?:this|that|it|these|those)\b", question):
        return True
    by_route = re.search(r"(?i)\b(?:via|through|route|using)\b", setting)
    return by_route is not None and re.search(r"(?i)\b(?:last|first)\b", question) is not None


def _with_their_setting(parts: list[str]) -> list[str]:
    """A statement that only sets the scene of the next question is read with it."""
    joined: list[str] = []
    setting = ""
    for place, part in enumerate(parts):
        last = place + 1 == len(parts)
        is_setting = not _ASKS.search(part) and refusal_for(part) != "instructions"
        if not last and is_setting and _needs_setting(part, parts[place + 1]):
            setting = f"{setting} {part}".strip()
            continue
        joined.append(f"{setting} {part}".strip())
        setting = ""
    return joined


def _step(words: Words, context: Context, focus: Focus) -> Step | None:
    confirmed = _confirmed(words, focus)
    if confirmed is not None:
        return confirmed
    if is_general(words) and not _WHY_ONLY.search(words.lower):
        return _general(words)
    if context.case is None:
        return _without_record(words)
    hypothetical = supposed(words, context, focus.step) or asserted(words, context, focus.step)
    if hypothetical is None and unsupposable(words):
        return Knowledge(query=words.text, of_record=True)
    turn = hypothetical or _follow_up(words, context, focus)
    return turn or beyond_the_record(words) or _of_record(words, context)


def _of_record(words: Words, context: Context) -> Step:
    """A question that stands alone, about the record, its trials and its stages."""
    first = particular(words, context) or typed_in_short(words, context)
    if first is not None:
        return first
    topic = topic_of(words)
    if topic is not None and test_before_topic(words, context, topic):
        topic = None
    if topic is None and (running := running_medicines(words)) is not None:
        return running
    if topic is not None and _stands(topic) and words.window is None:
        return topic
    if topic is None and words.trials and (meant := _by_example(words, context)) is not None:
        return meant
    lookup = None if _FAMILY.search(words.lower) else lookup_of(words, context, context.index)
    if lookup is not None and topic is None and finds_nothing(lookup, words):
        lookup = None
    if lookup is not None and _set_in_a_trial(lookup, words):
        return lookup
    if topic is not None and _about_depression(words) and not _names_an_entry(lookup, words):
        return topic
    if lookup is not None and (topic is None or lookup.names or lookup.window is not None):
        return lookup
    return (
        topic
        or is_there(words, context)
        or check_named(words)
        or _which_trial(words, context)
        or _by_example(words, context)
        or named_drug(words)
        or _of_the_sources(words)
    )


_SETTLED = frozenset({
    Topic.AUGMENTATION, Topic.EXCLUDED, Topic.BEST, Topic.DISTANCE, Topic.UNTRIED, Topic.SUMMARY,
})  # fmt: skip


def _stands(topic: Explain) -> bool:
    """Whether a topic is meant whatever entries of the chart the question may also name."""
    return (
        topic.topic in _SETTLED
        or topic.asked in ("workup", "overlooked", "recurrent")
        or (topic.topic is Topic.EPISODE and topic.subject in ("age", "well"))
        or (topic.topic is Topic.CHECKS and topic.subject == "interaction")
    )


_FAMILY = re.compile(r"\bfamily history\b")
_OF_THIS_PERSON = re.compile(
    r"\b(?:is|was|does|did|has|have|had|can|could|were|are) "
    r"(?:she|he|they|the patient|this patient)\b|^\W*(?:and )?how many at (?:least|most)\b|"
    r"\b(?:family|social) history\b|"
    r"\bwho(?: is|'s| was|se)? (?:at home|with (?:her|him|them)|liv\w+ with|looks after)\b|"
    r"\bwho (?:\w+ )?(?:prescrib|start|order|diagnos|saw|stopp|wrote|chang|decid|treat|refer|"
    r"is (?:her|his|their|the) )"
)


def _of_the_sources(words: Words) -> Knowledge:
    """What the sources say; a fact of this person they cannot know."""
    personal = _OF_THIS_PERSON.search(words.lower) is not None or (
        of_relatives(words) and re.search(r"\b(?:her|his|their)\b", words.lower) is not None
    )
    return Knowledge(query=words.text, of_record=personal)


def _by_example(words: Words, context: Context) -> Explain | None:
    """The topic of the nearest labelled example, for a question about this patient."""
    embedder = context.knowledge.embedder
    if embedder is None or words.window is not None or re.search(r"\bwho(?:m|se)?\b", words.lower):
        return None
    if words.trials:
        return None if speaks_of_entries(words) else _of_trials(words, matcher_of(embedder))
    if words.drugs or words.checks or not speaks_of_a_patient(words):
        return None
    meant = matcher_of(embedder).intent(words.text)
    if meant is None:
        return None
    return Explain(
        topic=meant.topic,
        bound=words.bound,
        why=words.why,
        trials=(LAST_TRIAL,) if meant.topic in _TRIAL_TOPICS and meant.asked != "any" else (),
        subject=meant.subject,
        asked=meant.asked,
        yes_no=words.yes_no,
    )


def _of_trials(words: Words, matcher: IntentMatcher) -> Explain:
    """What is asked of the trials named; all of it where that is not clear."""
    meant = matcher.intent(without_drugs(words.text), of_trial=True)
    if meant is None:
        return replace(about_trial(words, Topic.TRIALS), asked="shown")
    return replace(about_trial(words, meant.topic, meant.subject), asked=meant.asked)


_OTHER_ONE = re.compile(
    r"^\W*(?:and |so |what about |how about )*(?:the )?other (?:one|two|drug|trial)\W*$"
)
_THE_TRIAL = re.compile(
    r"\b(?:it|that|this|one|the (?:drug|trial|antidepressant|medication|medicine|treatment))\b"
)


def _which_trial(words: Words, context: Context) -> Step | None:
    """A question about "it": the only trial there is, or the question which one is meant."""
    trials = context.report.trials
    if len(trials) > 1 and _OTHER_ONE.search(words.lower):
        return Clarify(options=tuple(trial.drug for trial in trials))
    if not trials or not _THE_TRIAL.search(words.lower):
        return None
    about = trial_attribute(replace(words, trials=(trials[0].id,)))
    if about is None or len(trials) == 1:
        return about
    return Clarify(options=tuple(trial.drug for trial in trials))


_KNOWN_WITHOUT_RECORD = {Topic.DRUG_CLASS, Topic.DRUG_FLOOR}


_DEPRESSION_WORDS = re.compile(
    r"\b(?:trd|stag\w+|resist\w+|trials?|antidepress\w+|augment\w*|adequa\w+|fail\w*|respon[ds]\w*|"
    r"remi(?:t|ssion)\w*|episodes?|adheren\w+|assum\w+|missing|next steps?|pseudo\S+|suicid\w+|"
    r"depress\w+|summar\w+|scores?|count(?:s|ed)? (?:as|toward|for)|not counted|"
    r"exclud\w+|left out|as (?:prescribed|"
    r"directed)|side effects?|options?)\b"
)


def _set_in_a_trial(lookup: Lookup, words: Words) -> bool:
    """Whether entries from around a trial are asked for, and not the trial itself."""
    own = lookup.attribute is Attribute.DOSE or bool(words.scales)
    return lookup.window is not None and words.window is None and not own


_LONG_NAME = 10


def _names_an_entry(lookup: Lookup | None, words: Words) -> bool:
    """Whether the question carries the full name of an entry, as the chart writes it."""
    return lookup is not None and any(
        len(name) >= _LONG_NAME and " " in name and name in words.lower for name in lookup.names
    )


def _about_depression(words: Words) -> bool:
    return bool(
        _DEPRESSION_WORDS.search(words.lower)
        or words.methods
        or words.scales
        or words.trials
        or words.modalities
    )


def _general(words: Words) -> Step:
    """A question that needs no record: the tables of drugs, else the sources."""
    if words.classes and not words.drugs:
        return Knowledge(query=words.text)
    topic = topic_of(words)
    known = topic is not None and topic.topic in _KNOWN_WITHOUT_RECORD
    return topic if topic is not None and known else Knowledge(query=words.text)


def _without_record(words: Words) -> Step:
    """A question about one person cannot be answered without a record."""
    topic = topic_of(words)
    person = re.search(r"\b(?:she|he|her|his|(?:the|this|my) patient'?s?)\b", words.lower)
    needs = topic is not None and topic.topic not in _KNOWN_WITHOUT_RECORD
    return topic if topic is not None and needs and person else _general(words)


def _confirmed(words: Words, focus: Focus) -> Step | None:
    if isinstance(focus.step, Confirm) and _YES.search(words.lower):
        return WhatIf(assertions=focus.step.assertions, then=Explain(topic=Topic.STAGE))
    return None


def _follow_up(words: Words, context: Context, focus: Focus) -> Step | None:
    """The question before, with what this turn changes of it; None where it stands alone."""
    before = focus.step
    if isinstance(before, Explain):
        return _after_explanation(words, context, before)
    if isinstance(before, Lookup) and (
        _BARE_QUESTION.search(words.lower) or (_is_follow_up(words))
    ):
        return followed(before, words, context, context.index)
    return None


def _after_explanation(words: Words, context: Context, before: Explain) -> Step | None:
    if _WHY_ONLY.search(words.lower):
        return _why(before)
    unit = _UNIT_ONLY.search(words.lower)
    if unit is not None and before.topic is Topic.TRIAL_LENGTH:
        return replace(before, subject=f"{unit[1].rstrip('s')} {before.subject}")
    if before.topic in _ENOUGH_OF and not words.drugs and _ENOUGH.search(words.lower):
        trials = words.trials or before.trials
        return Explain(topic=Topic.TRIAL_ADEQUATE, trials=trials, subject=_ENOUGH_OF[before.topic])
    turned = _turned(words, before, context)
    if turned is not None:
        return turned
    if not _is_follow_up(words):
        return None
    trials = words.trials or tuple(lone_ordinal(words.lower, context.report.trials))
    if not trials and re.search(r"\bother\b", words.lower):
        trials = _the_other(before, context)
    return _same_about(before, _own_topic(words), words, trials)


def _turned(words: Words, before: Explain, context: Context) -> Step | None:
    """Another side of what was just spoken of: "which ones?", "and the worst?"."""
    lower = words.lower
    if before.topic is Topic.SCORES and words.scales == () and not words.trials:
        return _other_score(words, before)
    if _WHICH.search(lower) and before.topic in (Topic.FAILED_COUNT, Topic.TRD, Topic.STAGE):
        return Explain(topic=Topic.FAILED_COUNT, subject="names")
    if before.topic is Topic.BEST and re.search(r"\b(?:worst|least|best|most)\b", lower):
        worst = re.search(r"\b(?:worst|least)\b", lower) is not None
        return replace(before, subject="worst" if worst else "")
    if before.topic is Topic.BEST and re.search(r"\bhow much\b", lower):
        return Explain(topic=Topic.TRIAL_OUTCOME, subject="percent")
    ends = {Topic.TRIAL_START: r"\b(?:stop|end|finish)\w*", Topic.TRIAL_END: r"\bstart|\bbeg[aiu]n"}
    if before.topic in ends and re.search(ends[before.topic], lower) and not words.why:
        other = Topic.TRIAL_END if before.topic is Topic.TRIAL_START else Topic.TRIAL_START
        return replace(before, topic=other, trials=words.trials or before.trials)
    return _of_the_same_trials(words, before, context)


_WHICH = re.compile(
    r"^\W*(?:and |so )?(?:which|what) (?:ones?|drugs?|trials?|were they|are they)\b"
)


def _other_score(words: Words, before: Explain) -> Explain | None:
    """Another score of the scale that was spoken of."""
    if re.search(r"^\W*(?:and )?(?:when|what date)\b", words.lower):
        return replace(before, asked="when")
    if re.search(r"\bin between\b|\bmiddle\b|\bthe others?\b|\bthe rest\b|\ball\b", words.lower):
        return replace(before, aggregate=Aggregate.LIST, asked="")
    if re.search(r"\b(?:one before|previous|before that|earlier one)\b", words.lower):
        return replace(before, aggregate=Aggregate.LAST, asked="previous")
    short = len(words.lower.split()) <= _SHORT
    return replace(before, aggregate=words.aggregate) if short and words.aggregate else None


def _of_the_same_trials(words: Words, before: Explain, context: Context) -> Step | None:
    """A question on "it", read of the trials that were spoken of."""
    spoken_of = before.trials and before.topic in _TRIAL_TOPICS | {Topic.TRIALS}
    if re.search(r"\bother\b", words.lower):
        return None
    if not spoken_of or words.drugs or words.trials or not _THE_TRIAL.search(words.lower):
        return None
    if lone_ordinal(words.lower, context.report.trials) or words.methods or words.scales:
        return None
    ids = tuple(trial.id for trial in chosen(before, context))
    found = topic_of(replace(words, trials=ids))
    return found if found is not None and found.trials else None


def _own_topic(words: Words) -> Explain | None:
    """The topic a turn names itself; "what about" a trial names none."""
    own = topic_of(words)
    generic = own is not None and own.topic is Topic.TRIAL and _WHAT_ABOUT.search(words.lower)
    return None if generic else own


_SHORT = 5
"""Words of a question that names a staging method and nothing else."""


def _is_follow_up(words: Words) -> bool:
    own = _own_topic(words)
    if words.methods and len(words.lower.split()) <= _SHORT and not words.yes_no:
        return True
    if own is not None and (own.trials or own.topic not in _TRIAL_TOPICS):
        return False
    return _FOLLOW_UP.search(words.lower) is not None


_TRIAL_TOPICS = {
    Topic.TRIAL, Topic.TRIAL_DOSE, Topic.TRIAL_LENGTH, Topic.TRIAL_START, Topic.TRIAL_END,
    Topic.TRIAL_ADHERENCE, Topic.TRIAL_OUTCOME, Topic.TRIAL_STOP, Topic.TRIAL_ADEQUATE,
    Topic.DRUG_CLASS,
}  # fmt: skip


def _the_other(before: Explain, context: Context) -> tuple[str, ...]:
    """The trial that was not spoken of, where there are two."""
    rest = tuple(t.id for t in context.report.trials if t.id not in before.trials)
    return rest if len(rest) == 1 and before.trials else ()


def _why(before: Explain) -> Step:
    if before.topic in _TRIAL_TOPICS:
        return replace(before, topic=Topic.TRIAL, why=True)
    return replace(before, why=True)


def _same_about(
    before: Explain, own: Explain | None, words: Words, trials: tuple[str, ...]
) -> Step | None:
    if own is not None:
        return replace(own, trials=trials or before.trials)
    if trials or words.absent_drugs:
        topic = before.topic if before.topic in _TRIAL_TOPICS else Topic.TRIAL
        return replace(before, topic=topic, trials=trials, drugs=words.absent_drugs, methods=())
    if words.methods == ("trd_without_class_rule",):
        return replace(before, topic=Topic.TRD, methods=words.methods, why=False)
    if words.methods:
        return replace(before, topic=Topic.STAGE, methods=words.methods)
    if words.scales and before.topic is Topic.SCORES:
        return replace(before, subject=words.scales[0])
    return None
