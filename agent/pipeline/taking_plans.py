"""Taking up a plan, and the uploads that the last run left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from agent.bills.change import Change
from agent.bills.corrections import scheduled
from agent.bills.decide_submission import in_doubt
from agent.bills.holds import ScopeKind
from agent.bills.instant import Instant
from agent.bills.plan import FolderPlan, Plan
from agent.bills.rows import CompanyRow, File, Folder
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import FileId, FolderId
from agent.pipeline.linking import seek
from agent.pipeline.parts import Part
from agent.store.remembered import STORE_LOST


class PlanTaker(Part):
    """Makes the store's folders and companies those of the plan."""

    def take(self, plan: Plan, now: Instant) -> None:
        """Put a plan in force: its folders and companies, and no hold of what it names no more."""
        is_another_world = plan.world != self._map.plan.world
        self._map.plan = plan
        self._memory.read_companies.clear()
        self._memory.listings.clear()
        self._memory.steady.clear()
        self._take_folders(plan, now)
        known = {row.key for row in self._store.companies(plan.world)}
        for row in self._store.companies(plan.world):
            fresh = replace(row, due=now.utc, failures=0)
            self._store.save_company(scheduled(fresh, plan.refresh_hours, now.utc))
        for key in plan.company_keys() - known:
            fresh = CompanyRow(key, plan.world, due=now.utc)
            self._store.save_company(scheduled(fresh, plan.refresh_hours, now.utc))
        self._map.reload()
        for hold in self._holds.all():
            is_of_nectar = hold.scope.kind in (ScopeKind.SITE, ScopeKind.COMPANY)
            if not plan.concerns(hold) or (is_another_world and is_of_nectar):
                self._recorder.notices += self._holds.end(hold.scope, hold.code, now.utc)

    def _take_folders(self, plan: Plan, now: Instant) -> None:
        known = {folder.path: folder for folder in self._store.folders()}
        # What a store that was lost had sent came from the folders that there were.
        is_lost = not known and self._store.meta(STORE_LOST) is not None
        for wanted in plan.folders:
            folder = known.get(wanted.path)
            if folder is None:
                folder = Folder(
                    self._store.next_folder_id(),
                    wanted.path,
                    due=now.utc,
                    met_at=now.utc,
                    is_lost=is_lost,
                )
            elif not folder.is_configured:
                folder = replace(folder, is_configured=True, first_look="", due=now.utc)
            else:
                folder = replace(folder, due=now.utc)
            self._store.save_folder(folder)
            known[wanted.path] = folder
        paths = {folder.path for folder in plan.folders}
        self._rehome(known, plan)
        for path, folder in known.items():
            if path not in paths and folder.is_configured:
                self._forget_waiting(folder, now)
                self._store.save_folder(replace(folder, is_configured=False, due=None))

    def _rehome(self, folders: dict[str, Folder], plan: Plan) -> None:
        """Give files to the deepest watched folder that reads them.

        A folder inside one that was looked at before needs no first look of its own.
        """
        deepest_first = sorted(plan.folders, key=lambda each: len(each.path), reverse=True)
        for folder in tuple(folders.values()):
            if not any(
                each.path != folder.path
                and (_is_below(each.path, folder.path) or _is_below(folder.path, each.path))
                for each in deepest_first
            ):
                continue
            for file in self._store.files_in(folder.id):
                home = next((each.path for each in deepest_first if _reads(each, file.path)), None)
                if home is None or folders[home].id == file.folder_id:
                    continue
                self._move_home(file, folders[home].id)
                if not folders[home].first_look and _is_below(home, folder.path):
                    folders[home] = replace(folders[home], first_look=folder.first_look)
                    self._store.save_folder(folders[home])

    def _move_home(self, file: File, folder_id: FolderId) -> None:
        shown = self._store.shown(file.id)
        assert shown is not None, "its row was just read"
        self._store.save_file(replace(file, folder_id=folder_id), *shown)

    def _forget_waiting(self, folder: Folder, now: Instant) -> None:
        """Forget files of a folder that is no longer watched, unless Nectar may know them."""
        forgotten: list[FileId] = []
        for file in self._store.files_in(folder.id):
            submission = self._store.submission(file.submission_id) if file.submission_id else None
            if submission is not None and submission.stage.was_begun:
                continue
            if file.stage is FileStage.REJECTED and file.present:
                continue
            unlinked = replace(file, submission_id=None, stage=FileStage.GONE, due=None)
            self._recorder.record(Change(files=(unlinked,)), now.utc)
            forgotten.append(file.id)
        self._store.forget_files(forgotten)

    def take_up_uploads(self, now: Instant) -> None:
        """Look for uploads that were begun when the last run ended."""
        for row in self._store.submissions_begun(self._map.plan.world):
            if row.stage is not SubmissionStage.BEGUN or row.doubt_ends is not None:
                continue
            company = self._map.company_of(row.place.company_id)
            slowest = company.slowest_job if company is not None else None
            change = in_doubt(row, "the agent was stopped in it", slowest, now.utc)
            self._recorder.record(change, now.utc)
            if company is not None and change.submission is not None:
                sought = seek(company, row, change.submission, now.utc)
                self._recorder.record(Change(company=sought), now.utc)
                self._map.note(None, sought)


def _reads(folder: FolderPlan, path: str) -> bool:
    """Whether a file is in the reach of a folder, nested ones left aside."""
    if folder.recursive:
        return _is_below(path, folder.path)
    return str(PurePath(path).parent) == folder.path


def _is_below(path: str, root: str) -> bool:
    return path == root or PurePath(path).is_relative_to(root)
