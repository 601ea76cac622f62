"""Session stores for tests: a clock that is set by hand, keys of their own."""

from dataclasses import dataclass

from sqlalchemy import Engine

from assistant.sessions import Cipher, Lifetimes, SessionStore, Tokens, new_key

LIFETIMES = Lifetimes(idle=600, absolute=3600, launch=60)
TOKENS = Tokens(access="access-canary-1", refresh="refresh-canary-1", expires=9e9, scope="launch")
DETAILS = {"patient": "patient-canary-1"}


@dataclass
class Clock:
    """Seconds of the epoch, moved by the test."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def store(engine: Engine, clock: Clock | None = None, *keys: str) -> SessionStore:
    """A store over ``engine``."""
    return SessionStore(
        engine, Cipher(keys or (new_key(),)), lifetimes=LIFETIMES, clock=clock or Clock()
    )
