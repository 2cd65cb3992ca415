"""Ten thousand nights of one study, 27 years, in a home for tests: what a night costs at the end, and what everything weighs."""
import datetime
import hashlib
import subprocess
import time
from pathlib import Path

from soak_home import PROGRAM, PROGRAMS, VERIFIER, need

MEASURE = str(PROGRAMS / "tests" / "bin" / "measure")
GROUP = 100  # nights whose times are averaged


class Study:
    def __init__(self, folder):
        self.folder, self.home = Path(folder), Path(folder) / "home"
        self.inbox = self.home / "inbox" / "S1"
        self.day = datetime.datetime(2026, 1, 1, 2)
        subprocess.run([PROGRAM, "init", str(self.home), "--origin", "soak.example", "--test"], check=True)
        self.does("study", "add", "S1")

    def command(self, *words):
        return [PROGRAM, "-C", str(self.home), "--now", self.day.strftime("%Y-%m-%dT%H:%M:%SZ"), *words]

    def does(self, *words):
        done = subprocess.run(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        need(done.returncode == 0, f"{words} ended with {done.returncode}: {done.stdout[:500]}")

    def measured(self, *command):
        """Seconds and megabytes."""
        done = subprocess.run([MEASURE, *command], stdout=subprocess.PIPE, text=True, check=False)
        need(done.returncode == 0, f"{command} ended with {done.returncode}")
        wall, _, peak = done.stdout.split()
        return f"{float(wall):.2f} s, {int(peak) / 1024:.0f} MB"

    def night(self, number):
        """AE is new every night, DM every tenth."""
        self.day += datetime.timedelta(days=1)
        made = self.inbox / ".making"
        made.mkdir()
        (made / "ae.csv").write_text("STUDYID,USUBJID,SEQ\n" + "".join(f"S1,S1-{n:03},{number}\n" for n in range(50)))
        (made / "dm.csv").write_text(f"STUDYID,USUBJID,SEQ\nS1,S1-001,{number // 10}\n")
        sums = [f"{hashlib.sha256((made / n).read_bytes()).hexdigest()}  {n}\n" for n in ("ae.csv", "dm.csv")]
        (made / "MANIFEST.sha256").write_text("".join(sums))
        made.rename(self.inbox / "nightly")
        began = time.monotonic()
        self.does("run")
        return time.monotonic() - began


def size(path):
    """Bytes on the disk, as du counts."""
    return int(subprocess.run(["du", "-sk", str(path)], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0]) / 1024


def play(folder, nights=10000):
    study, times = Study(folder), []
    for number in range(1, nights + 1):
        times.append(study.night(number))
        if number % 1000 == 0:
            print(f"night {number}: {sum(times[-GROUP:]) / GROUP * 1000:.0f} ms", flush=True)
    bundle, trust = str(study.folder / "S1.zip"), str(study.folder / "trust")
    costs = {
        "rebuild": study.measured(*study.command("rebuild")),
        "check": study.measured(*study.command("check")),
        "bundle": study.measured(*study.command("bundle", "S1", "-o", bundle)),
    }
    study.does("-q", "trust", "export", "S1", trust)
    costs["verify"] = study.measured(VERIFIER, "--trust", trust, bundle)
    entries = (study.home / "ledger" / "S1" / "checkpoint").read_text().split("\n")[1]
    sizes = ", ".join(f"{part} {size(study.home / part):.0f} MB" for part in ("ledger", "objects", "outbox", "catalog.db"))
    first, last = sum(times[:GROUP]) / GROUP * 1000, sum(times[-GROUP:]) / GROUP * 1000
    return f"{nights} nights, {entries} entries; a night took {first:.0f} ms at first, {last:.0f} ms at last; {sizes}; " \
           + "; ".join(f"{what} {cost}" for what, cost in costs.items())
