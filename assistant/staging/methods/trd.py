"""Treatment-resistant depression by the source text: two failed trials, two classes."""

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods
from assistant.staging.verdicts import Answer


def trd(failures: Failures, *, class_rule: bool) -> Answer:
    """Whether enough adequate trials failed; ``class_rule`` asks for different classes."""
    table = methods()["trd"]
    enough = len(failures.trials) >= table["trials"]
    distinct = len(failures.classes) >= table["classes"] or not class_rule
    return Answer.YES if enough and distinct else Answer.NO
