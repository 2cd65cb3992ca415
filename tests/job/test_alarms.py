#!/usr/bin/env python3
"""Each message that docs/RUNBOOK.md explains in chapters 9 and 14: see alarms.py."""
import base64
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "oracle"))
import alarms  # noqa: E402
import authority  # noqa: E402
import forge  # noqa: E402
import verify_bundle as v  # noqa: E402
from alarms import PROGRAM, STUDY, Wrong, alarm, csv  # noqa: E402

def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def exchange(path, old, new):
    content = path.read_bytes()
    if len(old) != len(new) or old not in content:
        raise Wrong(f"{old} is not in {path}")
    path.write_bytes(content.replace(old, new, 1))


def anchored(home):
    return home.anchor / f"test.example+{STUDY}" / "checkpoint"


# Messages in the code that no command says.
NEVER_SAID = {
    "entry bundle %llu holds too few entries": "the tile is checked before: too few entries",
    "objects/%s is no object": "no command lists them all",
}


# --- chapter 9: what is there and what was signed ---


@alarm("standing")
def after_a_check(home):
    home.put_back(2)
    home.must("check", good=(4,))
    home.row.look(home.must("run", good=(4,)))
    standing = (home.path / "alarm").read_bytes()
    home.put_back(3)
    (home.path / "alarm").write_bytes(standing)
    home.step("`trialseal status` repeats what was found", lambda: home.row.look(home.must("status", good=(4,))))
    home.step("trialseal check")


@alarm("set-back")
def of_a_night(home):
    home.put_back(2)
    for words in ("run", "check", "status", "rebuild"):
        home.told(4, words) if words != "rebuild" else home.must(words, good=(4,))
    home.step("put back the latest backup of the whole home", lambda: home.put_back(3))
    home.step("trialseal rebuild")


@alarm("catalog-old")
def known_by_the_anchor(home):
    home.put_back(2, "catalog.db")
    home.told(4, "run")
    home.must("log", STUDY)
    if f"{STUDY}#7 " not in home.said:
        raise Wrong("log does not show the entries")
    home.step("trialseal rebuild")


@alarm("catalog-old")
def known_by_the_ledger(home):
    home.put_back(2, "catalog.db")
    shutil.rmtree(anchored(home).parent)
    home.told(4, "run")
    home.step("trialseal rebuild")


@alarm("ledger-old")
def of_a_night_before(home):
    home.put_back(2, "ledger")
    home.told(4, "run")
    home.told(4, "rebuild")
    home.told(4, "check")
    home.step("put back `ledger/S` from a later backup", lambda: home.put_back(3, "ledger"))


def from_the_anchor(home):
    shutil.copy(anchored(home), home.ledger / "checkpoint")


@alarm("checkpoint-gone")
def gone(home):
    (home.ledger / "checkpoint").unlink()
    home.told(4, "run")
    home.told(4, "check")
    home.step("copy `checkpoint` from the anchor", lambda: from_the_anchor(home))


@alarm("checkpoint-gone")
def of_an_earlier_day(home):
    shutil.copy(home.backup(2) / "ledger" / STUDY / "checkpoint", home.ledger / "checkpoint")
    home.told(4, "run")
    home.step("copy `checkpoint` from the anchor", lambda: from_the_anchor(home))


@alarm("checkpoint-other")
def changed(home):
    flip(home.ledger / "checkpoint", -4)
    home.told(4, "run")
    home.told(4, "check")
    home.told(4, "rebuild")
    home.step("copy `checkpoint` from the anchor", lambda: from_the_anchor(home))


@alarm("origin-other")
def written_otherwise(home):
    conf = home.path / "trialseal.conf"
    exchange(conf, b"test.example\n", b"best.example\n")
    home.told(4, "run")
    home.told(4, "check")
    first = (home.ledger / "checkpoint").read_text().splitlines()[0].rpartition("/")[0]
    home.step("put back `origin` as every checkpoint has it", lambda: exchange(conf, b"best.example", first.encode()))


@alarm("key-other")
def both_halves(home):
    for half in ("", ".pub"):
        shutil.copy2(home.other / f"keys/notary{half}", home.path / f"keys/log-{STUDY}{half}")
    home.told(4, "run")
    home.told(4, "check")
    home.step("put back `keys/` from the backup", lambda: home.put_back(3, "keys"))


@alarm("anchor-other")
def changed_there(home):
    flip(anchored(home), -4)
    home.told(4, "run")
    home.told(4, "check")
    home.told(4, "rebuild")
    home.step("remove it from the anchor", anchored(home).unlink)
    home.step("trialseal check")
    home.step("the next run writes a new one", lambda: home.must("run"))


@alarm("second-history")
def of_two_copies(home):
    home.put_back(2)
    aside = home.top / "aside"
    home.anchor.rename(aside)  # the copy ran where the anchor's disk was another one
    home.anchor.mkdir()
    home.send("elsewhere", 5, 6)
    home.must("run")
    shutil.rmtree(home.anchor)
    aside.rename(home.anchor)
    for words in ("run", "check", "rebuild", "status"):
        home.told(4, words)
    home.step("Put back the other one, whole", lambda: home.put_back(3))


def of_two_histories(home):
    """The copy of night 2 goes on by itself."""
    home.put_back(2)
    home.send("elsewhere", 5, 6)
    shutil.rmtree(home.anchor)
    home.anchor.mkdir()
    home.must("run")


def a_restore_that_was_killed(home):
    """Behind the renaming: the home has not said yet that it was restored."""
    (home.path / "restored").write_text(f"{STUDY} {(home.ledger / 'checkpoint').read_text().splitlines()[1]}\n")


def restore_again(home):
    home.path.rename(home.top / "kept")
    home.must("restore", str(home.top / "copy"), "--secrets", str(home.top / "apart"))


