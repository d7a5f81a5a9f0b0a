"""Running the tools of service managers: bounded in time, without a window, failures named."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.bills.errors import AgentError

SECONDS = 30.0
"""How long a tool may take. They ask another process, which may be busy or gone."""
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered."""

    code: int
    output: str
    complaint: str

    @property
    def is_well(self) -> bool:
        """Whether the tool did what it was asked for."""
        return self.code == 0


def ask(
    *command: str, seconds: float = SECONDS, environ: Mapping[str, str] | None = None
) -> Answer:
    """Run a tool and return its answer, whatever it is.

    Raises AgentError where the tool is not there or does not answer in time.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the system's tools, with arguments of ours
            command,
            env=None if environ is None else {**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            creationflags=_NO_WINDOW,
        )
    except subprocess.TimeoutExpired:
        raise AgentError(
            "manager-silent",
            f"{command[0]} did not answer within {seconds:.0f} seconds.",
            "Look again later: bill-agent service status",
        ) from None
    except OSError as error:
        raise AgentError(
            "manager-missing",
            f"{command[0]} cannot be run: {error.strerror or type(error).__name__}.",
            "Without it there is no background service: bill-agent run",
        ) from None
    return Answer(done.returncode, _text(done.stdout), _text(done.stderr))


def tell(
    *command: str, seconds: float = SECONDS, environ: Mapping[str, str] | None = None
) -> Answer:
    """Run a tool that has to succeed. Raises AgentError with its own words where it does not."""
    answer = ask(*command, seconds=seconds, environ=environ)
    if not answer.is_well:
        raise refusal(command, answer)
    return answer


def refusal(command: Sequence[str], answer: Answer) -> AgentError:
    """Return the error for a tool that refused."""
    words = " ".join((answer.complaint or answer.output).split()) or f"exit code {answer.code}"
    return AgentError(
        "manager-refused",
        f"{' '.join(command[:3])} failed: {words.rstrip('.')}.",
        "The background service can be done without: bill-agent run",
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").strip()
