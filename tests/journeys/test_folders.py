"""Watched folders: away and back, nested, mapped anew, paused, taken; and what people ask."""

from __future__ import annotations

import json
from pathlib import Path

from bill_files import bill_pdf, bills
from journey_world import HOUR, KEY, MakeWorld, World

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Outcome, UploadRule
from agent.emulator.world import HARBOR_MILL_FOODS
from agent.pipeline.work import Kind, Report, Step

BILL = "Plant 7/Bill.pdf"
MARK = ".nectar-bill-agent"


def with_plant_8(world: World) -> World:
    """Return the world with a site PLANT-08 at Nectar."""
    changes.add_site(
        world.emulator.world, world.now.utc, HARBOR_MILL_FOODS.id, "Plant 8", "PLANT-08"
    )
    return world


def take_away(world: World, folder: str) -> None:
    """Let a folder vanish with all that lies in it, as a share does."""
    world.rename_root(folder, f"away from {folder}")


def bring_back(world: World, folder: str) -> None:
    """Bring a folder back that was taken away."""
    world.rename_root(f"away from {folder}", folder)


# --- away and back ----------------------------------------------------------------------------


def test_a_folder_that_is_away_concludes_nothing(world: World) -> None:
    """A folder away for a day: a hold, no bill is gone, nothing is sent twice; then all goes on."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    take_away(world, "Plant 7")
    world.advance(days=1)
    assert world.holds().keys() == {"folder-missing"}
    assert world.bill(BILL) == ("done", None)
    bring_back(world, "Plant 7")
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.advance(300)
    assert world.holds() == {}
    assert world.bills() == {BILL: ("done", None), "Plant 7/New.pdf": ("done", None)}
    assert len(world.uploads()) == 2


def test_a_folder_away_while_its_bill_is_at_nectar(world: World) -> None:
    """The result of a bill whose folder is away is written when the folder is back."""
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=300.0)
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    take_away(world, "Plant 7")
    world.advance(HOUR)
    bring_back(world, "Plant 7")
    world.advance(300)
    assert world.bill(BILL) == ("done", None)
    assert world.has_result(BILL)


def test_a_folder_away_before_its_bill_was_sent(world: World) -> None:
    """A bill whose folder goes away before sending is sent once it is back."""
    world.ask("pause")
    world.drop(BILL, bill_pdf())
    world.advance(60)
    take_away(world, "Plant 7")
    world.ask("resume")
    world.advance(HOUR)
    assert world.uploads() == []
    bring_back(world, "Plant 7")
    world.advance(300)
    assert world.bill(BILL) == ("done", None)


def test_an_unreadable_subtree_concludes_nothing(world: World) -> None:
    """Below a folder that cannot be read nothing is gone; the rest goes on."""
    name = "Plant 7/Locked/Bill.pdf"
    world.drop(name, bill_pdf())
    world.run_until_still()
    world.disk.unreadable.add(world.path("Plant 7/Locked"))
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.advance(HOUR)
    assert world.bills() == {name: ("done", None), "Plant 7/New.pdf": ("done", None)}
    world.disk.unreadable.clear()
    world.advance(HOUR)
    assert world.bill(name) == ("done", None)
    assert len(world.uploads()) == 2


def test_a_bill_that_blinks(world: World) -> None:
    """A file that is missing in one reading and there in the next is not gone."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.move(BILL, "Blink.pdf")
    world.advance(1.0)
    world.move("Blink.pdf", BILL)
    world.advance(HOUR)
    assert world.bills() == {BILL: ("done", None)}
    assert not any("gone" in line for line in world.history())


