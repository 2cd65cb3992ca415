"""What faults are injected into: a home, what waits in it, and a command. See faults.py."""
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import authority
import faults

MOMENT = "2026-03-03T02:00:00Z"  # of each command into which a fault is put


class Scene:
    name = ""
    tells = ()  # what must have been said, by the run with the fault or by the repeated one
    good_repeats = (0, 1)
    kinds = ("kill", "bus error", "EIO", "ENOSPC", "lost", "half-lost", "short")
    close_too = False  # the program does not look at what close() says: once is enough to see that
    between = ()  # commands between the fault and the repetition
    locks = True  # it takes the home's lock before it changes anything
    every = 1  # of its faults, each so-many-th is played; with --all, each
    makes = None  # the name of another home, which it makes; it is told of none then
    nightly = False  # `run` writes the report as well
    destroys = ()  # receipts that are there until it is done

    def prepare(self, place):
        pass

    def command(self, place):
        """Its words behind -C HOME --now MOMENT."""
        return []


def first_night(place):
    folder = place.inbox / "one"
    folder.mkdir()
    faults.csv(folder / "ae.csv", 1)
    faults.csv(folder / "dm.csv", 1)
    faults.list_files(folder)
    place.at(2, "run")


class Run(Scene):
    """A transfer with a new file, large enough to be deflated, one that is unchanged, and one that is held."""
    name = "run"
    close_too = True
    tells = ("format-mismatch",)

    def prepare(self, place):
        first_night(place)
        folder = place.inbox / "two"
        folder.mkdir()
        faults.csv(folder / "ae.csv", 400)
        faults.csv(folder / "dm.csv", 1)
        (folder / "vs.csv").write_text("<html></html>\n")
        faults.list_files(folder)

    def command(self, place):
        return ["run"]


class Good(Scene):
    """Nothing is held: the transfer is removed. And what a kill leaves is no alarm. And the report is written."""
    name = "run_good"
    nightly = True
    kinds = ("kill",)
    between = (("check",),)

    def prepare(self, place):
        folder = place.inbox / "good"
        folder.mkdir()
        for name in ("AE.csv", "dm.csv", "vs.csv"):  # on both sides of MANIFEST.sha256
            faults.csv(folder / name, 1)
        faults.list_files(folder)

    def command(self, place):
        return ["run"]


class Rebuilt(Run):
    """The same; but between the kill and the next run the catalog is made anew, which knew what is owed."""
    name = "run_and_rebuild"
    close_too = False
    kinds = ("kill",)
    between = (("rebuild",),)


class Refused(Scene):
    """An archive, and a folder that is refused as a whole."""
    name = "archive_and_refused"
    tells = ("manifest-malformed",)

    def prepare(self, place):
        with zipfile.ZipFile(place.inbox / "a.zip", "w") as archive:
            archive.writestr("dm.csv", "STUDYID,SEQ\nS1,1\n")
        digest = hashlib.sha256((place.inbox / "a.zip").read_bytes()).hexdigest()
        (place.inbox / "a.zip.sha256").write_text(f"{digest}  a.zip\n")
        folder = place.inbox / "b"
        folder.mkdir()
        faults.csv(folder / "ae.csv", 1)
        (folder / "MANIFEST.sha256").write_text("this is no manifest\n")

    def command(self, place):
        return ["run"]


class Submit(Scene):
    name = "submit"

    def prepare(self, place):
        folder = place.state / "sent"
        folder.mkdir()
        faults.csv(folder / "ae.csv", 2)

    def command(self, place):
        return ["submit", "S1", str(place.state / "sent" / "ae.csv")]


class Bundle(Scene):
    name = "bundle"

    def prepare(self, place):
        first_night(place)

    def command(self, place):
        return ["bundle", "S1", "-o", str(place.state / "S1.zip")]


class Withdraw(Scene):
    name = "withdraw"
    good_repeats = (0, 2)  # "it was withdrawn before"

    def prepare(self, place):
        first_night(place)

    def command(self, place):
        return ["withdraw", "S1/AE@1", "--reason", "wrong study"]


class Report(Scene):
    """Some pages are there, of another day."""
    name = "report"
    every = 5

    def prepare(self, place):
        first_night(place)
        place.at(2, "report", "S1")
        place.at(2, "withdraw", "S1/DM@1", "--reason", "wrong study")

    def command(self, place):
        return ["report", "S1"]


class Erase(Scene):
    """A file that is deflated, and its text."""
    name = "erase"
    every = 3
    tells = ("Erased",)
    good_repeats = (0,)

    def prepare(self, place):
        folder = place.inbox / "one"
        folder.mkdir()
        faults.csv(folder / "ae.csv", 400)
        faults.csv(folder / "dm.csv", 1)
        faults.list_files(folder)
        place.at(2, "run")

    def command(self, place):
        return ["erase", "S1/AE@1", "--reason", "a subject withdrew"]


class EraseText(Erase):
    """What a transfer's receipt repeats; whatever is left of it the next night destroys."""
    name = "erase_text"
    kinds = ("kill",)
    between = (("run",),)
    destroys = ("home/outbox/S1/000000000002-one/",)

    def command(self, place):
        return ["erase", "S1#2", "--reason", "a name in it"]


