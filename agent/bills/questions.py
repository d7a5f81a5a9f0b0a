"""The questions that only a person can answer, each with its sentence and the command for it."""

from __future__ import annotations

from pathlib import PurePath

from agent.bills.names import result_path
from agent.bills.rows import Place
from agent.bills.stages import ResultFate
from agent.bills.values import Beside, BesideKind, Problem

FIRST_LOOK = "first-look"
ASKS_OTHER_SITE = "asks-other-site"
RESULT_NAME_TAKEN = "result-name-taken"
NAME_TOO_LONG = "name-too-long"
INTERNAL_ERROR = "internal-error"


def first_look(folder: str) -> Problem:
    """Ask whether files that were there before the folder was watched are to be sent."""
    return Problem(
        FIRST_LOOK,
        "It was already there when the folder was watched for the first time.",
        f'Run: bill-agent admit "{folder}" --all (or --since DATE, or --none).',
    )


def other_site(path: str, asked: str, first_path: str | None, first_site: str) -> Problem:
    """Ask whether bytes that were sent for one site are to be sent for another one too."""
    where = f" ({first_path})" if first_path else ""
    return Problem(
        ASKS_OTHER_SITE,
        f"The same file was sent for site {first_site}{where}; here it would be for {asked}.",
        f'If it belongs here too, run: bill-agent send "{path}". If not, move it back.',
    )


def name_taken(path: str, beside: Beside) -> Problem:
    """Ask for the place of the result, which holds something that we did not write."""
    name = f"{PurePath(path).name}.json"
    if beside.kind is BesideKind.OURS:
        message = f"{name} holds a result that was changed or speaks of other bytes."
    else:
        message = f"{name} is there already and is not ours."
    return _taken(name, message)


def other_world(path: str, api: str | None, environment: str | None) -> Problem:
    """Ask for the place of the result, which holds one of another environment or API address."""
    name = f"{PurePath(path).name}.json"
    return _taken(name, f"{name} holds a result of environment {environment} at {api}.")


def _taken(name: str, message: str) -> Problem:
    advice = f"Move {name} elsewhere, or rename the bill; it goes on by itself."
    return Problem(RESULT_NAME_TAKEN, message, advice)


def name_too_long(message: str) -> Problem:
    """Ask for a shorter name."""
    return Problem(
        NAME_TOO_LONG, message, "Give the bill, or the folders that it lies in, a shorter name."
    )


def internal_error(path: str, text: str) -> Problem:
    """Say that a step failed five times for a reason that is a mistake of this program."""
    return Problem(
        INTERNAL_ERROR,
        f"Set aside after five internal errors; the last: {text}",
        f'Run: bill-agent retry "{path}". If it happens again: bill-agent doctor --bundle FILE.',
    )


def result_edited(path: str) -> Problem:
    """Say why a newer revision of a file's result waits."""
    return Problem(
        ResultFate.EDITED.value,
        f"{result_path(path)} was edited, and there is a newer revision of it.",
        "Move that JSON elsewhere; the newer one is then written by itself, or by: "
        f'bill-agent rewrite "{path}".',
    )


def place_words(place: Place) -> str:
    """Return the site as people know it, with its company."""
    return f"{place.site_external_id} of {place.company_name}"