def test_leftovers_of_a_killed_run_go_everywhere(world: World) -> None:
    """At the next start no temporary file is left, be its folder without any bill by now."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    for place in ("Plant 7", "Plant 7/2026", "Plant 7/2026/old/empty"):
        folder = world.root / place
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".nectar-0123456789ab.part").write_bytes(b"{")
    world.restart()
    world.run_until_still()
    assert world.tree() == [BILL, f"{BILL}.json"]


def test_a_tree_moved_in_and_out_and_in_again(world: World) -> None:
    """A whole tree of bills that is moved in is read; out of sight and back, nothing is sent twice.

    Its results go with it, and are recognised wherever it comes in again.
    """
    for number, content in enumerate(bills(6)):
        world.drop(f"archive/{number % 3}/{number}.pdf", content)
    world.rename_root("archive", "Plant 7/archive")
    world.run_until_still()
    world.advance(120)
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.bills()) == len(world.uploads()) == 6
    world.rename_root("Plant 7/archive", "archive")
    world.advance(300)
    assert world.bills() == {}
    world.rename_root("archive", "Plant 7/2026")
    world.advance(300)
    assert {name.partition("/2026/")[1] for name in world.bills()} == {"/2026/"}
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.bills()) == len(world.uploads()) == 6
    assert len(world.tree()) == 12


# --- which site a folder means ----------------------------------------------------------------


def test_subfolders_name_the_site(make_world: MakeWorld) -> None:
    """`{subfolder}`: the first subfolder is the site, by its externalId or by [site_names]."""
    world = with_plant_8(
        make_world(folders={"All": "{subfolder}"}, site_names={"Harbor Mill Plant 7": "PLANT-07"})
    )
    world.drop("All/Harbor Mill Plant 7/2026/Bill.pdf", bill_pdf())
    world.drop("All/PLANT-08/Bill.pdf", bill_pdf(account="eight"))
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    first = world.result("All/Harbor Mill Plant 7/2026/Bill.pdf")
    assert first["site"]["externalId"] == "PLANT-07"
    assert world.result("All/PLANT-08/Bill.pdf")["site"]["externalId"] == "PLANT-08"


def test_a_bill_beside_the_subfolders(make_world: MakeWorld) -> None:
    """A bill directly in a `{subfolder}` folder has no site: hold, until it is moved into one."""
    world = make_world(folders={"All": "{subfolder}"})
    world.drop("All/Bill.pdf", bill_pdf())
    world.run_until_still()
    assert world.holds().keys() == {"no-site"}
    assert world.bill("All/Bill.pdf")[0] == "waiting"
    world.move("All/Bill.pdf", "All/PLANT-07/Bill.pdf")
    world.run_until_still()
    world.advance(HOUR)
    assert world.bills() == {"All/PLANT-07/Bill.pdf": ("done", None)}
    assert world.holds() == {}


def test_the_deepest_folder_wins(make_world: MakeWorld) -> None:
    """Of nested folders the deepest tells the site."""
    world = with_plant_8(make_world(folders={"Bills": "PLANT-07", "Bills/Eight": "PLANT-08"}))
    world.drop("Bills/Bill.pdf", bill_pdf())
    world.drop("Bills/Eight/Bill.pdf", bill_pdf(account="eight"))
    world.run_until_still()
    assert world.result("Bills/Bill.pdf")["site"]["externalId"] == "PLANT-07"
    assert world.result("Bills/Eight/Bill.pdf")["site"]["externalId"] == "PLANT-08"
    assert len(world.uploads()) == 2


def test_a_nested_folder_is_added_later(make_world: MakeWorld) -> None:
    """A folder inside a watched one becomes one of its own: what was sent stays as it is."""
    world = with_plant_8(make_world(folders={"Bills": "PLANT-07"}))
    world.drop("Bills/Eight/Old.pdf", bill_pdf())
    world.run_until_still()
    before = Path(world.path("Bills/Eight/Old.pdf.json")).read_bytes()
    world.configure({"Bills": "PLANT-07", "Bills/Eight": "PLANT-08"})
    world.drop("Bills/Eight/New.pdf", bill_pdf(account="new"))
    world.run_until_still()
    assert Path(world.path("Bills/Eight/Old.pdf.json")).read_bytes() == before
    assert world.bill("Bills/Eight/Old.pdf") == ("done", None)
    assert world.result("Bills/Eight/New.pdf")["site"]["externalId"] == "PLANT-08"
    assert len(world.uploads()) == 2
    world.configure({"Bills": "PLANT-07"})
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 2


def test_a_reading_under_way_while_a_nested_folder_is_added(make_world: MakeWorld) -> None:
    """What was read by the old configuration tells nothing about the new one's folders."""
    world = with_plant_8(make_world(folders={"Bills": "PLANT-07"}))
    world.run_until_still()
    world.drop("Bills/Eight/Bill.pdf", bill_pdf())
    world.turn()
    while not any(key.table == "folders" for key in world.scheduler.memory.out):
        world.now = world.now.plus(0.25)
        world.turn()
    world.configure({"Bills": "PLANT-07", "Bills/Eight": "PLANT-08"})
    world.run_until_still()
    assert world.result("Bills/Eight/Bill.pdf")["site"]["externalId"] == "PLANT-08"
    assert world.bills() == {"Bills/Eight/Bill.pdf": ("done", None)}


