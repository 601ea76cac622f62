"""The FHIR adapter: real records in, a :class:`~assistant.staging.record.TreatmentRecord` out.

``read`` is the way in; ``elements.toml`` lists every element that is read; each
resource type has its file in ``resources``. Where to look for the rest:

- what comes in: ``inputs``, ``entries`` (files, Bundles, NDJSON), ``jsontext``,
  ``server`` (reading off a FHIR server), ``export`` (bulk exports)
- whose it is, what a reference means: ``chart``
- one element and its place: ``node``, ``paths``, ``issues``, ``modifiers``
- what a code means: ``concepts``, ``terminology`` (drugs), ``conditions``, ``scales``,
  ``reasons`` (indications, stop reasons), each with its table in ``tables``
- mg a day: ``dosage``, from ``amounts`` (one dose), ``timing`` (how often),
  ``durations``, and ``text_dosage`` over ``sig`` (the words)
- facts: ``exposures`` (drug, dose, period), ``administrations`` and ``answers``
  (scores), ``observed``, ``units`` (laboratory), collected in ``facts``
- days of medication covered: ``coverage``, ``supplies``, ``supply_names``
- what goes back to the chart: ``report_bundle``
"""
