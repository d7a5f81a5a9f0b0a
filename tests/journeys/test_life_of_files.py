"""What happens to files and to results, row by row of the contract's table (section 3)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bill_files import bill_pdf
from journey_world import DAY, HOUR, KEY, MakeWorld, World

from agent.bills.instant import Instant
from agent.emulator import changes
from agent.emulator.behaviour import Behaviour
from agent.emulator.world import HARBOR_MILL_FOODS

BILL = "Plant 7/Bill.pdf"
TWO_SITES = {"Plant 7": "PLANT-07", "Plant 8": "PLANT-08"}


@pytest.fixture
def done(world: World) -> World:
    """A world in which one bill is done."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    return world


def two_sites(make_world: MakeWorld, behaviour: Behaviour | None = None) -> World:
    """Return a world with a folder for each of two sites."""
    world = make_world(folders=TWO_SITES, behaviour=behaviour)
    changes.add_site(
        world.emulator.world, world.now.utc, HARBOR_MILL_FOODS.id, "Plant 8", "PLANT-08"
    )
    return world


# --- other bytes under the same name ----------------------------------------------------------


def test_other_bytes_are_a_new_bill(done: World) -> None:
    """Other bytes under the same name: our unedited JSON goes, the new bytes are a new bill."""
    first = done.result(BILL)
    done.drop(BILL, bill_pdf(account="other"))
    done.advance(13.0)
    assert not done.has_result(BILL) or done.result(BILL) != first
    done.run_until_still()
    second = done.result(BILL)
    assert second["file"]["sha256"] != first["file"]["sha256"]
    assert second["outcome"] == "processed"
    assert len(done.uploads()) == 2


def test_the_old_result_stays_until_the_new_bytes_are_settled(done: World) -> None:
    """While the new bytes still move, the JSON of the old ones stays."""
    for turn in range(6):
        done.drop(BILL, bill_pdf(account=f"moving {turn}"))
        done.advance(5.0)
        assert done.has_result(BILL)
    done.run_until_still()
    assert len(done.uploads()) == 2


def test_the_first_bytes_again_need_no_upload(done: World) -> None:
    """The first bytes come back under the name: their result is written from the store."""
    first = done.result(BILL)
    done.drop(BILL, bill_pdf(account="other"))
    done.run_until_still()
    done.drop(BILL, bill_pdf())
    done.run_until_still()
    assert done.result(BILL)["documents"] == first["documents"]
    assert len(done.uploads()) == 2


def test_other_bytes_beside_an_edited_result_ask(done: World) -> None:
    """Other bytes where a person edited the JSON: it stays, and `result-name-taken` asks."""
    edited = done.edit_result(BILL)
    done.run_until_still()
    done.drop(BILL, bill_pdf(account="other"))
    done.run_until_still()
    assert done.bill(BILL) == ("asks", "result-name-taken")
    assert Path(done.path(f"{BILL}.json")).read_bytes() == edited
    assert len(done.uploads()) == 1
    done.move(f"{BILL}.json", "notes.json")
    done.run_until_still()
    assert done.bill(BILL) == ("done", None)
    assert len(done.uploads()) == 2


def test_rejected_bytes_replaced_by_a_bill(world: World) -> None:
    """A rejected file that is replaced by a good one is sent, and its JSON is the new one's."""
    world.drop(BILL, b"not a bill at all")
    world.run_until_still()
    assert world.result(BILL)["problem"]["code"] == "not-a-bill-file"
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.result(BILL)["outcome"] == "processed"
    assert world.bill(BILL) == ("done", None)


