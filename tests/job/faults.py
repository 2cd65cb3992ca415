"""
One command of the program, with one fault in it, and then again without: nothing may be lost.

A scene is a home with what waits in it, and a command. Its faults are derived from a trace: each call
behind the taking of the home's lock that changes the disk, or that may fail. After a fault the command is
repeated; then ledger, objects, inbox, outbox and anchor must be those of a run without a fault, byte for byte (a
test home has neither chance nor clock in it).
"""
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import strace

PROGRAMS = Path(os.path.abspath(os.environ.get("O", "out")))
PROGRAM = str(PROGRAMS / "trialseal")
SHORT_WRITE = str(PROGRAMS / "tests" / "bin" / "short_write")
HERE = Path(__file__).parent
TEMP = ".trialseal-tmp-"
KILLED = -9
SIGNALS = {"kill": "KILL", "bus error": "BUS"}


def csv(path, records):
    path.write_text("STUDYID,USUBJID,SEQ\n" + "".join(f"S1,S1-001,{n}\n" for n in range(1, records + 1)))


def list_files(folder):
    """The manifest, last, as a sender does."""
    names = sorted(p.name for p in folder.iterdir())
    lines = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
    (folder / "MANIFEST.sha256").write_text("".join(lines))


class Place:
    """Where a scene is played: a folder of its own, since the configuration, which is recorded, has its path."""

    def __init__(self, folder, scene):
        self.scene, self.folder = scene, Path(folder)
        self.state, self.fresh = self.folder / "state", self.folder / "fresh"
        self.home, self.anchor = self.state / "home", self.state / "anchor"
        self.inbox = self.home / "inbox" / "S1"
        self.trace = self.folder / "trace"
        self.checked = set()  # states for which `check` was green
        self.state.mkdir(parents=True)
        self.anchor.mkdir()
        self.said([PROGRAM, "init", str(self.home), "--origin", "test.example", "--test"])
        conf = self.home / "trialseal.conf"
        conf.write_text(conf.read_text().replace("[home]\n", f"[home]\nanchor = {self.anchor}\n"))
        if not scene.nightly:
            study = self.home / "studies" / "S1"
            study.mkdir(mode=0o700)
            (study / "study.conf").write_text("[study]\nid = S1\n[report]\nnightly = no\n")
            (study / "study.conf").chmod(0o600)
        self.at(1, "study", "add", "S1")
        scene.prepare(self)
        shutil.move(self.state, self.fresh)
        self.play()

    def play(self):
        """Without a fault: what all faults are held against."""
        self.again()
        result = strace.run(self.trace, self.command())
        self.status, self.words = result.returncode, result.stdout
        if self.status not in (0, 1):
            raise RuntimeError(f"{self.scene.name}: without a fault it ends with {self.status}: {self.words}")
        if not all(w in self.words for w in self.scene.tells):
            raise RuntimeError(f"{self.scene.name}: without a fault nobody is told {self.scene.tells}")
        self.calls = strace.parse(self.trace)
        self.wanted = picture(self.state)
        self.check()
        self.check_receipts()

    def check_receipts(self):
        """By programs that share nothing with ours. What a fault leaves is compared with these, byte for byte."""
        self.at(4, "trust", "export", "S1", str(self.folder / "trust"))
        vkey = (self.folder / "trust" / "policy").read_text().split()[1]
        for receipt in self.home.glob("outbox/S1/*/receipt.json"):
            if b'"type":"receipt"' in receipt.read_bytes() and b'"refusal":' not in receipt.read_bytes():
                self.said([sys.executable, str(HERE / "receipt_check.py"), str(receipt.parent)])
            entries = (receipt.parent / "entries.jsonl").read_bytes().splitlines()
            for entry, proof in zip(entries, sorted(receipt.parent.glob("*.tlog-proof"))):
                (self.folder / "entry").write_bytes(entry)
                self.said([sys.executable, str(HERE / "proof_check.py"), vkey, str(proof), str(self.folder / "entry")])

    def again(self):
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.fresh, self.state, symlinks=True)

    def command(self, day=3):
        home = [] if self.scene.makes else ["-C", str(self.home), "--now", f"2026-03-{day:02}T02:00:00Z"]
        return [PROGRAM] + home + self.scene.command(self)

    def said(self, command, good=(0,)):
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                                errors="replace", timeout=60, check=False)
        if result.returncode not in good:
            raise RuntimeError(f"{command[3:]} ended with {result.returncode}: {result.stdout}")
        return result.stdout

    def at(self, day, *words, good=(0,)):
        return self.said([PROGRAM, "-C", str(self.home), "--now", f"2026-03-{day:02}T02:00:00Z", *words], good)

    def check(self):
        """`check` compares everything with everything, the catalog as well; the same state only once."""
        state = hashlib.sha256(repr(picture(self.state, True)).encode()).hexdigest()
        if state not in self.checked:
            self.at(4, "-q", "check")
            if self.scene.makes:
                self.said([PROGRAM, "-C", str(self.state / self.scene.makes), "-q", "check"])
            self.checked.add(state)


