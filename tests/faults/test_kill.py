"""Kill -9 costs at most the step under way: one upload, one result.

These need nothing but a process and a clock, and run on every system; ``test_kill_points`` kills
at every point.
"""

from __future__ import annotations

import os
import random
import sys
import time

import pytest
from killable_agent import KillableAgent, MakeAgent, bill_pdf, wait_until

from agent.emulator.behaviour import Behaviour, Fault, FileNames

HELD_BACK = Fault(method="POST", path="/job/company/*", delay_seconds=20.0)
"""The job is made, and its answer comes long after the agent was killed."""


def kill_before_the_answer(agent: KillableAgent) -> None:
    """Send one bill and kill the agent once Nectar has taken it, before the answer."""
    agent.drop("Bill.pdf", bill_pdf(1))
    process = agent.start_ready()
    wait_until(lambda: len(agent.uploads()) == 1, "an upload")
    agent.kill(process)


def test_killed_between_send_and_answer(make_agent: MakeAgent) -> None:
    """The bill is found at Nectar by its name at the next start: one job, one result."""
    agent = make_agent(Behaviour(processing_seconds=0.3, faults=(HELD_BACK,)))
    kill_before_the_answer(agent)
    assert agent.once() == 0
    assert len(agent.uploads()) == 1
    assert agent.count("POST /job/company/{}") == 1
    result = agent.result("Bill.pdf")
    assert result["outcome"] == "processed"
    assert result["job"]["id"] == agent.uploads()[0].job_id


@pytest.mark.skipif("SLOW_TESTS" not in os.environ, reason="two minutes; set SLOW_TESTS to run it")
@pytest.mark.timeout(300)
def test_killed_between_send_and_answer_where_nectar_changes_names(make_agent: MakeAgent) -> None:
    """Where nothing can be found by name: sent once more at most, and still one result."""
    names = Behaviour(processing_seconds=0.3, faults=(HELD_BACK,), file_names=FileNames.CHANGED)
    agent = make_agent(names)
    agent.drop("Old.pdf", bill_pdf(0))  # its job tells how long a bill may take to appear
    agent.server.behave(Behaviour(processing_seconds=0.3, file_names=FileNames.CHANGED))
    assert agent.once() == 0
    agent.server.behave(names)
    agent.drop("Bill.pdf", bill_pdf(1))
    process = agent.start_ready()
    wait_until(lambda: len(agent.uploads()) == 2, "the second bill's upload")
    agent.kill(process)
    assert agent.start("once").wait(200) == 0
    assert len(agent.uploads()) <= 3
    assert agent.result("Bill.pdf")["outcome"] == "processed"
    assert len(agent.results()) == 2


@pytest.mark.skipif(
    sys.platform == "linux" and "SLOW_TESTS" not in os.environ,
    reason="test_kill_at_random does it with a worse Nectar; set SLOW_TESTS to run it",
)
def test_killed_again_and_again(make_agent: MakeAgent) -> None:
    """Killed at random moments: each bill has one result, and each was accepted once."""
    chance = random.Random(1)  # noqa: S311 - repeatable moments, guards nothing
    agent = make_agent(Behaviour(processing_seconds=0.2, latency_seconds=0.15))
    names = [f"Bill {number:02}.pdf" for number in range(12)]
    for number, name in enumerate(names):
        agent.drop(name, bill_pdf(number))
    for _ in range(5):
        process = agent.start()
        time.sleep(0.6 + 2.0 * chance.random())
        agent.kill(process)
    assert agent.start("once").wait(110) == 0
    assert sorted(agent.results()) == [f"{name}.json" for name in names]
    outcomes = {agent.result(name)["outcome"] for name in names}
    assert outcomes == {"processed"}
    sent = [upload.sha256 for upload in agent.uploads()]
    assert len(sent) == len(set(sent)) == len(names)
    assert not list(agent.folder.glob(".nectar-*.part"))
