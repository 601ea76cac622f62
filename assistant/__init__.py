"""trd-assistant: treatment-resistant depression, staged from a FHIR record."""

__version__ = "0.1.0"