def test_a_bill_replaced_while_it_is_at_nectar(world: World) -> None:
    """Bytes replaced while their job runs: only the new bytes get the JSON."""
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=600.0)
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.drop(BILL, bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 2
    assert world.result(BILL)["file"]["sha256"] == world.originals[Path(world.path(BILL))]


# --- renamed and moved ------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["Plant 7/Renamed.pdf", "Plant 7/2026/May/Bill.pdf"])
def test_a_renamed_bill_takes_its_result_along(done: World, to: str) -> None:
    """Renamed or moved inside, same site: nothing is sent, a JSON is there, the old one goes."""
    done.move(BILL, to)
    done.run_until_still()
    assert done.tree() == [to, f"{to}.json"]
    result = done.result(to)
    assert result["copyOf"] is None
    assert result["file"]["name"] == Path(to).name
    assert len(done.uploads()) == 1
    assert done.bills() == {to: ("done", None)}


def test_renamed_with_an_edited_result(done: World) -> None:
    """A renamed bill's edited JSON is left where it is."""
    done.edit_result(BILL)
    done.run_until_still()
    done.move(BILL, "Plant 7/Renamed.pdf")
    done.run_until_still()
    assert done.tree() == [
        f"{BILL}.json",
        "Plant 7/Renamed.pdf",
        "Plant 7/Renamed.pdf.json",
    ]


def test_renamed_together_with_its_result(done: World) -> None:
    """A bill that is renamed together with its JSON keeps it; nothing is sent."""
    done.move(BILL, "Plant 7/Renamed.pdf", with_result=True)
    done.run_until_still()
    assert done.bill("Plant 7/Renamed.pdf") == ("done", None)
    assert done.tree() == ["Plant 7/Renamed.pdf", "Plant 7/Renamed.pdf.json"]
    assert len(done.uploads()) == 1


def test_renamed_while_it_is_at_nectar(world: World) -> None:
    """A bill that is renamed while its job runs gets its JSON at the new place only."""
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=600.0)
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.move(BILL, "Plant 7/Renamed.pdf")
    world.run_until_still()
    assert world.tree() == ["Plant 7/Renamed.pdf", "Plant 7/Renamed.pdf.json"]
    assert len(world.uploads()) == 1


def test_a_renamed_rejection_takes_its_result_along(world: World) -> None:
    """A rejected file that is renamed has its JSON at the new place only."""
    world.drop(BILL, b"not a bill at all")
    world.run_until_still()
    world.move(BILL, "Plant 7/Renamed.pdf")
    world.run_until_still()
    assert world.tree() == ["Plant 7/Renamed.pdf", "Plant 7/Renamed.pdf.json"]


def test_renamed_while_the_agent_is_stopped(done: World) -> None:
    """A rename that happened while nobody watched ends the same."""
    done.move(BILL, "Plant 7/Renamed.pdf")
    done.restart()
    done.run_until_still()
    assert done.tree() == ["Plant 7/Renamed.pdf", "Plant 7/Renamed.pdf.json"]
    assert len(done.uploads()) == 1


def test_renamed_there_and_back(done: World) -> None:
    """A bill that is renamed and renamed back has one JSON, at its first place."""
    done.move(BILL, "Plant 7/Renamed.pdf")
    done.run_until_still()
    done.move("Plant 7/Renamed.pdf", BILL)
    done.run_until_still()
    assert done.tree() == [BILL, f"{BILL}.json"]
    assert done.bill(BILL) == ("done", None)


def test_moved_over_another_bill(world: World) -> None:
    """A bill that is moved over another one: its JSON is there, the one at its old place goes."""
    world.drop("Plant 7/A.pdf", bill_pdf(account="a"))
    world.drop("Plant 7/B.pdf", bill_pdf(account="b"))
    world.run_until_still()
    world.move("Plant 7/A.pdf", "Plant 7/B.pdf")
    world.run_until_still()
    assert world.tree() == ["Plant 7/B.pdf", "Plant 7/B.pdf.json"]
    assert world.bills() == {"Plant 7/B.pdf": ("done", None)}
    assert len(world.uploads()) == 2


def test_two_bills_swap_names(world: World) -> None:
    """Two bills that swap their names: each JSON speaks of the bytes beside it."""
    world.drop("Plant 7/A.pdf", bill_pdf(account="a"))
    world.drop("Plant 7/B.pdf", bill_pdf(account="b"))
    world.run_until_still()
    world.move("Plant 7/A.pdf", "Plant 7/C.pdf")
    world.move("Plant 7/B.pdf", "Plant 7/A.pdf")
    world.move("Plant 7/C.pdf", "Plant 7/B.pdf")
    world.run_until_still()
    assert len(world.uploads()) == 2
    for name in ("Plant 7/A.pdf", "Plant 7/B.pdf"):
        assert world.bill(name) == ("done", None)
        assert world.result(name)["file"]["sha256"] == world.originals[Path(world.path(name))]


