"""Reading an answer without ever holding more of it than it may have."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator

import httpx
import pytest
from client_under_test import patient
from hypothesis import given
from hypothesis import strategies as st

from agent.nectar.answer_body import UnreadableBody, read_body

MOST = 100_000


class Pieces(httpx.SyncByteStream):
    """A body that comes in pieces, as a network gives it."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.left = pieces

    def __iter__(self) -> Iterator[bytes]:
        while self.left:
            yield self.left.pop(0)


def response(*pieces: bytes, packing: str = "") -> httpx.Response:
    """Return an answer whose body comes in ``pieces``."""
    headers = {"Content-Encoding": packing} if packing else {}
    return httpx.Response(200, headers=headers, stream=Pieces(list(pieces)))


@patient
@given(st.lists(st.binary(max_size=500), max_size=5))
def test_a_plain_body_is_whole(pieces: list[bytes]) -> None:
    """All pieces, in order."""
    assert read_body(response(*pieces), MOST) == b"".join(pieces)


@patient
@given(st.binary(max_size=5_000), st.integers(1, 40), st.sampled_from(["gzip", "x-gzip", " GZIP "]))
def test_a_packed_body_is_unpacked(content: bytes, size: int, packing: str) -> None:
    """However it is cut into pieces."""
    packed = gzip.compress(content)
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert read_body(response(*pieces, packing=packing), MOST) == content


def test_a_body_may_be_as_long_as_it_may_be_and_no_longer() -> None:
    """The bound is exact, packed or not."""
    fits = b"x" * MOST
    assert read_body(response(fits), MOST) == fits
    assert read_body(response(gzip.compress(fits), packing="gzip"), MOST) == fits
    for answer in (
        response(fits, b"x"),
        response(gzip.compress(fits + b"x"), packing="gzip"),
    ):
        with pytest.raises(UnreadableBody, match="longer"):
            read_body(answer, MOST)


def test_an_endless_body_is_left_alone() -> None:
    """Nothing more is read once it is too long."""
    pieces = Pieces([b"x" * 50_000] * 1_000)
    with pytest.raises(UnreadableBody, match="longer"):
        read_body(httpx.Response(200, stream=pieces), MOST)
    assert len(pieces.left) > 990


def test_a_bomb_does_not_fill_the_memory() -> None:
    """A thousand times its size when unpacked: it is refused at the bound."""
    bomb = gzip.compress(b"\0" * 200_000_000)
    assert len(bomb) < 250_000
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableBody, match="longer"):
            read_body(response(bomb, packing="gzip"), MOST)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packing", ["br", "deflate", "gzip, gzip", "zstd", "?"])
def test_a_packing_that_was_not_asked_for_is_not_opened(packing: str) -> None:
    """Also not twice packed: that is how bombs get big."""
    with pytest.raises(UnreadableBody, match="unknown"):
        read_body(response(b"x", packing=packing), MOST)


def test_a_packing_that_ends_too_early_is_noticed() -> None:
    """Half an answer is no answer, even if the line says that it is complete."""
    packed = gzip.compress(b"0123456789" * 1_000)
    for length in (0, 1, 10, len(packed) // 2, len(packed) - 1):
        with pytest.raises(UnreadableBody, match="too early"):
            read_body(response(packed[:length], packing="gzip"), MOST)


def test_a_damaged_packing_is_noticed() -> None:
    """A wrong byte fails the checksum, and what is no gzip is none."""
    packed = bytearray(gzip.compress(b"0123456789" * 1_000))
    packed[-5] ^= 0xFF
    for content in (bytes(packed), b"<html>no gzip at all</html>"):
        with pytest.raises(UnreadableBody, match="damaged"):
            read_body(response(content, packing="gzip"), MOST)
