"""An OpenAI-compatible server on loopback that replies as badly as it is told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behavior = Callable[["Conversation"], None]


class Conversation:
    """One request, and the means to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        self.handler = handler
        self.body = body
        self.stopped: threading.Event = handler.server.stopped  # type: ignore[attr-defined]

    @property
    def prompt(self) -> str:
        """Everything the client said."""
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    def fail(self, status: int, text: str = '{"error": {"message": "no"}}') -> None:
        """An error reply."""
        self._start(status, "application/json", len(text))
        self.handler.wfile.write(text.encode())

    def say(self, text: str) -> None:
        """The reply ``text``, streamed if that was asked for."""
        if not self.body.get("stream"):
            message = {"role": "assistant", "content": text}
            self._json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
            return
        self.begin_stream()
        for start in range(0, max(len(text), 1), 50):
            self.chunk(text[start : start + 50])
        self.end_stream()

    def _json(self, more: dict[str, Any]) -> None:
        text = json.dumps(
            {"id": "x", "object": "chat.completion", "created": 1, "model": "stub", **more}
        )
        self._start(200, "application/json", len(text.encode()))
        self.handler.wfile.write(text.encode())

    def begin_stream(self, content_type: str = "text/event-stream") -> None:
        """The head of a streamed reply."""
        self._start(200, content_type, None)

    def raw(self, text: str) -> None:
        """Bytes as they are."""
        self.handler.wfile.write(text.encode())
        self.handler.wfile.flush()

    def chunk(self, text: str) -> None:
        """One piece of a streamed reply."""
        delta = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
        told = {
            "id": "x",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "stub",
            **delta,
        }
        self.raw(f"data: {json.dumps(told)}\n\n")

    def end_stream(self) -> None:
        """The end of a streamed reply."""
        self.raw("data: [DONE]\n\n")

    def drip(self, piece: str, every: float) -> None:
        """``piece`` again and again, until the test is over."""
        while not self.stopped.is_set():
            self.raw(piece)
            time.sleep(every)

    def _start(self, status: int, content_type: str, length: int | None) -> None:
        self.handler.send_response(status)
        self.handler.send_header("content-type", content_type)
        if length is not None:
            self.handler.send_header("content-length", str(length))
        self.handler.end_headers()


@contextmanager
def model_server(behave: Behavior) -> Iterator[tuple[str, list[str]]]:
    """The base URL of a server that behaves so, and the prompts it was sent."""
    prompts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            talk = Conversation(self, body)
            prompts.append(talk.prompt)
            try:
                behave(talk)
            except OSError:  # the client has gone, as it should
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.stopped = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", prompts
    finally:
        server.stopped.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
