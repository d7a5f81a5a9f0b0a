"""Which submission a readable file belongs to: an old one, a new one, or a person is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.bills import questions
from agent.bills.backoff import doubt_wait
from agent.bills.change import Change, of_file
from agent.bills.holds import new_hold
from agent.bills.names import upload_name
from agent.bills.owing import KEPT
from agent.bills.resolve import Unresolved
from agent.bills.rows import Adoptable, File, Place, Submission, World
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import Problem, SubmissionId


@dataclass(frozen=True, slots=True)
class LinkContext:
    """What linking needs to know.

    ``same_bytes`` are all submissions of these bytes in this world; ``first_paths`` a file of each
    of them; ``new_id`` is the id that a new submission would get; ``slowest_job`` is that of the
    company's last ones, in seconds.
    """

    world: World
    place: Place | Unresolved
    same_bytes: tuple[Submission, ...]
    first_paths: dict[SubmissionId, str]
    new_id: SubmissionId
    slowest_job: float | None
    told_since: float | None = None
    """Since when these bytes may have been sent, as a result beside another file tells that
    nobody could adopt yet: its site is not known."""


def link(file: File, context: LinkContext, now: float) -> Change:
    """Return what follows for an examined ``file``.

    Never sends bytes for a second site without a person's answer; never sends where a result of
    ours for exactly these bytes lies already.
    """
    place = context.place
    if isinstance(place, Unresolved):
        return _unresolved(file, place, now)
    same = next((one for one in context.same_bytes if one.place.is_same(place)), None)
    if file.adoptable is not None:
        met = _meet_result(file, file.adoptable, context.world, place, now)
        if isinstance(met, Change):
            return met
        file = met
    elsewhere = next(
        (one for one in context.same_bytes if one.was_begun and not one.place.is_same(place)),
        None,
    )
    is_settled = same is not None and same.was_begun
    if elsewhere is not None and not is_settled and not file.may_go_elsewhere:
        return _ask(
            file,
            questions.other_site(
                file.path,
                place.words,
                context.first_paths.get(elsewhere.id),
                questions.place_words(elsewhere.place),
            ),
            now,
        )
    sought_since = file.sought_since if file.sought_since is not None else context.told_since
    reason = None
    if file.may_go_elsewhere and elsewhere is not None:
        reason = f"sent for {questions.place_words(elsewhere.place)} before; a person answered send"
    if same is not None:
        wanted = _wanted_again(same, file, reason, now)
        if sought_since is None or wanted.was_begun:
            return _link_to(file, wanted, "known bytes, same site", now)
        wanted = _sought(wanted, sought_since, context.slowest_job, now)
        return _link_to(
            file, wanted, "looked for at Nectar first: it may have been sent before", now
        )
    if file.sha256 is None or file.kind is None:
        # Never so by itself; in a store that was damaged, one file may not stop all others.
        return Change(files=(replace(file, stage=FileStage.FOUND, due=now),))
    created = Submission(
        id=context.new_id,
        sha256=file.sha256,
        world=context.world,
        place=place,
        kind=file.kind,
        name=upload_name(file.path, file.sha256, file.kind),
        stage=SubmissionStage.QUEUED,
        since=now,
        newest=file.signature.modified,
        due=now,
        reason=reason,
    )
    if sought_since is not None:
        return _link_to(
            file,
            _sought(created, sought_since, context.slowest_job, now),
            f"looked for at Nectar first, for site {place.words}: it may have been sent before",
            now,
        )
    return _link_to(file, created, f"queued for site {place.words}", now)


def _sought(created: Submission, since: float, slowest_job: float | None, now: float) -> Submission:
    """Return what a lost store or another machine may have sent, as an upload in doubt."""
    return replace(
        created,
        stage=SubmissionStage.BEGUN,
        begun_at=now,
        doubted_at=min(since, now),
        doubt_ends=now + doubt_wait(slowest_job),
        due=None,
    )


def _unresolved(file: File, why: Unresolved, now: float) -> Change:
    waiting = replace(file, question=None, submission_id=None, stage=FileStage.EXAMINED, due=None)
    if not why.code:
        return Change(files=(waiting,))
    hold = new_hold(why.code, why.scope, why.message, why.advice, now)
    return Change(files=(waiting,), holds=(hold,))


def _link_to(file: File, submission: Submission, text: str, now: float) -> Change:
    linked = replace(
        file,
        stage=FileStage.LINKED,
        submission_id=submission.id,
        question=None,
        due=None,
        since=now,
        asked_site=submission.place.site_external_id,
    )
    return replace(of_file(linked, text, at=now), submission=submission)


def _wanted_again(submission: Submission, file: File, reason: str | None, now: float) -> Submission:
    if reason is not None and submission.reason is None and not submission.stage.was_begun:
        # It waited, or was withdrawn, because the bytes went elsewhere: now they may go here too.
        submission = replace(submission, reason=reason)
    newest = max(submission.newest, file.signature.modified)
    if submission.stage is SubmissionStage.WITHDRAWN:
        return replace(submission, stage=SubmissionStage.QUEUED, since=now, due=now, newest=newest)
    return submission


def _ask(file: File, question: Problem, now: float) -> Change:
    if file.question == question:
        return Change(files=(file,))
    asked = replace(
        file,
        question=question,
        stage=FileStage.EXAMINED,
        submission_id=None,
        due=None,
        since=now,
        dismissed=False,
    )
    return of_file(asked, f"asks: {question.message}", at=now)


def _meet_result(
    file: File, found: Adoptable, world: World, place: Place, now: float
) -> Change | File:
    """Return what a result of ours beside the file asks for, or the file that goes on with it."""
    is_same_world = (found.api, found.environment) == (world.api, world.environment)
    if is_same_world and (found.company_id, found.site_id) == (place.company_id, place.site_id):
        # Nothing is sent: the next step reads the result back into the store.
        return Change(files=(replace(file, question=None, due=now),))
    if is_same_world and not file.may_go_elsewhere:
        question = questions.other_site(file.path, place.words, None, found.site_words or "?")
        return _ask(file, question, now)
    if not is_same_world and not (
        world.environment == "production" and found.environment == "sandbox"
    ):
        question = questions.other_world(file.path, found.api, found.environment)
        # Once something else lies there, or nothing, it goes on by itself.
        return _ask(replace(file, present_signature=found.signature), question, now)
    return replace(
        file,
        present=KEPT,
        present_sha256=found.content_sha256,
        present_signature=found.signature,
        adoptable=None,
        question=None,
    )
