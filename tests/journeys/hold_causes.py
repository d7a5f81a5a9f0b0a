"""What brings each hold about, what ends it, and what people read meanwhile: one class a code.

Each is told for the folder ``Plant 7`` of a world that also watches ``Clinic``, of another company
and site: what is dropped there must never wait for a hold that is not the account's.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from bill_files import bill_pdf
from hold_world import HoldWorld
from journey_world import HOUR, KEY

from agent.bills.names import MARK_NAME
from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Fault
from agent.emulator.world import HARBOR_MILL_FOODS, LAKESIDE_CLINICS

CLINIC = {"site": "LC-01", "company": "Lakeside Clinics"}
AT_ONCE = 150.0
"""Seconds within which bills are done once nothing holds them: quiet time, upload, job, result."""


class Cause:
    """One cause.

    ``begin`` brings it about, ``end`` takes it away; ``command`` is what a person runs where
    nothing ends it by itself. ``says`` stands in the message, ``advises`` in the
    advice. ``is_counted``: it needs a person.
    """

    code: ClassVar[str]
    kind: ClassVar[str]
    says: ClassVar[str]
    advises: ClassVar[str]
    is_counted: ClassVar[bool] = True
    is_by_command: ClassVar[bool] = False
    looked_for_seconds: ClassVar[float] = 0.0
    """How long bills are looked for at Nectar before they are sent, once it has ended."""
    most_requests: ClassVar[int] = 260
    """How many requests it may cost a day."""
    settings: ClassVar[Mapping[str, Any]] = {}
    folders: ClassVar[Mapping[str, Any]] = {"Plant 7": "PLANT-07", "Clinic": CLINIC}

    def place(self, name: str) -> str:
        """Return where a bill that is to wait is dropped."""
        return f"Plant 7/{name}"

    def begin(self, world: HoldWorld) -> None:
        """Bring the cause about."""
        raise NotImplementedError

    def end(self, world: HoldWorld) -> None:
        """Take the cause away."""
        raise NotImplementedError

    def command(self, world: HoldWorld) -> None:
        """Answer it as a person does."""
        raise NotImplementedError

    def scope(self, world: HoldWorld) -> str:
        """Return the scope as the status names it."""
        return {
            "account": "account",
            "company": "company: HMF",
            "site": "site: HMF/PLANT-07",
            "folder": f"folder: {world.path('Plant 7')}",
        }[self.kind]

    def files(self, dropped: int) -> int:
        """Return how many files wait for its end when so many were dropped."""
        return dropped

    def counted(self) -> int:
        """Return how much needs a person soon after it began."""
        return int(self.is_counted)


# --- the account ------------------------------------------------------------------------------


class KeyMissing(Cause):
    """No source has a key."""

    code, kind = "key-missing", "account"
    says, advises = "There is no key", "Set one"

    def begin(self, world: HoldWorld) -> None:
        """Take the key away."""
        world.key = None

    def end(self, world: HoldWorld) -> None:
        """Put it back."""
        world.key = KEY


class KeyRefused(Cause):
    """Nectar answers 401 to everything."""

    code, kind = "key-refused", "account"
    says, advises = "401", "bill-agent key set"

    def begin(self, world: HoldWorld) -> None:
        """Revoke the key."""
        world.behaviour = Behaviour(keys=())

    def end(self, world: HoldWorld) -> None:
        """Let it be good again."""
        world.behaviour = Behaviour(keys=(KEY,))


class NoConnection(Cause):
    """Nothing gets through."""

    code, kind, is_counted = "no-connection", "account", False
    says, advises = "does not answer", "nothing to do"

    def begin(self, world: HoldWorld) -> None:
        """Cut the line."""
        world.network.is_cut = True

    def end(self, world: HoldWorld) -> None:
        """Join it."""
        world.network.is_cut = False


class TlsNotTrusted(Cause):
    """Somebody between inspects TLS."""

    code, kind = "tls-not-trusted", "account"
    says, advises = "127.0.0.1", "ca_file in [nectar]"
    settings: ClassVar[Mapping[str, Any]] = {"base_url": "https://127.0.0.1:9/v2.2"}

    def begin(self, world: HoldWorld) -> None:
        """Show another certificate."""
        world.network.is_distrusted = True

    def end(self, world: HoldWorld) -> None:
        """Show Nectar's."""
        world.network.is_distrusted = False


