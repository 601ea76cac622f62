"""The summary page of a run: one HTML file that needs nothing else, from the tables alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.cohort.tables import BOUNDS, METHODS, TABLES
from assistant.cohort.work import write_text
from assistant.staging.methods.switch_count import definitions

if TYPE_CHECKING:
    import duckdb

_TEMPLATE = Path(__file__).with_name("summary.html.j2")
_TITLES = {
    "trd": "Treatment-resistant depression",
    "trd_without_class_rule": "The same, without the class rule",
    "source_stage": "Stage of the source text",
    "thase_rush": "Thase\u2013Rush",
    "maudsley": "Maudsley total",
    "gsrd": "GSRD",
    "european": "European method",
    "mgh_s": "MGH-S points",
}
_FUNNEL = (
    ("trials", "Trials of the current episode"),
    ("trials_dose_met", "… at an adequate dose"),
    ("trials_duration_met", "… for long enough"),
    ("trials_adequate", "… and not known to be untaken"),
    ("trials_measured", "… with a measured outcome"),
)
_MOST_ISSUES = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart."""

    label: str
    count: int
    share: float
    """Of the longest possible bar, in percent."""


@dataclass(frozen=True, slots=True)
class Method:
    """How many patients have each value of one method, by bound."""

    title: str
    values: list[tuple[str, list[Bar]]]


@dataclass(frozen=True, slots=True)
class Compared:
    """What one ruleset labels."""

    name: str
    yes: list[Bar]
    """By bound."""
    gained: int
    """Resistant here and not under the first ruleset."""
    lost: int
    """The reverse."""


def write_summary(out: Path, told: dict[str, Any]) -> None:
    """Write ``summary.html`` from the tables in ``out``; ``told`` is the manifest."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only here

    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    page.filters["count"] = lambda number: f"{number:,}".replace(",", "\u202f")
    text = page.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    write_text(out / "summary.html", text.render(facts=facts(out, told), told=told))


def facts(out: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Every figure of the page."""
    import duckdb  # noqa: PLC0415 - an extra

    engine = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    for table in TABLES:
        files = str(out / table.name / "*.parquet").replace("'", "''")
        query = f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{files}')"  # noqa: S608
        engine.execute(query).fetchall()
    first = told["rulesets"][0]["name"]
    patients = _int(engine, "SELECT count(*) FROM report WHERE ruleset = ?", first)
    return {
        "patients": patients,
        "groups": _groups(engine, first, patients),
        "methods": [_method(engine, name, first, patients) for name in METHODS],
        "missing": _listed(engine, "missing_facts", first, patients),
        "mimics": _listed(engine, "pseudo_resistance", first, patients),
        "funnel": _funnel(engine, first),
        "failed": _int(engine, "SELECT sum(trials_failed) FROM report WHERE ruleset = ?", first),
        "rulesets": [_compared(engine, r["name"], first, patients) for r in told["rulesets"]],
        "definitions": _definitions(engine),
        "issues": engine.execute(
            "SELECT problem, count(*) AS n, count(DISTINCT patient) FROM issue "
            "GROUP BY problem ORDER BY n DESC, problem LIMIT ?",
            [_MOST_ISSUES],
        ).fetchall(),
        "input_issues": engine.execute(
            "SELECT file, count(*) FROM issue WHERE patient IS NULL GROUP BY file ORDER BY file"
        ).fetchall(),
    }


def _int(engine: "duckdb.DuckDBPyConnection", query: str, *values: object) -> int:
    return int(engine.execute(query, list(values)).fetchall()[0][0] or 0)


def _bar(label: str, count: int, whole: int) -> Bar:
    return Bar(label, count, 100 * count / whole if whole else 0)


