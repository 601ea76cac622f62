"""What the command line costs before it does anything, as ratios within one run.

``--help`` against importing Typer, at most 3; ``stage`` of a small Bundle against importing what
it needs (the reader, the core, and Typer with the validation it loads to run any command), at
most 1.5. Processor time of whole processes, the best of several. Run:
``python -m evals.benchmarks.start_up``.
"""

import resource
import subprocess
import sys
from pathlib import Path

HELP_TARGET, STAGE_TARGET = 3.0, 1.5
_ROUNDS = 5
_MAIN = "from assistant.cli import main; main()"
_NEEDED = "import typer, typer._adapters, assistant.staging.engine, fhir_adapter.inputs"
_BUNDLE = Path(__file__).parents[2] / "assistant" / "demo_patients" / "worked-case.json"


def _seconds(program: str, *arguments: str, rounds: int) -> float:
    """Processor seconds of a Python process, the best of ``rounds``."""
    times = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", program, *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def measured(rounds: int = _ROUNDS) -> dict[str, float]:
    """Seconds of each process."""
    asked = ("stage", str(_BUNDLE), "--as-of", "2024-06-03", "--format", "json")
    return {
        "import typer": _seconds("import typer", rounds=rounds),
        "--help": _seconds(_MAIN, "--help", rounds=rounds),
        "import what stage needs": _seconds(_NEEDED, rounds=rounds),
        "stage": _seconds(_MAIN, *asked, rounds=rounds),
    }


def ratios(seconds: dict[str, float]) -> tuple[float, float]:
    """``--help`` over Typer, ``stage`` over what it needs."""
    return (
        seconds["--help"] / seconds["import typer"],
        seconds["stage"] / seconds["import what stage needs"],
    )


def main() -> None:
    """Print the times and the ratios."""
    seconds = measured()
    for name, spent in seconds.items():
        print(f"{name:24} {spent:.3f} s")
    told, staged = ratios(seconds)
    print(f"--help / import typer {told:.2f} (target at most {HELP_TARGET:g})")
    print(f"stage / import what it needs {staged:.2f} (target at most {STAGE_TARGET:g})")


if __name__ == "__main__":
    main()
