"""Every patient of an export, staged by the same function as one patient.

``run`` is the use case; ``local`` and ``spark`` are its two engines, ``tables`` says what comes
out, ``staged`` makes it of one patient, ``work`` keeps what a killed run has done.
"""
