"""The calls about documents and their usage records."""

from collections.abc import Iterable

from agent.emulator.call import Call
from agent.emulator.lists import Filters
from agent.emulator.requests import EmulatorAnswer, json_answer
from agent.emulator.world import Document


def get_document(call: Call, document_id: str) -> EmulatorAnswer:
    """Show one document with its usage."""
    return json_answer(200, call.writer.document(call.document(document_id)))


def list_documents_by_company(call: Call, company_id: str) -> EmulatorAnswer:
    """List the documents of a company."""
    return _documents(call, call.world.documents_of(call.company(company_id).id))


def list_documents_by_site(call: Call, site_id: str) -> EmulatorAnswer:
    """List the documents with usage on a site, or, without any usage, sent for it."""
    site = call.site(site_id)
    documents = call.world.documents_of(site.company_id)
    return _documents(call, (item for item in documents if site.id in _site_ids(call, item)))


def list_usage_by_document(call: Call, document_id: str) -> EmulatorAnswer:
    """List the usage records of a document."""
    return _usage(call, [call.document(document_id)], "USAGE_PERIOD")


def list_usage_by_site(call: Call, site_id: str) -> EmulatorAnswer:
    """List the usage records that are booked on a site."""
    site = call.site(site_id)
    return _usage(call, call.world.documents_of(site.company_id), "BILL_DATE", site.id)


def list_usage_by_company(call: Call, company_id: str) -> EmulatorAnswer:
    """List the usage records of a company."""
    return _usage(call, call.world.documents_of(call.company(company_id).id), "BILL_DATE")


def _documents(call: Call, documents: Iterable[Document]) -> EmulatorAnswer:
    filters = Filters.of(call.request)
    found = [
        document
        for document in documents
        if document.is_visible(call.now) or (document.is_deleted and filters.is_deleted)
        if filters.takes_document(call.writer.dates(document), document.usage)
    ]
    write = call.writer.document
    return call.page(found, ("totalDocuments", "documents"), lambda shown: list(map(write, shown)))


def _usage(
    call: Call, documents: Iterable[Document], date_type: str, site_id: str | None = None
) -> EmulatorAnswer:
    filters = Filters.of(call.request, date_type)
    found = [
        (document, index)
        for document in documents
        if document.is_visible(call.now) and call.writer.shows_usage(document)
        for index, record in enumerate(document.usage)
        if site_id is None or record["site"] == site_id
        if filters.takes_usage(record, call.writer.dates(document))
    ]
    return call.page(found, ("totalUsageData", "usageData"), call.writer.records)


def _site_ids(call: Call, document: Document) -> set[str | None]:
    booked = {record["site"] for record in document.usage}
    return booked or {call.world.uploads[document.job_id].site_id}
