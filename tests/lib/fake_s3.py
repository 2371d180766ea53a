"""A bucket on loopback that speaks as much S3 as the blob store uses."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit


class FakeS3:
    """`objects` by key; `refuse` is a status and code for every PUT; `spoil` damages them."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts = 0
        self.refuse: tuple[int, str] | None = None
        self.spoil = False
        fake = self

        class Handler(_Handler):
            bucket = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeS3:
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    bucket: FakeS3
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # one packet for head and body: two wait for each other

    def handle_expect_100(self) -> bool:
        answered = super().handle_expect_100()
        self.wfile.flush()
        return answered

    def do_PUT(self) -> None:
        body = self._body()
        if self.bucket.refuse:
            status, code = self.bucket.refuse
            self._answer(status, f"<Error><Code>{code}</Code></Error>".encode())
            return
        self.bucket.puts += 1
        self.bucket.objects[self._key()] = body[:-1] if self.bucket.spoil else body
        self._answer(200)

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "prefix" in query:
            prefix = query["prefix"][0]
            keys = sorted(key for key in self.bucket.objects if key.startswith(prefix))
            listed = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
            self._answer(200, f"<ListBucketResult>{listed}</ListBucketResult>".encode())
        elif self._key() in self.bucket.objects:
            self._answer(200, self.bucket.objects[self._key()])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.bucket.objects.pop(self._key(), None)
        self._answer(204)

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/post/")

    def _body(self) -> bytes:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return raw
        data = b""
        while raw:
            size, raw = raw.split(b"\r\n", 1)
            length = int(size.split(b";")[0], 16)
            if not length:
                break
            data, raw = data + raw[:length], raw[length + 2 :]
        return data

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test says what matters."""
