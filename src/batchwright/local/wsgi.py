"""Between WSGI and the local server's own messages, in both directions."""

import io
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from batchwright.local.messages import Answer, Call

_UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def wsgi_app(serve: Callable[[Call], Answer], *, body_limit_bytes: int) -> WSGIApplication:
    """Return `serve` as a WSGI application that reads at most one byte more than `body_limit_bytes`."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = serve(_call_from(environ, body_limit_bytes))
        start_response(f"{answer.status} {_reason(answer.status)}", [(k.title(), v) for k, v in answer.headers.items()])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return app


def call_wsgi(app: WSGIApplication, call: Call) -> Answer:
    """Send `call` to a WSGI application of this process and collect its whole answer."""
    caught: list[tuple[str, list[tuple[str, str]]]] = []
    written = io.BytesIO()

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        caught.append((status, headers))
        return written.write

    chunks = app(_environ_of(call), start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = caught[-1]
    return Answer(
        status=int(status.split()[0]), headers={k.lower(): v for k, v in headers}, body=written.getvalue() + body
    )


def _call_from(environ: WSGIEnvironment, body_limit_bytes: int) -> Call:
    path, _, query = str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")
    headers = {_header_name(key): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
    for name, key in _UNPREFIXED.items():
        if environ.get(key):
            headers[name] = str(environ[key])
    stated = headers.get("content-length", "")
    length = int(stated) if stated.isascii() and stated.isdecimal() else 0  # anybody may send anything here
    body = environ["wsgi.input"].read(min(length, body_limit_bytes + 1))
    return Call(method=environ["REQUEST_METHOD"], path=path, query=query, headers=headers, body=body)


def _environ_of(call: Call) -> WSGIEnvironment:
    host, _, port = call.header("host").partition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(call.path).decode("latin-1"),
        "QUERY_STRING": call.query,
        "RAW_URI": f"{call.path}?{call.query}" if call.query else call.path,
        "SERVER_NAME": host or "localhost",
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in call.headers.items():
        environ[_UNPREFIXED.get(name) or f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["CONTENT_LENGTH"] = str(len(call.body))
    return environ


def _header_name(environ_key: str) -> str:
    return environ_key.removeprefix("HTTP_").replace("_", "-").lower()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
