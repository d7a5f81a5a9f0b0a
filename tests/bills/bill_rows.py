"""Rows as the tests need them: complete, with what matters given by the test."""

from __future__ import annotations

from typing import Any

from agent.bills.answers import Company, CompanySites, Job, Site
from agent.bills.change import Change
from agent.bills.plan import FolderPlan, Plan
from agent.bills.rows import CompanyKey, File, Folder, Place, Submission, World
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import (
    Beside,
    BesideKind,
    FileId,
    FolderId,
    Kind,
    Problem,
    Sha256,
    Signature,
    SubmissionId,
)

NOW = 1_770_836_400.0
WORLD = World("https://external.nectarclimate.com", "production")
PLANT_07 = Place("company-1", "HMF", "Harbor Mill Foods", "site-7", "PLANT-07", "Plant 7")
PLANT_09 = Place("company-1", "HMF", "Harbor Mill Foods", "site-9", "PLANT-09", "Plant 9")
SHA = Sha256("3f9ab2c41d7e" + "0" * 52)
OTHER_SHA = Sha256("aa" * 32)
SIGNATURE = Signature(48213, 1_770_000_000_000_000_000, 7)
LATER_SIGNATURE = Signature(48213, 1_770_000_001_000_000_000, 7)
EMPTY = Problem("empty", "The file is empty.", "Replace it.")
NO_DATA = Problem("no-data", "Nothing in it.", "Look at it.")
NOTHING_BESIDE = Beside(BesideKind.NOTHING)
HARBOR_MILL = Company("company-1", "Harbor Mill Foods", "HMF")


def a_file(**members: Any) -> File:
    """Return an examined file of Plant 7."""
    given: dict[str, Any] = {
        "id": FileId(1),
        "folder_id": FolderId(1),
        "path": "/bills/Plant 7/Bill.pdf",
        "signature": SIGNATURE,
        "stage": FileStage.EXAMINED,
        "since": NOW - 100,
        "first_seen": NOW - 200,
        "last_seen": NOW - 200,
        "sha256": SHA,
        "kind": Kind.PDF,
    }
    return File(**(given | members))


def a_submission(**members: Any) -> Submission:
    """Return a queued submission of that file's bytes for Plant 7."""
    given: dict[str, Any] = {
        "id": SubmissionId(5),
        "sha256": SHA,
        "world": WORLD,
        "place": PLANT_07,
        "kind": Kind.PDF,
        "name": "Bill.3f9ab2c41d7e.pdf",
        "stage": SubmissionStage.QUEUED,
        "since": NOW - 50,
        "newest": NOW - 1000,
        "due": NOW - 50,
    }
    return Submission(**(given | members))


def begun(**members: Any) -> Submission:
    """Return a submission whose upload was begun."""
    return a_submission(
        **({"stage": SubmissionStage.BEGUN, "begun_at": NOW - 10, "due": None} | members)
    )


def accepted(**members: Any) -> Submission:
    """Return a submission that Nectar gave a job for."""
    return begun(
        **(
            {
                "stage": SubmissionStage.ACCEPTED,
                "job_id": "job-1",
                "sent_at": NOW - 10,
                "due": NOW,
            }
            | members
        )
    )


def a_job(**members: Any) -> Job:
    """Return a completed job with one parsed document."""
    given: dict[str, Any] = {
        "id": "job-1",
        "status": "COMPLETED",
        "parsed_document_ids": ("document-1",),
        "duplicates": 0,
        "duplicate_document_ids": (),
        "non_utility_document_ids": (),
        "termination_reason": None,
        "payload": {"id": "job-1"},
    }
    return Job(**(given | members))


def a_folder(**members: Any) -> Folder:
    """Return a folder that was looked at before."""
    given: dict[str, Any] = {
        "id": FolderId(1),
        "path": "/bills/Plant 7",
        "first_look": WORLD.key,
        "volume": "8:1",
        "read_at": NOW - 60,
    }
    return Folder(**(given | members))


def a_plan(**members: Any) -> Plan:
    """Return a plan with one folder for Plant 7 and one by subfolder."""
    given: dict[str, Any] = {
        "world": WORLD,
        "folders": (
            FolderPlan("/bills/Plant 7", "PLANT-07", CompanyKey("HMF")),
            FolderPlan("/bills/All", "{subfolder}", CompanyKey("HMF")),
        ),
        "agent_id": "agent-1",
    }
    return Plan(**(given | members))


def sites(*given: Site) -> CompanySites:
    """Return Harbor Mill Foods with these sites."""
    return CompanySites(HARBOR_MILL, given)


def only_file(change: Change) -> File:
    """Return the one file of a change."""
    (file,) = change.files
    return file


def the_submission(change: Change) -> Submission:
    """Return the submission of a change."""
    assert change.submission is not None
    return change.submission
