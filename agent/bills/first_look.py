"""Files that lay in a folder before it was watched: what the owner wants to become of them.

Pure. The decision is about all of them, so it is made once, before the first of them is written
down, however many parts a large reading is written down in. What the first look could not read has
a first look of its own once it opens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

from agent.bills import questions
from agent.bills.holds import Hold, folder_scope, new_hold
from agent.bills.instant import local_day, utc_seconds, utc_text
from agent.bills.outcomes import FolderRead
from agent.bills.plan import FIRST_LOOK_LIMIT, Existing, Plan
from agent.bills.rows import File, Folder
from agent.bills.stages import FileStage
from agent.bills.values import Problem


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many files a first look is about: counted before anything is decided.

    ``new`` have no result of ours beside them. ``asking`` ask since a first look that was broken
    off, or that could not read all; ``elsewhere`` ask in another part of the folder.
    """

    new: int = 0
    asking: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The decision. ``question`` is what each file asks, None where the settings answer it.

    ``sought_since`` is set after a lost store: whatever that one sent, it sent since then.
    """

    existing: Existing
    question: Problem | None = None
    hold: Hold | None = None
    sought_since: float | None = None


def is_first(folder: Folder, plan: Plan) -> bool:
    """Whether the folder as a whole is looked at for the first time in the plan's world."""
    return folder.first_look != plan.world.key


def is_met_first(path: str, folder: Folder, plan: Plan) -> bool:
    """Whether a file that arrives at ``path`` was there before it could be seen."""
    return is_first(folder, plan) or is_below_any(path, folder.unread)


def met_late(folder: Folder, read: FolderRead, plan: Plan) -> Folder:
    """Return the folder as one to be looked at first once more, where a lost store had served it.

    Its volume was away when this store looked at it first: what was seen was an empty mount point.
    """
    since = _since_of_earlier_mark(folder, read, plan)
    return folder if since is None or is_first(folder, plan) else replace(folder, first_look="")


def with_mark(folder: Folder, read: FolderRead, plan: Plan) -> Folder:
    """Return a folder whose first look is done with the moment that the mark in it says."""
    since = _since_of_earlier_mark(folder, read, plan)
    return folder if since is None else replace(folder, met_at=since, is_lost=True)


def _since_of_earlier_mark(folder: Folder, read: FolderRead, plan: Plan) -> float | None:
    """Return since when a mark of ours lies there that this store did not leave."""
    mark = read.reading.mark
    if mark is None or mark.agent_id != plan.agent_id:
        return None
    since = utc_seconds(mark.since)
    return since if since is not None and abs(since - folder.met_at) >= 1.0 else None


def first_look(
    folder: Folder, read: FolderRead, plan: Plan, waiting: Waiting, now: float
) -> FirstLook:
    """Return the decision about all files that are met first in a reading of ``folder``."""
    since = _lost_since(folder, read, plan)
    existing, limit = (plan.existing, FIRST_LOOK_LIMIT) if since is None else ("ask", 0)
    if existing != "ask" or not waiting.new or waiting.new + waiting.asking <= limit:
        return FirstLook("all" if existing == "ask" else existing, sought_since=since)
    count = waiting.new + waiting.asking + waiting.elsewhere
    hold = first_look_hold(folder.path, count, now, was_lost=since is not None)
    return FirstLook(existing, questions.first_look(folder.path), hold, since)


def decided(file: File, look: FirstLook, *, is_ours: bool) -> File:
    """Return a file that is met first with what was decided for it.

    ``is_ours`` is whether a result of ours lies beside it: that is adopted, whatever was decided.
    """
    if look.sought_since is not None:
        file = replace(file, sought_since=look.sought_since)
    if is_ours:
        return file
    if look.question is not None:
        return replace(file, question=look.question, due=None)
    if _is_left(file, look.existing):
        return replace(file, stage=FileStage.LEFT, due=None)
    return file


def still_unread(folder: Folder, read: FolderRead, plan: Plan) -> tuple[str, ...]:
    """Return where a first look is still to come: in what no reading could read yet."""
    unreadable = read.reading.unreadable
    if is_first(folder, plan):
        return unreadable
    return tuple(path for path in unreadable if is_below_any(path, folder.unread))


def asks_first_look(file: File) -> bool:
    """Whether the file waits for the answer to a first look."""
    return file.question is not None and file.question.code == questions.FIRST_LOOK


def is_below_any(path: str, roots: Iterable[str]) -> bool:
    """Whether a path is one of ``roots`` or below one."""
    return any(PurePath(path).is_relative_to(root) for root in roots)


def _lost_since(folder: Folder, read: FolderRead, plan: Plan) -> float | None:
    """Return since when a store that was lost may have sent from here; None where none was lost.

    Our own mark says it, unless this very store left it: that one says when the store met the
    folder. Where a lost store left no mark that is still there, nothing is known of its beginning.
    """
    mark = read.reading.mark
    is_ours = mark is not None and mark.agent_id == plan.agent_id
    if mark is not None and is_ours and mark.since != utc_text(folder.met_at):
        # Whatever the lost store sent from here, it sent after it had left its mark.
        return utc_seconds(mark.since) or 0.0
    return 0.0 if folder.is_lost else None


def first_look_hold(folder: str, count: int, now: float, *, was_lost: bool = False) -> Hold:
    """Return the hold of a folder in which so many files wait for `admit`."""
    why = ", and what was sent from there before is no longer known" if was_lost else ""
    return new_hold(
        questions.FIRST_LOOK,
        folder_scope(folder),
        f"{count} {'file was' if count == 1 else 'files were'} already in {folder}{why}.",
        f'Run: bill-agent admit "{folder}" --all (or --since DATE, or --none).',
        now,
    )


def _is_left(file: File, existing: Existing) -> bool:
    match existing:
        case "ask" | "all":
            return False
        case "new":
            return True
        case day:
            return local_day(file.signature.modified) < day
