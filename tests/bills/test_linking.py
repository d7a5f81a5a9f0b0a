"""Which submission a file belongs to: never a second site without an answer, never sent twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bill_rows import (
    NOW,
    PLANT_07,
    PLANT_09,
    SHA,
    SIGNATURE,
    WORLD,
    a_file,
    a_submission,
    accepted,
    begun,
    only_file,
    the_submission,
)
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.begin import begin, may_begin
from agent.bills.holds import site_scope
from agent.bills.linking import LinkContext, link
from agent.bills.owing import KEPT
from agent.bills.resolve import Unresolved
from agent.bills.rows import Adoptable, Submission, World
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import Outcome, Sha256, SubmissionId

DONE = accepted(stage=SubmissionStage.FETCHED, outcome=Outcome.PROCESSED, due=None)
WITHDRAWN = a_submission(stage=SubmissionStage.WITHDRAWN, due=None)
ADOPTABLE = Adoptable(
    Sha256("bb" * 32),
    SIGNATURE,
    WORLD.api,
    WORLD.environment,
    "company-1",
    "site-7",
    "PLANT-07",
    was_sent=True,
)


def context(*same_bytes: Submission, **members: Any) -> LinkContext:
    """Return what linking to Plant 7 knows."""
    given: dict[str, Any] = {
        "world": WORLD,
        "place": PLANT_07,
        "same_bytes": same_bytes,
        "first_paths": {one.id: "/bills/Elsewhere/Bill.pdf" for one in same_bytes},
        "new_id": SubmissionId(9),
        "slowest_job": None,
    }
    return LinkContext(**(given | members))


def test_new_bytes_are_queued() -> None:
    """Bytes that nobody sent become a submission for the site asked."""
    change = link(a_file(), context(), NOW)
    created = the_submission(change)
    assert (created.id, created.stage, created.place) == (9, SubmissionStage.QUEUED, PLANT_07)
    assert (created.due, created.reason) == (NOW, None)
    assert created.name == "Bill.3f9ab2c41d7e.pdf"
    file = only_file(change)
    assert (file.stage, file.submission_id, file.asked_site) == (FileStage.LINKED, 9, "PLANT-07")


@pytest.mark.parametrize("same", [a_submission(), begun(), accepted(), DONE])
def test_the_same_bytes_for_the_same_site_are_one(same: Submission) -> None:
    """A copy joins the submission that is there, which is not changed by it."""
    change = link(a_file(), context(same), NOW)
    assert change.submission == same
    assert only_file(change).submission_id == same.id


def test_a_withdrawn_submission_returns() -> None:
    """Bytes that are there again are queued again."""
    assert the_submission(link(a_file(), context(WITHDRAWN), NOW)).stage is SubmissionStage.QUEUED


@pytest.mark.parametrize("stage", [one for one in SubmissionStage if one.was_begun])
def test_bytes_sent_for_another_site_ask(stage: SubmissionStage) -> None:
    """Once an upload for another site was begun, a person is asked and nothing is sent."""
    elsewhere = accepted(stage=stage, outcome=Outcome.PROCESSED, place=PLANT_09)
    change = link(a_file(), context(elsewhere), NOW)
    assert change.submission is None
    question = only_file(change).question
    assert question is not None
    assert question.code == "asks-other-site"
    assert "PLANT-09" in question.message
    assert "/bills/Elsewhere/Bill.pdf" in question.message


def test_bytes_still_waiting_follow_the_file() -> None:
    """While nothing was begun for the other site, nobody is asked."""
    change = link(a_file(), context(a_submission(place=PLANT_09)), NOW)
    assert the_submission(change).place == PLANT_07


def test_asked_once() -> None:
    """The same question is not put again, and its age stays."""
    elsewhere = context(accepted(place=PLANT_09))
    asked = only_file(link(a_file(), elsewhere, NOW))
    assert link(asked, elsewhere, NOW + 60).events == ()
    assert only_file(link(asked, elsewhere, NOW + 60)) == asked


def test_the_answer_send_is_recorded() -> None:
    """With a person's answer the bytes go to the second site too, with the reason."""
    change = link(a_file(may_go_elsewhere=True), context(accepted(place=PLANT_09)), NOW)
    created = the_submission(change)
    assert created.place == PLANT_07
    assert created.reason is not None
    assert "PLANT-09" in created.reason


def test_after_a_lost_store_nectar_is_asked_first() -> None:
    """What a lost store may have sent is looked for like an upload in doubt."""
    change = link(a_file(sought_since=NOW - 1000), context(), NOW)
    created = the_submission(change)
    assert created.stage is SubmissionStage.BEGUN
    assert (created.doubted_at, created.doubt_ends) == (NOW - 1000, NOW + 1800)


