from tests.lib.launch_site import ehr, site

__all__ = ["ehr", "site"]
