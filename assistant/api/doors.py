"""The doorkeeper of the gate: sessions, their cookies, and who may frame their page."""

from assistant.api.cookies import Cookies
from assistant.api.gate import Entry
from assistant.launch.access import Access
from assistant.launch.ehr import Ehr


class SessionDoor:
    """Lets a session's browser in by its cookie."""

    def __init__(
        self, access: Access, cookies: Cookies, *, own_ancestors: tuple[str, ...] = ()
    ) -> None:
        self._access = access
        self._cookies = cookies
        self._own_ancestors = own_ancestors

    async def admit(self, ctx: str, cookie: str) -> Entry | None:
        """Who may see the page at ``ctx`` with this ``Cookie`` header; None is nobody."""
        secret = self._cookies.session(cookie)
        if self._access.is_opener(ctx, secret):
            return Entry(page_token=secret, frame_ancestors=self._own_ancestors)
        session = await self._access.enter(ctx, secret)
        if session is None:
            return None
        ehr = self._access.ehr_of(session)
        return Entry(
            page_token=self._access.page_token(session), frame_ancestors=self.ancestors(ehr)
        )

    async def turned_away(self, ctx: str) -> None:
        """Audit it, where there is a session to be protected."""
        await self._access.knock(ctx)

    def forget(self, ctx: str) -> str:
        """The ``Set-Cookie`` value that clears the session's cookie."""
        return self._cookies.expired_session(ctx)

    def ancestors(self, ehr: Ehr | None) -> tuple[str, ...]:
        """Who may frame a page of this EHR's sessions."""
        return (*self._own_ancestors, *(ehr.frame_ancestors if ehr else ()))

    def all_ancestors(self) -> tuple[str, ...]:
        """Who may frame a page that shows nothing of a patient."""
        ehrs = self._access.flow.ehrs if self._access.flow else ()
        found = [origin for ehr in ehrs for origin in ehr.frame_ancestors]
        return tuple(dict.fromkeys((*self._own_ancestors, *found)))