def _groups(engine: "duckdb.DuckDBPyConnection", ruleset: str, patients: int) -> list[Bar]:
    """Who is staged, each patient once."""
    rows = engine.execute(
        """SELECT CASE
             WHEN len(blocked_by) > 0 THEN 'Not staged: a diagnosis blocks it'
             WHEN trials = 0 THEN 'Staged: no antidepressant trial in the current episode'
             WHEN trd_at_least = 'yes' THEN 'Resistant, proven by the record'
             WHEN trd_working = 'yes' THEN 'Resistant under the named assumptions'
             WHEN trd_at_most = 'yes' THEN 'Resistance neither shown nor excluded'
             WHEN trd_at_most IS NULL THEN 'Not staged: no documented depression'
             ELSE 'Not resistant' END AS who, count(*)
           FROM report WHERE ruleset = ? GROUP BY who ORDER BY count(*) DESC, who""",
        [ruleset],
    ).fetchall()
    return [_bar(who, count, patients) for who, count in rows]


def _method(engine: "duckdb.DuckDBPyConnection", name: str, ruleset: str, patients: int) -> Method:
    counts: dict[Any, dict[str, int]] = {}
    for bound in BOUNDS:
        column = f"{name}_{bound}"
        query = f"SELECT {column}, count(*) FROM report WHERE ruleset = ? GROUP BY 1"  # noqa: S608
        for value, count in engine.execute(query, [ruleset]).fetchall():
            counts.setdefault(value, dict.fromkeys(BOUNDS, 0))[bound] = count
    ordered = sorted(counts, key=lambda value: (value is None, _rank(value)))
    return Method(
        _TITLES[name],
        [
            (_shown(value), [_bar(bound, counts[value][bound], patients) for bound in BOUNDS])
            for value in ordered
        ],
    )


_RANKS = {"no": 0, "none": 0, "0": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "A": 1}


def _rank(value: Any) -> tuple[float, str]:
    if isinstance(value, int | float):
        return (value, "")
    return (_RANKS.get(value, 9), value or "")


def _shown(value: Any) -> str:
    if value is None:
        return "cannot be said"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _listed(
    engine: "duckdb.DuckDBPyConnection", column: str, ruleset: str, patients: int
) -> list[Bar]:
    """Patients by each value of a list column."""
    query = (
        f"SELECT value, count(*) AS n FROM (SELECT unnest({column}) AS value FROM report "  # noqa: S608
        "WHERE ruleset = ?) GROUP BY value ORDER BY n DESC, value"
    )
    rows = engine.execute(query, [ruleset]).fetchall()
    return [_bar(_shown(value), count, patients) for value, count in rows]


def _funnel(engine: "duckdb.DuckDBPyConnection", ruleset: str) -> list[Bar]:
    sums = ", ".join(f"sum({name})" for name, _ in _FUNNEL)
    query = f"SELECT {sums} FROM report WHERE ruleset = ?"  # noqa: S608
    counts = [int(n or 0) for n in engine.execute(query, [ruleset]).fetchall()[0]]
    return [
        _bar(label, count, counts[0]) for (_, label), count in zip(_FUNNEL, counts, strict=True)
    ]


def _compared(
    engine: "duckdb.DuckDBPyConnection", name: str, first: str, patients: int
) -> Compared:
    yes = []
    for bound in BOUNDS:
        query = f"SELECT count(*) FROM report WHERE ruleset = ? AND trd_{bound} = 'yes'"  # noqa: S608
        yes.append(_bar(bound, _int(engine, query, name), patients))
    against = (
        "SELECT count(*) FROM report AS here JOIN report AS there USING (patient) "
        "WHERE here.ruleset = ? AND there.ruleset = ? AND here.trd_working = 'yes' "
        "AND there.trd_working IS DISTINCT FROM 'yes'"
    )
    return Compared(
        name, yes, _int(engine, against, name, first), _int(engine, against, first, name)
    )


def _definitions(engine: "duckdb.DuckDBPyConnection") -> list[dict[str, Any]]:
    """Each definition of registers and claims studies against our label."""
    found = []
    for definition in definitions():
        rows = engine.execute(
            "SELECT change, count(*) FROM definition WHERE definition = ? GROUP BY change",
            [definition.name],
        ).fetchall()
        both = _int(
            engine,
            "SELECT count(*) FROM definition "
            "WHERE definition = ? AND at_least = 'yes' AND trd_working = 'yes'",
            definition.name,
        )
        found.append(
            {"title": definition.title, "source": definition.source, "both": both, **dict(rows)}
        )
    return found
