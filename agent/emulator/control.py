"""Steering the emulator over HTTP: ``/_emulator/…``, its description, and the page at ``/``.

These need no key and are no part of Nectar's API.
"""

from dataclasses import asdict, is_dataclass
from html import escape
from typing import Any

import simplejson

from agent.emulator.behaviour import Behaviour
from agent.emulator.changes import CHANGES
from agent.emulator.nectar import Emulator
from agent.emulator.openapi import description
from agent.emulator.requests import EmulatorAnswer, EmulatorRequest, RefusedError, json_answer
from agent.emulator.settings import SettingsError, read_settings, written_settings

PREFIX = "_emulator"
_PAGE = """\
<!doctype html>
<meta charset="utf-8">
<title>Nectar API emulator</title>
<style>body {{font: 16px/1.5 sans-serif; max-width: 44em; margin: 3em auto; padding: 0 1em}}</style>
<h1>Nectar API emulator</h1>
<p>A stand-in of the Nectar utility-bill API on this machine. It keeps nothing once it stops.</p>
<p>Address: <code>{origin}/v2.2</code>, header <code>X-API-Key</code> with any text.</p>
<ul>
<li><a href="/openapi.json">OpenAPI description</a>, to be imported by its address</li>
<li><a href="/_emulator/behaviour">Behaviour</a>: <code>PUT</code> replaces it, <code>PATCH</code>
changes single settings</li>
<li><a href="/_emulator/requests">Requests seen</a></li>
<li><a href="/_emulator/uploads">Uploads</a></li>
<li><code>POST /_emulator/changes</code> with
<code>{{"change": NAME, "arguments": {{…}}}}</code>: {changes}</li>
</ul>
"""
_ANY_ORIGIN = ("Access-Control-Allow-Origin", "*")
"""Lets a Swagger UI page that is open in a browser load the description."""


def is_control(request: EmulatorRequest) -> bool:
    """Whether a request is for this module and not for the API."""
    segments = request.segments
    return not segments or segments[0] in (PREFIX, "openapi.json", "openapi.yaml")


def answer_control(
    emulator: Emulator, request: EmulatorRequest, origin: str, now: float
) -> EmulatorAnswer:
    """Answer a request to steer the emulator. ``origin`` is its own address."""
    emulator.settle(now)
    try:
        match (request.method, *request.segments):
            case ("GET",):
                return _page(origin)
            case ("GET", "openapi.json" | "openapi.yaml"):  # JSON is YAML too
                return json_answer(200, description(origin), (_ANY_ORIGIN,))
            case ("GET", "_emulator", "behaviour"):
                return json_answer(200, written_settings(emulator.behaviour))
            case ("PUT", "_emulator", "behaviour"):
                emulator.behaviour = _behaviour(_json(request))
                return json_answer(200, written_settings(emulator.behaviour))
            case ("PATCH", "_emulator", "behaviour"):
                merged = {**written_settings(emulator.behaviour), **_json(request)}
                emulator.behaviour = _behaviour(merged)
                return json_answer(200, written_settings(emulator.behaviour))
            case ("GET", "_emulator", "requests"):
                return json_answer(200, emulator.log.as_json())
            case ("GET", "_emulator", "uploads"):
                return json_answer(200, _uploads(emulator))
            case ("POST", "_emulator", "changes"):
                return _change(emulator, _json(request), now)
            case _:
                return RefusedError(404, "There is no such call.").as_answer()
    except RefusedError as refused:
        return refused.as_answer()


def _page(origin: str) -> EmulatorAnswer:
    page = _PAGE.format(origin=escape(origin), changes=", ".join(CHANGES))
    return EmulatorAnswer(200, (("Content-Type", "text/html; charset=utf-8"),), page.encode())


def _json(request: EmulatorRequest) -> dict[str, Any]:
    try:
        given = simplejson.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise RefusedError(400, "A JSON object is needed.")
    return given


def _behaviour(given: dict[str, Any]) -> Behaviour:
    try:
        return read_settings(Behaviour, given)
    except SettingsError as error:
        raise RefusedError(400, str(error)) from None


def _uploads(emulator: Emulator) -> list[dict[str, Any]]:
    return [
        {
            "fileName": upload.file_name,
            "sha256": upload.sha256,
            "companyId": upload.company_id,
            "siteId": upload.site_id,
            "jobId": upload.job_id,
            "status": emulator.world.jobs[upload.job_id].status,
            "time": upload.time,
        }
        for upload in emulator.world.uploads.values()
    ]


def _change(emulator: Emulator, given: dict[str, Any], now: float) -> EmulatorAnswer:
    change = CHANGES.get(str(given.get("change")))
    if change is None:
        raise RefusedError(400, f"change has to be one of {', '.join(CHANGES)}.")
    try:
        made = change(emulator.world, now, **given.get("arguments", {}))
    except TypeError as error:  # the arguments are not those of the change
        raise RefusedError(400, str(error)) from None
    return json_answer(
        200, asdict(made) if is_dataclass(made) and not isinstance(made, type) else {}
    )
