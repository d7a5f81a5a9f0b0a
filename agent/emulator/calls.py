"""The calls of the API: what each one asks of the world and answers."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import simplejson

from agent.emulator.behaviour import Behaviour, Shape, UploadAnswer
from agent.emulator.jobs import Jobs
from agent.emulator.lists import Filters, envelope, page_number
from agent.emulator.multipart import read_form
from agent.emulator.readers import Reader
from agent.emulator.requests import EmulatorAnswer, EmulatorRequest, RefusedError, json_answer
from agent.emulator.shapes import (
    DocumentWriter,
    company_detail,
    company_summary,
    job_object,
    site_object,
)
from agent.emulator.world import Company, Document, Job, Site, World

MAX_FILE_BYTES = 25_000_000
_OCCUPANCY = re.compile(r"-?[0-9]{0,3}(?:\.[0-9]{0,4})?")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Calls:
    """One request on its way through: what it may see, and when it came."""

    world: World
    jobs: Jobs
    reader: Reader
    behaviour: Behaviour
    request: EmulatorRequest
    key: str
    now: float
    writer: DocumentWriter

    # Companies and sites

    def ping(self) -> EmulatorAnswer:
        """Say that the key is good."""
        return json_answer(200, {"version": "v2.2"})

    def list_companies(self) -> EmulatorAnswer:
        """List the companies that the key sees."""
        seen = [item for item in self.world.companies.values() if self._sees(item.id)]
        return json_answer(200, [company_summary(company) for company in seen])

    def get_company(self, company_id: str) -> EmulatorAnswer:
        """Show one company with its sites."""
        company = self._company(company_id)
        return json_answer(200, company_detail(company, self.world.sites_of(company.id)))

    def list_sites(self, company_id: str) -> EmulatorAnswer:
        """List the sites of a company, archived ones too."""
        sites = self.world.sites_of(self._company(company_id).id)
        return self._list(self.behaviour.site_list, sites, ("totalSites", "sites"), site_object)

    def create_site(self, company_id: str) -> EmulatorAnswer:
        """Make a site."""
        company = self._company(company_id)
        given = _json_object(self.request)
        problems = _site_problems(given)
        if problems:
            raise RefusedError(400, "Request not valid.", problems)
        site = Site(
            id=self.world.new_id("site"),
            company_id=company.id,
            name=given["name"],
            external_id=given.get("externalId"),
            address=given.get("address"),
            path=tuple(given.get("path", ())),
            occupancy_percent=given.get("occupancyPercent"),
        )
        self.world.sites[site.id] = site
        return json_answer(201, site_object(site))

    def get_site(self, site_id: str) -> EmulatorAnswer:
        """Show one site."""
        return json_answer(200, site_object(self._site(site_id)))

    # Jobs

    def list_jobs(self, company_id: str) -> EmulatorAnswer:
        """List the jobs of a company."""
        company = self._company(company_id)
        jobs = [
            job
            for job in self.world.jobs.values()
            if job.company_id == company.id and not job.is_lost
        ]
        return self._list(self.behaviour.job_list, jobs, ("totalJobs", "jobs"), job_object)

    def submit_document(self, company_id: str) -> EmulatorAnswer:
        """Take in one file and start its job."""
        company = self._active_company(company_id)
        form = read_form(self.request)
        part = form.get("document")
        if part is None or part.file_name is None or not part.data:
            problem = "A file is needed here." if part is None else "The file is empty."
            raise RefusedError(400, "Request not valid.", {"document": [problem]})
        if len(part.data) > MAX_FILE_BYTES:
            raise RefusedError(413, "The file is larger than 25 MB.")
        site = None
        if "siteId" in form:
            site = self._upload_site(company, form["siteId"].data.decode("utf-8", "replace"))
        refusal = self.reader.examine(part.data).refusal
        if refusal is not None:
            raise RefusedError(400, "Request not valid.", {"document": [refusal]})
        job = self.jobs.accept(
            company.id,
            site.id if site else None,
            part.file_name,
            part.data,
            self.behaviour,
            self.now,
        )
        return self._accepted(job)

    def submit_addresses(self, company_id: str) -> EmulatorAnswer:
        """Start a job for files given by address. It fails: nothing is fetched from anywhere."""
        company = self._active_company(company_id)
        given = _json_object(self.request)
        addresses = given.get("documents")
        if not isinstance(addresses, list) or not addresses:
            problem = {"documents": ["At least one address is needed."]}
            raise RefusedError(400, "Request not valid.", problem)
        if not all(isinstance(item, str) and item.startswith("https://") for item in addresses):
            problem = {"documents": ["Each address has to begin with https://."]}
            raise RefusedError(400, "Request not valid.", problem)
        if given.get("siteId") is not None:
            self._upload_site(company, str(given["siteId"]))
        return self._accepted(self.jobs.accept_unreachable(company.id, self.behaviour, self.now))

    def get_job(self, job_id: str) -> EmulatorAnswer:
        """Show the state of a job."""
        job = self.world.jobs.get(job_id)
        if job is None or job.is_lost or not self._sees(job.company_id):
            raise self._missing()
        return json_answer(200, job_object(job))

    # Documents and usage

    def get_document(self, document_id: str) -> EmulatorAnswer:
        """Show one document with its usage."""
        return json_answer(200, self.writer.document(self._document(document_id)))

    def list_documents_by_company(self, company_id: str) -> EmulatorAnswer:
        """List the documents of a company."""
        return self._document_page(self.world.documents_of(self._company(company_id).id))

    def list_documents_by_site(self, site_id: str) -> EmulatorAnswer:
        """List the documents that have usage on a site, or were sent for it."""
        site = self._site(site_id)
        return self._document_page(
            document
            for document in self.world.documents_of(site.company_id)
            if site.id in self._site_ids(document)
        )

    def list_usage_by_document(self, document_id: str) -> EmulatorAnswer:
        """List the usage records of a document."""
        return self._usage_page([self._document(document_id)], "USAGE_PERIOD")

    def list_usage_by_site(self, site_id: str) -> EmulatorAnswer:
        """List the usage records that are booked on a site."""
        site = self._site(site_id)
        return self._usage_page(self.world.documents_of(site.company_id), "BILL_DATE", site.id)

    def list_usage_by_company(self, company_id: str) -> EmulatorAnswer:
        """List the usage records of a company."""
        company = self._company(company_id)
        return self._usage_page(self.world.documents_of(company.id), "BILL_DATE")

    # What the key may see

    def _sees(self, company_id: str) -> bool:
        scope = self.behaviour.scopes.get(self.key)
        return scope is None or company_id in scope

    def _missing(self) -> RefusedError:
        status = self.behaviour.missing_status
        return RefusedError(status, "Nothing here." if status == 404 else "Not open to this key.")

    def _company(self, company_id: str) -> Company:
        company = self.world.companies.get(company_id.lower())
        if company is None or not self._sees(company.id):
            raise self._missing()
        return company

    def _active_company(self, company_id: str) -> Company:
        company = self._company(company_id)
        if not company.is_active:
            raise RefusedError(400, f"The company {company.name} is not active.")
        return company

    def _site(self, site_id: str) -> Site:
        site = self.world.sites.get(site_id.lower())
        if site is None or not self._sees(site.company_id):
            raise self._missing()
        return site

    def _document(self, document_id: str) -> Document:
        document = self.world.documents.get(document_id.lower())
        if document is None or not self._sees(document.company_id):
            raise self._missing()
        if not document.is_visible(self.now):
            raise self._missing()
        return document

    def _upload_site(self, company: Company, text: str) -> Site:
        try:
            site = self.world.sites.get(str(UUID(text)))
        except ValueError:
            site, problem = None, "A UUID is needed."
        else:
            problem = "The company has no such site."
        if site is None or site.company_id != company.id:
            raise RefusedError(400, "Request not valid.", {"siteId": [problem]})
        if site.stop_date is not None:
            raise RefusedError(400, "Request not valid.", {"siteId": ["The site is archived."]})
        return site

    # Shapes

    def _accepted(self, job: Job) -> EmulatorAnswer:
        status = self.behaviour.upload_status
        if status == 204:
            return EmulatorAnswer(204)
        match self.behaviour.upload_answer:
            case UploadAnswer.FULL:
                return json_answer(status, job_object(job))
            case UploadAnswer.ID:
                return json_answer(status, {"id": job.id, "status": job.status})
            case UploadAnswer.JOB_ID:
                return json_answer(status, {"jobId": job.id})
            case UploadAnswer.NOTHING:
                return json_answer(status, {})

    def _list(
        self,
        shape: Shape,
        items: list[Item],
        names: tuple[str, str],
        write: Callable[[Item], dict[str, Any]],
    ) -> EmulatorAnswer:
        page = page_number(self.request)
        if shape is Shape.ARRAY:
            return json_answer(200, [write(item) for item in items])
        return self._page(items, page, names, lambda shown: [write(item) for item in shown])

    def _page(
        self,
        items: list[Item],
        page: int,
        names: tuple[str, str],
        write: Callable[[Iterable[Item]], list[dict[str, Any]]],
    ) -> EmulatorAnswer:
        return json_answer(200, envelope(items, page, self.behaviour.page_size, names, write))

    def _document_page(self, documents: Iterable[Document]) -> EmulatorAnswer:
        filters, page = Filters.of(self.request), page_number(self.request)
        found = [
            document
            for document in documents
            if document.is_visible(self.now) or (document.is_deleted and filters.is_deleted)
            if filters.takes_document(self.writer.dates(document), document.usage)
        ]
        names = ("totalDocuments", "documents")
        return self._page(found, page, names, lambda shown: list(map(self.writer.document, shown)))

    def _usage_page(
        self, documents: Iterable[Document], date_type: str, site_id: str | None = None
    ) -> EmulatorAnswer:
        filters, page = Filters.of(self.request, date_type), page_number(self.request)
        found = [
            (document, index)
            for document in documents
            if document.is_visible(self.now) and self.writer.shows_usage(document)
            for index, record in enumerate(document.usage)
            if site_id is None or record["site"] == site_id
            if filters.takes_usage(record, self.writer.dates(document))
        ]
        names = ("totalUsageData", "usageData")
        return self._page(found, page, names, self.writer.records)

    def _site_ids(self, document: Document) -> set[str | None]:
        asked = self.world.uploads[document.job_id].site_id
        booked = {record["site"] for record in document.usage}
        return booked or {asked}


def _json_object(request: EmulatorRequest) -> dict[str, Any]:
    try:
        given = simplejson.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise RefusedError(400, "A JSON object is needed.")
    return given


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
