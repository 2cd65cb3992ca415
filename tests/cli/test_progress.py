#!/usr/bin/env python3
"""How far a long check has come is told on a terminal, and only there."""
import os
import pty
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = Path(os.path.abspath(os.environ.get("O", "out")))
ENTRIES = 60000
SHOWN = re.compile(r"\rS1: entries: +(\d+) %\x1b\[K")


def make(folder):
    home = folder / "home"
    at = ["--now", "2026-01-01T00:00:00Z"]
    subprocess.run([PROGRAMS / "trialseal", "init", home, "--origin", "test.example", "--test"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([PROGRAMS / "trialseal", "-C", home, *at, "study", "add", "S1"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([PROGRAMS / "tests/bin/ledger_make", home, "S1", str(ENTRIES)], check=True)
    return home


def read_all(terminal):
    text = b""
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # EIO: nobody has the other end any more
            more = b""
        if not more:
            return text.decode()
        text += more


def check(home, options, delay):
    """Stopped after `delay` for longer than a second, since nothing is told in the first one."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([PROGRAMS / "trialseal", "-C", home, *options, "check", "--ledgers"], stdout=subprocess.DEVNULL,
                          stderr=theirs, stdin=subprocess.DEVNULL) as program:
        os.close(theirs)
        time.sleep(delay)
        program.send_signal(signal.SIGSTOP)
        time.sleep(1.1)
        program.send_signal(signal.SIGCONT)
        text = read_all(ours)
    os.close(ours)
    return text


def main():
    with tempfile.TemporaryDirectory() as folder:
        home = make(Path(folder))
        text, found = "", None
        for delay in (0.01, 0.02, 0.03, 0.05, 0.005, 0.04, 0.08):  # it must be stopped while it reads entries
            text = check(home, [], delay)
            found = SHOWN.search(text)
            if found:
                break
        good = found is not None and int(found.group(1)) < 100
        print("ok progress__is_told_on_a_terminal" if good else f"not ok progress__is_told_on_a_terminal: {text[:200]!r}")
        good = found is not None and text.find("\r\x1b[K", found.end()) > 0
        print("ok progress__is_erased_at_the_end" if good else f"not ok progress__is_erased_at_the_end: {text[:200]!r}")
        text = check(home, ["-q"], 0.02)
        print("ok progress__is_not_told_with_q" if not SHOWN.search(text) else "not ok progress__is_not_told_with_q: it is")
        done = subprocess.run([PROGRAMS / "trialseal", "-C", home, "check", "--ledgers"], capture_output=True, text=True, check=True)
        good = "\r" not in done.stderr
        print("ok progress__is_not_told_elsewhere" if good else f"not ok progress__is_not_told_elsewhere: {done.stderr!r}")


main()
