"""SMART App Launch 2.2: from a click in the chart to a session bound to one browser.

``ehr`` is what a site configures, ``discovery`` what the EHR says of itself,
``flow`` the launch and its return, ``id_token`` who signed in, ``tokens`` their
renewal, ``access`` who may open which record afterwards.
"""
