"""The FHIR adapter: real records in, a :class:`~assistant.staging.record.TreatmentRecord` out.

``read`` is the way in; ``elements.toml`` lists every element that is read.
"""
