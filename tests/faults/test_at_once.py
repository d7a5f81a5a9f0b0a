"""Nectar asks for at most ten requests at once; the agent keeps to its own setting."""

from __future__ import annotations

import pytest
from killable_agent import MakeAgent, bill_pdf

from agent.emulator.behaviour import Behaviour


@pytest.mark.parametrize("most", [1, 3])
def test_never_more_requests_at_once_than_set(make_agent: MakeAgent, most: int) -> None:
    """With many bills waiting and a slow Nectar, no more than ``max_requests`` are under way."""
    agent = make_agent(Behaviour(processing_seconds=0.1, latency_seconds=0.05), max_requests=most)
    for number in range(12):
        agent.drop(f"Bill {number}.pdf", bill_pdf(number))
    assert agent.once() == 0, agent.output()
    assert len(agent.results()) == 12
    assert agent.server.call(lambda emulator: emulator.log.max_concurrent) == most
