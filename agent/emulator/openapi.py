"""The description of the API that the emulator serves, for Postman, Insomnia and Swagger UI."""

from typing import Any

from agent.emulator.lists import DATASOURCE_TYPES, DATE_TYPES
from agent.emulator.openapi_schemas import Schema, reference, schemas
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07

_TITLE = "Nectar utility-bill API, emulated"
_ABOUT = """\
A stand-in of the Nectar API that runs on this machine and keeps nothing once it stops.
Any text is taken as a key unless the emulator is told otherwise. Bills are read by a plain
text search; nothing is given that is not printed on the bill, and pictures give nothing.
"""
_JSON = "application/json"


def description(origin: str) -> dict[str, Any]:
    """Return the OpenAPI 3.0.3 description for an emulator at ``origin``."""
    return {
        "openapi": "3.0.3",
        "info": {"title": _TITLE, "version": "2.2.0", "description": _ABOUT},
        "servers": [{"url": f"{origin}/v2.2", "description": "This emulator"}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in ("Key", "Companies", "Sites", "Jobs", "Documents")]
        + [{"name": "Usage"}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
            "schemas": schemas(),
        },
    }


def _paths() -> dict[str, Any]:
    company, site = _id("company_id", HARBOR_MILL_FOODS.id), _id("site_id", PLANT_07.id)
    document = _id("document_id")
    job: Schema = {
        "name": "job_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    }
    started = reference("StartedJob")
    sites = {"anyOf": [_array("Site"), reference("SitePage")]}
    jobs = {"anyOf": [_array("Job"), reference("JobPage")]}
    documents, usage = reference("DocumentPage"), reference("UsagePage")
    filters, meters = [*_filters(), _is_deleted()], _filters()
    return {
        "/ping": _path([], get=_call("ping", "Key", "Try a key", reference("Version"))),
        "/company": _path(
            [], get=_call("listCompanies", "Companies", "All companies", _array("CompanySummary"))
        ),
        "/company/{company_id}": _path(
            [company],
            get=_call("getCompany", "Companies", "A company and its sites", reference("Company")),
        ),
        "/site/company/{company_id}": _path(
            [company],
            get=_call("listSites", "Sites", "A company's sites", sites, [_page()]),
            post=_call(
                "createSite", "Sites", "Make a site", reference("Site"), success="201",
                body=(_JSON, reference("NewSite")),
            ),
        ),
        "/site/{site_id}": _path(
            [site], get=_call("getSite", "Sites", "A site", reference("Site"))
        ),
        "/job/company/{company_id}": _path(
            [company],
            get=_call("listJobs", "Jobs", "A company's jobs", jobs, [_page()]),
            post=_call(
                "submitDocument", "Jobs", "Upload a bill", started, success="201",
                body=("multipart/form-data", reference("Upload")),
            ),
        ),
        "/job/company/{company_id}/bulk": _path(
            [company],
            post=_call(
                "submitAddresses", "Jobs", "Upload bills by address; always terminated here",
                started, success="201", body=(_JSON, reference("Addresses")),
            ),
        ),
        "/job/{job_id}": _path(
            [job], get=_call("getJob", "Jobs", "How far a job is", reference("Job"))
        ),
        "/document/{document_id}": _path(
            [document],
            get=_call("getDocument", "Documents", "A read bill", reference("Document")),
        ),
        "/document/company/{company_id}": _path(
            [company],
            get=_call(
                "listCompanyDocuments", "Documents", "A company's bills", documents, filters
            ),
        ),
        "/document/site/{site_id}": _path(
            [site],
            get=_call("listSiteDocuments", "Documents", "A site's bills", documents, filters),
        ),
        "/usage/document/{document_id}": _path(
            [document],
            get=_call("listDocumentUsage", "Usage", "The usage on a bill", usage, meters),
        ),
        "/usage/site/{site_id}": _path(
            [site], get=_call("listSiteUsage", "Usage", "A site's usage", usage, meters)
        ),
        "/usage/company/{company_id}": _path(
            [company], get=_call("listCompanyUsage", "Usage", "A company's usage", usage, meters)
        ),
    }  # fmt: skip


def _path(parameters: list[Schema], **calls: Schema) -> Schema:
    return {"parameters": parameters, **calls}


def _call(
    operation_id: str,
    tag: str,
    summary: str,
    answer: Schema,
    parameters: list[Schema] | None = None,
    *,
    success: str = "200",
    body: tuple[str, Schema] | None = None,
) -> Schema:
    call: Schema = {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "responses": {
            success: {"description": "Done.", "content": {_JSON: {"schema": answer}}},
            **_errors(),
        },
    }
    if parameters:
        call["parameters"] = parameters
    if body is not None:
        call["requestBody"] = {"required": True, "content": {body[0]: {"schema": body[1]}}}
    return call


def _errors() -> dict[str, Schema]:
    texts = {
        "400": "The request is not valid; errors names the member.",
        "401": "No key, or not a known one.",
        "403": "Not open to this key.",
        "404": "Not there, or not open to this key.",
        "413": "Too large.",
        "default": "Whatever fault the emulator was told to show.",
    }
    content = {_JSON: {"schema": reference("Error")}}
    return {status: {"description": text, "content": content} for status, text in texts.items()}


def _array(name: str) -> Schema:
    return {"type": "array", "items": reference(name)}


def _id(name: str, example: str | None = None) -> Schema:
    schema = {"type": "string", "format": "uuid"}
    shown = {"example": example} if example else {}
    return {"name": name, "in": "path", "required": True, "schema": schema, **shown}


def _query(name: str, text: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _page() -> Schema:
    text = "From 1 up; past the end the last page comes again."
    return _query("page", text, {"type": "integer", "minimum": 1, "default": 1})


def _filters() -> list[Schema]:
    day = {"type": "string", "format": "date"}
    kinds = {"type": "array", "items": {"type": "string", "enum": list(DATASOURCE_TYPES)}}
    return [
        _page(),
        _query("startDate", "From this day on, by the date of dateType.", day),
        _query("endDate", "Up to this day; created and updated dates end before it.", day),
        _query("dateType", "Which date counts.", {"type": "string", "enum": list(DATE_TYPES)}),
        {
            **_query("datasourceType", "Kinds of utility; may be repeated.", kinds),
            "style": "form",
            "explode": True,
        },
        _query(
            "identifier",
            "A meter or account number; separators and leading zeros do not count.",
            {"type": "string", "minLength": 1},
        ),
    ]


def _is_deleted() -> Schema:
    return _query("isDeleted", "Deleted bills too.", {"type": "boolean", "default": False})
