"""What the agent and its helper process say to each other, and within which limits.

The agent writes one line of JSON, ``{"kind", "size", "mayRepair"}``, and then ``size`` bytes of
the file; the helper answers one line, ``{"pages"}`` or ``{"refused", …}``. Before the first file
it says ``{"ready"}``, so that a helper that cannot start is never mistaken for a bad file. The
helper gets bytes and not paths: it examines exactly what was fingerprinted, no file is open while
a stranger's bytes are parsed, and no name has to survive the way.
"""

from __future__ import annotations

MEMORY_BYTES = 1536 << 20
"""A picture of 150 million pixels takes 600 MiB."""

PROCESSOR_SECONDS = 20
"""For one file, where the system can count them (Linux, macOS): a loop ends even if the machine
slept or is busy meanwhile."""

FILES_PER_PROCESS = 1000

LOCKED = "locked"
BROKEN = "broken"
TOO_MANY_PIXELS = "too-many-pixels"
