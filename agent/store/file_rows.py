"""Files of the watched folders: their rows, and which of them are due."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Any

from agent.bills.cloud import IN_CLOUD
from agent.bills.rows import File
from agent.bills.stages import State
from agent.bills.values import FileId, FolderId, Sha256, SubmissionId
from agent.store import codec, file_codec
from agent.store.file_codec import FILE_COLUMNS
from agent.store.rows import Rows, marks_for, outside

_SAVE_FILE = (
    f"INSERT INTO files ({FILE_COLUMNS}) VALUES ({codec.marks(FILE_COLUMNS)}) "
    f"ON CONFLICT (id) DO UPDATE SET {codec.update_of(FILE_COLUMNS, 'id')}"
)
_UNKNOWN_TO_OTHERS = (
    "(owed = '' OR stage = 'rejected' AND present <> '' OR stage = 'linked' "
    "AND present <> 'kept' AND present NOT LIKE substr(owed, 1, instr(owed, '.')) || '%')"
)
"""Results of ours for earlier bytes, which go, and first results of what was sent; no corrections
and no rejections, for whoever serves the folder makes them too."""


class FileRows(Rows):
    """The table of files."""

    def save_file(self, file: File, state: State, code: str | None) -> None:
        """Add or replace a file, with the state and code that people see."""
        self._connection.execute(_SAVE_FILE, file_codec.file_row(file, state, code))

    def file_as_shown(self, file_id: FileId) -> tuple[File, State, str | None] | None:
        """Return a file with the state and code that people see."""
        row = self._connection.execute(
            f"SELECT {FILE_COLUMNS} FROM files WHERE id = ?", (file_id,)
        ).fetchone()
        return None if row is None else (file_codec.file_of(row), *file_codec.shown_of(row))

    def shown(self, file_id: FileId) -> tuple[State, str | None] | None:
        """Return the state and code that people see of a file."""
        row = self._connection.execute(
            "SELECT state, code FROM files WHERE id = ?", (file_id,)
        ).fetchone()
        return None if row is None else (codec.state_of(row[0]), row[1])

    def file(self, file_id: FileId) -> File | None:
        """Return the file with this id."""
        return next(iter(self._files("id = ?", file_id)), None)

    def file_at(self, path: str) -> File | None:
        """Return the file at this path."""
        return next(iter(self._files("path = ?", os.fsencode(path))), None)

    def files_in(self, folder_id: FolderId) -> list[File]:
        """Return every file of a folder, gone ones too."""
        return self._files("folder_id = ?", folder_id)

    def file_ids_in(self, folder_id: FolderId) -> list[FileId]:
        """Return the ids of all files of a folder, gone ones too, in their order."""
        rows = self._connection.execute("SELECT id FROM files WHERE folder_id = ?", (folder_id,))
        return sorted(FileId(row[0]) for row in rows)

    def files_with_ids(self, ids: Collection[FileId]) -> list[File]:
        """Return the files with these ids, in the ids' order."""
        return self._files(f"id IN ({marks_for(ids)}) ORDER BY id", *ids)

    def has_files(self, folder_id: FolderId) -> bool:
        """Whether a folder has files that are not gone."""
        row = self._connection.execute(
            "SELECT 1 FROM files WHERE folder_id = ? AND state <> 'gone' LIMIT 1", (folder_id,)
        ).fetchone()
        return row is not None

    def files_of(self, submission_id: SubmissionId) -> list[File]:
        """Return the files whose bytes the submission is, the oldest row first."""
        return self._files("submission_id = ? ORDER BY id", submission_id)

    def files_with(self, sha256: Sha256) -> list[File]:
        """Return the files that held these bytes when last examined."""
        return self._files("sha256 = ? ORDER BY id", sha256)

    def files_without_place(self, limit: int = 1000, after: int = 0) -> list[File]:
        """Return examined files by id, for their company and site."""
        return self._files("stage = 'examined' AND id > ? ORDER BY id LIMIT ?", after, limit)

    def files_examined_in(self, folder_id: FolderId) -> list[File]:
        """Return a folder's examined files, by id."""
        return self._files("folder_id = ? AND stage = 'examined' ORDER BY id", folder_id)

    def files_in_state(self, state: State) -> list[File]:
        """Return every file in a state."""
        return self._files("state = ?", state.value)

    def files_due(self, now: float, limit: int, but: Collection[FolderId]) -> list[File]:
        """Return files whose step is due, the longest waiting first, not in the folders ``but``.

        Files in the cloud have a queue of their own.
        """
        return self._files(
            f"due <= ? AND code IS NOT '{IN_CLOUD}' AND folder_id NOT IN ({marks_for(but)}) "
            "ORDER BY due LIMIT ?",
            now,
            *but,
            limit,
        )

    def file_to_recall(
        self, now: float, but: Collection[FolderId], but_directories: Collection[str] = ()
    ) -> File | None:
        """Return the file in the cloud to be fetched next, if any, not from where ``but`` says.

        Those that were not tried yet come first, of them the newest.
        """
        is_outside, directories = outside(but_directories)
        files = self._files(
            f"code = '{IN_CLOUD}' AND due <= ? AND folder_id NOT IN ({marks_for(but)}) "
            f"AND {is_outside} ORDER BY failures, modified_ns DESC LIMIT 1",
            now,
            *but,
            *directories,
        )
        return files[0] if files else None

    def hasten_recalls(self, now: float) -> None:
        """Let every file in the cloud be tried now."""
        self._connection.execute(
            f"UPDATE files SET due = ? WHERE code = '{IN_CLOUD}' AND due > ?", (now, now)
        )

    def files_to_write(
        self,
        now: float,
        limit: int,
        but: Collection[FolderId],
        of_others: Collection[FolderId] = (),
        but_directories: Collection[str] = (),
    ) -> list[File]:
        """Return files whose result is to be written or removed, not in the folders ``but``.

        Nor in the directories named. In the folders ``of_others``, that another machine serves,
        only what that machine may not know: see `_UNKNOWN_TO_OTHERS`.
        """
        is_outside, directories = outside(but_directories)
        return self._files(
            f"write_due <= ? AND folder_id NOT IN ({marks_for(but)}) "
            f"AND (folder_id NOT IN ({marks_for(of_others)}) OR {_UNKNOWN_TO_OTHERS}) "
            f"AND {is_outside} ORDER BY write_due LIMIT ?",
            now,
            *but,
            *of_others,
            *directories,
            limit,
        )

    def files_owed(self, folder_id: FolderId, limit: int) -> list[File]:
        """Return files of a folder to which a result is owed, the longest waiting first."""
        return self._files(
            "write_due IS NOT NULL AND owed <> '' AND folder_id = ? ORDER BY write_due LIMIT ?",
            folder_id,
            limit,
        )

    def directories_waiting(self, folder_id: FolderId) -> tuple[set[str], set[str]]:
        """Return in which directories files wait to be sent, and in which for their result."""
        unsent, unwritten = set[str](), set[str]()
        for directory, is_written in self._connection.execute(
            "SELECT DISTINCT directory_of(path), write_due IS NOT NULL FROM files "
            "WHERE folder_id = ? "
            "AND (stage = 'linked' AND state = 'waiting' OR write_due IS NOT NULL)",
            (folder_id,),
        ):
            (unwritten if is_written else unsent).add(os.fsdecode(directory))
        return unsent, unwritten

    def restart_quiet_times(self, due: float) -> None:
        """Let every moving file be looked at from ``due`` on: quiet is counted anew."""
        self._connection.execute(
            "UPDATE files SET due = ? WHERE stage = 'found' AND due IS NOT NULL", (due,)
        )

    def sought_since(self) -> float | None:
        """Return since when a lost store may have sent what waits for a person's answer now."""
        row = self._connection.execute(
            "SELECT min(sought_since) FROM files "
            "WHERE sought_since IS NOT NULL AND question IS NOT NULL"
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def forget_files(self, files: Iterable[FileId]) -> None:
        """Forget files of a folder that is no longer watched, with their history."""
        for file_id in files:
            self._connection.execute("DELETE FROM history WHERE file_id = ?", (file_id,))
            self._connection.execute("DELETE FROM files WHERE id = ?", (file_id,))

    def next_file_id(self) -> int:
        """Return the id of the next new file."""
        return self._next_id("files")

    def _files(self, where: str, *values: Any) -> list[File]:
        rows = self._connection.execute(
            f"SELECT {FILE_COLUMNS} FROM files WHERE {where}",
            values,
        )
        return [file_codec.file_of(row) for row in rows]