@alarm("restored-behind")
def by_the_anchor(home):
    home.must("backup", str(home.top / "copy"), "--secrets", str(home.top / "apart"))
    home.put_back(2)
    a_restore_that_was_killed(home)
    home.told(4, "restore", str(home.top / "copy"), "--secrets", str(home.top / "apart"))
    home.step("keep it elsewhere, and restore from a later backup", lambda: restore_again(home))


@alarm("restored-behind")
def of_another_history_by_a_receipt(home):
    home.must("backup", str(home.top / "copy"), "--secrets", str(home.top / "apart"))
    of_two_histories(home)
    a_restore_that_was_killed(home)
    receipt = next((home.backup(3) / "outbox" / STUDY).glob("*-night-3"))
    home.told(4, "restore", str(home.top / "copy"), "--secrets", str(home.top / "apart"), "--receipt", str(receipt))

    def restore():
        shutil.rmtree(home.anchor)
        shutil.copytree(home.folder / "night-3" / "anchor", home.anchor)
        restore_again(home)
    home.step("keep it elsewhere, and restore from a later backup", restore)


@alarm("backup-ahead")
def of_a_later_night(home):
    home.must("backup", str(home.top / "copy"))
    home.put_back(2)
    home.told(4, "backup", str(home.top / "copy"))
    home.step("as `set-back`", lambda: home.put_back(3))


@alarm("backup-ahead")
def of_one_study_more(home):
    home.must("study", "add", "S2")
    home.must("backup", str(home.top / "copy"))
    later = home.top / "later"
    shutil.copytree(home.path, later)
    home.put_back(3)
    home.told(4, "backup", str(home.top / "copy"))

    def put_back():
        shutil.rmtree(home.path)
        later.rename(home.path)
    home.step("as `set-back`", put_back)


@alarm("backup-ahead")
def of_another_history(home):
    home.must("backup", str(home.top / "copy"))
    of_two_histories(home)
    home.told(4, "backup", str(home.top / "copy"))

    def put_back():
        home.put_back(3)
        shutil.rmtree(home.anchor)
        shutil.copytree(home.folder / "night-3" / "anchor", home.anchor)
    home.step("where two copies were run, `second-history`", put_back)


def whole_ledger(home):
    home.step("put back `ledger/S` from the backup of the same night", lambda: home.put_back(3, "ledger"))


@alarm("tile")
def altered(home):
    flip(home.tile("0"), 40)
    for words in ("run", "check", "rebuild"):
        home.told(4, words)
    whole_ledger(home)


@alarm("tile")
def lost(home):
    home.tile("0").unlink()
    for words in ("run", "check", "rebuild", "bundle S1"):
        home.told(4, *words.split())
    whole_ledger(home)


@alarm("tile")
def with_entries_cut_short(home):
    tile = home.tile("entries")
    tile.write_bytes(tile.read_bytes()[:700])
    home.send("new", 1, 2, 3, 4)
    home.told(4, "run")
    home.told(4, "check")
    whole_ledger(home)


@alarm("tile")
def with_entries_missing(home):
    tile = home.tile("entries")
    first = int.from_bytes(tile.read_bytes()[:2], "big") + 2
    tile.write_bytes(tile.read_bytes()[:first])
    home.send("new", 1, 2, 3, 4)
    home.told(4, "run")
    home.told(4, "check")
    whole_ledger(home)


@alarm("tile")
def with_an_entry_too_many(home):
    tile = home.tile("entries")
    first = int.from_bytes(tile.read_bytes()[:2], "big") + 2
    tile.write_bytes(tile.read_bytes() + tile.read_bytes()[:first])
    home.send("new", 1, 2, 3, 4)
    home.told(4, "run")
    home.told(4, "check")
    whole_ledger(home)


def entry(home, old, new, also):
    exchange(home.tile("entries"), old, new)
    home.told(4, "check")
    if also not in home.said or "ledger-root" not in home.said:
        raise Wrong(f"check does not say {also}: {home.said}")
    home.send("new", 1, 2, 3, 4)
    home.told(4, "run")
    whole_ledger(home)


@alarm("entry")
def malformed(home):
    entry(home, b'"records":2', b'"records":x', "entry-malformed")


@alarm("entry")
def of_another_salt(home):
    salt = re.search(rb'"salt":"([0-9a-f]{64})"', home.tile("entries").read_bytes())[1]
    entry(home, salt, salt[::-1], "ledger-root")


@alarm("entry")
def of_another_salt_when_it_is_reported(home):
    salt = re.search(rb'"salt":"([0-9a-f]{64})"', home.tile("entries").read_bytes())[1]
    exchange(home.tile("entries"), salt, salt[::-1])
    home.told(4, "report", STUDY, "-o", str(home.top / "report"))
    if "the entries do not give the root that was signed" not in home.said:
        raise Wrong(home.said)
    whole_ledger(home)


@alarm("entry")
def of_another_salt_when_it_is_backed_up(home):
    salt = re.search(rb'"salt":"([0-9a-f]{64})"', home.tile("entries").read_bytes())[1]
    exchange(home.tile("entries"), salt, salt[::-1])
    home.told(4, "backup", str(home.top / "copy"))
    whole_ledger(home)


@alarm("entry")
def of_another_time(home):
    entry(home, b"2026-03-02T02:00:00Z", b"2025-03-02T02:00:00Z", "entry-time")


@alarm("entry")
def of_another_chain(home):
    entry(home, b'"previous":3', b'"previous":2', "entry-chain")


@alarm("entry")
def of_another_version(home):
    entry(home, b"entry/revision/v1", b"entry/revision/v9", "entry-unknown")


# --- chapter 9: the catalog ---


def sql(home, text):
    catalog = sqlite3.connect(home.path / "catalog.db")
    catalog.execute(text)
    catalog.commit()
    catalog.close()


