"""Choosing which fault meets a request, and spoiling the answer."""

import random
from dataclasses import replace
from fnmatch import fnmatchcase

import simplejson

from agent.emulator.behaviour import Fault, FaultBody
from agent.emulator.requests import EmulatorAnswer

_JSON = ("Content-Type", "application/json")
_HTML = ("Content-Type", "text/html; charset=utf-8")


class FaultPlan:
    """The faults of a behaviour, and how often each has met a request."""

    def __init__(self, faults: tuple[Fault, ...], seed: int) -> None:
        self._faults = faults
        self._met = [0] * len(faults)
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing

    def meet(self, method: str, path: str) -> Fault | None:
        """Return the fault of this request and count it; asked once for each request."""
        for index, fault in enumerate(self._faults):
            if not (fnmatchcase(method, fault.method) and fnmatchcase(path, fault.path)):
                continue
            if fault.times is not None and self._met[index] >= fault.skip + fault.times:
                continue
            if fault.probability < 1.0 and self._random.random() >= fault.probability:
                continue
            self._met[index] += 1
            if self._met[index] > fault.skip:
                return fault
        return None


def takes_effect(fault: Fault | None) -> bool:
    """Whether a request that meets the fault is carried out all the same."""
    if fault is None:
        return True
    if fault.cut is not None and fault.cut.is_before_effect:
        return False
    return fault.status is None or fault.carried_out


def spoil(answer: EmulatorAnswer, fault: Fault) -> EmulatorAnswer:
    """Return what the client gets instead of ``answer``."""
    headers, body = answer.headers, answer.body
    kind = fault.body or (FaultBody.ERROR if fault.status is not None else None)
    if kind is not None:
        header, body = _body(kind, fault, answer)
        headers = (header,)
    if fault.retry_after is not None:
        headers = (*headers, ("Retry-After", fault.retry_after))
    if fault.location is not None:
        headers = (*headers, ("Location", fault.location))
    return replace(
        answer,
        status=answer.status if fault.status is None else fault.status,
        headers=headers,
        body=body,
        cut=fault.cut,
        cut_share=fault.cut_share,
        delay_seconds=answer.delay_seconds + fault.delay_seconds,
        drip_seconds=fault.drip_seconds,
    )


def _body(kind: FaultBody, fault: Fault, answer: EmulatorAnswer) -> tuple[tuple[str, str], bytes]:
    status = fault.status or answer.status
    match kind:
        case FaultBody.ERROR:
            return _JSON, simplejson.dumps({"detail": f"Fault {status} as ordered."}).encode()
        case FaultBody.HTML:
            page = f"<!doctype html><title>{status}</title><h1>{status}</h1><p>A gateway says so."
            return _HTML, page.encode()
        case FaultBody.EMPTY:
            return _JSON, b""
        case FaultBody.GARBAGE:
            return _JSON, b'{"id": "' + answer.body[: len(answer.body) // 2]
        case FaultBody.HUGE:
            return _JSON, b'{"filling": "' + b"x" * fault.size + b'"}'
