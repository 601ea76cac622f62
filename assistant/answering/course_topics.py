"""Rules on the course of treatment as a clinician speaks of it: between trials, better or worse.

They are tried before the rules of ``topics.py``, most telling first; each returns None where
the question is not of its kind.
"""

import re
from collections.abc import Callable

from assistant.answering.plan import (
    EARLIER_TRIALS,
    FIRST_TRIAL,
    LAST_TRIAL,
    LATER_TRIALS,
    Aggregate,
    Bound,
    Explain,
    Topic,
)
from assistant.answering.trial_topics import about_trial, names_trial
from assistant.answering.vocabulary import drug_words, kind_of
from assistant.answering.words import Words

TWO = 2
_ALL_METHODS = ("source_stage", "thase_rush", "maudsley", "gsrd", "european", "mgh_s")

_BETWEEN = (
    r"\bgap\b|\bbetween the (?:\w+ ){0,2}(?:trials|drugs|antidepressants|treatments)\b|"
    r"\bdays? after\b|\boverlap\w*|\bat (?:once|the same time)\b|\bsimultaneous\w*|"
    r"\bcombin\w+|\btogether\b|\bcame first\b|\bcross-?taper\w*|\bin parallel\b|"
    r"\bcame (?:before|after)\b|\bwash-?out\b"
)
_RUNNING = (
    r"\bstill\b|\bcurrent(?:ly)?\b|\bnow\b|\bongoing\b|\bat the moment\b|\bat present\b|"
    r"\bcontinu(?:es|ing|ed)\b|\bis (?:she|he) (?:on|taking)\b|\bare they (?:on|taking)\b"
)


def _summary(words: Words) -> Explain | None:
    if words.has(
        r"\bsummar\w+|\boverview\b|\bbrief me\b|\bbriefly\b|\bcatch me up\b|\bbig picture\b|"
        r"\brecap\b|\bshort version\b|\brun-?down\b|\bgist\b|\bnutshell\b|\bthe story\b|"
        r"\bone[- ]?liner\b|\bbottom line\b|\bin (?:a|one) (?:sentence|line|word)\b|"
        r"\bbring me up to (?:speed|date)\b|\bsum(?:med)? (?:it |this |the case )?up\b|"
        r"\btell me about (?:this|the) (?:patient|case)\b|\bwhat do we know about\b|"
        r"\bthe case\b.*\bshort\b|\bwhere (?:are|do) (?:we|things) (?:stand|with|at)\b|"
        r"\bwhere do (?:we|things) stand\b|\bhand-?over\b"
    ):
        return Explain(topic=Topic.SUMMARY)
    return None


def _between(words: Words) -> Explain | None:
    """Gap, overlap and order of two trials."""
    two_named = len(words.trials) >= TWO and words.has(r"\bbetween\b|\bhow (?:long|soon) after\b")
    if not (words.has(_BETWEEN) or two_named) or words.modalities or words.checks:
        return None
    if len(words.trials) >= TWO:
        return Explain(topic=Topic.BETWEEN, trials=words.trials[:TWO], yes_no=words.yes_no)
    if len(words.trials) == 1 and words.has(
        r"\bwash-?out\b|\b(?:gap|pause|break) (?:before|after)\b"
    ):
        asked = "gap after" if words.has(r"\bafter\b") else "gap"
        return Explain(topic=Topic.BETWEEN, trials=words.trials, asked=asked, yes_no=words.yes_no)
    if words.drugs or not words.has(
        r"\bthe two\b|\btrials?\b|\bdrugs?\b|\bantidepressants?\b|\btreatments?\b|\bmedic\w+\b"
    ):
        return None
    gap = "gap" if words.has(r"\bgap\b|\bwash-?out\b|\bbreak\b|\bpause\b") else ""
    return Explain(topic=Topic.BETWEEN, asked=gap, yes_no=words.yes_no)