def rebuilt(home):
    home.step("trialseal rebuild")


def catalog_is(home, content):
    for more in home.path.glob("catalog.db*"):
        more.unlink()
    if content is not None:
        (home.path / "catalog.db").write_bytes(content)
        (home.path / "catalog.db").chmod(0o600)
    home.told(4, "run")
    home.told(4, "check")
    rebuilt(home)


@alarm("catalog-gone")
def missing(home):
    catalog_is(home, None)


@alarm("catalog-gone")
def empty(home):
    catalog_is(home, b"")


@alarm("catalog-gone")
def no_database(home):
    catalog_is(home, b"This is not what it was.\n" * 500)


@alarm("catalog-gone")
def with_a_page_overwritten(home):
    content = (home.path / "catalog.db").read_bytes()
    catalog_is(home, content[:3 * 4096] + b"\xff" * 4096 + content[4 * 4096:])


@alarm("catalog-lacks")
def the_last_entry(home):
    sql(home, "DELETE FROM entry WHERE idx = 7")
    home.told(4, "run")
    rebuilt(home)


@alarm("catalog-lacks")
def the_hash_of_the_last_entry(home):
    sql(home, "UPDATE entry SET leaf = zeroblob(32) WHERE idx = 7")
    home.told(4, "run")
    rebuilt(home)


@alarm("catalog-lacks")
def an_entry(home):
    home.must("bundle", STUDY, "-o", str(home.top / "one.zip"))
    sql(home, "DELETE FROM entry WHERE idx = 7")
    home.told(4, "bundle", STUDY, "-o", str(home.top / "two.zip"))
    rebuilt(home)


@alarm("catalog-lacks")
def a_revision(home):
    sql(home, "DELETE FROM revision WHERE number = 2")
    home.told(4, "check")
    home.told(4, "bundle", STUDY, "-o", str(home.top / "one.zip"))
    rebuilt(home)


@alarm("catalog-lacks")
def the_system_entry(home):
    sql(home, "DELETE FROM entry WHERE kind = 'system'")
    home.send("new", 1, 2, 3, 4)
    home.told(4, "run")
    rebuilt(home)


@alarm("catalog-lacks")
def what_is_no_seal(home):
    sql(home, "UPDATE entry SET kind = 'seal' WHERE idx = 6")
    home.told(4, "status")
    rebuilt(home)


@alarm("catalog-lacks")
def what_a_receipt_is_of(home):
    sql(home, f"INSERT INTO pending_receipt VALUES ('{STUDY}', 99)")
    home.told(4, "run")
    rebuilt(home)


def stopped(process, trace):
    """Waits until strace has stopped the program; gives its number."""
    for _ in range(2000):
        found = re.search(r"^(\d+) .*stopped by SIGSTOP", trace.read_text() if trace.exists() else "", re.M)
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise Wrong("the program did not get so far")


@alarm("two-writers", needs="strace")
def when_somebody_removed_the_lock(home):
    """One is stopped when it has read what was signed last, and is about to sign; the other works meanwhile."""
    words = ["withdraw", f"{STUDY}/AE@1", "--reason", "the first"]
    trace = home.top / "trace"
    first = subprocess.Popen(["strace", "-f", "-qq", "-o", str(trace), "-P", f"log-{STUDY}",
                              "-e", "inject=openat:signal=STOP:when=2", PROGRAM, *home.place(), *words],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        number = stopped(first, trace)
        (home.path / "lock").unlink()
        home.must("withdraw", f"{STUDY}/AE@2", "--reason", "the second")
        before = home.signed()
        os.kill(number, signal.SIGCONT)
        home.said = first.communicate(timeout=60)[0]
    finally:
        first.kill()
    if first.returncode != 4 or not home.row.look(home.said) or home.signed() != before:
        raise Wrong(f"the first ended with {first.returncode}: {home.said}")
    home.step("find the second program", lambda: None)
    home.step("trialseal rebuild")
    home.step("trialseal check")


# --- chapter 9: what was written wrong, and signed for ---


def bundle_write(entries):
    return b"".join(len(x).to_bytes(2, "big") + x for x in entries)


def bundle_read(data):
    while data:
        size = int.from_bytes(data[:2], "big")
        yield data[2:2 + size]
        data = data[2 + size:]


def put_object(home, content):
    digest = v.sha256_hex(content)
    folder = home.path / "objects" / digest[:2]
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / digest[2:]).write_bytes(content)
    (folder / digest[2:]).chmod(0o600)
    return digest


def write_wrong(home, words, change):
    """A command that writes something else into its entry than it should; change gets the entry's predicate."""
    home.must(*words)
    entries = list(bundle_read(home.tile("entries").read_bytes()))
    last = json.loads(entries[-1])
    change(last["predicate"])
    entries[-1] = forge.canonical(last)
    leaves = [v.sha256(b"\0" + x) for x in entries]
    home.tile("entries").write_bytes(bundle_write(entries))
    home.tile("0").write_bytes(b"".join(leaves))
    origin = (home.ledger / "checkpoint").read_text().splitlines()[0]
    text = f"{origin}\n{len(entries)}\n{base64.b64encode(v.tree_root(leaves)).decode()}\n".encode()
    key = forge.Key.read(home.path / f"keys/log-{STUDY}")
    for place in (home.ledger / "checkpoint", anchored(home)):
        place.write_bytes(text + b"\n" + key.signature_line(origin, text))
    home.must("rebuild")


def withdrawn_with(home, text):
    write_wrong(home, ["withdraw", f"{STUDY}/AE@1", "--reason", "wrong"],
                lambda said: said.update(details=put_object(home, text)))
    home.told(4, "check")


