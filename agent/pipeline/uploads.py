"""Which uploads may go out now: the newest bills first, and none that something stops."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from agent.bills.begin import may_begin
from agent.bills.holds import company_scope
from agent.bills.instant import Instant
from agent.bills.rows import File, Place, Submission
from agent.bills.stages import FileStage
from agent.bills.values import FolderId
from agent.pipeline.concluding import Concluder
from agent.pipeline.holding import COMPANY_STOPPED, SENDING_STOPPED
from agent.pipeline.owners import Owners
from agent.pipeline.parts import Part, Shared
from agent.pipeline.work import Key, Source
from agent.pipeline.write_probes import WriteProbes

OPEN_JOBS = 1000
_MOST_LOOKED_AT = 2048
_REFUSED = "upload-refused"

Upload = tuple[Submission, tuple[Source, ...]]
"""A submission, and the files that hold its bytes."""


class Uploads(Part):
    """Chooses uploads; marks nothing as begun."""

    def __init__(
        self, shared: Shared, concluder: Concluder, owners: Owners, write_probes: WriteProbes
    ) -> None:
        super().__init__(shared)
        self._concluder = concluder
        self._owners = owners
        self._write_probes = write_probes

    def to_send(self, now: Instant) -> Generator[Upload]:
        """Yield what may be sent now. What was yielded has to be begun before the next is asked."""
        if "" in (self._memory.pauses or {}) or self._store.open_jobs() >= OPEN_JOBS:
            return
        stopped = self._stopped_folders()
        yield from self._refusal_probes(stopped, now)
        companies = self._stopped_companies()
        closed = self._holds.closed_directories(self._map.ids_by_path())
        page = 2 * self._map.plan.max_requests
        looked_at = 0
        while looked_at < _MOST_LOOKED_AT:
            rows = self._store.submissions_queued(
                self._map.plan.world, now.utc, page, looked_at, companies, stopped, closed
            )
            # What was yielded is begun and no longer queued, so those rows do not count.
            for row in rows:
                looked_at += 1
                sources = self._sources(row, stopped, now)
                if sources:
                    looked_at -= 1
                    yield row, sources
            if len(rows) < page:
                return

    def _refusal_probes(self, stopped: set[FolderId], now: Instant) -> Iterator[Upload]:
        """Yield one upload for each company that refused one, when it is time for another file.

        The refusal of a company for which nothing waits any more is forgotten.
        """
        for company in tuple(self._map.companies.values()):
            scope = company_scope(company.key)
            hold = self._holds.find(scope, (_REFUSED,))
            if hold is None or (hold.due or 0.0) > now.utc or company.found is None:
                continue
            if company.key not in self._memory.read_companies:
                continue
            if self._holds.find(scope, COMPANY_STOPPED - {_REFUSED}) is not None:
                continue
            waiting = [
                row
                for row in self._store.submissions_waiting(self._map.plan.world)
                if row.place.company_id == company.found.company.id
            ]
            if not waiting:
                self._recorder.notices += self._holds.end(scope, _REFUSED, now.utc)
            for row in sorted(waiting, key=lambda each: (each.refusals, -each.newest)):
                if row.due is None or row.due > now.utc:
                    continue
                sources = self._sources(row, stopped, now)
                if sources:
                    yield row, sources
                    self._holds.probed(hold, now.utc)
                    break

    def _sources(self, row: Submission, stopped: set[FolderId], now: Instant) -> tuple[Source, ...]:
        """Return the files from which the bytes may be sent; none while a step of theirs is out.

        None either while a result that was seen beside one of them has not been looked at.
        """
        if self._memory.is_out_submission(row.id):
            return ()
        files = [
            file
            for file in self._store.files_of(row.id)
            if file.stage is FileStage.LINKED and not file.missing and file.folder_id not in stopped
        ]
        for file in files:
            if not self._is_for(row, file):  # it changed while a step of the submission was out
                self._concluder.linker.link_anew(file, now)
        files = [file for file in files if self._is_for(row, file)]
        if not files:
            return ()
        if not may_begin(row, self._store.submissions_with(row.sha256, row.world)):
            for file in files:
                self._concluder.linker.link_anew(file, now)
            return ()
        if any(
            file.id in self._memory.inspect or self._memory.is_out(Key("files", file.id))
            for file in files
        ):
            return ()
        files = [file for file in files if not self._write_probes.holds_back(file, now)]
        if not files:
            return ()
        if row.reason is None and self._is_or_may_be_sent(row, files, now):
            return ()
        leaves_mark = self._map.plan.leaves_mark
        return tuple(
            Source(file.path, self._map.folders[file.folder_id].path if leaves_mark else None)
            for file in files
        )

    def _is_or_may_be_sent(self, row: Submission, files: list[File], now: Instant) -> bool:
        """Whether another machine that serves or served a folder of the files has sent them.

        True too while that is being looked for.
        """
        company = self._map.company_of(row.place.company_id)
        folders = {file.folder_id for file in files}
        is_shared = any(
            self._owners.is_shared(self._map.folders[each].path, now) for each in folders
        )
        if company is None or not is_shared:
            return False
        return self._concluder.lists.found_before(row, company, now) is not False

    def _is_for(self, row: Submission, file: File) -> bool:
        """Whether the file's folder still asks for the place that the submission is for."""
        place = self._map.place_of(file)
        return isinstance(place, Place) and place.is_same(row.place)

    def _stopped_companies(self) -> set[str]:
        """Return the ids of the companies for which nothing is sent now."""
        return {
            company.found.company.id
            for company in self._map.companies.values()
            if company.found is not None
            and company.key in self._map.plan.company_keys()
            and (
                company.key not in self._memory.read_companies
                or self._holds.find(company_scope(company.key), COMPANY_STOPPED) is not None
            )
        }

    def _stopped_folders(self) -> set[FolderId]:
        stopped = self._holds.stopped_folders(self._map.ids_by_path(), SENDING_STOPPED)
        return stopped | {
            folder.id
            for folder in self._map.folders.values()
            if folder.is_paused
            or self._map.plan_of(folder.id) is None
            or folder.id not in self._memory.read_folders
        }
