#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_damage: no python3"
exit 0
'''
"""Damaged files of each format beside tests/dataset/judges.py, which shares no code with the readers: cut at
every length of the first 4 KiB and at random ones, and with single bytes changed.

What a judge refuses must be held, by an issue that says where; what a judge takes must be read, with the same
cells. A cut is not always damage: a CSV that ends behind a row is a shorter CSV, an XPT of version 5 that ends
where a row and a record do is a shorter XPT. The judges know which.
"""
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import judges  # noqa: E402

DAMAGE_CAT = os.path.join(os.environ.get("O", "out"), "tests/bin/damage_cat")
SEEDS, DATA = "tests/fuzz/seeds", "../shared/data"
FIRST, RANDOM_CUTS, CHANGES = 4096, 1000, 1500
LARGE, CHANGES_OF_LARGE = 50_000, 100
failed = False

# Real files of each format, some of several kinds.
REAL = {"csv": ["pharmaversesdtm/csv/ts.csv", "pharmaversesdtm/csv/rs_onco_ca125.csv"],
        "xpt5": ["datasetjson/examples/sdtm/ds.xpt", "xpt-edge/sasxport-tests/cars.xpt"],
        "xpt8": ["xpt-edge/pyreadstat/basic/sas.xpt8", "xpt-edge/pyreadstat/basic/dates_xpt_v8.xpt",
                 "revisions/pilot3-xpt/adtte/r01_2022-11-18_a717c265.xpt"],
        "json": ["datasetjson/examples/sdtm/ds.json"],
        "ndjson": ["datasetjson/examples/sdtm/ds.ndjson"],
        "dsjc": ["datasetjson/examples/sdtm/ds.dsjc", "datasetjson/examples/sdtm/sv.dsjc"],
        "define": ["phuse-pilot-orig/sdtm/define.xml"],
        "odm": ["odm/openedc/clinicaldata.xml", "odm/openedc/metadata.xml"]}


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def cases(rng, size):
    """(cut, place, byte): the first bytes, and one of them changed; None where none is."""
    lengths = set(range(min(size + 1, FIRST)))
    if size > FIRST:
        lengths |= {rng.randrange(FIRST, size) for _ in range(RANDOM_CUTS)}
    yield from ((n, None, None) for n in sorted(lengths))
    if size <= FIRST:
        places = [i % size for i in range(min(3 * size, CHANGES))]
    else:
        places = [rng.randrange(FIRST if i % 2 else size)
                  for i in range(CHANGES if size < LARGE else CHANGES_OF_LARGE)]
    for at in places:
        # What means something in some format, more often than chance has it.
        yield size, at, rng.choice([rng.randrange(256), rng.choice(b'",\n\r\0 <>&[]{}0123456789:.')])


def damage_cat(path, damages):
    lines = [f"cut {n}" if at is None else f"set {at} {byte:02x}" for n, at, byte in damages]
    done = subprocess.run([DAMAGE_CAT], input="\n".join([f"file {path}"] + lines) + "\n", check=True,
                          stdout=subprocess.PIPE, encoding="utf-8", errors="replace")
    return done.stdout.split("\n")[:-1]


def judged(judge, data):
    """What damage_cat must print of it, or None where it must be held."""
    try:
        datasets = judge(data)
    except judges.Malformed:
        return None
    return f"read {judges.crc(datasets):08x}" + "".join(f" {len(d)}" for d in datasets)


def names_a_place(said):
    whole = ("held file-empty: ", "held format-mismatch: ")
    return said.startswith(whole) or re.search(
        r": (.*\b(line|offset|row|variable|byte) \d|\d+ bytes are not a multiple|.*ItemDef|.*MetaDataVersion)", said)


def other_format(data, said):
    """Text may look like XML in its first bytes, or hold so many control bytes that it is no text."""
    controls = sum(b < 0x20 and b not in b"\t\n\r" or b == 0x7F for b in data[:FIRST])
    return said.startswith("held format-mismatch: ") and (data[:1] == b"<" or controls > len(data[:FIRST]) // 32)


def difference(judge, data, said):
    wanted = judged(judge, data)
    if wanted is None:
        if said.startswith("held "):
            return None if names_a_place(said) else f"no place in '{said}'"
        return f"taken: '{said}'"
    return None if said == wanted or other_format(data, said) else f"'{said}', not '{wanted}'"


def damaged(path, data, damages):
    for n, at, byte in damages:
        yield data[:n] if at is None else data[:at] + bytes([byte]) + data[at + 1:]


def examine(path, rng):
    data = read(path)
    judge = next(j for end, j in judges.JUDGES.items() if path.endswith((end, end + "5", end + "8")))
    damages = list(cases(rng, len(data)))
    said = damage_cat(path, damages)
    wrong = [] if len(said) == len(damages) else [f"{len(said)} answers to {len(damages)} damages"]
    taken = 0
    for case, data, line in zip(damages, damaged(path, data, damages), said):
        why = difference(judge, data, line)
        wrong += [] if why is None else [f"{os.path.basename(path)} {case}: {why}"]
        taken += line.startswith("read")
    return len(damages), taken, wrong


def examine_all(name, paths):
    rng, damages, taken, wrong = random.Random(name), 0, 0, []
    for path in paths:
        counts = examine(path, rng)
        damages, taken, wrong = damages + counts[0], taken + counts[1], wrong + counts[2]
    result(name, None if taken and not wrong else f"{len(wrong)} of {damages}, {taken} taken: {wrong[:3]}")


def shorter_csv(path):
    data = read(path)
    ends = [i + 1 for i, b in enumerate(data) if b == 0x0A]
    assert all(row.count(b'"') % 2 == 0 for row in data.split(b"\n"))
    said = damage_cat(path, [(end, None, None) for end in ends])
    wrong = [line for i, line in enumerate(said) if not re.fullmatch(f"read [0-9a-f]{{8}} {i}", line)]
    result("damage__a_csv_that_ends_behind_a_row_has_the_records_up_to_there", str(wrong[:3]) if wrong or not ends else None)


def old_json(new):
    """The same dataset in version 1.0."""
    head = json.loads(new)
    items = [{"OID": "ITEMGROUPDATASEQ", "name": "ITEMGROUPDATASEQ", "label": "", "type": "integer"}]
    items += [{"OID": c["itemOID"], "name": c["name"], "label": c["label"], "type": c["dataType"]} for c in head["columns"]]
    group = {"records": head["records"], "name": head["name"], "label": head["label"], "items": items,
             "itemData": [[i + 1] + row for i, row in enumerate(head["rows"])]}
    return json.dumps({"creationDateTime": "2024-01-02T03:04:05", "datasetJSONVersion": "1.0.0",
                       "clinicalData": {"studyOID": "S", "itemGroupData": {"IG": group}}}).encode()


def made(folder, files):
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        yield os.path.join(folder, name)


def examine_made():
    """What no public file is."""
    examples = os.path.join(DATA, "datasetjson/examples/sdtm")
    with tempfile.TemporaryDirectory() as folder:
        examine_all("damage__of_version_1_0_and_of_zlib_is_held_and_nothing_else", list(made(folder, {
            "old.json": old_json(read(f"{examples}/ds.json")),
            "zlib.dsjc": zlib.compress(read(f"{examples}/sv.ndjson"))})))


def examine_schemas():
    name = "damage__of_a_csv_schema_is_refused_and_nothing_else"
    try:
        judges.published_schema()
    except ImportError:
        print(f"skip {name}: no jsonschema")
        return
    seeds = glob.glob(f"{SEEDS}/csv_schema/*.json")
    with tempfile.TemporaryDirectory() as folder:
        examine_all(name, list(made(folder, {os.path.basename(p)[:-4] + "schema.json": read(p) for p in sorted(seeds)})))


def main():
    for kind in ("csv", "xpt", "dataset_json", "define", "odm"):
        examine_all(f"damage__of_a_small_{kind}_is_held_and_nothing_else",
                    sorted(p for p in glob.glob(f"{SEEDS}/{kind}/*")))
    for kind, paths in REAL.items():
        name = f"damage__of_a_real_{kind}_is_held_and_nothing_else"
        if os.path.isdir(DATA):
            examine_all(name, [os.path.join(DATA, p) for p in paths])
        else:
            print(f"skip {name}: no {DATA}")
    if os.path.isdir(DATA):
        shorter_csv(os.path.join(DATA, REAL["csv"][0]))
        examine_made()
    examine_schemas()
    return failed


sys.exit(main())
