#!/usr/bin/env python3
"""Nothing is lost, whatever call fails and whenever the program is killed: see faults.py. --all: each fault; -v: all that is wrong."""
import collections
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import faults  # noqa: E402
import scenes  # noqa: E402
import strace  # noqa: E402

WORKERS = 2


def notices_a_loss(folder):
    """These checks can fail: a run that says that it did all, and something is gone or another."""
    place = faults.Place(Path(folder) / "control", scenes.Run())
    wrong = []
    for name in ("home/outbox/S1/*/receipt.txt", "home/ledger/S1/checkpoint", "home/objects/*/*", "home/inbox/S1/.held/*/vs.csv"):
        for change in (Path.unlink, lambda p: p.write_bytes(b"other")):
            place.again()
            place.said(place.command(), good=(place.status,))
            change(sorted(place.state.glob(name))[-1])
            done = subprocess.CompletedProcess([], place.status, place.words)
            if faults.judge(place, faults.Fault("EIO", "close", 1), done) is None:
                wrong.append(name)
    print("ok faults__notice_what_is_lost" if not wrong else f"not ok faults__notice_what_is_lost: {wrong}")


def play_share(folder, number, answers):
    """Every WORKERS-th fault of each scene, in a place of its own."""
    for scene in scenes.ALL:
        counts, bad = collections.Counter(), []
        try:
            place = faults.Place(Path(folder) / f"{scene.name}-{number}", scene)
            chosen = [f for f in faults.faults_of(place.calls, scene.locks) if f.kind in scene.kinds and (scene.close_too or f.name != "close")]
            every = 1 if "--all" in sys.argv else scene.every
            for fault in chosen[number * every::WORKERS * every]:
                counts[fault.kind] += 1
                wrong = faults.play_fault(place, fault)
                if wrong:
                    bad.append(f"{fault}: {wrong}")
        except Exception as error:  # pylint: disable=broad-except
            bad.append(f"{type(error).__name__}: {error}")
        answers.put((scene.name, counts, bad))


def collect(folder):
    answers = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=play_share, args=(folder, n, answers)) for n in range(WORKERS)]
    for w in workers:
        w.start()
    counts, bad = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    for _ in range(WORKERS * len(scenes.ALL)):
        name, count, wrong = answers.get()
        counts[name].update(count)
        bad[name] += wrong
    for w in workers:
        w.join()
    return counts, bad


def report(counts, bad):
    for scene in scenes.ALL:
        done = ", ".join(f"{n} {kind}" for kind, n in sorted(counts[scene.name].items()))
        name = f"faults__{scene.name}__loses_nothing"
        wrong = bad[scene.name]
        print(f"ok {name} ({done})" if done and not wrong else f"not ok {name}: {len(wrong)} of {done}; {wrong[:1]}")
        if "-v" in sys.argv and wrong:
            print("\n".join("    " + w for w in wrong))


def main():
    if "asan" in os.environ.get("O", ""):
        print("skip faults: a sanitized program does not run below strace")
        return
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=base, prefix="trialseal-faults-") as folder:
        why = strace.available(Path(folder))
        if why:
            print(f"skip faults: {why}")
            return
        notices_a_loss(folder)
        with scenes.Authority(folder):
            report(*collect(folder))


main()