@alarm("text")
def that_is_none(home):
    withdrawn_with(home, b"no text at all\n")
    home.told(4, "bundle", STUDY, "-o", str(home.top / "one.zip"))
    if "the bundle would not verify" not in home.said:
        raise Wrong(home.said)
    home.step("keep a copy of that text", lambda: None)
    home.step("remove `HOME/alarm`", (home.path / "alarm").unlink)
    last = home.must("--json", "log", STUDY).count('"type":"entry"') - 1
    home.step("`trialseal erase STUDY#N --reason TEXT`",
              lambda: home.must("erase", f"{STUDY}#{last}", "--reason", "its text cannot be read"))
    home.step("trialseal check")
    home.must("bundle", STUDY, "-o", str(home.top / "one.zip"))


@alarm("seal-wrong", needs="openssl", ends_green=False)
def over_another_checkpoint(home):
    asks(home, TSA.url["new"], TSA.root("new"))
    other = (home.backup(2) / "ledger" / STUDY / "checkpoint").read_bytes()
    write_wrong(home, ["seal"], lambda said: said.update(checkpoint=put_object(home, other)))
    home.told(4, "check")
    home.told(4, "bundle", STUDY, "-o", str(home.top / "one.zip"))
    home.told(4, "check")
    home.path.rename(home.top / "ended")

    def begin_anew():
        home.must("init", str(home.path), "--origin", "test.example", "--test", bare=True)
        home.must("study", "add", "S1b")
        csv(home.top / "ae.csv", 1, 2)
        home.must("submit", "S1b", str(home.top / "ae.csv"))
        home.must("-q", "check")
    home.step("a new home", begin_anew)


# --- chapter 9: objects ---


def object_of(home, revision):
    """The file of a revision's bytes."""
    lines = home.must("--json", "show", f"{STUDY}/AE").splitlines()
    digest = next(re.search(r'"sha256":"([0-9a-f]{64})"', x)[1] for x in lines if f'"revision":{revision},' in x)
    return next((home.path / "objects" / digest[:2]).glob(digest[2:] + "*"))


def damaged_object(home, damage, of_bundle=4):
    path = object_of(home, 2)
    name = path.relative_to(home.path)
    damage(path)
    home.told(4, "check")
    home.told(of_bundle, "bundle", STUDY, "-o", str(home.top / "one.zip"))

    def put_back():
        for form in path.parent.glob(path.name.split(".")[0] + "*"):
            form.unlink()
        shutil.copy2(home.backup(3) / name, path)
    home.step("put back that file of `objects/` by hand", put_back)


@alarm("object")
def with_a_bit_flipped(home):
    damaged_object(home, lambda path: flip(path, 20))


@alarm("object")
def of_the_last_night_cut_short(home):
    path = object_of(home, 3)
    name = path.relative_to(home.path)
    path.write_bytes(path.read_bytes()[:-1])
    home.told(4, "run")
    home.step("put back that file of `objects/` by hand", lambda: shutil.copy2(home.backup(3) / name, path))


@alarm("object")
def removed(home):
    damaged_object(home, Path.unlink)


def deflated(path, content):
    path.with_name(path.name + ".gz").write_bytes(content)
    path.unlink()


@alarm("object")
def deflated_and_cut_off(home):
    damaged_object(home, lambda path: deflated(path, b"x"))


@alarm("object")
def deflated_by_others(home):
    damaged_object(home, lambda path: deflated(path, b"x" * 200))


@alarm("object")
def put_back_from_a_bundle(home):
    bundle = home.top / "one.zip"
    home.must("bundle", STUDY, "-o", str(bundle))
    path = object_of(home, 2)
    path.unlink()
    home.told(4, "check")
    home.step("trialseal check --repair --bundle FILE.zip")


# --- chapter 9: what mends itself ---


def mended(row, damage, words="trialseal check --repair"):
    @alarm(row)
    def mended_by_us(home):
        damage(home)
        home.told(4, "check")
        home.step(words)


def earlier_ledger_beside_receipts(home):
    """Entries 6 and 7 are in the receipt of night 3; the rest in the ledger of night 2."""
    home.put_back(2, "ledger")


def earlier_home_and_a_receipt(home):
    """The receipt comes from whoever got it; the objects are those of the lost home."""
    receipt = next((home.backup(3) / "outbox" / STUDY).glob("*-night-3"))
    home.put_back(2)
    home.put_back(3, "objects")
    home.put_back(3, "secrets")
    shutil.copytree(receipt, home.path / "outbox" / STUDY / receipt.name)


FROM_BACKUP = "trialseal check --repair --from BACKUP"
mended("ledger-old", earlier_ledger_beside_receipts)
mended("set-back", earlier_home_and_a_receipt)
mended("checkpoint-gone", lambda home: (home.ledger / "checkpoint").unlink())
mended("checkpoint-other", lambda home: flip(home.ledger / "checkpoint", -4))
mended("tile", lambda home: flip(home.tile("0"), 40))
mended("tile", lambda home: home.tile("entries").unlink(), FROM_BACKUP)
mended("entry", lambda home: exchange(home.tile("entries"), b'"previous":3', b'"previous":2'), FROM_BACKUP)
mended("catalog-gone", lambda home: (home.path / "catalog.db").unlink())
mended("catalog-lacks", lambda home: sql(home, "DELETE FROM revision WHERE number = 2"))
mended("object", lambda home: object_of(home, 2).unlink(), FROM_BACKUP)


# --- chapter 14: errors ---


def strace(home, fault):
    return ["strace", "-f", "-qq", "-o", str(home.top / "trace"), "-e", "inject=" + fault]


@alarm("disk-full", needs="strace")
def for_an_object(home):
    home.send("new", 1, 2, 3, 4)
    home.told(2, "run", before=strace(home, "write:error=ENOSPC:when=3"))
    home.step("trialseal run")


