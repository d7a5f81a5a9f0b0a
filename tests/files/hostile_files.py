"""PDFs and pictures that nobody should make: loops, bombs, chimeras and cut ones."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Literal

import pikepdf
from files_made_here import PNG_START, pdf_of_pages, picture, raw_pdf, raw_png
from PIL import Image

CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
LEAF = b"<</Type/Page/MediaBox[0 0 9 9]/Parent 2 0 R>>"
ONE_PAGE = (CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", LEAF)


def stream(entries: bytes, data: bytes) -> bytes:
    """Return a stream object."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def flated(data: bytes, times: int = 1) -> bytes:
    """Return a stream whose bytes are packed so many times."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(b"/Filter[" + b"/FlateDecode" * times + b"]", data)


def with_trailer(trailer: bytes, *objects: bytes) -> bytes:
    """Return a PDF whose trailer says something more; ``@`` stands for where its table begins."""
    whole = raw_pdf(*objects)
    table = whole.rindex(b"xref\n0 ")
    more = trailer.replace(b"@", b"%d" % table)
    return whole.replace(b"<</Root", b"<<" + more + b"/Root")


def xref_streams_in_a_circle() -> bytes:
    """Return a PDF with two tables, each of which names the other as the one before it."""
    start = b"%PDF-1.5\n1 0 obj\n" + CATALOGUE + b"\nendobj\n"
    table = b"\x01\x00\x09\x00" * 4

    def one(number: int, before: int) -> bytes:
        return b"%d 0 obj\n%s\nendobj\n" % (
            number,
            stream(b"/Type/XRef/W[1 2 1]/Size 4/Root 1 0 R/Prev %05d" % before, table),
        )

    first = len(start)
    second = first + len(one(3, 0))
    return start + one(3, second) + one(4, first) + b"startxref\n%d\n%%%%EOF\n" % second


def object_stream_in_itself() -> bytes:
    """Return a PDF whose object stream says that it lies in itself."""
    start = b"%PDF-1.5\n"
    inner = stream(b"/Type/ObjStm/N 2/First 8", b"1 0 2 30" + CATALOGUE.ljust(30) + ONE_PAGE[1])
    body = b"3 0 obj\n" + inner + b"\nendobj\n"
    place = len(start) + len(body)
    table = b"".join(
        struct.pack(">BHB", *entry)
        for entry in [(0, 0, 255), (2, 3, 0), (2, 3, 1), (2, 3, 0), (1, place, 0)]
    )
    last = b"4 0 obj\n" + stream(b"/Type/XRef/W[1 2 1]/Size 5/Root 1 0 R", table) + b"\nendobj\n"
    return start + body + last + b"startxref\n%d\n%%%%EOF\n" % place


def deep_tree(depth: int) -> bytes:
    """Return a PDF whose one page lies so deep in its tree of pages."""
    nodes = [
        b"<</Type/Pages/Kids[%d 0 R]/Count 1/Parent %d 0 R>>" % (number + 3, number + 1)
        for number in range(depth)
    ]
    return raw_pdf(CATALOGUE, *nodes, LEAF)


def wide_tree(width: int, depth: int) -> bytes:
    """Return a PDF whose tree names the same few nodes again and again: width ** depth pages."""
    nodes = [
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b"%d 0 R " % (number + 3) * width, width ** (depth - number))
        for number in range(depth)
    ]
    return raw_pdf(CATALOGUE, *nodes, LEAF)


def with_everything() -> bytes:
    """Return a PDF with JavaScript, an embedded file, a form and actions: odd, and a bill."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(100, 100))
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('pay');while(1){}")
        pdf.Root.OpenAction = pdf.make_indirect(script)
        pdf.Root.AA = pikepdf.Dictionary(WC=script)
        pdf.attachments["evil.exe"] = b"MZ" * 1000
        pdf.attachments["bill.pdf"] = pdf_of_pages(2)
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="/bin/sh")
        pdf.pages[0].obj.AA = pikepdf.Dictionary(O=launch)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


Strength = Literal[2, 3, 4, 5, 6]
"""The revisions of the standard encryption that pikepdf writes."""


def encrypted(strength: Strength, *, user: str, aes: bool, metadata: bool = False) -> bytes:
    """Return a page under one of the encryptions that there are."""
    lock = pikepdf.Encryption(user=user, owner="owner", R=strength, aes=aes, metadata=metadata)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of_pages(1))) as pdf, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # one of them is deprecated, and still met
        pdf.save(out, encryption=lock)
    return out.getvalue()


def zipped(*, stored: bytes, front: bytes = b"") -> bytes:
    """Return a ZIP that holds ``stored`` unpacked, after ``front``."""
    out = io.BytesIO(front)
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("bill.pdf", stored)
    return out.getvalue()


