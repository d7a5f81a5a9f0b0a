"""Files that nobody wrote for a configuration: one plain mistake each, and soon."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fuzzing import seeds

from agent.bills.errors import ConfigurationError
from agent.config import Settings, effective_settings, load

FOLDER = "[[folders]]\npath = '/bills/7'\nsite = \"PLANT-07\"\n"
GOOD = f'[nectar]\ncompany = "HMF"\n{FOLDER}[detection]\nignore = ["drafts/*"]\n'
N = 100_000

HOSTILE: dict[str, str] = {
    "dotted key": "a." * N + "a = 1\n",
    "dotted key in quotes": '"a".' * N + "a = 1\n",
    "dotted table": "[" + "a." * N + "a]\n",
    "dotted key in braces": "a = {" + "a." * N + "a = 1}\n",
    "brackets": "a = " + "[" * N,
    "brackets, closed": "a = " + "[" * N + "]" * N,
    "braces": "a = " + "{a = " * N,
    "spaces in a text": 'path = "' + " " * 5 * N + "x",
    "spaces before a quote": 'path = "' + " " * 5 * N + 'x" y',
    "hashes in a text": 'path = "' + "#" * 5 * N + 'x" y',
    "backslashes": 'path = "' + "\\" * 5 * N,
    "quotes": "path = '" + "'" * 5 * N,
    "one word": "a" * 9 * N,
    "one comment": "#" * 9 * N,
    "line ends": "\n" * 9 * N + "x",
    "a number": "a = " + "9" * N,
    "a list without end": "a = [" + "1," * N,
    "too large": "#" * 2_000_000,
    "NULs": "\0" * 1000,
    "control characters": "".join(map(chr, range(32))) * 9,
    "BOM in the middle": f"{FOLDER}\ufeff[detection]\n",
    "line separators": FOLDER.replace("\n", "\u2028"),
    "wrong quotes": FOLDER.replace('"', "\u201c"),
    "no-break spaces": FOLDER.replace(" ", "\u00a0"),
    "full-width letters": FOLDER.replace("p", "\uff50"),
}


def outcome(tmp_path: Path, content: bytes) -> Settings | tuple[str, ...]:
    """Return what comes of loading ``content``; any other exception fails the test."""
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    try:
        return load(path, {"HOME": "/home/mara"}, default_data_dir="/home/mara/data")
    except ConfigurationError as error:
        return error.mistakes


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_a_mistake(tmp_path: Path, name: str) -> None:
    """In words, with nothing of the file in them, and without hours of thinking."""
    found = outcome(tmp_path, HOSTILE[name].encode())
    assert isinstance(found, tuple)
    assert all(0 < len(mistake) < 1000 for mistake in found)


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0" + bytes(range(256)) * 40,
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"PK\x03\x04" + bytes(3000),
        GOOD.encode("utf-16"),
        GOOD.encode("utf-16-be"),
        GOOD.encode("utf-32"),
        GOOD.replace("drafts", "entwürfe").encode("latin-1"),
        GOOD.encode() + b'x = "\xed\xa0\x80"\n',
    ],
)
def test_a_file_of_another_kind_is_a_mistake(tmp_path: Path, content: bytes) -> None:
    """A program, a bill, a text of another encoding: one mistake."""
    found = outcome(tmp_path, content)
    assert isinstance(found, tuple)
    assert len(found) == 1


def test_ten_thousand_folders(tmp_path: Path) -> None:
    """They load, and are shown; a mistake in each of them is told with its line."""
    folders = [
        FOLDER.replace("/bills/7", f"/bills/{number}").replace("07", f"{number}")
        for number in range(10_000)
    ]
    found = outcome(tmp_path, f'[nectar]\ncompany = "HMF"\n{"".join(folders)}'.encode())
    assert isinstance(found, Settings)
    assert len(found.folders) == 10_000
    assert len(effective_settings(found)) > 20_000
    wrong = outcome(tmp_path, "".join(folders[:1500]).replace("site", "sites").encode())
    assert isinstance(wrong, tuple)
    assert len(wrong) > 1000
    assert all(mistake.startswith("config.toml:") for mistake in wrong)


@pytest.mark.parametrize("seed", seeds(10))
def test_a_good_file_with_damage_loads_or_is_a_mistake(tmp_path: Path, seed: int) -> None:
    """Bytes of it overwritten, doubled, cut out: never more than a mistake."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    for _ in range(20):
        content = bytearray(GOOD.encode())
        for _ in range(source.randint(1, 3)):
            at = source.randrange(len(content))
            noise = source.choice(
                [source.randbytes(2), b'"', b"'", b"[", b"]", b"\n", b"=", b"\\", b""]
            )
            content[at : at + source.randrange(4)] = noise
        found = outcome(tmp_path, bytes(content))
        assert isinstance(found, Settings) or all(found)
