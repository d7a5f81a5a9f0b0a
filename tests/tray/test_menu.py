"""The menu, the sentence and the icon's face as functions of what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from seen_here import NOW, failed, held, read, seen

from agent.bills.holds import Scope, ScopeKind, folder_scope
from agent.bills.stages import State
from agent.store.views import ServiceState
from agent.tray.advice import advice_text
from agent.tray.menu import MOST_TROUBLES, Entry, Line, menu, sentence
from agent.tray.seen import AtLogin, Face, Seen
from agent.tray.troubles import troubles
from agent.tray.wishes import (
    Ask,
    AskForBills,
    OpenFolder,
    OpenText,
    Quit,
    ShowAdvice,
    StartAtLogin,
    StartService,
    StopService,
)

SEVEN = "/bills/seven"


def every(entries: Iterable[Entry | Line]) -> Iterator[Entry | Line]:
    """Yield the entries with all below them."""
    for each in entries:
        yield each
        if isinstance(each, Entry):
            yield from every(each.children)


def named(look: Seen) -> dict[str, Entry]:
    """Return the entries by their labels."""
    return {each.label: each for each in every(menu(look)) if isinstance(each, Entry)}


ALL = (
    *(seen(state) for state in ServiceState),
    seen(ServiceState.PAUSED, paused_until=NOW + 60),
    seen(ServiceState.STOPPED, is_set_up=False),
    seen(ServiceState.STOPPED, mistakes=("config.toml:3 [nectar] x: wrong",)),
    seen(ServiceState.STOPPED, was_killed=True),
    seen(folders=(), at_login=AtLogin(is_known=False, is_wanted=False)),
    seen(folders=tuple(f"/bills/{number}" for number in range(100))),
    seen(
        ServiceState.NEEDS_YOU,
        holds=(
            held("first-look", folder_scope(SEVEN)),
            held("folder-taken", folder_scope(SEVEN)),
            held("site-missing", Scope(ScopeKind.SITE, "HMF/P")),
            held("result-edited", Scope(ScopeKind.FILE, f"{SEVEN}/a.pdf")),
            held("result-edited", Scope(ScopeKind.FILE, f"{SEVEN}/b.pdf")),
        ),
        concerns=(
            failed(1),
            failed(7, "asks-other-site", State.ASKS),
            failed(2, "site-differs", State.DONE),
            *(failed(1, f"code-{number}") for number in range(20)),
        ),
        recent=(read("a.pdf"), read("x\ny\u202e.pdf", "no-data")),
    ),
)


@pytest.mark.parametrize("look", ALL)
def test_every_menu_can_be_shown(look: Seen) -> None:
    """Keys are unique, labels are one short line; a click on the icon itself is the status."""
    entries = list(every(menu(look)))
    keys = [each.key for each in entries]
    assert len(keys) == len(set(keys))
    lines = [each for each in entries if isinstance(each, Entry)]
    assert all(each.label.isprintable() and 0 < len(each.label) <= 101 for each in lines)
    assert [each.key for each in lines if each.is_default] == ["status"]
    assert len(menu(look)) <= 16 + MOST_TROUBLES
    assert 0 < len(sentence(look)) <= 100


def test_the_menu_of_an_agent_in_good_health() -> None:
    """All that the menu offers, in its order."""
    labels = [each.label if isinstance(each, Entry) else "-" for each in menu(seen())]
    assert labels == [
        "All bills are read; watching for new ones.",
        "-",
        *("Recent bills", "Pause", "Look for new bills now"),
        "-",
        *("Open folder", "Edit configuration", "Show log"),
        "-",
        *("Start at login", "Stop the service"),
        "-",
        "Quit (the service goes on)",
    ]


def test_what_each_entry_does() -> None:
    """Each entry asks for what it says."""
    look = seen(recent=(read("a_b.pdf"),))
    wishes = {label: each.wish for label, each in named(look).items()}
    assert wishes["Until I resume"] == Ask("pause", {"folder": None, "seconds": None})
    assert wishes["For 1 hour"] == Ask("pause", {"folder": None, "seconds": 3600.0})
    assert wishes["Look for new bills now"] == Ask("rescan", {"folder": None})
    assert wishes[SEVEN] == OpenFolder(SEVEN)
    assert wishes["Edit configuration"] == OpenText(look.places.config)
    assert wishes["Show log"] == OpenText(look.places.log)
    assert wishes["Start at login"] == StartAtLogin(is_wanted=False)
    assert wishes["Stop the service"] == StopService()
    assert wishes["Quit (the service goes on)"] == Quit()
    assert named(look)[sentence(look)].wish == OpenFolder(SEVEN)
    (recent,) = (wish for label, wish in wishes.items() if label.startswith("a_b.pdf"))
    assert recent == OpenFolder(SEVEN)
    paused = named(seen(ServiceState.PAUSED, paused_until=0.0))
    assert paused["Resume"].wish == Ask("resume", {"folder": None})
    assert "Pause" not in paused
    stopped = named(seen(ServiceState.STOPPED))
    assert stopped["Start the service"].wish == StartService()
    assert "Quit" in stopped


def test_the_tick_shows_whether_it_starts_at_login() -> None:
    """The tick follows the system's manager; where there is none, there is no such entry."""
    off = named(seen(at_login=AtLogin(is_known=True, is_wanted=False)))["Start at login"]
    assert off.is_checked is False
    assert off.wish == StartAtLogin(is_wanted=True)
    assert named(seen())["Start at login"].is_checked is True
    assert "Start at login" not in named(seen(at_login=AtLogin(is_known=False, is_wanted=False)))


