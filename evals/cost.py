"""What a run with a model will use, told before it starts."""

from collections.abc import Sequence

from assistant.answering.model import ATTEMPTS, MAX_TOKENS
from evals.running import Plan, chosen
from evals.suites import Suite, SuiteSkippedError

INPUT_TOKENS = 900
"""Tokens of one request of ours, rounded up: the instruction and a dozen statements."""
_MILLION = 1_000_000
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def is_paid(model: str, model_url: str | None) -> bool:
    """Whether a run with this model may cost money: every one that is not served from here."""
    local = model_url is not None and model_url.startswith(_LOOPBACK)
    return not local and not model.startswith("ollama:")


def estimate(suites: Sequence[Suite], plan: Plan, price: tuple[float, float] | None) -> str:
    """At most so many calls and tokens; the cost where a price is given."""
    calls = ATTEMPTS * sum(_items(suite, plan) for suite in suites)
    used, written = calls * INPUT_TOKENS, calls * MAX_TOKENS
    told = f"at most {calls} model calls, about {used:,} tokens in, at most {written:,} out"
    if price is None:
        return f"{told}; give --price IN OUT for the cost"
    return f"{told}; at most {(used * price[0] + written * price[1]) / _MILLION:.2f}"


def _items(suite: Suite, plan: Plan) -> int:
    if suite.name in ("staging", "trials", "retrieval", "ecqm"):
        return 0  # no question is asked there
    try:
        return len(chosen(suite, plan)) * (2 if suite.name == "twins" else 1)
    except SuiteSkippedError:
        return 0
