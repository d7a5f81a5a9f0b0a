"""The calls about uploads and their jobs."""

from uuid import UUID

from agent.emulator.behaviour import UploadAnswer
from agent.emulator.call import Call
from agent.emulator.multipart import read_form
from agent.emulator.requests import EmulatorAnswer, RefusedError, json_answer
from agent.emulator.shapes import job_object
from agent.emulator.world import Company, Job, Site

MAX_FILE_BYTES = 25_000_000


def list_jobs(call: Call, company_id: str) -> EmulatorAnswer:
    """List the jobs of a company."""
    company = call.company(company_id)
    jobs = [
        job for job in call.world.jobs.values() if job.company_id == company.id and not job.is_lost
    ]
    return call.array_or_page(call.behaviour.job_list, jobs, ("totalJobs", "jobs"), job_object)


def get_job(call: Call, job_id: str) -> EmulatorAnswer:
    """Show the state of a job."""
    return json_answer(200, job_object(call.job(job_id)))


def submit_document(call: Call, company_id: str) -> EmulatorAnswer:
    """Take in one file and start its job.

    Refused: no file or an empty one, other kinds than PDF, PNG and JPEG, a PDF that cannot be
    opened, is locked or has over 150 pages (400, naming ``document``); over 25,000,000 bytes
    (413); a site that is not the company's, or archived (400, naming ``siteId``).
    """
    company = _active_company(call, company_id)
    form = read_form(call.request)
    part = form.get("document")
    if part is None or part.file_name is None or not part.data:
        is_empty = part is not None and part.file_name is not None
        problem = "The file is empty." if is_empty else "A file is needed here."
        raise RefusedError(400, "Request not valid.", {"document": [problem]})
    if len(part.data) > MAX_FILE_BYTES:
        raise RefusedError(413, "The file is larger than 25 MB.")
    site = None
    if "siteId" in form:
        site = _upload_site(call, company, form["siteId"].data.decode("utf-8", "replace"))
    refusal = call.reader.examine(part.data).refusal
    if refusal is not None:
        raise RefusedError(400, "Request not valid.", {"document": [refusal]})
    job = call.jobs.accept(
        company.id,
        site.id if site else None,
        part.file_name,
        part.data,
        behaviour=call.behaviour,
        now=call.now,
    )
    return _accepted(call, job)


def submit_addresses(call: Call, company_id: str) -> EmulatorAnswer:
    """Start a job for files given by address. It is terminated: nothing is ever fetched."""
    company = _active_company(call, company_id)
    given = call.json_object()
    addresses = given.get("documents")
    if not isinstance(addresses, list) or not addresses:
        problem = {"documents": ["At least one address is needed."]}
        raise RefusedError(400, "Request not valid.", problem)
    if not all(isinstance(item, str) and item.startswith("https://") for item in addresses):
        problem = {"documents": ["Each address has to begin with https://."]}
        raise RefusedError(400, "Request not valid.", problem)
    if given.get("siteId") is not None:
        _upload_site(call, company, str(given["siteId"]))
    return _accepted(call, call.jobs.accept_unreachable(company.id, call.behaviour, call.now))


def _active_company(call: Call, company_id: str) -> Company:
    company = call.company(company_id)
    if not company.is_active:
        raise RefusedError(400, f"The company {company.name} is not active.")
    return company


def _upload_site(call: Call, company: Company, text: str) -> Site:
    try:
        site = call.world.sites.get(str(UUID(text)))
    except ValueError:
        raise RefusedError(400, "Request not valid.", {"siteId": ["A UUID is needed."]}) from None
    if site is None or site.company_id != company.id:
        problem = {"siteId": ["The company has no such site."]}
        raise RefusedError(400, "Request not valid.", problem)
    if site.stop_date is not None:
        raise RefusedError(400, "Request not valid.", {"siteId": ["The site is archived."]})
    return site


def _accepted(call: Call, job: Job) -> EmulatorAnswer:
    status = call.behaviour.upload_status
    if status == 204:
        return EmulatorAnswer(204)
    match call.behaviour.upload_answer:
        case UploadAnswer.FULL:
            return json_answer(status, job_object(job))
        case UploadAnswer.ID:
            return json_answer(status, {"id": job.id, "status": job.status})
        case UploadAnswer.JOB_ID:
            return json_answer(status, {"jobId": job.id})
        case UploadAnswer.NOTHING:
            return json_answer(status, {})
