"""Which hold lets a file wait is told of the holds and the folders' entries alone."""

from __future__ import annotations

from agent.bills.holds import (
    ACCOUNT,
    Hold,
    Scope,
    company_scope,
    folder_scope,
    new_hold,
    site_scope,
)
from agent.bills.plan import SUBFOLDER, FolderPlan
from agent.bills.rows import CompanyKey
from agent.store.stopping import Stops

HMF = CompanyKey("HMF")
PLANT = FolderPlan("/bills/Plant 7", "PLANT-07", HMF)
BY_SUBFOLDER = FolderPlan("/bills/All", SUBFOLDER, HMF)


def a_hold(code: str, scope: Scope) -> Hold:
    """Return a hold in force."""
    return new_hold(code, scope, "message", "advice", 0.0)


def stops(*holds: Hold, names: dict[str, str] | None = None) -> Stops:
    """Return the holds as two folders meet them."""
    return Stops(holds, (PLANT, BY_SUBFOLDER), names or {})


def test_the_widest_hold_is_told() -> None:
    """The account's before the company's, that before the site's, that before the folder's."""
    holds = [
        a_hold("key-refused", ACCOUNT),
        a_hold("company-missing", company_scope(HMF)),
        a_hold("site-missing", site_scope(HMF, "PLANT-07")),
        a_hold("folder-missing", folder_scope(PLANT.path)),
    ]
    while holds:
        found = stops(*reversed(holds)).of_folder(PLANT.path)
        assert found is holds.pop(0)
    assert stops().of_folder(PLANT.path) is None


def test_a_folder_that_is_not_watched_waits_for_the_account_alone() -> None:
    """Nothing else is about it any more."""
    account = a_hold("key-refused", ACCOUNT)
    company = a_hold("company-missing", company_scope(HMF))
    assert stops(account, company).of_folder("/elsewhere") is account
    assert stops(company).of_folder("/elsewhere") is None
    assert stops(company).of_file("/elsewhere", "/elsewhere/x.pdf") is None
    assert stops().site_of("/elsewhere", "/elsewhere/x.pdf") is None


def test_the_subfolders_of_a_site_are_those_that_mean_it() -> None:
    """By its own name, and by each name that the configuration gives it; of its company only."""
    known = stops(names={"Halle": "PLANT-07", "PLANT-08": "PLANT-09"})
    site = site_scope(HMF, "PLANT-07")
    assert known.subfolders_of_site(BY_SUBFOLDER, site) == ("Halle", "PLANT-07")
    assert known.subfolders_of_site(BY_SUBFOLDER, site_scope(HMF, "PLANT-08")) == ()
    assert known.subfolders_of_site(PLANT, site) == ()
    other = site_scope(CompanyKey("Lakeside"), "PLANT-07")
    assert known.subfolders_of_site(BY_SUBFOLDER, other) == ()
