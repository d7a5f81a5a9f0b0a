"""The menu, the icon and its sentence: pure functions of what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from agent.bills.printing import printable
from agent.bills.stages import State
from agent.store.views import BillView, ServiceState
from agent.tray.seen import Seen
from agent.tray.troubles import NOT_SET_UP, Trouble, counted, plain, troubles
from agent.tray.wishes import (
    Ask,
    OpenFolder,
    OpenText,
    Quit,
    ShowAdvice,
    StartAtLogin,
    StartService,
    StopService,
    Wish,
)

NAME = "Nectar bills"
MOST_TROUBLES = 8
MOST_FOLDERS = 30
_LABEL = 60
_SENTENCE = 100
_PAUSES = (("For 1 hour", 3600.0), ("For 4 hours", 14400.0), ("For a day", 86400.0))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. ``key`` is its own in the whole menu, and stays the same over updates.

    Without ``wish`` and ``children`` it is a line to read. ``is_checked`` None: no tick at all.
    """

    key: str
    label: str
    wish: Wish | None = None
    children: tuple[Entry | Line, ...] = ()
    is_checked: bool | None = None
    is_default: bool = False

    @property
    def is_enabled(self) -> bool:
        """Whether a click does something."""
        return self.wish is not None or bool(self.children)


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two parts of the menu."""

    key: str


def sentence(seen: Seen) -> str:
    """Return how the agent is in one sentence, as the tooltip and the first line of the menu."""
    return _shortened(_sentence(seen), _SENTENCE)


def _sentence(seen: Seen) -> str:
    if not seen.is_set_up:
        return "Not set up yet: run bill-agent init in a terminal."
    if seen.mistakes:
        number = counted(len(seen.mistakes), "mistake", "mistakes")
        if seen.state is ServiceState.STOPPED:
            return f"The service is stopped; the settings have {number}."
        return f"The settings have {number}; the last usable ones stay in force."
    needs = counted(seen.overview.needs_you, "thing needs", "things need")
    match seen.state:
        case ServiceState.STOPPED:
            return "The service is stopped; no bill is sent."
        case ServiceState.SETTINGS_WRONG:
            return "The settings have mistakes; the last usable ones stay in force."
        case ServiceState.PAUSED:
            until = seen.overview.paused_until
            when = f"until {_clock(until, seen.now)}" if until else "until you resume"
            return f"Paused {when}; nothing is sent."
        case ServiceState.OFFLINE:
            return "Nectar cannot be reached; it is tried again by itself."
        case ServiceState.NEEDS_YOU:
            return f"{needs} you."
        case ServiceState.WORKING:
            moving = seen.overview.counts.get(State.WAITING, 0)
            moving += seen.overview.counts.get(State.SENT, 0)
            return f"Working on {counted(moving, 'bill', 'bills')}."
        case ServiceState.IDLE:
            return "All bills are read; watching for new ones."


def menu(seen: Seen) -> tuple[Entry | Line, ...]:
    """Return the whole menu."""
    needing = troubles(seen)
    parts: list[Entry | Line] = [
        Entry("status", sentence(seen), _most_pressing(seen, needing), is_default=True),
        Line("line/1"),
    ]
    if needing:
        parts += [_trouble(each) for each in needing[:MOST_TROUBLES]]
        more = len(needing) - MOST_TROUBLES
        if more > 0:
            parts.append(Entry("trouble-more", f"and {more:,} more: bill-agent status"))
        parts.append(Line("line/2"))
    parts += [
        Entry("recent", "Recent bills", children=_recent(seen)),
        *_pausing(seen),
        Entry("rescan", "Look for new bills now", Ask("rescan", {"folder": None})),
        Line("line/3"),
        Entry("folders", "Open folder", children=_folders(seen)),
        Entry("configuration", "Edit configuration", _configuration(seen)),
        Entry("log", "Show log", OpenText(seen.places.log)),
        Line("line/4"),
    ]
    if seen.at_login.is_known:
        wanted = seen.at_login.is_wanted
        wish = StartAtLogin(is_wanted=not wanted)
        parts.append(Entry("at-login", "Start at login", wish, is_checked=wanted))
    if seen.state is ServiceState.STOPPED:
        parts.append(Entry("start", "Start the service", StartService()))
    else:
        parts.append(Entry("stop", "Stop the service", StopService()))
    goes_on = "" if seen.state is ServiceState.STOPPED else " (the service goes on)"
    parts += [Line("line/5"), Entry("quit", f"Quit{goes_on}", Quit())]
    return tuple(parts)


def _most_pressing(seen: Seen, needing: tuple[Trouble, ...]) -> Wish:
    """Return what a click on the icon itself does, where a desk has such a click."""
    if needing:
        return needing[0].offers[0].wish
    return OpenFolder(seen.folders[0]) if seen.folders else OpenText(seen.places.config)


def _configuration(seen: Seen) -> Wish:
    return OpenText(seen.places.config) if seen.is_set_up else ShowAdvice(NOT_SET_UP)


def _trouble(trouble: Trouble) -> Entry:
    key = f"trouble/{trouble.key}"
    said = trouble.message.splitlines()[0] if trouble.message else trouble.title
    offers = [
        Entry(f"{key}/{at}", offer.label, offer.wish) for at, offer in enumerate(trouble.offers)
    ]
    lines = (Entry(f"{key}/said", _shortened(said, _SENTENCE)), Line(f"{key}/line"))
    return Entry(key, f"⚠ {_shortened(trouble.title, _LABEL)}", children=(*lines, *offers))


def _recent(seen: Seen) -> tuple[Entry | Line, ...]:
    if not seen.recent:
        return (Entry("recent/none", "No bill has its result yet"),)
    return tuple(
        Entry(f"recent/{bill.path}", _bill(bill, seen.now), OpenFolder(_folder_of(bill)))
        for bill in seen.recent
    )


def _folder_of(bill: BillView) -> str:
    return str(PurePath(bill.result or bill.path).parent)


def _bill(bill: BillView, now: float) -> str:
    name = _shortened(PurePath(bill.path).name, 40)
    what = "✓" if bill.state is State.DONE and bill.code is None else f"({plain(bill.code or '')})"
    return f"{name}  {what}  {_clock(bill.since, now)}"


def _pausing(seen: Seen) -> tuple[Entry, ...]:
    if seen.overview.paused_until is not None:
        return (Entry("resume", "Resume", Ask("resume", {"folder": None})),)
    choices = (
        Entry("pause/open", "Until I resume", Ask("pause", {"folder": None, "seconds": None})),
        *(
            Entry(f"pause/{seconds:.0f}", label, Ask("pause", {"folder": None, "seconds": seconds}))
            for label, seconds in _PAUSES
        ),
    )
    return (Entry("pause", "Pause", children=choices),)


def _folders(seen: Seen) -> tuple[Entry, ...]:
    if not seen.folders:
        return (Entry("folder/none", "No folder is watched"),)
    entries = [
        Entry(
            f"folder/{path}",
            _shortened(path, _LABEL, keep="end"),
            OpenFolder(path),
        )
        for path in seen.folders[:MOST_FOLDERS]
    ]
    more = len(seen.folders) - MOST_FOLDERS
    if more > 0:
        entries.append(Entry("folder-more", f"and {more:,} more: bill-agent status"))
    return tuple(entries)


def _shortened(text: str, most: int, keep: str = "start") -> str:
    line = printable(text)
    if len(line) <= most:
        return line
    return f"…{line[1 - most :]}" if keep == "end" else f"{line[: most - 1]}…"


def _clock(seconds: float, now: float) -> str:
    """Return a time as people here read it: the time alone for today, else with the day."""
    then = _local(seconds)
    is_today = then.date() == _local(now).date()
    return then.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0.0), _LATEST), tz=UTC).astimezone()


_LATEST = datetime(9999, 12, 30, tzinfo=UTC).timestamp()
"""The last moment that has a date in every time zone."""
