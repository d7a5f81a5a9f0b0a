"""500 small bills waiting: the agent beside a bare httpx client that makes the same requests.

The emulator runs in a process of its own with 50 ms a request and 0.5 s a job. The agent's time
runs from the first upload to the last document, as the emulator saw them; so does the client's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from bench_world import emulator, small_pdf, tell, write_configuration

BILLS = 500
AT_ONCE = 10
LATENCY, JOB = 0.05, 0.5


def bare(url: str) -> float:
    """Send every bill, then poll every job, then fetch every document, ten at once."""
    with httpx.Client(headers={"X-API-Key": "bench"}, timeout=30) as client:
        company = client.get(f"{url}/company").json()[0]["id"]
        site = client.get(f"{url}/company/{company}").json()["sites"][0]["id"]

        def upload(number: int) -> str:
            files = {"document": (f"bill-{number}.pdf", small_pdf(number), "application/pdf")}
            answer = client.post(f"{url}/job/company/{company}", data={"siteId": site}, files=files)
            return str(answer.json()["id"])

        def poll(job: str) -> str:
            answer = client.get(f"{url}/job/{job}").json()
            while answer["status"] == "PENDING":
                time.sleep(JOB)
                answer = client.get(f"{url}/job/{job}").json()
            return str(answer["parsedDocumentIds"][0])

        def fetch(document: str) -> None:
            client.get(f"{url}/document/{document}").raise_for_status()

        started = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            jobs = list(pool.map(upload, range(BILLS)))
            documents = list(pool.map(poll, jobs))
            list(pool.map(fetch, documents))
        return time.perf_counter() - started


def agent(url: str, folder: Path) -> tuple[float, float]:
    """Let the agent do the same; return the seconds of its requests, and of the whole run."""
    config = write_configuration(folder, url, requests=AT_ONCE)
    for number in range(BILLS):
        (folder / "bills" / f"bill-{number}.pdf").write_bytes(small_pdf(number))
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "agent", "once", "--config", str(config)],
        env=os.environ | {"NECTAR_API_KEY": "bench"},
        check=True,
        stderr=subprocess.DEVNULL,
    )
    whole = time.perf_counter() - started
    seen = tell(url, "GET", "requests")
    assert isinstance(seen, dict)
    times = [
        one["time"]
        for one in seen["requests"]
        if one["method"] == "POST" or "/document/" in one["path"]
    ]
    print(f"  requests of the agent: {seen['total']}; at once at most {seen['maxConcurrent']}")
    return max(times) - min(times) + LATENCY, whole


def main() -> None:
    """Measure both and print them side by side."""
    behaviour = {"latency_seconds": LATENCY, "processing_seconds": JOB}
    with emulator(**behaviour) as url:
        baseline = bare(url)
    with emulator(**behaviour) as url, tempfile.TemporaryDirectory() as folder:
        ours, whole = agent(url, Path(folder))
        results = len(list(Path(folder, "bills").glob("*.json")))
    print(f"bare httpx client   {baseline:6.2f} s   {BILLS / baseline:6.1f} bills/s")
    print(f"agent, its requests {ours:6.2f} s   {BILLS / ours:6.1f} bills/s   {results} results")
    print(f"agent, whole run    {whole:6.2f} s")
    print(f"ratio               {baseline / ours:6.2f}")


if __name__ == "__main__":
    main()
