"""The tasks of Windows' Task Scheduler, as XML in the order that its schema asks for."""

from __future__ import annotations

import subprocess
from xml.sax.saxutils import escape

from agent.system.service_manager import Launch

REPEAT_MINUTES = 5
_SCHEMA = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_REPETITION = f"""
      <Repetition>
        <Interval>PT{REPEAT_MINUTES}M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>"""
_RESTART = """
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>"""


def service_task(launch: Launch, user: str, *, at_login: bool = True) -> str:
    """Return the task of the service: without end, on batteries too, once at a time."""
    return _task(
        "Has Nectar read the utility bills in the watched folders.",
        launch.command("run"),
        user,
        at_login=at_login,
        repetition=_REPETITION,
        restart=_RESTART,
    )


def tray_task(launch: Launch, user: str, *, at_login: bool = True) -> str:
    """Return the task of the tray: who ends it does not want it back before the next logon."""
    return _task(
        "Shows how the bills are in the tray.",
        launch.command("tray"),
        user,
        at_login=at_login,
        repetition="",
        restart="",
    )


def _task(
    description: str,
    command: tuple[str, ...],
    user: str,
    *,
    at_login: bool,
    repetition: str,
    restart: str,
) -> str:
    program, *arguments = command
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="{_SCHEMA}">
  <RegistrationInfo>
    <Description>nectar-bill-agent: {escape(description)}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>{"true" if at_login else "false"}</Enabled>{repetition}
      <UserId>{escape(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>{restart}
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(subprocess.list2cmdline(arguments))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
