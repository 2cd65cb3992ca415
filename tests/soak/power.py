"""
Power cuts. A run is stopped at a random moment, and the file system forgets what has not reached the disk. After it
is mounted again, nothing that anybody was told may be untrue, and the next run does the rest.
"""
import collections
import random
import signal
import time
from pathlib import Path

from disk import Disk
from soak_home import Home, need, seconds


def stop(process):
    """The power must not go in the middle of an fsync, which would race with it: wait until it has stopped."""
    process.send_signal(signal.SIGSTOP)
    while process.poll() is None:
        state = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state in "Tt":
            return
        time.sleep(0.0005)


def how_far(home, process):
    if process.poll() is not None:
        return "after the run"
    if list((home.inbox / ".claimed").iterdir()):
        return "while a transfer was claimed"
    waiting = [p for p in home.inbox.iterdir() if not p.name.startswith(".")]
    return "before it was claimed" if waiting else "after it was put away"


def night(home, disk, number, long, came):
    home.send(number, files=random.choice((1, 3, 20)))
    disk.sync()  # what was sent is on the disk; what the run does with it need not be
    process = home.begin("run")
    time.sleep(random.random() * long)
    stop(process)
    came[how_far(home, process)] += 1
    home.fetch()
    disk.cut(process)
    home.finish(check=number % 10 == 0)


def play(folder, cuts=200):
    disk, came = Disk(folder, 256), collections.Counter()
    try:
        home = Home(disk.mount / "home", Path(folder) / "anchor")
        home.send(1, files=20)
        long = seconds(home.finish) * 0.5  # most transfers have fewer files
        for number in range(2, cuts + 2):
            night(home, disk, number, long, came)
        home.must("-q", "check")
        need(len(home.seen) == cuts + 1, "not every receipt was fetched")
        entries = len(home.entries())
    finally:
        disk.close()
    moments = ", ".join(f"{n} {when}" for when, n in came.most_common())
    return f"{cuts} power cuts ({moments}); {entries} entries, {len(home.seen)} receipts, all true; nothing lost"