def object_bytes(path):
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def object_of(path, name):
    """An object counts as what it holds: it may lie there plain, deflated, or, after a kill, both."""
    name = name.removesuffix(".gz")
    digest = hashlib.sha256(object_bytes(path)).hexdigest()
    return name, "whole" if digest == "".join(Path(name).parts[-2:]) else "damaged"


def picture(state, catalog=False):
    """Every file that tells something, by name, with its digest."""
    files = {}
    for folder, _, names in os.walk(state):
        for file in names:
            path = Path(folder, file)
            name = str(path.relative_to(state))
            if TEMP in name and not name.startswith(("home/", "anchor/")):
                continue  # beside -o FILE, or a home: the folder is the user's, and no run sweeps it
            if name.startswith("home/objects/") and TEMP not in name:
                name, files_as = object_of(path, name)
                files[name] = files_as if files.get(name, files_as) == files_as else "damaged"
            elif file.startswith("catalog.db"):
                if catalog:
                    files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            elif file != "lock":
                files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return dict(sorted(files.items()))


def difference(wanted, got):
    names = [n for n in sorted(set(wanted) | set(got)) if wanted.get(n) != got.get(n)]
    return ", ".join(f"{n} is {'gone' if n not in got else 'new' if n not in wanted else 'another'}" for n in names[:3])


def receipts(files):
    """Those that a receiver may have seen: receipt.json is renamed into place last."""
    seen = {str(Path(n).parent) for n in files if n.endswith("/receipt.json")}
    return {n: h for n, h in files.items() if str(Path(n).parent) in seen}


# --- the faults of a scene ---


class Fault:
    """kind: kill, bus error, EIO, ENOSPC, lost, half-lost, short; in the number-th call of that name."""

    def __init__(self, kind, name, number, what=""):
        self.kind, self.name, self.number, self.what = kind, name, number, what

    def __str__(self):
        return f"{self.kind} at {self.name} {self.number} ({self.what})"

    def inject(self):
        if self.kind in SIGNALS:
            return f"{self.name}:signal={SIGNALS[self.kind]}:when={self.number}"
        if self.kind in ("lost", "half-lost"):
            return f"{self.name}:retval={self.length}:when={self.number}"
        return f"{self.name}:error={self.kind}:when={self.number}"


def behind_the_lock(calls, locks=True):
    """What comes before has opened libraries, the configuration and folders, and changed nothing."""
    first = next(i for i, c in enumerate(calls) if (c.name == "openat" and '"lock"' in c.args if locks else c.changes))
    early = [c for c in calls[:first] if c.changes]
    if early:
        raise RuntimeError(f"{early[0].name}({early[0].args}) before the lock is taken")
    return calls[first:]


def to_the_user(call):
    return call.name == "write" and call.descriptor in (1, 2)


def lost(kind, call):
    """The kernel says that it wrote and did not. Of half of the bytes: then the program writes the other half."""
    fault = Fault(kind, call.name, call.number, call.args[:90])
    fault.length = call.result if kind == "lost" else call.result // 2
    return fault


