"""The branch for the system this runs on; every branch has the same functions."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from agent.system._windows import (
        STOP_SIGNALS,
        allow_recall,
        ask_for_content,
        file_system_without_events,
        hide,
        machine_id,
        network_file_system,
        readable_by_others,
        user_name,
        watch_console_closing,
    )
elif sys.platform == "darwin":
    from agent.system._macos import (
        allow_recall,
        ask_for_content,
        file_system_without_events,
        machine_id,
        network_file_system,
    )
    from agent.system._posix import (
        STOP_SIGNALS,
        hide,
        readable_by_others,
        user_name,
        watch_console_closing,
    )
else:
    from agent.system._linux import (
        allow_recall,
        ask_for_content,
        file_system_without_events,
        machine_id,
        network_file_system,
    )
    from agent.system._posix import (
        STOP_SIGNALS,
        hide,
        readable_by_others,
        user_name,
        watch_console_closing,
    )

__all__ = [
    "STOP_SIGNALS",
    "allow_recall",
    "ask_for_content",
    "file_system_without_events",
    "hide",
    "machine_id",
    "network_file_system",
    "readable_by_others",
    "user_name",
    "watch_console_closing",
]
