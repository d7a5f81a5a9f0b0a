"""`doctor` against the stand-in: each thing that can be wrong is found and has a next step."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from serving import serving
from set_up_driver import Home

from agent.bills.names import MARK_NAME
from agent.cli.examining import Examination
from agent.cli.session import Asking
from agent.emulator.behaviour import Behaviour, Fault
from agent.emulator.server import EmulatorServer
from agent.service.check import Seen
from agent.service.checks import Checkup
from agent.store.beginning import make_store
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request
from agent.system.key_store import KeyStore
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
    with serving(home, {"NECTAR_API_KEY": KEY}):
        assert set(checks(home, code=0)) == {
            *("configuration", "key", "network", "clock", "company", "site"),
            *("folder", "disk-space", "store", "service", "tray"),
        }
        said = home.run("doctor")
    assert said.code == 0
    assert "✗" not in said.out
    assert said.out.startswith("As the service sees it")


def test_the_service_looks_with_its_own_eyes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, drives and variables are the service's; what only a session sees is the terminal's."""
    monkeypatch.delenv("NECTAR_API_KEY")
    monkeypatch.setenv("WHERE", str(home.folder / "elsewhere"))
    home.configure(
        home.watched("p7", "PLANT-07") + "[[folders]]\npath = '$WHERE'\nsite = 'PLANT-07'\n",
        'company = "HMF"',
    )
    (home.folder / "there").mkdir()
    with serving(home, {"NECTAR_API_KEY": KEY, "WHERE": str(home.folder / "there")}):
        found = checks(home, code=0)
    assert {check["about"] for check in found["folder"]} == {
        str(home.folder / name) for name in ("p7", "there")
    }
    seen_by = {name: {check["seenBy"] for check in each} for name, each in found.items()}
    assert seen_by.pop("service") == seen_by.pop("tray") == {"terminal"}
    assert all(each == {"service"} for each in seen_by.values())
    assert "terminal" not in found["key"][0]["message"]
    with serving(home, {"WHERE": str(home.folder / "there")}):
        assert wrong(checks(home, code=1)) == {"key"}


def test_how_changes_are_noticed_the_service_knows_best(home: Home) -> None:
    """It is asked, and no second watch is put on a folder that it watches."""
    home.configure(home.watched("p7", "PLANT-07") + home.watched("new", "PLANT-07"))
    known = {str(home.folder / "p7"): "No watch is left."}
    checkup = Checkup(home.config, os.environ, KeyStore(), why_on_timer=known.get)
    seven, new = (check.message for check in checkup.run() if check.name == "folder")
    assert "No watch is left." in seven
    assert "No watch is left." not in new


def test_a_broken_file_does_not_hide_what_the_service_sees(home: Home) -> None:
    """The service goes on with its earlier settings, and still tells about all else it can."""
    home.configure(home.watched("p7", "PLANT-07"), 'company = "HMF"')
    with serving(home, {"NECTAR_API_KEY": KEY}):
        home.config.write_text(
            home.config.read_text("utf-8").replace("PLANT-07", "") + "quiet = 1\n", "utf-8"
        )
        found = checks(home, code=78)
    assert [check["seenBy"] for check in found["configuration"]] == ["terminal", "service"]


def test_a_service_that_does_not_answer(home: Home) -> None:
    """It is said after a while, and the terminal looks itself; the late request is not done."""
    home.configure(home.watched("p7", "PLANT-07"), 'company = "HMF"')
    (home.folder / "data").mkdir()
    make_store(store_path(home.folder / "data"))
    with InstanceLock(str(home.folder / "data")) as lock:
        lock.acquire(timeout=2, now=0)
        seen = list(Examination(home.config, seconds=0.2).run())
    assert all(by is Seen.TERMINAL for by, _ in seen)
    assert {check.name for _, check in seen if not check.is_well} == {"service"}
    assert {check.name for _, check in seen} >= {"site", "folder", "store"}
    with serving(home, {"NECTAR_API_KEY": KEY}):
        assert checks(home, code=0)
    store = open_for_people(store_path(home.folder / "data"))
    assert store is not None
    with closing(store):
        late = answer_of(store, 1)
    assert late is not None
    assert "checks" not in late


def test_the_checks_keep_nobody_waiting(home: Home, emulator: EmulatorServer) -> None:
    """While Nectar lets the checks of the service wait, the service answers other requests."""
    home.configure(home.watched("p7", "PLANT-07"), 'company = "HMF"')
    with serving(home, {"NECTAR_API_KEY": KEY}):
        asking = Asking.at(home.folder / "data")
        with asking.store() as store:
            assert store is not None
            before = _pings(emulator)
            emulator.behave(
                Behaviour(keys=(KEY,), faults=(Fault(path="/ping", delay_seconds=1.5),))
            )
            store.execute("BEGIN IMMEDIATE")  # so that one turn finds both
            request = leave_request(store, "checkup", {"until": time.time() + 60}, time.time())
            other = leave_request(store, "pause", {"folder": None}, time.time())
            store.execute("COMMIT")
            while answer_of(store, other) is None:
                time.sleep(0.01)
            assert _pings(emulator) == before
            emulator.behave(Behaviour(keys=(KEY,)))
            assert asking.ask("checkup", {"until": time.time() + 60}, seconds=60) is not None
            assert answer_of(store, request) is not None


def _pings(emulator: EmulatorServer) -> int:
    """Return how many pings Nectar has answered."""
    return emulator.call(
        lambda it: sum(each.path.endswith("/ping") and each.status is not None for each in it.log)
    )


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
