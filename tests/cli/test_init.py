"""`init` writes a file that loads, and never one over another unasked."""

from __future__ import annotations

import os
import stat

import pytest
from set_up_driver import Home

from agent.config import load


def test_what_it_writes_loads(home: Home) -> None:
    """Company and folders arrive in the settings as they were given, odd names included."""
    odd = str(home.folder / "50% $HOME = ½")
    said = home.run("init", "--company", "HMF", "--folder", f"{odd}=PLANT-07", "--folder", "~/x=A")
    assert said.code == 0
    settings = load(home.config, os.environ)
    assert settings.nectar.company == "HMF"
    assert [(each.path, each.site) for each in settings.folders] == [
        (odd, "PLANT-07"),
        (str(home.folder / "x"), "A"),
    ]
    assert "bill-agent key set" in said.err


def test_relative_folders_count_from_here(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder given as people type it is the one they see, not one beside the file."""
    (home.folder / "here").mkdir()
    monkeypatch.chdir(home.folder / "here")
    home.run("init", "--folder", "Bills={subfolder}")
    (folder,) = load(home.config, os.environ).folders
    assert folder.path == str(home.folder / "here" / "Bills")
    assert folder.site_by_subfolder


def test_it_refuses_to_overwrite(home: Home) -> None:
    """A file that is there stays as it is, and is named."""
    home.config.write_text("mine", "utf-8")
    said = home.run("init", "--folder", "a=B")
    assert said.code == 1
    assert str(home.config) in said.err
    assert home.config.read_text("utf-8") == "mine"


def test_force_keeps_the_old_file_and_its_address(home: Home) -> None:
    """The replaced file stays as ``.bak``; its whole way to Nectar is taken over."""
    way = "proxy = 'http://me:pa55@127.0.0.1:9'\napi_key_file = '$$/k'\nmax_requests = 2"
    home.configure("[[folders]]\npath = '/bills'\nsite = 'OLD'\n", way)
    old = home.config.read_text("utf-8")
    assert home.run("init", "--force", "--folder", "a=B").code == 0
    nectar = load(home.config, os.environ).nectar
    assert (nectar.base_url, nectar.environment) == (home.base_url, "sandbox")
    assert nectar.api_key_file == str(home.folder / "$" / "k")
    assert (nectar.proxy, nectar.max_requests) == ("http://me:pa55@127.0.0.1:9", 2)
    assert (home.folder / "config.toml.bak").read_text("utf-8") == old


@pytest.mark.parametrize(
    "arguments",
    [
        ("--folder", "no-site"),
        ("--folder", "=PLANT-07"),
        ("--folder", "x="),
        ("--folder", "x=A", "--folder", "x=B"),
    ],
)
def test_wrong_folders_write_nothing(home: Home, arguments: tuple[str, ...]) -> None:
    """What could not be used is wrong usage, and leaves nothing behind."""
    assert home.run("init", *arguments).code == 2
    assert list(home.folder.iterdir()) == []


def test_without_folders_it_shows_how_one_is_named(home: Home) -> None:
    """The file can be completed by taking comment signs away."""
    assert home.run("init").code == 0
    text = home.config.read_text("utf-8")
    completed = text.replace("# [[folders]]", "[[folders]]").replace("# path =", "path =")
    home.config.write_text(completed.replace('# site = "P', 'site = "P'), "utf-8")
    assert load(home.config, os.environ).folders[0].site == "PLANT-07"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the rights of a user's folder")
def test_the_file_is_its_users_alone(home: Home) -> None:
    """Folders above are made; nobody else may read the file."""
    said = home.run("init", "--folder", "a=B")
    assert said.code == 0
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600


def test_without_a_terminal_it_asks_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key, but run by a script, it neither asks nor waits."""
    monkeypatch.setenv("NECTAR_API_KEY", "some-key")
    said = home.run("init", "--folder", "a=B")
    assert (said.code, said.out) == (0, "")
    assert "bill-agent doctor" in said.err