# --- a company --------------------------------------------------------------------------------


class _OfCompany(Cause):
    def begin(self, world: HoldWorld) -> None:
        """Change the companies, and let the agent see it."""
        self.change(world)
        world.ask("rescan")

    def change(self, world: HoldWorld) -> None:
        """Change the companies at Nectar."""
        raise NotImplementedError


class CompanyMissing(_OfCompany):
    """The key does not see the company any more."""

    code, kind = "company-missing", "company"
    says, advises = "HMF", "company in config.toml"

    def change(self, world: HoldWorld) -> None:
        """Let the key see the other company alone."""
        world.behaviour = Behaviour(keys=(KEY,), scopes={KEY: (LAKESIDE_CLINICS.id,)})

    def end(self, world: HoldWorld) -> None:
        """Let it see both."""
        world.behaviour = Behaviour(keys=(KEY,))


class CompanyAmbiguous(_OfCompany):
    """Two companies have the word of the configuration."""

    code, kind = "company-ambiguous", "company"
    says, advises = "2 companies are called HMF", "company in config.toml to the id"

    def change(self, world: HoldWorld) -> None:
        """Add a second one."""
        nectar = world.emulator.world
        self.second = changes.add_company(nectar, world.now.utc, "Another", "HMF").id

    def end(self, world: HoldWorld) -> None:
        """Take it away."""
        del world.emulator.world.companies[self.second]


class CompanyChanged(_OfCompany):
    """The only company that the key sees is another one than before."""

    code, kind = "company-changed", "company"
    says, advises = "no longer seen", "Set company in [nectar]"
    settings: ClassVar[Mapping[str, Any]] = {
        "company": None,
        "behaviour": Behaviour(keys=(KEY,), scopes={KEY: (HARBOR_MILL_FOODS.id,)}),
    }
    folders: ClassVar[Mapping[str, Any]] = {"Plant 7": "PLANT-07"}

    def change(self, world: HoldWorld) -> None:
        """Let the key see the other company in its place."""
        world.behaviour = Behaviour(keys=(KEY,), scopes={KEY: (LAKESIDE_CLINICS.id,)})

    def end(self, world: HoldWorld) -> None:
        """Let it see the one from before."""
        world.behaviour = Behaviour(keys=(KEY,), scopes={KEY: (HARBOR_MILL_FOODS.id,)})

    def scope(self, world: HoldWorld) -> str:
        """Return the scope of the company that nobody named."""
        del world
        return "company"


class UploadRefused(Cause):
    """Nectar refuses every upload of the company, and not for a file's sake."""

    code, kind = "upload-refused", "company"
    says, advises = "403", "company is active"
    most_requests = 350  # the sites are read after each refusal: one may have been archived

    def begin(self, world: HoldWorld) -> None:
        """Refuse."""
        path = f"/job/company/{HARBOR_MILL_FOODS.id}"
        fault = Fault(method="POST", path=path, status=403, times=None)
        world.behaviour = Behaviour(keys=(KEY,), faults=(fault,))

    def end(self, world: HoldWorld) -> None:
        """Take what comes."""
        world.behaviour = Behaviour(keys=(KEY,))


# --- a site -----------------------------------------------------------------------------------


class SiteMissing(_OfCompany):
    """The site's externalId was changed at Nectar."""

    code, kind = "site-missing", "site"
    says, advises = "PLANT-07", "near: PLANT-77"

    def change(self, world: HoldWorld) -> None:
        """Rename it."""
        changes.change_site(world.emulator.world, world.now.utc, "PLANT-07", external_id="PLANT-77")

    def end(self, world: HoldWorld) -> None:
        """Rename it back."""
        changes.change_site(world.emulator.world, world.now.utc, "PLANT-77", external_id="PLANT-07")