def _neighbour(words: Words) -> Explain | None:
    """What stood before or after a trial."""
    if len(words.trials) != 1 or not words.has(r"\bwhat\b|\bwhich\b|\banything\b"):
        return None
    found = re.search(
        r"\b(?:tried|given|taken|happened|came|used|drug|antidepressant|followed|next|on|get|got|"
        r"have|had|receive\w*|start\w*|tak\w+|took|was)\b"
        r".{0,12}\b(before|prior to|after|following)\b",
        words.lower,
    )
    if found is None:
        return None
    side = "before" if found[1] in ("before", "prior to") else "after"
    return Explain(topic=Topic.TRIALS, trials=words.trials, subject=side)


def _switch(words: Words) -> Explain | None:
    """What came first, what it was changed to, why and when."""
    if words.trials or words.drugs or words.window is not None:
        return None
    if words.has(
        r"\b(?:start(?:ed)? (?:on|with|out)|first put on|came first|began with|"
        r"tried first|first tried)\b"
    ) and words.has(r"\bwhat\b|\bwhich\b"):
        return Explain(topic=Topic.TRIALS, trials=(FIRST_TRIAL,))
    if not words.has(r"\b(?:was|were|did|is|been|got)\b.*\b(?:switch|chang|mov|swap)\w*\b"):
        return None
    if words.has(r"\bto (?:what|which)\b|\b(?:switch|chang|mov|swap)\w* (?:on )?(?:to|onto)\W*$"):
        return Explain(topic=Topic.TRIALS, trials=(LATER_TRIALS,))
    if words.has(r"\b(?:switch|mov|swap)\w*\b|\bchange (?:drug|antidepressant|treatment)s?\b"):
        if words.why:
            return Explain(topic=Topic.TRIAL_STOP, trials=(EARLIER_TRIALS,), why=True)
        if words.has(r"\bwhen\b|\bwhat date\b"):
            return Explain(topic=Topic.TRIAL_START, trials=(LATER_TRIALS,))
    return None


def _do_they_count(words: Words) -> Explain | None:
    """Whether the trials count, each of them."""
    if words.trials or not words.has(
        r"\b(?:both|all|each|these|the|her|his) (?:\w+ )?(?:trials?|drugs|antidepressants)\b.*"
        r"\bcount\b|\bdo (?:they|both|all) (?:both |all )?count\b"
    ):
        return None
    return Explain(topic=Topic.TRIAL)


def _tolerated(words: Words) -> Explain | None:
    because = r"\bstop\w*\b.*\b(?:because|due to|for|owing to)\b"
    asked = words.has(r"\btolerat\w+|\bside effects?\b|\badverse\b") and not words.has(because)
    if names_trial(words) and asked:
        subject = "tolerated" if words.has(r"\btolerat\w+") else "because intolerance"
        return about_trial(words, Topic.TRIAL_STOP, subject if words.yes_no else "")
    if words.has(
        r"\b(?:which|what)\b.*(?:n't|\bnot|\bpoorly|\bbadly) (?:been )?(?:well )?tolerated\b"
    ):
        return Explain(topic=Topic.CHECKS, subject="intolerance")
    return None


def _running(words: Words) -> Explain | None:
    """Whether a trial goes on."""
    if words.trials and words.yes_no and words.window is None and words.has(_RUNNING):
        if words.has(r"\b(?:as (?:prescribed|directed)|regularly|every ?day|daily|properly)\b"):
            return None
        if words.has(r"\bfail\w*|\bcount\w*|\badequa\w+|\benough\b|\brespon\w+|\bhelp\w*"):
            return None
        return about_trial(words, Topic.TRIAL_END, "running")
    return None


