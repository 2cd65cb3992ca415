#!/usr/bin/env python3
"""Every command that README.md and docs/RUNBOOK.md show is run, and prints what they show.

A fenced block "console" has commands ("$ ...") and what a terminal shows after each; a line "..." stands for
any lines, "..." within a line for any text. The blocks of a document run one after the other in one shell, in
a folder with sample-data/, scripts/ and out/, and with the programs on the PATH. A command that fails must be
followed by "$ echo $?". make does nothing but call demo-run: what it would build is built.
"""

import errno
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import termios

ROOT = pathlib.Path.cwd()
BUILT = ROOT / os.environ.get("O", "out")
PROGRAMS = ["trialseal", "trialseal-verify", "trialseal-verify-static"]
DOCUMENTS = {"README.md": ["scripts/verify-with-stock-tools.sh"], "docs/RUNBOOK.md": []}  # and what their commands call
TIME_LIMIT = 25

MAKE = """#!/bin/sh
case "$*" in
*demo*) exec scripts/demo-run out/demo ;;
esac
"""

# Before each command $? is what the one before left, as in a shell that somebody types into.
STEP = """printf '\\001%d\\n' "$status"
(exit "$status")
eval {command}
status=$?
"""


class Step:
    def __init__(self, line, command):
        self.line, self.command, self.shown = line, command, []


def blocks_of(text):
    """Lists of steps, one list for each console block."""
    blocks, inside = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is None:
            if line == "```console":
                inside = []
        elif line == "```":
            blocks.append(inside)
            inside = None
        elif line.startswith("$ "):
            inside.append(Step(number, line[2:]))
        elif inside:
            inside[-1].shown.append(line)
        else:
            raise ValueError(f"line {number}: output before the first command")
    if inside is not None:
        raise ValueError("a block that does not end")
    return blocks


def quote(command):
    return "'" + command.replace("'", "'\\''") + "'"


def make_place(place):
    (place / "home").mkdir()
    for name in ("sample-data", "scripts"):
        (place / name).symlink_to(ROOT / name)
    for folder in ("out", "bin"):
        (place / folder).mkdir()
        for program in PROGRAMS:
            (place / folder / program).symlink_to(BUILT / program)
    make = place / "bin" / "make"
    make.write_text(MAKE)
    make.chmod(0o755)


def read_all(master):
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError as e:
            if e.errno == errno.EIO:  # how a pseudo-terminal ends
                break
            raise
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode(errors="replace")


def run(steps, place):
    """What a terminal shows after each step, and each exit status."""
    script = "status=0\n" + "".join(STEP.format(command=quote(s.command)) for s in steps)
    script += "printf '\\001%d\\n' \"$status\"\n"
    (place / "script").write_text(script)
    environment = {
        "HOME": str(place / "home"),
        "PATH": f"{place / 'bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
    }
    master, slave = os.openpty()
    attributes = termios.tcgetattr(slave)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    with subprocess.Popen(
        ["timeout", str(TIME_LIMIT), "sh", str(place / "script")],
        cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
    ) as shell:
        os.close(slave)
        text = read_all(master)
        shell.wait()
    os.close(master)
    text = re.sub(r"\r[^\r\n]*\x1b\[K", "", text)  # progress, which ends by wiping itself
    pieces = text.split("\x01")[1:]
    outputs = [p.split("\n", 1) for p in pieces]
    results = []
    for i, step in enumerate(steps):
        if i + 1 >= len(outputs):
            results.append((None, ["(the shell ended before or in this command)"]))
            continue
        results.append((int(outputs[i + 1][0]), outputs[i][1].splitlines()))
    return results


def line_matches(shown, got):
    parts = (re.escape(p) for p in shown.rstrip().split("..."))
    return re.fullmatch(".*".join(parts), got.rstrip()) is not None


def matches(shown, got):
    if not shown:
        return not got
    if shown[0].strip() == "...":
        return any(matches(shown[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and line_matches(shown[0], got[0]) and matches(shown[1:], got[1:])


def without_blank_end(lines):
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def fault(block, results):
    """What is wrong with a block, or None."""
    for i, step in enumerate(block):
        status, got = results[i]
        if not matches(without_blank_end(step.shown), without_blank_end(got)):
            return f"line {step.line}: {step.command}: it prints: " + " | ".join(got[:12])
        asked = i + 1 < len(block) and block[i + 1].command == "echo $?"
        if status != 0 and not asked:
            return f"line {step.line}: {step.command}: exit status {status}, and the document does not say so"
    return None


def test(document, place):
    text = (ROOT / document).read_text()
    name = "docs__" + pathlib.Path(document).stem.lower()
    blocks = blocks_of(text)
    if not blocks:
        print(f"not ok {name}: no console block")
        return
    results = run([s for b in blocks for s in b], place)
    for block in blocks:
        why = fault(block, results)
        results = results[len(block):]
        print(f"not ok {name}_line_{block[0].line}: {why}" if why else f"ok {name}_line_{block[0].line}")


def self_test():
    """The comparison refuses what it must."""
    cases = [
        (["a", "..."], ["a", "b", "c"], True),
        (["a", "..."], ["b"], False),
        (["..."], [], True),
        (["a ... c"], ["a b c"], True),
        (["a ... c"], ["a b d"], False),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
        (["a.c"], ["abc"], False),
    ]
    good = all(matches(shown, got) is want for shown, got, want in cases)
    failing = fault([Step(1, "false")], [(1, [])])
    told = fault([Step(1, "false"), Step(2, "echo $?")], [(1, []), (0, [])])
    good = good and failing is not None and told is None
    print("ok docs__comparison_refuses_what_it_must" if good else "not ok docs__comparison_refuses_what_it_must: see self_test")


def has_terminals():
    """Not in a chroot without /dev/pts."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


def main():
    self_test()
    if not has_terminals():
        print("skip docs: there are no pseudo-terminals here")
        return
    for document, called in DOCUMENTS.items():
        missing = [p for p in [*(BUILT / p for p in PROGRAMS), *(ROOT / c for c in called)] if not p.exists()]
        if missing:
            print(f"skip docs__{pathlib.Path(document).stem.lower()}: there is no {missing[0]}")
            continue
        place = pathlib.Path(tempfile.mkdtemp())
        try:
            make_place(place)
            test(document, place)
        finally:
            shutil.rmtree(place)


if __name__ == "__main__":
    sys.exit(main())
