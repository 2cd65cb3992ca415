#!/usr/bin/env python3
"""
What a run writes is synced before it is renamed, a rename before something rests on it, and nothing is removed
from an inbox or promised by a receipt before the checkpoint is on the disk. Each of these syncs is then taken out
of a good trace, or comes too late: the judge must say so.
"""
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import faults  # noqa: E402
import order  # noqa: E402
import scenes  # noqa: E402
import strace  # noqa: E402

SYNCS = ("fsync", "fdatasync", "syncfs", "sync_file_range")


def say(name, wrong):
    print(f"ok {name}" if not wrong else f"not ok {name}: {wrong}")


def syncs_of(calls, path, first, last):
    """Where that file or folder is synced between two calls; a syncfs syncs everything."""
    return {i for i in range(first, last)
            if calls[i].name == "syncfs" or (calls[i].name in SYNCS and order.paths(calls[i])[:1] == [path])}


def without(calls, gone):
    return [c for i, c in enumerate(calls) if i not in gone]


def renames(calls):
    return [(i, *order.paths(c)) for i, c in enumerate(calls) if order.RULES.get(c.name) == "rename" and c.error is None]


def bad_traces(calls):
    """(what was done to it, the trace)"""
    for i, old, new in renames(calls):
        if order.TEMP in old:
            yield f"{new} is renamed unsynced", without(calls, syncs_of(calls, old, 0, i))
        if "/.claimed" not in new:
            yield f"the folder of {new} is never synced", without(calls, syncs_of(calls, os.path.dirname(new), i, len(calls)))
    checkpoint = [i for i, _, new in renames(calls) if "/ledger/" in new and new.endswith("/checkpoint")]
    for i, old, new in renames(calls):
        if ("/outbox/" in new and "/report/" not in new) or "/.claimed/" in old:
            before = max([c for c in checkpoint if c < i], default=None)
            if before is not None:
                yield f"{new} comes before the checkpoint", calls[:before] + [calls[i]] + without(calls, {i})[before:]


def of_claimed(calls):
    """The removals of what was claimed, each put before the checkpoint that allows it."""
    for i, c in enumerate(calls):
        if c.name == "unlinkat" and "/.claimed" in c.args and c.error is None:
            before = max(k for k, _, new in renames(calls) if k < i and "/ledger/" in new and new.endswith("/checkpoint"))
            yield "a removal comes before the checkpoint", calls[:before] + [c] + without(calls, {i})[before:]


def test_scene(folder, scene):
    place = faults.Place(Path(folder) / scene.name, scene)
    wrong, seen = order.judge(place.calls)
    say(f"order__{scene.name}__holds", wrong)
    refused, accepted = 0, []
    for what, calls in list(bad_traces(place.calls)) + list(of_claimed(place.calls)):
        if order.judge(calls)[0] is None:
            accepted.append(what)
        refused += 1
    say(f"order__{scene.name}__bad_traces_are_refused ({refused})", accepted[:2] if refused else "there was none")
    return seen


def main():
    if "asan" in os.environ.get("O", ""):
        print("skip order: a sanitized program does not run below strace")
        return
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=base, prefix="trialseal-order-") as folder:
        why = strace.available(Path(folder))
        if why:
            print(f"skip order: {why}")
            return
        with scenes.Authority(folder):
            seen = [test_scene(folder, s) for s in scenes.ALL + (scenes.Many(),)]
    say("order__renames_receipts_and_removals_were_met", "" if all(
        sum(getattr(s, what) for s in seen) > 3 for what in ("renames", "receipts", "removals")) else "too few")


main()
