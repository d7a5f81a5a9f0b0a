"""What the emulator knows: companies, sites, jobs, documents. No rules, no HTTP."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from agent.emulator.behaviour import UploadRule


@dataclass(frozen=True, slots=True)
class Company:
    """A company. An inactive one takes no uploads."""

    id: str
    name: str
    external_id: str | None = None
    is_active: bool = True
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A site; ``stop_date`` is set when it is archived."""

    id: str
    company_id: str
    name: str
    external_id: str | None = None
    stop_date: str | None = None
    address: str | None = None
    path: tuple[str, ...] = ()
    occupancy_percent: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was taken in; the bytes are kept until its job is done."""

    job_id: str
    company_id: str
    site_id: str | None
    file_name: str
    sha256: str
    time: float
    rule: UploadRule
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is answered."""

    id: str
    company_id: str
    done_at: float
    """Epoch seconds when it ends by itself; infinite for one that never does."""
    status: str = "PENDING"
    parsed: tuple[str, ...] = ()
    duplicates: int | None = None
    duplicate_ids: tuple[str, ...] = ()
    non_utility: tuple[str, ...] = ()
    reason: str | None = None
    is_lost: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it has no final status yet."""
        return self.status not in ("COMPLETED", "FAILED", "TERMINATED")


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    ``content`` and ``usage`` are JSON without what changes from answer to answer: the link
    is left out, and the site of a usage record stands there as an id.
    """

    id: str
    company_id: str
    job_id: str
    sha256: str
    created: float
    updated: float
    visible_from: float
    usage_from: float
    content: dict[str, Any]
    usage: tuple[dict[str, Any], ...]
    identity: tuple[str, ...] | None = None
    usage_only_in_list: bool = False
    is_deleted: bool = False
    is_fetchable: bool = True
    """False for one that is only named, such as a file that is no utility bill."""

    def is_visible(self, now: float) -> bool:
        """Whether it can be fetched at ``now``."""
        return self.is_fetchable and not self.is_deleted and self.visible_from <= now


class World:
    """The tables. Everything is found by id; order is the order of making."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._made = 0
        self.companies: dict[str, Company] = {}
        self.sites: dict[str, Site] = {}
        self.uploads: dict[str, Upload] = {}
        self.jobs: dict[str, Job] = {}
        self.documents: dict[str, Document] = {}

    def new_id(self, kind: str) -> str:
        """Return the next id: a UUID, the same in every run with the same seed and order."""
        self._made += 1
        digest = hashlib.sha256(f"{self._seed}/{kind}/{self._made}".encode()).digest()
        return str(UUID(bytes=digest[:16], version=4))

    def sites_of(self, company_id: str) -> list[Site]:
        """Return the sites of a company, archived ones too."""
        return [site for site in self.sites.values() if site.company_id == company_id]

    def documents_of(self, company_id: str) -> Iterator[Document]:
        """Yield the documents of a company, deleted ones too."""
        return (item for item in self.documents.values() if item.company_id == company_id)

    def site_named(self, company_id: str, name: str) -> Site | None:
        """Return the site of a company by external id or id."""
        for site in self.sites_of(company_id):
            if name in (site.external_id, site.id):
                return site
        return None


HARBOR_MILL_FOODS = Company(
    id="3f0a8c52-9d1e-4c7b-8a64-5e2b7d90c1f3",
    name="Harbor Mill Foods",
    external_id="HMF",
    users=("utilities@harbormill.example",),
)
LAKESIDE_CLINICS = Company(id="b71d6e04-2c58-4f9a-9e3d-08c4f16a72de", name="Lakeside Clinics")
PLANT_07 = Site(
    id="5d7c1e90-4b2f-4a83-b6d5-91f0e3a8c724",
    company_id=HARBOR_MILL_FOODS.id,
    name="Harbor Mill Plant 7",
    external_id="PLANT-07",
    address="410 Cannery Row, Astoria, OR 97103",
    path=("US", "OR", "Astoria"),
    occupancy_percent="100.0000",
)
RIVERSIDE_WAREHOUSE = Site(
    id="a2e64f18-70c9-4d35-8f1b-c6b9d2571e03",
    company_id=HARBOR_MILL_FOODS.id,
    name="Riverside Warehouse",
    address="88 Dock Street, Portland, OR 97210",
)
OLD_SMOKEHOUSE = Site(
    id="0c93b7d6-1f4e-4e2a-a5c8-37d8f6b04e19",
    company_id=HARBOR_MILL_FOODS.id,
    name="Old Smokehouse",
    external_id="PLANT-02",
    stop_date="2024-06-30",
    address="12 Pier Road, Astoria, OR 97103",
    path=("US", "OR", "Astoria"),
)
LAKESIDE_NORTH = Site(
    id="e9a05c7b-3d64-4f18-92b7-6c1f80d4a35e",
    company_id=LAKESIDE_CLINICS.id,
    name="Lakeside Clinic North",
    external_id="LC-01",
    address="5 Shore Avenue, Duluth, MN 55802",
)


def default_world(seed: int = 0) -> World:
    """Return the two companies of the contract's examples with their sites."""
    world = World(seed)
    for company in (HARBOR_MILL_FOODS, LAKESIDE_CLINICS):
        world.companies[company.id] = company
    for site in (PLANT_07, RIVERSIDE_WAREHOUSE, OLD_SMOKEHOUSE, LAKESIDE_NORTH):
        world.sites[site.id] = site
    return world


def utc_text(moment: float) -> str:
    """Return epoch seconds as ISO 8601 in UTC with microseconds and a Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")[:-6] + "Z"
