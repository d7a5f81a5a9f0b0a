"""Forms as clients of many kinds write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.emulator.multipart import read_form
from agent.emulator.requests import EmulatorRequest, RefusedError

BOUNDARY = "--=_frontier"


def request(disposition: str, data: bytes = b"data", kind: str | None = None) -> EmulatorRequest:
    """Return a form of one part."""
    head = f"--{BOUNDARY}\r\nX-Other: 1\r\ncontent-DISPOSITION: form-data; {disposition}\r\n\r\n"
    body = head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    given_kind = f'multipart/form-data; boundary="{BOUNDARY}"' if kind is None else kind
    return EmulatorRequest.of("POST", "/job/company/x", {"Content-Type": given_kind}, body)


@pytest.mark.parametrize(
    ("disposition", "file_name"),
    [
        ('name="document"; filename="a b.pdf"', "a b.pdf"),
        ('filename="a;b=c.pdf"; name="document"', "a;b=c.pdf"),
        ("name=document; filename=plain.pdf", "plain.pdf"),
        ('name="document"; filename="say %22hi%22 50%.pdf"', 'say "hi" 50%.pdf'),
        (r'name="document"; filename="say \"hi\".pdf"', 'say "hi".pdf'),
        ("name=\"document\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ('name="document"; filename="été n°3.pdf"', "été n°3.pdf"),
        ('name="document"', None),
    ],
)
def test_file_names_arrive_as_they_were_meant(disposition: str, file_name: str | None) -> None:
    """Browsers, httpx and curl escape them in different ways."""
    part = read_form(request(disposition))["document"]
    assert (part.file_name, part.data) == (file_name, b"data")


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_come_through(data: bytes) -> None:
    """Line ends and dashes within a file are no end of it."""
    assert read_form(request('name="document"; filename="x"', data))["document"].data == data


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_a_broken_form_is_refused_and_nothing_worse(body: bytes) -> None:
    """Any body is read or refused with 400."""
    kind = {"Content-Type": f'multipart/form-data; boundary="{BOUNDARY}"'}
    for start in (b"", f"--{BOUNDARY}".encode(), f"--{BOUNDARY}\r\n".encode()):
        try:
            read_form(EmulatorRequest.of("POST", "/", kind, start + body))
        except RefusedError as refused:
            assert refused.status == 400  # noqa: PT017 - being read is as good


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed"])
def test_another_kind_of_body_is_no_form(kind: str) -> None:
    """A form without a boundary is none either."""
    with pytest.raises(RefusedError) as refused:
        read_form(request('name="document"', kind=kind))
    assert (refused.value.status, list(refused.value.errors or ())) == (400, ["document"])
