"""Folders that are or were watched, and companies at Nectar."""

from __future__ import annotations

from agent.bills.exact_json import json_text, parse_json
from agent.bills.rows import CompanyKey, CompanyRow, Folder, World
from agent.bills.values import FolderId
from agent.store import codec, place_codec
from agent.store.place_codec import COMPANY_COLUMNS, FOLDER_COLUMNS
from agent.store.rows import Rows

_SAVE_FOLDER = (
    f"INSERT INTO folders ({FOLDER_COLUMNS}) VALUES ({codec.marks(FOLDER_COLUMNS)}) "
    f"ON CONFLICT (id) DO UPDATE SET {codec.update_of(FOLDER_COLUMNS, 'id')}"
)
_SAVE_COMPANY = (
    f"INSERT OR REPLACE INTO companies ({COMPANY_COLUMNS}) VALUES ({codec.marks(COMPANY_COLUMNS)})"
)


class PlaceRows(Rows):
    """The tables of folders and companies."""

    def save_folder(self, folder: Folder) -> None:
        """Add or replace a folder."""
        self._connection.execute(_SAVE_FOLDER, place_codec.folder_row(folder))

    def folders(self) -> list[Folder]:
        """Return every folder that was ever watched."""
        rows = self._connection.execute(f"SELECT {FOLDER_COLUMNS} FROM folders ORDER BY id")
        return [place_codec.folder_of(row) for row in rows]

    def next_folder_id(self) -> FolderId:
        """Return the id of the next new folder."""
        return FolderId(self._next_id("folders"))

    def save_company(self, row: CompanyRow) -> None:
        """Add or replace a company; the durations of its jobs stay."""
        found = self._connection.execute(
            "SELECT job_seconds FROM companies WHERE name = ? AND world = ?",
            (row.key, row.world.key),
        ).fetchone()
        self._connection.execute(
            _SAVE_COMPANY, place_codec.company_row(row, found[0] if found else "[]")
        )

    def companies(self, world: World) -> list[CompanyRow]:
        """Return the companies of a world."""
        rows = self._connection.execute(
            f"SELECT {COMPANY_COLUMNS} FROM companies WHERE world = ?",
            (world.key,),
        )
        return [place_codec.company_of(row) for row in rows]

    def note_job_seconds(self, key: CompanyKey, world: World, seconds: float) -> float | None:
        """Keep how long a job took; return the slowest of the last 20 of its company."""
        row = self._connection.execute(
            "SELECT job_seconds FROM companies WHERE name = ? AND world = ?", (key, world.key)
        ).fetchone()
        if row is None:
            return None
        kept = [*parse_json(row[0]), round(seconds, 1)][-place_codec.LAST_JOBS :]
        self._connection.execute(
            "UPDATE companies SET job_seconds = ? WHERE name = ? AND world = ?",
            (json_text(kept), key, world.key),
        )
        return float(max(kept))
