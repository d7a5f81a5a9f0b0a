"""What a company's sites and documents tell, and the holds of company and sites."""

from __future__ import annotations

from dataclasses import replace

from agent.bills import backoff
from agent.bills.change import Change
from agent.bills.errors import AgentError, NeedsAttention
from agent.bills.holds import Hold, company_scope, is_site_of, new_hold
from agent.bills.instant import Instant
from agent.bills.outcomes import DocumentsRead, Failed, SitesRead, StepOutcome
from agent.bills.resolve import Unresolved, find_company, find_site
from agent.bills.rows import CompanyKey, CompanyRow
from agent.pipeline.account import NOT_THERE, Account
from agent.pipeline.linking import Linker
from agent.pipeline.lists import DocumentLists
from agent.pipeline.parts import Part, Shared

_NOT_THERE_UNTIL_HOLD = 3
SITES_SECONDS = 3600.0


class Companies(Part):
    """Concludes the steps of companies."""

    def __init__(
        self, shared: Shared, account: Account, linker: Linker, lists: DocumentLists
    ) -> None:
        super().__init__(shared)
        self._account = account
        self._linker = linker
        self._lists = lists

    def conclude(self, key: CompanyKey, outcome: StepOutcome, now: Instant) -> None:
        """Write down what a reading of sites, or of documents, has shown."""
        row = self._map.companies.get(key)
        if row is None:
            return
        match outcome:
            case SitesRead():
                self._sites(row, outcome, now)
            case DocumentsRead():
                self._lists.read(row, outcome, now)
            case _:
                failures = row.failures + 1
                wait = backoff.backoff(1, failures)
                is_of_sites = key not in self._memory.listings
                changed = self._lists.broken_off(replace(row, failures=failures), wait, now)
                error = outcome.error if isinstance(outcome, Failed) else None
                if isinstance(error, NeedsAttention):
                    changed = replace(changed, failures=row.failures)
                    self._account.begin_hold(error.code, error.message, error.advice, now)
                elif (
                    error is not None
                    and error.code == NOT_THERE
                    and is_of_sites
                    and failures >= _NOT_THERE_UNTIL_HOLD
                ):
                    hold = self._company_hold(key, "company-missing", error, now)
                    changed = replace(changed, due=hold.due)
                self._recorder.record(Change(company=changed), now.utc)
                self._map.note(None, changed)

    def _sites(self, row: CompanyRow, read: SitesRead, now: Instant) -> None:
        scope = company_scope(row.key)
        remembered = row.found.company.id if row.found is not None else None
        company = find_company(read.companies, row.key, remembered)
        due = now.utc + SITES_SECONDS
        lifted = [(scope, code) for code in ("company-missing", "company-ambiguous")]
        lifted.append((scope, "company-changed"))
        changed = replace(row, read_at=now.utc, failures=0, due=due)
        if isinstance(company, Unresolved):
            hold = self._company_hold(row.key, company.code, company, now)
            lifted = [(where, code) for where, code in lifted if code != hold.code]
            changed = replace(changed, due=hold.due)
        elif read.found is not None:
            changed = replace(changed, found=read.found)
            if changed.documents_due is None and self._lists.are_wanted(changed):
                changed = replace(changed, documents_due=now.utc, documents_tries=0)
        self._recorder.record(Change(company=changed, lifted=tuple(lifted)), now.utc)
        self._map.note(None, changed)
        is_news = changed.found != row.found or row.key not in self._memory.read_companies
        self._memory.read_companies.add(row.key)
        if changed.found is not None:
            self._judge_sites(changed, now)
        if is_news or self._linker.has_skipped:
            # Else every file waits as before: a probe costs the same for one as for thousands.
            self._linker.relink(now)

    def _company_hold(
        self, key: CompanyKey, code: str, why: Unresolved | AgentError, now: Instant
    ) -> Hold:
        """Begin a company's hold, or note that it was probed; return it as it is now."""
        return self._probed_or_begun(
            new_hold(code, company_scope(key), why.message, why.advice, now.utc), now
        )

    def _probed_or_begun(self, hold: Hold, now: Instant) -> Hold:
        """Begin a hold whose cause was just seen; one that is in force was probed thereby."""
        known = self._holds.find(hold.scope, (hold.code,))
        if known is not None:
            self._holds.probed(known, now.utc)
        self._recorder.notices += self._holds.begin(hold, now.utc)
        return self._holds.find(hold.scope, (hold.code,)) or hold

    def _judge_sites(self, row: CompanyRow, now: Instant) -> None:
        """Begin and end the holds of the company's sites that some folder asks for."""
        assert row.found is not None
        asked = {
            folder.site
            for folder in self._map.plan.folders
            if folder.company == row.key and not folder.is_by_subfolder
        }
        asked |= {
            site
            for file in self._store.files_without_place(limit=100_000)
            if (plan := self._map.plan_of(file.folder_id)) is not None
            and plan.company == row.key
            and (site := self._map.asked_site(file)) is not None
        }
        wanted = {}
        for external_id in asked:
            found = find_site(row.found, external_id, row.key)
            if isinstance(found, Unresolved):
                wanted[(found.scope, found.code)] = found
        probes: list[float] = []
        for hold in self._holds.all():
            if not is_site_of(hold.scope, row.key):
                continue
            if (hold.scope, hold.code) not in wanted:
                self._recorder.notices += self._holds.end(hold.scope, hold.code, now.utc)
        for why in wanted.values():
            hold = new_hold(why.code, why.scope, why.message, why.advice, now.utc)
            due = self._probed_or_begun(hold, now).due
            if due is not None:
                probes.append(due)
        if probes:
            sooner = replace(row, due=min([*probes, row.due or probes[0]]))
            self._recorder.record(Change(company=sooner), now.utc)
            self._map.note(None, sooner)
