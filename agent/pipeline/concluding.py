"""What came back from a step is decided by the pure functions and written down."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

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
from agent.bills.errors import NotAnswering
from agent.bills.holds import company_scope, probe_wait
from agent.bills.instant import Instant
from agent.bills.outcomes import (
    Accepted,
    Bug,
    BytesInCloud,
    Examined,
    Failed,
    Fetched,
    FileOutcome,
    NotOurs,
    Polled,
    ReadBack,
    Recalled,
    ResultKept,
    ResultSeen,
    ResultWritten,
    StepOutcome,
    SubmissionOutcome,
    Unfit,
    Vanished,
)
from agent.bills.rows import CompanyKey, CompanyRow, Submission
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import FileId, SubmissionId
from agent.pipeline.account import Account
from agent.pipeline.companies import Companies
from agent.pipeline.linking import Linker, seek
from agent.pipeline.lists import DocumentLists
from agent.pipeline.looking_again import LookingAgain
from agent.pipeline.owners import Owners
from agent.pipeline.parts import Part, Shared
from agent.pipeline.readings import Readings
from agent.pipeline.work import Kind, Report


class Concluder(Part):
    """Turns reports into changes, within the turn's transaction."""

    def __init__(self, shared: Shared, owners: Owners, readings: Readings) -> None:
        super().__init__(shared)
        self._owners = owners
        self._readings = readings
        self.looking_again = LookingAgain(shared, readings.hint)
        self.lists = DocumentLists(shared)
        self.linker = Linker(shared, readings.misplaced)
        self._account = Account(shared.holds, shared.recorder, shared.memory, self.looking_again)
        self._companies = Companies(shared, self._account, self.linker, self.lists)

    def conclude(self, report: Report, now: Instant) -> None:
        """Write down what follows from one report."""
        step, outcome = report.step, report.outcome
        self._memory.out.pop(step.key, None)
        if step in self._memory.outdated:
            return
        if step.lane == "nectar":
            self._account.note_connection(outcome, now)
        match step.key.table:
            case "files":
                self._file(FileId(cast("int", step.key.row)), step.kind, outcome, now)
            case "submissions":
                self._submission(SubmissionId(cast("int", step.key.row)), outcome, now)
            case "folders":
                self._readings.conclude(step, outcome, now)
            case "companies":
                self._companies.conclude(CompanyKey(cast("str", step.key.row)), outcome, now)
            case _:
                self._account.conclude(outcome, now)

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
            written_to=self._readings.write_probes.written_to(file),
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
            self._readings.write_probes.failed(folder, file, error)
        if isinstance(outcome, ResultWritten) and folder is not None:
            self._readings.write_probes.written(folder, file, now)
        if isinstance(outcome, Examined | Unfit | ResultSeen | ResultKept):
            self._memory.quiet.pop(file_id, None)
            self.linker.link(file_id, now)

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
            held = tuple(hold for hold in change.holds if self._map.plan.concerns(hold))
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
