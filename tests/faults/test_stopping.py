"""Ending in order, and one agent for one store."""

from __future__ import annotations

import os

import pytest
from killable_agent import MakeAgent, bill_pdf, wait_until

from agent.emulator.behaviour import Behaviour, Fault

SLOW = Behaviour(
    processing_seconds=0.3,
    faults=(Fault(method="POST", path="/job/company/*", delay_seconds=20.0),),
)


def test_stops_in_time_at_rest(make_agent: MakeAgent) -> None:
    """SIGTERM ends an agent that waits: exit 0 within three seconds."""
    agent = make_agent()
    code, seconds = agent.stop(agent.start_ready())
    assert code == 0, agent.output()
    assert seconds < 3.0


def test_stops_in_time_with_a_request_under_way(make_agent: MakeAgent) -> None:
    """SIGTERM does not wait for Nectar, whose answer is still out."""
    agent = make_agent(SLOW)
    agent.drop("Bill.pdf", bill_pdf(1))
    process = agent.start_ready()
    wait_until(lambda: len(agent.uploads()) == 1, "an upload")
    code, seconds = agent.stop(process)
    assert code == 0, agent.output()
    assert seconds < 3.0


def test_second_agent_says_who_runs(make_agent: MakeAgent) -> None:
    """A second agent on one data directory ends with 1 and names the process that serves it."""
    agent = make_agent()
    first = agent.start_ready()
    assert agent.start().wait(30) == 1
    assert str(first.pid) in agent.output()
    assert "runs already" in agent.output()
    assert agent.stop(first)[0] == 0


@pytest.mark.parametrize("time", range(20 if "SLOW_TESTS" in os.environ else 1))
def test_two_started_at_the_same_instant(make_agent: MakeAgent, time: int) -> None:
    """One serves; the other says which process does and since when, and ends with 1."""
    del time
    agent = make_agent()
    agent.kill(agent.start_ready())  # what it held is free, its word about itself is stale
    agent.drop("Bill.pdf", bill_pdf(1))
    both = {agent.start(): agent.place / f"output-{number}.txt" for number in (2, 3)}
    wait_until(lambda: any(one.poll() is not None for one in both), "one that ends")
    (loser,) = (one for one in both if one.poll() is not None)
    (winner,) = (one for one in both if one is not loser)
    assert loser.returncode == 1
    said = both[loser].read_text("utf-8")
    assert f"The agent runs already as process {winner.pid} since 20" in said
    wait_until(lambda: agent.has_result("Bill.pdf"), "the result")
    assert agent.stop(winner)[0] == 0
    assert len(agent.uploads()) == 1


def test_after_a_kill_the_next_agent_starts(make_agent: MakeAgent) -> None:
    """The lock of a killed agent holds nobody up."""
    agent = make_agent()
    agent.kill(agent.start_ready())
    assert agent.stop(agent.start_ready())[0] == 0
