"""Revisions of a dataset as they come night by night: real chains of ../shared/data, and random walks through
what happens to a dataset, from fixed seeds.
"""
import copy
import glob
import math
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import writers  # noqa: E402
from writers import column  # noqa: E402

DATA = "../shared/data"
PILOT = f"{DATA}/phuse-pilot-orig/adam"


def real_chains():
    """(dataset, files)"""
    for folder in sorted(glob.glob(f"{DATA}/revisions/*/*/")):
        dataset = os.path.basename(folder[:-1])
        before = [f"{PILOT}/{dataset}.xpt"] if "pilot3" in folder else []
        yield dataset, before + sorted(glob.glob(f"{folder}*"))


class State:
    """A table, and what is said of it."""

    def __init__(self, rng):
        self.columns = [column("STUDYID", label="Study", length=8), column("USUBJID", label="Subject", length=12),
                        column("LBSEQ", "integer", "Sequence"), column("LBTESTCD", label="Test", length=8),
                        column("LBSTRESN", "float", "Result"), column("LBDT", "date", "Date"),
                        column("LBSTAT", label="Status", length=20)]
        self.records = [["S1", f"S-{i // 5:03}", i % 5 + 1, rng.choice(["ALT", "AST", "BILI"]),
                         rng.choice([None, 8.55, 0.1, 120, rng.randrange(1, 10**6) / 7]), 19725 + i, None] for i in range(30)]
        self.label, self.created, self.keys = "Laboratory", 0, ()

    def cell(self, rng, columns):
        return rng.randrange(len(self.records)), rng.choice(columns)


def index(s, name):
    return next((i for i, c in enumerate(s.columns) if c["name"] == name), None)


def free(s):
    """Columns that no key has."""
    return [i for i, c in enumerate(s.columns) if c["name"] not in ("STUDYID", "USUBJID", "LBSEQ")]


def other(c, rng):
    return rng.choice(["NOT DONE", "x", " lead", "é", None]) if c["type"] == "string" else rng.randrange(1, 30000)


def new_header(s, rng):
    s.created += 1


def new_label(s, rng):
    rng.choice(s.columns)["label"] += "x"


def new_title(s, rng):
    s.label += "y"


def new_length(s, rng):
    s.columns[0]["length"] += 1


def new_format(s, rng):
    c = rng.choice(s.columns)
    if c["type"] in ("date", "integer"):
        c["type"] = "integer" if c["type"] == "date" else "date"


def declare_key(s, rng):
    """As only Dataset-JSON can; perhaps one that is not unique."""
    s.keys = rng.choice([(), ("USUBJID", "LBSEQ"), ("USUBJID",), ("LBDT", "LBTESTCD")])


def move_columns(s, rng):
    order = rng.sample(range(len(s.columns)), len(s.columns))
    s.columns, s.records = [s.columns[i] for i in order], [[r[i] for i in order] for r in s.records]


def move_records(s, rng):
    rng.shuffle(s.records)


def fuzz(s, rng):
    for r in s.records:
        for i, c in enumerate(s.columns):
            if c["type"] == "float" and isinstance(r[i], float) and rng.random() < 0.3:
                r[i] = math.nextafter(r[i], math.inf)


def edit(s, rng):
    for _ in range(rng.choice([1, 1, 3, 12]) if s.records and free(s) else 0):
        i, j = s.cell(rng, free(s))
        s.records[i][j] = other(s.columns[j], rng)


def edit_column(s, rng):
    j = rng.choice(free(s) or [0])
    for r in s.records:
        r[j] = other(s.columns[j], rng)


def edit_key(s, rng):
    j = index(s, "LBSEQ")
    if s.records and j is not None and s.columns[j]["type"] == "integer":
        s.records[rng.randrange(len(s.records))][j] += 100


def add(s, rng):
    for n in range(rng.randrange(1, 6)):
        keys = {"STUDYID": "S1", "USUBJID": f"S-9{n}", "LBSEQ": s.created * 7 + n}
        record = [keys.get(c["name"].upper(), other(c, rng)) for c in s.columns]
        record = [str(v) if c["type"] == "string" and v is not None else v for c, v in zip(s.columns, record)]
        s.records.insert(rng.randrange(len(s.records) + 1), record)