def test_nothing_is_concluded_while_a_folder_is_away(done: World) -> None:
    """While the folder is unreachable no rename is concluded: the old JSON stays."""
    done.configure({"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    done.drop("Inbox/Copy.pdf", bill_pdf())
    Path(done.path("Plant 7")).rename(done.path("away"))
    moved = {
        Path(str(path).replace("/Plant 7/", "/away/")): sha256
        for path, sha256 in done.originals.items()
    }
    done.originals = moved
    done.advance(hours=1)
    assert "folder-missing" in done.holds()
    assert done.bill(BILL) == ("done", None)
    Path(done.path("away")).rename(done.path("Plant 7"))
    done.originals = {
        Path(str(path).replace("/away/", "/Plant 7/")): sha256 for path, sha256 in moved.items()
    }
    done.advance(hours=1)
    assert done.holds() == {}
    assert done.has_result(BILL)
    assert done.has_result("Inbox/Copy.pdf")
    assert len(done.uploads()) == 1


# --- to another site --------------------------------------------------------------------------


def test_moved_to_another_site_after_it_was_sent(make_world: MakeWorld) -> None:
    """Moved to another site's folder once sent: it asks, names both, and no JSON is there."""
    world = two_sites(make_world)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.move(BILL, "Plant 8/Bill.pdf")
    world.run_until_still()
    assert world.bill("Plant 8/Bill.pdf") == ("asks", "asks-other-site")
    question = world.row("Plant 8/Bill.pdf").question
    assert question is not None
    assert world.path(BILL) in question.message
    assert "PLANT-07" in question.message
    assert not world.has_result("Plant 8/Bill.pdf")
    assert len(world.uploads()) == 1


def test_moved_back_answers_the_question(make_world: MakeWorld) -> None:
    """A bill that is moved back to its site is done again; nothing is sent."""
    world = two_sites(make_world)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.move(BILL, "Plant 8/Bill.pdf")
    world.run_until_still()
    world.move("Plant 8/Bill.pdf", BILL)
    world.run_until_still()
    assert world.bills() == {BILL: ("done", None)}
    assert world.tree() == [BILL, f"{BILL}.json"]
    assert len(world.uploads()) == 1


def test_send_answers_the_question(make_world: MakeWorld) -> None:
    """`send` sends the bytes for the second site too, and records why."""
    world = two_sites(make_world)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.drop("Plant 8/Bill.pdf", bill_pdf())
    world.run_until_still()
    assert world.bill("Plant 8/Bill.pdf") == ("asks", "asks-other-site")
    answer = world.ask("send", files=[world.path("Plant 8/Bill.pdf")])
    assert answer == {"done": 1, "declined": []}
    world.run_until_still()
    assert world.bill("Plant 8/Bill.pdf") == ("done", None)
    assert len(world.uploads()) == 2
    assert world.uploads()[0].site_id != world.uploads()[1].site_id
    assert any(row.reason and "send" in row.reason for row in world.submissions())


def test_bytes_that_still_wait_follow_the_file(make_world: MakeWorld) -> None:
    """Moved to another site before any upload was begun: it is sent for the new site alone."""
    world = two_sites(make_world)
    world.ask("pause")
    world.drop(BILL, bill_pdf())
    world.advance(60)
    assert world.bill(BILL) == ("waiting", None)
    world.move(BILL, "Plant 8/Bill.pdf")
    world.advance(60)
    world.ask("resume")
    world.run_until_still()
    assert world.bills() == {"Plant 8/Bill.pdf": ("done", None)}
    assert len(world.uploads()) == 1
    assert world.result("Plant 8/Bill.pdf")["site"]["externalId"] == "PLANT-08"


def test_the_same_new_bytes_in_folders_of_two_sites(make_world: MakeWorld) -> None:
    """The same new bytes in two sites' folders: one is sent, the other asks."""
    world = two_sites(make_world)
    world.drop(BILL, bill_pdf())
    world.drop("Plant 8/Bill.pdf", bill_pdf())
    world.run_until_still()
    assert len(world.uploads()) == 1
    assert sorted(world.bills().values()) == [("asks", "asks-other-site"), ("done", None)]


# --- the original goes ------------------------------------------------------------------------


def test_a_deleted_original_leaves_its_result(done: World) -> None:
    """The original deleted: its JSON stays where it is, and the file is gone."""
    done.delete(BILL)
    done.advance(hours=1)
    assert done.bills() == {}
    assert done.tree() == [f"{BILL}.json"]


def test_deleted_before_it_was_sent(world: World) -> None:
    """A bill that is deleted before it was sent is not sent; when it returns it is."""
    world.ask("pause")
    world.drop(BILL, bill_pdf())
    world.advance(60)
    world.delete(BILL)
    world.advance(60)
    world.ask("resume")
    world.run_until_still()
    assert world.uploads() == []
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert len(world.uploads()) == 1
    assert world.bill(BILL) == ("done", None)


def test_deleted_while_it_is_at_nectar(world: World) -> None:
    """A bill deleted while its job runs: no JSON is written; when it returns one is."""
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=600.0)
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.delete(BILL)
    world.run_until_still()
    assert world.tree() == []
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.tree() == [BILL, f"{BILL}.json"]
    assert len(world.uploads()) == 1


# --- people's hands on results ----------------------------------------------------------------


def test_a_clock_set_back_hides_nothing(done: World) -> None:
    """What was done by a clock that was days ahead does not keep the agent from looking again."""
    other = "Plant 7/Other.pdf"
    done.drop(other, bill_pdf(account="other"))
    done.run_until_still()
    done.now = Instant(done.now.utc - 3 * DAY, done.now.monotonic)
    done.delete(f"{BILL}.json")
    done.delete(other)
    done.advance(hours=2)
    assert done.bill(BILL) == ("done", "result-removed")
    assert other not in done.bills()


def test_a_removed_result_stays_away_until_rewrite(done: World) -> None:
    """A JSON that is taken away stays away, is told, and comes back by `rewrite`."""
    before = Path(done.path(f"{BILL}.json")).read_bytes()
    done.delete(f"{BILL}.json")
    done.advance(hours=2)
    assert done.bill(BILL) == ("done", "result-removed")
    assert not done.has_result(BILL)
    assert done.ask("rewrite", files=[done.path(BILL)])["done"] == 1
    done.run_until_still()
    assert done.bill(BILL) == ("done", None)
    assert Path(done.path(f"{BILL}.json")).read_bytes() == before
    assert len(done.uploads()) == 1


def test_a_result_that_comes_back_is_noticed(done: World) -> None:
    """A JSON that a person puts back is no longer `result-removed`."""
    done.move(f"{BILL}.json", "elsewhere.json")
    done.advance(hours=1)
    assert done.bill(BILL) == ("done", "result-removed")
    done.move("elsewhere.json", f"{BILL}.json")
    done.advance(hours=1)
    assert done.bill(BILL) == ("done", None)


def test_an_edited_result_is_never_overwritten(done: World) -> None:
    """An edited JSON survives readings, restarts and `rewrite`."""
    edited = done.edit_result(BILL)
    done.advance(hours=1)
    done.restart()
    done.advance(hours=1)
    done.ask("rewrite", files=[done.path(BILL)])
    done.run_until_still()
    assert Path(done.path(f"{BILL}.json")).read_bytes() == edited


def test_a_foreign_json_takes_the_name(world: World) -> None:
    """A JSON that is not ours is never touched; the bill asks and nothing is sent."""
    foreign = b'{"invoice": 7}\n'
    world.drop(f"{BILL}.json", foreign)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("asks", "result-name-taken")
    assert world.uploads() == []
    world.move(f"{BILL}.json", "Plant 7/invoice.json")
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_a_foreign_json_that_comes_while_nectar_reads(world: World) -> None:
    """A JSON of somebody else that comes meanwhile stays; the bill asks until it is moved."""
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=600.0)
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.drop(f"{BILL}.json", b'{"invoice": 7}\n')
    world.run_until_still()
    assert world.bill(BILL) == ("asks", "result-name-taken")
    world.move(f"{BILL}.json", "Plant 7/invoice.json")
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_a_foreign_json_beside_a_rejected_file(world: World) -> None:
    """Somebody else's JSON beside a file that is no bill: it asks, then its JSON is written."""
    world.drop(f"{BILL}.json", b'{"invoice": 7}\n')
    world.drop(BILL, b"not a bill at all")
    world.run_until_still()
    assert world.bill(BILL) == ("asks", "result-name-taken")
    world.move(f"{BILL}.json", "Plant 7/invoice.json")
    world.run_until_still()
    assert world.bill(BILL) == ("rejected", "not-a-bill-file")
    assert world.has_result(BILL)