def _better(words: Words) -> Explain | None:
    """Improvement where no drug is named: the latest trial's outcome, else the scores."""
    if words.drugs or words.trials or words.modalities or words.window is not None:
        return None
    if words.has(r"\bpercent\w*|%") and words.has(
        r"\b(?:drop|dropped|fall|fell|fallen|chang\w+|reduc\w+|improv\w+|lower|better|down)\b"
    ):
        return Explain(topic=Topic.TRIAL_OUTCOME, trials=(LAST_TRIAL,), subject="percent")
    if words.scales:
        return None
    asks = words.yes_no or words.has(r"\byet\b|^\W*(?:in|any|full) ")
    if words.has(r"\bremission\b") and asks and not words.has(r"\bdefin\w+|\bmeans?\b"):
        return Explain(topic=Topic.TRIAL_OUTCOME, trials=(LAST_TRIAL,), subject="remission")
    if words.has(r"\bhow much better\b|\bby how much\b.*\bimprov\w+"):
        return Explain(topic=Topic.TRIAL_OUTCOME, trials=(LAST_TRIAL,), subject="percent")
    if words.has(
        r"\b(?:is|are|was|has|have|did|does) (?:she|he|they|it|the patient|the depression|things|"
        r"this patient) (?:\w+ )?(?:better|worse|improv\w+|deteriorat\w+|recover\w+)\b"
    ):
        return Explain(topic=Topic.SCORES, aggregate=Aggregate.TREND)
    return None


def _severity(words: Words) -> Explain | None:
    if words.methods or words.drugs or not words.has(r"\bsever\w+\b|\bhow (?:depressed|ill|bad)\b"):
        return None
    if words.has(
        r"\bdepress\w+|\bsymptoms?\b|\bepisode\b|\bmood\b|\bis (?:she|he|it)\b|\bright now\b"
    ) and not words.has(r"\bresistan\w+|\bdefin\w+|\bstage|\bstaging\b|\bwhen\b"):
        return Explain(topic=Topic.SCORES, aggregate=Aggregate.LAST)
    return None


def _certainty(words: Words) -> Explain | None:
    if words.has(
        r"\bwhat (?:do|can) (?:we|you|i) (?:really )?(?:know|say) (?:for (?:sure|certain)|"
        r"with certainty)\b"
    ):
        return Explain(topic=Topic.STAGE, methods=words.methods, bound=Bound.AT_LEAST)
    if words.has(r"\bhow (?:sure|certain|confident|reliable|solid|robust|firm)\b"):
        return Explain(topic=Topic.STAGE, methods=words.methods, bound=Bound.RANGE)
    return None


def _why_method(words: Words) -> Explain | None:
    """Why a staging method gives what it gives for this patient."""
    named = tuple(m for m in words.methods if m in _ALL_METHODS)
    if words.why and not named and words.has(r"\b(?:crd|trd[1-5])\b"):
        named = ("european",)
    if (
        len(named) == 1
        and words.why
        and words.has(r"\b\d+(?:\.\d)?\b|\bscore\b|\bpoints?\b|\bcrd\b|\btrd[1-5]\b")
    ):
        return Explain(topic=Topic.STAGE, methods=named, why=True)
    return None


def _which_method(words: Words) -> Explain | None:
    """Which of the methods say so."""
    if (
        words.has(
            r"\b(?:which|what|do|does|any|how many|all)\b.{0,20}\b(?:methods?|models?|definitions?|"
            r"systems?|schemes?)\b.{0,40}\b(?:call|count|say|agree|disagree|differ|"
            r"classif\w+|stage|"
            r"regard|consider)\w*"
        )
        and not words.methods
    ):
        return Explain(topic=Topic.STAGE, methods=_ALL_METHODS)
    return None


def _failed_names(words: Words) -> Explain | None:
    """Which drugs failed, by name."""
    if words.trials or words.aggregate is Aggregate.COUNT or words.modalities:
        return None
    if words.has(
        r"\b(?:which|what|list|name|show)\b.{0,40}\b(?:drugs?|antidepressants?|trials?|medic\w+|"
        r"treatments?)\b.{0,30}\b(?:fail\w*|not work\w*|ineffective)\b|"
        r"\b(?:list|name|show)\b.{0,20}\bfailed\b"
    ) and not words.has(r"\bwhy\b|\bnot? (?:count|fail)\w*|\bdefin\w+"):
        return Explain(topic=Topic.FAILED_COUNT, subject="names")
    return None


