"""One file of 4 GB all the way: what it takes, and that memory does not grow with it."""
import subprocess
from pathlib import Path

from soak_home import PROGRAMS, VERIFIER, Home, need

MEASURE = str(PROGRAMS / "tests" / "bin" / "measure")
DATA = str(PROGRAMS / "tests" / "bin" / "bench_data")
MEMORY = 64  # MB that none of the steps may need


def measured(*command):
    done = subprocess.run([MEASURE, *command], stdout=subprocess.PIPE, text=True, check=False)
    need(done.returncode == 0, f"{command[1:]} ended with {done.returncode}")
    wall, _, peak = done.stdout.split()
    peak = int(peak) / 1024
    need(peak < MEMORY, f"{command[1:]} needed {peak:.0f} MB")
    return f"{float(wall):.1f} s, {peak:.1f} MB"


def play(folder, megabytes=4096):
    """One that does not deflate, and one that does."""
    folder = Path(folder)
    home, steps = Home(folder / "home", folder / "anchor"), {}
    for kind in ("noise", "csv"):
        with open(folder / f"{kind}.{'csv' if kind == 'csv' else 'bin'}", "wb") as f:
            subprocess.run([DATA, kind, str(megabytes)], stdout=f, check=True)
        steps[f"submit {kind}"] = measured(*home.command("submit", "S1", f.name))
        Path(f.name).unlink()
    steps["check"] = measured(*home.command("check"))
    steps["bundle"] = measured(*home.command("bundle", "S1", "-o", str(folder / "S1.zip")))
    home.must("-q", "trust", "export", "S1", str(folder / "trust"))
    steps["verify"] = measured(VERIFIER, "--trust", str(folder / "trust"), str(folder / "S1.zip"))
    size = (folder / "S1.zip").stat().st_size >> 20
    return f"two files of {megabytes} MB, a bundle of {size} MB; " + "; ".join(f"{what} {cost}" for what, cost in steps.items())
