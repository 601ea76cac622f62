"""The clinician's page: Streamlit, fed by the service's public API alone."""
