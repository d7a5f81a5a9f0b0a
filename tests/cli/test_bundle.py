"""The support bundle: nothing secret, and on request no name of the office."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from secret_search import found_in
from serving import serving
from set_up_driver import Home
from stored_bills import StoredBills

from agent.bills.holds import ACCOUNT, company_scope
from agent.bills.rows import CompanyKey
from agent.bills.values import Problem
from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer
from agent.store.remembered import SETTINGS_ERROR

KEY = 'nk_live_7Qd0"sYb3Zk/+='
LINK = "https://files.example/raw/1?X-Amz-Credential=AKIA0&X-Amz-Signature=abcdef0123"
SECRETS = (KEY, "X-Amz-Signature", "abcdef0123", "AKIA0", "pa55wort", "content of a bill")
NAMES = (
    *("Harbor Mill", "HMF", "PLANT-07", "PLANT-02", "Smokehouse"),
    *("Kessler", "Kesselhaus", "Rechnung", "Geheime", "Nordhalle", "Riverside", "Lakeside"),
)


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


def members(home: Home, *options: str, code: int = 1) -> dict[str, bytes]:
    """Let a bundle be written; return what is in it."""
    bundle = home.folder / f"bundle{len(home.printed)}.zip"
    assert home.run("doctor", "--bundle", str(bundle), *options).code == code
    with ZipFile(bundle) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def office(home: Home, nectar: str = "") -> Path:
    """Plant names and secrets wherever a bundle looks; return the watched folder."""
    folder = home.folder / "Kessler Bills"
    home.configure(
        home.watched("Kessler Bills", "PLANT-07")
        + home.watched("all", "{subfolder}")
        + '[site_names]\n"Nordhalle" = "PLANT-02"\n'
        + f"[detection]\nignore = ['{KEY}*', 'Kesselhaus/*']\n",
        f"company = 'HMF'\n{nectar}",
    )
    for subfolder in ("Nordhalle", "Geheime Sachen"):
        (home.folder / "all" / subfolder).mkdir()
    (folder / "Rechnung 5.pdf").write_bytes(b"%PDF-1.7 content of a bill")
    logs = home.folder / "data" / "logs"
    logs.mkdir(parents=True)
    (logs / "bill-agent.log").write_text(
        f"2026-01-01 ERROR sent with {KEY} as X-Api-Key\nfetched {LINK}\n"
        f"…/Kessler Bills: {folder / 'Rechnung 5.pdf'} of Harbor Mill Foods waits\n"
        "Rechnung nobody knows.pdf, PLANT-07\nmark\n",
        "utf-8",
    )
    (logs / "bill-agent.log.1").write_text(f"older {KEY} {LINK} Geheime Sachen\n", "utf-8")
    store = StoredBills(home.folder / "data")
    row = store.folder(folder)
    store.done(row, "Rechnung 5.pdf")
    store.asks(row, "sub Kessler/Rechnung 6.pdf", Problem("x", KEY, LINK))
    store.hold("key-refused", ACCOUNT)
    store.hold("company-missing", company_scope(CompanyKey("HMF")))
    store.remember(SETTINGS_ERROR, f"config.toml:5: Kessler Bills {KEY} {LINK}")
    store.close()
    return folder


@pytest.mark.parametrize("options", [(), ("--hide-names",)])
def test_no_secret_gets_in(home: Home, options: tuple[str, ...]) -> None:
    """Key, passwords, signed links and bills are in no byte of it, in whatever form."""
    office(home, f"proxy = 'http://me:pa55wort@127.0.0.1:9'\napi_key_file = '{KEY}'")
    content = members(home, *options)
    assert b"mark" in content["logs/bill-agent.log"]
    assert {"doctor.json", "settings.json", "store.json", "versions.json"} <= content.keys()
    for name, text in content.items():
        assert found_in(name.encode() + text, SECRETS) == []
    assert found_in("".join(home.printed).encode(), SECRETS) == []


def test_names_are_replaced_on_request(home: Home) -> None:
    """No name of a folder, file, site or company stays; each has the same other one everywhere."""
    folder = office(home)
    plain = members(home)
    everything = b"".join(plain.values())
    assert [name for name in NAMES[:-2] if name.encode() not in everything] == []
    content = members(home, "--hide-names")
    everything = b"".join(content.values())
    assert [name for name in (*NAMES, str(home.folder)) if name.encode() in everything] == []
    log = content["logs/bill-agent.log"].decode()
    told = re.search(r"…/(folder-\d): (\S+)/(file-\d\.pdf) of (company-\d) waits", log)
    assert told is not None
    assert told[1] == told[2]
    assert f'"path": "{told[1]}"' in content["store.json"].decode()
    assert f'"about": "{told[4]}"' in content["doctor.json"].decode()
    assert str(folder) not in log
    assert "file-unknown.pdf" in log


def test_a_service_names_nothing_either(home: Home) -> None:
    """What the running service found is cleaned like the rest."""
    home.configure(home.watched("Kessler Bills", "PLANT-07"), 'company = "HMF"')
    with serving(home, {"NECTAR_API_KEY": KEY}):
        content = members(home, "--hide-names", code=0)
    assert b'"seenBy": "service"' in content["doctor.json"]
    everything = b"".join(content.values())
    assert [name for name in NAMES if name.encode() in everything] == []
    assert found_in(everything, SECRETS) == []


def test_of_a_broken_file_nothing_is_shown(home: Home) -> None:
    """Its names are hidden though it cannot be loaded, also where its mistakes are told."""
    office(home)
    home.config.write_text(
        home.config.read_text("utf-8") + "\n[Kessler]\nMeier = 'Schulze & Co'\n", "utf-8"
    )
    with (home.folder / "data" / "logs" / "bill-agent.log").open("a", encoding="utf-8") as log:
        log.write("config.toml:9 [Kessler]: unknown; Meier, Schulze & Co, PLANT-07, PLANT-02\n")
    content = members(home, "--hide-names", code=78)
    everything = b"".join(content.values())
    names = ("HMF", "PLANT-07", "PLANT-02", "Kessler", "Rechnung", "Nordhalle", "Meier", "Schulze")
    assert [name for name in names if name.encode() in everything] == []
    assert b"config.toml:9" in content["logs/bill-agent.log"]


def test_an_existing_file_is_kept(home: Home) -> None:
    """A bundle replaces nothing; hiding names in no bundle is wrong usage."""
    home.configure(home.watched("p7", "PLANT-07"))
    there = home.folder / "there.zip"
    there.write_bytes(b"mine")
    assert home.run("doctor", "--bundle", str(there)).code == 1
    assert there.read_bytes() == b"mine"
    assert home.run("doctor", "--hide-names").code == 2
