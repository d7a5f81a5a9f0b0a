"""The whole agent at one instant, counted by the indexes as far as they go."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from agent.bills.cloud import IN_CLOUD
from agent.bills.holds import (
    NOT_WRITABLE,
    Hold,
    Scope,
    ScopeKind,
    company_scope,
    folder_scope,
    site_scope,
)
from agent.bills.plan import FolderPlan
from agent.bills.questions import FIRST_LOOK, result_edited
from agent.bills.resolve import LOOKS_LIKE_OTHER_SITE
from agent.bills.rows import Folder
from agent.bills.stages import State
from agent.bills.values import FolderId, Problem
from agent.store import codec
from agent.store.file_codec import IS_LEFT_UNREADABLE, IS_UNREADABLE
from agent.store.remembered import (
    PAUSE,
    RUN_PID,
    RUN_SINCE,
    SETTINGS_ERROR,
    STORE_BEGUN,
    STORE_LOST,
)
from agent.store.stopping import NO_SITE, Stops, is_meant
from agent.store.views import Concern, FolderState, FolderView, HoldView, Overview

Counts = Mapping[FolderId, Mapping[State, int]]

NEWS_SECONDS = 14 * 86_400.0
"""So long the status tells that the store was begun anew."""

_MOST_LOOKED_THROUGH = 5000


def overview(
    connection: sqlite3.Connection,
    plans: tuple[FolderPlan, ...],
    folders: Iterable[Folder],
    holds: list[Hold],
    stops: Stops,
    now: float,
) -> Overview:
    """Return the whole agent, read in the transaction that ``connection`` is in."""
    rows = {folder.path: folder for folder in folders}
    counts = _counts(connection)
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    waiting = _Waiting(connection, plans, rows, counts, stops)
    paused = meta.get(PAUSE)
    return Overview(
        pid=int(codec.number_of(meta[RUN_PID])) if RUN_PID in meta else None,
        since=codec.number_of(meta[RUN_SINCE]) if RUN_SINCE in meta else None,
        settings_error=meta.get(SETTINGS_ERROR),
        paused_until=codec.number_of(paused) if paused is not None else None,
        counts=_total(rows, counts),
        folders=tuple(
            _folder_view(path, rows.get(path), stops, counts, holds, waiting)
            for path in _watched(plans, rows)
        ),
        holds=(
            *(HoldView(each, waiting.under(each), each.needs_person(now)) for each in holds),
            *_file_holds(connection, now),
        ),
        concerns=_concerns(connection),
        is_moving=paused is None and waiting.is_any_moving(),
        begun_anew=_begun_anew(meta, now),
        unreadable=_unreadable(
            connection, sum(each.get(State.WAITING, 0) for each in counts.values())
        ),
    )


def _begun_anew(meta: Mapping[str, str], now: float) -> str | None:
    """Return why the store was begun anew, as long as that is news."""
    begun_at = codec.number_of(meta.get(STORE_BEGUN, "0"))
    return meta.get(STORE_LOST) if now - begun_at < NEWS_SECONDS else None


def _watched(plans: tuple[FolderPlan, ...], rows: Mapping[str, Folder]) -> list[str]:
    if plans:
        return [plan.path for plan in plans]
    return [folder.path for folder in rows.values() if folder.is_configured]


def _counts(connection: sqlite3.Connection) -> Counts:
    counts: dict[FolderId, dict[State, int]] = defaultdict(dict)
    for folder_id, state, number in connection.execute(
        "SELECT folder_id, state, count(*) FROM files GROUP BY folder_id, state"
    ):
        counts[FolderId(folder_id)][codec.state_of(state)] = number
    return counts


def _total(rows: Mapping[str, Folder], counts: Counts) -> Mapping[State, int]:
    """Add the folders up; what is gone from a folder that is no longer watched is nobody's."""
    total: Counter[State] = Counter()
    for folder in rows.values():
        for state, number in counts.get(folder.id, {}).items():
            if folder.is_configured or state is not State.GONE:
                total[state] += number
    return {state: total[state] for state in State}


def _folder_view(
    path: str,
    row: Folder | None,
    stops: Stops,
    counts: Counts,
    holds: list[Hold],
    waiting: _Waiting,
) -> FolderView:
    plan = stops.plan_of(path)
    mine = counts.get(row.id, {}) if row is not None else {}
    if row is not None and row.is_paused:
        state = FolderState.PAUSED
    elif stops.of_folder(path) is not None:
        state = FolderState.WAITING
    elif row is None or row.read_at is None:
        state = FolderState.NEW
    else:
        state = FolderState.WATCHING
    codes = [hold.code for hold in holds if waiting.applies(hold, path)]
    return FolderView(
        path=path,
        site=plan.site if plan is not None else None,
        company=(plan.company or None) if plan is not None else None,
        state=state,
        counts={each: mine.get(each, 0) for each in State},
        holds=tuple(dict.fromkeys(codes)),
        unsupported=row.unsupported if row is not None else (),
        others=row.others if row is not None else 0,
    )


