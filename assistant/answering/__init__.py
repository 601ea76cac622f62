"""One question to one cited answer: plan, evidence, write, ground.

``answer.py`` is the way in. A question becomes a typed plan (``planner``), the
plan is answered from the report, the chart or the knowledge (``write/``), and
every sentence is checked against what it cites (``ground``).
"""
