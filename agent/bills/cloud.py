"""Files whose content is in the cloud: they wait, each under its own hold, until it is here.

Such a file stays at *found*, with the hold's sentence as its problem. Nothing reads it but the one
step that brings the content, and that has a time limit.
"""

from __future__ import annotations

from dataclasses import replace

from agent.bills.holds import probe_wait
from agent.bills.rows import File
from agent.bills.stages import FileStage
from agent.bills.values import Problem

IN_CLOUD = "waiting-for-cloud"
NOT_HERE_YET = "files are downloaded one at a time, and its turn comes by itself"

_ADVICE = (
    "Make sure that the cloud storage's program (OneDrive, iCloud) runs, or open the file once; "
    "the bill then goes on by itself."
)


def waiting_for_cloud(path: str, why: str = NOT_HERE_YET) -> Problem:
    """Return the sentence of the file at ``path``; ``why`` is what is known about the wait."""
    return Problem(IN_CLOUD, f"The content of {path} is still in the cloud: {why}.", _ADVICE)


def is_in_cloud(file: File) -> bool:
    """Whether the file waits for its content."""
    return (
        file.stage is FileStage.FOUND and file.problem is not None and file.problem.code == IN_CLOUD
    )


def put_in_cloud(file: File, now: float) -> File:
    """Return the file as one whose content was found missing; it is fetched as soon as may be.

    One that was fetched before, and is missing again, waits as after a failure.
    """
    if is_in_cloud(file):
        # One that was not found when it was fetched, and is seen again, is fetched later.
        return file if file.due is not None else replace(file, due=now + probe_wait(0))
    waiting = replace(
        file,
        stage=FileStage.FOUND,
        problem=waiting_for_cloud(file.path),
        since=now,
        due=now,
        missing=0,
    )
    return still_in_cloud(waiting, waiting.problem, now) if file.failures else waiting


def still_in_cloud(file: File, why: Problem | None, now: float) -> File:
    """Return the file after its content did not come: tried again later, each time later."""
    failures = file.failures + 1
    return replace(
        file,
        problem=why or file.problem,
        failures=failures,
        due=now + probe_wait(failures - 1),
    )


def out_of_cloud(file: File, now: float) -> File:
    """Return the file whose content is here, as somebody saw."""
    return replace(file, problem=None, failures=0, due=now)


def fetched(file: File, now: float) -> File:
    """Return the file whose content was fetched.

    It counts as one that failed until it was read, so that one that is sent back to the cloud at
    once is not fetched without an end.
    """
    return replace(file, problem=None, failures=file.failures + 1, due=now)
