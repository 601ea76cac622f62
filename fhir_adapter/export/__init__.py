"""Many patients at once: an export's files to rows, and a patient's rows to a record.

``files`` finds the inputs and cuts them into tasks, ``scan`` turns a task into rows that name
their patient, ``assemble`` reads one patient's rows as :mod:`fhir_adapter.read` reads a file;
``bulk`` fetches an export from a server. Grouping the rows is the caller's.
"""
