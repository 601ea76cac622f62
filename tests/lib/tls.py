"""TLS on loopback: a certificate of a test authority, and a proxy that ends TLS before a server."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme

_CHUNK = 65_536


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Files of a certificate for the names of a test."""

    certificate: Path
    key: Path
    authority: Path

    @classmethod
    def made(cls, folder: Path, *names: str) -> "Certificate":
        """A fresh one."""
        authority = trustme.CA()
        issued = authority.issue_cert(*names)
        made = cls(
            certificate=folder / "cert.pem", key=folder / "key.pem", authority=folder / "ca.pem"
        )
        made.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        made.key.write_bytes(issued.private_key_pem.bytes())
        made.authority.write_bytes(authority.cert_pem.bytes())
        return made


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


@contextlib.contextmanager
def ended_before(port: int, target: int, certificate: Certificate) -> Iterator[None]:
    """A proxy on ``port`` that hands decrypted bytes to ``target``, as a site's proxy does."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pipe(reader, up_writer), _pipe(up_reader, writer))

    async def serve() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", port, ssl=context)
        ready.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        asyncio.set_event_loop(loop)
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20), "the TLS proxy does not start"
    try:
        yield
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(20)
        loop.close()
