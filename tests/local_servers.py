"""A real web server and a real mail server on this machine, as small as tests need them. No tests."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Inbox:
    """What a server was sent. `answers` are the codes that it gives, the last one from then on."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    received: list[Any] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/s3cret-token"


@contextmanager
def web_server(*answers: int) -> Iterator[Inbox]:
    inbox = Inbox(answers=list(answers or (200,)))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.received.append(json.loads(body))
            inbox.commands.append(f"{self.path} {self.headers['Content-Type']}")
            code = inbox.answer()
            self.send_response(code)
            if code in (301, 302):
                self.send_header("Location", "/login")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.port = server.server_address[1]
    with _serving(server):
        yield inbox


@contextmanager
def mail_server(*answers: int) -> Iterator[Inbox]:
    """Answers to the end of a message with `answers`."""
    inbox = Inbox(answers=list(answers or (250,)))

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline().decode().rstrip():
                inbox.commands.append(line)
                verb = line.split()[0].upper()
                if verb == "DATA":
                    self.say("354 go on")
                    inbox.received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.say(f"{inbox.answer()} done")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                elif verb == "AUTH":
                    self.say("535 no")
                else:
                    self.say("250-test\r\n250 AUTH PLAIN" if verb == "EHLO" else "250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    inbox.port = server.server_address[1]
    with _serving(server):
        yield inbox


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
