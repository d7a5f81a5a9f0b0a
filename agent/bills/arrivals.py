"""What follows from one reading of a folder: arrivals, changes, departures, people's hands.

Pure. A large reading is concluded part by part: each part is some of the folder's rows with what
the reading saw of them, or some candidates that have no row yet. A reading that failed in a
subtree concludes nothing about it, and *gone* needs two readings of a healthy folder in a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.bills import questions
from agent.bills.change import Change, file_events
from agent.bills.cloud import is_in_cloud, out_of_cloud, put_in_cloud
from agent.bills.first_look import (
    FirstLook,
    Waiting,
    asks_first_look,
    decided,
    is_below_any,
    is_first,
    is_met_first,
    still_unread,
    with_mark,
)
from agent.bills.folder_health import judge_health
from agent.bills.outcomes import FolderRead
from agent.bills.owing import without_result
from agent.bills.ownership import OURS, Ownership, sought, unless_rewritten
from agent.bills.plan import Plan
from agent.bills.rows import Event, File, Folder
from agent.bills.stages import FileStage, ResultFate
from agent.bills.values import FileId, Seen

READINGS_UNTIL_GONE = 2
SECOND_READING_SECONDS = 2.0
"""A file that is not seen is looked for once more after this long."""


@dataclass(frozen=True, slots=True)
class ArrivalsContext:
    """What the decision about one part of a reading needs beside the reading.

    ``seen`` are the candidates of this part, ``known`` its rows, by path. ``first_id`` is the id
    that the first new file gets, the next one more, and so on. ``look`` is what was decided for
    the files that are met first, None in a reading that meets none so. ``busy`` are files whose
    step or write is under way, ``settled`` those whose submission is of the plan's world: a first
    look changes nothing about them. ``sought_since`` is set while files wait for
    `admit` that a lost store may have sent: other files may hold their bytes. The folder itself
    is concluded with the last part.
    """

    plan: Plan
    seen: tuple[Seen, ...]
    known: Mapping[str, File]
    first_id: int
    in_cloud: frozenset[str] = frozenset()
    look: FirstLook | None = None
    busy: frozenset[FileId] = frozenset()
    settled: frozenset[FileId] = frozenset()
    sought_since: float | None = None
    ownership: Ownership = OURS
    is_last: bool = True


def arrivals(folder: Folder, read: FolderRead, context: ArrivalsContext, now: float) -> Change:
    """Return what must be written down after a part of the reading of ``folder``."""
    plan, look, ownership = context.plan, context.look, context.ownership
    changed: list[File] = []
    events: list[Event] = []
    inspect: set[FileId] = set()
    arrived: list[File] = []
    next_id = context.first_id
    for one in sorted(context.seen, key=oldest_first):
        row = context.known.get(one.path)
        if row is None:
            new = _new_file(FileId(next_id), folder, one, context, now)
            new = _with_its_content(new, now, is_away=one.path in context.in_cloud)
            arrived.append(sought(new, ownership))
            next_id += 1
            continue
        again = row
        if row.id not in context.busy:
            again = _met_again(row, folder, one, read, context, now, inspect)
            if is_first(folder, plan) and again is not row and again.stage is FileStage.FOUND:
                arrived.append(sought(again, ownership))
                continue
        again = sought(again, ownership)
        if again is not row:
            changed.append(again)
    if look is not None:
        arrived = [
            decided(file, look, is_ours=file.path in read.ours)
            if is_met_first(file.path, folder, plan)
            else file
            for file in arrived
        ]
    for file in arrived:
        events += file_events(file, (_arrival_text(file),), now)
    changed += _departures(folder, read, context, now, events)
    if ownership.is_of_another:
        inspect.clear()  # what lies beside its bills is that machine's to keep
    change = Change(files=(*arrived, *changed), events=tuple(events), inspect=frozenset(inspect))
    return _with_folder(change, folder, read, context, now) if context.is_last else change


def count_waiting(
    folder: Folder, read: FolderRead, context: ArrivalsContext, now: float
) -> Waiting:
    """Return how many of a part's files a first look is about; its decision is not known yet."""
    new = asking = elsewhere = 0
    for one in context.seen:
        row = context.known.get(one.path)
        is_new = row is None and is_met_first(one.path, folder, context.plan)
        if row is not None and is_first(folder, context.plan) and row.id not in context.busy:
            again = _met_again(row, folder, one, read, context, now, set())
            is_new = again is not row and again.stage is FileStage.FOUND
        new += is_new and one.path not in read.ours
    if not is_first(folder, context.plan):
        for row in context.known.values():
            is_late = is_below_any(row.path, folder.unread)
            asking += asks_first_look(row) and is_late
            elsewhere += asks_first_look(row) and not is_late
    return Waiting(new, asking, elsewhere)


def oldest_first(one: Seen) -> tuple[int, int, str]:
    """Of two files with the same bytes the older, else the shorter named, counts as the first."""
    return (one.signature.modified_ns, len(one.path), one.path)


