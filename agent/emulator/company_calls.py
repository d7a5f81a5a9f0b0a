"""The calls about companies and their sites."""

import re
from typing import Any

from agent.emulator.call import Call
from agent.emulator.requests import EmulatorAnswer, RefusedError, json_answer
from agent.emulator.shapes import company_detail, company_summary, site_object
from agent.emulator.world import Site

_OCCUPANCY = re.compile(r"-?[0-9]{0,3}(?:\.[0-9]{0,4})?")


def ping(call: Call) -> EmulatorAnswer:  # noqa: ARG001 - a call like all others
    """Say that the key is good."""
    return json_answer(200, {"version": "v2.2"})


def list_companies(call: Call) -> EmulatorAnswer:
    """List the companies that the key sees."""
    return json_answer(200, [company_summary(company) for company in call.companies()])


def get_company(call: Call, company_id: str) -> EmulatorAnswer:
    """Show one company with its sites."""
    company = call.company(company_id)
    return json_answer(200, company_detail(company, call.world.sites_of(company.id)))


def list_sites(call: Call, company_id: str) -> EmulatorAnswer:
    """List the sites of a company, archived ones too."""
    sites = call.world.sites_of(call.company(company_id).id)
    return call.array_or_page(call.behaviour.site_list, sites, ("totalSites", "sites"), site_object)


def create_site(call: Call, company_id: str) -> EmulatorAnswer:
    """Make a site."""
    company = call.company(company_id)
    given = call.json_object()
    problems = _site_problems(given)
    if problems:
        raise RefusedError(400, "Request not valid.", problems)
    site = Site(
        id=call.world.new_id("site"),
        company_id=company.id,
        name=given["name"],
        external_id=given.get("externalId"),
        address=given.get("address"),
        path=tuple(given.get("path", ())),
        occupancy_percent=given.get("occupancyPercent"),
    )
    call.world.sites[site.id] = site
    return json_answer(201, site_object(site))


def get_site(call: Call, site_id: str) -> EmulatorAnswer:
    """Show one site."""
    return json_answer(200, site_object(call.site(site_id)))


def _site_problems(given: dict[str, Any]) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    name = given.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        problems["name"] = ["A text of 1 to 255 characters is needed."]
    if not isinstance(given.get("externalId"), str | None):
        problems["externalId"] = ["A text is needed."]
    address = given.get("address", "")
    if not isinstance(address, str) or len(address) > 255:
        problems["address"] = ["A text of at most 255 characters is needed."]
    path = given.get("path", [])
    if (
        not isinstance(path, list)
        or len(path) > 10
        or not all(isinstance(item, str) and 1 <= len(item) <= 100 for item in path)
    ):
        problems["path"] = ["At most 10 texts of 1 to 100 characters are needed."]
    percent = given.get("occupancyPercent")
    if percent is not None and not (isinstance(percent, str) and _OCCUPANCY.fullmatch(percent)):
        problems["occupancyPercent"] = ["A text such as 100.0000 is needed."]
    return problems
