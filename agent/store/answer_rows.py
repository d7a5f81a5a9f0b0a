"""What Nectar answered: revisions of results, and the documents that they are made of."""

from __future__ import annotations

from collections.abc import Sequence

from agent.bills.answers import Answers
from agent.bills.corrections import SeenDocument
from agent.bills.rows import Submission, World
from agent.bills.values import SubmissionId
from agent.store import answers_codec, codec, submission_codec
from agent.store.rows import Rows, marks_for
from agent.store.submission_codec import SUBMISSION_COLUMNS


class AnswerRows(Rows):
    """The tables of revisions and documents."""

    def save_answers(self, row: Submission, answers: Answers | None) -> None:
        """Keep what Nectar gave: for good with a revision, else until the documents are there."""
        blob = answers_codec.answers_blob(answers) if answers is not None else None
        if not row.stage.is_final:
            self._connection.execute(
                "UPDATE submissions SET working = ? WHERE id = ?", (blob, row.id)
            )
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO revisions "
            "(submission_id, revision, at, outcome, problem, warnings, answers) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                row.id,
                row.revision,
                row.revision_at,
                row.outcome.value if row.outcome else "",
                codec.problem_text(row.problem),
                codec.warnings_text(row.warnings),
                blob,
            ),
        )
        self._connection.execute("UPDATE submissions SET working = NULL WHERE id = ?", (row.id,))
        if answers is not None:
            self._save_documents(row.id, answers)

    def _save_documents(self, submission_id: SubmissionId, answers: Answers) -> None:
        """Keep which documents a result is made of, and which could not be had."""
        self._connection.execute(
            "UPDATE documents SET standing = 'beside' WHERE submission_id = ?", (submission_id,)
        )
        self._connection.executemany(
            "INSERT INTO documents (document_id, submission_id, standing) VALUES (?, ?, 'gone') "
            "ON CONFLICT DO UPDATE SET standing = excluded.standing",
            [(codec.storable(each), submission_id) for each in answers.job.parsed_document_ids],
        )
        fetched = [
            *((one, "there") for one in answers.documents),
            *((one, "beside") for one in answers.duplicates),
        ]
        self._connection.executemany(
            "INSERT OR REPLACE INTO documents "
            "(document_id, submission_id, updated, created, standing) VALUES (?, ?, ?, ?, ?)",
            [
                (
                    codec.storable(one.id),
                    submission_id,
                    answers_codec.updated_of(one),
                    answers_codec.created_of(one),
                    standing,
                )
                for one, standing in fetched
            ],
        )

    def note_listed(
        self, document_id: str, submission_id: SubmissionId, updated: str | None
    ) -> None:
        """Keep when a document was last changed, as a list says it."""
        self._connection.execute(
            "INSERT INTO documents (document_id, submission_id, updated, standing) "
            "VALUES (?, ?, ?, 'gone') ON CONFLICT DO UPDATE SET updated = excluded.updated",
            (codec.storable(document_id), submission_id, updated),
        )

    def documents_there(self, world: World, company_id: str) -> list[tuple[str, SubmissionId]]:
        """Return the documents that results of a company are made of, with their submissions."""
        rows = self._connection.execute(
            "SELECT document_id, submission_id FROM documents "
            "JOIN submissions ON submissions.id = submission_id "
            "WHERE standing = 'there' AND created IS NOT NULL AND world = ? AND company_id = ? "
            "ORDER BY created DESC, document_id",
            (world.key, company_id),
        )
        return [(str(row[0]), SubmissionId(row[1])) for row in rows]

    def documents_of(self, submission_id: SubmissionId) -> frozenset[str]:
        """Return the documents that could be had when the result was made."""
        rows = self._connection.execute(
            "SELECT document_id FROM documents WHERE standing <> 'gone' AND submission_id = ? "
            "AND coalesce(updated, created) IS NOT NULL",
            (submission_id,),
        )
        return frozenset(str(row[0]) for row in rows)

    def oldest_document(self, world: World, company_id: str) -> float | None:
        """Return when, by Nectar's clock, the oldest was made that a result is, or was, made of."""
        row = self._connection.execute(
            "SELECT min(created) FROM documents JOIN submissions ON submissions.id = submission_id "
            "WHERE standing <> 'beside' AND world = ? AND company_id = ?",
            (world.key, company_id),
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def set_working_answers(self, submission_id: SubmissionId, answers: Answers) -> None:
        """Keep the answer of a job whose documents are to be fetched, again perhaps."""
        self._connection.execute(
            "UPDATE submissions SET working = ? WHERE id = ?",
            (answers_codec.answers_blob(answers), submission_id),
        )

    def submissions_made_of(
        self, document_ids: Sequence[str], job_id: str | None
    ) -> list[tuple[Submission, SeenDocument | None]]:
        """Return ended submissions of these documents or this job.

        Beside each is how the first of the documents was seen last, None where it never was.
        """
        names = ", ".join(f"submissions.{name.strip()}" for name in SUBMISSION_COLUMNS.split(","))
        rows = self._connection.execute(
            f"SELECT {names}, documents.standing, documents.updated FROM submissions "
            "LEFT JOIN documents ON documents.submission_id = submissions.id "
            "AND documents.document_id = ? "
            "WHERE submissions.stage IN ('fetched', 'failed') "
            "AND (submissions.id IN (SELECT submission_id FROM documents "
            f"WHERE document_id IN ({marks_for(document_ids)})) OR submissions.job_id = ?)",
            (document_ids[0], *document_ids, job_id),
        )
        return [
            (
                submission_codec.submission_of(row[:-2]),
                SeenDocument(row[-1], is_gone=row[-2] == "gone") if row[-2] is not None else None,
            )
            for row in rows
        ]

    def working_answers(self, submission_id: SubmissionId) -> Answers | None:
        """Return the finished job's answer whose documents are to be fetched."""
        row = self._connection.execute(
            "SELECT working FROM submissions WHERE id = ?", (submission_id,)
        ).fetchone()
        return answers_codec.answers_of(row[0]) if row and row[0] is not None else None

    def answers_blob(self, submission_id: SubmissionId, revision: int) -> bytes | None:
        """Return what Nectar gave for one revision, packed; None for nothing."""
        row = self._connection.execute(
            "SELECT answers FROM revisions WHERE submission_id = ? AND revision = ?",
            (submission_id, revision),
        ).fetchone()
        return row[0] if row else None

    def has_revision(self, submission_id: SubmissionId, revision: int) -> bool:
        """Whether a revision is kept."""
        row = self._connection.execute(
            "SELECT 1 FROM revisions WHERE submission_id = ? AND revision = ?",
            (submission_id, revision),
        ).fetchone()
        return row is not None