def remove(s, rng):
    for _ in range(min(len(s.records), rng.choice([1, 4]))):
        s.records.pop(rng.randrange(len(s.records)))


def repeat(s, rng):
    """A record twice, and perhaps not quite."""
    if s.records:
        s.records.append(copy.copy(rng.choice(s.records)))
        if rng.random() < 0.6 and free(s):
            j = rng.choice(free(s))
            s.records[-1][j] = other(s.columns[j], rng)


def add_column(s, rng):
    name = f"LBX{len(s.columns)}"
    if index(s, name) is None:
        c = column(name, rng.choice(["string", "float"]), "New", 12)
        at = rng.randrange(len(s.columns) + 1)
        s.columns.insert(at, c)
        for r in s.records:
            r.insert(at, other(c, rng) if rng.random() < 0.5 else None)


def drop_column(s, rng):
    if len(free(s)) > 1:
        at = rng.choice(free(s))
        del s.columns[at]
        for r in s.records:
            del r[at]


def rename_column(s, rng):
    c = s.columns[rng.choice(free(s) or [0])]
    if not c["name"].endswith("Z") and len(c["name"]) < 8:
        c["name"] += "Z"


def rename_key(s, rng):
    """There and back."""
    for old, new in (("LBSEQ", "LBNUM"), ("LBNUM", "LBSEQ")):
        if index(s, old) is not None:
            s.columns[index(s, old)]["name"] = new
            return


def retype(s, rng):
    """Numbers as texts, perhaps with a blank before them; and back, where they still are numbers."""
    j = rng.choice([i for i, c in enumerate(s.columns) if c["name"] in ("LBSEQ", "LBSTRESN")] or [0])
    c, blank = s.columns[j], rng.choice(["", " "])
    if c["name"] == "STUDYID":
        return
    whole = c["name"] == "LBSEQ"
    if c["type"] != "string":
        c["type"], c["length"] = "string", 24
        for r in s.records:
            r[j] = None if r[j] is None else f"{blank}{r[j]}"
    elif all(r[j] is None or r[j].strip().replace(".", "", 1 - whole).isdecimal() for r in s.records):
        c["type"] = "integer" if whole else "float"
        for r in s.records:
            r[j] = None if r[j] is None else int(r[j]) if whole else float(r[j])


def lower_name(s, rng):
    c = rng.choice(s.columns)
    c["name"] = c["name"].swapcase() if c["name"].isalpha() and index(s, c["name"].swapcase()) is None else c["name"]


def empty(s, rng):
    s.records = []


# As often as they stand here.
EVENTS = 3 * [new_header, move_records, fuzz, edit] + 2 * [move_columns, new_label, new_format, add, remove, repeat] + [
    declare_key, new_title, new_length, lower_name, edit_column, edit_key, add_column, drop_column, rename_column, rename_key, retype,
    empty]


def write(s, form):
    if form == "csv":
        return writers.as_csv(s.columns, s.records, end="\r\n" if s.created % 3 == 2 else "\n")
    if form == "xpt":
        stamp = f"01JAN{s.created % 90 + 10}:00:00:00"
        return writers.as_xpt(s.columns, s.records, v8=s.created % 4 == 3, created=stamp, name="LB", label=s.label)
    write_as = {"json": writers.as_json, "ndjson": writers.as_lines, "dsjc": writers.as_gzip}[form]
    return write_as(s.columns, s.records, f"2026-01-01T00:{s.created % 60:02}:00", "LB", s.label, keys=s.keys)


def walk(form, seed, count):
    """The bytes of so many revisions of LB, and what happened before each."""
    rng = random.Random(seed)
    state, past = State(rng), []
    for _ in range(count):
        files = [write(state, form)]
        past.append(copy.deepcopy(state))
        yield (what, files[0]) if len(past) > 1 else ("begin", files[0])
        if rng.random() < 0.2:
            what, state, created = "back", copy.deepcopy(rng.choice(past)), state.created
            state.created = created + rng.randrange(2)
            continue
        events = rng.sample(EVENTS, rng.choice([1, 1, 1, 2]))
        what = "+".join(e.__name__ for e in events)
        for event in events:
            event(state, rng)