def test_results_that_cannot_be_looked_at_stop_no_new_bill(make_world: MakeWorld) -> None:
    """A folder away while its results are looked at: afterwards states are as before, bills go."""
    world = make_world()
    for number in range(20):
        world.drop(f"Plant 7/{number:02}.pdf", b"not a bill at all %d" % number)
    world.run_until_still()
    before = world.bills()
    for number in range(20):
        world.move(f"Plant 7/{number:02}.pdf.json", f"{number:02}.json")
    world.scheduler.memory.inspect |= {row.id for row in world.rows()}
    take_away(world, "Plant 7")
    world.advance(30)
    bring_back(world, "Plant 7")
    for number in range(20):
        world.move(f"{number:02}.json", f"Plant 7/{number:02}.pdf.json")
    world.drop("Plant 7/New.pdf", bill_pdf())
    world.advance(HOUR)
    assert world.bills() == {**before, "Plant 7/New.pdf": ("done", None)}
    assert all(row.problem is not None for row in world.rows() if row.stage == "rejected")


def test_a_changed_mapping_touches_nothing_sent(make_world: MakeWorld) -> None:
    """A changed site: what was sent stays; what waits follows, and goes to the new site."""
    world = with_plant_8(make_world())
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    before = Path(world.path(f"{BILL}.json")).read_bytes()
    world.ask("pause")
    world.drop("Plant 7/Waits.pdf", bill_pdf(account="waits"))
    world.advance(60)
    world.configure({"Plant 7": "PLANT-08"})
    world.advance(60)
    world.ask("resume")
    world.run_until_still()
    assert Path(world.path(f"{BILL}.json")).read_bytes() == before
    assert world.bill(BILL) == ("done", None)
    assert world.result("Plant 7/Waits.pdf")["site"]["externalId"] == "PLANT-08"
    assert len(world.uploads()) == 2


def test_a_changed_mapping_while_a_bill_is_at_nectar(make_world: MakeWorld) -> None:
    """A changed site while a bill is at Nectar: it gets the result of the site it was sent for."""
    world = with_plant_8(make_world(behaviour=Behaviour(keys=(KEY,), processing_seconds=300.0)))
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.configure({"Plant 7": "PLANT-08"})
    world.run_until_still()
    assert world.result(BILL)["site"]["externalId"] == "PLANT-07"
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


# --- taken out of the configuration -----------------------------------------------------------


def test_a_removed_folder_stops_new_sends(make_world: MakeWorld) -> None:
    """A folder taken out: nothing new is sent from it; what is at Nectar gets its result."""
    world = make_world(
        folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"},
        behaviour=Behaviour(keys=(KEY,), processing_seconds=300.0),
    )
    world.drop("Inbox/Sent.pdf", bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.drop("Inbox/New.pdf", bill_pdf(account="new"))
    world.configure({"Plant 7": "PLANT-07"})
    world.run_until_still()
    world.advance(HOUR)
    assert len(world.uploads()) == 1
    assert world.result("Inbox/Sent.pdf")["outcome"] == "processed"
    assert not (world.root / "Inbox" / MARK).exists()
    assert (world.root / "Plant 7" / MARK).exists()


def test_a_removed_folder_comes_back(make_world: MakeWorld) -> None:
    """A folder that is put back is looked at as for the first time; nothing is sent twice."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.drop("Inbox/Sent.pdf", bill_pdf())
    world.run_until_still()
    before = Path(world.path("Inbox/Sent.pdf.json")).read_bytes()
    world.configure({"Plant 7": "PLANT-07"})
    world.run_until_still()
    world.drop("Inbox/New.pdf", bill_pdf(account="new"))
    world.configure({"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.run_until_still()
    assert world.bills() == {"Inbox/Sent.pdf": ("done", None), "Inbox/New.pdf": ("done", None)}
    assert Path(world.path("Inbox/Sent.pdf.json")).read_bytes() == before
    assert len(world.uploads()) == 2


# --- pausing and looking ----------------------------------------------------------------------


def test_pause_and_resume(world: World) -> None:
    """`pause`: nothing is sent, what is at Nectar still ends; `resume` sends what waits."""
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=300.0)
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.ask("pause")
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.advance(HOUR)
    assert world.bill(BILL) == ("done", None)
    assert world.bill("Plant 7/New.pdf") == ("waiting", None)
    world.restart()
    world.advance(HOUR)
    assert len(world.uploads()) == 1
    world.ask("resume")
    world.run_until_still()
    assert world.bill("Plant 7/New.pdf") == ("done", None)


def test_pause_for_a_time(world: World) -> None:
    """`pause --for`: it ends by itself."""
    world.ask("pause", seconds=7200)
    world.drop(BILL, bill_pdf())
    world.advance(7100)
    assert world.uploads() == []
    world.advance(300)
    assert world.bill(BILL) == ("done", None)


def test_pause_of_one_folder(make_world: MakeWorld) -> None:
    """`pause --folder`: the other folders go on."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.ask("pause", folder=world.path("Plant 7"))
    world.drop(BILL, bill_pdf())
    world.drop("Inbox/Bill.pdf", bill_pdf(account="inbox"))
    world.advance(300)
    assert world.bills() == {BILL: ("waiting", None), "Inbox/Bill.pdf": ("done", None)}
    world.ask("resume", folder=world.path("Plant 7"))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)


