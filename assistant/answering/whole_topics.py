"""Rules on the treatment as a whole: which drug did best, what is untried, how far from TRD.

They are tried before the rules on single trials; each returns None where the question is not
of its kind.
"""

from collections.abc import Callable

from assistant.answering.plan import LAST_TRIAL, Aggregate, Explain, Topic
from assistant.answering.trial_topics import about_trial
from assistant.answering.words import Words

_RESISTANT = (
    r"\b(?:trd|(?:treatment|therapy|drug)[- ]?(?:resist\w+|refractor\w+)|resistan(?:t|ce)|"
    r"refractory)\b"
)
_TREATMENTS = (
    r"\b(?:drugs?|antidepressants?|trials?|treatments?|medic\w+|meds|agents?|ones?|things?|"
    r"ssris?|snris?|tcas?|maois?)\b"
)


def _best(words: Words) -> Explain | None:
    """Which drug did most, or least."""
    ranked = words.has(
        r"\b(?:work|help|perform|respond|tolerat|improv|benefit|lower|reduc|drop|did|do|does|"
        r"came|fared)\w*\b.{0,30}\b(?:best|better|most|more|worst|least|furthest)\b|"
        r"\b(?:best|better|most|worst|least)\b.{0,20}\b(?:effect|help|respon|work|result|outcome|"
        r"improve|success|benefi|chang)\w*|"
        r"\b(?:biggest|largest|greatest|smallest|strongest|weakest)\b.{0,20}\b(?:effect|response|"
        r"drop|fall|change|improvement|reduction|benefit)\b|\brank(?:ed|ing)? (?:the|her|his|them)"
    )
    if not ranked or words.scales or words.modalities or words.has(r"\btolerat\w+"):
        return None
    two = len(words.trials) > 1 and words.has(r"\bor\b")
    asks = rf"\bwhich\b|\bwhat\b|\brank|\bto what\b|\bwho\b|^\W*best\b|{_TREATMENTS}"
    if not two and not words.has(asks):
        return None
    worst = words.has(r"\b(?:worst|least|smallest|weakest)\b")
    return Explain(
        topic=Topic.BEST, trials=words.trials, subject="worst" if worst else "", window=None
    )


def _distance(words: Words) -> Explain | None:
    """What is still lacking for treatment resistance."""
    of_trd = words.has(_RESISTANT) or words.has(r"\b(?:next|a higher|higher) stage\b|\bstage \w+\b")
    lacking = words.has(
        r"\bwhat(?:'s| is) (?:still )?(?:missing|lacking|needed|left) (?:for|to|until|before)\b|"
        r"\bwhat (?:else )?(?:would|will|could|does|do|is|are)\b.{0,40}\b(?:make|turn|take|needed|"
        r"need|missing|lacking|required|left|short)\b|\bwhat (?:it|would it) takes?\b|"
        r"\bhow (?:close|far|near)\b|\bhow many more\b|\b(?:nearly|almost|close to|short of)\b|"
        r"\bhow much more\b|\b(?:would|will|could)\b.{0,40}\b(?:make|count|turn|be enough|"
        r"get|bring|push|tip|qualify)\b"
    )
    of_this = words.has(
        r"\b(?:would|will|could) (?!it take\b)(?:this|it|that|you|she|he)\b(?!.*\bif\b)"
    )
    lacking = lacking and not of_this
    if of_trd and lacking and not words.has(r"\bif\b|\bsuppos\w+|\b(?:fact|information|data)\b"):
        return _lacking(words)
    if words.has(
        r"\b(?:nearly|almost|close to (?:being )?|not far (?:off|from)) there\b|"
        r"\b(?:would|will) (?:one more|another|a further|a (?:second|third|fourth|fifth)|"
        r"failing (?:one|another))\b.{0,40}\b(?:trial|drug|antidepressant|class|failure|ssri|snri|"
        r"tca|maoi|change anything|suffice|do it|be enough)\b|"
        r"\bhow many more (?:trials|drugs|failures|antidepressants)\b|"
        r"\bif (?:the next|another|one more|a (?:second|third|fourth)|her next|his next)\b.*\bfail"
    ):
        return _lacking(words)
    return None


def _lacking(words: Words) -> Explain:
    counted = words.has(r"\bhow many\b|\bnumber of\b")
    return Explain(
        topic=Topic.DISTANCE,
        drugs=words.absent_drugs,
        subject="|".join(words.classes),
        yes_no=words.yes_no,
        aggregate=Aggregate.COUNT if counted else None,
    )


