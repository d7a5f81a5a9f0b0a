"""Reading a multipart form: the file in ``document`` and the text in ``siteId``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from agent.emulator.requests import EmulatorRequest, RefusedError

_PARAMETER = re.compile(r';\s*([\w-]+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^;]*))')


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a form; ``file_name`` is None where the part is no file."""

    name: str
    file_name: str | None
    data: bytes = field(repr=False)


def read_form(request: EmulatorRequest) -> dict[str, FormPart]:
    """Return the parts of a multipart form by name; of repeated names the last one.

    Raises RefusedError (400) when the body is no multipart form or is cut short.
    """
    kind, parameters = _header(request.headers.get("content-type", ""))
    boundary = parameters.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise RefusedError(400, "A multipart form is needed.", {"document": ["No file was sent."]})
    return {part.name: part for part in _parts(request.body, boundary.encode())}


def _parts(body: bytes, boundary: bytes) -> Iterator[FormPart]:
    delimiter = b"\r\n--" + boundary
    # The first delimiter has no line end before it, so one is put there.
    position = _after(b"\r\n" + body[: len(boundary) + 4], delimiter) - 2
    while not body.startswith(b"--", position):
        head_end = body.find(b"\r\n\r\n", position)
        end = body.find(delimiter, max(head_end, 0) + 2)
        if head_end < 0 or end < 0:
            raise _not_whole()
        part = _part(body[position:head_end], body[head_end + 4 : end])
        if part is not None:
            yield part
        position = end + len(delimiter)


def _after(data: bytes, prefix: bytes) -> int:
    if not data.startswith(prefix):
        raise _not_whole()
    return len(prefix)


def _not_whole() -> RefusedError:
    return RefusedError(
        400, "The form could not be read.", {"document": ["The form is not whole."]}
    )


def _part(head: bytes, data: bytes) -> FormPart | None:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        title, _, value = line.partition(":")
        if title.strip().lower() == "content-disposition":
            parameters = _header(value)[1]
            if "name" in parameters:
                return FormPart(parameters["name"], parameters.get("filename"), data)
    return None


def _header(value: str) -> tuple[str, dict[str, str]]:
    kind = value.partition(";")[0].strip().lower()
    parameters: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(value):
        if name.endswith("*"):  # RFC 5987: charset'language'text
            parameters[name[:-1].lower()] = unquote(plain.rpartition("'")[2])
        else:
            parameters.setdefault(name.lower(), _unescaped(quoted) if quoted else plain.strip())
    return kind, parameters


def _unescaped(text: str) -> str:
    # Browsers and httpx percent-encode exactly these three; curl puts a backslash before quotes.
    for code, character in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"), ('\\"', '"')):
        text = text.replace(code, character)
    return text
