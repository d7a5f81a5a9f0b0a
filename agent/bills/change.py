"""What must be written down after something was learned or asked: rows, history, holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.bills.answers import Answers
from agent.bills.holds import Hold, Scope
from agent.bills.rows import CompanyRow, Event, File, Folder, Submission
from agent.bills.values import FileId


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to store as given. A file or submission whose id is new is added.

    ``holds`` begin (or stay, keeping their ``since``), ``lifted`` end. ``answers`` are what
    Nectar gave for ``submission``, stored as received. ``inspect`` are files whose result should
    be looked at.
    """

    files: tuple[File, ...] = ()
    submission: Submission | None = None
    folder: Folder | None = None
    company: CompanyRow | None = None
    answers: Answers | None = None
    events: tuple[Event, ...] = ()
    holds: tuple[Hold, ...] = ()
    lifted: tuple[tuple[Scope, str], ...] = ()
    inspect: frozenset[FileId] = frozenset()

    def with_events(self, *events: Event) -> Change:
        """Return the change with more lines of history."""
        return replace(self, events=self.events + events)


NOTHING = Change()


def of_file(file: File, *texts: str, at: float) -> Change:
    """Return a change of one file with lines of its history."""
    return Change(files=(file,), events=file_events(file, texts, at))


def file_events(file: File, texts: Iterable[str], at: float) -> tuple[Event, ...]:
    """Return lines of a file's history."""
    return tuple(Event(at, text, file_id=file.id) for text in texts)


def of_submission(submission: Submission, *texts: str, at: float) -> Change:
    """Return a change of one submission with lines of its history."""
    events = tuple(Event(at, text, submission_id=submission.id) for text in texts)
    return Change(submission=submission, events=events)
