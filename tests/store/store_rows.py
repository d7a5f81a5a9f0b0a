"""Any rows that the store has to keep, as strategies; and one of each with every member set."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from agent.bills.answers import Answers, Company, CompanySites, FetchedDocument, Job, Site
from agent.bills.rows import (
    Adoptable,
    CompanyKey,
    CompanyRow,
    File,
    Folder,
    Place,
    Submission,
    World,
)
from agent.bills.stages import FileStage, ResultFate, SubmissionStage
from agent.bills.values import (
    FileId,
    FolderId,
    Kind,
    Outcome,
    Problem,
    ResultWarning,
    Sha256,
    Signature,
    SubmissionId,
)

WORLD = World("https://external.nectarclimate.com", "production")
SHA = Sha256("3f9ab2c41d7e" + "0" * 52)
NOW = 1_770_836_400.0
LARGEST = 2**63 - 1

moments = st.floats(0, 4e9)
counts = st.integers(0, 10**9)
words = st.text(max_size=30)
shas = st.text("0123456789abcdef", min_size=64, max_size=64).map(Sha256)
paths = (
    st.binary(min_size=1, max_size=60)
    .filter(lambda name: b"\0" not in name)
    .map(lambda name: os.fsdecode(b"/bills/" + name))
)
"""Every name that a POSIX file system takes, those that cannot be decoded too."""
signatures = st.builds(
    Signature, st.integers(0, LARGEST), st.integers(-LARGEST, LARGEST), st.integers(0, 2**64 - 1)
)
problems = st.builds(Problem, words, words, words)
warnings = st.lists(st.builds(ResultWarning, words, words), max_size=3).map(tuple)
worlds = st.builds(World, st.just("https://x.example"), st.sampled_from(["production", "sandbox"]))
places = st.builds(
    Place, words, st.none() | words, words, words, words, st.text(st.characters(), max_size=20)
)
adoptables = st.builds(
    Adoptable,
    shas,
    signatures,
    st.none() | words,
    st.none() | words,
    st.none() | words,
    st.none() | words,
    st.none() | words,
    st.booleans(),
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy that also gives None."""
    return st.none() | strategy


files = st.builds(
    File,
    id=st.just(FileId(1)),
    folder_id=st.just(FolderId(1)),
    path=paths,
    signature=signatures,
    stage=st.sampled_from([stage for stage in FileStage if stage is not FileStage.LINKED]),
    since=moments,
    first_seen=moments,
    last_seen=moments,
    due=maybe(moments),
    failures=counts,
    bugs=counts,
    question=maybe(problems),
    problem=maybe(problems),
    sha256=maybe(shas),
    kind=maybe(st.sampled_from(Kind)),
    submission_id=st.none(),
    asked_site=maybe(words),
    owed=words,
    owed_since=moments,
    copy_of=maybe(paths),
    present=words,
    present_sha256=maybe(shas),
    present_signature=maybe(signatures),
    present_at=moments,
    write_due=maybe(moments),
    fate=st.sampled_from(ResultFate),
    adoptable=maybe(adoptables),
    missing=counts,
    dismissed=st.booleans(),
    may_go_elsewhere=st.booleans(),
    sought_since=maybe(moments),
)
submissions = st.builds(
    Submission,
    id=st.just(SubmissionId(5)),
    sha256=shas,
    world=worlds,
    place=places,
    kind=st.sampled_from(Kind),
    name=words,
    stage=st.sampled_from(SubmissionStage),
    since=moments,
    newest=moments,
    due=maybe(moments),
    failures=counts,
    bugs=counts,
    begun_at=moments,
    doubted_at=maybe(moments),
    doubt_ends=maybe(moments),
    sent_at=maybe(moments),
    answered_at=maybe(moments),
    job_id=words,
    not_there_since=maybe(moments),
    tries=counts,
    refusals=counts,
    refused_at=maybe(moments),
    reason=maybe(words),
    revision=counts,
    revision_at=moments,
    outcome=st.sampled_from(Outcome),
    problem=maybe(problems),
    warnings=warnings,
    fingerprint=words,
)
folders = st.builds(
    Folder,
    id=st.just(FolderId(1)),
    path=paths,
    is_configured=st.booleans(),
    due=maybe(moments),
    read_at=maybe(moments),
    read_seconds=moments,
    failures=counts,
    first_look=words,
    volume=words,
    is_paused=st.booleans(),
    missing_since=maybe(moments),
    unsupported=st.lists(words, max_size=3).map(tuple),
    others=counts,
)
any_text = st.text(st.characters(exclude_categories=()), max_size=20)
"""Halves of characters too, as Nectar's JSON may hold."""
sites = st.builds(Site, any_text, any_text, maybe(any_text), maybe(any_text))
companies = st.builds(
    CompanyRow,
    key=words.map(CompanyKey),
    world=worlds,
    found=maybe(
        st.builds(
            CompanySites,
            st.builds(Company, any_text, any_text, maybe(any_text)),
            st.lists(sites, max_size=3).map(tuple),
        )
    ),
    read_at=maybe(moments),
    due=maybe(moments),
    failures=counts,
    accepted_at=maybe(moments),
    documents_due=maybe(moments),
    documents_tries=counts,
    corrections_read_at=maybe(moments),
    slowest_job=st.none(),
)
payloads = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**60), 10**60)
    | st.decimals(allow_nan=False, allow_infinity=False, places=30)
    | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(any_text, payloads, max_size=4)
documents = st.builds(
    FetchedDocument, any_text, maybe(objects), st.lists(objects, max_size=2).map(tuple)
)
ids = st.lists(any_text, max_size=3).map(tuple)
answers = st.builds(
    Answers,
    st.builds(Job, any_text, any_text, ids, counts, ids, ids, maybe(any_text), objects),
    st.lists(documents, max_size=2).map(tuple),
    st.lists(documents, max_size=2).map(tuple),
)


def a_folder(**members: Any) -> Folder:
    """Return a folder."""
    return replace(Folder(FolderId(1), "/bills"), **members)


def a_file(**members: Any) -> File:
    """Return a file that was found."""
    given: dict[str, Any] = {
        "id": FileId(1),
        "folder_id": FolderId(1),
        "path": "/bills/Bill.pdf",
        "signature": Signature(1, 2, 3),
        "stage": FileStage.FOUND,
        "since": NOW,
        "first_seen": NOW,
        "last_seen": NOW,
    }
    return File(**(given | members))


def a_submission(**members: Any) -> Submission:
    """Return a queued submission."""
    given: dict[str, Any] = {
        "id": SubmissionId(5),
        "sha256": SHA,
        "world": WORLD,
        "place": Place("company-1", "HMF", "Harbor Mill", "site-7", "PLANT-07", "Plant 7"),
        "kind": Kind.PDF,
        "name": "Bill.3f9ab2c41d7e.pdf",
        "stage": SubmissionStage.QUEUED,
        "since": NOW,
        "newest": NOW,
    }
    return Submission(**(given | members))


def store_file(folder: Path) -> Path:
    """Return where the tests put a store."""
    return folder / "store.sqlite3"