def _is_it_trd(words: Words) -> Explain | None:
    """A statement, and whether it amounts to resistance."""
    if not words.has(
        r"\b(?:is|was|would|does|makes?) (?:that|this|it|she|he|they)\b.{0,20}\b(?:trd|(?:treatment"
        r"|therapy)[- ]?(?:resist\w+|refractor\w+)|resistant|refractory)\b"
    ):
        return None
    bare = tuple(m for m in words.methods if m == "trd_without_class_rule")
    return Explain(topic=Topic.TRD, methods=bare, bound=words.bound, why=words.why)


def _class_count(words: Words) -> Explain | None:
    """How many trials of one class, or of how many classes."""
    alike = re.search(
        r"\b(?:(different|several)|(?:the )?(?:same|one)) (?:drug )?class(?:es)?\b", words.lower
    )
    if words.has(r"\b(?:which|what) (?:\w+ )?classes (?:has|have|had|did|were|was)\b"):
        return Explain(topic=Topic.TRIALS, subject="classes", asked="names")
    short = words.has(r"^\W*(?:the )?same class")
    if alike is not None and (words.yes_no or short) and not words.has(r"\btrd\b|\bresist"):
        asked = "different" if alike[1] else "same"
        return Explain(topic=Topic.TRIALS, subject="classes", asked=asked)
    if words.aggregate is not Aggregate.COUNT or words.window is not None or words.trials[1:]:
        return None
    if words.has(r"\bhow many (?:different |drug )?classes\b"):
        return Explain(topic=Topic.TRIALS, aggregate=Aggregate.COUNT, subject="classes")
    if not words.classes or not words.has(r"\bhow many\b|\bnumber of\b"):
        return None
    return Explain(topic=Topic.TRIALS, aggregate=Aggregate.COUNT, subject=words.classes[0])


def _medical_cause(words: Words) -> Explain | None:
    if words.has(
        r"\b(?:medical|physical|somatic|organic|other|alternative) (?:\w+ )?(?:causes?|reasons?|"
        r"explanations?)\b|\bis the diagnosis (?:right|correct|certain|sure|in doubt)\b|"
        r"\bsure (?:of|about) the diagnosis\b|\bright diagnosis\b|\bhaven't we considered\b|"
        r"\bwhat else\b.*\b(?:ruled? out|exclude\w*)\b"
    ):
        return Explain(topic=Topic.CHECKS)
    return None


def _of_family(words: Words) -> bool:
    """Whether relatives are spoken of, whose illnesses say nothing of this patient's."""
    return words.has(r"\bfamily\b|\brelatives?\b|\b(?:mother|father|sister|brother|parent)s?\b")


def _one_check(words: Words) -> Explain | None:
    """A check named alone ("side effects?", "any bipolarity?")."""
    short = len(words.lower.split()) <= 3 or words.has(  # noqa: PLR2004 - two words and "any"
        r"\bwrong with\b|\bwhat about\b|\bhow(?:'s| is)\b"
    )
    if not words.checks or words.drugs or words.scales or not short or _of_family(words):
        return None
    if words.has(
        r"\bstatus\b|\bgenotyp\w*|\btsh\b|\bcrp\b|\bt4\b|\bb12\b|\bvitamin\b|\bferritin\b|\blevels?\b"
    ):
        return None
    return Explain(topic=Topic.CHECKS, subject="|".join(words.checks))


def _risk(words: Words) -> Explain | None:
    if words.has(
        r"\b(?:at|any) risk\b(?! (?:factors?|of (?!self|suicid|harm)))|"
        r"\brisk to (?:her|him|them)sel"
        r"|\bdanger to (?:her|him|them)sel|\bsuicid\w+"
    ) and not words.has(r"\bdefin\w+"):
        return Explain(topic=Topic.SAFETY)
    return None


