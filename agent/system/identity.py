"""Who this agent is: the mark it leaves in a folder names the same agent after any restart."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from dataclasses import dataclass

from agent.system import here


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """One agent: one user's, with one data directory, on one machine."""

    id: str
    """32 hex digits; survives the loss of the store."""
    machine: str
    """The host's name without its domain, for people."""
    user: str


def agent_identity(data_dir: str) -> AgentIdentity:
    """Return the identity of the agent whose store lies in ``data_dir``."""
    # A domain may come and go with the network (macOS takes it from DHCP).
    machine = socket.gethostname().partition(".")[0]
    user = here.user_name()
    return AgentIdentity(
        identity_id(here.machine_id() or "", machine, user, data_dir), machine, user
    )


def identity_id(machine_id: str, machine: str, user: str, data_dir: str) -> str:
    """Return the id: a hash, so that nobody learns the machine's own id from a folder's mark."""
    place = os.path.normcase(os.path.abspath(data_dir))  # noqa: PTH100 - links must stay
    told = json.dumps([machine_id, machine.lower(), user, place])
    return hashlib.sha256(told.encode()).hexdigest()[:32]
