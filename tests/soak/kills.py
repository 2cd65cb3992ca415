"""Kills at random moments, of commands at random, for a while."""
import collections
import random
import time
from pathlib import Path

from soak_home import Home, need, seconds


def commands(home, number, folder):
    yield 8, ("run",)
    yield 1, ("bundle", "S1", "-o", str(folder / "bundle.zip"))
    yield 1, ("withdraw", f"S1/DS0@{random.randrange(1, number + 1)}", "--reason", "soak")
    yield 1, ("erase", f"S1/DS0@{random.randrange(1, number + 1)}", "--reason", "soak")
    yield 1, ("rebuild",)
    yield 1, ("check",)


def night(home, number, long, folder, came):
    home.send(number, files=random.choice((1, 3, 20)))
    for _ in range(random.randrange(1, 6)):
        weights, choice = zip(*commands(home, number, folder))
        words = random.choices(choice, weights)[0]
        process = home.begin(*words)
        time.sleep(random.random() * long)
        ended = process.poll() is not None
        process.kill()
        said = process.communicate()[0]
        need(not ended or process.returncode in (0, 1, 2), f"{words} ended with {process.returncode}: {said[:500]}")
        came[words[0]] += not ended
        home.fetch()
    home.finish(check=number % 20 == 0)


def play(folder, minutes=60.0):
    folder = Path(folder)
    home, came, number = Home(folder / "home", folder / "anchor"), collections.Counter(), 1
    home.send(number, files=20)
    long, end = seconds(home.finish), time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        number += 1
        night(home, number, long, folder, came)
    home.must("-q", "check")
    kinds = ", ".join(f"{n} of {name}" for name, n in came.most_common())
    return f"{sum(came.values())} kills ({kinds}) in {minutes:g} minutes; {len(home.entries())} entries, {len(home.seen)} receipts, " \
           f"all true; nothing lost"