@alarm("disk-full", needs="strace")
def for_the_catalog(home):
    home.send("new", 1, 2, 3, 4)
    home.told(2, "run", before=strace(home, "pwrite64:error=ENOSPC:when=3"))
    home.step("trialseal run")


@alarm("disk-full", needs="strace")
def for_a_file_that_is_mapped(home):
    home.send("new", 1, 2, 3, 4)
    home.told(2, "run", before=strace(home, "pwrite64:signal=BUS:when=2"))
    home.step("trialseal run")


@alarm("disk-error", needs="strace")
def when_it_syncs(home):
    home.send("new", 1, 2, 3, 4)
    home.told(2, "run", before=strace(home, "fsync:error=EIO:when=2"))
    home.step("trialseal check")


@alarm("clock-back")
def by_a_day(home):
    home.send("new", 1, 2, 3, 4)
    home.told(2, "run", day=2)
    home.step("put the clock right", lambda: home.must("run"))


@alarm("clock-back")
def that_was_ahead(home):
    home.send("new", 1, 2, 3, 4)
    home.must("run", day=20)
    home.send("newer", 1, 2, 3, 4, 5)
    home.told(2, "run")

    def wait():
        home.day = 20
    home.step("wait until that time", wait)


@alarm("anchor-away")
def not_mounted(home):
    away = home.top / "away"
    home.anchor.rename(away)
    for words, status in (("run", 2), ("check", 1), ("status", 2), ("rebuild", 2)):
        home.told(status, words)
    home.step("mount it", lambda: away.rename(home.anchor))


@alarm("anchor-away")
def whose_disk_is_new(home):
    shutil.rmtree(home.anchor)
    home.told(2, "run")
    home.step("make the folder if its disk is new", home.anchor.mkdir)
    home.step("trialseal run")
    if not anchored(home).exists():
        raise Wrong("the anchor was not written")


def keys_back(home):
    home.step("put back `keys/` from the backup", lambda: home.put_back(3, "keys"))


@alarm("key-gone")
def of_a_ledger(home):
    (home.path / f"keys/log-{STUDY}").unlink()
    home.told(4, "check")
    home.send("new", 1, 2, 3, 4)
    home.told(2, "run")
    keys_back(home)


@alarm("key-gone")
def of_the_notary(home):
    (home.path / "keys/notary").unlink()
    home.told(4, "check")
    home.told(2, "bundle", STUDY, "-o", str(home.top / "one.zip"))
    keys_back(home)


@alarm("key-gone")
def of_another_pair(home):
    shutil.copy2(home.path / "keys/notary", home.path / f"keys/log-{STUDY}")
    home.told(4, "check")
    home.send("new", 1, 2, 3, 4)
    home.told(2, "run")
    keys_back(home)


@alarm("key-gone")
def of_another_notary(home):
    for half in ("", ".pub"):
        shutil.copy2(home.path / f"keys/log-{STUDY}{half}", home.path / f"keys/notary{half}")
    home.told(4, "check")
    home.told(2, "bundle", STUDY, "-o", str(home.top / "one.zip"))
    keys_back(home)


@alarm("pub-gone", needs="ssh-keygen")
def of_a_key(home):
    public = home.path / f"keys/log-{STUDY}.pub"
    comment = public.read_text().split()[2:]
    public.unlink()
    home.told(2, "run")
    home.told(2, "check")

    def make():
        made = subprocess.run(["ssh-keygen", "-y", "-f", str(public.with_suffix(""))], capture_output=True, text=True, check=True).stdout
        public.write_text(" ".join(made.split()[:2] + comment) + "\n")
        public.chmod(0o644)
    home.step("`ssh-keygen -y -f KEY > KEY.pub`", make)


@alarm("key-open")
def to_all(home):
    key = home.path / "keys/notary"
    key.chmod(0o644)
    home.told(1, "status")
    home.told(4, "check")
    home.told(2, "bundle", STUDY, "-o", str(home.top / "one.zip"))
    home.step("`chmod 600 KEY`", lambda: key.chmod(0o600))


@alarm("home-open")
def to_its_group(home):
    home.path.chmod(0o770)
    home.told(2, "run")
    home.step("`chmod`", lambda: home.path.chmod(0o700))
    home.step("trialseal check")


@alarm("home-open", needs="root")
def that_is_of_another_user(home):
    os.chown(home.path / "objects", 65534, -1)
    home.told(2, "run")
    home.step("`chown`", lambda: os.chown(home.path / "objects", 0, -1))
    home.step("trialseal check")


@alarm("home-remote", needs="strace")
def on_nfs(home):
    """The kernel's answer is changed on its way: the first eight bytes are the kind of file system."""
    home.told(2, "run", before=strace(home, "fstatfs:poke_exit=@arg2=6969000000000000"))
    if "NFS" not in home.said:
        raise Wrong(home.said)
    home.told(2, "-q", "check", before=strace(home, "fstatfs:poke_exit=@arg2=4655736500000000"))
    if "FUSE" not in home.said:
        raise Wrong(home.said)
    away = home.top / "local"
    home.step("move the home to a local disk", lambda: shutil.copytree(home.path, away, symlinks=True))
    shutil.rmtree(home.path)
    away.rename(home.path)
    home.step("trialseal check")


@alarm("inbox-open")
def with_a_folder_of_others(home):
    (home.inbox / ".claimed").chmod(0o777)
    home.told(2, "run")
    home.step("remove the folder", lambda: shutil.rmtree(home.inbox / ".claimed"))
    home.step("trialseal run")


def part(name):
    @alarm("part-gone")
    def test(home):
        shutil.rmtree(home.path / name)
        if name == f"outbox/{STUDY}":
            home.send("new", 1, 2, 3, 4)
        home.told(2, "run")
        home.step("make an empty folder, mode 0700", lambda: [
            (home.path / p).mkdir(mode=0o700) for p in (name, f"{name}/{STUDY}") if not (home.path / p).exists()])
    test.__name__ = name.replace("/", "_")
    alarms.ALARMS[-1][1].__name__ = test.__name__


