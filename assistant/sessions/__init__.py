"""Who is signed in to which record, with which tokens, and what was said: kept in a database.

``SessionStore`` is the way in. A session is one launch (or one opened demo
patient) in one browser; its ``ctx`` stands in addresses and opens nothing by
itself, its ``sid`` is known to the browser's cookie only.
"""

from assistant.sessions.cipher import Cipher, UnusableKeyError, new_key
from assistant.sessions.database import DatabaseError, open_database
from assistant.sessions.model import Lifetimes, PendingLaunch, Session, Tokens
from assistant.sessions.store import SessionStore

__all__ = [
    "Cipher",
    "DatabaseError",
    "Lifetimes",
    "PendingLaunch",
    "Session",
    "SessionStore",
    "Tokens",
    "UnusableKeyError",
    "new_key",
    "open_database",
]
