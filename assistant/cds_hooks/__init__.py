"""CDS Hooks 2.0: in the chart, before anybody asks, a card with what the record holds.

``client`` is what a site configures, ``tokens`` who calls, ``request`` what comes,
``prefetch`` whether it is whole, ``cards`` what is answered, ``hooks`` one call from
end to end, ``feedback`` what became of a card. No model is called.
"""
