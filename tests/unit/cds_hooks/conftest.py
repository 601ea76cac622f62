from tests.lib.cds_service import audit_file, client, settings

__all__ = ["audit_file", "client", "settings"]