def test_rescan_reads_at_once(make_world: MakeWorld) -> None:
    """`rescan`: what no event told of is found at once."""
    world = make_world(scan_seconds=3600)
    world.run_until_still()
    world.advance(10)
    world.root.joinpath(BILL).write_bytes(bill_pdf())
    world.advance(120)
    assert world.bills() == {}
    world.ask("rescan")
    world.advance(60)
    assert world.bill(BILL) == ("done", None)
    world.originals[world.root / BILL] = ""
    del world.originals[world.root / BILL]
    world.root.joinpath(BILL).unlink()


def test_a_quiet_folder_is_read_on_time(world: World) -> None:
    """What no event told of is found within `scan_seconds`."""
    world.advance(HOUR)
    path = world.drop(BILL, bill_pdf())
    world._hints.clear()
    world.advance(90)
    assert path.exists()
    assert world.bill(BILL) == ("done", None)


def drop_unheard(world: World, name: str) -> bool:
    """Drop a bill of which no event tells; return whether it is seen within seconds."""
    world.advance(120.5)
    world.drop(name, bill_pdf(account=name))
    world._hints.clear()
    world.advance(10.0)
    is_soon = world.store.file_at(world.path(name)) is not None
    world.advance(120.0)
    assert world.store.file_at(world.path(name)) is not None
    return is_soon


def test_a_folder_of_which_no_events_come(make_world: MakeWorld) -> None:
    """Files that arrive without events let a folder be read every few seconds; an event ends it."""
    world = make_world(scan_seconds=100.0)
    world.run_until_still()
    assert not drop_unheard(world, "Plant 7/first.pdf")
    assert drop_unheard(world, "Plant 7/second.pdf")
    world.restart()
    assert drop_unheard(world, "Plant 7/third.pdf")
    world.drop("Plant 7/heard.pdf", bill_pdf())
    world.advance(10.0)
    assert not drop_unheard(world, "Plant 7/fourth.pdf")


# --- what people ask --------------------------------------------------------------------------


def test_retry_of_a_failed_job(make_world: MakeWorld) -> None:
    """`retry` of a failed bill: sent once more, with the reason recorded; its JSON is replaced."""
    rule = UploadRule(outcome=Outcome.FAILED, times=1)
    world = make_world(behaviour=Behaviour(keys=(KEY,), uploads=(rule,)))
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("rejected", "job-failed")
    assert world.ask("retry", files=[world.path(BILL)]) == {"done": 1, "declined": []}
    world.turn()
    world.advance(1.0)
    assert not world.has_result(BILL)
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 2
    assert any("retry" in (row.reason or "") for row in world.submissions())


def test_retry_of_a_rejected_file(world: World) -> None:
    """`retry` of a file that was no bill: it is examined anew, and rejected anew."""
    world.drop(BILL, b"not a bill at all")
    world.run_until_still()
    before = world.result(BILL)["problem"]
    assert world.ask("retry", all=True)["done"] == 1
    world.run_until_still()
    assert world.bill(BILL) == ("rejected", "not-a-bill-file")
    assert world.result(BILL)["problem"] == before
    assert world.uploads() == []


def test_retry_all_spares_what_is_done(make_world: MakeWorld) -> None:
    """`retry --all` starts what failed again, and nothing else."""
    rule = UploadRule(outcome=Outcome.FAILED, times=2)
    world = make_world(behaviour=Behaviour(keys=(KEY,), uploads=(rule,)))
    for number, content in enumerate(bills(5)):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.run_until_still()
    assert world.ask("retry", all=True)["done"] == 2
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 7


def test_retry_of_two_copies(make_world: MakeWorld) -> None:
    """`retry` of a bill that lies there twice sends it once more, not twice."""
    rule = UploadRule(outcome=Outcome.FAILED, times=1)
    world = make_world(behaviour=Behaviour(keys=(KEY,), uploads=(rule,)))
    world.drop(BILL, bill_pdf())
    world.drop("Plant 7/Copy.pdf", bill_pdf())
    world.run_until_still()
    world.ask("retry", all=True)
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 2