# --- the store is lost ------------------------------------------------------------------------


def test_results_are_adopted_when_the_store_is_lost(world: World) -> None:
    """The store lost: results beside their bills are adopted byte for byte, nothing is sent."""
    world.drop(BILL, bill_pdf())
    world.drop("Plant 7/Letter.pdf", b"not a bill at all")
    world.drop("Plant 7/Copy.pdf", bill_pdf())
    world.run_until_still()
    before = {name: Path(world.path(name)).read_bytes() for name in world.tree()}
    states = world.bills()
    world.lose_store()
    world.run_until_still()
    assert {name: Path(world.path(name)).read_bytes() for name in world.tree()} == before
    assert world.bills() == states
    assert len(world.uploads()) == 1


def test_an_adopted_result_counts_as_unedited(world: World) -> None:
    """An adopted result is ours: other bytes under the name replace it."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.lose_store()
    world.run_until_still()
    world.drop(BILL, bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert world.result(BILL)["file"]["sha256"] == world.originals[Path(world.path(BILL))]


def test_an_adopted_result_is_written_anew_from_the_store(world: World) -> None:
    """`rewrite` puts an adopted result back with all that it held."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    before = world.result(BILL)
    world.lose_store()
    world.run_until_still()
    world.delete(f"{BILL}.json")
    world.run_until_still()
    world.ask("rewrite", files=[world.path(BILL)])
    world.run_until_still()
    after = world.result(BILL)
    for member in ("outcome", "problem", "documents", "duplicates", "site", "company", "job"):
        assert after[member] == before[member], member


