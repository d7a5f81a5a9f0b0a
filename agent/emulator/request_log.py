"""What was asked: for tests, and for people who try things by hand."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_KEPT = 20_000


@dataclass(slots=True)
class SeenRequest:
    """One request to the API. Keys and bodies are not kept."""

    number: int
    method: str
    path: str
    call: str
    """The method and the path with its ids left out, such as ``GET /job/{}``."""
    time: float
    status: int | None = None
    """None while it is under way, and where the line was cut before an answer."""


@dataclass(slots=True)
class RequestLog:
    """The last 20,000 requests, counts of all, and the most that were under way at once."""

    requests: deque[SeenRequest] = field(default_factory=lambda: deque(maxlen=_KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    under_way: int = 0
    max_concurrent: int = 0

    def begin(self, method: str, path: str, call: str, now: float) -> SeenRequest:
        """Note a request whose head has come."""
        seen = SeenRequest(sum(self.counts.values()) + 1, method, path, call, now)
        self.requests.append(seen)
        self.counts[call] += 1
        self.under_way += 1
        self.max_concurrent = max(self.max_concurrent, self.under_way)
        return seen

    def end(self, seen: SeenRequest, status: int | None) -> None:
        """Note that a request is over."""
        seen.status = status
        self.under_way -= 1

    def __iter__(self) -> Iterator[SeenRequest]:
        return iter(list(self.requests))

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "total": sum(self.counts.values()),
            "counts": dict(self.counts),
            "underWay": self.under_way,
            "maxConcurrent": self.max_concurrent,
            "requests": [
                {
                    "number": item.number,
                    "method": item.method,
                    "path": item.path,
                    "call": item.call,
                    "time": item.time,
                    "status": item.status,
                }
                for item in self
            ],
        }