def test_without_a_place_a_file_waits() -> None:
    """A hold says what is wrong; nothing is sent to a guessed site."""
    why = Unresolved(site_scope("HMF", "PLANT-07"), "site-missing", "No.", "Set it.")
    change = link(a_file(), context(place=why), NOW)
    assert change.submission is None
    assert [hold.code for hold in change.holds] == ["site-missing"]
    assert only_file(change).stage is FileStage.EXAMINED
    assert link(a_file(), context(place=replace(why, code="")), NOW).holds == ()


def test_our_result_for_this_site_is_read_back() -> None:
    """Where our result for these bytes and site lies, nothing is sent: it is adopted."""
    change = link(a_file(adoptable=ADOPTABLE), context(), NOW)
    assert change.submission is None
    file = only_file(change)
    assert (file.stage, file.due, file.question) == (FileStage.EXAMINED, NOW, None)


@pytest.mark.parametrize(
    "elsewhere",
    [replace(ADOPTABLE, site_id="site-9"), replace(ADOPTABLE, company_id="company-2")],
)
def test_our_result_for_another_site_asks(elsewhere: Adoptable) -> None:
    """A result that says another site or company is a bill of that one: a person is asked."""
    change = link(a_file(adoptable=elsewhere), context(), NOW)
    assert change.submission is None
    question = only_file(change).question
    assert question is not None
    assert question.code == "asks-other-site"


def test_production_replaces_a_sandbox_result_only() -> None:
    """Sandbox results give way; a production one is never replaced by a sandbox one."""
    sandbox = replace(ADOPTABLE, environment="sandbox")
    change = link(a_file(adoptable=sandbox), context(), NOW)
    assert the_submission(change).stage is SubmissionStage.QUEUED
    assert (only_file(change).present, only_file(change).present_sha256) == (
        KEPT,
        sandbox.content_sha256,
    )
    world = World(WORLD.api, "sandbox")
    change = link(a_file(adoptable=ADOPTABLE), context(world=world), NOW)
    assert change.submission is None
    question = only_file(change).question
    assert question is not None
    assert question.code == "result-name-taken"


places = st.sampled_from([PLANT_07, PLANT_09])
others = st.lists(
    st.builds(
        lambda stage, place, reason: accepted(
            id=SubmissionId(100 + (place is PLANT_09)),
            stage=stage,
            place=place,
            reason=reason,
            outcome=Outcome.PROCESSED,
        ),
        st.sampled_from(SubmissionStage),
        places,
        st.sampled_from([None, "a person answered send"]),
    ),
    max_size=2,
    unique_by=lambda one: one.place.site_id,
)


@given(others, st.booleans())
def test_never_two_sites_without_an_answer(same_bytes: list[Submission], may: bool) -> None:
    """Whatever was sent: what may begin for this site was asked about, or is the only one."""
    change = link(a_file(may_go_elsewhere=may), context(*same_bytes), NOW)
    wanted = change.submission
    if wanted is None:
        return
    assert wanted.place == PLANT_07
    assert wanted.sha256 == SHA
    known = tuple(one for one in same_bytes if one.id != wanted.id)
    if may_begin(wanted, (*known, wanted)):
        assert wanted.reason or not any(one.stage.was_begun for one in known)


@pytest.mark.parametrize("same", [a_submission(), WITHDRAWN])
def test_the_answer_send_frees_what_waited(same: Submission) -> None:
    """A submission that waited because the bytes went elsewhere may begin after the answer."""
    elsewhere = accepted(id=SubmissionId(6), place=PLANT_09)
    change = link(a_file(may_go_elsewhere=True), context(same, elsewhere), NOW)
    wanted = the_submission(change)
    assert wanted.id == same.id
    assert may_begin(wanted, (wanted, elsewhere))


@pytest.mark.parametrize("stage", list(SubmissionStage))
def test_only_what_is_queued_may_begin(stage: SubmissionStage) -> None:
    """A row at any other stage is never uploaded."""
    assert may_begin(a_submission(stage=stage), ()) is (stage is SubmissionStage.QUEUED)


def test_may_begin_beside_others() -> None:
    """Not while the same bytes were begun elsewhere, unless a reason is recorded."""
    elsewhere = begun(id=SubmissionId(6), place=PLANT_09)
    waiting = a_submission(id=SubmissionId(6), place=PLANT_09)
    assert not may_begin(a_submission(), (a_submission(), elsewhere))
    assert may_begin(a_submission(), (a_submission(), waiting))
    assert may_begin(a_submission(reason="a person answered send"), (elsewhere,))


def test_begin() -> None:
    """`begun` says since when, and is never due by itself."""
    row = the_submission(begin(a_submission(doubt_ends=NOW), NOW))
    assert (row.stage, row.begun_at, row.due, row.doubt_ends) == (
        SubmissionStage.BEGUN,
        NOW,
        None,
        None,
    )