for folder in ("outbox", f"inbox/{STUDY}", f"outbox/{STUDY}"):
    part(folder)


@alarm("part-gone")
def all_secrets(home):
    shutil.rmtree(home.path / "secrets")
    home.told(2, "run")
    home.step("`secrets` from that of keys and secrets", lambda: home.put_back(3, "secrets"))


@alarm("part-gone")
def that_is_trusted(home):
    shutil.rmtree(home.path / "objects")
    home.told(2, "run")
    home.step("put it back from the backup", lambda: home.put_back(3, "objects"))


def wrong_line(home, name, text):
    path = home.path / name
    with open(path, "a", encoding="ascii") as file:
        file.write(text)
    home.told(2, "run")
    home.step("put back the file from the backup", lambda: home.put_back(3, name))


@alarm("conf-wrong")
def of_the_home(home):
    wrong_line(home, "trialseal.conf", "colour = blue\n")


@alarm("conf-wrong")
def of_a_study(home):
    wrong_line(home, f"studies/{STUDY}/study.conf", "colour\n")


@alarm("conf-wrong")
def of_another_study(home):
    (home.path / f"studies/{STUDY}/study.conf").write_text("[study]\nid = S2\n")
    home.told(2, "run")
    home.step("put back the file from the backup", lambda: home.put_back(3, f"studies/{STUDY}/study.conf"))


def conf_gone(home, name):
    (home.path / name).unlink()
    home.told(2, "run")
    home.told(2, "check")
    home.step("put back the file from the backup", lambda: home.put_back(3, name))


@alarm("conf-gone")
def that_of_the_home(home):
    conf_gone(home, "trialseal.conf")


@alarm("conf-gone")
def that_of_a_study(home):
    conf_gone(home, f"studies/{STUDY}/study.conf")


@alarm("home-gone")
def while_not_mounted(home):
    away = home.top / "away"
    home.path.rename(away)
    home.told(2, "run")
    home.step("mount it", lambda: away.rename(home.path))


@alarm("catalog-version")
def of_a_newer_program(home):
    sql(home, "PRAGMA user_version = 99")
    home.told(2, "run")
    rebuilt(home)


@alarm("busy")
def while_a_run_works(home):
    holder = subprocess.Popen([sys.executable, "-c", "import fcntl,sys,time; f=open(sys.argv[1],'r+b');\n"
                               "fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)", str(home.path / "lock")],
                              stdout=subprocess.PIPE)
    holder.stdout.readline()
    try:
        home.told(3, "run")
    finally:
        holder.kill()
        holder.communicate()
    home.step("wait", lambda: None)


# --- chapter 14: what somebody should look at ---


@alarm("no-anchor")
def none_is_set(home):
    conf = home.path / "trialseal.conf"
    text = conf.read_text()
    conf.write_text(text.replace(f"anchor = {home.anchor}\n", "", 1))
    home.told(0, "status")
    home.told(0, "check")
    home.step("set one in trialseal.conf", lambda: conf.write_text(text))


@alarm("incomplete")
def for_a_day(home):
    home.send("late", 1, 2, 3, 4)
    manifest = home.inbox / "late" / "MANIFEST.sha256"
    text = manifest.read_text()
    manifest.unlink()
    for path in (home.inbox / "late" / "ae.csv", home.inbox / "late"):
        os.utime(path, (1772000000, 1772000000))
    home.told(0, "-v", "run")
    if "transfer-stale" not in home.said:
        raise Wrong(f"nobody is told: {home.said}")
    home.step("ask the sender for the rest", lambda: manifest.write_text(text))


@alarm("incomplete")
def since_an_hour(home):
    home.send("late", 1, 2, 3, 4)
    (home.inbox / "late" / "MANIFEST.sha256").unlink()
    home.told(0, "--json", "-v", "run")
    home.step("remove it from the inbox", lambda: shutil.rmtree(home.inbox / "late"))


@alarm("undestroyed")
def that_came_back(home):
    path = object_of(home, 1)
    content = path.read_bytes()
    home.must("erase", f"{STUDY}/AE@1", "--reason", "asked for")
    path.write_bytes(content)
    home.told(1, "check")
    home.step("trialseal run")


def secret_of(home, revision):
    """The file of a revision's secret."""
    entries = home.tile("entries").read_bytes()
    return home.path / "secrets" / STUDY / re.search(rb'"revision":%d,[^}]*"secret":"([0-9a-f]{64})"' % revision, entries)[1].decode()


def damaged_secret(home, damage):
    path = secret_of(home, 2)
    home.must("backup", str(home.top / "copy"), "--secrets", str(home.top / "apart"))
    damage(path)
    home.told(1, "check")
    home.must("get", f"{STUDY}/AE@2", "-o", str(home.top / "ae.csv"))  # nothing else is touched
    home.send("in-spite-of-it", 5, 6, 7)
    home.must("run")
    home.must("backup", str(home.top / "copy"), "--secrets", str(home.top / "apart"), good=(0, 1))
    if len(list((home.top / "apart" / "secrets" / STUDY).iterdir())) != 4:
        raise Wrong("the backup has not kept what the home lacks")
    home.step("put back that file of `secrets/S/` by hand, mode 0600",
              lambda: shutil.copy2(home.top / "apart" / path.relative_to(home.path), path))
    home.step("trialseal check")


@alarm("secret-gone")
def all_of_them(home):
    shutil.rmtree(home.path / "secrets" / STUDY)
    home.told(1, "check")
    home.must("check", "--repair", good=(1,))
    home.step("trialseal check --repair --from BACKUP")


