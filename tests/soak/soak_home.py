"""A home that is not for tests, with senders and receivers, and what must be true of it whatever happens."""
import collections
import hashlib
import json
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

PROGRAMS = Path(os.path.abspath(os.environ.get("O", "out")))
PROGRAM = str(PROGRAMS / "trialseal")
VERIFIER = str(PROGRAMS / "trialseal-verify")
STUDY = "S1"


class Failed(Exception):
    """Something was lost, or cannot be relied on. The parts end with it."""


def need(good, why):
    if not good:
        raise Failed(why)


class Home:
    """anchor: on another file system than the home, as an operator has it."""

    def __init__(self, home, anchor):
        self.home, self.anchor = Path(home), Path(anchor)
        self.inbox, self.outbox = self.home / "inbox" / STUDY, self.home / "outbox" / STUDY
        self.seen = {}  # receipts that a receiver has fetched: the entries in them
        self.sent = {}  # transfers, and how many files of each are held
        self.anchor.mkdir(parents=True, exist_ok=True)
        self.must("init", str(self.home), "--origin", "soak.example", at_home=False)
        conf = self.home / "trialseal.conf"
        conf.write_text(conf.read_text().replace("[home]\n", f"[home]\nanchor = {self.anchor}\n"))
        self.must("study", "add", STUDY)

    # --- the program ---

    def command(self, *words):
        return [PROGRAM, "-C", str(self.home), *words]

    def begin(self, *words):
        """One that will be stopped, or killed."""
        return subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def does(self, *words):
        done = subprocess.run(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                              errors="replace", check=False)
        return done.returncode, done.stdout

    def must(self, *words, good=(0,), at_home=True):
        command = self.command(*words) if at_home else [PROGRAM, *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors="replace",
                              check=False)
        need(done.returncode in good, f"{' '.join(words)} ended with {done.returncode}: {done.stdout[:2000]}")
        return done.stdout

    # --- senders ---

    def send(self, number, files=3, rows=20):
        """A transfer whose files are all new; in every third a file is held."""
        name = f"night{number:05}"
        made = Path(f"{self.inbox}/.making")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        for f in range(files):
            lines = [f"S1,S1-{random.randrange(10**9):09},{number}\n" for _ in range(random.randrange(1, rows + 1))]
            (made / f"ds{f}.csv").write_text("STUDYID,USUBJID,SEQ\n" + "".join(lines))
        held = number % 3 == 0
        if held:
            (made / "vs.csv").write_text(f"<html>{number}</html>\n")
        sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(made.iterdir())]
        (made / "MANIFEST.sha256").write_text("".join(sums))
        made.rename(self.inbox / name)
        self.sent[name] = int(held)

    # --- receivers ---

    def fetch(self):
        """What a receiver can see now, and may keep."""
        for receipt in self.outbox.glob("*/receipt.json"):
            if receipt.parent.name not in self.seen:
                entries = (receipt.parent / "entries.jsonl").read_bytes().splitlines()
                self.seen[receipt.parent.name] = json.loads(receipt.read_bytes())["index"], entries

    # --- what must be true ---

    def entries(self):
        """All of them, from the tiles: each with its length before it (C2SP tlog-tiles)."""
        size = int((self.home / "ledger" / STUDY / "checkpoint").read_text().split("\n")[1])
        found, tiles = [], self.home / "ledger" / STUDY / "tile" / "entries"
        for tile in range((size + 255) // 256):
            width = min(256, size - 256 * tile)
            name = f"x{tile // 1000:03}/{tile % 1000:03}" if tile >= 1000 else f"{tile:03}"
            data = (tiles / (name if width == 256 else f"{name}.p/{width}")).read_bytes()
            for _ in range(width):
                length = int.from_bytes(data[:2], "big")
                found.append(data[2:2 + length])
                data = data[2 + length:]
        return found

    def verify(self, check=True):
        """Every receipt that was fetched holds, every transfer is there once, `check` finds nothing."""
        entries = self.entries()
        for name, (index, lines) in self.seen.items():
            need(entries[index:index + len(lines)] == lines, f"the receipt {name} was fetched, and the ledger does not have its entries")
        transfers = [json.loads(e)["predicate"] for e in entries if b'"predicateType":"https://trialseal.org/entry/transfer/v1"' in e]
        need(len(transfers) == len(self.sent), f"{len(self.sent)} transfers were sent, {len(transfers)} are in the ledger")
        need(sum(t["held"] for t in transfers) == sum(self.sent.values()), "not every held file is in the ledger")
        receipts = collections.Counter(p.parent.name.split("-", 1)[1] for p in self.outbox.glob("*/receipt.json"))
        need(receipts == collections.Counter(list(self.sent)), "not every transfer has one receipt")
        left = [p for p in self.inbox.iterdir() if not p.name.startswith(".")] + list((self.inbox / ".claimed").iterdir())
        need(not left, f"the inbox is not empty: {left[:3]}")
        kept = list((self.inbox / ".held").iterdir())
        need(len(kept) == sum(self.sent.values()), "not every transfer with a held file is kept")
        if check:
            self.must("-q", "check")

    def finish(self, check=True):
        """The next run, without trouble."""
        self.must("run", good=(0, 1))
        self.fetch()
        self.verify(check)


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began
