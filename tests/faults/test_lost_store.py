"""The data directory is gone: what lies beside the bills is enough to send nothing twice."""

from __future__ import annotations

import shutil

from killable_agent import MakeAgent, bill_pdf, wait_until


def test_nothing_is_sent_after_the_data_directory_was_deleted(make_agent: MakeAgent) -> None:
    """Results are adopted, byte for byte as they were; a bill that comes later is sent."""
    agent = make_agent()
    for number in range(5):
        agent.drop(f"Bill {number}.pdf", bill_pdf(number))
    agent.drop("Empty.pdf", b"no bill at all")
    assert agent.once() == 3  # the file that is no bill needs a person
    before, states = agent.results(), agent.states()
    assert len(before) == 6
    shutil.rmtree(agent.data_dir)
    assert agent.once() == 3
    assert agent.results() == before
    assert agent.states() == states == {"done": 5, "rejected": 1}
    assert agent.count("POST /job/company/{}") == 5
    agent.drop("Later.pdf", bill_pdf(99))
    process = agent.start_ready()
    wait_until(lambda: agent.has_result("Later.pdf"), "the later bill's result")
    assert agent.stop(process)[0] == 0
    assert agent.count("POST /job/company/{}") == 6
    assert agent.result("Later.pdf")["outcome"] == "processed"
