"""Which part of the report a question is about: ordered rules, the first that holds."""

import re
from collections.abc import Callable
from dataclasses import replace

from assistant.answering.asked import score_limit
from assistant.answering.course_topics import COURSE_RULES
from assistant.answering.plan import CURRENT_TRIAL, LAST_TRIAL, Aggregate, Explain, Topic
from assistant.answering.trial_topics import about_trial, names_trial, trial_attribute
from assistant.answering.vocabulary import kind_of
from assistant.answering.whole_topics import WHOLE_RULES
from assistant.answering.words import Words
from assistant.answering.write.stages import ALL_METHODS

Rule = Callable[[Words], Explain | None]

_TRIAL_WORDS = (
    r"\btrials?\b|\bantidepressants?\b|\btreatments?\b|\bdrugs?\b|\bmedic\w+\b|\bagents?\b"
)
_STAGE_WORDS = (
    r"\bstag(?:e|ing|ed|es)\b|\bscore[ds]? (?:by|on|in)\b|\bclassif\w+\b|"
    r"\bcategor\w+\b|\blevel of resistance\b|\bhow (?:treatment-?)?resistant\b"
)
_TRD_WORDS = (
    r"\btrd\b|\b(?:treatment|therapy|medication|drug)[- ]?(?:resist\w+|"
    r"refractor\w+)|\bresist(?:ant|ance)\b"
    r"|\brefractory\b|\bdifficult[- ]to[- ]treat\b|\bdtd\b"
)


MANY = 2
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V"}
_CLAIMED_STAGE = re.compile(r"\bstage (0|iv|v|i{1,3}|[1-5])\b(?! (?:and|or|to|vs)\b)")


def topic_of(words: Words) -> Explain | None:
    """The part of the report asked about, or None where it is not the report."""
    for rule in (*WHOLE_RULES, *COURSE_RULES, *_RULES):
        found = rule(words)
        if found is not None:
            return found
    return None


def _safety(words: Words) -> Explain | None:
    if words.has(
        r"\bsuicid\w+|\bself[- ]?harm\w*|\bdangerous\b|\bwarning signs?\b|"
        r"\bsafety (?:flag|concern|issue|signal)s?\b|\bitem 9\b"
    ):
        return Explain(topic=Topic.SAFETY)
    return None


def _missing(words: Words) -> Explain | None:
    if (
        words.has(
            r"\bmissing\b|\bmissed\b|\black(?:s|ing)?\b|"
            r"\bwhat (?:else )?(?:information|data|facts?) (?:do|would|should|is|"
            r"are)\b"
            r"|\bgaps? in\b|\bincomplete information\b|\bwould (?:change|move|settle|"
            r"help|alter|raise|lower)\b"
            r"|\b(?:do|would|should|what) (?:i|we|you) (?:still )?need to (?:know|"
            r"find out|ask|check|clarify|establish|document)\b|\bunknowns?\b"
            r"|\bwhat (?:is|are|remains?) (?:still )?(?:unknown|unclear|open|"
            r"undocumented|not documented)\b"
            r"|\bshould i ask\b|\bto be sure\b|\bwhat don'?t we know\b|"
            r"\bnot (?:documented|recorded|known)\b"
        )
        and not words.scales
    ):
        return Explain(topic=Topic.MISSING, trials=words.trials, methods=words.methods)
    return None


def _assumptions(words: Words) -> Explain | None:
    if words.has(r"\bassum\w+\b|\btak(?:e|en|ing) for granted\b") and not words.has(r"\bwithout\b"):
        return Explain(topic=Topic.ASSUMPTIONS)
    return None


def _persistent(words: Words) -> Explain | None:
    if words.has(
        r"\b(?:gone|going|lasted|been|dragg\w+|persist\w+)\b.*\b(?:more than|over|longer "
        r"than|at least|for) (?:2|two) years\b|"
        r"\bpersistent depress\w+|\bdysthymi\w*|\bpdd\b|"
        r"\bhow chronic\b|\bchronic (?:major )?depress\w+|\bchronicity\b|\b(?:is|it|this|episode|"
        r"depression) (?:is )?(?:now )?chronic\b"
    ):
        return Explain(topic=Topic.PERSISTENT)
    return None


