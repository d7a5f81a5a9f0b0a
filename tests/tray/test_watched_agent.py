"""How the tray learns of the agent: little is read, and nothing is missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored_bills import NOW as THEN
from stored_bills import StoredBills
from user_home import PLACES

from agent.bills.holds import ACCOUNT, folder_scope
from agent.bills.stages import State
from agent.bills.values import ResultWarning
from agent.cli.tray_agent import WatchedAgent
from agent.service import clock
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import requests_waiting
from agent.store.views import ServiceState
from agent.system.lock import InstanceLock
from agent.tray.seen import Seen
from agent.tray.troubles import troubles
from agent.tray.wishes import AskForBills

ELSEWHERE = ResultWarning("site-differs", "Nectar booked usage on another site than asked.")


class Home:
    """A configuration, a store that the real writer wrote, and a tray's eyes on both."""

    def __init__(self, folder: Path) -> None:
        self.bills = folder / "bills"
        self.bills.mkdir()
        self.data = folder / "data"
        self.config = folder / "config.toml"
        self.configure()
        self.stored = StoredBills(self.data)
        self.folder = self.stored.folder(self.bills)
        self.agent = WatchedAgent(self.config, self.data)

    def configure(self, more: str = "") -> None:
        """Write the configuration."""
        self.config.write_text(
            f"[nectar]\ncompany = \"HMF\"\n[[folders]]\npath = '{self.bills}'\nsite = 'PLANT-07'\n"
            f"[agent]\ndata_dir = '{self.data}'\n{more}",
            "utf-8",
        )

    def look(self, after: float | None = None) -> Seen | None:
        """Look once, as if the rest after a look were over."""
        self.agent._rest_until = 0.0
        return self.agent.look(after)

    def sees(self, after: float | None = None) -> Seen:
        """Look, and see something new."""
        seen = self.look(after)
        assert seen is not None
        return seen

    def asked(self) -> list[dict[str, object]]:
        """Return what waits for the service."""
        connection = open_for_people(store_path(self.data))
        assert connection is not None
        waiting = [each.payload | {"kind": each.kind} for each in requests_waiting(connection)]
        connection.close()
        return waiting


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home in which an agent ran, and runs no more."""
    for name in PLACES:
        monkeypatch.setenv(name, str(tmp_path))
    home = Home(tmp_path)
    yield home
    home.stored.close()


def test_nothing_new_is_nothing_to_read(home: Home) -> None:
    """As long as nothing changes nothing is read; each kind of change is seen by the next look."""
    assert home.sees().state is ServiceState.STOPPED
    assert home.look() is None
    home.stored.rejected(home.folder, "a.pdf")
    assert home.sees().overview.needs_you == 1
    assert home.look() is None
    home.configure("notifications = false\n")
    assert home.sees().may_notify is False
    home.configure("notifications = 3\n")
    assert home.sees().mistakes
    home.configure()
    assert home.sees().mistakes == ()
    lock = InstanceLock(str(home.data))
    lock.acquire(timeout=0.0, now=THEN)
    assert home.sees().state is ServiceState.NEEDS_YOU
    assert home.look() is None
    lock.release()
    seen = home.sees()
    assert (seen.state, seen.was_killed) == (ServiceState.STOPPED, False)
    home.config.unlink()
    assert home.sees().is_set_up is False
    lock.acquire(timeout=0.0, now=THEN)
    seen = home.sees()
    assert (seen.state, seen.is_set_up) == (ServiceState.SETTINGS_WRONG, True)
    lock.release()


def test_what_was_finished_and_what_is_recent(home: Home) -> None:
    """The latest results first; only those after the moment asked about are counted as new."""
    home.stored.done(home.folder, "a.pdf")
    home.stored.rejected(home.folder, "b.pdf")
    home.stored.found(home.folder, "c.pdf")
    seen = home.sees(THEN)
    assert sorted(Path(each.path).name for each in seen.recent) == ["a.pdf", "b.pdf"]
    assert (seen.finished.count, seen.finished.latest) == (1, THEN + 5)
    home.stored.done(home.folder, "d.pdf")
    assert home.sees(THEN + 5).finished.count == 0


def test_a_click_about_bills_means_all_of_that_reason(home: Home) -> None:
    """Those in that state with that code that nobody has dismissed, and no others."""
    home.stored.rejected(home.folder, "a.pdf")
    home.stored.rejected(home.folder, "b.pdf")
    home.stored.done(home.folder, "c.pdf", warnings=(ELSEWHERE,))
    home.stored.done(home.folder, "d.pdf")
    home.stored.found(home.folder, "e.pdf")
    rejected = AskForBills("retry", State.REJECTED, "password-protected")
    assert "not running" in home.agent.act(rejected)
    assert "not running" in home.agent.act(AskForBills("dismiss", State.DONE, "site-differs"))
    assert home.agent.act(AskForBills("retry", State.REJECTED, "too-large")) == ""
    retry, dismiss = home.asked()
    assert retry["files"] == [str(home.bills / name) for name in ("b.pdf", "a.pdf")]
    assert dismiss == {"kind": "dismiss", "files": [str(home.bills / "c.pdf")]}


def test_a_store_that_cannot_be_read_is_shown(home: Home) -> None:
    """What is wrong with it is told as with `status`, and the tray goes on."""
    home.stored.hold("key-missing", ACCOUNT)
    home.stored.hold("folder-missing", folder_scope(str(home.bills)))
    assert len(home.sees().overview.holds) == 2
    home.stored.close()
    store_path(home.data).write_bytes(b"no database" * 1000)
    (hold,) = home.sees().overview.holds
    assert hold.hold.code == "store-damaged"
    home.stored = StoredBills(home.data.with_name("other"))


def test_a_missing_folder_is_a_trouble_after_half_an_hour(home: Home) -> None:
    """Shown at once with `status`, told of later; time alone makes it one, and that is seen."""
    now = clock.now().utc
    home.stored.hold("folder-missing", folder_scope(str(home.bills)), since=now - 1700.0)
    seen = home.sees()
    assert [each.hold.code for each in seen.overview.holds] == ["folder-missing"]
    assert troubles(seen) == ()
    home.stored.hold("folder-missing", folder_scope("/bills/other"), since=now - 1801.0)
    assert [each.title for each in troubles(home.sees())] == ["Folder missing: other"]
    assert home.look() is None
    home.agent._look_again = 0.0  # half a minute later, without any change
    home.sees()