class Many(Scene):
    """So many files that they wait for one syncfs (src/os/publish.c). Too many for a fault in each call."""
    name = "many"

    def prepare(self, place):
        folder = place.inbox / "many"
        folder.mkdir()
        for n in range(20):
            faults.csv(folder / f"ds{n}.csv", n)
        faults.list_files(folder)

    def command(self, place):
        return ["run"]


def second_night(place):
    folder = place.inbox / "two"
    folder.mkdir()
    faults.csv(folder / "ae.csv", 400)
    faults.list_files(folder)
    place.at(2, "run")


class Backup(Scene):
    """Into a backup of the night before: with a new object that is deflated, and tiles that are superseded."""
    name = "backup"
    every = 5

    def prepare(self, place):
        first_night(place)
        place.at(2, "backup", str(place.state / "copy"))
        second_night(place)

    def command(self, place):
        return ["backup", str(place.state / "copy")]


class FirstBackup(Scene):
    """Of all, with keys and secrets apart."""
    name = "backup_first"
    every = 5

    def prepare(self, place):
        for name in ("copy", "apart"):
            (place.state / name).mkdir(mode=0o700)

    def command(self, place):
        return ["backup", str(place.state / "copy"), "--secrets", str(place.state / "apart")]


class Restore(Scene):
    """The home is gone; it is built beside its place."""
    name = "restore"
    kinds = ("kill", "EIO", "ENOSPC", "short")
    every = 5
    locks = False
    good_repeats = (0, 2)  # "it must not exist"

    def prepare(self, place):
        place.at(2, "backup", str(place.state / "copy"), "--secrets", str(place.state / "apart"))
        shutil.rmtree(place.home)

    def command(self, place):
        return ["restore", str(place.state / "copy"), "--secrets", str(place.state / "apart")]


class Repair(Scene):
    """What a check finds damaged is mended: a tile, an entry, an object; and the alarm that it raises is lifted again."""
    name = "repair"
    kinds = ("kill", "EIO")
    good_repeats = (0,)
    every = 8

    def prepare(self, place):
        first_night(place)
        place.at(2, "-q", "bundle", "S1", "-o", str(place.state / "S1.zip"))
        ledger = place.home / "ledger/S1/tile"
        for name, at in (("0", 40), ("entries", 300)):
            tile = next((ledger / name / "000.p").iterdir())
            text = bytearray(tile.read_bytes())
            text[at] ^= 1
            tile.write_bytes(text)
        digest = hashlib.sha256(b"STUDYID,SEQ\nS1,1\n").hexdigest()
        for path in (place.home / "objects").glob(f"{digest[:2]}/{digest[2:]}*"):
            path.unlink()

    def command(self, place):
        return ["check", "--repair", "--bundle", str(place.state / "S1.zip")]


class Init(Scene):
    name = "init"
    every = 5
    locks = False
    makes = "made"
    good_repeats = (0, 2)  # "it must not exist"

    def command(self, place):
        return ["init", str(place.state / self.makes), "--origin", "test.example", "--test"]


class StudyAdd(Scene):
    name = "study_add"
    every = 5
    good_repeats = (0, 2)  # "the study is there already"

    def prepare(self, place):
        first_night(place)

    def command(self, place):
        return ["study", "add", "S2"]


class Seal(Scene):
    """By an authority on loopback, whose clock is set, and which answers the same question alike."""
    name = "seal"
    every = 5

    def prepare(self, place):
        first_night(place)
        shutil.copy(Authority.folder / "root.pem", place.home / "tsa.pem")
        with open(place.home / "trialseal.conf", "a", encoding="ascii") as conf:
            conf.write(f"[seal]\nauthority = {Authority.url}\n")

    def command(self, place):
        return ["seal"]


class SealImport(Scene):
    name = "seal_import"
    every = 5

    def prepare(self, place):
        first_night(place)
        shutil.copy(Authority.folder / "root.pem", place.home / "tsa.pem")
        carried = place.state / "carried"
        carried.mkdir()
        place.at(2, "seal", "request", "S1", "-o", str(carried))
        request = next(carried.glob("*.tsq"))
        request.with_suffix(".tsr").write_bytes(authority.answer_at(Authority.folder, request.read_bytes(), MOMENT))

    def command(self, place):
        return ["seal", "import", str(next((place.state / "carried").glob("*.tsr")))]


class Authority:
    """For the scenes that seal: with Authority(folder): ..."""
    folder, url = Path(), ""

    def __init__(self, folder):
        Authority.folder = Path(folder) / "authority"

    def __enter__(self):
        authority.make(str(self.folder), "EC", "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z")
        (self.folder / "now").write_text(MOMENT)
        self.server = subprocess.Popen([sys.executable, authority.__file__, "serve", str(self.folder)], stdout=subprocess.PIPE)
        Authority.url = f"http://127.0.0.1:{int(self.server.stdout.readline())}/"

    def __exit__(self, *_):
        self.server.kill()
        self.server.communicate()


ALL = (Run(), Good(), Rebuilt(), Refused(), Submit(), Bundle(), Withdraw(), Report(), Backup(), FirstBackup(), Restore(), Repair(), Init(), StudyAdd(), Seal(), SealImport(), Erase(), EraseText())
