"""`doctor` against the stand-in: each thing that can be wrong is found and has a next step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from set_up_driver import Home

from agent.bills.names import MARK_NAME
from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer
from agent.system.lock import InstanceLock

KEY = "nk_live_7Qd0sYb3Zk"


@pytest.fixture(autouse=True)
def right_key(
    home: Home, emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let Nectar accept one key, which the terminal has."""
    del home  # which takes the terminal's own key away, first
    emulator.behave(Behaviour(keys=(KEY,)))
    monkeypatch.setenv("NECTAR_API_KEY", KEY)
    yield
    emulator.behave(Behaviour())


def checks(home: Home, *, code: int) -> dict[str, list[dict[str, Any]]]:
    """Run it and return the checks by name; whatever is wrong must have a next step."""
    said = home.run("doctor", "--json")
    assert said.code == code
    assert said.json["format"] == "nectar-bill-agent-doctor/1"
    found: dict[str, list[dict[str, Any]]] = {}
    for check in said.json["checks"]:
        assert check["ok"] or check["advice"]
        found.setdefault(check["check"], []).append(check)
    return found


def wrong(found: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Return the names of the checks that found something."""
    return {name for name, each in found.items() if not all(check["ok"] for check in each)}


def test_all_well(home: Home) -> None:
    """With a service that runs, everything is ✓ and the exit code 0."""
    home.configure(home.watched("p7", "PLANT-07"), 'company = "HMF"')
    with InstanceLock(str(home.folder / "data")) as lock:
        lock.acquire(timeout=2, now=0)
        assert set(checks(home, code=0)) == {
            *("configuration", "key", "network", "clock", "company", "site"),
            *("folder", "disk-space", "store", "service"),
        }
        said = home.run("doctor")
    assert said.code == 0
    assert "✗" not in said.out


def test_it_leaves_no_mark_and_no_store(home: Home) -> None:
    """Looking changes nothing."""
    home.configure(home.watched("p7", "PLANT-07"), 'company = "HMF"')
    assert wrong(checks(home, code=1)) == {"service"}
    assert list((home.folder / "p7").iterdir()) == []
    assert not (home.folder / "data").exists()


def test_wrong_key(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused key is the key's fault and not the network's."""
    monkeypatch.setenv("NECTAR_API_KEY", "wrong")
    home.configure(home.watched("p7", "PLANT-07"))
    found = checks(home, code=1)
    assert wrong(found) == {"key", "service"}
    assert found["network"][0]["ok"]


def test_no_key(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key the network can be checked all the same, and nothing else is claimed."""
    monkeypatch.delenv("NECTAR_API_KEY")
    home.configure(home.watched("p7", "PLANT-07"))
    found = checks(home, code=1)
    assert "bill-agent key set" in found["key"][0]["advice"]
    assert found["network"][0]["ok"]
    assert "company" not in found


def test_no_network(home: Home) -> None:
    """Where nobody answers, that is said, and the key is not blamed."""
    home.base_url = "http://127.0.0.1:9/v2.2"
    home.configure(home.watched("p7", "PLANT-07"))
    found = checks(home, code=1)
    assert wrong(found) == {"network", "service"}
    assert "clock" not in found


def test_unknown_company_sites_and_folders(home: Home) -> None:
    """Each folder's site and place is checked by itself."""
    folders = (
        home.watched("a", "PLANT-7")
        + home.watched("b", "PLANT-02")
        + home.watched("c", "PLANT-07", make=False)
        + home.watched("d", "X")
        + 'company = "Nobody"\n'
        + home.watched("e", "{subfolder}")
    )
    (home.folder / "e" / "PLANT-07").mkdir()
    (home.folder / "e" / "Elsewhere").mkdir()
    home.configure(folders, 'company = "HMF"')
    found = checks(home, code=1)
    assert wrong(found) == {"company", "site", "folder", "service"}
    sites = {check["about"]: check for check in found["site"] if not check["ok"]}
    assert set(sites) == {str(home.folder / name) for name in ("a", "b", Path("e", "Elsewhere"))}
    assert "PLANT-07" in sites[str(home.folder / "a")]["advice"]
    assert "archived" in sites[str(home.folder / "b")]["message"]
    missing = [check["about"] for check in found["folder"] if not check["ok"]]
    assert missing == [str(home.folder / "c")]


def test_a_folder_that_another_machine_serves(home: Home) -> None:
    """The machine is named, and how to take the folder over."""
    home.configure(home.watched("p7", "PLANT-07"), 'company = "HMF"')
    mark = '{"agentId": "f00", "machine": "OTHER-PC", "user": "mara", "since": "2026-01-01"}'
    (home.folder / "p7" / MARK_NAME).write_text(mark, "utf-8")
    (folder,) = checks(home, code=1)["folder"]
    assert "OTHER-PC" in folder["message"]
    assert "bill-agent take" in folder["advice"]


def test_a_store_that_is_none(home: Home) -> None:
    """A damaged store is found without being touched."""
    home.configure(home.watched("p7", "PLANT-07"), 'company = "HMF"')
    (home.folder / "data").mkdir()
    store = home.folder / "data" / "store.sqlite3"
    store.write_bytes(b"no database" * 100)
    assert "store" in wrong(checks(home, code=1))
    assert store.read_bytes() == b"no database" * 100


def test_wrong_configuration_is_78(home: Home) -> None:
    """All mistakes are shown as one check; nothing is guessed from the rest of the file."""
    home.config.write_text("[nectar]\nenvironment = 'x'\n", "utf-8")
    assert set(checks(home, code=78)) == {"configuration"}


def test_bundle_holds_no_secrets(home: Home) -> None:
    """Neither key, proxy password, key misplaced as a file's name, nor signed links get in."""
    home.configure(
        home.watched("p7", "PLANT-07"),
        f'proxy = "http://me:geheim@127.0.0.1:8080"\napi_key_file = "{KEY}"',
    )
    logs = home.folder / "data" / "logs"
    logs.mkdir(parents=True)
    link = "https://files.example/raw/1?X-Amz-Signature=abcdef0123"
    (logs / "bill-agent.log").write_text(f"sent with {KEY}\nfetched {link}\nmark\n", "utf-8")
    (home.folder / "p7" / "Bill.pdf").write_bytes(b"%PDF-1.7 content of a bill")
    bundle = home.folder / "bundle.zip"
    assert home.run("doctor", "--bundle", str(bundle)).code == 1
    with ZipFile(bundle) as opened:
        texts = {name: opened.read(name).decode() for name in opened.namelist()}
    everything = "".join(texts.values()) + "".join(texts)
    assert "mark" in texts["logs/bill-agent.log"]
    for secret in (KEY, "geheim", "abcdef0123", "content of a bill"):
        assert secret not in everything
    assert KEY not in "".join(home.printed)
    before = bundle.read_bytes()
    assert home.run("doctor", "--bundle", str(bundle)).code == 1
    assert bundle.read_bytes() == before