def _with_folder(
    change: Change, folder: Folder, read: FolderRead, context: ArrivalsContext, now: float
) -> Change:
    """Return the change of the last part with what follows for the folder itself."""
    reading, look = read.reading, context.look
    holds, lifted = judge_health(folder, reading, context.ownership, now)
    if look is not None and look.hold is not None:
        holds = (*holds, look.hold)
    folder = replace(
        with_mark(folder, read, context.plan),
        first_look=context.plan.world.key,
        unread=still_unread(folder, read, context.plan),
        read_at=now,
        read_seconds=reading.seconds,
        volume=reading.volume,
        failures=0,
        missing_since=None,
        unsupported=reading.unsupported,
        others=reading.others,
    )
    return replace(change, folder=folder, holds=holds, lifted=lifted)


def _met_again(
    row: File,
    folder: Folder,
    one: Seen,
    read: FolderRead,
    context: ArrivalsContext,
    now: float,
    inspect: set[FileId],
) -> File:
    """Return a row whose file was seen again: the same where nothing follows from it."""
    is_met_anew = is_first(folder, context.plan) and row.id not in context.settled
    again = _of_another_world(row, now, context.plan) if is_met_anew else row
    again = unless_rewritten(again, one, context.ownership)
    if again.missing and again.stage is not FileStage.GONE:
        again = replace(again, missing=0)
    again = _seen_again(again, one, read, context.plan, now, inspect)
    return _with_its_content(again, now, is_away=one.path in context.in_cloud)


def _new_file(
    file_id: FileId, folder: Folder, one: Seen, context: ArrivalsContext, now: float
) -> File:
    return File(
        id=file_id,
        folder_id=folder.id,
        path=one.path,
        signature=one.signature,
        stage=FileStage.FOUND,
        since=now,
        first_seen=now,
        last_seen=now,
        due=now + context.plan.quiet_seconds,
        sought_since=context.sought_since,
    )


def _of_another_world(row: File, now: float, plan: Plan) -> File:
    """Return a row met in the first look of another API address or environment.

    What was decided there does not count here; a rejection of our own counts everywhere.
    """
    if row.stage in (FileStage.GONE, FileStage.REJECTED):
        return row
    return replace(
        without_result(row),
        stage=FileStage.FOUND,
        since=now,
        due=now + plan.quiet_seconds,
        submission_id=None,
        question=None,
        may_go_elsewhere=False,
    )


def _seen_again(
    row: File, one: Seen, read: FolderRead, plan: Plan, now: float, inspect: set[FileId]
) -> File:
    if one.is_stub and row.stage is not FileStage.GONE:
        return row  # the stub has a stat of its own
    if row.stage is FileStage.GONE or row.signature != one.signature:
        return replace(
            row,
            stage=FileStage.FOUND,
            signature=one.signature,
            question=None,
            since=now,
            first_seen=now if row.stage is FileStage.GONE else row.first_seen,
            due=now + plan.quiet_seconds,
            missing=0,
            failures=0,
            bugs=0,
        )
    if row.stage is FileStage.FOUND and row.due is None and row.question is None:
        row = replace(row, due=now + plan.quiet_seconds)  # it vanished for a moment
    if row.question is not None:
        taken = row.question.code == questions.RESULT_NAME_TAKEN
        if taken and one.result != row.present_signature:
            return replace(row, question=None, stage=FileStage.FOUND, due=now, write_due=None)
        return row
    if row.write_due is not None:
        return row  # what is to be written looks itself what lies there
    if not row.present and row.stage is FileStage.LINKED and one.result is not None:
        inspect.add(row.id)  # another machine's, or somebody's file where ours is to come
    if not row.present or read.started <= row.present_at <= now:
        return row
    if one.result is None:
        if row.fate is not ResultFate.REMOVED:
            inspect.add(row.id)
    elif one.result != row.present_signature or row.fate is ResultFate.REMOVED:
        inspect.add(row.id)
    return row


def _with_its_content(row: File, now: float, *, is_away: bool) -> File:
    """Return a row that was seen, as one whose content is in the cloud, or no longer is.

    Only what is still to be read needs its content: nobody fetches a bill that is done.
    """
    if row.question is not None or row.stage not in (FileStage.FOUND, FileStage.SETTLED):
        return row
    if is_away:
        return put_in_cloud(row, now)
    return out_of_cloud(row, now) if is_in_cloud(row) else row


def _departures(
    folder: Folder, read: FolderRead, context: ArrivalsContext, now: float, events: list[Event]
) -> list[File]:
    """Return the files that were not seen where everything could be read."""
    seen = {one.path for one in context.seen}
    known = context.known.values()
    return [
        _not_seen(row, folder, now, events)
        for row in known
        if row.path not in seen
        and not (row.id in context.busy or row.stage is FileStage.GONE)
        and not is_below_any(row.path, read.reading.unreadable)
    ]


def _not_seen(row: File, folder: Folder, now: float, events: list[Event]) -> File:
    missing = row.missing + 1
    if missing < READINGS_UNTIL_GONE:
        last_seen = folder.read_at if folder.read_at is not None else row.last_seen
        return replace(row, missing=missing, last_seen=last_seen)
    events.append(Event(now, "gone: no such file any more", file_id=row.id))
    return replace(
        row,
        missing=missing,
        stage=FileStage.GONE,
        since=now,
        due=None,
        question=None,
        write_due=None,
    )


def _arrival_text(file: File) -> str:
    if file.stage is FileStage.LEFT:
        return "left: it was there before the folder was watched"
    if file.question is not None:
        return f"asks: {file.question.message}"
    return "found"
