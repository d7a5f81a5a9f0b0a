"""The Nectar API as a state machine: a request and the time go in, an answer comes out.

No socket, no clock, no thread: whoever drives it gives ``now`` as epoch seconds.
"""

from collections.abc import Callable
from dataclasses import replace

from agent.emulator import company_calls, document_calls, job_calls
from agent.emulator.behaviour import Behaviour, Fault
from agent.emulator.call import Call
from agent.emulator.faults import FaultPlan, spoil, takes_effect
from agent.emulator.jobs import Jobs
from agent.emulator.multipart import read_form
from agent.emulator.readers import InlineReader, Reader
from agent.emulator.request_log import RequestLog, SeenRequest
from agent.emulator.requests import EmulatorAnswer, EmulatorRequest, RefusedError
from agent.emulator.shapes import DocumentWriter
from agent.emulator.world import World, default_world

_Answer = Callable[..., EmulatorAnswer]
_ROUTES: dict[tuple[str, ...], dict[str, _Answer]] = {
    ("ping",): {"GET": company_calls.ping},
    ("company",): {"GET": company_calls.list_companies},
    ("company", "{}"): {"GET": company_calls.get_company},
    ("site", "company", "{}"): {
        "GET": company_calls.list_sites,
        "POST": company_calls.create_site,
    },
    ("site", "{}"): {"GET": company_calls.get_site},
    ("job", "company", "{}"): {
        "GET": job_calls.list_jobs,
        "POST": job_calls.submit_document,
    },
    ("job", "company", "{}", "bulk"): {"POST": job_calls.submit_addresses},
    ("job", "{}"): {"GET": job_calls.get_job},
    ("document", "{}"): {"GET": document_calls.get_document},
    ("document", "company", "{}"): {"GET": document_calls.list_documents_by_company},
    ("document", "site", "{}"): {"GET": document_calls.list_documents_by_site},
    ("usage", "document", "{}"): {"GET": document_calls.list_usage_by_document},
    ("usage", "site", "{}"): {"GET": document_calls.list_usage_by_site},
    ("usage", "company", "{}"): {"GET": document_calls.list_usage_by_company},
}


class Emulator:
    """A Nectar service in memory.

    ``behaviour`` may be replaced at any time; the counts of upload rules and faults then
    begin anew, jobs under way keep the rule they were taken in with.
    """

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        world: World | None = None,
        reader: Reader | None = None,
    ) -> None:
        self._behaviour = behaviour or Behaviour()
        self.world = world or default_world(self._behaviour.seed)
        self.reader: Reader = reader or InlineReader()
        self.log = RequestLog()
        self._jobs = Jobs(self.world, self.reader)
        self._faults = FaultPlan(self._behaviour.faults, self._behaviour.seed)
        self._links = 0

    @property
    def behaviour(self) -> Behaviour:
        """The settings in force."""
        return self._behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._faults = FaultPlan(behaviour.faults, behaviour.seed)
        self._jobs.forget_counts()

    def answer(self, request: EmulatorRequest, now: float) -> EmulatorAnswer:
        """Answer a whole request at once; the driver cuts the line and waits as it says."""
        seen, fault = self.meet(request, now)
        answer = self.answer_met(request, fault, now)
        self.log.end(seen, None if answer.cut else answer.status)
        return answer

    def meet(self, head: EmulatorRequest, now: float) -> tuple[SeenRequest, Fault | None]:
        """Note a request by its head and say what goes wrong with it, before its body is read.

        The driver tells ``log.end`` when the request is over.
        """
        pattern, _ = _route(head.segments)
        call = f"{head.method} {'/' + '/'.join(pattern) if pattern else head.plain_path}"
        seen = self.log.begin(head.method, head.path, call, now)
        return seen, self._faults.meet(head.method, head.plain_path)

    def answer_met(
        self, request: EmulatorRequest, fault: Fault | None, now: float
    ) -> EmulatorAnswer:
        """Answer a request that has met ``fault``."""
        answer = self._true_answer(request, now) if takes_effect(fault) else EmulatorAnswer(500)
        answer = replace(answer, delay_seconds=self._behaviour.latency_seconds)
        return answer if fault is None else spoil(answer, fault)

    def document_in(self, request: EmulatorRequest) -> bytes | None:
        """Return the file that a request uploads, for drivers that examine it elsewhere."""
        pattern, _ = _route(request.segments)
        if request.method != "POST" or pattern != ("job", "company", "{}"):
            return None
        try:
            part = read_form(request).get("document")
        except RefusedError:
            return None
        return part.data if part else None

    def settle(self, now: float) -> None:
        """End the jobs whose time has come; every request does this first."""
        self._jobs.settle(self._behaviour, now)

    def _true_answer(self, request: EmulatorRequest, now: float) -> EmulatorAnswer:
        self.settle(now)
        pattern, ids = _route(request.segments)
        try:
            key = self._known_key(request)
            answer = _answer_of(request.method, pattern)
            return answer(self._call(request, key, now), *ids)
        except RefusedError as refused:
            return refused.as_answer()

    def _known_key(self, request: EmulatorRequest) -> str:
        key = request.headers.get("x-api-key", "")
        if not key:
            raise RefusedError(401, "No valid credentials came with the request.")
        if self._behaviour.keys is not None and key not in self._behaviour.keys:
            raise RefusedError(self._behaviour.key_refusal, "The key is not known.")
        return key

    def _call(self, request: EmulatorRequest, key: str, now: float) -> Call:
        self._links += 1
        writer = DocumentWriter(self.world, self._behaviour, now, self._links)
        return Call(self.world, self._jobs, self.reader, self._behaviour, request, key, now, writer)


def _answer_of(method: str, pattern: tuple[str, ...]) -> _Answer:
    calls = _ROUTES.get(pattern)
    if calls is None:
        raise RefusedError(404, "There is no such call.")
    if method not in calls:
        allowed = ("Allow", ", ".join(sorted(calls)))
        raise RefusedError(405, "The call has no such method.", headers=(allowed,))
    return calls[method]


def _route(segments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the pattern of a path and the ids in it; an empty pattern where none fits."""
    for pattern in _ROUTES:
        if len(pattern) == len(segments) and all(
            part in ("{}", segment) for part, segment in zip(pattern, segments, strict=True)
        ):
            ids = tuple(
                segment for part, segment in zip(pattern, segments, strict=True) if part == "{}"
            )
            return pattern, ids
    return (), ()
