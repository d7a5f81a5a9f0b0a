"""A company's documents at Nectar, read page by page.

For uploads in doubt and jobs that cannot be asked for; for corrections; for documents that were
deleted. One list at a time and one page a step, so that a long one keeps nobody waiting.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from agent.bills import backoff
from agent.bills.answers import Answers, Job
from agent.bills.change import Change
from agent.bills.corrections import (
    BROKEN_OFF_SECONDS,
    LONGEST_WHOLE_LIST_WAIT_SECONDS,
    MOST_MISSED,
    MOST_WHOLE_PAGES,
    OVERLAP_DAYS,
    is_seen_already,
    job_with,
    scheduled,
    whole_list_wait,
)
from agent.bills.documents import LIST_OVERLAP_DAYS, conclude, is_sought, sent_by_another
from agent.bills.instant import Instant, utc_day
from agent.bills.listed import ListedDocument, listed
from agent.bills.outcomes import DocumentsRead
from agent.bills.rows import CompanyRow, Submission
from agent.bills.values import SubmissionId
from agent.pipeline.listing import Glance, Listing, Purpose
from agent.pipeline.parts import Part
from agent.store.answers_codec import answers_of
from agent.store.remembered import CHANGES_SEEN, WHOLE_LIST

GLANCE_SECONDS = 600.0
GLANCE_DAYS = 3
GLANCE_PAGES = 5
_MOST_PAGES = {Purpose.WHOLE: MOST_WHOLE_PAGES, Purpose.GLANCE: GLANCE_PAGES}
"""Of longer lists the rest is not read."""


class DocumentLists(Part):
    """Chooses which list is read next, and writes down what its pages tell."""

    def next_page(self, row: CompanyRow, now: Instant) -> Listing | None:
        """Return the list of a company of which a page is to be read now, None for none."""
        listing = self._memory.listings.get(row.key)
        if listing is None and row.found is not None:
            listing = self._begun(row, now)
            if listing is not None:
                self._memory.listings[row.key] = listing
        return listing

    def are_wanted(self, row: CompanyRow) -> bool:
        """Whether something is looked for among the documents of a company."""
        return bool(self._looked_for(row))

    def found_before(self, row: Submission, company: CompanyRow, now: Instant) -> bool | None:
        """Tell whether another machine has sent the bytes of ``row``, and take that for its upload.

        None while that is being looked for. A glance at the documents of the last days, every few
        minutes at most: what Nectar is still reading is not among them.
        """
        glance = self._memory.glances.get(company.key)
        if glance is None or not 0.0 <= now.utc - glance.started < GLANCE_SECONDS:
            self._memory.glances_wanted.add(company.key)
            return None
        ours = self._store.known_jobs(_jobs(glance.documents))
        change = sent_by_another(row, glance.documents, ours, now.utc)
        if change is not None:
            self._recorder.record(change, now.utc)
        return change is not None

    def broken_off(self, row: CompanyRow, wait: float, now: Instant) -> CompanyRow:
        """Return the company whose list, if one was being read, is read anew after ``wait``."""
        listing = self._memory.listings.pop(row.key, None)
        if listing is None:
            return replace(row, due=now.utc + wait)
        if listing.purpose is Purpose.GLANCE:
            self._glanced(row, Glance(now.utc, ()))  # it may help, and must keep nothing waiting
            return row
        if listing.purpose is Purpose.LOST:
            return replace(row, documents_due=now.utc + wait)
        # Nothing waits for it, and failures in a row would look like an outage.
        return replace(row, corrections_due=now.utc + max(wait, BROKEN_OFF_SECONDS))

    def read(self, row: CompanyRow, read: DocumentsRead, now: Instant) -> None:
        """Write down what a page tells; after the last one, what the whole list does."""
        listing = self._memory.listings.get(row.key)
        if listing is None or read.page != listing.page:
            return  # noted already in a turn that could not be written down
        found = [one for one in map(listed, read.items) if one is not None]
        if listing.purpose in (Purpose.CHANGES, Purpose.WHOLE):
            self._corrections(found, listing, now)
        ids = tuple(one.id for one in found)
        is_repeat = bool(ids) and ids == listing.last_ids
        sought = self._looked_for(row)
        is_glance = listing.purpose is Purpose.GLANCE
        before = len(listing.sought)
        listing.sought += [one for one in found if is_glance or is_sought(one, sought)]
        listing.ids.update(ids)
        if listing.page == 1:
            listing.answered = read.answered
        is_cut = listing.page >= _MOST_PAGES.get(listing.purpose, math.inf)
        if not read.is_last and not is_repeat and not is_cut:
            listing.page += 1
            listing.last_ids = ids
            return
        del self._memory.listings[row.key]
        try:
            self._conclude(row, read, listing, now)
        except BaseException:
            # Concluded once more, or broken off: without it the list would be read on and on.
            del listing.sought[before:]
            self._memory.listings[row.key] = listing
            raise

    def _conclude(
        self, row: CompanyRow, read: DocumentsRead, listing: Listing, now: Instant
    ) -> None:
        match listing.purpose:
            case Purpose.GLANCE:
                self._glanced(row, Glance(listing.started, tuple(listing.sought)))
            case Purpose.LOST:
                self._lost(row, listing, now)
            case Purpose.WHOLE:
                self._whole(row, listing, now, is_complete=read.is_last)
            case Purpose.CHANGES:
                seen = listing.answered if listing.answered is not None else listing.started
                self._store.set_meta(f"{CHANGES_SEEN}{_name(row)}", str(seen))
                read_to = replace(row, corrections_read_at=listing.started, failures=0)
                self._save(scheduled(read_to, self._map.plan.refresh_hours, now.utc), now)

    # --- which list ---------------------------------------------------------------------------

    def _begun(self, row: CompanyRow, now: Instant) -> Listing | None:
        if row.documents_due is not None and row.documents_due <= now.utc:
            moments = [
                min(one.doubted_at or now.utc, one.begun_at or now.utc, now.utc)
                for one in self._looked_for(row)
            ]
            if moments:
                since = utc_day(min(moments), days_before=LIST_OVERLAP_DAYS)
                return Listing(Purpose.LOST, now.utc, since)
            self._save(replace(row, documents_due=None, documents_tries=0), now)
        if row.key not in self._map.plan.company_keys():
            return None  # only what was sent for it already is looked for
        if row.key in self._memory.glances_wanted:
            since = utc_day(now.utc, days_before=GLANCE_DAYS)
            return Listing(Purpose.GLANCE, now.utc, since)
        if row.corrections_due is None or row.corrections_due > now.utc:
            return None
        oldest = self._oldest_to_miss(row, now)
        if oldest is not None:
            since = utc_day(oldest, days_before=OVERLAP_DAYS)
            return Listing(Purpose.WHOLE, now.utc, since)
        since = utc_day(self._changes_seen(row, now), days_before=OVERLAP_DAYS)
        return Listing(Purpose.CHANGES, now.utc, since)

    def _oldest_to_miss(self, row: CompanyRow, now: Instant) -> float | None:
        """Return when the oldest document of ours was made, if it is time for the whole list."""
        said = (self._store.meta(f"{WHOLE_LIST}{_name(row)}") or "").split()
        read_at, wait = (float(said[0]), float(said[1])) if said else (0.0, 0.0)
        if read_at <= now.utc < read_at + min(wait, LONGEST_WHOLE_LIST_WAIT_SECONDS):
            return None
        return self._store.oldest_document(row.world, _company_id(row))

    def _changes_seen(self, row: CompanyRow, now: Instant) -> float:
        """Return up to when changes were seen, by Nectar's clock; ours may be wrong by days."""
        seen = self._store.meta(f"{CHANGES_SEEN}{_name(row)}")
        if seen is not None:
            return float(seen)
        oldest = self._store.oldest_document(row.world, _company_id(row))
        if oldest is not None:
            return oldest
        return min(now.utc, row.corrections_read_at or now.utc)

    # --- what it tells ------------------------------------------------------------------------

    def _corrections(self, found: list[ListedDocument], listing: Listing, now: Instant) -> None:
        """Let the documents of ended submissions be fetched again that changed at Nectar."""
        is_whole = listing.purpose is Purpose.WHOLE
        for document in found:
            ids = [one for one in (document.id, document.revised_id) if one]
            for row, seen in self._store.submissions_made_of(ids, document.job_id):
                if is_seen_already(document, seen, is_whole=is_whole):
                    continue
                if not self._memory.is_out_submission(row.id):
                    self._fetch_again(row, document, now)

    def _fetch_again(self, row: Submission, document: ListedDocument | None, now: Instant) -> None:
        blob = self._store.answers_blob(row.id, row.revision)
        known = self._store.working_answers(row.id) or (
            answers_of(blob) if blob is not None else None
        )
        if known is None and row.job_id is not None:  # a lost job that came back
            known = Answers(Job(row.job_id, "UNKNOWN", (), 0, (), (), None, None))
        if known is None:
            return
        job = job_with(known.job, document) if document is not None else known.job
        self._recorder.record(Change(submission=replace(row, due=now.utc)), now.utc)
        self._store.set_working_answers(row.id, replace(known, job=job))
        if document is not None:
            self._store.note_listed(document.id, row.id, document.updated)

    def _whole(self, row: CompanyRow, listing: Listing, now: Instant, *, is_complete: bool) -> None:
        """Ask for the documents that a whole list lacks: a list proves no deletion, an answer may.

        Few at a time, for a list that lacks many is more likely wrong than all of them deleted.
        """
        wait = whole_list_wait(listing.page)
        self._store.set_meta(f"{WHOLE_LIST}{_name(row)}", f"{listing.started} {wait}")
        if not is_complete:
            return
        asked: set[SubmissionId] = set()
        for document_id, submission_id in self._store.documents_there(row.world, _company_id(row)):
            if document_id in listing.ids or submission_id in asked:
                continue
            submission = self._store.submission(submission_id)
            if submission is None or submission.due is not None or not submission.stage.is_final:
                continue
            asked.add(submission_id)
            self._fetch_again(submission, None, now)
            if len(asked) >= MOST_MISSED:
                return

    def _glanced(self, row: CompanyRow, glance: Glance) -> None:
        self._memory.glances[row.key] = glance
        self._memory.glances_wanted.discard(row.key)

    def _lost(self, row: CompanyRow, listing: Listing, now: Instant) -> None:
        sought = tuple(
            one for one in self._looked_for(row) if not self._memory.is_out_submission(one.id)
        )
        ours = self._store.known_jobs(_jobs(listing.sought))
        for change in conclude(tuple(listing.sought), sought, ours, listing.started, now.utc):
            self._recorder.record(change, now.utc)
        tries = row.documents_tries + 1
        # Those whose step was out count too: nobody else would look for them.
        due = now.utc + backoff.document_list_wait(tries) if self._looked_for(row) else None
        self._save(replace(row, documents_due=due, documents_tries=tries, failures=0), now)

    def _looked_for(self, row: CompanyRow) -> tuple[Submission, ...]:
        """Return what a company's documents may tell of: lost uploads and lost jobs."""
        world = self._map.plan.world
        return tuple(
            one
            for one in (
                *self._store.submissions_begun(world),
                *self._store.submissions_not_there(world),
            )
            if one.place.company_id == _company_id(row)
            and (one.doubt_ends is not None or one.not_there_since is not None)
        )

    def _save(self, row: CompanyRow, now: Instant) -> None:
        self._recorder.record(Change(company=row), now.utc)
        self._map.note(None, row)


def _jobs(documents: Iterable[ListedDocument]) -> set[str]:
    return {one.job_id for one in documents if one.job_id is not None}


def _company_id(row: CompanyRow) -> str:
    return row.found.company.id if row.found is not None else ""


def _name(row: CompanyRow) -> str:
    return f"{_company_id(row)} {row.world.key}"
