"""A package index on 127.0.0.1 that a test fills with files and makes misbehave as it likes."""

import hashlib
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Answer", "IndexServer", "running_index_server"]

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server sends; `cut` bytes of the body are announced but left out."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


Behaviour = Callable[["Request"], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked for."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    count: int
    """How often this path was asked for, this time included."""


class IndexServer:
    """Serves `/simple/<name>/` in JSON and the files; any path can be given another behaviour."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.index_url = f"{url}/simple"
        self.requests: list[Request] = []
        self.serves_ranges = True
        self._projects: dict[str, dict[str, Any]] = {}
        self._bodies: dict[str, bytes] = {}
        self._behaviours: dict[str, Behaviour] = {}
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    # ------------------------------------------------------------ what a test says

    def add_file(
        self, project: str, filename: str, content: bytes, *, metadata: str = "", **entry: Any
    ) -> dict[str, Any]:
        """Offer a file; `entry` replaces keys of its JSON, None removes one. Return the JSON."""
        self._bodies[f"/files/{filename}"] = content
        described: dict[str, Any] = {
            "filename": filename,
            "url": f"../../files/{filename}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size": len(content),
            "yanked": False,
        }
        if metadata:
            self._bodies[f"/files/{filename}.metadata"] = metadata.encode()
            described["core-metadata"] = {"sha256": hashlib.sha256(metadata.encode()).hexdigest()}
        described = {key: value for key, value in (described | entry).items() if value is not None}
        self.page(project)["files"].append(described)
        return described

    def page(self, project: str) -> dict[str, Any]:
        """Return the JSON of a project's page, made where it is missing; change it as you like."""
        empty = {"meta": {"api-version": "1.4"}, "name": project, "files": []}
        return self._projects.setdefault(project, empty)

    def on(self, path: str, behaviour: Behaviour | Answer) -> None:
        """Answer a path in another way; `*` stands for every path."""
        self._behaviours[path] = behaviour if callable(behaviour) else lambda _request: behaviour

    def asked(self, path: str = "") -> list[Request]:
        """Return the requests whose path begins with `path`."""
        return [request for request in self.requests if request.path.startswith(path)]

    # ------------------------------------------------------------ what the server does

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer one request."""
        with self._lock:
            self._counts[path] += 1
            request = Request(path=path, headers=headers, count=self._counts[path])
            self.requests.append(request)
        plain = urlsplit(path).path
        behaviour = next(
            (self._behaviours[key] for key in (path, plain, "*") if key in self._behaviours), None
        )
        if behaviour:
            return behaviour(request)
        parts = plain.strip("/").split("/")
        if len(parts) == 2 and parts[0] == "simple" and parts[1] in self._projects:
            body = json.dumps(self._projects[parts[1]]).encode()
            return Answer(body=body, headers={"Content-Type": JSON_TYPE})
        if plain in self._bodies:
            return self._file(self._bodies[plain], headers.get("range", ""))
        return Answer(status=404)

    def _file(self, body: bytes, wanted: str) -> Answer:
        kind = {"Content-Type": "application/octet-stream"}
        if not wanted or not self.serves_ranges:
            return Answer(body=body, headers=kind)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        part = body[int(first) : int(last) + 1]
        place = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
        return Answer(status=206, body=part, headers={**kind, "Content-Range": place})


@contextmanager
def running_index_server() -> Iterator[IndexServer]:
    """Run a server on a free port of 127.0.0.1 while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer: two small ones would wait 40 ms for each other

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = index.answer(self.path, headers)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.status != 304:
                self.wfile.write(answer.body[: len(answer.body) - answer.cut])
            self.close_connection = self.close_connection or bool(answer.cut)

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            # Clients that hang up early are what many tests are about.
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    index = IndexServer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