def _episode(words: Words) -> Explain | None:
    if not words.has(
        r"\bepisodes?\b|\bdepress(?:ion|ed|ive)\b|\bonset\b|\bcurrent illness\b|\bmde\b|"
        r"\b(?:been|fall|fell|fallen|become|became|is|was) (?:ill|unwell|sick)\b"
    ):
        return None
    if words.has(
        r"\bhow long\b|\bduration\b|\blength\b|\bhow many (?:months|weeks|years)\b|\blasted\b"
    ):
        return Explain(topic=Topic.EPISODE, subject="duration") if not names_trial(words) else None
    if words.has(r"\bwhen\b|\bstart\w*|\bbeg[aiu]n\w*|\bonset\b|\bsince when\b|\bdate\b") and not (
        names_trial(words)
    ):
        return Explain(topic=Topic.EPISODE, subject="start")
    return None


def _next_steps(words: Words) -> Explain | None:
    if words.has(

            r"\bnext steps?\b|\bwhat\b.*\bnext\b|"
            r"\bwhat(?:'s| is| comes| should (?:happen|be done)| now|"
            r" to do| can be done)?\s*next\b"

            r"|\boptions?\b|\bwhat (?:now|can (?:we|be|i) do|to do|should (?:we|"
            r"i) (?:do|consider|think))\b"

            r"|\bwhere do we go\b|\bwhat does the (?:source|article|text|"
            r"evidence)\w* (?:suggest|say|recommend)\w* (?:next|now|here|for (?:this|"
            r"her|him))"

            r"|\boptimi[sz]e\b|\bswitch(?:ing)? or augment|\baugment or switch|"
            r"\bsteps?\b.*\bguidelines?\b"

            r"|\bway forward\b|\bwhat do(?:es)? the (?:sources?|article|text|evidence|"
            r"literature)\b.*\b(?:suggest|recommend|advise|say)\w*\b.*\b(?:now|here|"
            r"next|this (?:patient|case)|for (?:her|him))\b|\bhow to proceed\b|\bshould be done\b|"
            r"\bmanagement\b"
    ):  # fmt: skip
        return Explain(topic=Topic.NEXT_STEPS)
    return None


def _checks(words: Words) -> Explain | None:
    if words.has(
        r"\bpseudo-?\s?resist\w+|\bmimic\w*|\bother (?:cause|explanation|"
        r"reason)s?\b|\bcontribut\w+|"
        r"\bconfound\w+|\bcomorbid\w+.*\b(?:explain|respons|resist|mimic|matter)\w*|"
        r"\bwhat else (?:could|might|may) (?:explain|cause)\b|"
        r"\bexplain\w*\b.*\b(?:non-?respon\w+|lack of|poor respon\w+|failures?)\b|"
        r"\bred flags?\b|\btrue resistance\b|\bred herrings?\b|\bdifferential\b"
    ):
        return Explain(topic=Topic.CHECKS, subject="|".join(words.checks))
    if not words.checks or names_trial(words) or words.window is not None:
        return None
    if words.has(r"\bfamily\b|\brelatives?\b"):
        return None
    if words.aggregate in (Aggregate.COUNT, Aggregate.LAST, Aggregate.FIRST, Aggregate.TREND):
        return None
    asked = words.has(
        r"\b(?:could|might|may|explain\w*|account|possible|present|exclude\w*|"
        r"ruled? out|check\w*|screen\w*|were|there|"
        r"assess\w*|evidence|sign|history|have|has|is|are|was|any|does|suffer\w*|"
        r"diagnos\w*|known|documented)\b|\b(?:she|he)'s\b"
    )
    measured = words.has(
        r"\b(?:value|level of|result|when|what (?:is|was) (?:her|his|the|their))\b"
    )
    levels = words.checks == ("plasma_level",) and not words.has(
        r"\b(?:range|low|therapeutic|adequate|enough|explain\w*|could|out of)\b"
    )
    treated = words.has(r"\b(?:treated|managed|controlled|under control|resolved|replaced)\b")
    looked = words.yes_no or words.has(r"\b(?:did|was|were|has|have)\b")
    tested = words.has(r"\b(?:check|test|measur|screen|assess|examin|rul)\w*")
    return (
        Explain(
            topic=Topic.CHECKS,
            subject="|".join(words.checks),
            asked="shown" if treated else "assessed" if (looked and tested) or levels else "",
        )
        if asked and not measured
        else None
    )


