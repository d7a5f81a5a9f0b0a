"""Which submission a file belongs to: found anew when its bytes, its site or the plan change."""

from __future__ import annotations

from dataclasses import replace

from agent.bills import backoff
from agent.bills.change import Change
from agent.bills.instant import Instant
from agent.bills.linking import link
from agent.bills.resolve import Unresolved
from agent.bills.rows import CompanyRow, File, Folder, Place, Submission
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import FileId
from agent.pipeline.misplaced import Misplaced
from agent.pipeline.parts import Part, Shared


class Linker(Part):
    """Links files to submissions, once the sites of their company are known."""

    def __init__(self, shared: Shared, misplaced: Misplaced) -> None:
        super().__init__(shared)
        self._misplaced = misplaced
        self.has_skipped = False
        """Whether something was not linked when the rest was."""

    def link(self, file_id: FileId, now: Instant) -> None:
        """Find the submission of an examined file."""
        file = self._store.file(file_id)
        if file is None or file.stage is not FileStage.EXAMINED:
            return
        if file.question is not None and file.question.code != "asks-other-site":
            return
        if file.adoptable is not None and (not file.adoptable.was_sent or file.due is not None):
            return  # its result is being read back
        plan = self._map.plan_of(file.folder_id)
        context = self._map.link_context(file)
        if plan is None or context is None or plan.company not in self._memory.read_companies:
            return  # sites known from an earlier run may have changed since
        file = replace(file, asked_site=self._map.asked_site(file))
        change = link(file, context, now.utc)
        misplaced = self._misplaced
        if isinstance(context.place, Unresolved) and misplaced.is_told(context.place):
            change = replace(change, holds=())  # it names others, too
        self._recorder.record(change, now.utc)
        if change.holds and plan is not None:
            misplaced.judge(self._map.folders[file.folder_id], now)
        company = self._map.companies.get(plan.company)
        if company is not None and change.submission is not None:
            before = next(
                (one for one in context.same_bytes if one.id == change.submission.id), None
            )
            sought = seek(company, before, change.submission, now.utc)
            if sought != company:
                self._recorder.record(Change(company=sought), now.utc)
                self._map.note(None, sought)

    def relink(self, now: Instant) -> None:
        """Find the submission of every file that waits for one, and of what is mapped anew.

        Only files whose submission was not begun follow a changed mapping.
        """
        self.has_skipped = False
        for row in self._store.submissions_waiting(self._map.plan.world):
            if self._memory.is_out_submission(row.id):
                self.has_skipped = True
                continue
            for file in self._store.files_of(row.id):
                place = self._map.place_of(file)
                if file.stage is not FileStage.LINKED or place is None or place == row.place:
                    continue
                if isinstance(place, Place) and place.is_same(row.place):  # it was renamed
                    self._recorder.record(Change(submission=replace(row, place=place)), now.utc)
                else:
                    self._unlink(file, now)
        for folder in tuple(self._map.folders.values()):
            self._misplaced.judge(folder, now)
        after, busy = 0, self._memory.busy_files()
        while True:
            files = self._store.files_without_place(after=after)
            if not files:
                break
            after = files[-1].id
            for file in files:
                if file.id in busy:
                    self.has_skipped = True
                else:
                    self.link(file.id, now)

    def link_all_again(self) -> None:
        """Let the next reading of sites link every file: what was linked was perhaps not kept."""
        self.has_skipped = True

    def link_anew(self, file: File, now: Instant) -> None:
        """Link a file again whose submission may not be sent: a person may have to be asked."""
        self._unlink(file, now)
        self.link(file.id, now)

    def seek_first(self, folder: Folder, now: Instant) -> None:
        """Let what waits in a folder that another machine had be looked for before it is sent."""
        for file in self._store.files_in(folder.id):
            if file.stage is not FileStage.LINKED or file.submission_id is None:
                continue
            row = self._store.submission(file.submission_id)
            if row is not None and row.stage is SubmissionStage.QUEUED and row.reason is None:
                self.link_anew(file, now)

    def _unlink(self, file: File, now: Instant) -> None:
        unlinked = replace(file, stage=FileStage.EXAMINED, submission_id=None, since=now.utc)
        self._recorder.record(Change(files=(unlinked,)), now.utc)


def seek(
    company: CompanyRow, before: Submission | None, after: Submission, now: float
) -> CompanyRow:
    """Return the company with its documents read soon, where ``after`` is newly looked for."""
    was_sought = before is not None and before.doubt_ends is not None
    was_not_there = before is not None and before.not_there_since is not None
    is_new = (after.doubt_ends is not None and not was_sought) or (
        after.not_there_since is not None and not was_not_there
    )
    if not is_new:
        return company
    due = now + backoff.document_list_wait(0)
    if company.documents_due is not None:
        due = min(due, company.documents_due)
    return replace(company, documents_due=due, documents_tries=0)