def faults_of(calls, locks=True):
    """
    Two calls between which nothing changes leave the same to a kill: it comes before each change, and
    at the end. What is only read or closed may still fail, but not for want of space.
    """
    unknown = [c.unknown() for c in calls if c.unknown()]
    if unknown:
        raise RuntimeError(unknown[0])
    faults, writes = [], 0
    for c in behind_the_lock(calls, locks):
        where = c.args[:90]
        if c.changes or c.name == "exit_group":
            faults.append(Fault("kill", c.name, c.number, where))
        if c.changes or c.name in ("openat", "close"):
            faults.append(Fault("EIO", c.name, c.number, where))
        if c.changes:
            faults.append(Fault("ENOSPC", c.name, c.number, where))
        if "-shm>" in c.args and c.changes:
            faults.append(Fault("bus error", c.name, c.number, where))
        if c.name in ("write", "pwrite64") and c.result > 1:
            writes += 1
            faults.append(Fault("short", c.name, writes, where))
            if not to_the_user(c):
                faults.append(lost("lost", c))
                if c.name == "write":
                    faults.append(lost("half-lost", c))
    return faults


# --- playing one ---


def play_fault(place, fault):
    """What is wrong after it, or None."""
    place.again()
    if fault.kind == "short":
        first = subprocess.run([SHORT_WRITE, str(fault.number)] + place.command(), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, timeout=60, check=False)
    else:
        first = strace.run(place.trace, place.command(), inject=fault.inject(), only=fault.name)
        if fault.kind not in SIGNALS and "INJECTED" not in place.trace.read_text(errors="replace"):
            return "there was no such call"
    return judge(place, fault, first)


def in_catalog(fault):
    return "/catalog.db" in fault.what


def mend_catalog(place):
    """
    SQLite believes the system, and so does not see at once that it wrote what is not there. What was
    handed out is true all the same; `check`, or the run itself, tells it; and the catalog is only an index.
    """
    home = place.state / (place.scene.makes or "home")
    checked = subprocess.run([PROGRAM, "-C", str(home), "check"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL, timeout=60, check=False)
    if checked.returncode != 0:
        for words in (["rebuild"], ["-q", "check"]):  # what check found is an alarm, and only it lifts that
            place.said([PROGRAM, "-C", str(home), "--now", "2026-03-03T02:00:00Z", *words])


def judge(place, fault, first):
    after = {n: h for n, h in picture(place.state).items() if TEMP not in n}
    if fault.kind == "kill" and first.returncode != KILLED:
        return f"it was not killed but ended with {first.returncode}"
    if fault.kind == "bus error" and (first.returncode != 2 or "the disk is full" not in first.stdout):
        return f"it ended with {first.returncode}: {first.stdout[:200]}"
    if fault.kind == "short" and first.returncode != place.status:
        return f"it ended with {first.returncode}: {first.stdout[:200]}"
    # It said that it did its work: then all of it.
    if first.returncode in (0, 1) and after != place.wanted:
        return f"it ended with {first.returncode}, but {difference(place.wanted, after)}"
    if first.returncode in (0, 1) and first.returncode != place.status:
        return f"it ended with {first.returncode}, not with {place.status}"
    if first.returncode not in (KILLED, 0, 1, 2, 4):
        return f"it ended with {first.returncode}: {first.stdout[:200]}"
    for name, digest in receipts(after).items():
        if place.wanted.get(name) != digest and not name.startswith(place.scene.destroys):
            return f"{name} was handed out and is not that of the ledger"
    return repeat(place, fault, first)


def repeat(place, fault, first):
    if fault.kind == "lost" and in_catalog(fault) and not place.scene.makes:
        mend_catalog(place)
    for words in place.scene.between:
        place.at(3, *words)
    second = subprocess.run(place.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                            timeout=60, check=False)
    if second.returncode not in place.scene.good_repeats:
        return f"repeated, it ended with {second.returncode}: {second.stdout[:300]}"
    if fault.kind == "lost" and in_catalog(fault) and place.scene.makes:
        mend_catalog(place)
    got = picture(place.state)
    if got != place.wanted:
        return f"repeated, {difference(place.wanted, got)}"
    missing = [w for w in place.scene.tells if w not in first.stdout + second.stdout]
    if missing:
        return f"nobody was told: {missing[0]}"
    try:
        place.check()
    except RuntimeError as error:
        return str(error)
    return None