def _biomarkers(words: Words) -> Explain | None:
    if words.has(
        r"\bbiomarkers?\b|\b(?:hs-?)?crp\b|\bil-?6\b|\bdst\b|\bdexamethasone\b|"
        r"\binflammatory markers?\b"
    ):
        return Explain(topic=Topic.BIOMARKERS)
    return None


def _stage(words: Words) -> Explain | None:
    if bool(words.trials) and not words.methods and words.has(r"\bcount\w*\b|\bfail\w*\b"):
        return None
    if words.has(r"\b(?:admissions?|hospital|visits?|encounters?)\b") and not words.methods:
        return None
    if words.has(r"\b(?:ulcers?|cancer|tumou?rs?|carcinoma|kidney|renal|ckd|fibrosis|pressure)\b"):
        return None
    if words.has(
        r"\b(?:change|move|raise|lower|settle|affect|alter)\w*\b.*\bstag\w+"
    ) and words.has(r"\b(?:information|facts?|data|what would|what could)\b"):
        return None
    asks_stage = words.has(_STAGE_WORDS) or (
        words.methods and words.methods != ("trd_without_class_rule",)
    )
    if not asks_stage or words.has(r"\bwhich stages (?:exist|are there)|\bstages? of what\b"):
        return None
    methods = tuple(m for m in words.methods if m in ALL_METHODS)
    if not methods and words.has(
        r"\b(?:all|every|each|different|other|various|the) (?:staging )?(?:method|"
        r"model|system|scale|staging|stage)s\b"
        r"|\bcompare\b|\b(?:differ|disagree)\w*"
    ):
        methods = ALL_METHODS
    claims = list(_CLAIMED_STAGE.finditer(words.lower))
    claim = claims[0] if len(claims) == 1 else None
    return Explain(
        topic=Topic.STAGE,
        methods=methods,
        bound=words.bound,
        why=words.why,
        yes_no=words.yes_no and claim is not None,
        claimed=_ROMAN.get(claim[1], claim[1].upper()) if claim and len(methods) < MANY else "",
    )


def _trd(words: Words) -> Explain | None:
    if not words.has(_TRD_WORDS):
        return None
    methods = ("trd_without_class_rule",) if "trd_without_class_rule" in words.methods else ()
    excluded = words.yes_no and words.has(r"\b(?:ruled out|excluded)\b")
    return Explain(
        topic=Topic.TRD,
        methods=methods,
        bound=words.bound,
        why=words.why,
        asked="excluded" if excluded else "",
    )


def _failed(words: Words) -> Explain | None:
    if not words.has(
        r"\bfail\w*|\bunsuccessful\b|\bdidn't work\b|\bdid not work\b|"
        r"\bineffective\b|\bcount\w*\b|\binadequate\b|\badequate\b"
    ):
        return None
    if (
        words.aggregate is Aggregate.COUNT
        and not words.trials
        and words.has(r"\bfail\w*|\b(?:in)?adequate\b")
    ):
        if words.has(r"\binadequate|\b(?:not|n't) (?:\w+ )?adequate"):
            return Explain(topic=Topic.FAILED_COUNT, asked="inadequate")
        adequate = "" if words.has(r"\bfail\w*") else "adequate"
        return Explain(topic=Topic.FAILED_COUNT, bound=words.bound, asked=adequate)
    return None


