"""Which events are worth a look, and how hints are collected."""

import os
import threading
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.watch.hints import Hints
from agent.watch.mailbox import Mailbox
from agent.watch.timing import hint_quiet, next_reading

ROOT = os.path.join(os.sep, "real", "Bills")  # noqa: PTH118 - text alone
HINTS = Hints(
    "Bills",
    ROOT,
    {
        os.path.join(ROOT, "Plant 7"): "Plant",  # noqa: PTH118
        os.path.join(ROOT, "Plant 7", "Old"): "Old",  # noqa: PTH118
    },
)


def at(*names: str) -> str:
    """Return a path below the root."""
    return os.path.join(ROOT, *names)  # noqa: PTH118


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        (at("a.pdf"), "", ("Bills",)),
        (at("2026", "a.pdf"), "", ("Bills",)),
        (ROOT, "", ("Bills",)),
        (at("a.pdf.json"), "", ("Bills",)),  # a person deleted it
        (at("a.pdf.crdownload"), at("a.pdf"), ("Bills",)),  # a download ends
        (at("Plant 7", "a.pdf"), "", ("Plant",)),
        (at("Plant 7", "Old", "a.pdf"), "", ("Old",)),
        (at("Plant 70", "a.pdf"), "", ("Bills",)),
        (at("a.pdf"), at("Plant 7", "a.pdf"), ("Bills", "Plant")),
        (at("a.pdf"), at("b.pdf"), ("Bills",)),
        (os.path.join(os.sep, "elsewhere", "a.pdf"), "", ("Bills",)),  # noqa: PTH118
        (at("~$a.docx"), "", ()),
        (at("a.pdf.crdownload"), "", ()),
        (at(".dropbox.cache", "a.pdf"), "", ()),
        (at(".nectar-0123456789ab.part"), "", ()),
        (at(".nectar-0123456789ab.part"), at("a.pdf.json"), ()),
        (at("Plant 7", ".nectar-0123456789ab.part"), at("Plant 7", "a.pdf.json"), ()),
    ],
)
def test_which_folder_to_look_at(source: str, destination: str, expected: tuple[str, ...]) -> None:
    """News about bills and results hints at the right folder; noise and our own writing do not."""
    assert expected == HINTS.folders(source, destination)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_path_can_make_it_raise(source: str, destination: str) -> None:
    """Whatever watchdog says, its thread survives."""
    HINTS.folders(source, destination)
    HINTS.folders(at(source), at(destination))


def test_hints_do_not_pile_up() -> None:
    """A thousand events of one folder are one hint, and one wake."""
    woken: list[int] = []
    mailbox = Mailbox(lambda: woken.append(1))
    for _ in range(1000):
        mailbox.put("a")
        mailbox.put("b")
    assert woken == [1]
    assert mailbox.take() == {"a", "b"}
    assert mailbox.take() == frozenset()
    mailbox.put("a")
    assert woken == [1, 1]


def test_no_hint_is_lost_between_threads() -> None:
    """What is put while another thread takes is taken the next time."""
    wake = threading.Event()
    mailbox = Mailbox(wake.set)
    names = [str(number) for number in range(500)]
    writer = threading.Thread(target=lambda: deque(map(mailbox.put, names), 0))
    writer.start()
    taken: set[str] = set()
    while writer.is_alive():
        wake.wait(0.01)
        wake.clear()
        taken |= mailbox.take()
    taken |= mailbox.take()
    assert taken == set(names)


@given(st.floats(0, 1000), st.floats(1, 3600), st.booleans())
def test_reading_takes_at_most_a_hundredth_of_the_time(
    taken: float, scan: float, events_come: bool
) -> None:
    """However slow a folder is, reading it on the timer never takes more than 1 %."""
    wait = next_reading(taken, scan, events_come=events_come)
    assert taken <= 0.0101 * (taken + wait)
    assert wait >= min(scan, 5.0)
    assert wait <= max(scan, taken * 100)


@pytest.mark.parametrize(
    ("taken", "events_come", "expected"),
    [(0.01, True, 60.0), (2.0, True, 200.0), (0.01, False, 5.0), (0.2, False, 20.0)],
)
def test_when_a_folder_is_read_next(taken: float, events_come: bool, expected: float) -> None:
    """Shares are read every few seconds, slow folders less often."""
    assert expected == next_reading(taken, 60.0, events_come=events_come)


def test_hints_wait_a_little() -> None:
    """Events come in swarms: a tenth of a second collects them, more where reading is slow."""
    assert hint_quiet(0.001) == 0.1
    assert hint_quiet(1.0) == 10.0
    assert hint_quiet(0.001, 60.0) == 0.1
    assert hint_quiet(0.001, 0.25) == 0.75
