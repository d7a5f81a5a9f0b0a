"""What happens at Nectar behind the client's back: corrections, deletions, moved sites.

Each change takes the world and the time and may be ordered over HTTP by its name
(`/_emulator/changes`). Sites are named by id or, within a company, by external id.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from agent.emulator.documents import revised
from agent.emulator.requests import RefusedError
from agent.emulator.world import Company, Document, Site, World


def correct_document(
    world: World, now: float, document_id: str, members: Mapping[str, Any]
) -> Document:
    """Change members of a document; the items of ``usageData`` are merged by position."""
    document = revised(_document(world, document_id), dict(members), now)
    world.documents[document.id] = document
    return document


def revise_document(
    world: World,
    now: float,
    document_id: str,
    members: Mapping[str, Any],
    named_by: Literal["old", "new", "both"] = "old",
) -> Document:
    """Add a new document that replaces one; ``named_by`` says which carries the other's id."""
    old = _document(world, document_id)
    new = replace(
        revised(old, dict(members), now),
        id=world.new_id("document"),
        created=now,
        visible_from=now,
        usage_from=now,
    )
    records = tuple({**record, "id": world.new_id("usage")} for record in new.usage)
    content = {**new.content, "revisedDocumentId": None if named_by == "old" else old.id}
    new = replace(new, usage=records, content=content)
    world.documents[new.id] = new
    if named_by != "new":
        content = {**old.content, "revisedDocumentId": new.id}
        world.documents[old.id] = replace(old, content=content, updated=now)
    return new


def delete_document(world: World, now: float, document_id: str) -> Document:
    """Delete a document; it is listed only with ``isDeleted`` from now on."""
    document = replace(_document(world, document_id), is_deleted=True, updated=now)
    world.documents[document.id] = document
    return document


def move_usage(world: World, now: float, document_id: str, site: str) -> Document:
    """Book all usage of a document on another site."""
    document = _document(world, document_id)
    target = _site(world, site)
    usage = tuple({**record, "site": target.id} for record in document.usage)
    world.documents[document.id] = moved = replace(document, usage=usage, updated=now)
    return moved


def lose_job(world: World, now: float, job_id: str) -> None:  # noqa: ARG001 - all changes alike
    """Answer 404 for a job from now on; its documents stay."""
    if job_id not in world.jobs:
        raise RefusedError(404, f"There is no job {job_id}.")
    world.jobs[job_id] = replace(world.jobs[job_id], is_lost=True)


def archive_site(
    world: World,
    now: float,  # noqa: ARG001 - all changes alike
    site: str,
    day: str | None = "2026-01-31",
) -> Site:
    """Archive a site as of a day; ``None`` brings it back."""
    return _put_site(world, replace(_site(world, site), stop_date=day))


def change_site(
    world: World,
    now: float,  # noqa: ARG001 - all changes alike
    site: str,
    name: str | None = None,
    external_id: str | None = None,
) -> Site:
    """Give a site another name or another external id."""
    found = _site(world, site)
    return _put_site(
        world,
        replace(found, name=name or found.name, external_id=external_id or found.external_id),
    )


def add_site(
    world: World,
    now: float,  # noqa: ARG001 - all changes alike
    company_id: str,
    name: str,
    external_id: str | None = None,
) -> Site:
    """Add a site; an external id that is there already is not refused."""
    site = Site(world.new_id("site"), _company(world, company_id).id, name, external_id)
    return _put_site(world, site)


def remove_site(world: World, now: float, site: str) -> None:  # noqa: ARG001 - all changes alike
    """Remove a site as if it had never been."""
    del world.sites[_site(world, site).id]


def add_company(
    world: World,
    now: float,  # noqa: ARG001 - all changes alike
    name: str,
    external_id: str | None = None,
) -> Company:
    """Add a company without sites."""
    company = Company(world.new_id("company"), name, external_id)
    world.companies[company.id] = company
    return company


def change_company(
    world: World,
    now: float,  # noqa: ARG001 - all changes alike
    company_id: str,
    name: str | None = None,
    external_id: str | None = None,
    is_active: bool | None = None,
) -> Company:
    """Rename a company, or make it active or not."""
    company = _company(world, company_id)
    changed = replace(
        company,
        name=name or company.name,
        external_id=external_id or company.external_id,
        is_active=company.is_active if is_active is None else is_active,
    )
    world.companies[company.id] = changed
    return changed


CHANGES: Mapping[str, Callable[..., Any]] = {
    change.__name__: change
    for change in (
        correct_document, revise_document, delete_document, move_usage, lose_job, archive_site,
        change_site, add_site, remove_site, add_company, change_company,
    )
}  # fmt: skip


def _document(world: World, document_id: str) -> Document:
    if document_id not in world.documents:
        raise RefusedError(404, f"There is no document {document_id}.")
    return world.documents[document_id]


def _company(world: World, company_id: str) -> Company:
    for company in world.companies.values():
        if company_id in (company.id, company.external_id):
            return company
    raise RefusedError(404, f"There is no company {company_id}.")


def _site(world: World, name: str) -> Site:
    for site in world.sites.values():
        if name in (site.id, site.external_id):
            return site
    raise RefusedError(404, f"There is no site {name}.")


def _put_site(world: World, site: Site) -> Site:
    world.sites[site.id] = site
    return site