def _untried(words: Words) -> Explain | None:
    """What has not been tried, or whether all has."""
    if words.has(
        r"\b(?:everything|all (?:the )?(?:options|classes|treatments|drugs))\b.{0,20}\btried\b|"
        r"\btried (?:everything|it all|all)\b|\bexhausted\b|\buntried\b|\bunused\b|"
        r"\b(?:what|which|anything|nothing)\b.{0,40}\b(?:not (?:yet )?(?:been )?tried|"
        r"n't (?:yet )?(?:been )?(?:tried|had|used)|n't (?:she|he|we|they|been) (?:had |been )?"
        r"(?:tried|used|had)|never (?:been )?(?:tried|used|given))\b|"
        r"\bwhat(?:'s| is| else is)? (?:still )?left\b(?! (?:open|unclear|out))|"
        r"\b(?:anything|nothing|something) (?:else )?left\b|"
        r"\b(?:run )?out of (?:options|drugs|treatments|ideas|choices|things)\b|"
        r"\bnothing (?:else|more) to try\b|\bnot (?:yet )?tried\b"
    ):
        subject = "classes" if words.has(r"\bclass(?:es)?\b") else ""
        return Explain(topic=Topic.UNTRIED, subject=subject, yes_no=words.yes_no)
    return None


def _any_outcome(words: Words) -> Explain | None:
    """Whether any trial helped, failed or was adequate, where none is named."""
    if words.trials or words.drugs or words.modalities or words.window is not None:
        return None
    any_one = words.yes_no and words.has(
        r"\b(?:anything|any(?: \w+){0,2} (?:drugs?|antidepressants?|trials?|medic\w+|treatments?)|"
        r"any of (?:them|these|those|the)|one of (?:them|the)|ever|either)\b"
    )
    if not any_one:
        return None
    if words.has(r"\bhelp\w*|\bwork\w*|\brespon[ds]\w*|\bbenefit\w*|\beffective\b|\bbetter on\b"):
        return Explain(topic=Topic.TRIAL_OUTCOME, subject="response", asked="any")
    if words.has(r"\badequate(?:ly)?\b|\bproper(?:ly)?\b|\bsufficient(?:ly)?\b"):
        return Explain(topic=Topic.TRIAL_ADEQUATE, asked="any")
    if words.has(r"\bfail\w*") and not words.has(r"\bwhy\b"):
        return Explain(topic=Topic.FAILED_COUNT, asked="any")
    return None


def _well(words: Words) -> Explain | None:
    """When the patient was last well, and whether now."""
    well = words.has(
        r"\b(?:last|ever|previously) (?:been )?(?:well|euthymic|in remission|not depressed|"
        r"free of symptoms|symptom[- ]free|her ?self|him ?self)\b|\blast time\b.*\b(?:well|okay|ok|"
        r"good|euthymic|remission)\b|\bwhen\b.*\b(?:last|ever)\b.*\b(?:well|euthymic|remission)\b"
    )
    if well:
        return Explain(topic=Topic.EPISODE, subject="well")
    if (words.yes_no or words.lower.rstrip().endswith("?")) and words.has(
        r"\b(?:is|are) (?:she|he|they|the patient) (?:now |all |really |fully )*(?:well|recovered|"
        r"euthymic|back to normal|cured|over it|symptom[- ]free)\b|"
        r"\b(?:cured|fully recovered|well again|in the clear)\W*$|"
        r"\bhas (?:she|he|the patient) (?:fully |really )?(?:recovered|remitted)\b"
    ):
        return Explain(topic=Topic.TRIAL_OUTCOME, trials=(LAST_TRIAL,), subject="remission")
    return None


def _to_remission(words: Words) -> Explain | None:
    """How far the last score is from remission."""
    if words.has(
        r"\bhow (?:far|close|near|many points)\b.*\bremission\b|\b(?:points?|short|off|away)\b.*"
        r"\b(?:from|of|to|for)\b.*\bremission\b|\bremission\b.*\bhow (?:far|close|many points)\b"
    ):
        subject = words.scales[0] if words.scales else ""
        return Explain(topic=Topic.SCORES, subject=subject, asked="to_remission")
    return None


def _course(words: Words) -> Explain | None:
    """First episode or a later one; the age at onset."""
    if words.has(
        r"\bwhen did (?:all (?:of )?(?:this|it)|this(?: all)?|it all|the whole thing|things) "
        r"(?:all )?(?:start|begin|go wrong|kick off)\b"
    ):
        return Explain(topic=Topic.EPISODE, subject="start")
    if words.has(
        r"\bhow long has (?:this|it|all this)(?: all)? (?:lasted|been going on|gone on|been)\W*$"
    ):
        return Explain(topic=Topic.EPISODE, subject="duration")
    if words.has(
        r"\bhow old\b|\b(?:at|what) (?:what )?age\b|\bage (?:at|of) onset\b"
    ) and words.has(
        r"\b(?:began|begin|start\w*|onset|first|fell|became|got|episode|depress\w+|set in)\b"
    ):
        return Explain(topic=Topic.EPISODE, subject="age")
    if words.has(
        r"\b(?:first|only|previous|prior|earlier|past|recurrent|another|other|how many|number of)"
        r"(?: \w+)? (?:depressive )?episodes?\b|\brecurren\w+|\bepisodes? before\b|"
        r"\b(?:been )?(?:depressed|depression|ill|unwell) (?:like this )?(?:before|previously|"
        r"earlier|in the past)\b|\bsingle episode\b"
    ) and not words.has(r"\bwhen\b|\bhow long\b|\bscore|\bdefin\w+|\bmean"):
        return Explain(topic=Topic.DIAGNOSES, asked="recurrent", yes_no=words.yes_no)
    return None


