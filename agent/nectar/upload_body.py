"""The multipart form of an upload, which knows whether all of it was handed over.

httpx raises the same errors for a line cut in the body and for one cut after it. Only the
iterator that gives the body away can tell the two apart, so the form is built here and not by
httpx.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator

from agent.bills.answers import Upload
from agent.bills.identities import is_usable_id

CHUNK_BYTES = 64 * 1024


class Stopped(Exception):
    """The agent is stopping, and some of the body was still here."""


class UploadBody:
    """The body of one upload; iterating it once sends it.

    ``exhausted`` becomes True when more was asked for after the last chunk: from then on Nectar
    may have all of it. While it is False, Nectar cannot have it. ``stopping`` is asked before each
    chunk; Stopped is raised once it says True.
    """

    def __init__(self, upload: Upload, stopping: Callable[[], bool]) -> None:
        if not is_usable_id(upload.site_id):
            # Without a site Nectar would choose one itself.
            raise ValueError("an upload names its site")
        # As random as a key: it cannot occur in the file.
        boundary = secrets.token_hex(16)
        self._content = upload.content
        self._head = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="siteId"\r\n\r\n'
            f"{upload.site_id}\r\n"
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="document"; filename="{form_name(upload.name)}"'
            f"\r\nContent-Type: {upload.media_type}\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode("ascii")
        self._stopping = stopping
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.length = len(self._head) + len(self._content) + len(self._tail)
        self.exhausted = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks():
            if self._stopping():
                raise Stopped
            yield chunk
        self.exhausted = True

    def _chunks(self) -> Iterator[bytes]:
        yield self._head
        for start in range(0, len(self._content), CHUNK_BYTES):
            yield self._content[start : start + CHUNK_BYTES]
        yield self._tail


def form_name(name: str) -> str:
    """Return ``name`` as it may stand between quotes in the form: ASCII, quotes as ``%22``.

    A name of printable ASCII without quotes and backslashes stays as it is.
    """
    return re.sub(r"[^ -~]|\\", "_", name).replace('"', "%22") or "bill"