def _adherence_of_all(words: Words) -> Explain | None:
    if (
        names_trial(words)
        or words.checks
        or not words.has(
            r"\badheren\w+|\bcomplian\w+|\btak(?:e|es|en|ing) (?:her|his|their|"
            r"the) (?:tablets|pills|"
            r"medic\w+|meds|drugs|antidepressants)\b|\bmiss(?:ed|ing)? (?:any |her |his )?doses\b"
        )
    ):
        return None
    if words.has(
        r"\brequired\b|\bneeded\b|\bthreshold\b|\bminimum\b|\bdefin\w+|\badequate trial\b"
    ):
        return None
    return Explain(topic=Topic.TRIAL_ADHERENCE, subject="yes_no" if words.yes_no else "")


def _floors(words: Words) -> Explain | None:
    """The dose that would have counted, of the trials there are."""
    if words.has(
        r"\bdos(?:e|age)s?\b.{0,20}\b(?:would|should) (?:have )?(?:count\w*|be(?:en)? (?:adequate|"
        r"enough|sufficient))\b|\bhow far below\b.*\b(?:minimum|floor|adequate)\b|"
        r"\b(?:which|what) dos(?:e|age) counts\b"
    ):
        return about_trial(words, Topic.TRIAL_ADEQUATE, "dose")
    return None


_FILLER = re.compile(
    r"\b(?:and|the|an?|of|what|about|no|not|i|meant?|sorry|actually|please|then|or|so|ok|okay|"
    r"well|any|for|tell|me|in|on|trial|drug|one|rather|but|was|asking)\b"
)


def _bare_trial(words: Words) -> Explain | None:
    """A trial's drug and nothing else."""
    if not names_trial(words) or words.window is not None:
        return None
    rest = _FILLER.sub(" ", words.lower)
    for name in sorted(drug_words(), key=len, reverse=True):
        rest = rest.replace(name, " ") if name in rest else rest
    if not words.drugs or re.search(r"\w", rest):
        return None
    return about_trial(words, Topic.TRIAL)


def _which_was(words: Words) -> Explain | None:
    """Which drug a trial named by its place was."""
    if (
        len(words.trials) == 1
        and not words.drugs
        and words.has(
            r"^(?:and |so )?(?:what|which) (?:was|is|drug was|one was|"
            r"antidepressant was)\b.*\b(?:first|"
            r"second|third|fourth|fifth|last|latest|[1-5](?:st|nd|rd|th))\b[\w ]*\W*$"
        )
        and not words.has(r"\b(?:dose|dosage|class|outcome|response|length|duration|adherence)\b")
    ):
        return Explain(topic=Topic.TRIALS, trials=words.trials)
    return None


def _not_an_antidepressant(words: Words) -> Explain | None:
    """Whether a drug that is no trial counts as one."""
    if words.trials or not words.absent_drugs or not words.yes_no:
        return None
    if any(kind_of(drug) == "augmenting" for drug in words.absent_drugs):
        return None
    if words.has(
        r"\bcount\w*\b|\bantidepressant trials?\b|\b(?:an?|one of \w+) (?:antidepressant|trial|"
        r"tca|ssri|snri)\b|\btrials?\b"
    ):
        return Explain(topic=Topic.EXCLUDED, drugs=words.absent_drugs, yes_no=True)
    return None


Rule = Callable[[Words], Explain | None]

COURSE_RULES: tuple[Rule, ...] = (
    _summary,
    _bare_trial,
    _which_was,
    _between,
    _neighbour,
    _switch,
    _do_they_count,
    _tolerated,
    _running,
    _is_it_trd,
    _why_method,
    _which_method,
    _certainty,
    _failed_names,
    _class_count,
    _floors,
    _medical_cause,
    _one_check,
    _better,
    _risk,
    _severity,
    _adherence_of_all,
    _not_an_antidepressant,
)