_TESTING = (
    r"\b(?:check\w*|test\w*|measur\w*|rul(?:e|ed|ing) out|exclud\w*|screen\w*|order\w*|repeat\w*|"
    r"get|do|run|look (?:at|for|into)|investigat\w*|assess\w*|send|work up|bother with|think of|"
    r"consider\w*|need|worry about|done|worked up|sent)\b"
)
_WHETHER_TO = (
    r"\b(?:should|shall|ought|must|do|does|would|need|worth|necessary|indicated|sensible|"
    r"useful|want)\b"
)


def _workup(words: Words) -> Explain | None:
    """Whether to look for something that mimics resistance."""
    if not words.has(
        r"\b(?:should|shall|ought|must) (?:i|we|one|she|he|they)\b|\b(?:do|does) (?:i|we|she|he) "
        r"need\b|\bdo we (?:want|have to)\b|\bworth\b|\bis (?:an?|it) .{0,30}\b(?:needed|necessary|"
        r"indicated|sensible|useful|warranted|called for)\b|\bneed to be (?:checked|tested|"
        r"measured|excluded|ruled out)\b|\bwould you (?:check|test|measure|screen|order|get)\b|"
        r"\bany (?:point|need|reason)\b|\bshould (?:\w+ ){1,4}be (?:done|checked|tested|measured|"
        r"excluded|ruled out|repeated|ordered|sent|worked up|screened|investigated)\b"
    ):
        return None
    if words.drugs and not words.checks:
        return None
    if not words.has(_TESTING) and not words.has(r"\bindicated\b|\bwarranted\b|\bneeded\b"):
        return None
    if words.checks or words.has(
        r"\b(?:labs?|bloods?|tests?|work-?up|thyroid|levels?|ecg|ekg|scan|imaging|mri|diagnos\w+|"
        r"comorbid\w+|causes?|pseudo\S*)\b"
    ):
        return Explain(topic=Topic.CHECKS, subject="|".join(words.checks), asked="workup")
    return None


def _overlooked(words: Words) -> Explain | None:
    """What may have been overlooked: missing facts, and checks that are open."""
    if words.has(
        r"\b(?:what|anything|something) (?:did|have|do|am|are|has|might|could|'ve|else did)?\s*"
        r"(?:i|we|you|been)?\s*(?:been )?(?:miss(?:ed|ing)?|overlook\w*|forg[eo]t\w*|neglect\w*)\b|"
        r"\bwhat (?:have|did) we (?:missed|miss|overlook\w*)\b|\bblind spots?\b|"
        r"\b(?:miss|overlook)(?:ed|ing)? (?:something|anything)\b"
    ) and not words.has(r"\bdoses?\b|\bpills?\b|\btablets?\b|\bfor trd\b"):
        return Explain(topic=Topic.MISSING, asked="overlooked")
    return None


def _without_any(words: Words) -> Explain | None:
    """How long the patient has been without an antidepressant."""
    if words.has(
        r"\b(?:how long|since when|how many (?:days|weeks|months)|time)\b.*\b(?:off|without|"
        r"free of|"
        r"since (?:the |her |his )?last)\b.*\b(?:antidepress\w+|treatment|drugs?|medic\w+|trial)\b"
    ):
        return Explain(topic=Topic.CURRENT, asked="since")
    return None


def _indicated(words: Words) -> Explain | None:
    """Whether a treatment fits this situation: the steps that the sources name for it."""
    fits = words.has(
        r"\b(?:candidate|eligib\w+|qualif\w+|indicated|appropriate|suitable|warranted|an option|"
        r"the right time|time for|ready for|a case for|call for)\b"
    )
    named = words.modalities or words.drugs
    if not fits or not named or words.trials or words.checks:
        return None
    return Explain(topic=Topic.NEXT_STEPS)


def _several_compared(words: Words) -> Explain | None:
    """Two trials side by side, or all of them."""
    if not words.drugs and words.has(
        r"\bcompar\w+ (?:the|both|all|her|his|their|these) (?:\w+ )?"
        r"(?:trials|drugs|antidepressants)\b"
    ):
        return Explain(topic=Topic.TRIALS)
    if len(words.trials) > 1 and words.has(
        r"\bcompar\w+|\bversus\b|\bvs\.?\b|\bside by side\b|\bdifferences? between\b"
    ):
        return about_trial(words, Topic.TRIALS)
    return None


Rule = Callable[[Words], Explain | None]

WHOLE_RULES: tuple[Rule, ...] = (
    _overlooked,
    _workup,
    _distance,
    _untried,
    _best,
    _without_any,
    _indicated,
    _several_compared,
    _to_remission,
    _well,
    _course,
    _any_outcome,
)
