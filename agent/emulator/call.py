"""One call on its way through: what came, when, and what its key may see."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import simplejson

from agent.emulator.behaviour import Behaviour, Shape
from agent.emulator.jobs import Jobs
from agent.emulator.lists import envelope, lenient_page_number, page_number
from agent.emulator.readers import Reader
from agent.emulator.requests import EmulatorAnswer, EmulatorRequest, RefusedError, json_answer
from agent.emulator.shapes import DocumentWriter
from agent.emulator.world import Company, Document, Job, Site, World

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose key is good.

    What its key may not see is refused with the same error as what is not there.
    """

    world: World
    jobs: Jobs
    reader: Reader
    behaviour: Behaviour
    request: EmulatorRequest
    key: str
    now: float
    writer: DocumentWriter

    def companies(self) -> list[Company]:
        """Return the companies that the key sees."""
        return [company for company in self.world.companies.values() if self._sees(company.id)]

    def company(self, company_id: str) -> Company:
        """Return a company."""
        company = self.world.companies.get(company_id.lower())
        if company is None or not self._sees(company.id):
            raise self._missing()
        return company

    def site(self, site_id: str) -> Site:
        """Return a site."""
        site = self.world.sites.get(site_id.lower())
        if site is None or not self._sees(site.company_id):
            raise self._missing()
        return site

    def job(self, job_id: str) -> Job:
        """Return a job."""
        job = self.world.jobs.get(job_id)
        if job is None or job.is_lost or not self._sees(job.company_id):
            raise self._missing()
        return job

    def document(self, document_id: str) -> Document:
        """Return a document that is there by now."""
        document = self.world.documents.get(document_id.lower())
        if (
            document is None
            or not document.is_visible(self.now)
            or not self._sees(document.company_id)
        ):
            raise self._missing()
        return document

    def json_object(self) -> dict[str, Any]:
        """Return the body, which has to be a JSON object."""
        try:
            given = simplejson.loads(self.request.body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise RefusedError(400, "A JSON object is needed.")
        return given

    def page(
        self,
        items: Sequence[Item],
        names: tuple[str, str],
        write: Callable[[Iterable[Item]], list[dict[str, Any]]],
    ) -> EmulatorAnswer:
        """Answer the page asked for in an envelope; ``names``: of the total and of the list."""
        return self._envelope(items, page_number(self.request), names, write)

    def array_or_page(
        self,
        shape: Shape,
        items: Sequence[Item],
        names: tuple[str, str],
        write: Callable[[Item], dict[str, Any]],
    ) -> EmulatorAnswer:
        """Answer a list whose shape the contract leaves open."""
        if shape is Shape.ARRAY:
            return json_answer(200, [write(item) for item in items])
        page = lenient_page_number(self.request)
        return self._envelope(items, page, names, lambda shown: [write(item) for item in shown])

    def _envelope(
        self,
        items: Sequence[Item],
        page: int,
        names: tuple[str, str],
        write: Callable[[Iterable[Item]], list[dict[str, Any]]],
    ) -> EmulatorAnswer:
        return json_answer(200, envelope(items, page, self.behaviour.page_size, names, write))

    def _sees(self, company_id: str) -> bool:
        scope = self.behaviour.scopes.get(self.key)
        return scope is None or company_id in scope

    def _missing(self) -> RefusedError:
        status = self.behaviour.missing_status
        return RefusedError(status, "Nothing here." if status == 404 else "Not open to this key.")
