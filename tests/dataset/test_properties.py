#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_properties: no python3"
exit 0
'''
"""What compare says of one dataset written in many ways: shuffled, in other formats, spelt otherwise, and with
each single cell changed. The dataset is generated from a fixed seed; FORMAT 12 says what each way must give.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import writers  # noqa: E402
from writers import Special, column  # noqa: E402

O = os.environ.get("O", "out")
failed = False
folder = None

COLUMNS = [column("STUDYID", label="Study", length=10), column("USUBJID", label="Subject", length=12),
           column("XSEQ", "integer", "Sequence"), column("XTERM", label="Term", length=40),
           column("XVALUE", "float", "Value"), column("XDAY", "date", "Day"),
           column("XWHEN", "datetime", "When"), column("XCLOCK", "time", "Clock")]
TERMS = ["Headache", "na\u00efve", None, "a, b", 'say "x"', "  leading", "12", "1e5", "NA", "2014-02-30", "\U0001f600"]
VALUES = [None, 1, 1.5, -0.001, 120, 1e-9, 123456.75, 0, -7, 0.1, 1e15]


def generated(n=12, seed=11):
    rng = random.Random(seed)
    return [["STUDY1", f"S-{i // 4:03}", i % 4 + 1, rng.choice(TERMS), rng.choice(VALUES), rng.choice([None, 19725 + i, -400]),
             rng.choice([None, 1704067200 + i]), rng.choice([None, i * 3601 % 86400])] for i in range(n)]


RECORDS = generated()


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


def write(name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def compare(a, b, *options):
    """What compare says of two files; it must end with 0 exactly where the data are the same."""
    done = subprocess.run([f"{O}/trialseal", "--json", "compare", *options, a, b], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8")
    said = json.loads(done.stdout.split("\n")[0]) if done.returncode in (0, 1) else {}
    if said.get("same") != (done.returncode == 0):
        return {"change": f"status {done.returncode}: {done.stdout[:200]}"}
    return said


def files_differ(a, b):
    with open(a, "rb") as x, open(b, "rb") as y:
        return x.read() != y.read()


def check(name, pairs):
    """pairs: (what, file, file, change, options); the same from either side."""
    wrong = []
    for what, a, b, wanted, *options in pairs:
        found = {compare(*sides, *options)["change"] for sides in ((a, b), (b, a))}
        wrong += [] if found == {wanted} else [f"{what}: {found}, not {wanted}"]
    result(name, None if pairs and not wrong else f"{len(wrong)} of {len(pairs)}: {wrong[:3]}")


def formats(columns=COLUMNS, records=RECORDS, stem="a"):
    """The same table in all formats: name of the format -> path."""
    return {"xpt5": write(f"{stem}5.xpt", writers.as_xpt(columns, records)),
            "xpt8": write(f"{stem}8.xpt", writers.as_xpt(columns, records, v8=True)),
            "json": write(f"{stem}.json", writers.as_json(columns, records)),
            "lines": write(f"{stem}.ndjson", writers.as_lines(columns, records)),
            "gzip": write(f"{stem}g.dsjc", writers.as_gzip(columns, records)),
            "zlib": write(f"{stem}z.dsjc", writers.as_zlib(columns, records)),
            "csv": write(f"{stem}.csv", writers.as_csv(columns, records)),
            "quoted": write(f"quoted/{stem}.csv", writers.as_csv(columns, records, end="\r\n", quote=True))}


FAMILY = {"xpt5": "xpt", "xpt8": "xpt", "csv": "csv", "quoted": "csv"}


def every_format():
    files = formats()
    define = write("define.xml", writers.as_define(COLUMNS, name="a"))
    pairs = []
    for x in files:
        for y in files:
            if x < y:
                same = FAMILY.get(x, "json") == FAMILY.get(y, "json")
                options = ["--define", define] if "csv" in (FAMILY.get(x), FAMILY.get(y)) else []
                pairs.append((f"{x} {y}", files[x], files[y], "header" if same else "metadata", *options))
    check("properties__all_formats_hold_the_same_data", pairs)


def reordered(records, columns, order):
    return [columns[i] for i in order], [[r[i] for i in order] for r in records]


def relabelled(**changes):
    """The columns with members of them changed: XTERM={"label": ...}."""
    return [dict(c, **changes.get(c["name"], {})) for c in COLUMNS]


def ways(kind, write_as, spells):
    """What changes and what may be said of it, for one format: (what, file, file, change)."""
    rng = random.Random(kind)
    make = lambda what, columns=COLUMNS, records=RECORDS, **named: write(f"{kind}/{what}/a.{kind}",
                                                                         write_as(columns, records, **named))
    plain = make("plain")
    order = rng.sample(range(len(COLUMNS)), len(COLUMNS))
    shuffled = rng.sample(RECORDS, len(RECORDS))
    moved, moved_records = reordered(RECORDS, COLUMNS, order)
    fuzzy = [r[:4] + [0.1 + 2**-56 if r[4] == 0.1 else r[4]] + r[5:] for r in RECORDS]
    assert fuzzy != RECORDS and shuffled != RECORDS and order != sorted(order)
    yield "itself", plain, plain, "none"
    yield "columns", plain, make("columns", moved, moved_records), "column-order"
    yield "records", plain, make("records", records=shuffled), "record-order"
    yield "both orders", plain, make("both", *reordered(shuffled, COLUMNS, order)), "record-order"
    yield "fuzz", plain, make("fuzz", records=fuzzy), "numeric-fuzz"
    yield "fuzz, shuffled", plain, make("fuzz2", records=fuzzy[::-1]), "numeric-fuzz"
    padded = [[v + " \0 " if isinstance(v, str) and kind != "csv" else v + "  " if isinstance(v, str) else v for v in r]
              for r in RECORDS]
    yield "padded texts", plain, make("padded", records=padded), "header"
    yield "one less", plain, make("less", records=RECORDS[:-1]), "data"
    yield "one twice", plain, make("twice", records=RECORDS + RECORDS[-1:]), "data"
    yield "none at all", plain, make("none", records=[]), "data"
    yield "two empty", make("none", records=[]), make("none2", *reordered([], COLUMNS, order)), "column-order"
    yield "a column less", plain, make("narrow", *reordered(RECORDS, COLUMNS, order[1:])), "data"
    yield "a column renamed", plain, make("name", relabelled(XTERM={"name": "XTERMS"})), "data"
    yield "two columns exchanged", plain, make("swap", relabelled(XDAY={"name": "X"}, XWHEN={"name": "XDAY"})), "data"
    yield "a name in lower case", plain, make("lower", relabelled(XTERM={"name": "xterm"})), "metadata"
    if kind != "csv":
        later = "02FEB27:10:00:00" if kind == "xpt" else "2027-02-02T10:00:00"
        yield "header dates", plain, make("later", created=later), "header"
        yield "a label", plain, make("label", relabelled(XTERM={"label": "Reported Term"})), "metadata"
        yield "the dataset's label", plain, make("title", label="Everything"), "metadata"
        yield "a length", plain, make("length", relabelled(XTERM={"length": 60})), "metadata"
        yield "a format", plain, make("format", relabelled(XDAY={"type": "integer"}, XCLOCK={"type": "integer"})), "metadata"
        yield "a label and an order", plain, make(
            "more", *reordered(RECORDS, relabelled(XTERM={"label": "Reported Term"}), order)), "metadata"
        yield "a label and a cell", plain, make(
            "label2", relabelled(XTERM={"label": "T"}), RECORDS[1:] + [RECORDS[0][:3] + ["other"] + RECORDS[0][4:]]), "data"
    for i, spelling in enumerate(spells):
        yield f"spelling {i}", plain, make(f"spelling{i}", spelling=spelling), "header"


SPELLINGS = [lambda v: f"{v:.16e}", lambda v: repr(float(v)),
             lambda v: repr(v) + ("0" if "." in repr(v) and "e" not in repr(v) else "")]


def changed_ways():
    check("properties__xpt_is_compared_as_its_ways_differ", list(ways("xpt", writers.as_xpt, [])))
    check("properties__json_is_compared_as_its_ways_differ", list(ways("json", writers.as_json, SPELLINGS)))
    check("properties__lines_are_compared_as_their_ways_differ", list(ways("ndjson", writers.as_lines, SPELLINGS)))
    define = write("define/define.xml", writers.as_define(COLUMNS, name="a"))
    csv = list(ways("csv", writers.as_csv, SPELLINGS + [lambda v: f"+{v!r}" if v > 0 else repr(v)]))
    check("properties__csv_is_compared_as_its_ways_differ", [way + ("--define", define) for way in csv])
    untyped = [(what, a, b, "data" if what.startswith(("spelling", "fuzz")) and files_differ(a, b) else change)
               for what, a, b, change in csv]
    check("properties__a_csv_without_types_holds_its_texts", untyped)


# --- every single cell ----------------------------------------------------------------------------------


def others(c, value):
    """Values that are not the same, though some are near."""
    if c["type"] == "string":
        text = value or ""
        return [v for v in (None, text + "x", " " + text, text.swapcase(), text[:-1] or None, "0", ".")
                if (v or "").rstrip(" \0") != text.rstrip(" \0")]
    near = {"integer": [1, -1], "float": [1, 1e-12]}.get(c["type"], [1, 86400])
    if value is None:
        return [0, 1, 20000]
    steps = [value + step for step in near if value + step != value]
    return [None, -value if value and c["type"] in ("integer", "float") else None] + \
        [v for v in steps if c["type"] != "time" or 0 <= v < 86400]


def changed_cells(columns=COLUMNS, records=RECORDS, others=others):
    """(row, column, records with that one cell changed)."""
    for i, record in enumerate(records):
        for j, c in enumerate(columns):
            for value in others(c, record[j]):
                yield i, j, records[:i] + [record[:j] + [value] + record[j + 1:]] + records[i + 1:]


def content_cat(paths):
    done = subprocess.run([f"{O}/tests/bin/content_cat"], input="".join(p + "\n" for p in paths), check=True,
                          stdout=subprocess.PIPE, encoding="utf-8")
    return [json.loads(line)["unordered"] for line in done.stdout.split("\n") if line.startswith("{")]


def every_cell():
    """By the digest of content in the formats that say their types, by compare in CSV."""
    for kind, write_as in (("json", writers.as_json), ("ndjson", writers.as_lines), ("xpt", writers.as_xpt)):
        changed = list(changed_cells())
        paths = [write(f"cells/plain.{kind}", write_as(COLUMNS, RECORDS))]
        paths += [write(f"cells/{n}.{kind}", write_as(COLUMNS, c[2])) for n, c in enumerate(changed)]
        plain, *digests = content_cat(paths)
        same = [c[:2] for c, digest in zip(changed, digests) if digest == plain]
        result(f"properties__any_changed_cell_is_other_content_in_{kind}",
               None if len(digests) == len(changed) > 300 and not same else f"{len(digests)}, same: {same[:5]}")
    define = write("cells/define.xml", writers.as_define(COLUMNS, name="a"))
    plain = write("cells/plain/a.csv", writers.as_csv(COLUMNS, RECORDS))
    pairs = []
    for i, j, records in changed_cells():
        if (i + j) % 6 == 0:
            path = write(f"cells/{len(pairs)}/a.csv", writers.as_csv(COLUMNS, records))
            pairs.append((f"row {i} column {j}", plain, path, "data", "--define", define))
    check("properties__any_changed_cell_is_other_data_in_csv", pairs)


# --- special missing values, which only XPT has ---------------------------------------------------------


def special():
    columns = [column("USUBJID", length=8), column("XVALUE", "float"), column("XDAY", "date")]
    letters = [None, "_"] + [chr(c) for c in range(65, 91)]
    values = [Special(v) if v else None for v in letters]
    records = [[f"S-{i}", v, values[i - 1]] for i, v in enumerate(values)]

    def another(c, value):
        return ["x"] if c["type"] == "string" else [v for v in values + [0, 1.5] if v != value]

    changed = list(changed_cells(columns, records, another))
    paths = [write("special/plain5.xpt", writers.as_xpt(columns, records)),
             write("special/plain8.xpt", writers.as_xpt(columns, records, v8=True))]
    paths += [write(f"special/{n}.xpt", writers.as_xpt(columns, c[2], v8=n % 2 == 0)) for n, c in enumerate(changed)]
    plain5, plain8, *digests = content_cat(paths)
    same = [c[:2] for c, digest in zip(changed, digests) if digest == plain5]
    result("properties__every_special_missing_value_is_another",
           None if plain5 == plain8 and len(digests) == len(changed) > 1000 and not same else str(same[:5]))
    lost = [[v if not isinstance(v, Special) else None for v in r] for r in records]
    as_json = write("special/lost.json", writers.as_json(columns, lost))
    as_xpt = write("special/lost.xpt", writers.as_xpt(columns, lost))
    check("properties__special_missing_values_are_lost_in_json",
          [("special", paths[0], as_json, "data"), ("nothing", as_xpt, as_json, "metadata")])


def main():
    global folder
    with tempfile.TemporaryDirectory() as folder:
        every_format()
        changed_ways()
        every_cell()
        special()
    return failed


sys.exit(main())
