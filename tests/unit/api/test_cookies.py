"""The cookies of launch and session, over TLS and on this machine."""

import pytest
from starlette.responses import Response

from assistant.api.cookies import Cookies


def _set(cookies: Cookies) -> str:
    response = Response()
    cookies.set_session(response, "ctx-1", "secret-1")
    return response.headers["set-cookie"]


def test_over_tls_the_cookie_lives_in_a_cross_site_frame_and_for_one_path_only() -> None:
    assert _set(Cookies(over_tls=True)) == (
        "__Secure-sid=secret-1; Path=/c/ctx-1/; HttpOnly; Secure; SameSite=None; Partitioned"
    )


def test_without_tls_the_cookie_is_of_one_site_and_path() -> None:
    assert _set(Cookies(over_tls=False)) == "sid=secret-1; Path=/c/ctx-1/; HttpOnly; SameSite=Lax"


def test_the_cookie_is_cleared_with_the_path_and_flags_it_was_set_with() -> None:
    assert Cookies(over_tls=True).expired_session("ctx-1") == (
        "__Secure-sid=; Path=/c/ctx-1/; Max-Age=0; HttpOnly; Secure; SameSite=None; Partitioned"
    )


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("__Secure-sid=secret-1", "secret-1"),
        ("a=b; __Secure-sid=secret-1; c=d", "secret-1"),
        ("sid=secret-1", ""),
        ("__Secure-sid=", ""),
        ('__Secure-sid="x;y"', ""),
        ("__Secure-sid=" + "x" * 500, ""),
        ("\x00\xff;;;===", ""),
        ("", ""),
    ],
)
def test_only_a_value_of_ours_is_read_from_a_cookie_header(header: str, found: str) -> None:
    assert Cookies(over_tls=True).session(header) == found


def test_two_launches_at_the_same_time_have_two_cookies() -> None:
    cookies, response = Cookies(over_tls=True), Response()
    cookies.set_launch(response, "state-1", "secret-1")
    cookies.set_launch(response, "state-2", "secret-2")
    header = "; ".join(
        value.split(";")[0] for name, value in response.headers.items() if name == "set-cookie"
    )
    assert cookies.launch(header, "state-1") == "secret-1"
    assert cookies.launch(header, "state-2") == "secret-2"
    assert cookies.launch(header, "state-3") is None
    assert "state" not in header