def test_what_a_trouble_offers() -> None:
    """What needs a person opens its advice or its folder, and can be answered by a click."""
    look = seen(
        ServiceState.NEEDS_YOU,
        holds=(held("first-look", folder_scope(SEVEN)), held("folder-taken", folder_scope(SEVEN))),
        concerns=(failed(2), failed(1, "asks-other-site", State.ASKS)),
    )
    offers = {each.title: {o.label: o.wish for o in each.offers} for each in troubles(look)}
    assert offers["3 bills were here before: seven"]["Send all 3"] == Ask(
        "admit", {"folder": SEVEN, "all": True, "since": None}
    )
    assert offers["Folder taken: seven"]["Serve it from this machine"] == Ask(
        "take", {"folder": SEVEN}
    )
    rejected = offers["2 bills: no data"]
    assert rejected["Open the folder"] == OpenFolder(SEVEN)
    assert rejected["What to do"] == ShowAdvice("bills/rejected/no-data")
    assert rejected["Try again"] == AskForBills("retry", State.REJECTED, "no-data")
    assert rejected["I have seen it"] == AskForBills("dismiss", State.REJECTED, "no-data")
    asks = offers["1 bill: asks other site"]
    assert asks["Send it for this folder's site"] == AskForBills(
        "send", State.ASKS, "asks-other-site"
    )
    assert "Try again" not in asks


def test_files_with_one_hold_are_one_trouble() -> None:
    """Two hundred edited results are one line."""
    holds = [held("result-edited", Scope(ScopeKind.FILE, f"{SEVEN}/{n}.pdf")) for n in range(200)]
    (trouble,) = troubles(seen(ServiceState.NEEDS_YOU, holds=tuple(holds)))
    assert trouble.title == "200 bills: result edited"


def test_what_heals_by_itself_is_no_trouble() -> None:
    """A hold that needs no person is neither listed nor told of."""
    assert troubles(seen(holds=(held("no-connection", needs_person=False),))) == ()


@pytest.mark.parametrize(
    ("state", "face"),
    [
        (ServiceState.IDLE, Face.IDLE),
        (ServiceState.WORKING, Face.WORKING),
        (ServiceState.NEEDS_YOU, Face.ATTENTION),
        (ServiceState.SETTINGS_WRONG, Face.ATTENTION),
        (ServiceState.PAUSED, Face.PAUSED),
        (ServiceState.OFFLINE, Face.OFFLINE),
        (ServiceState.STOPPED, Face.STOPPED),
    ],
)
def test_the_face_of_each_state(state: ServiceState, face: Face) -> None:
    """Each state of the service has its icon."""
    assert seen(state).face is face


def test_without_a_configuration_it_says_what_to_do() -> None:
    """Who has not set it up yet is told how."""
    look = seen(ServiceState.STOPPED, is_set_up=False)
    assert look.face is Face.ATTENTION
    assert "bill-agent init" in sentence(look)
    assert "bill-agent init" in troubles(look)[0].advice
    assert named(look)["Edit configuration"].wish == ShowAdvice("not-set-up")


def test_the_advice_is_a_text_of_one_trouble() -> None:
    """It holds cause, next step and example, each name in one line."""
    look = seen(ServiceState.NEEDS_YOU, concerns=(failed(3),))
    (trouble,) = troubles(look)
    text = advice_text(replace(trouble, places=("/bills/a\nb.pdf",)))
    for part in ("3 bills: no data", "It failed.", "  Look at it.", "  /bills/a\\nb.pdf"):
        assert part in text.splitlines()
    assert "For example:" in text
