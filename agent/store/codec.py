"""What the columns of several tables hold, to values and back."""

from __future__ import annotations

from typing import Any

from agent.bills.exact_json import json_text, parse_json
from agent.bills.identities import whole
from agent.bills.rows import World
from agent.bills.stages import State
from agent.bills.values import Outcome, Problem, ResultWarning
from agent.store.naming import reading
from agent.store.plausible import check_texts

_STATES = {state.value: state for state in State}


def marks(columns: str) -> str:
    """Return as many question marks as there are columns."""
    return ", ".join("?" * (columns.count(",") + 1))


def update_of(columns: str, key: str) -> str:
    """Return the assignments of an upsert for every column but the key."""
    names = [name.strip() for name in columns.split(",")]
    return ", ".join(f"{name} = excluded.{name}" for name in names if name != key)


@reading
def state_of(text: str) -> State:
    """Return the state that a column names."""
    return _STATES[text]


@reading
def outcome_of(text: str | None) -> Outcome | None:
    """Return the outcome that a column names, None for none yet."""
    return Outcome(text) if text else None


@reading
def number_of(text: str) -> float:
    """Return the number that a remembered value is."""
    return float(text)


def world_of(key: str) -> World:
    """Return the world of its key."""
    api, _, environment = key.rpartition(" ")
    return World(api, environment)


def problem_text(problem: Problem | None) -> str | None:
    """Return a problem as text."""
    if problem is None:
        return None
    return json_text([storable(one) for one in (problem.code, problem.message, problem.advice)])


@reading
def problem_of(text: str | None) -> Problem | None:
    """Return the problem of its text."""
    if text is None:
        return None
    code, message, advice = parse_json(text)
    check_texts(code, message, advice)
    return Problem(code, message, advice)


def warnings_text(warnings: tuple[ResultWarning, ...]) -> str:
    """Return warnings as text."""
    return json_text([[storable(one.code), storable(one.message)] for one in warnings])


@reading
def warnings_of(text: str) -> tuple[ResultWarning, ...]:
    """Return the warnings of their text."""
    warnings = tuple(ResultWarning(code, message) for code, message in parse_json(text))
    check_texts(*(word for each in warnings for word in (each.code, each.message)))
    return warnings


def storable(text: str) -> str:
    """Return text without the lone surrogates that undecodable names bring; SQLite refuses them."""
    return whole(text)


def ascii_text(value: Any) -> str:
    """Return a value as JSON of plain letters only."""
    return json_text(value, is_ascii=True)
