"""
A full disk. Before each night, ballast leaves so little space, in steps of a block from nothing on, that the run cannot
do its work; then it is given space and must go on as if nothing had been.
"""
import os
from pathlib import Path

from disk import Disk
from soak_home import Home, need

BLOCK = 4096


def leave(disk, room):
    """Fills the disk until only that many bytes are free."""
    ballast = disk.mount / "ballast"
    with open(ballast, "wb") as f:
        while disk.free() > room:
            try:
                f.write(b"\0" * min(1 << 20, max(BLOCK, (disk.free() - room) // BLOCK * BLOCK)))
                f.flush()
                os.fsync(f.fileno())
            except OSError:
                break
    return ballast


def night(home, disk, number, room):
    """Whether there was too little of it."""
    home.send(number, files=3, rows=100)
    ballast = leave(disk, room)
    status, said = home.does("run")
    need(status in (0, 1, 2), f"with {room} bytes left it ended with {status}: {said[:500]}")
    need(status != 2 or "No space left" in said or "full" in said, f"it does not say that the disk is full: {said[:500]}")
    home.fetch()
    ballast.unlink()
    home.finish(check=number % 10 == 0)
    return status == 2


def play(folder, steps=128):
    disk, failed = Disk(folder, 32), 0
    try:
        home = Home(disk.mount / "home", Path(folder) / "anchor")
        for step in range(steps):
            failed += night(home, disk, step + 1, step * BLOCK)
        home.must("-q", "check")
        need(0 < failed < steps, f"{failed} of {steps} runs had too little space")
        entries = len(home.entries())
    finally:
        disk.close()
    return f"{steps} nights with 0 to {(steps - 1) * BLOCK >> 10} KiB left; {failed} runs ended with 2 and went on with space; " \
           f"{entries} entries, {len(home.seen)} receipts, all true; nothing lost"
