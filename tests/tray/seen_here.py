"""What the tray may see, made by hand: an agent in good health, and what a test changes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.bills.holds import ACCOUNT, Hold, Scope
from agent.bills.stages import State
from agent.bills.values import Outcome
from agent.store.snapshot import nothing_yet
from agent.store.views import BillView, Concern, FinishedBills, HoldView, ServiceState
from agent.tray.seen import AtLogin, Places, Seen

NOW = 1_800_000_000.0


def seen(
    state: ServiceState = ServiceState.IDLE,
    *,
    holds: tuple[HoldView, ...] = (),
    concerns: tuple[Concern, ...] = (),
    paused_until: float | None = None,
    counts: dict[State, int] | None = None,
    **changed: Any,
) -> Seen:
    """Return an agent that is set up and idle, changed as told."""
    overview = replace(
        nothing_yet((), holds), concerns=concerns, paused_until=paused_until, counts=counts or {}
    )
    usual = Seen(
        state=state,
        is_set_up=True,
        mistakes=(),
        was_killed=False,
        overview=overview,
        recent=(),
        finished=FinishedBills(),
        folders=("/bills/seven",),
        may_notify=True,
        places=Places(Path("/home/config.toml"), Path("/home/bill-agent.log")),
        at_login=AtLogin(is_known=True, is_wanted=True),
        now=NOW,
    )
    return replace(usual, **changed)


def failed(number: int, code: str = "no-data", state: State = State.REJECTED) -> Concern:
    """Return so many bills that failed for one reason."""
    return Concern(state, code, number, "/bills/seven/a_b.pdf", "It failed.", "Look at it.")


def held(code: str, scope: Scope = ACCOUNT, *, needs_person: bool = True) -> HoldView:
    """Return a hold."""
    return HoldView(Hold(code, scope, NOW, "It waits.", "Do this.", None), 3, needs_person)


def read(name: str, code: str | None = None) -> BillView:
    """Return a bill with its result."""
    path = f"/bills/seven/{name}"
    state = State.DONE if code is None else State.REJECTED
    outcome = Outcome.PROCESSED if code is None else Outcome.REJECTED
    return BillView(
        path, "/bills/seven", "S", state, NOW, outcome, code, None, None, f"{path}.json"
    )