def test_what_does_not_fit_is_declined(world: World) -> None:
    """Requests that do not fit a file's state are declined with a sentence; nothing happens."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    path = world.path(BILL)
    for kind in ("retry", "send"):
        answer = world.ask(kind, files=[path])
        assert answer["done"] == 0
        assert path in answer["declined"][0]
    unknown = world.path("Plant 7/Unknown.pdf")
    assert unknown in world.ask("dismiss", files=[unknown])["declined"][0]
    for kind in ("admit", "take", "pause", "rescan"):
        answer = world.ask(kind, folder=world.path("elsewhere"))
        assert "not watched" in answer["declined"][0]
    assert world.ask("dance")["declined"]
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_rewrite_before_there_is_a_result(world: World) -> None:
    """`rewrite` of a bill that waits is declined."""
    world.ask("pause")
    world.drop(BILL, bill_pdf())
    world.advance(60)
    answer = world.ask("rewrite", files=[world.path(BILL)])
    assert answer["done"] == 0
    assert answer["declined"]


def test_rewrite_of_a_folder(make_world: MakeWorld) -> None:
    """`rewrite --folder` puts every result of a folder back that was taken away."""
    world = make_world()
    for number, content in enumerate(bills(3)):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.run_until_still()
    for number in range(3):
        world.delete(f"Plant 7/{number}.pdf.json")
    world.advance(300)
    assert set(world.bills().values()) == {("done", "result-removed")}
    assert world.ask("rewrite", folder=world.path("Plant 7"))["done"] == 3
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert all(world.has_result(f"Plant 7/{number}.pdf") for number in range(3))


def test_dismiss_is_remembered_until_something_new(world: World) -> None:
    """`dismiss` is remembered through restarts; other bytes count anew."""
    world.drop(BILL, b"not a bill at all")
    world.run_until_still()
    assert world.ask("dismiss", files=[world.path(BILL)])["done"] == 1
    world.restart()
    world.advance(300)
    assert world.row(BILL).dismissed
    world.drop(BILL, b"not a bill either")
    world.run_until_still()
    assert not world.row(BILL).dismissed


# --- whose a folder is ------------------------------------------------------------------------


def test_a_folder_that_another_agent_serves(world: World) -> None:
    """Another agent's mark: nothing is sent from there until `take`."""
    mark = world.root / "Plant 7" / MARK
    world.run_until_still()
    said = json.loads(mark.read_bytes())
    mark.write_text(json.dumps({**said, "agentId": "f" * 32, "machine": "elsewhere"}))
    world.advance(120)
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"folder-taken"}
    assert "elsewhere" in world.holds()["folder-taken"].message
    assert world.uploads() == []
    world.ask("take", folder=world.path("Plant 7"))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_a_folder_marked_by_another_before_the_first_look(make_world: MakeWorld) -> None:
    """A folder that another agent serves already is left alone from the start."""
    world = make_world(folders={"absent": "PLANT-07"})
    path = world.root / "absent"
    path.mkdir()
    mark = {"agentId": "f" * 32, "machine": "elsewhere", "user": "u", "since": "2026-01-01"}
    (path / MARK).write_text(json.dumps(mark))
    world.drop("absent/Bill.pdf", bill_pdf())
    world.advance(HOUR)
    assert "folder-taken" in world.holds()
    assert world.uploads() == []
    assert world.tree() == ["absent/Bill.pdf"]


def test_a_hint_during_a_reading_is_not_lost(make_world: MakeWorld) -> None:
    """What moves while a folder is read is looked for at once, not at the next scan."""
    world = make_world(scan_seconds=3600.0)
    world.run_until_still()
    held: list[Step] = []
    world.held = held
    world.ask("rescan", folder=None)
    world.turn()
    reading = next(step for step in held if step.kind is Kind.READ_FOLDER)
    seen = reading.run()
    world.drop(BILL, bill_pdf())  # just after its folder was read, before that is written down
    world.turn()
    world.now = world.now.plus(5.0)
    world.held = None
    world.scheduler.report(Report(reading, seen))
    for step in held:
        if step is not reading:
            world.scheduler.report(Report(step, step.run()))
    world.advance(60.0)
    assert world.bill(BILL) == ("done", None)


def test_resume_ends_every_pause(make_world: MakeWorld) -> None:
    """`resume` without a folder ends single folders' pauses too; the end of a time does not."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.ask("pause", folder=world.path("Inbox"))
    world.ask("pause", seconds=60)
    world.drop("Inbox/May.pdf", bill_pdf())
    world.advance(hours=1)
    assert world.bill("Inbox/May.pdf") == ("waiting", None)
    world.ask("resume")
    world.run_until_still()
    assert world.bill("Inbox/May.pdf") == ("done", None)