def _adequate(words: Words) -> Explain | None:
    dose_ok = r"\bdos(?:e|age|ing)\b.*\b(?:ok(?:ay)?|right|fine|good|full)\b"
    if not (
        (words.yes_no and words.has(dose_ok))
        or words.has(
            r"\badequa\w*|\binadequa\w*|\bsufficient\w*|\blong enough\b|"
            r"\bhigh enough\b|\benough\b|\bsub-?therapeutic\b|\bproper\b|"
            r"\btherapeutic\b|\b(?:meet|met|fulfil\w*|satisf\w+)\b.*\brequire\w+"
        )
    ):
        return None
    if words.has(
        r"\bminimum\b|\bthreshold\b|\bfloor\b|\bdefin\w*|\bwhat (?:is|counts as|"
        r"makes) an? adequate\b|\bcriteri\w+\b"
    ):
        return None
    of_current = words.has(
        r"\b(?:is|are|her|his|their|this|current|present) (?:\w+ )?dos(?:e|age)\b"
    )
    if not (names_trial(words) or of_current or words.has(_TRIAL_WORDS)):
        return None
    subject = ""
    if words.has(
        r"\bdos(?:e|age|ed|ing)\b|\bhigh enough\b|\bmg\b|"
        r"\b\d+(?:\.\d+)? (?:enough|adequate|sufficient|therapeutic)\b"
    ):
        subject = "dose"
    elif words.has(r"\blong enough\b|\bdurations?\b|\blength\b|\btime\b|\bweeks\b"):
        subject = "duration"
    elif words.has(r"\badheren\w+\b|\bcomplian\w+\b"):
        subject = "adherence"
    if words.has(r"\bhow long\b|\bhow many (?:days|weeks)\b"):
        return None
    if words.why:
        return about_trial(words, Topic.TRIAL)
    about = about_trial(words, Topic.TRIAL_ADEQUATE, subject)
    if of_current and not names_trial(words):
        return replace(about, trials=(CURRENT_TRIAL,))
    any_of_them = not words.trials and words.has(r"\b(?:any|single|even one|at all|ever)\b")
    return replace(about, asked="any") if any_of_them else about


def _floor(words: Words) -> Explain | None:
    if (
        not words.drugs
        or not words.has(r"\b(?:minimum|minimal|min\.?|threshold|floor|lowest)\b")
        or not words.has(r"\b(?:adequate|effective|therapeutic|dose|dosage|threshold|floor)\b")
    ):
        return None
    return Explain(topic=Topic.DRUG_FLOOR, drugs=words.drugs)


def _drug_class(words: Words) -> Explain | None:
    if (words.drugs or words.trials) and words.has(
        r"\b(?:what|which) (?:pharmacological |drug )?(?:class|type|kind|group)\b|"
        r"\bclass (?:of|is|does)\b|\bbelongs? to\b|\bis \w+ an? (?:ssri|snri|ndri|"
        r"tca|maoi|tricyclic|nassa|sari)\b"
    ):
        return Explain(topic=Topic.DRUG_CLASS, trials=words.trials, drugs=words.absent_drugs)
    return None


def _procedures(words: Words) -> Explain | None:
    if words.modalities and not words.has(
        r"\bwhat (?:does|do)\b.*\bdo\b|\bhow (?:do|does|is)\b|\bmechanism\b|\bworks\b|"
        r"\brole\b|\bwhat is\b"
    ):
        return Explain(
            topic=Topic.PROCEDURES,
            subject=words.modalities[0],
            aggregate=words.aggregate,
            asked=_asked_of_procedure(words),
        )
    return None


def _asked_of_procedure(words: Words) -> str:
    if words.has(r"\bwhen\b|\bwhat date\b|\bdates?\b"):
        return "when"
    if words.has(
        r"\blateral\w*|\bbilateral\b|\bunilateral\b|\b(?:which|what) (?:kind|type|side)\b"
    ):
        return "side"
    if words.has(
        r"\beffect\w*|\bwork(?:ed)?\b|\bhelp(?:ed)?\b|\bsuccess\w*|\brespon\w+|\bbenefit\w*|"
        r"\bdo (?:anything|something|any good|much|nothing|the trick)\b|\bany good\b|\boutcomes?\b|"
        r"\bresults?\b|\bimprov\w+|\bbetter\b|\buseful\b"
    ):
        return "worked"
    return "failed" if words.has(r"\bfail\w*") else ""


