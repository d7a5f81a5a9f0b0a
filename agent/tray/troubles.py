"""What needs a person, each with its sentence, its next step and what a click can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from agent.bills.holds import Hold, ScopeKind
from agent.bills.questions import ASKS_OTHER_SITE, FIRST_LOOK, INTERNAL_ERROR
from agent.bills.stages import State
from agent.store.views import Concern, HoldView
from agent.tray.seen import Seen
from agent.tray.wishes import (
    Ask,
    AskForBills,
    OpenFolder,
    OpenText,
    ShowAdvice,
    StartService,
    Wish,
)

NOT_SET_UP = "not-set-up"
SETTINGS = "settings"
KILLED = "service-ended"
KILLED_PATIENCE_SECONDS = 120.0
"""A service that is killed is started again by its manager; a person hears of it after so long."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a click does about a trouble."""

    label: str
    wish: Wish


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs a person. ``key`` stays the same as long as it is the same trouble.

    ``count`` grows when there is more of it; ``patience`` is how long it may heal by itself before
    a notification tells of it. ``places`` are the files or folders meant, or an example of them.
    """

    key: str
    title: str
    message: str
    advice: str
    count: int
    offers: tuple[Offer, ...]
    places: tuple[str, ...] = ()
    patience: float = 0.0


def troubles(seen: Seen) -> tuple[Trouble, ...]:
    """Return all that needs a person, the most pressing first."""
    found = list(_of_the_agent(seen))
    persons = [each for each in seen.overview.holds if each.needs_person]
    found += [_hold(each) for each in persons if each.hold.scope.kind is not ScopeKind.FILE]
    found += [_concern(each) for each in seen.overview.concerns]
    of_files: dict[str, list[Hold]] = {}
    for each in persons:
        if each.hold.scope.kind is ScopeKind.FILE:
            of_files.setdefault(each.hold.code, []).append(each.hold)
    found += [_file_holds(code, holds) for code, holds in of_files.items()]
    return tuple(found)


def _of_the_agent(seen: Seen) -> tuple[Trouble, ...]:
    config = seen.places.config
    if not seen.is_set_up:
        return (
            Trouble(
                NOT_SET_UP,
                "Not set up yet",
                "There is no configuration yet, so no folder is watched.",
                "Run in a terminal: bill-agent init",
                1,
                (Offer("What to do", ShowAdvice(NOT_SET_UP)),),
            ),
        )
    if seen.mistakes:
        return (
            Trouble(
                SETTINGS,
                f"The settings have {counted(len(seen.mistakes), 'mistake', 'mistakes')}",
                "\n".join(seen.mistakes),
                f"Correct {config}; it is read again by itself.",
                len(seen.mistakes),
                (
                    Offer("What to do", ShowAdvice(SETTINGS)),
                    Offer("Edit configuration", OpenText(config)),
                ),
            ),
        )
    if seen.was_killed:
        return (
            Trouble(
                KILLED,
                "The service ended unexpectedly",
                "The service ended without being asked to, and nothing has started it again.",
                "Start it. If it ends again, look at the log, or run: bill-agent doctor",
                1,
                (
                    Offer("Start the service", StartService()),
                    Offer("Show log", OpenText(seen.places.log)),
                    Offer("What to do", ShowAdvice(KILLED)),
                ),
                patience=KILLED_PATIENCE_SECONDS,
            ),
        )
    return ()


def _hold(view: HoldView) -> Trouble:
    hold = view.hold
    key = f"hold/{hold.code}/{hold.scope.words}"
    is_folder = hold.scope.kind is ScopeKind.FOLDER
    where = PurePath(hold.scope.key).name if is_folder else hold.scope.key
    title = plain(hold.code).capitalize() + (f": {where}" if where else "")
    offers = [Offer("What to do", ShowAdvice(key))]
    if is_folder:
        offers.append(Offer("Open the folder", OpenFolder(hold.scope.key)))
    if hold.code == FIRST_LOOK:
        title = f"{counted(view.files, 'bill was', 'bills were')} here before: {where}"
        folder = hold.scope.key
        offers += [
            Offer(
                f"Send {'it' if view.files == 1 else f'all {view.files:,}'}",
                Ask("admit", {"folder": folder, "all": True, "since": None}),
            ),
            Offer(
                f"Leave {'it' if view.files == 1 else 'them'} alone",
                Ask("admit", {"folder": folder, "all": False, "since": None}),
            ),
        ]
    elif hold.code == "folder-taken":
        offers.append(Offer("Serve it from this machine", Ask("take", {"folder": hold.scope.key})))
    places = (hold.scope.key,) if is_folder else ()
    return Trouble(key, title, hold.message, hold.advice, 1, tuple(offers), places)


def _concern(concern: Concern) -> Trouble:
    key = f"bills/{concern.state.value}/{concern.code}"
    title = f"{counted(concern.files, 'bill', 'bills')}: {plain(concern.code)}"
    folder = str(PurePath(concern.example).parent)
    offers = [
        Offer("Open the folder", OpenFolder(folder)),
        Offer("What to do", ShowAdvice(key)),
    ]
    if concern.code == ASKS_OTHER_SITE:
        which = "it" if concern.files == 1 else f"all {concern.files:,}"
        send = AskForBills("send", concern.state, concern.code)
        offers.append(Offer(f"Send {which} for this folder's site", send))
    if concern.state is State.REJECTED or concern.code == INTERNAL_ERROR:
        offers.append(Offer("Try again", AskForBills("retry", concern.state, concern.code)))
    offers.append(Offer("I have seen it", AskForBills("dismiss", concern.state, concern.code)))
    return Trouble(
        key,
        title,
        concern.message,
        concern.advice,
        concern.files,
        tuple(offers),
        (concern.example,),
    )


def _file_holds(code: str, holds: list[Hold]) -> Trouble:
    key = f"files/{code}"
    first = holds[0]
    return Trouble(
        key,
        f"{counted(len(holds), 'bill', 'bills')}: {plain(code)}",
        first.message,
        first.advice,
        len(holds),
        (
            Offer("Open the folder", OpenFolder(str(PurePath(first.scope.key).parent))),
            Offer("What to do", ShowAdvice(key)),
        ),
        tuple(each.scope.key for each in holds),
    )


def plain(code: str) -> str:
    """Return a code as words."""
    return code.replace("-", " ")


def counted(number: int, one: str, many: str) -> str:
    """Return ``1 bill`` or ``3 bills``."""
    return f"{number:,} {one if number == 1 else many}"
