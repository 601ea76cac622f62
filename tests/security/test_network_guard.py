"""The guard of the test suite: a connection to another host is aborted, loopback is not (P16)."""

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.7"])
def test_a_connection_to_another_host_is_aborted_before_it_is_made(address: str) -> None:
    with socket.socket() as outward, pytest.raises(PermissionError, match="phone home"):
        outward.connect((address, 443))


def test_a_connection_to_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
