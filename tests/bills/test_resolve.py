"""From the owner's words to Nectar's ids: by exact match only, never by a guess."""

from __future__ import annotations

import pytest
from bill_rows import HARBOR_MILL, WORLD, a_plan, sites
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.answers import Company, Site
from agent.bills.plan import FolderPlan, site_asked
from agent.bills.resolve import Unresolved, find_company, find_site, resolve
from agent.bills.rows import CompanyKey, CompanyRow, Place

HMF = CompanyKey("HMF")
PLANT_07 = Site("site-7", "Harbor Mill Plant 7", "PLANT-07", None)
ARCHIVED = Site("site-2", "Old Smokehouse", "PLANT-02", "2024-06-30")
NAMELESS = Site("site-3", "Riverside Warehouse", None, None)
LAKESIDE = Company("company-2", "Lakeside Clinics", None)

words = st.text("PLANT-07plant ", min_size=1, max_size=10)


def why(found: object) -> Unresolved:
    """Return why something was not found."""
    assert isinstance(found, Unresolved)
    return found


def test_the_site_with_exactly_this_external_id() -> None:
    """The one active site with the externalId is found, with all that a result needs."""
    found = find_site(sites(PLANT_07, ARCHIVED, NAMELESS), "PLANT-07", HMF)
    assert found == Place(
        "company-1", "HMF", "Harbor Mill Foods", "site-7", "PLANT-07", "Harbor Mill Plant 7"
    )


@given(words, st.lists(words, unique=True, max_size=6))
def test_never_a_guess(wanted: str, there: list[str]) -> None:
    """A site is found only by its whole externalId: capitals, blanks and likeness do not count."""
    known = sites(*(Site(f"id-{word}", "Plant", word, None) for word in there))
    found = find_site(known, wanted, HMF)
    if wanted in there:
        assert isinstance(found, Place)
        assert found.site_id == f"id-{wanted}"
    else:
        assert why(found).code == "site-missing"


def test_a_name_is_no_external_id() -> None:
    """The name or id of a site in place of the externalId is refused, and named as near."""
    known = sites(PLANT_07, NAMELESS)
    assert why(find_site(known, "site-7", HMF)).code == "site-missing"
    missing = why(find_site(known, "riverside warehouse", HMF))
    assert missing.code == "site-missing"
    assert "near: no externalId “Riverside Warehouse”" in missing.advice


def test_near_names_are_told() -> None:
    """A mistyped externalId gets the nearest, never an archived one."""
    missing = why(find_site(sites(PLANT_07, ARCHIVED), "plant-7 ", HMF))
    assert "PLANT-07 “Harbor Mill Plant 7”" in missing.advice
    assert "PLANT-02" not in missing.advice


def test_a_double_external_id_is_refused() -> None:
    """Two sites with one externalId: neither is taken, both are named."""
    twin = Site("site-8", "Plant 7 new", "PLANT-07", None)
    for known in (sites(PLANT_07, twin), sites(twin, Site("x", "Old", "PLANT-07", "2020-01-01"))):
        double = why(find_site(known, "PLANT-07", HMF))
        assert double.code == "site-ambiguous"
        assert "Plant 7 new" in double.message


def test_an_archived_site_is_refused() -> None:
    """Bills for an archived site wait, and the day is told."""
    archived = why(find_site(sites(PLANT_07, ARCHIVED), "PLANT-02", HMF))
    assert archived.code == "site-archived"
    assert "2024-06-30" in archived.message


@pytest.mark.parametrize("key", ["HMF", "company-1", "Harbor Mill Foods"])
def test_a_company_by_external_id_id_or_name(key: str) -> None:
    """Each of the three exact words means the company."""
    assert find_company((LAKESIDE, HARBOR_MILL), CompanyKey(key), None) == HARBOR_MILL


@pytest.mark.parametrize("key", ["hmf", "HMF ", "Harbor Mill", "company"])
def test_a_company_is_never_guessed(key: str) -> None:
    """A likeness is no match; the advice lists what the key sees."""
    missing = why(find_company((LAKESIDE, HARBOR_MILL), CompanyKey(key), None))
    assert missing.code == "company-missing"
    assert "HMF “Harbor Mill Foods”" in missing.advice
    assert "company-2 “Lakeside Clinics”" in missing.advice


def test_an_external_id_goes_before_a_name() -> None:
    """A company whose name is another's externalId does not take its place."""
    trickster = Company("company-3", "HMF", None)
    assert find_company((trickster, HARBOR_MILL), HMF, None) == HARBOR_MILL


def test_two_companies_of_one_name() -> None:
    """Neither is taken; the ids to choose from are told."""
    twins = (Company("a", "Twin", None), Company("b", "Twin", None))
    double = why(find_company(twins, CompanyKey("Twin"), None))
    assert double.code == "company-ambiguous"
    assert "a, b" in double.advice


@pytest.mark.parametrize(
    ("seen", "remembered", "code"),
    [
        ((HARBOR_MILL,), None, None),
        ((HARBOR_MILL, LAKESIDE), None, "company-ambiguous"),
        ((HARBOR_MILL, LAKESIDE), "company-1", None),
        ((LAKESIDE,), "company-1", "company-changed"),
        ((), None, "company-missing"),
        ((), "company-1", "company-missing"),
    ],
)
def test_the_only_company(
    seen: tuple[Company, ...], remembered: str | None, code: str | None
) -> None:
    """Without a word the only company is meant, and another one never takes its place."""
    found = find_company(seen, CompanyKey(""), remembered)
    if code is None:
        assert found == HARBOR_MILL
    else:
        assert why(found).code == code


SUBFOLDERS = FolderPlan("/bills/All", "{subfolder}", HMF)


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("/bills/All/PLANT-07/Bill.pdf", "PLANT-07"),
        ("/bills/All/PLANT-07/2026/01/Bill.pdf", "PLANT-07"),
        ("/bills/All/Harbor/Bill.pdf", "PLANT-09"),
        ("/bills/All/Bill.pdf", None),
    ],
)
def test_the_first_subfolder_tells_the_site(path: str, site: str | None) -> None:
    """The first subfolder's name, or what [site_names] says of it; outside of any, nothing."""
    assert site_asked(SUBFOLDERS, path, {"Harbor": "PLANT-09"}) == site


def test_a_fixed_site_is_for_all_below() -> None:
    """Subfolders of a folder with one site mean nothing."""
    folder = FolderPlan("/bills/Plant 7", "PLANT-07", HMF)
    assert site_asked(folder, "/bills/Plant 7/PLANT-09/Bill.pdf", {}) == "PLANT-07"


def test_nothing_is_resolved_before_nectar_was_asked() -> None:
    """Without the company's sites a file waits, without a hold of its own."""
    path = "/bills/Plant 7/Bill.pdf"
    plan = a_plan()
    for companies in ({}, {HMF: CompanyRow(HMF, WORLD)}):
        assert why(resolve(plan.folders[0], path, plan, companies)).code == ""
    known = {HMF: CompanyRow(HMF, WORLD, sites(PLANT_07))}
    assert isinstance(resolve(plan.folders[0], path, plan, known), Place)


def test_outside_of_the_subfolders() -> None:
    """A file directly in a folder by subfolder waits with `no-site`, whatever Nectar knows."""
    plan = a_plan()
    found = why(resolve(plan.folders[1], "/bills/All/Bill.pdf", plan, {}))
    assert found.code == "no-site"
    assert "Bill.pdf" in found.message