def _augmentation(words: Words) -> Explain | None:
    augmenting = tuple(d for d in words.absent_drugs if kind_of(d) == "augmenting")
    asks = words.has(
        r"\baugment\w*|\badd-?on\b|\badjunct\w*|\badded to\b|"
        r"\badd(?:ed|ing)?\b.*\bto (?:the|her|his)\b"
    )
    if asks and words.has(
        r"\b(?:was|were|is|are|has|have|had|did|any|which|what|list|tried|been|with)\b"
    ):
        return Explain(
            topic=Topic.AUGMENTATION,
            drugs=augmenting,
            subject="yes_no" if words.yes_no else "",
        )
    ever = words.yes_no or words.has(r"\bany(?:one|body)?\b|\bever\b")
    if words.has(r"\b(?:now|currently|still|at the moment|present(?:ly)?)\b"):
        return None
    if augmenting and ever and words.window is None and not words.has(r"\blevels?\b|\bserum\b"):
        return Explain(topic=Topic.AUGMENTATION, drugs=augmenting, subject="yes_no")
    return None


def _excluded(words: Words) -> Explain | None:
    if words.has(
        r"\bexclud\w+|\bleft out\b|\bnot (?:been )?(?:counted|included|listed|"
        r"considered)\b|\bignored\b|\bdisregarded\b|\blook[- ]?alikes?\b|"
        r"\blooks? like (?:an )?antidepressants?\b"
    ):
        if words.trials:
            return about_trial(words, Topic.TRIAL)
        if words.has(_TRIAL_WORDS) or words.drugs or words.has(r"\bwhat\b|\bwhich\b|\banything\b"):
            return Explain(topic=Topic.EXCLUDED, drugs=words.drugs)
    return None


def _scores(words: Words) -> Explain | None:
    scale_word = words.has(
        r"\b(?:rating|depression|symptom) (?:scales?|scores?|severity|ratings?)\b|"
        r"\bscores?\b|\bscored\b|\brating scales?\b"
    )
    if not (words.scales or scale_word):
        return None
    if words.has(
        r"\b(?:cut-?off|threshold|define|definition|mean by|what does (?:a|an)|"
        r"remission (?:score|threshold))\b"
    ):
        return None
    if words.has(r"\bhow often\b") and words.aggregate is not Aggregate.COUNT:
        return None
    when = words.has(r"\bwhen (?!she|he|they|the patient)|\bwhen\W*$|\bwhat date\b")
    if when and not words.scales:
        return None
    going = words.has(
        r"\bgo(?:ing|ne|es)? (?:up|down)\b|\b(?:falling|fell|fallen|rising|rose|risen|dropp\w+|"
        r"declin\w+|decreas\w+|increas\w+|better|worse)\b"
    )
    also_when = words.has(r"\band (?:when|on (?:what|which) date)\b")
    limit = score_limit(words.lower)
    at_start = words.has(r"\bwhen (?:she|he|they|the patient) (?:start|beg[au]n|came|first)\w*")
    aggregate = (
        (Aggregate.EXISTS if limit and words.yes_no else None)
        or (Aggregate.FIRST if at_start else None)
        or (Aggregate.TREND if going and not limit else None)
        or words.aggregate
        or (Aggregate.EXISTS if words.yes_no else Aggregate.LAST)
    )
    asks_whether = r"\bever\b|\bany\b|\bhas (?:a|an)\b|\bis there\b|\bdo we have\b"
    if words.yes_no and words.has(asks_whether) and aggregate is not Aggregate.TREND:
        aggregate = Aggregate.EXISTS
    return Explain(
        topic=Topic.SCORES,
        subject=words.scales[0] if words.scales else "",
        aggregate=aggregate,
        window=words.window,
        asked=limit or ("value and when" if also_when else "when" if when else ""),
    )


def _current(words: Words) -> Explain | None:
    if (
        words.window is None
        and not words.drugs
        and words.has(
            r"\b(?:current(?:ly)?|now|at (?:the moment|present)|presently|today|still|ongoing|"
            r"on board|running|taking|is (?:she|he) on|are they on)\b"
        )
        and words.has(
            r"\bantidepressants?\b|\bwhich (?:one|drug|trial) is\b|"
            r"\bfor (?:the |her |his |their )?depression\b"
        )
    ):
        return Explain(topic=Topic.CURRENT)
    return None