@alarm("secret-gone", ends_green=False)
def and_no_backup_has_it(home):
    """It does not keep another alarm from being lifted, and does not hide what else is there."""
    secret_of(home, 2).unlink()
    flip(home.tile("0"), 40)
    home.told(4, "check")
    home.must("-v", "check", "--repair", good=(1,))
    if (home.path / "alarm").exists() or "Nothing else was found: the integrity alarm is lifted" not in home.said:
        raise Wrong(f"the alarm stands: {home.said[-700:]}")
    home.send("afterwards", 7, 8, 9)
    home.must("run")
    home.step("`check` goes on to say so, and all else works", lambda: home.told(1, "check"))


@alarm("secret-gone")
def a_lost_secret(home):
    damaged_secret(home, lambda path: path.unlink())


def another_secret(home, damage):
    path = secret_of(home, 2)
    home.must("backup", str(home.top / "copy"), "--secrets", str(home.top / "apart"))
    damage(path)
    home.told(4, "check")
    home.must("run", good=(4,))
    return path


@alarm("secret-other")
def cut(home):
    another_secret(home, lambda path: os.truncate(path, 31))
    home.step("trialseal check --repair --from BACKUP")


@alarm("secret-other")
def with_a_flipped_bit(home):
    path = another_secret(home, lambda path: flip(path, 7))
    home.step("put back that file of `secrets/S/` by hand, mode 0600",
              lambda: shutil.copy2(home.top / "apart" / path.relative_to(home.path), path))
    home.step("trialseal check")


@alarm("secret-other", ends_green=False)
def that_nobody_has(home):
    path = another_secret(home, lambda path: flip(path, 7))
    home.step("`trialseal check --repair` sets it aside", lambda: home.must("check", "--repair", good=(1,)))
    if path.exists() or (home.path / "alarm").exists():
        raise Wrong("it still lies there, or the alarm stands")
    home.must("run")


@alarm("secret-open")
def to_everybody(home):
    path = secret_of(home, 1)
    path.chmod(0o644)
    home.told(1, "check")
    home.step("find out who had access", lambda: None)
    home.step("chmod 600", lambda: path.chmod(0o600))


@alarm("undestroyed")
def a_secret_that_came_back(home):
    path = secret_of(home, 1)
    content = path.read_bytes()
    home.must("erase", f"{STUDY}/AE@1", "--reason", "asked for")
    if path.exists():
        raise Wrong("it is not erased with the file")
    path.write_bytes(content)
    path.chmod(0o600)
    home.told(1, "check")
    home.step("trialseal run")
    if path.exists():
        raise Wrong("it is still there")


@alarm("unnamed")
def a_secret_that_no_entry_names(home):
    content = b"as a killed run leaves one, say."
    path = home.path / "secrets" / STUDY / hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    home.told(0, "check")
    home.step("trialseal run")
    home.step("trialseal check --repair")
    if path.exists() or not list((home.path / "damaged").rglob(path.name)):
        raise Wrong("it was not set aside")
    home.step("look at it and remove it", lambda: shutil.rmtree(home.path / "damaged"))


@alarm("unnamed", needs="strace")
def a_reason_that_a_killed_erasure_left(home):
    killed = strace(home, "fdatasync:signal=KILL:when=1")  # of the catalog, behind the reason
    home.trialseal("erase", f"{STUDY}/AE@1", "--reason", "a word that must not stay", before=killed)
    if not any(b"a word that must not stay" in p.read_bytes() for p in (home.path / "objects").rglob("*") if p.is_file()):
        raise Wrong("it was not killed between the reason and its entry")
    home.told(0, "check")
    home.step("trialseal run")
    home.step("trialseal check --repair")
    home.must("check")
    if "store-unnamed" in home.said:
        raise Wrong("it is told when it was set aside")
    home.step("look at it and remove it", lambda: shutil.rmtree(home.path / "damaged"))
    if any(b"a word that must not stay" in p.read_bytes() for p in home.path.rglob("*") if p.is_file()):
        raise Wrong("it is still there")


@alarm("test-home", ends_green=False)
def that_somebody_uses(home):
    home.told(0, "status")


# --- chapter 14: seals ---


class Tsa:
    """Authorities with a clock that is set: old, whose certificate ends with May, and new."""

    def __init__(self, folder):
        self.folder, self.servers, self.url = folder, [], {}

    def __enter__(self):
        for name, end in (("old", "2026-06-01T00:00:00Z"), ("new", "2036-01-01T00:00:00Z")):
            authority.make(str(self.folder / name), "EC", "2026-01-01T00:00:00Z", end)
            server = subprocess.Popen([sys.executable, authority.__file__, "serve", str(self.folder / name)], stdout=subprocess.PIPE)
            self.url[name] = f"http://127.0.0.1:{int(server.stdout.readline())}/"
            self.servers.append(server)
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.kill()
            server.communicate()

    def root(self, name):
        return (self.folder / name / "root.pem").read_text()

    def clock(self, day):
        for name in self.url:
            (self.folder / name / "now").write_text(f"2026-03-{day:02}T02:00:00Z")


TSA = None


def asks(home, url, roots):
    conf = home.path / "trialseal.conf"
    conf.write_text(conf.read_text().split("[seal]\n", maxsplit=1)[0] + (f"[seal]\nauthority = {url}\n" if url else ""))
    pem = home.path / "tsa.pem"
    if roots is None:
        pem.unlink(missing_ok=True)
    else:
        pem.write_text(roots)
        pem.chmod(0o644)
    TSA.clock(home.day)


@alarm("tsa-gone", needs="openssl")
def where_one_is_asked(home):
    asks(home, TSA.url["new"], None)
    home.told(2, "run")
    home.step("put the authority's root into `tsa.pem`", lambda: asks(home, TSA.url["new"], TSA.root("new")))
    home.step("trialseal seal")
    TSA.clock(home.day + 1)