class _Waiting:
    """How many files each hold lets wait, and whether some file waits for none."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        plans: tuple[FolderPlan, ...],
        rows: Mapping[str, Folder],
        counts: Counts,
        stops: Stops,
    ) -> None:
        self._connection = connection
        self._plans = plans
        self._rows = rows
        self._counts = counts
        self._stops = stops
        self._closed = {plan.path: frozenset(stops.closed_in(plan.path)) for plan in plans}

    def under(self, hold: Hold) -> int:
        """Return how many files wait for the end of a hold."""
        match hold.scope.kind:
            case ScopeKind.ACCOUNT:
                return sum(
                    self._in(path, State.WAITING) + self._in(path, State.SENT)
                    for path, row in self._rows.items()
                    if row.is_configured
                )
            case ScopeKind.FOLDER:
                return self._under_folder(hold)
            case _:
                return sum(self._in_plan(plan, hold.scope) for plan in self._plans)

    def applies(self, hold: Hold, path: str) -> bool:
        """Whether a hold says something about the folder at ``path``."""
        if hold.scope.kind is ScopeKind.ACCOUNT or hold.scope == folder_scope(path):
            return True
        plan = self._stops.plan_of(path)
        if plan is None:
            return False
        if hold.scope.kind is ScopeKind.FOLDER:
            return hold.scope.key in self._closed.get(path, ())
        if hold.scope in (company_scope(plan.company), site_scope(plan.company, plan.site)):
            return True
        return hold.scope.kind is ScopeKind.SITE and self._in_plan(plan, hold.scope) > 0

    def is_any_moving(self) -> bool:
        """Whether a file goes on by itself."""
        if self._stops.account is not None:
            return False
        return any(self._moves(path, row) for path, row in self._rows.items())

    def _moves(self, path: str, row: Folder) -> bool:
        if self._in(path, State.SENT):
            return True
        if not row.is_configured or row.is_paused or self._stops.of_folder(path) is not None:
            return False
        waiting = self._in(path, State.WAITING)
        plan = self._stops.plan_of(path)
        if not waiting or plan is None:
            return waiting > 0
        waiting -= sum(
            self._count_beside("state = 'waiting'", each) for each in self._closed.get(path, ())
        )
        if waiting <= _MOST_LOOKED_THROUGH:
            is_left = f"state = 'waiting' AND code IS NULL AND {IS_LEFT_UNREADABLE}"
            waiting -= self._count(f"folder_id = ? AND {is_left}", row.id)
        if not plan.is_by_subfolder:
            hold = self._stops.other_site(path)
            return waiting > (self._below_named(hold, row) if hold is not None else 0)
        stopped = self._directly_in(path)
        for scope in self._stops.site_scopes():
            stopped += self._in_plan(plan, scope)
        return waiting > stopped

    def _under_folder(self, hold: Hold) -> int:
        path = hold.scope.key
        if hold.code == NO_SITE:
            return self._directly_in(path)
        row = self._rows.get(path)
        if hold.code == NOT_WRITABLE and (row is None or not row.is_configured):
            return self._count_beside(
                "(state = 'waiting' OR state = 'sent' AND write_due IS NOT NULL)", path
            )
        if hold.code == LOOKS_LIKE_OTHER_SITE and row is not None:
            return self._below_named(hold, row)
        if hold.code == FIRST_LOOK and row is not None:
            return self._count("folder_id = ? AND state = 'asks' AND code = ?", row.id, FIRST_LOOK)
        waiting = self._in(path, State.WAITING)
        if hold.code == NOT_WRITABLE and row is not None:
            # What Nectar has read already, and cannot be written down.
            waiting += self._count(
                "folder_id = ? AND state = 'sent' AND write_due IS NOT NULL", row.id
            )
        return waiting

    def _below_named(self, hold: Hold, row: Folder) -> int:
        paths = self._connection.execute(
            "SELECT path FROM files WHERE folder_id = ? AND stage = 'examined' "
            "AND state = 'waiting'",
            (row.id,),
        )
        return sum(is_meant(hold, row.path, os.fsdecode(path)) for (path,) in paths)

    def _in_plan(self, plan: FolderPlan, scope: Scope) -> int:
        if scope == company_scope(plan.company):
            return self._in(plan.path, State.WAITING)
        if not plan.is_by_subfolder:
            is_its = scope == site_scope(plan.company, plan.site)
            return self._in(plan.path, State.WAITING) if is_its else 0
        return sum(
            self._below(plan.path, name) for name in self._stops.subfolders_of_site(plan, scope)
        )

    def _in(self, path: str, state: State) -> int:
        row = self._rows.get(path)
        return self._counts.get(row.id, {}).get(state, 0) if row is not None else 0

    def _below(self, path: str, name: str) -> int:
        """Return how many files wait in one subfolder."""
        row = self._rows.get(path)
        if row is None or not self._in(path, State.WAITING):
            return 0
        first, end = path_range(os.path.join(path, name))  # noqa: PTH118 - bytes of the store
        return self._count(
            "folder_id = ? AND state = 'waiting' AND path >= ? AND path < ?", row.id, first, end
        )

    def _directly_in(self, path: str) -> int:
        """Return how many files wait directly in a folder whose subfolders tell the site."""
        if not self._in(path, State.WAITING):
            return 0
        return self._count_beside("stage = 'examined' AND state = 'waiting'", path)

    def _count_beside(self, where: str, directory: str) -> int:
        """Return how many files that lie directly in a directory are so."""
        first, end = path_range(directory)
        return self._count(
            f"{where} AND path >= ? AND path < ? AND instr(substr(path, ?), ?) = 0",
            first,
            end,
            len(first) + 1,
            os.fsencode(os.sep),
        )

    def _count(self, where: str, *values: object) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM files WHERE {where}", values)
        return int(row.fetchone()[0])


def path_range(folder: str) -> tuple[bytes, bytes]:
    """Return the first path below ``folder`` that there can be, and the first beyond it."""
    first = os.fsencode(folder if folder.endswith(os.sep) else folder + os.sep)
    return first, first[:-1] + bytes([first[-1] + 1])


def _file_holds(connection: sqlite3.Connection, now: float) -> list[HoldView]:
    """Return the holds of single files, which no row of their own keeps."""
    views: list[HoldView] = []
    for path, since, dismissed in connection.execute(
        "SELECT path, since, dismissed FROM files WHERE fate = 'result-edited' "
        "AND owed <> present AND stage <> 'gone' ORDER BY since"
    ):
        name = os.fsdecode(path)
        why = result_edited(name)
        scope = Scope(ScopeKind.FILE, name)
        hold = Hold(why.code, scope, since, why.message, why.advice, None)
        views.append(HoldView(hold, 1, needs_person=hold.needs_person(now) and not dismissed))
    for path, since, problem in connection.execute(
        f"SELECT path, since, problem FROM files WHERE code = '{IN_CLOUD}' ORDER BY since"
    ):
        waits = codec.problem_of(problem)
        if waits is not None:
            scope = Scope(ScopeKind.FILE, os.fsdecode(path))
            hold = Hold(waits.code, scope, since, waits.message, waits.advice, None)
            views.append(HoldView(hold, 1, hold.needs_person(now)))
    return views


def _concerns(connection: sqlite3.Connection) -> tuple[Concern, ...]:
    concerns: list[Concern] = []
    for state, code, number, first in connection.execute(
        "SELECT state, code, count(*), min(id) FROM files "
        "WHERE dismissed = 0 AND state IN ('rejected', 'asks') GROUP BY state, code"
    ):
        # The files of a first look are one question, which the folder's hold asks.
        if code != FIRST_LOOK:
            concerns.append(_concern(connection, codec.state_of(state), code or "", number, first))
    # CROSS JOIN keeps this order: the few such submissions first, and not every file that is done.
    number, first = connection.execute(
        "SELECT count(*), min(files.id) "
        "FROM submissions INDEXED BY submissions_elsewhere CROSS JOIN files "
        "ON files.submission_id = submissions.id "
        "WHERE instr(submissions.warnings, '[\"site-differs\"') > 0 "
        "AND files.state = 'done' AND files.dismissed = 0"
    ).fetchone()
    if number:
        concerns.append(_concern(connection, State.DONE, "site-differs", number, first))
    return tuple(concerns)


def _unreadable(connection: sqlite3.Connection, waiting: int) -> Concern | None:
    """Return the files that may not be read, each by itself; they need nobody by the contract.

    While very many files wait nobody looks through them: the status is asked for every second.
    """
    if not 0 < waiting <= _MOST_LOOKED_THROUGH:
        return None
    number, first = connection.execute(
        "SELECT count(*), min(id) FROM files WHERE state = 'waiting' AND code IS NULL "
        f"AND {IS_UNREADABLE}"
    ).fetchone()
    if not number:
        return None
    return _concern(connection, State.WAITING, "", number, first)


def _concern(
    connection: sqlite3.Connection, state: State, code: str, number: int, first: int
) -> Concern:
    path, question, problem, sent_problem, warnings = connection.execute(
        "SELECT files.path, files.question, files.problem, submissions.problem, "
        "submissions.warnings FROM files "
        "LEFT JOIN submissions ON submissions.id = files.submission_id WHERE files.id = ?",
        (first,),
    ).fetchone()
    if state is State.DONE:
        message = next(
            (each.message for each in codec.warnings_of(warnings) if each.code == code), ""
        )
        why: Problem | None = Problem(
            code, message, "Correct it in Nectar, or the folder's site in config.toml."
        )
    else:
        why = codec.problem_of(question or problem or sent_problem)
    return Concern(
        state,
        code,
        number,
        os.fsdecode(path),
        why.message if why is not None else "",
        why.advice if why is not None else "",
    )
