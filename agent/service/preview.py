"""What would be sent from the folders once the agent runs; nothing is sent, opened or written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from agent.bills.answers import CompanySites
from agent.bills.errors import AgentError
from agent.bills.plan import FIRST_LOOK_LIMIT, FolderPlan, Plan, site_asked
from agent.bills.resolve import Unresolved, resolve
from agent.bills.rows import CompanyKey, CompanyRow
from agent.bills.stages import State
from agent.bills.values import BesideKind, Reading, Seen
from agent.config import Settings
from agent.files.problems import LARGEST_BYTES
from agent.results import beside
from agent.service import clock
from agent.service.patience import Patience
from agent.service.places import data_dir_of
from agent.service.planning import plan_of, watched_folders
from agent.store.snapshot import Snapshot
from agent.store.views import BillFilter
from agent.system.identity import agent_identity
from agent.watch.reading import read_folder

_ANSWER_SECONDS = 20.0
"""A share that is away can let a call wait for minutes."""


@dataclass(slots=True)
class Portion:
    """The bills of one site in one folder. ``name`` is the site's, "" where it is not known."""

    site: str
    name: str
    files: int = 0
    size: int = 0


@dataclass(slots=True)
class FolderPreview:
    """What would become of the files in one folder."""

    path: str
    portions: dict[str, Portion] = field(default_factory=dict)
    """What would be sent, by externalId."""
    with_result: int = 0
    """A result of ours lies beside them, or the agent knows them already: not sent again."""
    name_taken: int = 0
    """Something else lies where their result should."""
    too_large: int = 0
    waiting: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many have no site, by the sentence that says why and the next step."""
    unsupported: int = 0
    is_asked: bool = False
    """They wait for `bill-agent admit`."""
    was_served: bool = False
    """The agent's own mark says so; what it sent from there is no longer known."""
    problem: AgentError | None = None
    """Why the folder could not be looked at, or nothing is sent from it."""

    @property
    def new(self) -> int:
        """How many would be sent."""
        return sum(each.files for each in self.portions.values())


def preview(
    settings: Settings, companies: Mapping[CompanyKey, CompanySites], known: Snapshot | None
) -> Iterator[FolderPreview]:
    """Yield each folder's preview.

    ``companies`` is what Nectar says of each that was asked for; the sites of others are taken at
    the word of the settings. ``known`` is the store, None where there is none yet.
    """
    agent_id = agent_identity(str(data_dir_of(settings))).id
    plan = plan_of(settings, agent_id)
    rows = {key: CompanyRow(key, plan.world, found) for key, found in companies.items()}
    for watched, folder in zip(watched_folders(settings).values(), plan.folders, strict=True):
        seen = FolderPreview(folder.path)
        look = partial(read_folder, watched, lambda: clock.now().monotonic)
        try:
            reading = Patience(_ANSWER_SECONDS).wait_for(folder.path, look)
            _tell(seen, reading, folder, plan, rows, known)
        except AgentError as error:
            seen.problem = error
        yield seen


def _tell(
    told: FolderPreview,
    reading: Reading,
    folder: FolderPlan,
    plan: Plan,
    companies: Mapping[CompanyKey, CompanyRow],
    known: Snapshot | None,
) -> None:
    told.unsupported = len(reading.unsupported)
    told.problem = _hindrance(folder, reading, plan)
    states = _states(folder, known)
    asking = 0
    for one in reading.seen:
        state = states.get(one.path, State.WAITING)
        if state not in (State.WAITING, State.ASKS) or _has_result(one):
            told.with_result += 1
            continue
        asking += 1  # the first look is about all that have no result
        _sort(told, one, folder, plan, companies)
    is_first = _is_first(folder, plan, known)
    told.was_served = is_first and reading.mark is not None and told.problem is None
    limit = 0 if told.was_served else FIRST_LOOK_LIMIT
    told.is_asked = is_first and plan.existing == "ask" and asking > limit


def _sort(
    told: FolderPreview,
    one: Seen,
    folder: FolderPlan,
    plan: Plan,
    companies: Mapping[CompanyKey, CompanyRow],
) -> None:
    if one.result is not None:
        told.name_taken += 1
        return
    if one.signature.size > LARGEST_BYTES:
        told.too_large += 1
        return
    place = resolve(folder, one.path, plan, companies)
    if isinstance(place, Unresolved):
        if place.code:
            told.waiting[place.message, place.advice] += 1
            return
        site, name = site_asked(folder, one.path, plan.site_names) or "", ""
    else:
        site, name = place.site_external_id, place.site_name
    portion = told.portions.setdefault(site, Portion(site, name))
    portion.files += 1
    portion.size += one.signature.size


def _has_result(one: Seen) -> bool:
    if one.result is None:
        return False
    try:
        found = beside.look(one.path)
    except AgentError:
        return False
    return found.kind is BesideKind.OURS and found.file_size == one.signature.size


def _hindrance(folder: FolderPlan, reading: Reading, plan: Plan) -> AgentError | None:
    """Return why nothing would be sent from a folder that can be read."""
    if reading.mark is not None and reading.mark.agent_id != plan.agent_id:
        return AgentError(
            "folder-taken",
            f"{folder.path} is served by the agent on {reading.mark.machine}.",
            f'If this machine should serve it, run: bill-agent take "{folder.path}"',
        )
    if not reading.writable:
        return AgentError(
            "folder-not-writable",
            f"Nothing can be written to {folder.path}, so no results, and nothing is sent.",
            "Give this user the permission to write there.",
        )
    return None


def _states(folder: FolderPlan, known: Snapshot | None) -> dict[str, State]:
    if known is None:
        return {}
    return {row.path: row.state for row in known.bills(BillFilter(below=folder.path))}


def _is_first(folder: FolderPlan, plan: Plan, known: Snapshot | None) -> bool:
    """Whether the agent has not looked at the folder yet."""
    rows = known.folders if known is not None else ()
    return not any(row.path == folder.path and row.first_look == plan.world.key for row in rows)
