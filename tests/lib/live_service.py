"""The real API on a real port, for tests of the page's HTTP client."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from assistant.api.app import create_app
from assistant.cli.serve import listen
from assistant.service.service import AssistantService
from tests.lib.service import shared_service


@contextmanager
def live_service(service: AssistantService | None = None) -> Iterator[str]:
    """Serve the API of ``service``, or of the shared one; the address it answers at."""
    listener = listen("127.0.0.1", 0)
    host, port = listener.getsockname()[:2]
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(service or shared_service()), log_config=None, access_log=False, ws="none"
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join()
    listener.close()
