"""A hub on localhost: repositories with files at commits, gates, and faults on request."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
API = re.compile(r"/api/(models|datasets)/([^/]+/[^/]+)(?:/(revision|tree)/([^/?]+))?.*")
FILE = re.compile(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


@dataclass
class Repository:
    """Its files at one commit, which some names point to."""

    files: Mapping[str, bytes]
    revisions: tuple[str, ...] = ("main",)
    gate: int = 0
    """The status with which it refuses: 401 to who isn't logged in, 403 to who has no access."""


@dataclass
class Hub:
    """What there is, what was asked for, and what is to go wrong."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    cut: str = ""
    """The path of a file that breaks off in the middle."""
    server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Hub:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                hub.answer(self, with_body=False)

            def do_GET(self) -> None:
                hub.answer(self, with_body=True)

            def log_message(self, *told: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *told: object) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, request: BaseHTTPRequestHandler, with_body: bool) -> None:
        self.asked.append(f"{request.command} {request.path}")
        if request.path == "/":
            return _send(request, 200, b"", {}, with_body)
        api, file = API.fullmatch(request.path), FILE.fullmatch(request.path)
        name, revision = (api[2], api[4] or "main") if api else (file[2], file[3]) if file else ("", "")
        repository = self.repositories.get(name)
        if repository is None:
            return _fault(request, 404, "RepoNotFound", with_body)
        if repository.gate and not api:
            return _fault(request, repository.gate, "GatedRepo", with_body)
        if revision not in (*repository.revisions, COMMIT):
            return _fault(request, 404, "RevisionNotFound", with_body)
        if api:
            return _send(request, 200, _listing(name, repository, api[3], commit_of(revision)), {}, with_body)
        assert file is not None
        content = repository.files.get(file[4])
        if content is None:
            return _fault(request, 404, "EntryNotFound", with_body)
        headers = {"X-Repo-Commit": commit_of(revision), "ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
        sent = content[: len(content) // 2] if file[4] == self.cut and with_body else content
        if len(sent) < len(content):
            request.close_connection = True
        return _send(request, 200, sent, headers, with_body, len(content))


def commit_of(revision: str) -> str:
    """A commit is its own revision; a branch or a tag points to one."""
    return revision if re.fullmatch("[0-9a-f]{40}", revision) else COMMIT


def _listing(name: str, repository: Repository, kind: str | None, commit: str) -> bytes:
    if kind == "tree":
        told: Any = [
            {"type": "file", "path": path, "size": len(text), "oid": hashlib.sha1(text).hexdigest()}
            for path, text in repository.files.items()
        ]
    else:
        told = {"id": name, "sha": commit, "siblings": [{"rfilename": path} for path in repository.files]}
    return json.dumps(told).encode()


def _fault(request: BaseHTTPRequestHandler, status: int, code: str, with_body: bool) -> None:
    _send(request, status, b"{}", {"X-Error-Code": code}, with_body)


def _send(
    request: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str], with_body: bool,
    length: int | None = None,
) -> None:  # fmt: skip
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    request.end_headers()
    if with_body:
        request.wfile.write(body)