def png(*chunks: tuple[bytes, bytes], is_sound: bool = True) -> bytes:
    """Return a PNG of these chunks, with wrong checksums where it ``is_sound`` not."""
    return PNG_START + b"".join(
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data) ^ (0 if is_sound else 1))
        for name, data in chunks
    )


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a good PNG."""
    chunks, at = [], len(PNG_START)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def jpeg_of_scans(scans: int) -> bytes:
    """Return a JPEG that has so many of its three scans, one for each colour, and no end mark."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    code = b"\1" + bytes(15) + b"\0"  # a table with one code of one bit
    tables = segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC4, b"\0" + code + b"\x10" + code)
    frame = segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 3) + b"\1\x11\0\2\x11\0\3\x11\0")
    each = (segment(0xDA, bytes([1, part, 0, 0, 63, 0])) + b"\x3f" for part in (1, 2, 3))
    return b"\xff\xd8" + tables + frame + b"".join(tuple(each)[:scans])


def jpeg(size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """Return a JPEG saved in a certain way."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


def noise(form: str, **options: object) -> bytes:
    """Return a picture that hardly packs, so that nearly all of its bytes are pixels."""
    pixels = random.Random(1).randbytes(60 * 40 * 3)  # noqa: S311  # repeatable
    out = io.BytesIO()
    Image.frombytes("RGB", (60, 40), pixels).save(out, form, **options)
    return out.getvalue()


def resized_jpeg(width: int, height: int) -> bytes:
    """Return a small JPEG that says that it is a large one."""
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, frame + 5, height, width)
    return bytes(data)


def animated_png() -> bytes:
    """Return an animated PNG of three frames."""
    frames = [Image.new("RGB", (30, 30), color) for color in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def multi_frame_jpeg() -> bytes:
    """Return a JPEG of several pictures, as some cameras write them (MPO)."""
    frames = [Image.new("RGB", (30, 30), color) for color in ("red", "green")]
    out = io.BytesIO()
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    return out.getvalue()


def text_bomb() -> bytes:
    """Return a PNG with a text that unpacks to more than anything needs."""
    chunks = png_chunks(picture("PNG"))
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(40 << 20), 1))
    return png(chunks[0], text, *chunks[1:])


FIT, DAMAGED, LOCKED, TOO_MANY, FOREIGN, EITHER = (
    "fit",
    "damaged",
    "password-protected",
    "too-many-pages",
    "not-a-bill-file",
    "fit or damaged",
)

ZEROS = bytes(64 << 20)


def cases() -> dict[str, tuple[str, Callable[[], bytes]]]:
    """Return what makes hostile files, by name, each with what the file has to be called."""
    pdf, with_junk = pdf_of_pages(3), b"From: x\nTo: y\n\n" * 60
    sound = png_chunks(picture("PNG"))
    encryptions: tuple[tuple[Strength, bool], ...] = (
        (2, False),
        (3, False),
        (4, False),
        (4, True),
        (5, True),
        (6, True),
    )
    locks = {
        f"{'AES' if aes else 'RC4'} {strength}, {'locked' if user else 'open'}": (
            LOCKED if user else FIT,
            partial(encrypted, strength, user=user, aes=aes, metadata=aes),
        )
        for strength, aes in encryptions
        for user in ("", "user")
    }
    return locks | {
        "table before itself": (EITHER, lambda: with_trailer(b"/Prev @", *ONE_PAGE)),
        "table before nowhere": (EITHER, lambda: with_trailer(b"/Prev 99999999", *ONE_PAGE)),
        "table before the start": (EITHER, lambda: with_trailer(b"/Prev -1", *ONE_PAGE)),
        "table stream in itself": (EITHER, lambda: with_trailer(b"/XRefStm @", *ONE_PAGE)),
        "table streams in a circle": (DAMAGED, xref_streams_in_a_circle),
        "object stream in itself": (EITHER, object_stream_in_itself),
        "size of billions": (EITHER, lambda: with_trailer(b"/Size 4294967295", *ONE_PAGE)),
        "root of itself": (DAMAGED, lambda: raw_pdf(b"1 0 R")),
        "length of itself": (
            EITHER,
            lambda: raw_pdf(*ONE_PAGE, b"<</Length 4 0 R>>\nstream\nx\nendstream"),
        ),
        "page tree in itself": (
            DAMAGED,
            lambda: raw_pdf(CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        ),
        "page a thousand deep": (EITHER, lambda: deep_tree(1000)),
        "page fifty thousand deep": (EITHER, lambda: deep_tree(50_000)),
        "ten to the tenth pages": (EITHER, lambda: wide_tree(10, 10)),
        "count of billions": (
            EITHER,
            lambda: raw_pdf(CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 9999999999>>", LEAF),
        ),
        "ten thousand pages": (
            TOO_MANY,
            lambda: raw_pdf(
                CATALOGUE,
                b"<</Type/Pages/Kids[%s]/Count 10000>>"
                % b" ".join(b"%d 0 R" % (number + 3) for number in range(10_000)),
                *[LEAF] * 10_000,
            ),
        ),
        "content that unpacks to gigabytes": (
            FIT,
            lambda: raw_pdf(
                CATALOGUE,
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/MediaBox[0 0 9 9]/Parent 2 0 R/Contents 4 0 R>>",
                flated(ZEROS, 3),
            ),
        ),
        "stream of nothing": (FIT, lambda: raw_pdf(*ONE_PAGE, stream(b"", b""))),
        "stream of nothing, packed": (
            FIT,
            lambda: raw_pdf(*ONE_PAGE, stream(b"/Filter/FlateDecode", b"")),
        ),
        "scripts and files": (FIT, with_everything),
        "a hundred thousand objects": (FIT, lambda: raw_pdf(*ONE_PAGE, *[b"null"] * 100_000)),
        "a string of megabytes": (
            EITHER,
            lambda: raw_pdf(*ONE_PAGE, b"(" + b"x" * 5_000_000 + b")"),
        ),
        "brackets of megabytes": (EITHER, lambda: raw_pdf(*ONE_PAGE, b"(" * 2_000_000)),
        "nested arrays": (EITHER, lambda: raw_pdf(*ONE_PAGE, b"[" * 100_000 + b"]" * 100_000)),
        "PDF after mail headers": (FIT, lambda: with_junk + pdf),
        "PDF after 1,024 bytes": (FOREIGN, lambda: b"x" * 1030 + pdf),
        "PDF and ZIP": (FIT, lambda: zipped(stored=b"x", front=pdf)),
        "ZIP and PDF": (FOREIGN, lambda: zipped(stored=pdf)),
        "JPEG and PDF": (FIT, lambda: jpeg() + pdf),
        "PDF in a JPEG": (FIT, lambda: jpeg(comment=pdf[:9000])),
        "PNG and PDF": (FIT, lambda: picture("PNG") + pdf),
        "PDF in a PDF": (FIT, lambda: pdf + pdf_of_pages(2)),
        "PNG of nothing": (DAMAGED, lambda: png(sound[0], (b"IEND", b""))),
        "PNG with wrong checksums": (EITHER, lambda: png(*sound, is_sound=False)),
        "PNG of no size": (DAMAGED, lambda: raw_png(0, 0, zlib.compress(b""))),
        "PNG that unpacks to more than it shows": (
            EITHER,
            lambda: raw_png(10, 10, zlib.compress(ZEROS, 1)),
        ),
        "PNG of a billion pixels": (
            DAMAGED,
            lambda: raw_png(31_000, 33_000, zlib.compress(ZEROS, 1)),
        ),
        "PNG of a large scan": (EITHER, lambda: raw_png(8_000, 8_000, zlib.compress(ZEROS, 1))),
        "PNG with a packed text": (EITHER, text_bomb),
        "PNG animated": (FIT, animated_png),
        "PNG of sixteen bits": (FIT, lambda: picture("PNG", mode="I;16")),
        "PNG with a palette": (FIT, lambda: picture("PNG", mode="P")),
        "JPEG of 65,500 by 65,500": (DAMAGED, lambda: resized_jpeg(65_500, 65_500)),
        "JPEG of 12,000 by 12,000": (EITHER, lambda: resized_jpeg(12_000, 12_000)),
        "JPEG progressive": (FIT, lambda: jpeg(progressive=True)),
        "JPEG of CMYK": (FIT, lambda: jpeg(mode="CMYK")),
        "JPEG grey": (FIT, lambda: jpeg(mode="L")),
        "JPEG of several pictures": (FIT, multi_frame_jpeg),
        "JPEG padded": (FIT, lambda: jpeg() + bytes(3000)),
    }


def damaged(data: bytes, source: random.Random) -> bytes:
    """Return ``data`` with some bytes overwritten, doubled, cut out or cut off."""
    content = bytearray(data)
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(content) + 1)
        length = source.choice([1, 2, 8, 64, 1000])
        match source.randrange(6):
            case 0:
                content[at : at + length] = source.randbytes(length)
            case 1:
                del content[at : at + length]
            case 2:
                content[at:at] = content[at : at + length]
            case 3:
                content[at : at + 1] = bytes([source.randrange(256)])
            case 4:
                number = source.choice([b"0", b"-1", b"4294967296", b"9" * 20, b"1 0 R"])
                content[at : at + len(number)] = number
            case _:
                del content[len(content) - min(len(content) // 2, length) :]
    return bytes(content)
