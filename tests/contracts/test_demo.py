"""The demo as a user starts it: real processes, no key, one JSON for each bill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.files.samples import write_sample_bills

COMMAND = (sys.executable, "-m", "agent")
SHARED_BILLS = Path(__file__).parents[3] / "shared" / "bills"
RESULT_ENDING = ".json"


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """A user with a key, a configuration and proxies, none of which may matter."""
    config = tmp_path / "config.toml"
    config.write_text("this is no TOML", "utf-8")
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    home = str(tmp_path / "home")
    return {
        **os.environ,
        **proxies,
        **{name.lower(): url for name, url in proxies.items()},
        "NO_PROXY": "",
        "HOME": home,
        "USERPROFILE": home,
        "LOCALAPPDATA": home,
        "NECTAR_API_KEY": "the key of the user",
        "BILL_AGENT_CONFIG": str(config),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHON_KEYRING_BACKEND": "no.such.Backend",
    }


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A folder of sample bills."""
    folder = tmp_path / "given"
    folder.mkdir()
    write_sample_bills(folder)
    return folder


def demo(
    environment: Mapping[str, str], *arguments: object, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end."""
    return subprocess.run(
        [*COMMAND, "demo", *map(str, arguments)],
        env=dict(environment),
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )


def results_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results by the bill's name."""
    return {
        path.name.removesuffix(RESULT_ENDING): json.loads(path.read_text("utf-8"))
        for path in folder.iterdir()
        if path.name.endswith(RESULT_ENDING)
    }


def test_two_bills_of_ones_own(
    environment: Mapping[str, str], samples: Path, tmp_path: Path
) -> None:
    """Two files of one name are copied, read, told, and each has its JSON; nothing else is left."""
    bill = samples / "juniper_ridge_10462291.pdf"
    other = tmp_path / "other"
    other.mkdir()
    second = other / bill.name
    second.write_bytes((samples / "Gull Point Water 2026-01.pdf").read_bytes())
    before = (bill.read_bytes(), bill.stat().st_mtime_ns)
    folder = tmp_path / "work"
    said = demo(environment, bill, other, "--folder", folder, "--json", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert told["format"] == "nectar-bill-agent-demo/1"
    names = {"juniper_ridge_10462291.pdf", "juniper_ridge_10462291 (2).pdf"}
    assert {Path(each["path"]).name for each in told["bills"]} == names
    assert {path.name for path in folder.iterdir()} == names | {name + ".json" for name in names}
    usage = {each["units"]: each["usage"] for one in told["bills"] for each in one["usage"]}
    assert usage == {"kWh": "1848", "thm (US)": "212", "gal (US)": "114500"}
    assert (bill.read_bytes(), bill.stat().st_mtime_ns) == before
    assert "sent      juniper_ridge_10462291.pdf" in said.stderr
    assert "the key of the user" not in said.stdout + said.stderr
    assert not (tmp_path / "home").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("bill-agent-")]


def test_sample_bills_end_as_they_are_meant_to(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    """Without arguments a new folder here gets sample bills, each of which ends as meant."""
    said = demo(environment, cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    folder = tmp_path / "bill-agent-demo"
    assert str(folder) in said.stderr
    assert str(folder) in said.stdout
    results = results_in(folder)
    (tmp_path / "again").mkdir()
    meant = write_sample_bills(tmp_path / "again")
    assert set(results) == {each.file_name for each in meant}
    twins = {each.same_bill_as: each.file_name for each in meant if each.same_bill_as}
    for sample in meant:
        result = results[sample.file_name]
        assert (result["problem"] or {}).get("code") == sample.problem
        if sample.file_name not in {*twins, *twins.values()}:
            assert result["outcome"] == sample.outcome, sample.file_name
    for pair in twins.items():  # whichever was sent second is the duplicate
        assert {results[name]["outcome"] for name in pair} == {"processed", "duplicate"}


@pytest.mark.skipif(not SHARED_BILLS.exists(), reason="the shared sample bills are not here")
def test_all_shared_bills_end_as_their_readme_says(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    """Real bills and edge cases in one folder: every candidate gets its JSON, others are left."""
    folder = tmp_path / "work"
    said = demo(
        environment, SHARED_BILLS, SHARED_BILLS / "edge", "--folder", folder, "--json", cwd=tmp_path
    )
    assert said.returncode == 0, said.stderr
    results = results_in(folder)
    expected = {
        "locked-user-password.pdf": "password-protected",
        "pages-151.pdf": "too-many-pages",
        "truncated.pdf": "damaged",
        "truncated.png": "damaged",
        "zero-bytes.pdf": "empty",
        "login-page.pdf": "not-a-bill-file",
        "AzureInterior.pdf": "not-a-utility-bill",
    }
    codes = {
        name: result["problem"]["code"] for name, result in results.items() if result["problem"]
    }
    assert {name: code for name, code in codes.items() if code != "no-data"} == expected
    for name in (
        "locked-owner-only.pdf",
        "locked-owner-only-old.pdf",
        "pages-150.pdf",
        "ONE-PAGE.PDF",
    ):
        assert results[name]["outcome"] == "processed"
    for name in ("junk-before-header.pdf", "trailing-junk.pdf", "water_bill.pdf"):
        assert results[name]["outcome"] == "processed"
    for name in ("png-inside.pdf", "png-inside.jpg", "small.jpg"):
        assert results[name]["job"] is not None  # sent, whatever its name says
    assert {Path(path).name for path in json.loads(said.stdout)["notRead"]} == {"scan.tiff"}
    for name in ("no-ending", "half-download.pdf.crdownload", "scan.tiff", "README.md"):
        assert name not in results
    assert {result["environment"] for result in results.values()} == {"sandbox"}


@pytest.mark.parametrize("kind", ["full", "file", "served", "missing file"])
def test_wrong_usage_writes_nothing(
    environment: Mapping[str, str], tmp_path: Path, kind: str
) -> None:
    """A folder that is not new or empty, or that an agent serves, and a missing file: exit 2."""
    place = tmp_path / "place"
    place.mkdir()
    arguments: list[object] = ["--folder", place]
    match kind:
        case "full":
            (place / "something").write_text("mine", "utf-8")
        case "file":
            (place / "something").write_text("mine", "utf-8")
            arguments = ["--folder", place / "something"]
        case "served":
            (place / ".nectar-bill-agent").write_text("{}", "utf-8")
            arguments = ["--folder", place / "new"]
        case _:
            arguments = [tmp_path / "no.pdf", "--folder", place]
    before = sorted(place.rglob("*"))
    said = demo(environment, *arguments, cwd=tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert sorted(place.rglob("*")) == before


def test_a_served_folder_is_not_used_unasked(
    environment: Mapping[str, str], samples: Path, tmp_path: Path
) -> None:
    """Started in a folder that an agent serves, the demo works elsewhere: nothing may be sent."""
    served = tmp_path / "served"
    served.mkdir()
    (served / ".nectar-bill-agent").write_text("{}", "utf-8")
    bill = samples / "Tidewater December 2025 (locked).pdf"
    said = demo(environment, bill, "--json", cwd=served)
    assert said.returncode == 0, said.stderr
    assert [path.name for path in served.iterdir()] == [".nectar-bill-agent"]
    assert Path(json.loads(said.stdout)["folder"]).is_dir()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no way to send one process Ctrl-C")
def test_ctrl_c_ends_it_cleanly(
    environment: Mapping[str, str], samples: Path, tmp_path: Path
) -> None:
    """Stopped half-way it says so, exits 1 within seconds, and leaves no temporary data."""
    with subprocess.Popen(
        [*COMMAND, "demo", str(samples), "--folder", str(tmp_path / "work")],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("waiting"):
                break
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert time.monotonic() - started < 5
    assert "Traceback" not in errors
    assert "ended before every bill" in errors
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("bill-agent-")]


@pytest.fixture
def emulator(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The stand-in as a process of its own."""
    with subprocess.Popen(
        [*COMMAND, "emulator"],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        yield process
        process.kill()


def test_emulator_prints_its_address_and_ends_when_asked(
    environment: Mapping[str, str], emulator: subprocess.Popen[str]
) -> None:
    """The first line is the API address; a taken port is said in words; SIGTERM ends it with 0."""
    assert emulator.stdout is not None
    base_url = emulator.stdout.readline().strip()
    assert base_url.startswith("http://127.0.0.1:")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(f"{base_url}/ping", headers={"X-API-Key": "any"})
    with opener.open(asked, timeout=10) as answer:
        assert answer.status == 200
    port = base_url.rpartition(":")[2].partition("/")[0]
    second = subprocess.run(
        [*COMMAND, "emulator", "--port", port],
        env=dict(environment),
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert port in second.stderr
    assert "Traceback" not in second.stderr
    if os.name != "nt":
        emulator.send_signal(signal.SIGTERM)
        assert emulator.wait(timeout=10) == 0
