"""Answers as no HTTP server should give them, byte by byte."""

from __future__ import annotations

import gzip
import json
import random
import zlib

PENDING = b'{"id": "job-1", "status": "PENDING"}'
HTML = b"<html><title>502</title><script>alert(1)</script></html>"


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return a whole answer; ``length`` is what it says its body is."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if not any(line.lower().startswith("transfer-encoding") for line in headers):
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return a body in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks) + end


_CHUNKS = "Transfer-Encoding: chunked"
_JSON = "Content-Type: application/json"
_ZEROS = b"0" * (8 << 20)

CASES: dict[str, bytes] = {
    "nothing at all": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "empty": answer(b""),
    "no length and closed": b"HTTP/1.1 200 OK\r\n\r\n" + PENDING,
    "too long by its length": answer(PENDING, _JSON, length=10_000),
    "too short by its length": answer(PENDING, _JSON, length=5),
    "length of a text": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" + PENDING,
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + PENDING,
    "endless length": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n" + PENDING,
    "two lengths": answer(PENDING, "Content-Length: 3", length=4),
    "length and chunks": answer(chunked(PENDING), _CHUNKS, "Content-Length: 3"),
    "chunks": answer(chunked(PENDING[:9], PENDING[9:]), _CHUNKS, _JSON),
    "chunks that end early": answer(chunked(PENDING, end=b""), _CHUNKS),
    "chunk cut": answer(b"ff\r\n" + PENDING, _CHUNKS),
    "chunk of no size": answer(b"zz\r\n" + PENDING, _CHUNKS),
    "chunk too large for a number": answer(b"f" * 20 + b"\r\n" + PENDING, _CHUNKS),
    "chunk with an extension": answer(b"3;" + b"x" * 5000 + b"\r\n{}\n\r\n0\r\n\r\n", _CHUNKS),
    "chunks packed twice": answer(PENDING, "Transfer-Encoding: gzip, chunked"),
    "trailers": answer(chunked(PENDING, end=b"0\r\nX: y\r\n\r\n"), _CHUNKS),
    "gzip": answer(gzip.compress(PENDING), "Content-Encoding: gzip"),
    "gzip cut": answer(gzip.compress(PENDING)[:-9], "Content-Encoding: gzip"),
    "gzip with a wrong sum": answer(
        gzip.compress(PENDING)[:-8] + b"\0" * 8, "Content-Encoding: gzip"
    ),
    "gzip that is none": answer(PENDING, "Content-Encoding: gzip"),
    "gzip bomb": answer(gzip.compress(_ZEROS * 8, 1), "Content-Encoding: gzip"),
    "gzip in gzip": answer(gzip.compress(gzip.compress(PENDING)), "Content-Encoding: gzip, gzip"),
    "deflate": answer(zlib.compress(PENDING), "Content-Encoding: deflate"),
    "deflate bomb": answer(zlib.compress(_ZEROS), "Content-Encoding: deflate"),
    "brotli": answer(b"\x0b\x02\x80{}\x03", "Content-Encoding: br"),
    "zstd": answer(b"(\xb5/\xfd\x04\x00", "Content-Encoding: zstd"),
    "unknown packing": answer(PENDING, "Content-Encoding: \xe4\xf6"),
    "BOM": answer(b"\xef\xbb\xbf" + PENDING),
    "UTF-16": answer(PENDING.decode().encode("utf-16")),
    "UTF-32": answer(PENDING.decode().encode("utf-32")),
    "Latin-1": answer('{"id": "é"}'.encode("latin-1"), "Content-Type: text/plain; charset=latin1"),
    "NULs": answer(b"\0" * 500),
    "error page": answer(HTML, "Content-Type: text/html"),
    "error page called JSON": answer(HTML, _JSON),
    "JSON called a page": answer(PENDING, "Content-Type: text/html"),
    "content type of rubbish": answer(PENDING, "Content-Type: ;;=\xff,\t"),
    "error in a good answer": answer(b'{"detail": "Internal error"}', _JSON),
    "null": answer(b"null"),
    "a text": answer(b'"ok"'),
    "a number": answer(b"7"),
    "a list": answer(b"[" + PENDING + b"]"),
    "two values": answer(PENDING + PENDING),
    "NaN": answer(b"NaN"),
    "deep": answer(b"[" * 100_000 + b"]" * 100_000),
    "deep and cut": answer(b'{"a":' * 100_000),
    "many values": answer(b"[" + b"[]," * 2_100_000 + b"[]]"),
    "a number of a million digits": answer(b'{"id": ' + b"7" * 1_000_000 + b"}"),
    "no content": answer(b"", status="204 No Content"),
    "no content with content": answer(PENDING, status="204 No Content"),
    "reset content": answer(b"", status="205 Reset"),
    "partial": answer(PENDING[:9], "Content-Range: bytes 0-8/99", status="206 Partial"),
    "not modified": answer(b"", status="304 Not Modified"),
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" + answer(PENDING),
    "continue for ever": b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000,
    "early hints": b"HTTP/1.1 103 Early\r\nLink: <http://x.example>\r\n\r\n" + answer(PENDING),
    "switching protocols": answer(PENDING, "Upgrade: h2c", status="101 Switching"),
    "status 0": answer(PENDING, status="000 Nothing"),
    "status 99": answer(PENDING, status="99 Few"),
    "status 299": answer(PENDING, status="299 Odd"),
    "status 600": answer(PENDING, status="600 Odd"),
    "status 999": answer(PENDING, status="999 Denied"),
    "status of four digits": answer(PENDING, status="2000 OK"),
    "status of letters": answer(PENDING, status="OK OK"),
    "no reason": answer(PENDING, status="200"),
    "long reason": answer(PENDING, status="200 " + "O" * 50_000),
    "very long header": answer(PENDING, "X-Long: " + "y" * 200_000),
    "many headers": answer(PENDING, *(f"X-{number}: {number}" for number in range(20_000))),
    "many cookies": answer(PENDING, *(f"Set-Cookie: c{n}={n}" for n in range(200))),
    "odd cookies": answer(PENDING, "Set-Cookie: ;;;=\xff; expires=never; domain=.com"),
    "header of control characters": answer(PENDING, "X-Bad: \x01\x02\x7f"),
    "header without a colon": answer(PENDING, "X-Bad"),
    "folded header": answer(PENDING, "X-Folded: a\r\n\tb"),
    "header before all": b"X: y\r\n" + answer(PENDING),
    "date of rubbish": answer(PENDING, "Date: Mon, 99 Foo 99999 99:99:99 +9999"),
    "date of the year 1": answer(PENDING, "Date: Mon, 01 Jan 0001 00:00:00 +2359"),
    "date of the year 9999": answer(PENDING, "Date: Fri, 31 Dec 9999 23:59:59 -2359"),
    "date of digits": answer(PENDING, "Date: " + "9" * 5000),
    "date of ten digits": answer(PENDING, "Date: Mon, 01 Jan 9999999999 00:00:00 GMT"),
    "wait of rubbish": answer(b"", "Retry-After: soon", status="429 Slow"),
    "wait for ever": answer(b"", "Retry-After: " + "9" * 400, status="429 Slow"),
    "wait of less than nothing": answer(b"", "Retry-After: -5", status="503 Later"),
    "wait until a date": answer(
        b"", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", "Date: x", status="503 Later"
    ),
    "errors of any shape": answer(
        json.dumps({"detail": [[{"a": None}]], "errors": [[1]]}).encode(), status="400 No"
    ),
    "errors about nothing": answer(b'{"errors": {"": [], "document": {}}}', status="400 No"),
    "error bomb": answer(gzip.compress(_ZEROS, 1), "Content-Encoding: gzip", status="400 No"),
    "errors deep": answer(b'{"errors":' * 50_000, status="400 No"),
    "error text without end": answer(
        json.dumps({"detail": "x" * 5_000_000}).encode(), status="400 No"
    ),
    "second answer unasked": answer(PENDING) + answer(b'{"id": "job-2"}'),
}


def at_random(source: random.Random) -> bytes:
    """Return one of the cases with some of its bytes changed, cut out, doubled or cut off."""
    text = bytearray(source.choice(list(CASES.values()))[:3000])
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(text) + 1)
        match source.randrange(4):
            case 0:
                text[at : at + 1] = bytes([source.randrange(256)])
            case 1:
                del text[at : at + source.randrange(1, 9)]
            case 2:
                text[at:at] = text[max(0, at - source.randrange(1, 40)) : at]
            case _:
                del text[at:]
    return bytes(text)
