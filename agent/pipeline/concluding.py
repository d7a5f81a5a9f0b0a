"""What came back from a step is decided by the pure functions and written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from agent.bills import backoff
from agent.bills.adopting import adopt
from agent.bills.arrivals import SECOND_READING_SECONDS
from agent.bills.change import Change
from agent.bills.cloud import put_in_cloud
from agent.bills.decide_file import BUGS_UNTIL_SET_ASIDE, FileContext, decide_file
from agent.bills.decide_submission import (
    SubmissionContext,
    decide_submission,
    set_aside_question,
)
from agent.bills.errors import AgentError, NeedsAttention, NoConnection, NotAnswering, Transient
from agent.bills.holds import ACCOUNT, Hold, company_scope, is_site_of, new_hold, probe_wait
from agent.bills.instant import Instant
from agent.bills.linking import link
from agent.bills.outcomes import (
    Accepted,
    Answered,
    Bug,
    BytesInCloud,
    DocumentsRead,
    Doubtful,
    Examined,
    Failed,
    Fetched,
    FileOutcome,
    NoBytes,
    NotOurs,
    NotSent,
    Polled,
    ReadBack,
    Recalled,
    ResultKept,
    ResultSeen,
    ResultWritten,
    SitesRead,
    StepOutcome,
    SubmissionOutcome,
    Unfit,
    Vanished,
)
from agent.bills.resolve import Unresolved, find_company, find_site
from agent.bills.rows import CompanyKey, CompanyRow, File, Folder, Place, Submission
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import FileId, SubmissionId
from agent.pipeline.holding import HoldBook
from agent.pipeline.lists import DocumentLists
from agent.pipeline.looking_again import LookingAgain
from agent.pipeline.mapping import Map
from agent.pipeline.memory import Memory
from agent.pipeline.owners import Owners
from agent.pipeline.readings import Readings
from agent.pipeline.recording import Recorder
from agent.pipeline.work import Kind, Report
from agent.store.store import Store

NOT_THERE = "not-there"
"""The code of an object that Nectar does not have, or that this key may not see."""
_NOT_THERE_UNTIL_HOLD = 3
OUTAGE_CONNECTION_FAILURES = 3
OUTAGE_OTHER_FAILURES = 6
"""So many failures in a row, with nothing answered between, are an outage."""
SITES_SECONDS = 3600.0
_ACCOUNT_CODES = (
    "key-missing",
    "key-refused",
    "no-connection",
    "tls-not-trusted",
)


class Concluder:
    """Turns reports into changes, within the turn's transaction."""

    def __init__(
        self,
        store: Store,
        where: Map,
        holds: HoldBook,
        recorder: Recorder,
        memory: Memory,
        owners: Owners,
        readings: Readings,
    ) -> None:
        self._store = store
        self._map = where
        self._holds = holds
        self._recorder = recorder
        self._memory = memory
        self._owners = owners
        self._readings = readings
        self._has_skipped = False
        """Whether something was not linked when the rest was."""
        self.looking_again = LookingAgain(store, where, holds, recorder, memory, readings.hint)
        self.lists = DocumentLists(store, where, recorder, memory)

    def conclude(self, report: Report, now: Instant) -> None:
        """Write down what follows from one report."""
        step, outcome = report.step, report.outcome
        self._memory.out.pop(step.key, None)
        if step in self._memory.outdated:
            return
        if step.lane == "nectar":
            self._note_connection(outcome, now)
        match step.key.table:
            case "files":
                self._file(FileId(cast("int", step.key.row)), step.kind, outcome, now)
            case "submissions":
                self._submission(SubmissionId(cast("int", step.key.row)), outcome, now)
            case "folders":
                self._readings.conclude(step, outcome, now)
            case "companies":
                self._company(CompanyKey(cast("str", step.key.row)), outcome, now)
            case _:
                self._ping(outcome, now)

    # --- the account --------------------------------------------------------------------------

    def _note_connection(self, outcome: StepOutcome, now: Instant) -> None:
        """Notice outages: connection failures in a row, or anything but answers for longer."""
        memory = self._memory
        if isinstance(outcome, NotSent) and not outcome.was_tried:
            return
        error = outcome.error if isinstance(outcome, Failed | NotSent | Doubtful) else None
        if error is None or error.code == NOT_THERE:  # that is an answer, too
            if not isinstance(outcome, Bug | Answered | NoBytes | BytesInCloud | NotOurs):
                memory.failures_in_a_row = 0
                memory.is_proving = False
            return
        if isinstance(error, Transient) and error.retry_after:
            memory.not_before = max(memory.not_before, now.utc + error.retry_after)
        if isinstance(error, NeedsAttention):
            return
        weight = (
            OUTAGE_OTHER_FAILURES
            if isinstance(error, NoConnection)
            else (OUTAGE_CONNECTION_FAILURES)
        )
        memory.failures_in_a_row += weight
        if memory.failures_in_a_row < OUTAGE_CONNECTION_FAILURES * OUTAGE_OTHER_FAILURES:
            return
        self._begin_no_connection(error, now)

    def _begin_account_hold(self, code: str, message: str, advice: str, now: Instant) -> None:
        hold = new_hold(code, ACCOUNT, message, advice, now.utc)
        self._recorder.notices += self._holds.begin(hold, now.utc)
        self._memory.failures_in_a_row = 0

    def _ping(self, outcome: StepOutcome, now: Instant) -> None:
        if isinstance(outcome, Answered):
            if self._end_account_holds(_ACCOUNT_CODES, now):
                self._memory.is_proving = True
                self._memory.not_before = 0.0
                self.looking_again.everywhere(now)
        elif isinstance(outcome, Failed) and isinstance(outcome.error, NeedsAttention):
            # Another cause than before: the old hold would hide it.
            error = outcome.error
            self._end_account_holds([code for code in _ACCOUNT_CODES if code != error.code], now)
            self._begin_account_hold(error.code, error.message, error.advice, now)
        elif isinstance(outcome, Failed):
            # There is a key, whatever became of it; an answer came over a trusted line.
            is_reached = not isinstance(outcome.error, NoConnection)
            disproved = ("key-missing", "tls-not-trusted") if is_reached else ("key-missing",)
            self._end_account_holds(disproved, now)
            self._begin_no_connection(outcome.error, now)

    def _end_account_holds(self, codes: Iterable[str], now: Instant) -> bool:
        ended = [notice for code in codes for notice in self._holds.end(ACCOUNT, code, now.utc)]
        self._recorder.notices += ended
        return bool(ended)

    def _begin_no_connection(self, error: AgentError, now: Instant) -> None:
        self._begin_account_hold(
            "no-connection",
            f"Nectar does not answer: {error.message}",
            "Nothing is lost and nothing to do; it goes on by itself when Nectar answers.",
            now,
        )

    # --- files --------------------------------------------------------------------------------

    def _file(self, file_id: FileId, kind: Kind, outcome: StepOutcome, now: Instant) -> None:
        file = self._store.file(file_id)
        if file is None:
            return
        self._memory.stepped[file_id] = now.utc
        if isinstance(outcome, ReadBack):
            context = self._map.link_context(file)
            if context is not None:
                change = adopt(file, outcome, context, now.utc)
                self._recorder.record(change, now.utc)
                self._note_adopted_job(change.submission)
            return
        folder = self._map.folders.get(file.folder_id)
        signature = getattr(outcome, "signature", file.signature)
        plan = self._map.plan
        is_watched = self._map.plan_of(file.folder_id) is not None
        context_of_file = FileContext(
            folder_path=folder.path if folder is not None else "",
            quiet_for=self._memory.quiet_for(file_id, signature, now),
            quiet_seconds=plan.quiet_seconds,
            incomplete_seconds=plan.incomplete_seconds,
            is_write=kind is Kind.WRITE,
            submission=self._store.submission(file.submission_id) if file.submission_id else None,
            is_of_another=folder is not None and self._owners.is_of_another(folder.path),
            is_watched=is_watched,
        )
        if kind is Kind.RECALL:
            self._pace_recalls(outcome, now)
        change = decide_file(file, cast("FileOutcome", outcome), context_of_file, now.utc)
        self._recorder.record(change, now.utc)
        if isinstance(outcome, Vanished) and folder is not None and is_watched:
            self._readings.hint(folder, now, SECOND_READING_SECONDS)
        error = outcome.error if isinstance(outcome, Failed) else None
        if isinstance(error, NotAnswering) and folder is not None and is_watched:
            self._readings.failures.does_not_answer(folder, error, now)
        if error is not None and kind is Kind.WRITE and folder is not None and is_watched:
            self._readings.write_probes.failed(folder, error)
        if isinstance(outcome, ResultWritten) and folder is not None:
            self._readings.write_probes.end(folder, now)
        if isinstance(outcome, Examined | Unfit | ResultSeen | ResultKept):
            self._memory.quiet.pop(file_id, None)
            self.link(file_id, now)

    def _pace_recalls(self, outcome: StepOutcome, now: Instant) -> None:
        """Ask the cloud less often while it gives nothing, for whichever file."""
        memory = self._memory
        if isinstance(outcome, Recalled):
            memory.recalls_failed = 0
        elif isinstance(outcome, Failed):
            memory.no_recall_before = now.utc + probe_wait(memory.recalls_failed)
            memory.recalls_failed += 1

    def _note_adopted_job(self, row: Submission | None) -> None:
        """Learn from a result how long Nectar takes: after a lost store nothing else tells it."""
        company = self._map.company_of(row.place.company_id) if row is not None else None
        if row is None or company is None or row.sent_at is None or row.answered_at is None:
            return
        seconds = row.answered_at - row.sent_at
        slowest = self._store.note_job_seconds(company.key, company.world, seconds)
        self._map.note(None, replace(company, slowest_job=slowest))

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
        misplaced = self._readings.misplaced
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
        self._has_skipped = False
        for row in self._store.submissions_waiting(self._map.plan.world):
            if self._memory.is_out_submission(row.id):
                self._has_skipped = True
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
            self._readings.misplaced.judge(folder, now)
        after, busy = 0, self._memory.busy_files()
        while True:
            files = self._store.files_without_place(after=after)
            if not files:
                break
            after = files[-1].id
            for file in files:
                if file.id in busy:
                    self._has_skipped = True
                else:
                    self.link(file.id, now)

    def link_all_again(self) -> None:
        """Let the next reading of sites link every file: what was linked was perhaps not kept."""
        self._has_skipped = True

    def link_anew(self, file: File, now: Instant) -> None:
        """Link a file again whose submission may not be sent: a person may have to be asked."""
        self._unlink(file, now)
        self.link(file.id, now)

    def _unlink(self, file: File, now: Instant) -> None:
        unlinked = replace(file, stage=FileStage.EXAMINED, submission_id=None, since=now.utc)
        self._recorder.record(Change(files=(unlinked,)), now.utc)

    # --- submissions --------------------------------------------------------------------------

    def _submission(self, submission_id: SubmissionId, outcome: StepOutcome, now: Instant) -> None:
        row = self._store.submission(submission_id)
        if row is None:
            return
        company = self._map.company_of(row.place.company_id)
        key = company.key if company is not None else CompanyKey("")
        accepted_at = company.accepted_at if company is not None else None
        jobs = (
            [str(one.document.get("jobId")) for one in outcome.answers.duplicates if one.document]
            if isinstance(outcome, Fetched)
            else []
        )
        context = SubmissionContext(
            company=key,
            slowest_job=company.slowest_job if company is not None else None,
            others_passed=(
                accepted_at is not None
                and row.refused_at is not None
                and accepted_at > row.refused_at
            ),
            usage_patience_seconds=self._map.plan.usage_patience_seconds,
            our_other_jobs=self._store.known_jobs(jobs, but=row.id),
            known_documents=self._store.documents_of(row.id),
        )
        change = decide_submission(row, cast("SubmissionOutcome", outcome), context, now.utc)
        if change.holds:
            # A company that no folder names any more lets nothing wait.
            held = tuple(hold for hold in change.holds if self._map.plan.concerns(hold.scope))
            change = replace(change, holds=held)
        self._recorder.record(change, now.utc)
        if isinstance(outcome, BytesInCloud):
            for file in self._store.files_of(row.id):
                if file.path in outcome.paths and file.stage is FileStage.LINKED:
                    self._recorder.record(Change(files=(put_in_cloud(file, now.utc),)), now.utc)
        after = change.submission
        if isinstance(outcome, NotOurs):
            self._read_again(row, now)
        if company is not None and after is not None:
            self._note_company(company, row, after, outcome, now)
        if isinstance(outcome, Bug) and after is not None and after.bugs >= BUGS_UNTIL_SET_ASIDE:
            for file in self._store.files_of(row.id):
                question = set_aside_question(file.path, outcome.text)
                self._recorder.record(Change(files=(replace(file, question=question),)), now.utc)

    def _read_again(self, row: Submission, now: Instant) -> None:
        """Read the folders of a submission before anything else is sent from them."""
        for file in self._store.files_of(row.id):
            folder = self._map.folders.get(file.folder_id)
            if folder is not None and self._map.plan_of(folder.id) is not None:
                self._memory.read_folders.discard(folder.id)
                self._memory.steady.pop(folder.id, None)
                self._readings.hint(folder, now, 0.0)

    def _note_company(
        self,
        company: CompanyRow,
        before: Submission,
        after: Submission,
        outcome: StepOutcome,
        now: Instant,
    ) -> None:
        """Keep what the submission's outcome tells about its company."""
        changed = company
        if isinstance(outcome, Accepted):
            changed = replace(changed, accepted_at=now.utc)
            ended = self._holds.end(company_scope(company.key), "upload-refused", now.utc)
            self._recorder.notices += ended
        if isinstance(outcome, Polled) and after.stage is not SubmissionStage.ACCEPTED:
            seconds = now.utc - (before.sent_at or now.utc)
            slowest = self._store.note_job_seconds(company.key, company.world, seconds)
            changed = replace(changed, slowest_job=slowest)
        changed = seek(changed, before, after, now.utc)
        if after.refused_at == now.utc:
            changed = replace(changed, due=now.utc)  # a 404 may be an archived site
        if changed != company:
            self._recorder.record(Change(company=changed), now.utc)
            self._map.note(None, changed)

    # --- folders ------------------------------------------------------------------------------

    def seek_first(self, folder: Folder, now: Instant) -> None:
        """Let what waits in a folder that another machine had be looked for before it is sent."""
        for file in self._store.files_in(folder.id):
            if file.stage is not FileStage.LINKED or file.submission_id is None:
                continue
            row = self._store.submission(file.submission_id)
            if row is not None and row.stage is SubmissionStage.QUEUED and row.reason is None:
                self.link_anew(file, now)

    # --- companies ----------------------------------------------------------------------------

    def _company(self, key: CompanyKey, outcome: StepOutcome, now: Instant) -> None:
        row = self._map.companies.get(key)
        if row is None:
            return
        match outcome:
            case SitesRead():
                self._sites(row, outcome, now)
            case DocumentsRead():
                self.lists.read(row, outcome, now)
            case _:
                failures = row.failures + 1
                wait = backoff.backoff(1, failures)
                is_of_sites = key not in self._memory.listings
                changed = self.lists.broken_off(replace(row, failures=failures), wait, now)
                error = outcome.error if isinstance(outcome, Failed) else None
                if isinstance(error, NeedsAttention):
                    changed = replace(changed, failures=row.failures)
                    self._begin_account_hold(error.code, error.message, error.advice, now)
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
            if changed.documents_due is None and self.lists.are_wanted(changed):
                changed = replace(changed, documents_due=now.utc, documents_tries=0)
        self._recorder.record(Change(company=changed, lifted=tuple(lifted)), now.utc)
        self._map.note(None, changed)
        is_news = changed.found != row.found or row.key not in self._memory.read_companies
        self._memory.read_companies.add(row.key)
        if changed.found is not None:
            self._judge_sites(changed, now)
        if is_news or self._has_skipped:
            # Else every file waits as before: a probe costs the same for one as for thousands.
            self.relink(now)

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
