"""From rows to the plan: which entry a file's folder is, which place it is for, what is stopped."""

from __future__ import annotations

from collections.abc import Mapping

from agent.bills.backoff import JOB_NOT_THERE_SECONDS
from agent.bills.linking import LinkContext
from agent.bills.plan import FolderPlan, Plan, site_asked
from agent.bills.resolve import Unresolved, resolve
from agent.bills.rows import CompanyKey, CompanyRow, File, Folder, Place
from agent.bills.values import FolderId, Sha256, SubmissionId
from agent.store.store import Store


class Map:
    """The plan over the store's folders and companies. Reloaded when either changes."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store = store
        self.plan = plan
        self.folders: dict[FolderId, Folder] = {}
        self.companies: dict[CompanyKey, CompanyRow] = {}
        self._plans: dict[FolderId, FolderPlan] = {}
        self._ids: dict[str, FolderId] = {}
        self.reload()

    def reload(self) -> None:
        """Read folders and companies again."""
        self.folders = {folder.id: folder for folder in self._store.folders()}
        self.companies = {row.key: row for row in self._store.companies(self.plan.world)}
        by_path = {folder.path: folder for folder in self.plan.folders}
        self._plans = {
            folder.id: by_path[folder.path]
            for folder in self.folders.values()
            if folder.path in by_path
        }
        self._ids = {plan.path: folder_id for folder_id, plan in self._plans.items()}

    def note(self, folder: Folder | None, company: CompanyRow | None) -> None:
        """Take over a row that was just written."""
        if folder is not None:
            self.folders[folder.id] = folder
        if company is not None:
            self.companies[company.key] = company

    def plan_of(self, folder_id: FolderId) -> FolderPlan | None:
        """Return the entry of a folder, None where it is no longer watched."""
        return self._plans.get(folder_id)

    def ids_by_path(self) -> Mapping[str, FolderId]:
        """Return the watched folders by path."""
        return self._ids

    def place_of(self, file: File) -> Place | Unresolved | None:
        """Return the place that a file is for now, None where its folder is not watched."""
        plan = self.plan_of(file.folder_id)
        if plan is None:
            return None
        return resolve(plan, file.path, self.plan, self.companies)

    def asked_site(self, file: File) -> str | None:
        """Return the externalId that a file is for, as the configuration says it."""
        plan = self.plan_of(file.folder_id)
        return site_asked(plan, file.path, self.plan.site_names) if plan is not None else None

    def link_context(self, file: File) -> LinkContext | None:
        """Return what linking a file needs to know, None where its folder is not watched."""
        place = self.place_of(file)
        if place is None or file.sha256 is None:
            return None
        same = self._store.submissions_with(file.sha256, self.plan.world)
        first_paths: dict[SubmissionId, str] = {}
        for one in same:
            files = self._store.files_of(one.id)
            if files:
                first_paths[one.id] = files[0].path
        company = self.company_of(place.company_id) if isinstance(place, Place) else None
        return LinkContext(
            self.plan.world,
            place,
            same,
            first_paths,
            self._store.next_submission_id(),
            company.slowest_job if company is not None else None,
            self._told_since(file, file.sha256),
        )

    def _told_since(self, file: File, sha256: Sha256) -> float | None:
        """Return when the same bytes may have been sent, by a result that waits to be adopted."""
        moments = [
            other.adoptable.signature.modified - JOB_NOT_THERE_SECONDS
            for other in self._store.files_with(sha256)
            if other.id != file.id and other.adoptable is not None and other.adoptable.was_sent
        ]
        return min(moments, default=None)

    def company_of(self, company_id: str) -> CompanyRow | None:
        """Return the row of the company with this id: of several the one that is configured."""
        rows = [
            row
            for row in self.companies.values()
            if row.found is not None and row.found.company.id == company_id
        ]
        return min(rows, key=lambda row: row.key not in self.plan.company_keys(), default=None)