def test_a_result_for_another_site_asks(make_world: MakeWorld) -> None:
    """A result of ours for these bytes but another site: it asks, nothing is sent."""
    world = two_sites(make_world)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.move(BILL, "Plant 8/Bill.pdf", with_result=True)
    world.lose_store()
    world.run_until_still()
    assert world.bill("Plant 8/Bill.pdf") == ("asks", "asks-other-site")
    assert len(world.uploads()) == 1


# --- environments -----------------------------------------------------------------------------


def test_production_replaces_sandbox(make_world: MakeWorld) -> None:
    """A change to production sends the bills there, and its results replace the sandbox's."""
    world = make_world(environment="sandbox")
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.result(BILL)["environment"] == "sandbox"
    world.configure(environment="production")
    world.run_until_still()
    assert world.result(BILL)["environment"] == "production"
    assert world.bill(BILL) == ("done", None)


def test_sandbox_never_replaces_production(make_world: MakeWorld) -> None:
    """A change to sandbox leaves production results alone: the bills ask."""
    world = make_world(environment="production")
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    before = Path(world.path(f"{BILL}.json")).read_bytes()
    world.configure(environment="sandbox")
    world.run_until_still()
    assert world.bill(BILL) == ("asks", "result-name-taken")
    assert Path(world.path(f"{BILL}.json")).read_bytes() == before
    assert len(world.uploads()) == 1
    world.configure(environment="production")
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert Path(world.path(f"{BILL}.json")).read_bytes() == before
    assert len(world.uploads()) == 1


# --- the same bytes twice ---------------------------------------------------------------------


def test_the_same_bytes_twice_are_sent_once(make_world: MakeWorld) -> None:
    """The same bytes in two folders of one site: one upload, two results, one `copyOf`."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.drop("Inbox/Again.pdf", bill_pdf())
    world.run_until_still()
    assert len(world.uploads()) == 1
    first, second = world.result(BILL), world.result("Inbox/Again.pdf")
    assert first["copyOf"] is None
    assert second["copyOf"] == "../Plant 7/Bill.pdf"
    assert second["documents"] == first["documents"]
    assert world.bill("Inbox/Again.pdf") == ("done", None)


def test_two_copies_at_once_are_sent_once(make_world: MakeWorld) -> None:
    """Two copies that come together: one upload, and exactly one is the copy of the other."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.drop(BILL, bill_pdf())
    world.drop("Inbox/Again.pdf", bill_pdf())
    world.run_until_still()
    assert len(world.uploads()) == 1
    copies = [world.result(name)["copyOf"] for name in (BILL, "Inbox/Again.pdf")]
    assert copies.count(None) == 1


def test_the_copy_stays_when_the_first_is_deleted(make_world: MakeWorld) -> None:
    """The first of two copies deleted: both JSONs stay."""
    world = make_world()
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.drop("Plant 7/Copy.pdf", bill_pdf())
    world.run_until_still()
    world.delete(BILL)
    world.advance(hours=1)
    assert world.tree() == [f"{BILL}.json", "Plant 7/Copy.pdf", "Plant 7/Copy.pdf.json"]


def test_a_result_is_json_of_the_bytes_beside_it(done: World) -> None:
    """The size, the name and the time of the file are those of the original."""
    file = done.result(BILL)["file"]
    status = Path(done.path(BILL)).stat()
    assert (file["name"], file["size"]) == ("Bill.pdf", status.st_size)
    assert json.dumps(done.result(BILL))
    done.advance(5 * HOUR)
    assert done.bill(BILL) == ("done", None)
