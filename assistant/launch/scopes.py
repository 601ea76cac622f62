"""Which scopes a launch asks for: resource by resource, since not every EHR knows wildcards."""

from collections.abc import Sequence

from assistant.launch.ehr import Ehr

_SIGN_IN = ("openid", "fhirUser")
_ACCESS = {"none": (), "online": ("online_access",), "offline": ("offline_access",)}
_READ = {"v1": "read", "v2": "rs"}


def asked_scopes(ehr: Ehr, types: Sequence[str], *, standalone: bool) -> str:
    """The ``scope`` parameter for ``ehr``; ``types`` are the resource types we read."""
    context = "launch/patient" if standalone else "launch"
    resources = (f"patient/{kind}.{_READ[ehr.scopes]}" for kind in types)
    return " ".join((context, *_SIGN_IN, *_ACCESS[ehr.access], *resources, *ehr.further_scopes))