@alarm("tsa-gone", needs="openssl")
def where_it_holds_something_else(home):
    asks(home, TSA.url["new"], "nothing\n")
    home.told(2, "run")
    home.step("put the authority's root into `tsa.pem`", lambda: asks(home, TSA.url["new"], TSA.root("new")))
    home.step("trialseal seal")
    TSA.clock(home.day + 1)


@alarm("unsealed", needs="openssl")
def for_two_days(home):
    asks(home, "http://127.0.0.1:1/", TSA.root("new"))
    home.day = 6
    home.told(0, "run")
    home.told(0, "status")
    asks(home, TSA.url["new"], TSA.root("new"))
    home.step("trialseal seal")
    home.must("status")
    if "seal-pending" in home.said:
        raise Wrong("it is told when it is sealed")
    TSA.clock(home.day + 1)


@alarm("seal-old", needs="openssl")
def whose_certificate_ends(home):
    asks(home, TSA.url["old"], TSA.root("old") + TSA.root("new"))
    home.must("seal")
    home.told(0, "status")
    home.told(0, "check")
    asks(home, TSA.url["new"], TSA.root("old") + TSA.root("new"))
    home.step("trialseal seal renew STUDY")
    home.must("status")
    if "seal-ends" in home.said:
        raise Wrong("it is told when it is renewed")
    TSA.clock(home.day + 1)


@alarm("seal-strange", needs="openssl")
def by_one_whose_root_was_taken_out(home):
    asks(home, TSA.url["old"], TSA.root("old") + TSA.root("new"))
    home.must("seal")
    asks(home, TSA.url["new"], TSA.root("new"))
    home.told(0, "check")
    home.told(0, "status")
    home.step("put it back", lambda: asks(home, TSA.url["new"], TSA.root("old") + TSA.root("new")))
    home.must("check")
    if "seal-uncounted" in home.said:
        raise Wrong("it is told when the root is back")
    TSA.clock(home.day + 1)


@alarm("seal-strange", needs="openssl")
def by_one_whose_key_was_stolen(home):
    asks(home, TSA.url["old"], TSA.root("old") + TSA.root("new"))
    home.must("seal")
    shutil.copytree(TSA.folder / "old", home.top / "struck")
    conf = home.top / "struck/tsa.cnf"
    conf.write_text(conf.read_text().replace(str(TSA.folder / "old"), str(home.top / "struck")))
    authority.revoke(str(home.top / "struck"), "keyCompromise")
    crl = (home.top / "struck/crl.pem").read_text()
    asks(home, TSA.url["new"], TSA.root("old") + TSA.root("new") + crl)
    home.told(0, "check")
    home.step("trialseal seal renew STUDY")
    home.must("status")
    if "seal-uncounted" in home.said:
        raise Wrong("status looks at another seal than the newest")
    TSA.clock(home.day + 1)


@alarm("clock-strange", needs="openssl")
def of_the_machine(home):
    asks(home, TSA.url["new"], TSA.root("new"))
    home.day = 5
    home.told(0, "seal")
    home.step("put the clock right", lambda: TSA.clock(home.day + 1))


# --- the tables, the tests and the program say the same ---

# What a home tells of itself: check, status, run. What it tells of transfers is for senders; home-... of others come with them.
SOURCES = ("src/audit/*.c", "src/job/seal.c", "src/job/authority.c", "src/cli/cmd_status.c", "src/cli/cmd_check.c")


def issues_of_a_home():
    ids = dict(re.findall(r'^ISSUE\((\w+), \w+, "([a-z-]+)"', Path("src/base/issue.def").read_text(), re.M))
    used = {"SEAL_ENDS"}  # by bundle/verify.h
    for glob in SOURCES:
        for path in Path().glob(glob):
            for call in re.findall(r"(?:issues_add|note)\([^;]*;", path.read_text()):
                used |= set(re.findall(r"ISSUE_([A-Z_]+)", call))
    return sorted(ids[x] for x in used if x in ids)


def fragments(text):
    """The longest part of each message of that kind that is the same each time."""
    for literal in re.findall(r'err_set\(e, ERR_INTEGRITY,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', text):
        message = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literal))
        parts = [p.strip(" :,/") for p in re.split(r"%(?:\.\*)?l{0,2}[suxd]", message)]
        yield max(parts, key=len), message


def judge_tables(rows):
    text = "\n".join(row.text for row in rows.values())
    wrong = [f"{x} stands in no row" for x in issues_of_a_home() if x not in text]
    # What an audit finds is said with an issue, and that has a row.
    for path in sorted(p for p in Path().glob("src/*/*.c") if not p.name.startswith("audit")):
        wrong += [f"{path}: {message!r} stands in no row" for part, message in fragments(path.read_text())
                  if len(part) > 3 and part not in text and message not in NEVER_SAID and not message.startswith("%s")]
    say("alarms__each_message_of_the_program_has_a_row", wrong)
    tried = {name for name, *_ in alarms.ALARMS}
    say("alarms__each_row_has_a_test", sorted(set(rows) - tried))
    say("alarms__each_test_has_a_row", sorted(tried - set(rows)))


def judge_messages(rows):
    unseen = [f"{row.name}: {m}" for row in rows.values() for m in row.messages
              if m not in row.seen]
    say("alarms__each_message_was_seen", unseen)


def say(name, wrong):
    print(f"ok {name}" if not wrong else f"not ok {name}: {'; '.join(wrong)[:600]}")


def main():
    global TSA
    rows = alarms.read_rows()
    judge_tables(rows)
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=base, prefix="trialseal-alarms-") as folder:
        with Tsa(Path(folder)) if shutil.which("openssl") else tempfile.TemporaryDirectory() as TSA:
            alarms.play(alarms.Home(Path(folder) / "place"), rows)
    judge_messages(rows)


main()
