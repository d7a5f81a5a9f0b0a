"""Where the API key comes from, and that it shows nowhere."""

from __future__ import annotations

import copy
import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.bills.errors import NeedsAttention
from agent.system.api_key import KeyPlaces, KeySource, find_key, key_status, read_key_file
from agent.system.key_store import KeyStore
from agent.system.secret import Secret, secret_from

KEY = "nk_live_9f8e7d6c5b4a"
API = "https://external.nectarclimate.com"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key file as it should be."""
    path = tmp_path / "nectar.key"
    path.write_text(f"{KEY}-file\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def places(use_keyring: Callable[[str], None], key_file: Path) -> KeyPlaces:
    """A key in every source."""
    use_keyring("InMemory")
    key_store = KeyStore()
    key_store.write(API, "production", Secret(f"{KEY}-store"))
    return KeyPlaces(
        {"NECTAR_API_KEY": f"{KEY}-environment"}, str(key_file), API, "production", key_store
    )


def test_strongest_source_wins(places: KeyPlaces) -> None:
    """The environment, then the file, then the key store; then there is none."""
    assert find_key(places) == (Secret(f"{KEY}-environment"), KeySource.ENVIRONMENT)
    places = replace(places, environ={"NECTAR_API_KEY": ""})
    assert find_key(places) == (Secret(f"{KEY}-file"), KeySource.FILE)
    places = replace(places, api_key_file=None)
    assert find_key(places) == (Secret(f"{KEY}-store"), KeySource.KEY_STORE)
    with pytest.raises(NeedsAttention, match="no API key") as caught:
        find_key(replace(places, environment="sandbox"))
    assert caught.value.code == "key-missing"
    assert "bill-agent key set" in caught.value.advice


def test_wrong_source_is_not_passed_over(places: KeyPlaces) -> None:
    """A key that was given wrongly is an error, for the next source may be another account's."""
    with pytest.raises(NeedsAttention, match="no API key in NECTAR_API_KEY"):
        find_key(replace(places, environ={"NECTAR_API_KEY": "two words"}))
    with pytest.raises(NeedsAttention, match="is missing"):
        find_key(replace(places, environ={}, api_key_file="/no/such/file"))


def test_status_tells_every_source_and_which_is_used(places: KeyPlaces) -> None:
    """Whoever wonders why a stored key is not used finds the stronger source."""
    told = [(each.source, each.holds_key, each.is_used) for each in key_status(places)]
    assert told == [
        (KeySource.ENVIRONMENT, True, True),
        (KeySource.FILE, True, False),
        (KeySource.KEY_STORE, True, False),
    ]
    broken = key_status(replace(places, environ={}, api_key_file="/no/such/file"))
    assert [(each.holds_key, each.is_used) for each in broken] == [
        (False, False),
        (False, True),
        (True, False),
    ]
    assert "is missing" in broken[1].problem
    assert KEY not in repr((places, key_status(places)))


def test_key_shows_nowhere() -> None:
    """A log, a traceback, a pickle and a copy do not get at the key by accident."""
    secret = Secret(KEY)
    assert KEY not in f"{secret!r} {secret} {[secret]} {vars(type(secret))}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)
    assert secret.reveal() == KEY


@pytest.mark.parametrize("text", ["two words", "a\nb", "schlüssel", "a\x00b", "x" * 5000, " \n"])
def test_text_that_can_be_no_key_is_refused_unseen(text: str) -> None:
    """What cannot stand in a header is refused before it is sent, without being shown."""
    with pytest.raises(NeedsAttention) as caught:
        secret_from(text, source="NECTAR_API_KEY")
    assert caught.value.code == "key-missing"
    assert "NECTAR_API_KEY" in caught.value.message
    assert text.strip() == "" or text.strip() not in str(caught.value)


@pytest.mark.parametrize("content", [f"{KEY}", f"{KEY}\r\n", f"\n  {KEY} \n\n", f"\ufeff{KEY}\n"])
def test_line_ends_blanks_and_marks_are_no_part_of_the_key(key_file: Path, content: str) -> None:
    """A key saved by any editor is the key."""
    key_file.write_bytes(content.encode())
    assert read_key_file(str(key_file)) == Secret(KEY)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_key_that_windows_wrote_is_the_key(key_file: Path, encoding: str) -> None:
    """PowerShell writes UTF-16 and Notepad a mark; the key is the same."""
    mark = "\ufeff" if encoding.endswith(("le", "be")) else ""
    key_file.write_bytes(f"{mark}{KEY}\r\n".encode(encoding))
    assert read_key_file(str(key_file)) == Secret(KEY)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "is empty"), ("\n \n", "is empty"), (f"{KEY}\n{KEY}\n", "holds several lines")],
)
def test_file_without_one_line_is_refused(key_file: Path, content: str, sentence: str) -> None:
    """One line, so that nobody wonders which key is used."""
    key_file.write_text(content)
    with pytest.raises(NeedsAttention, match=sentence) as caught:
        read_key_file(str(key_file))
    assert KEY not in str(caught.value)


@posix_only
@pytest.mark.parametrize(("mode", "is_refused"), [(0o604, True), (0o640, True), (0o400, False)])
def test_file_that_others_can_read_is_refused(
    key_file: Path, mode: int, *, is_refused: bool
) -> None:
    """A key that everybody on the machine can read is no secret; the remedy is named."""
    key_file.chmod(mode)
    if not is_refused:
        assert read_key_file(str(key_file)) == Secret(f"{KEY}-file")
        return
    with pytest.raises(NeedsAttention, match="can be read by others") as caught:
        read_key_file(str(key_file))
    assert caught.value.advice.startswith(f'Run "chmod 600 {key_file}"')


@posix_only
def test_pipe_in_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    """Opening a pipe would wait for ever for somebody to write to it."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NeedsAttention, match="is no file"):
        read_key_file(str(tmp_path / "pipe"))


def test_other_things_in_place_of_the_file(tmp_path: Path) -> None:
    """A folder, a name that cannot be, and no file at all, each in its sentence."""
    with pytest.raises(NeedsAttention, match="is no file"):
        read_key_file(str(tmp_path))
    with pytest.raises(NeedsAttention, match="no file can have this name"):
        read_key_file("a\0b")
    with pytest.raises(NeedsAttention, match="is missing") as caught:
        read_key_file(str(tmp_path / KEY))
    assert KEY not in str(caught.value)
