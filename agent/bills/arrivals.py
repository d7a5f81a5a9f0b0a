"""What follows from one reading of a folder: arrivals, changes, departures, people's hands.

Pure. A reading that failed in a subtree concludes nothing about it, and *gone* needs two readings
of a healthy folder in a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from agent.bills import questions
from agent.bills.change import Change, file_events
from agent.bills.cloud import is_in_cloud, out_of_cloud, put_in_cloud
from agent.bills.holds import Hold, Scope, folder_scope, new_hold
from agent.bills.instant import local_day, utc_seconds, utc_text
from agent.bills.outcomes import FolderRead
from agent.bills.owing import has_result
from agent.bills.plan import FIRST_LOOK_LIMIT, Plan
from agent.bills.rows import Event, File, Folder
from agent.bills.stages import FileStage, ResultFate
from agent.bills.values import FileId, Seen

READINGS_UNTIL_GONE = 2
SECOND_READING_SECONDS = 2.0
"""A file that is not seen is looked for once more after this long."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a folder is by one reading.

    ``is_of_another``: another machine serves it. ``taken_over``: it is ours from this reading on;
    another machine had it, and may have sent from it since that moment.
    """

    is_of_another: bool = False
    taken_over: float | None = None


@dataclass(frozen=True, slots=True)
class ArrivalsContext:
    """What the decision needs beside the reading.

    ``known`` are the rows at or below the folder, by path. ``first_id`` is the id that the first
    new file gets, the next one more, and so on. ``busy`` are files whose step or write is under
    way, ``settled`` those whose submission is of the plan's world: a first look changes nothing
    about them. ``sought_since`` is set while files wait for
    `admit` that a lost store may have sent: other files may hold their bytes.
    """

    plan: Plan
    known: Mapping[str, File]
    first_id: int
    busy: frozenset[FileId] = frozenset()
    settled: frozenset[FileId] = frozenset()
    sought_since: float | None = None
    ownership: Ownership = Ownership()


def arrivals(folder: Folder, read: FolderRead, context: ArrivalsContext, now: float) -> Change:
    """Return what must be written down after ``folder`` was read."""
    reading, known = read.reading, context.known
    in_cloud = frozenset(reading.placeholders)
    if _looks_unmounted(folder, read, known):
        return _unmounted(folder, now)
    plan, ownership = context.plan, context.ownership
    is_first_look = folder.first_look != plan.world.key
    changed: list[File] = []
    events: list[Event] = []
    inspect: set[FileId] = set()
    arrived: list[File] = []
    next_id = context.first_id
    for one in sorted(reading.seen, key=_oldest_first):
        row = known.get(one.path)
        if row is None:
            new = _new_file(FileId(next_id), folder, one, context, now)
            new = _with_its_content(new, now, is_away=one.path in in_cloud)
            arrived.append(_sought(new, ownership))
            next_id += 1
            continue
        again = row
        if row.id not in context.busy:
            is_met_anew = is_first_look and row.id not in context.settled
            again = _of_another_world(row, now, plan) if is_met_anew else row
            again = _unless_rewritten(again, one, ownership)
            again = _seen_again(again, one, read, plan, now, inspect)
            again = _with_its_content(again, now, is_away=one.path in in_cloud)
            if is_first_look and again is not row and again.stage is FileStage.FOUND:
                arrived.append(_sought(again, ownership))
                continue
        again = _sought(again, ownership)
        if again is not row:
            changed.append(again)
    holds: list[Hold] = []
    lifted: list[tuple[Scope, str]] = []
    if is_first_look or folder.unread:
        late = arrived if is_first_look else _below(arrived, folder.unread)
        others = [] if is_first_look else _not_below(arrived, folder.unread)
        decided, asked = _first_look(folder, late, read, context)
        arrived = [*others, *decided]
        if asked:
            asked += 0 if is_first_look else sum(map(_asks_first_look, known.values()))
            was_lost = _lost_since(folder, read, plan) is not None
            holds.append(_first_look_hold(folder, asked, now, was_lost=was_lost))
    for file in arrived:
        events += file_events(file, (_arrival_text(file),), now)
    changed += _departures(folder, read, context, now, events)
    _judge_health(folder, read, ownership, now, holds, lifted)
    if ownership.is_of_another:
        inspect.clear()  # what lies beside its bills is that machine's to keep
    unread = reading.unreadable if is_first_look else _still(folder.unread, reading.unreadable)
    folder = replace(
        folder,
        first_look=plan.world.key,
        unread=unread,
        read_at=now,
        read_seconds=reading.seconds,
        volume=reading.volume,
        failures=0,
        missing_since=None,
        unsupported=reading.unsupported,
        others=reading.others,
    )
    return Change(
        files=(*arrived, *changed),
        folder=folder,
        events=tuple(events),
        holds=tuple(holds),
        lifted=tuple(lifted),
        inspect=frozenset(inspect),
    )


def _oldest_first(one: Seen) -> tuple[int, int, str]:
    """Of two files with the same bytes the older, else the shorter named, counts as the first."""
    return (one.signature.modified_ns, len(one.path), one.path)


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
        row,
        stage=FileStage.FOUND,
        since=now,
        due=now + plan.quiet_seconds,
        submission_id=None,
        question=None,
        present="",
        present_sha256=None,
        present_signature=None,
        fate=ResultFate.AS_WRITTEN,
        write_due=None,
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
    if row.missing:
        row = replace(row, missing=0)
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
    if not row.present or row.present_at >= read.started:
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
    if row.missing:
        row = replace(row, missing=0)
    if row.question is not None or row.stage not in (FileStage.FOUND, FileStage.SETTLED):
        return row
    if is_away:
        return put_in_cloud(row, now)
    return out_of_cloud(row, now) if is_in_cloud(row) else row


def _unless_rewritten(row: File, one: Seen, ownership: Ownership) -> File:
    """Forget a result that is not as we left it, in a folder that another machine had meanwhile.

    It is looked at like one that was never known: what that machine wrote is adopted.
    """
    if ownership.taken_over is None or not row.present or one.result is None:
        return row
    if one.result == row.present_signature:
        return row
    return replace(
        row, present="", present_sha256=None, present_signature=None, fate=ResultFate.AS_WRITTEN
    )


def _sought(row: File, ownership: Ownership) -> File:
    """Note that the bytes may have been sent by another machine, unless their result is here."""
    if ownership.taken_over is None:
        return row
    if row.stage in (FileStage.FOUND, FileStage.SETTLED):
        row = replace(row, sha256=None)  # whatever the bytes turn out to be
    elif has_result(row):
        return row
    since = ownership.taken_over
    return replace(row, sought_since=min(since, row.sought_since or since))


def _departures(
    folder: Folder, read: FolderRead, context: ArrivalsContext, now: float, events: list[Event]
) -> list[File]:
    """Return the files that were not seen where everything could be read."""
    seen = {one.path for one in read.reading.seen}
    return [
        _not_seen(row, folder, now, events)
        for row in context.known.values()
        if row.path not in seen
        and row.id not in context.busy
        and row.stage is not FileStage.GONE
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


def _first_look(
    folder: Folder, arrived: list[File], read: FolderRead, context: ArrivalsContext
) -> tuple[list[File], int]:
    """Return the files of a first look with what the owner decided for them, and how many ask."""
    plan = context.plan
    since = _lost_since(folder, read, plan)
    was_lost = since is not None
    existing = "ask" if was_lost else plan.existing
    if was_lost:
        arrived = [replace(file, sought_since=since) for file in arrived]
    limit = 0 if was_lost else FIRST_LOOK_LIMIT
    waiting = [file for file in arrived if file.path not in read.ours]
    if existing == "all" or (existing == "ask" and len(waiting) <= limit):
        return arrived, 0
    asked = existing == "ask"
    decided: list[File] = []
    for file in arrived:
        if file.path in read.ours or not (asked or _is_left(file, existing)):
            decided.append(file)
        elif asked:
            question = questions.first_look(folder.path)
            decided.append(replace(file, question=question, due=None))
        else:
            decided.append(replace(file, stage=FileStage.LEFT, due=None))
    return decided, len(waiting) if asked else 0


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


def _below(files: list[File], roots: tuple[str, ...]) -> list[File]:
    return [file for file in files if is_below_any(file.path, roots)]


def _not_below(files: list[File], roots: tuple[str, ...]) -> list[File]:
    return [file for file in files if not is_below_any(file.path, roots)]


def _still(unread: tuple[str, ...], unreadable: tuple[str, ...]) -> tuple[str, ...]:
    """Return where the first look is still to come: in what no reading could read yet."""
    if not unread:
        return ()
    return tuple(path for path in unreadable if is_below_any(path, unread))


def _asks_first_look(file: File) -> bool:
    return file.question is not None and file.question.code == questions.FIRST_LOOK


def _is_left(file: File, existing: object) -> bool:
    if existing == "new":
        return True
    return local_day(file.signature.modified) < existing  # type: ignore[operator]  # "ask" and "all" were decided before


def _first_look_hold(folder: Folder, count: int, now: float, *, was_lost: bool) -> Hold:
    why = ", and what was sent from there before is no longer known" if was_lost else ""
    return new_hold(
        questions.FIRST_LOOK,
        folder_scope(folder.path),
        f"{count} {'file was' if count == 1 else 'files were'} already in {folder.path}{why}.",
        f'Run: bill-agent admit "{folder.path}" --all (or --since DATE, or --none).',
        now,
    )


def _arrival_text(file: File) -> str:
    if file.stage is FileStage.LEFT:
        return "left: it was there before the folder was watched"
    if file.question is not None:
        return f"asks: {file.question.message}"
    return "found"


def _looks_unmounted(folder: Folder, read: FolderRead, known: Mapping[str, File]) -> bool:
    """Whether an empty directory stands where a volume with known files was.

    The same volume with a new, empty directory is a folder that somebody made anew.
    """
    if not folder.volume or read.reading.seen:
        return False
    device = folder.volume.partition(":")[0]
    if read.reading.volume.partition(":")[0] == device:
        return False
    return any(file.stage is not FileStage.GONE for file in known.values())


def _unmounted(folder: Folder, now: float) -> Change:
    hold = new_hold(
        "folder-missing",
        folder_scope(folder.path),
        f"{folder.path} is empty and lies on another volume than before: "
        "its drive or share does not seem to be there.",
        "Connect the drive or share; it goes on by itself.",
        now,
    )
    missing_since = folder.missing_since if folder.missing_since is not None else now
    return Change(folder=replace(folder, missing_since=missing_since), holds=(hold,))


def is_below_any(path: str, roots: Iterable[str]) -> bool:
    """Whether a path is one of ``roots`` or below one."""
    return any(PurePath(path).is_relative_to(root) for root in roots)


def _judge_health(
    folder: Folder,
    read: FolderRead,
    ownership: Ownership,
    now: float,
    holds: list[Hold],
    lifted: list[tuple[Scope, str]],
) -> None:
    scope = folder_scope(folder.path)
    lifted.extend((scope, code) for code in ("folder-missing", "folder-not-readable"))
    mark = read.reading.mark
    if ownership.is_of_another and mark is not None:
        holds.append(
            new_hold(
                "folder-taken",
                scope,
                f"{folder.path} is served by {mark.machine} (user {mark.user}) since {mark.since}.",
                f'To serve it from this machine, run: bill-agent take "{folder.path}".',
                now,
            )
        )
    elif not ownership.is_of_another:
        lifted.append((scope, "folder-taken"))
    if not read.reading.writable:
        holds.append(
            new_hold(
                "folder-not-writable",
                scope,
                f"No file can be written in {folder.path}.",
                "Allow writing there, so that results can lie beside the bills.",
                now,
            )
        )