class SiteAmbiguous(_OfCompany):
    """A second site has the externalId."""

    code, kind = "site-ambiguous", "site"
    says, advises = "2 sites", "its own externalId"

    def change(self, world: HoldWorld) -> None:
        """Add the second."""
        nectar, company = world.emulator.world, HARBOR_MILL_FOODS.id
        self.second = changes.add_site(nectar, world.now.utc, company, "Twin", "PLANT-07").id

    def end(self, world: HoldWorld) -> None:
        """Remove it."""
        changes.remove_site(world.emulator.world, world.now.utc, self.second)


class SiteArchived(_OfCompany):
    """The site was archived at Nectar."""

    code, kind = "site-archived", "site"
    says, advises = "archived since", "Reactivate it"

    def change(self, world: HoldWorld) -> None:
        """Archive it."""
        changes.archive_site(world.emulator.world, world.now.utc, "PLANT-07")

    def end(self, world: HoldWorld) -> None:
        """Bring it back."""
        changes.archive_site(world.emulator.world, world.now.utc, "PLANT-07", day=None)


# --- a folder ---------------------------------------------------------------------------------


class FirstLook(Cause):
    """More than 25 bills were in a folder before it was watched."""

    code, kind, is_by_command = "first-look", "folder", True
    says, advises = "30 files were already", "bill-agent admit"
    settings: ClassVar[Mapping[str, Any]] = {"existing": "ask"}
    folders: ClassVar[Mapping[str, Any]] = {"Clinic": CLINIC}

    def begin(self, world: HoldWorld) -> None:
        """Watch a folder that is full."""
        for number in range(30):
            world.drop(f"Plant 7/Old {number}.pdf", bill_pdf(account=f"old-{number}"))
        world.configure({"Plant 7": "PLANT-07", "Clinic": CLINIC})
        world.advance(5)

    def command(self, world: HoldWorld) -> None:
        """Admit them."""
        world.ask("admit", folder=world.path("Plant 7"), all=True)

    def files(self, dropped: int) -> int:
        """Return how many ask; what comes later goes."""
        del dropped
        return 30


class FolderMissing(Cause):
    """The folder is away, with all that lies in it."""

    code, kind = "folder-missing", "folder"
    says, advises = "Plant 7", "connect its drive"

    def begin(self, world: HoldWorld) -> None:
        """Take it away."""
        world.rename_root("Plant 7", "away")

    def end(self, world: HoldWorld) -> None:
        """Bring it back."""
        world.rename_root("away", "Plant 7")

    def place(self, name: str) -> str:
        """Drop it where the folder is now."""
        return f"away/{name}"

    def files(self, dropped: int) -> int:
        """Return how many were seen before it went."""
        del dropped
        return 1

    def counted(self) -> int:
        """Return that nobody is needed before half an hour."""
        return 0


class FolderNotReadable(Cause):
    """This user may not read the folder any more."""

    code, kind = "folder-not-readable", "folder"
    says, advises = "Plant 7", "permission to read"

    def begin(self, world: HoldWorld) -> None:
        """Take the right away."""
        world.disk.denied.add(world.path("Plant 7"))

    def end(self, world: HoldWorld) -> None:
        """Give it back."""
        world.disk.denied.clear()

    def files(self, dropped: int) -> int:
        """Return how many were seen before."""
        del dropped
        return 1


class FolderNotWritable(Cause):
    """No result can be made in the folder."""

    code, kind = "folder-not-writable", "folder"
    says, advises = "Plant 7", "permission to write there"

    def begin(self, world: HoldWorld) -> None:
        """Take the right away."""
        world.disk.unwritable.add(world.path("Plant 7"))

    def end(self, world: HoldWorld) -> None:
        """Give it back."""
        world.disk.unwritable.clear()


