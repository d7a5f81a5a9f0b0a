"""What must be true after every journey, whatever happened on the way."""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from typing import Any

import jsonschema
from journey_world import KEY, World

from agent.bills.owing import owe, public_code, public_state
from agent.results.schema import result_schema

_VALIDATOR = jsonschema.Draft202012Validator(result_schema())
_LINK_HOST = "raw-bills.nectar-emulator.invalid"


def check(
    world: World, *, is_still: bool = True, is_alone: bool = True, link: str = _LINK_HOST
) -> None:
    """Fail where a promise is broken that holds for every journey.

    While something moves (``is_still`` false) a result may speak of bytes that were just replaced.
    Where another machine sends too (``is_alone`` false), how often is not this world's to say.
    ``link`` is what tells that a pre-signed link is in a result.
    """
    check_originals(world)
    check_results(world, link)
    if is_still:
        check_results_fit(world)
    check_rows(world)
    if is_alone:
        _check_sent_once(world)


def check_originals(world: World) -> None:
    """No file of a person is changed or removed, and nothing of ours is left over."""
    for path, sha256 in world.originals.items():
        assert path.exists(), f"{path} was removed"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256, f"{path} was changed"
    strange = [
        name
        for name in world.tree()
        if world.root / name not in world.originals and not name.endswith(".json")
    ]
    assert strange == [], "temporary files were left"


def check_results(world: World, link: str = _LINK_HOST) -> None:
    """What we wrote is valid, and holds neither key nor link."""
    for path in world.root.rglob("*.json"):
        if path in world.originals:
            continue
        content = path.read_bytes()
        assert KEY.encode() not in content
        assert link.encode() not in content
        assert content.endswith(b"\n")
        _validate(content)


@functools.lru_cache(maxsize=4096)
def _validate(content: bytes) -> None:
    """Fail where a result does not keep to its schema; a result seen before is not read again."""
    found: dict[str, Any] = json.loads(content)
    _VALIDATOR.validate(found)


def check_results_fit(world: World) -> None:
    """A result of ours speaks of the bytes beside it."""
    for path in world.root.rglob("*.json"):
        if path in world.originals:
            continue
        found = json.loads(path.read_bytes())
        bill = path.with_name(path.name.removesuffix(".json"))
        row = world.store.file_at(str(bill))
        is_ours = row is not None and row.present and not row.fate and row.question is None
        if bill in world.originals and is_ours:
            assert found["file"]["sha256"] == world.originals[bill], f"{path} is about other bytes"


def check_rows(world: World) -> None:
    """What is owed and what people see follows from the facts, and is stored so."""
    for file in world.rows():
        submission = (
            world.store.submission(file.submission_id) if file.submission_id is not None else None
        )
        again = owe(file, submission, world.now.utc)
        assert (again.owed, again.write_due is None) == (file.owed, file.write_due is None), file
        shown = (public_state(file, submission), public_code(file, submission))
        assert world.store.shown(file.id) == shown, file
    for row in world.submissions():
        if row.stage.is_final:
            assert world.store.has_revision(row.id, row.revision), row


def _check_sent_once(world: World) -> None:
    """The same bytes go to one site of one company once, unless a reason is recorded."""
    jobs = Counter((each.sha256, each.company_id, each.site_id) for each in world.uploads())
    excused = {row.sha256 for row in world.submissions() if row.reason is not None}
    environments = {row.world.key for row in world.submissions()}
    for (sha256, _, site_id), count in jobs.items():
        assert site_id is not None, "an upload named no site"
        if sha256 not in excused:
            assert count <= max(1, len(environments)), f"{sha256} was sent {count} times"
