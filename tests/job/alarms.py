"""
A home that is put into trouble, and the way out of it that docs/RUNBOOK.md shows.

Chapters 9 and 14 have tables: a name, what is said, ..., and in the last column the way back. A test takes the messages
and the steps from its row: a message that is not said, a step that stands in no row, a row that nobody walked fail.
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

PROGRAM = os.path.abspath(os.path.join(os.environ.get("O", "out"), "trialseal"))
RUNBOOK = Path("docs/RUNBOOK.md")
STUDY = "S1"


class Wrong(Exception):
    """The situation, the message, a step or the end is not as the RUNBOOK says."""


class Row:
    """A line of the tables. A message is what stands between backquotes; a capital letter alone stands for anything."""

    def __init__(self, cells):
        self.name = cells[0].strip("`")
        self.messages = re.findall(r"`([^`]+)`", cells[1])
        self.text, self.way = " | ".join(cells), cells[-1]
        self.seen, self.walked = set(), 0

    def look(self, said):
        """Which of its messages are there."""
        found = [m for m in self.messages if re.search(pattern(m), said)]
        self.seen.update(found)
        return found


def pattern(message):
    parts = re.split(r"(?<![A-Za-z])[A-Z](?![A-Za-z-])|\.\.\.", message)
    return ".*".join(re.escape(p) for p in parts)


def read_rows():
    """Those of the tables whose head begins with "alarm"."""
    rows, inside = {}, False
    for line in RUNBOOK.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        inside = bool(cells) and (inside or cells[0] == "alarm")
        if inside and cells[0].startswith("`"):
            if cells[0].strip("`") in rows:
                raise Wrong(f"two rows are called {cells[0]}")
            rows[cells[0].strip("`")] = Row(cells)
    return rows


def csv(path, *records):
    path.write_text("STUDYID,USUBJID,SEQ\n" + "".join(f"S1,S1-001,{r}\n" for r in records))


def tree(path):
    """What lies below it, with digests."""
    return {str(p.relative_to(path)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(path.rglob("*")) if p.is_file()}


class Home:
    """One study, three nights, an anchor, and a copy of everything after each night: its backups."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.top = self.folder / "live"
        self.path, self.anchor = self.top / "home", self.top / "anchor"
        self.inbox, self.ledger = self.path / "inbox" / STUDY, self.path / "ledger" / STUDY
        self.row, self.day, self.said = None, 4, ""
        self.anchor.mkdir(parents=True)
        self.other = self.folder / "other"  # a home of somebody else
        self.must("init", str(self.other), "--origin", "other.example", "--test", bare=True)
        self.must("init", str(self.path), "--origin", "test.example", "--test", bare=True)
        conf = self.path / "trialseal.conf"
        conf.write_text(conf.read_text().replace("[home]\n", f"[home]\nanchor = {self.anchor}\n"))
        for night in (1, 2, 3):
            self.day = night
            if night == 1:
                self.must("study", "add", STUDY)
            self.send(f"night-{night}", *range(night))
            self.must("run")
            shutil.copytree(self.top, self.folder / f"night-{night}", symlinks=True)
        self.day = 4
        self.history = self.entries()

    # --- what there is ---

    def backup(self, night):
        return self.folder / f"night-{night}" / "home"

    def put_back(self, night, *names):
        """These parts of the home, or all of it, as they were after that night; the anchor stays."""
        for name in names or ("",):
            live, saved = self.path / name, self.backup(night) / name
            if live.is_dir() and not live.is_symlink():
                shutil.rmtree(live)
            elif live.exists():
                live.unlink()
            (shutil.copytree if saved.is_dir() else shutil.copy2)(saved, live, **({"symlinks": True} if saved.is_dir() else {}))

    def fresh(self):
        shutil.rmtree(self.top)
        shutil.copytree(self.folder / "night-3", self.top, symlinks=True)
        self.day = 4

    def send(self, name, *records):
        folder = self.inbox / name
        folder.mkdir()
        csv(folder / "ae.csv", *records)
        digest = hashlib.sha256((folder / "ae.csv").read_bytes()).hexdigest()
        (folder / "MANIFEST.sha256").write_text(f"{digest}  ae.csv\n")

    def entries(self):
        return [line for line in self.must("--json", "log", STUDY).splitlines() if '"type":"entry"' in line]

    def signed(self):
        return [tree(p) for p in (self.path / "ledger", self.path / "outbox", self.anchor)]

    def tile(self, kind):
        return max(self.ledger.glob(f"tile/{kind}/000.p/*"), key=lambda p: int(p.name))

    # --- commands ---

    def place(self, day=None):
        return ["-C", str(self.path), "--now", f"2026-03-{day or self.day:02}T02:00:00Z"]

    def trialseal(self, *words, bare=False, day=None, before=()):
        place = [] if bare else self.place(day)
        done = subprocess.run([*before, PROGRAM, *place, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, errors="replace", timeout=60, check=False)
        self.said = done.stdout
        return done.returncode

    def must(self, *words, good=(0,), **more):
        status = self.trialseal(*words, **more)
        if status not in good:
            raise Wrong(f"{' '.join(words)} ended with {status}: {self.said[:400]}")
        return self.said

    # --- what a test says ---

    def told(self, status, *words, **more):
        """The command ends so and says what the row says; an alarm leaves ledger, anchor and outbox as they are."""
        (self.path / "alarm").unlink(missing_ok=True)  # each of these commands meets the trouble itself
        before = self.signed()
        got = self.trialseal(*words, **more)
        if got != status:
            raise Wrong(f"{' '.join(words)} ended with {got}, not {status}: {self.said[:400]}")
        if not self.row.look(self.said):
            raise Wrong(f"{' '.join(words)} said none of {self.row.messages}: {self.said[:400]}")
        if status == 4 and self.signed() != before:
            raise Wrong(f"{' '.join(words)} said an alarm and changed what is signed")

    def step(self, words, action=None):
        """What the last column says: a command of ours, or words for what is done by hand."""
        wanted = words if action else f"`{words}`"
        if wanted not in self.row.way:
            raise Wrong(f"its way back does not say: {wanted}")
        if action:
            action()
        else:
            words = words.replace("STUDY", STUDY).replace("BACKUP", str(self.backup(3))).replace("FILE.zip", str(self.top / "one.zip"))
            self.must(*words.split()[1:])

    def green(self, kept=True):
        """`check` is content, and a night goes on where the last one ended."""
        self.must("-q", "check")
        if kept and self.entries()[:len(self.history)] != self.history:
            raise Wrong("the ledger has lost or changed entries")
        self.day += 1
        self.send("afterwards", 7, 8, 9, self.day)
        self.must("run")
        self.must("-q", "check")


ALARMS = []


def alarm(name, needs=None, kept=True, ends_green=True):
    """A test of the row of that name. needs: a program without which it is skipped."""
    def keep(test):
        ALARMS.append((name, test, needs, kept, ends_green))
        return test
    return keep


def why_not(needs):
    if needs == "root":
        return None if os.geteuid() == 0 else "only root can give files away"
    if needs and shutil.which(needs) is None:
        return f"{needs} is not installed"
    if needs == "strace" and "asan" in PROGRAM:
        return "a sanitized program does not run below strace"
    return None


def play(home, rows):
    for name, test, needs, kept, ends_green in ALARMS:
        title = f"alarm__{name}__{test.__name__}"
        why = why_not(needs)
        if why:
            rows[name].walked += 1
            rows[name].seen.update(rows[name].messages)
            print(f"skip {title}: {why}")
            continue
        home.fresh()
        try:
            home.row = rows[name]
            test(home)
            if ends_green:
                home.green(kept)
            home.row.walked += 1
            print(f"ok {title}")
        except Wrong as why:
            print(f"not ok {title}: {str(why)!r}")
        except KeyError:
            print(f"not ok {title}: no row of that name in {RUNBOOK}")
        except Exception as error:  # pylint: disable=broad-except
            print(f"not ok {title}: {type(error).__name__}: {error} {traceback.format_exc().splitlines()[-3]}")
