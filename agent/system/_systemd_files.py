"""The unit of the service and the autostart entry of the tray, as text.

What is not there has no effect in a user's unit, or too much: no sandboxing (without rights of its
own the user's manager drops it silently, and the results have to be written anywhere), and no
stop timeout short enough to cut off a slow disk.
"""

from __future__ import annotations

from agent.system.service_manager import MANAGED, Launch

WATCHDOG_SECONDS = 180
"""No turn of the main loop takes as long, not even on a machine that is short of everything."""


def unit(launch: Launch) -> str:
    """Return the unit.

    It is started again after every failure, but gives up after an hour full of them; not after
    78, for a configuration does not mend itself. No core is dumped: the API key would be in it.
    """
    return f"""\
[Unit]
Description=nectar-bill-agent: has Nectar read the utility bills in the watched folders
StartLimitIntervalSec=3600
StartLimitBurst=60

[Service]
Type=notify
NotifyAccess=main
ExecStart={exec_start(launch.command("run"))}
Environment={MANAGED}=systemd
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=78
SuccessExitStatus=130 143
TimeoutStartSec=600
TimeoutStopSec=15
WatchdogSec={WATCHDOG_SECONDS}
WatchdogSignal=SIGKILL
LimitCORE=0
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""


def desktop_entry(launch: Launch, *, is_hidden: bool = False) -> str:
    """Return the autostart entry of the tray."""
    return f"""\
[Desktop Entry]
Type=Application
Name=Nectar bill agent
Comment=Shows how the bills are in the tray
Exec={_desktop_exec(launch.command("tray"))}
Icon=nectar-bill-agent
Terminal=false
NoDisplay=true
Hidden={"true" if is_hidden else "false"}
X-GNOME-Autostart-enabled={"false" if is_hidden else "true"}
"""


def exec_start(command: tuple[str, ...]) -> str:
    """Return a command as ``ExecStart`` takes it; ":" keeps "$" as it is."""
    program, *arguments = command
    if any(character in program for character in "'\"\\") or not program.isprintable():
        # systemd takes no such name for a program; the shell hands its process on.
        program, arguments = "/bin/sh", ["-c", 'exec "$0" "$@"', *command]
    return ":" + " ".join(_quoted(word) for word in (program, *arguments))


def _quoted(word: str) -> str:
    return f'"{"".join(_escaped(character) for character in word)}"'


def _escaped(character: str) -> str:
    if character in '\\"':
        return f"\\{character}"
    if character == "%":
        return "%%"
    if character < " " or character == "\x7f":
        return f"\\x{ord(character):02x}"
    return character


def _desktop_exec(command: tuple[str, ...]) -> str:
    """Return a command as ``Exec`` takes it: quoted, and then escaped as every string there."""
    words = []
    for word in command:
        quoted = "".join(f"\\{each}" if each in '"`$\\' else each for each in word)
        words.append(f'"{quoted}"'.replace("%", "%%"))
    escapes = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return "".join(escapes.get(each, each) for each in " ".join(words))