class SubfolderNotWritable(FolderNotWritable):
    """No result can be made in one subfolder; in the folder itself they can."""

    says = "Of May"

    def scope(self, world: HoldWorld) -> str:
        """Return the scope of that subfolder alone."""
        return f"folder: {world.path('Plant 7/Of May')}"

    def place(self, name: str) -> str:
        """Drop it in that subfolder."""
        return f"Plant 7/Of May/{name}"

    def begin(self, world: HoldWorld) -> None:
        """Take the right away."""
        world.disk.unwritable.add(world.path("Plant 7/Of May"))


class FolderTaken(Cause):
    """Another machine serves the folder."""

    code, kind, is_by_command = "folder-taken", "folder", True
    says, advises = "elsewhere", "bill-agent take"
    looked_for_seconds = 2 * HOUR

    def begin(self, world: HoldWorld) -> None:
        """Put the other's mark there."""
        mark = world.root / "Plant 7" / MARK_NAME
        said = json.loads(mark.read_bytes())
        mark.write_text(json.dumps({**said, "agentId": "f" * 32, "machine": "elsewhere"}))

    def command(self, world: HoldWorld) -> None:
        """Take it."""
        world.ask("take", folder=world.path("Plant 7"))


class NoSite(Cause):
    """Bills lie directly in a folder whose subfolders tell the site."""

    code, kind = "no-site", "folder"
    says, advises = "lies directly in", "into the subfolder"
    folders: ClassVar[Mapping[str, Any]] = {"Plant 7": "{subfolder}", "Clinic": CLINIC}

    def begin(self, world: HoldWorld) -> None:
        """Nothing but to drop them there."""

    def end(self, world: HoldWorld) -> None:
        """Move them where they belong."""
        for path in list((world.root / "Plant 7").glob("*.pdf")):
            world.move(f"Plant 7/{path.name}", f"Plant 7/PLANT-07/{path.name}")


class LooksLikeOtherSite(_OfCompany):
    """A subfolder of a fixed-site folder has another site's externalId."""

    code, kind = "looks-like-other-site", "folder"
    says, advises = "PLANT-08", "[[folders]] entry"

    def change(self, world: HoldWorld) -> None:
        """Let there be such a site."""
        nectar, company = world.emulator.world, HARBOR_MILL_FOODS.id
        changes.add_site(nectar, world.now.utc, company, "Plant 8", "PLANT-08")

    def place(self, name: str) -> str:
        """Drop it in that subfolder."""
        return f"Plant 7/PLANT-08/{name}"

    def end(self, world: HoldWorld) -> None:
        """Rename the subfolder."""
        for path in list((world.root / "Plant 7/PLANT-08").glob("*.pdf")):
            world.move(f"Plant 7/PLANT-08/{path.name}", f"Plant 7/Of May/{path.name}")


class DiskFull(Cause):
    """No space is left on the disk of a folder, as a write tells."""

    code, kind = "disk-full", "account"
    says, advises = "no space", "Make room"
    number: ClassVar[int] = errno.ENOSPC

    def begin(self, world: HoldWorld) -> None:
        """Fill it while a bill is at Nectar."""
        world.drop("Plant 7/Sent.pdf", bill_pdf(account="sent"))
        while not world.uploads():
            world.advance(1.0)
        world.disk.refusing[world.path("Plant 7")] = self.number
        world.advance(30)

    def end(self, world: HoldWorld) -> None:
        """Make room."""
        world.disk.refusing.clear()

    def files(self, dropped: int) -> int:
        """Return how many wait: the one whose result cannot be written, too."""
        return dropped + 1


class WritingRefused(DiskFull):
    """A folder that looks writable refuses all the same, as a share may."""

    code, kind = "folder-not-writable", "folder"
    says, advises = "Plant 7", "permission to write"
    number = errno.EROFS
