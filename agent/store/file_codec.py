"""Rows of files to values and back."""

from __future__ import annotations

import os
from typing import Any

from agent.bills.exact_json import parse_json
from agent.bills.rows import Adoptable, File
from agent.bills.stages import FileStage, ResultFate, State
from agent.bills.unreadable import NOT_READABLE
from agent.bills.values import FileId, FolderId, Kind, Signature
from agent.store.codec import ascii_text, problem_of, problem_text, state_of, storable
from agent.store.naming import reading
from agent.store.plausible import check_file

FILE_COLUMNS = (
    "id, folder_id, path, size, modified_ns, file_number, stage, state, code, since, first_seen, "
    "last_seen, due, failures, bugs, question, problem, sha256, kind, submission_id, asked_site, "
    "owed, owed_since, copy_of, present, present_sha256, present_signature, present_at, write_due, "
    "fate, adoptable, missing, dismissed, may_go_elsewhere, "
    "sought_since"
)
IS_UNREADABLE = f"instr(ifnull(problem, ''), '\"{NOT_READABLE}\"') = 2"
"""Of a waiting file, that nobody may read it, in SQL: the problem's code is no column."""
IS_LEFT_UNREADABLE = f"failures >= 3 AND {IS_UNREADABLE}"
"""The same after so many looks, in some seconds, that it waits for a person to let us."""
_FILE_STAGES = {stage.value: stage for stage in FileStage}
_FATES = {fate.value: fate for fate in ResultFate}


def file_row(file: File, state: State, code: str | None) -> tuple[Any, ...]:
    """Return the columns of a file."""
    signature = file.signature
    return (
        file.id,
        file.folder_id,
        os.fsencode(file.path),
        signature.size,
        signature.modified_ns,
        str(signature.file_number),
        file.stage.value,
        state.value,
        code,
        file.since,
        file.first_seen,
        file.last_seen,
        file.due,
        file.failures,
        file.bugs,
        problem_text(file.question),
        problem_text(file.problem),
        file.sha256,
        file.kind.value if file.kind else None,
        file.submission_id,
        None if file.asked_site is None else storable(file.asked_site),
        file.owed,
        file.owed_since,
        os.fsencode(file.copy_of) if file.copy_of is not None else None,
        file.present,
        file.present_sha256,
        _signature_text(file.present_signature),
        file.present_at,
        file.write_due,
        file.fate.value,
        _adoptable_text(file.adoptable),
        file.missing,
        int(file.dismissed),
        int(file.may_go_elsewhere),
        file.sought_since,
    )


@reading
def file_of(row: tuple[Any, ...]) -> File:
    """Return the file of its columns (``FILE_COLUMNS``)."""
    file = File(
        id=FileId(row[0]),
        folder_id=FolderId(row[1]),
        path=os.fsdecode(row[2]),
        signature=Signature(row[3], row[4], int(row[5])),
        stage=_FILE_STAGES[row[6]],
        since=row[9],
        first_seen=row[10],
        last_seen=row[11],
        due=row[12],
        failures=row[13],
        bugs=row[14],
        question=problem_of(row[15]),
        problem=problem_of(row[16]),
        sha256=row[17],
        kind=Kind(row[18]) if row[18] else None,
        submission_id=row[19],
        asked_site=row[20],
        owed=row[21],
        owed_since=row[22],
        copy_of=os.fsdecode(row[23]) if row[23] is not None else None,
        present=row[24],
        present_sha256=row[25],
        present_signature=_signature_of(row[26]),
        present_at=row[27],
        write_due=row[28],
        fate=_FATES[row[29]],
        adoptable=_adoptable_of(row[30]),
        missing=row[31],
        dismissed=bool(row[32]),
        may_go_elsewhere=bool(row[33]),
        sought_since=row[34],
    )
    return check_file(file)


@reading
def shown_of(row: tuple[Any, ...]) -> tuple[State, str | None]:
    """Return the state and code that people see, of a file's columns."""
    return state_of(row[7]), row[8]


def _signature_text(signature: Signature | None) -> str | None:
    if signature is None:
        return None
    return f"{signature.size} {signature.modified_ns} {signature.file_number}"


def _signature_of(text: str | None) -> Signature | None:
    if text is None:
        return None
    size, modified_ns, file_number = text.split(" ")
    return Signature(int(size), int(modified_ns), int(file_number))


def _adoptable_text(found: Adoptable | None) -> str | None:
    if found is None:
        return None
    return ascii_text(
        [
            found.content_sha256,
            _signature_text(found.signature),
            found.api,
            found.environment,
            found.company_id,
            found.site_id,
            found.site_words,
            found.was_sent,
        ]
    )


def _adoptable_of(text: str | None) -> Adoptable | None:
    if text is None:
        return None
    sha256, signature_text, *rest = parse_json(text)
    signature = _signature_of(signature_text)
    if signature is None:
        raise ValueError("a result was found without its signature")
    return Adoptable(sha256, signature, *rest)
