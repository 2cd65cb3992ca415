#!/usr/bin/env python3
"""xpt_pyreadstat.py ROWS_CAT FOLDER: every SAS transport file below the folder, read by pyreadstat and by rows_cat, has the
same columns, labels aside, and in every row the same texts and numbers. Says which cell is another one, or how many there were."""
import fractions
import json
import math
import pathlib
import subprocess
import sys

import pyreadstat


def number(digits):
    """The double of IBM bytes in hex digits; nan where a value is missing."""
    raw = bytes.fromhex(digits).ljust(8, b"\0")
    if raw[0] in b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ" and not any(raw[1:]):
        return math.nan
    fraction = int.from_bytes(raw[1:], "big")
    value = fractions.Fraction(fraction) * fractions.Fraction(16) ** ((raw[0] & 0x7F) - 64 - 14)
    return float(-value if raw[0] & 0x80 else value)


def text(s):
    """As pyreadstat has it: decoded, without blanks at its end."""
    if s.startswith("hex:"):
        s = bytes.fromhex(s[4:]).decode("cp1252")
    return s.rstrip(" \0")


def first_member(lines):
    """Names and rows of the first member of what rows_cat prints; None where there are none."""
    names, rows = None, []
    for line in map(json.loads, lines):
        if isinstance(line, dict):
            if names is not None or "columns" not in line:
                break
            names = [text(name) for _, name in line["columns"]]
        else:
            rows.append([number(s) if kind == "ibm" else text(s) for kind, s in line])
    return names, rows


def theirs(path):
    for encoding in ("utf-8", "cp1252"):
        try:
            columns, _ = pyreadstat.read_xport(path, output_format="dict", disable_datetime_conversion=True, encoding=encoding)
            return list(columns), [list(map(plain, row)) for row in zip(*columns.values())]
        except (UnicodeDecodeError, pyreadstat.ReadstatError):
            continue
    return None


def plain(value):
    if value is None:
        return math.nan
    return value.rstrip(" \0") if isinstance(value, str) else float(value)


def same(a, b):
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b))


def compare(path, ours, their):
    """The number of cells; ends where one is another, or we did not read the file."""
    if ours[0] is None:
        sys.exit(f"{path}: not read by rows_cat")
    if ours[0] != their[0] or len(ours[1]) != len(their[1]):
        sys.exit(f"{path}: {len(ours[0])} columns, {len(ours[1])} rows; theirs: {len(their[0])}, {len(their[1])}")
    for i, (a, b) in enumerate(zip(ours[1], their[1])):
        for name, x, y in zip(ours[0], a, b):
            if not same(x, y):
                sys.exit(f"{path}: row {i + 1}, {name}: {x!r}, theirs {y!r}")
    return len(ours[0]) * len(ours[1])


def main():
    cells = files = unread = 0
    for path in sorted(pathlib.Path(sys.argv[2]).rglob("*.xpt")):
        said = subprocess.run([sys.argv[1]], input=f"{path}\n", capture_output=True, text=True, check=True).stdout
        their = theirs(str(path))
        files += 1
        unread += their is None
        cells += 0 if their is None else compare(path, first_member(said.splitlines()), their)
    if cells == 0 or unread * 10 > files:
        sys.exit(f"pyreadstat reads {files - unread} of {files} files, {cells} cells")
    print(f"{files - unread} of {files} files, {cells} cells")


main()