def _trials(words: Words) -> Explain | None:
    listing = words.has(
        r"\b(?:number of|which|what|list|show|all|name|tell me|give me|how many|has|have|enumerate|"
        r"history)\b"
    )
    if not (listing or words.has(r"\btimeline\b")) or words.window is not None:
        return None
    if (
        words.has(r"^\W*what (?:has|have|had|was|were)\b.*\b(?:tried|been through|gone through)\b")
        and not words.drugs
    ):
        return Explain(topic=Topic.TRIALS)
    if words.has(r"\bantidepressants?\b|\btrials?\b") and not words.has(
        r"\b(?:what is|define|definition|mean)\b"
    ):
        if words.aggregate is Aggregate.COUNT:
            return Explain(topic=Topic.TRIALS, aggregate=Aggregate.COUNT)
        return Explain(topic=Topic.TRIALS)
    if words.has(
        r"\b(?:treatments?|drugs?|medications?|medicines?)\b.{0,30}\b(?:tried|"
        r"failed|so far|for (?:the |her |his |their )?depression)\b"
    ):
        return Explain(topic=Topic.TRIALS)
    return None


def _trial(words: Words) -> Explain | None:
    if names_trial(words) and words.has(
        r"\btrials?\b|\bhow (?:did|was)\b|\btell me\b|\bwhat about\b|"
        r"\bwhat happened\b|\bdescribe\b|\bdetails\b"
    ):
        return about_trial(words, Topic.TRIAL)
    return None


def _diagnoses(words: Words) -> Explain | None:
    one_entry = words.aggregate in {Aggregate.FIRST, Aggregate.LAST, Aggregate.COUNT}
    if one_entry or words.window is not None or not words.has(r"\bdepress\w+\b"):
        return None
    if words.has(r"\bdiagnos\w+\b|\bdocumented\b|\bconfirmed\b"):
        return Explain(topic=Topic.DIAGNOSES)
    return None


def _class_ever(words: Words) -> Explain | None:
    """Whether a drug, or one of a class, was ever tried."""
    if (
        words.trials
        and words.drugs
        and words.yes_no
        and words.window is None
        and words.has(r"\b(?:been|ever|had|have|tried|try|given|received?|get|got|used|exposed)\b")
        and not words.has(r"\bdispens\w+|\bfill(?:s|ed)?\b|\bpicked up\b|\bcollected\b|\bpharmac")
    ):
        return Explain(topic=Topic.TRIALS, trials=words.trials, asked="any")
    ever = words.yes_no or words.has(r"^\W*any\b|\bever\b|\bwhat about\b")
    if len(words.classes) != 1 or not ever or words.drugs or words.window is not None:
        return None
    return Explain(topic=Topic.TRIALS, subject=words.classes[0], asked="any")


def _completeness(words: Words) -> Explain | None:
    if words.has(
        r"\b(?:how much|how complete|completeness|all|everything|whole|"
        r"entire)\b.*\b(?:record|chart)\b.*\b(?:read|complete|processed|seen)?|"
        r"\bcould(?:n't| not) (?:be )?read\b|\bunreadable\b|\bissues? (?:with|"
        r"in) the (?:record|data)\b|\bproblems? (?:reading|with the (?:record|"
        r"data))\b"
    ):
        return Explain(topic=Topic.COMPLETENESS)
    return None


def _remission(words: Words) -> Explain | None:
    if (
        (words.yes_no or words.has(r"^\W*(?:(?:a|any) )?responder\b"))
        and not words.drugs
        and words.has(
            r"\b(?:in|reach\w*|achiev\w*|into) (?:full |partial |"
            r"complete )?remission\b|\bremit(?:ted)?\b|"
            r"\bresponders?\b|\brespond(?:ed|ing)?\b|\b(?:a|"
            r"any) (?:partial )?(?:response|remission)\b"
        )
    ):
        subject = "remission" if words.has(r"\bremi") else "response"
        return Explain(
            topic=Topic.TRIAL_OUTCOME, trials=words.trials or (LAST_TRIAL,), subject=subject
        )
    return None


_RULES: tuple[Rule, ...] = (
    _safety,
    _floor,
    _drug_class,
    _persistent,
    _assumptions,
    _failed,
    _stage,
    _checks,
    _next_steps,
    _procedures,
    _augmentation,
    _excluded,
    _adequate,
    trial_attribute,
    _missing,
    _trd,
    _scores,
    _biomarkers,
    _episode,
    _remission,
    _current,
    _trial,
    _trials,
    _diagnoses,
    _completeness,
    _class_ever,
)
