#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_dataset_json_oracle: no python3"
exit 0
'''
"""Python's json, gzip and zlib modules as oracles for the Dataset-JSON reader.

Every real file; the same dataset generated in each form, version and order of
members; and every beginning of a file, all of which must be refused.
"""
import glob
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import zlib

ROWS_CAT = os.path.join(os.environ.get("O", "out"), "tests/bin/rows_cat")
DATA = "../shared/data/datasetjson/examples"
GENERATED = 60
NUMBERS = ("integer", "decimal", "float", "double")
failed = False


class Lexeme(str):
    """A number as the text has it."""


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


def rows_cat(paths):
    """For each file: [(member name, columns, rows)], or None where it was refused."""
    done = subprocess.run([ROWS_CAT], input="".join(p + "\n" for p in paths), check=True,
                          stdout=subprocess.PIPE, encoding="utf-8")
    files, members = [], []
    for line in done.stdout.split("\n")[:-1]:
        value = json.loads(line)
        if isinstance(value, list):
            members[-1][2].append([tuple(cell) for cell in value])
        elif "name" in value:
            members.append((value["name"], [tuple(c) for c in value["columns"]], []))
        else:
            files.append(members if "end" in value else None)
            members = []
    return files


# --- what the oracle says ---------------------------------------------------------------------------


def loads(text):
    return json.loads(text, parse_int=Lexeme, parse_float=Lexeme)


def plain_bytes(path):
    data = open(path, "rb").read()
    if not path.endswith(".dsjc"):
        return data
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else zlib.decompress(data)


def cell(value):
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    return ("number" if isinstance(value, Lexeme) else "text"), str(value)


def column(item):
    declared = item.get("dataType", item.get("type"))
    number = declared in NUMBERS or item.get("targetDataType") in ("integer", "decimal")
    return "number" if number else "text", item["name"]


def member(group, items, rows):
    skip = 1 if items[0]["name"] == "ITEMGROUPDATASEQ" else 0
    return (group["name"], [column(i) for i in items[skip:]],
            [[cell(v) for v in row[skip:]] for row in rows])


def oracle(path):
    text = plain_bytes(path).decode("utf-8")
    try:
        head = loads(text)
        rows = head.get("rows", [])
    except json.JSONDecodeError:
        lines = text.split("\n")
        head, rows = loads(lines[0]), [loads(line) for line in lines[1:] if line]
    if "columns" in head:
        return [member(head, head["columns"], rows)]
    return [member(g, g["items"], g.get("itemData", []))
            for data in ("clinicalData", "referenceData") if data in head
            for g in head[data]["itemGroupData"].values()]


def difference(path, ours):
    theirs = oracle(path)
    if ours is None:
        return "refused"
    if len(ours) != len(theirs):
        return f"{len(ours)} datasets, not {len(theirs)}"
    for mine, other in zip(ours, theirs):
        if mine != other:
            places = [i for i, (a, b) in enumerate(zip(mine[2], other[2])) if a != b]
            return f"{other[0]}: {len(mine[2])} rows of {len(other[2])}, differ at {places[:3]}"
    return None


def agree(name, paths):
    wrong = [f"{p}: {d}" for p, d in ((p, difference(p, o)) for p, o in zip(paths, rows_cat(paths)))
             if d is not None]
    result(name, None if paths and not wrong else f"{len(wrong)} of {len(paths)}: {wrong[:3]}")


# --- generated files --------------------------------------------------------------------------------

TEXTS = ["", " ", "x", " lead", "trail  ", "a,b", 'q"q', "back\\slash", "\u00e9\u20ac", "\U0001f600",
         "line\nend", "tab\t", "\u0001", "\u2028", "0", "null", "long " * 300]
LEXEMES = ["0", "-0", "1", "-1.50", "1e5", "1E-5", "0.1", "123456789.123456789",
           "9007199254740991", "9007199254740993", "8.549999999999999", "0." + "3" * 40]


def values(kind, rng):
    if rng.random() < 0.1:
        return None
    if kind == "boolean":
        return rng.random() < 0.5
    if kind in ("integer", "float", "double"):
        return "@" + rng.choice(LEXEMES) + "@"
    return rng.choice(TEXTS)


def shuffled(pairs, rng):
    pairs = list(pairs)
    rng.shuffle(pairs)
    return dict(pairs)


def write_json(value, rng, one_line=False):
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5,
                      indent=None if one_line else rng.choice([None, 1]))
    for lexeme in LEXEMES:
        text = text.replace(f'"@{lexeme}@"', lexeme)
    return text


def generate(rng, old):
    kinds = [rng.choice(["string", "integer", "decimal", "float", "double", "boolean"] +
                        ([] if old else ["date", "datetime", "time", "URI"]))
             for _ in range(rng.randint(1, 9))]
    items = []
    for i, kind in enumerate(kinds):
        item = {"OID" if old else "itemOID": f"IT.{i}", "name": f"C{i}", "label": rng.choice(TEXTS),
                "type" if old else "dataType": kind}
        if rng.random() < 0.3:
            item["length"] = rng.randint(1, 200)
        if not old and kind in ("date", "datetime", "time") and rng.random() < 0.5:
            item.update(targetDataType="integer", displayFormat="E8601DA10.")
        items.append(shuffled(item.items(), rng))
    rows = [[values(k, rng) for k in kinds] for _ in range(rng.choice([0, 1, 2, 30, 400]))]
    return items, rows


def new_head(items, rows):
    return {"datasetJSONCreationDateTime": "2026-01-02T03:04:05", "datasetJSONVersion": "1.1.0",
            "itemGroupOID": "IG", "records": len(rows), "name": "AE", "label": "\u00e9",
            "originator": None, "sourceSystem": {"version": "4", "name": "R"}, "columns": items}


def old_file(rng):
    groups = {}
    for i in range(rng.randint(1, 3)):
        items, rows = generate(rng, True)
        items.insert(0, {"OID": "ITEMGROUPDATASEQ", "name": "ITEMGROUPDATASEQ", "label": "Record",
                         "type": "integer"})
        rows = [[n + 1] + row for n, row in enumerate(rows)]
        groups[f"IG.{i}"] = shuffled({"records": len(rows), "name": f"D{i}", "label": "x",
                                      "items": items, "itemData": rows}.items(), rng)
    data = shuffled({"studyOID": "S", "itemGroupData": groups}.items(), rng)
    head = {"creationDateTime": "2024-01-02T03:04:05", "datasetJSONVersion": "1.0.0",
            "fileOID": "F", rng.choice(["clinicalData", "referenceData"]): data}
    return write_json(shuffled(head.items(), rng), rng)


def generated(folder, seed):
    rng = random.Random(seed)
    items, rows = generate(rng, False)
    head = shuffled(new_head(items, rows).items(), rng)
    lines = [write_json(v, rng, one_line=True) for v in [head] + rows]
    as_lines = rng.choice(["\n", "\r\n"]).join(lines) + rng.choice(["", "\n"])
    whole = write_json(shuffled(list(head.items()) + [("rows", rows)], rng), rng)
    forms = {"a.json": whole.encode(), "a.ndjson": as_lines.encode(), "old.json": old_file(rng).encode(),
             "gzip.dsjc": gzip.compress(as_lines.encode()), "zlib.dsjc": zlib.compress(as_lines.encode())}
    for name, data in forms.items():
        path = os.path.join(folder, f"{seed}-{name}")
        open(path, "wb").write(data)
        yield path


def beginnings(folder, sources):
    """Every beginning of the first bytes of a file, and some longer ones. A last line end may go."""
    rng = random.Random(1)
    for source in sources:
        data = open(source, "rb").read()
        whole = len(data.rstrip()) if not source.endswith(".dsjc") else len(data)
        for n in sorted(set(range(1, min(whole, 1500))) | {rng.randrange(1, whole) for _ in range(100)}):
            path = os.path.join(folder, f"cut-{n}-{os.path.basename(source)}")
            open(path, "wb").write(data[:n])
            yield path


def main():
    real = sorted(p for form in ("json", "ndjson", "dsjc")
                  for p in glob.glob(f"{DATA}/**/*.{form}", recursive=True))
    if real:
        agree("dataset_json_oracle__agrees_on_every_real_file", real)
    else:
        print(f"skip dataset_json_oracle__agrees_on_every_real_file: no {DATA}")
    with tempfile.TemporaryDirectory() as folder:
        made = [p for seed in range(GENERATED) for p in generated(folder, seed)]
        agree("dataset_json_oracle__agrees_on_generated_files", made)
        cuts = list(beginnings(folder, made[:15]))
        taken = [p for p, o in zip(cuts, rows_cat(cuts)) if o is not None]
        result("dataset_json_oracle__refuses_every_beginning_of_a_file",
               None if cuts and not taken else f"{len(taken)} of {len(cuts)} taken: {taken[:3]}")
    return failed


sys.exit(main())
