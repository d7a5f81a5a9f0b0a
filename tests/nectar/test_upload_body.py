"""The multipart form of an upload."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from itertools import islice

import pytest
from client_under_test import BILL, PDF, patient
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.answers import Upload
from agent.nectar.upload_body import CHUNK_BYTES, Stopped, UploadBody, form_name


def body_of(upload: Upload) -> UploadBody:
    """Return the body of ``upload``, in an agent that is not stopping."""
    return UploadBody(upload, lambda: False)


def parts_of(body: UploadBody) -> list[Message]:
    """Return the parts of ``body`` as another program reads them."""
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = message_from_bytes(head + b"".join(body))
    payload = message.get_payload()
    assert isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)]


def test_the_site_comes_first_then_the_document() -> None:
    """Two parts: the site's id as text, the file's own bytes under its name and type."""
    site, document = parts_of(body_of(BILL))
    assert site.get_param("name", header="content-disposition") == "siteId"
    assert site.get_payload(decode=True) == b"site-1"
    assert document.get_param("name", header="content-disposition") == "document"
    assert document.get_filename() == "scan001.3f9ab2c41d7e.pdf"
    assert document.get_content_type() == "application/pdf"
    assert document.get_payload(decode=True) == PDF


@patient
@given(st.binary(max_size=3 * CHUNK_BYTES))
def test_the_length_is_what_is_sent(content: bytes) -> None:
    """Content-Length is right for every file, and no byte of the file is lost."""
    body = body_of(Upload("c", "s", "a.pdf", "application/pdf", content))
    sent = b"".join(body)
    assert len(sent) == body.length
    assert content in sent


def test_the_body_is_exhausted_only_when_more_is_asked_for_after_its_end() -> None:
    """As long as the last piece may still be lost on the way, Nectar cannot have it all."""
    body = body_of(Upload("c", "s", "a.pdf", "application/pdf", b"x" * (3 * CHUNK_BYTES)))
    pieces = iter(body)
    assert len(list(islice(pieces, 5))) == 5
    assert not body.exhausted
    assert next(pieces, None) is None
    assert body.exhausted


def test_a_stopping_agent_keeps_the_rest() -> None:
    """What is not handed over yet stays here, and the upload was surely not taken."""
    answers = iter([False, False, True])
    body = UploadBody(BILL, lambda: next(answers))
    pieces = iter(body)
    assert len(list(islice(pieces, 2))) == 2
    with pytest.raises(Stopped):
        next(pieces)
    assert not body.exhausted


def test_an_upload_without_a_site_is_not_made() -> None:
    """Nectar would choose a site itself: a bill never goes to a guessed site."""
    with pytest.raises(ValueError, match="site"):
        body_of(Upload("c", "", "a.pdf", "application/pdf", b"x"))


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("scan001.3f9ab2c41d7e.pdf", "scan001.3f9ab2c41d7e.pdf"),
        ("a, b; (c) 'd' %20.pdf", "a, b; (c) 'd' %20.pdf"),
        ('a"b.pdf', "a%22b.pdf"),
        ("a\\b\r\nX-Evil: 1\x00.pdf", "a_b__X-Evil: 1_.pdf"),
        ("Überweisung-7.pdf", "_berweisung-7.pdf"),
        ("", "bill"),
    ],
)
def test_a_name_is_sent_as_it_is_where_that_is_safe(name: str, sent: str) -> None:
    """Printable ASCII stays, so that the bill can be recognised; the rest cannot break the form."""
    assert form_name(name) == sent


@patient
@given(st.text(max_size=40))
def test_no_name_breaks_out_of_the_form(name: str) -> None:
    """Whatever a file is called, it comes as one name of one part."""
    body = body_of(Upload("c", "s", name, "image/png", b"x"))
    _, document = parts_of(body)
    filename = document.get_filename()
    assert filename is not None
    assert filename.isascii()
    assert '"' not in filename
