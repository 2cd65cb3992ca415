#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_content_oracle: no python3"
exit 0
'''
"""Digests, keys, record trees and changes beside tests/dataset/canonical.py, a second implementation
of FORMAT 12.

On every real file of moderate size; on values at the edges of the rules in each format; on
one dataset that is written in every format, shuffled, padded, spelt otherwise, and changed; and on
keys of all kinds, in any order of the records, in little memory.
"""
import glob
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import canonical  # noqa: E402
import writers  # noqa: E402

CONTENT_CAT = os.path.join(os.environ.get("O", "out"), "tests/bin/content_cat")
DATA = "../shared/data"
LARGEST = 250_000
failed = False


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


def content_cat(paths, memory=0):
    """For each file the digests of its datasets, or None where it was refused."""
    done = subprocess.run([CONTENT_CAT, str(memory)], input="".join(p + "\n" for p in paths), check=True,
                          stdout=subprocess.PIPE, encoding="utf-8")
    files, datasets = [], []
    for line in done.stdout.split("\n")[:-1]:
        if line.startswith("{"):
            datasets.append(json.loads(line))
        else:
            files.append(datasets if line == "" else None)
            datasets = []
    return files


def stem(path):
    return os.path.basename(path).partition(".")[0]


def oracle(path, schema=None, encoding=None, previous=None):
    """The same by the second implementation; `previous` keeps the dataset before it."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        return list(canonical.digests(data, schema, encoding, stem(path), previous=previous))
    except canonical.NoText:
        return None


def without_metadata(datasets):
    return datasets and [{k: v for k, v in d.items() if k != "metadata"} for d in datasets]


def agree(name, paths, refused=(), memory=0):
    """Each dataset also with the one before it, of the same file or of another."""
    wrong, previous = [], []
    for path, ours in zip(paths, content_cat(paths, memory)):
        if ours is None:
            wrong += [] if path.endswith(refused) else [f"{path}: refused"]
            continue
        if without_metadata(ours) != oracle(path, previous=previous):
            wrong.append(path)
    result(name, None if paths and not wrong else f"{len(wrong)} of {len(paths)}: {wrong[:3]}")


def real_files():
    found = [p for form in ("xpt", "json", "ndjson", "dsjc", "csv")
             for p in sorted(glob.glob(f"{DATA}/**/*.{form}", recursive=True))]
    return [p for p in found if "/schema/" not in p and os.path.getsize(p) <= LARGEST]


# --- edges ------------------------------------------------------------------------------------------

TEXTS = ["", " ", "  x ", "\u00e9", "\U0001f600", "x" * 127, "x" * 128, "y" * 20000, "1", "1.0", "NA",
         "0", "-0", "\u0000x\u0000", "a\u0000", ".", "2014-02-30", "2014-02-28", "0000-01-01",
         "1959-12-31T23:59:59.25", "1959-12-31T23:59:58.990", "0001-01-01T00:00:00.5", "9999-12-31T23:59:59.99999",
         "1960-01-01", "1960-01-01T00:00:00", "00:00:00.12345678901234567890", "23:59", "24:00",
         "2014-02-28T10:20", "2014-02-28T10:20:30.500", "2014-02-28T24:00", "2014-02-28T10:20:30Z",
         "10:20", "10:20:30.000", "23:59:60", " 5", "5 ", "+5", "5.", ".5", "1e5", "1e999", "1e-999",
         "9007199254740993", "8.549999999999999", "0." + "1" * 20, " 2014-02-28 "]
LEXEMES = ["0", "-0", "1", "-1.50", "1e5", "0.1", "20000", "-20000", "20000.5", "86399", "86400", "0.25",
           "-0.25", "1e15", "123456789.125", "9007199254740993", "8.549999999999999", "-21915.25",
           "253717747199", "253717747200", "-61914240000", "2932896", "-715509", "1e20", "1e-7"]
TYPES = [{"dataType": t} for t in ("string", "integer", "decimal", "float", "double", "boolean", "date",
                                   "datetime", "time", "URI")]
TYPES += [{"dataType": t, "targetDataType": "integer"} for t in ("date", "datetime", "time", "string")]
TYPES += [{"dataType": "integer", "displayFormat": f} for f in
          ("DATE9.", "date9", "date9.", "YYMMDD10.", "yymmddn8.", "YYMMDDX10.", "E8601DT19.", "TIME5.",
           "TIME", "BEST.", "8.2", "DATETIME20.3", "DATE9.x")]


def write_edges(folder):
    items = [dict(t, itemOID=f"I.{i}", name=f"c{len(TYPES) - i}", label="") for i, t in enumerate(TYPES)]
    values = [json.dumps(t) for t in TEXTS] + LEXEMES + ["null", "true", "false"]
    rows = ["[" + ",".join([v] * len(items)) + "]" for v in values]
    head = {"datasetJSONCreationDateTime": "2026-01-01T00:00:00", "datasetJSONVersion": "1.1.0",
            "itemGroupOID": "I", "records": len(rows), "name": "X", "label": "", "columns": items}
    path = os.path.join(folder, "edges.ndjson")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([json.dumps(head)] + rows) + "\n")
    return path


def write_xpt(path, columns, rows):
    """Version 5. A column is (1 or 2, length, name, format); rows are bytes."""
    variables = [(kind, size, name, b"", form, 0) for kind, size, name, form in columns]
    with open(path, "wb") as file:
        file.write(writers.xpt_library() + writers.xpt_member(variables, rows))
    return path


def ibm_bytes(rng, n):
    kind = rng.random()
    if kind < 0.2:
        return rng.choice([b".", b"_"] + [bytes([c]) for c in range(65, 91)]).ljust(n, b"\0")
    if kind < 0.3:
        return bytes(n)
    if kind < 0.5:  # a whole number, which may be a day or a second
        v = rng.choice([rng.randrange(30000), rng.randrange(90000), rng.randrange(3 * 10**9)])
        digits = f"{v:x}"
        return bytes([0x40 + len(digits)]) + bytes.fromhex(digits.ljust(14, "0"))[:n - 1]
    return bytes([rng.choice([rng.randrange(256), rng.randrange(0x38, 0x48)])]) + rng.randbytes(n - 1)


def write_xpt_edges(folder):
    rng = random.Random(3)
    formats = [b"", b"DATE", b"TIME", b"DATETIME", b"E8601DA", b"BEST"]
    for size in range(2, 9):
        columns = [(1, size, b"N%d" % i, f) for i, f in enumerate(formats)]
        columns += [(2, 9, b"TXT", b""), (2, 60, b"FILL", b"")]
        text = [b"plain", b"caf\xc3\xa9", b"caf\xe9 \x80", b"\x81\x8d", b"  lead", b"nul\0", b""]
        rows = [b"".join(ibm_bytes(rng, size) for _ in formats) + rng.choice(text).ljust(9) + b"x".ljust(60)
                for _ in range(400)]
        yield write_xpt(os.path.join(folder, f"edges{size}.xpt"), columns, rows)


# --- one dataset, many files ------------------------------------------------------------------------


def dataset(rng, n=40):
    return [{"USUBJID": f"S-{i // 4:03}", "SEQ": i % 4, "TERM": rng.choice(["Headache", "na\u00efve", "", "a,b"]),
             "VALUE": rng.choice([None, 1.5, 8.55, -0.001, 120, 1e-9]), "DAY": rng.choice([None, 19725, 20000])}
            for i in range(n)]


NAMES = ["USUBJID", "SEQ", "TERM", "VALUE", "DAY"]
ITEMS = {"USUBJID": {"dataType": "string"}, "SEQ": {"dataType": "integer"}, "TERM": {"dataType": "string"},
         "VALUE": {"dataType": "double"},
         "DAY": {"dataType": "date", "targetDataType": "integer", "displayFormat": "DATE9."}}


def day_text(n):
    return writers.moment("date", n)


def as_json(records, names=tuple(NAMES), created="2026-01-01T00:00:00", change=lambda name, v: v, lines=False):
    items = [dict(ITEMS[n], itemOID=n, name=n, label=n) for n in names]
    head = {"datasetJSONCreationDateTime": created, "datasetJSONVersion": "1.1.0", "itemGroupOID": "I",
            "records": len(records), "name": "X", "label": "", "columns": items}
    rows = [[change(n, day_text(r[n]) if n == "DAY" else r[n]) for n in names] for r in records]
    if lines:
        return "\n".join(json.dumps(v) for v in [head] + rows).encode()
    return json.dumps(dict(head, rows=rows)).encode()


def as_xpt(path, records):
    columns = [(2, 12, b"USUBJID", b""), (1, 8, b"SEQ", b""), (2, 30, b"TERM", b"$"), (1, 8, b"VALUE", b""),
               (1, 8, b"DAY", b"DATE"), (2, 50, b"PAD", b"")][:5]
    rows = [r["USUBJID"].encode().ljust(12) + writers.ibm(r["SEQ"]) + r["TERM"].encode().ljust(30) + writers.ibm(r["VALUE"]) +
            writers.ibm(r["DAY"]) for r in records]
    return write_xpt(path, columns, rows)


def pad(name, v):
    return v + "  " if isinstance(v, str) and ITEMS[name]["dataType"] == "string" else v


def respell(name, v):
    return f" {v:.12e}" if name == "VALUE" and v is not None else v


def written(folder, files):
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        yield os.path.join(folder, name)


def one_dataset(folder):
    rng = random.Random(5)
    records = dataset(rng)
    shuffled = random.Random(6).sample(records, len(records))
    same_order = {
        "a.json": as_json(records), "later.json": as_json(records, created="2027-01-01T00:00:00"),
        "b.ndjson": as_json(records, lines=True), "c.dsjc": gzip.compress(as_json(records, lines=True)),
        "order.json": as_json(records, names=NAMES[::-1]), "pad.json": as_json(records, change=pad),
        "spelt.json": as_json(records, change=respell), "null.json": as_json(records, change=lambda n, v: v or None if n == "TERM" else v)}
    paths = list(written(folder, same_order)) + [as_xpt(os.path.join(folder, "d.xpt"), records)]
    same = [d[0] for d in content_cat(paths)]
    wrong = [p for p, d in zip(paths, same) if d["strict_ordered"] != same[0]["strict_ordered"]]
    result("content_oracle__every_format_and_spelling_has_one_digest", None if not wrong else str(wrong))
    moved = content_cat(list(written(folder, {"s.json": as_json(shuffled)})))[0][0]
    result("content_oracle__the_order_of_records_is_in_one_digest_only",
           None if moved["strict_unordered"] == same[0]["strict_unordered"] and
           moved["ordered"] != same[0]["ordered"] else "no")
    changed_cells(folder, records, same[0])


def changed_cells(folder, records, before):
    other = {"USUBJID": "S-X", "SEQ": 9, "TERM": "Other", "VALUE": 3.25, "DAY": 1}
    files = {}
    for i in range(0, len(records), 7):
        for name in NAMES:
            changed = [dict(r) for r in records]
            changed[i][name] = other[name]
            files[f"changed-{i}-{name}.json"] = as_json(changed)
    files["one-less.json"] = as_json(records[:-1])
    files["twice.json"] = as_json(records + records[-1:])
    paths = list(written(folder, files))
    wrong = [p for p, d in zip(paths, content_cat(paths)) if d[0]["unordered"] == before["unordered"]]
    result("content_oracle__any_changed_cell_changes_the_digest", None if not wrong else str(wrong[:3]))
    fuzzy = [dict(r, VALUE=8.549999999999999 if r["VALUE"] == 8.55 else r["VALUE"]) for r in records]
    d = content_cat(list(written(folder, {"fuzzy.json": as_json(fuzzy)})))[0][0]
    result("content_oracle__the_sixteenth_digit_is_in_the_strict_digest_only",
           None if d["ordered"] == before["ordered"] and d["unordered"] == before["unordered"] and
           d["strict_unordered"] != before["strict_unordered"] and
           d["strict_ordered"] != before["strict_ordered"] else str(d))


# --- CSV with a schema ------------------------------------------------------------------------------


def quoted(value):
    return '"' + value.replace('"', '""') + '"'


def as_csv(records, missing):
    """Each text in quotes; what is not there is `missing`, without."""
    def cell(name, v):
        if v is None or v == "" and missing:
            return missing
        return day_text(v) if name == "DAY" else quoted(v) if isinstance(v, str) else repr(v)

    return "\n".join([",".join(NAMES).lower()] + [",".join(cell(n, r[n]) for n in NAMES) for r in records]).encode() + b"\n"


def csv_with_schema(folder):
    records = dataset(random.Random(5))
    columns = [dict(ITEMS[n], name=n) for n in NAMES]
    wanted = content_cat(list(written(folder, {"twin.json": as_json(records)})))[0][0]
    wrong = []
    for missing in ("", "NA", "."):
        schema = {"csvSchema": 1, "columns": columns[::-1]} | ({"missing": ["?", missing]} if missing else {})
        path, said = written(folder, {"twin.csv": as_csv(records, missing), "twin.schema.json": json.dumps(schema).encode()})
        ours = content_cat([f"{path}\t{said}"])[0]
        if without_metadata(ours) != oracle(path, schema) or ours[0]["strict_ordered"] != wanted["strict_ordered"]:
            wrong.append(missing)
    if content_cat([path])[0][0]["unordered"] == wanted["unordered"]:
        wrong.append("without a schema")
    result("content_oracle__a_csv_with_a_schema_is_its_json", str(wrong) if wrong else None)


# --- declared encodings -----------------------------------------------------------------------------

ENCODINGS = ["shift_jis", "euc-jp", "euc-kr", "big5", "gbk", "gb18030", "koi8-r", "windows-874"]
ENCODINGS += [f"iso-8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15)]
ENCODINGS += [f"windows-{n}" for n in range(1250, 1259)]


def sequences(encoding):
    """All bytes above ASCII, alone; of the Asian encodings all of two and of three; of four some, and all of the BMP."""
    yield from (bytes([b]) for b in range(0x80, 0x100))
    if ENCODINGS.index(encoding) < 6:
        yield from (bytes([a, b]) for a in range(0x80, 0x100) for b in range(0x30, 0x100))
    if encoding == "euc-jp":
        yield from (bytes([0x8F, a, b]) for a in range(0xA0, 0x100) for b in range(0xA0, 0x100))
    if encoding == "gb18030":
        yield from (bytes([a, b, c, d]) for a in range(0x81, 0x85) for b in b"0123456789" for c in range(0x81, 0xFF) for d in b"0123456789")
        yield from (bytes([a, b, c, d]) for a in range(0x85, 0xFF) for b in b"0189" for c in (0x81, 0xA0, 0xFE) for d in b"079")
        yield from (chr(c).encode(encoding) for c in canonical.MOVED)


def is_text(encoding, raw):
    canonical.declared = encoding
    try:
        canonical.text(raw)
        return True
    except canonical.NoText:
        return False


def encodings(folder):
    """Every sequence that the encoding has: the same digest. Every one that it does not have: refused."""
    rng, wrong = random.Random(7), []
    for encoding in ENCODINGS + ["utf-8"]:
        there, not_there = [], []
        for raw in [b"\xe9 ", b"caf\xe9"] if encoding == "utf-8" else sequences(encoding):
            raw = b"<" + raw + b">"
            (there if is_text(encoding, raw) else not_there).append(raw)
        good = os.path.join(folder, encoding + ".csv")
        with open(good, "wb") as file:
            file.write(b"A,B\n" + b"".join(b"x," + raw + b"\n" for raw in there))
        columns, rows = [(2, 8, b"TXT", b""), (2, 80, b"FILL", b"")], [raw.ljust(8) + b"x".ljust(80) for raw in there]
        xpt = write_xpt(os.path.join(folder, encoding + ".xpt"), columns, rows)
        ours = content_cat([f"{path}\t\t{encoding}" for path in (good, xpt)])
        before = []
        wrong += [p for p, d in zip((good, xpt), ours) if not d or without_metadata(d) != oracle(p, None, encoding, before)]
        bad = list(written(folder, {f"{encoding}-{i}.csv": b"A,B\nx," + raw + b"\n" for i, raw in enumerate(
            rng.sample(not_there, min(60, len(not_there))))}))
        wrong += [p for p, d in zip(bad, content_cat([f"{p}\t\t{encoding}" for p in bad])) if d is not None]
    result("content_oracle__agrees_on_declared_encodings", str(wrong[:3]) if wrong else None)


# --- keys -------------------------------------------------------------------------------------------

KEY_TEXTS = ["", "2", "10", "010", "0", "-1", "1", "1.0", "123456789012345", "1234567890123456", "9", "a", "aa",
             "ab", "a b", "a\u0000b", "a\u0001", "A", "\u00e9", "2026-01-12", "x" * 500, "x" * 499 + "y", "z" * 600]
KEY_NUMBERS = [None, "0", "-0", "1", "-1", "-1.5", "2", "10", "1e300", "-1e300", "1e-300", "0.1", "123456789012345",
               "8.549999999999999", "8.55", "12345678901234567890"]


def columns_of(*columns):
    return [{"itemOID": f"I.{i}", "name": name, "label": "", "dataType": kind, **more}
            for i, (name, kind, more) in enumerate(columns)]


def write_json(path, name, columns, rows):
    head = {"datasetJSONCreationDateTime": "2026-01-01T00:00:00", "datasetJSONVersion": "1.1.0",
            "itemGroupOID": "I", "records": len(rows), "name": name, "label": "", "columns": columns}
    body = ["[" + ",".join(v if isinstance(v, canonical.Lexeme) else json.dumps(v) for v in row) + "]" for row in rows]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([json.dumps(head)] + body) + "\n")
    return path


def typed_keys(folder):
    """Every kind of value in a declared key of two columns, some of them twice."""
    rng = random.Random(7)
    columns = columns_of(("B", "string", {"keySequence": 2}), ("A", "string", {"keySequence": 1}), ("C", "string", {}))
    rows = [[rng.choice(KEY_TEXTS), rng.choice(KEY_TEXTS), rng.choice("uvw")] for _ in range(700)]
    yield write_json(f"{folder}/texts.ndjson", "T", columns, rows)
    yield write_json(f"{folder}/texts2.ndjson", "T", columns, rows[100:] + [["n", "n", "n"]] * 3)
    renamed = columns_of(("B", "string", {"keySequence": 2}), ("A", "string", {"keySequence": 1}), ("D", "string", {}))
    yield write_json(f"{folder}/renamed.ndjson", "T", renamed, rows[100:])
    unkeyed = [columns_of(("B", "string", {}), (c, "string", {})) for c in "CD"]
    yield from (write_json(f"{folder}/unkeyed{i}.ndjson", "T", c, [["1", "2"]] * 2) for i, c in enumerate(unkeyed))
    yield write_json(f"{folder}/none.ndjson", "T", columns, [])
    yield write_json(f"{folder}/one.ndjson", "T", columns, rows[:1])
    numbers = columns_of(("N", "double", {"keySequence": 1}), ("D", "date", {"keySequence": 2, "targetDataType": "integer"}),
                         ("M", "datetime", {"keySequence": 3, "targetDataType": "integer"}), ("V", "double", {}))
    lexeme = lambda v: None if v is None else canonical.Lexeme(v)
    rows = [[lexeme(rng.choice(KEY_NUMBERS)), rng.choice([None, "2026-01-12", "1959-12-31", "soon", "17"]),
             rng.choice([None, "2026-01-12T10:00", "1960-01-01T00:00:00.5"]),
             lexeme(rng.choice(["1", "8.549999999999999", "8.55", "0.30000000000000004"]))] for _ in range(900)]
    yield write_json(f"{folder}/numbers.ndjson", "N", numbers, rows)
    yield write_json(f"{folder}/numbers2.ndjson", "N", numbers, sorted(rows[50:] + rows[:9], key=str))


def special_keys(folder):
    """In CSV and XPT, with the standards' keys: special missings, absent columns, all columns."""
    rng = random.Random(8)
    columns = [(2, 8, b"STUDYID", b""), (2, 9, b"USUBJID", b""), (1, 5, b"LBSEQ", b""), (2, 70, b"X", b"")]
    rows = [b"S-1".ljust(8) + rng.choice([b"1", b"2", b"10", b""]).ljust(9) + ibm_bytes(rng, 5) + b"x".ljust(70)
            for _ in range(500)]
    yield write_xpt(f"{folder}/lb.xpt", columns, rows + [b" " * 17 + b".".ljust(5, b"\0") + b"x".ljust(70)])
    for name, head in (("lb", "studyid,usubjid,lbseq,x"), ("lbch", "x,lbseq,usubjid,studyid"), ("lab", "STUDYID,USUBJID,LBSEQ,DOMAIN"),
                       ("LB2", "STUDYID,USUBJID,VSSEQ,DOMAIN"), ("other", "A,B,C,A"), ("ADLB", "STUDYID,USUBJID,PARAMCD,ADT"), ("adsl", "STUDYID,USUBJID,A,B"),
                       ("ADTTE", "STUDYID,USUBJID,PARAMCD,AVAL"), ("adae", "STUDYID,USUBJID,AESEQ,ASEQ"), ("adx", "STUDYID,USUBJID,SEQ,PARAMCD"),
                       ("TS", "STUDYID,TSPARMCD,TSSEQ,TSVAL"), ("apdm", "STUDYID,APID,DMSEQ,X"), ("SUPPLB", "STUDYID,RDOMAIN,USUBJID,IDVAR"),
                       ("suppae", "STUDYID,RDOMAIN,USUBJID,IDVAR,IDVARVAL,QNAM,QVAL"), ("bw", "STUDYID,USUBJID,POOLID,BWSEQ"), ("x", "STUDYID,USUBJID,XSEQ,SEQ")):
        width = head.count(",") + 1
        lines = [head] + [",".join(rng.choice(["", "1", "2", "10", "a", "ab"]) for _ in range(width)) for _ in range(300)]
        yield from written(folder, {f"{name}.v1.csv": "\r\n".join(lines).encode()})
        yield from written(folder, {f"{name}.v2.csv": "\r\n".join(lines[:1] + lines[20:] + lines[5:7] + [",".join("z" * width)]).encode()})


def lab(rng, n):
    return [f"S-1,S-1-{i // 40:05},{i % 40 + 1},ALT,{rng.randrange(1000)},{'x' * (i % 37)}" for i in range(n)]


def in_any_order(folder):
    """Many rows, in order and shuffled, sorted in so little memory that hundreds of runs are merged."""
    rng = random.Random(9)
    rows = lab(rng, 100_000)
    head = "STUDYID,USUBJID,LBSEQ,LBTESTCD,LBORRES,X"
    orders = {"sorted": rows, "shuffled": rng.sample(rows, len(rows)), "backward": rows[::-1],
              "pieces": rows[60_000:] + rows[:60_000], "nearly": rows[:50_000] + rows[50_001:] + rows[50_000:50_001],
              "twice": rng.sample(rows + rows[:20_000], len(rows) + 20_000)}
    paths = list(written(folder, {f"lb.{k}.csv": "\n".join([head] + v).encode() for k, v in orders.items()}))
    for memory in (0, 60_000):
        found = [d[0] for d in content_cat(paths, memory)]
        same = {d["root"] for d in found[:5]}
        flags = [d["in_order"] for d in found]
        repeats = [d["duplicates"] for d in found]
        moved = [d["changes"] for d in found]
        good = len(same) == 1 and flags == [True] + [False] * 5 and repeats == [0] * 5 + [20_000] and \
            moved == [[0, 0, 0]] * 5 + [[20_000, 0, 0]]
        name = f"content_oracle__any_order_gives_one_tree{'_in_little_memory' if memory else ''}"
        result(name, None if good else f"{len(same)} {flags} {repeats} {moved}")
    small = list(written(folder, {f"lb.small-{k}.csv": "\n".join([head] + v[:3000]).encode() for k, v in orders.items()}))
    agree("content_oracle__agrees_on_shuffled_rows", small)
    agree("content_oracle__agrees_on_shuffled_rows_in_little_memory", small, memory=1)


def main():
    real = real_files()
    if real:
        agree("content_oracle__agrees_on_real_files", real, refused=("meta_study.csv",))
    else:
        print(f"skip content_oracle__agrees_on_real_files: no {DATA}")
    with tempfile.TemporaryDirectory() as folder:
        agree("content_oracle__agrees_on_values_at_the_edges", [write_edges(folder)] + list(write_xpt_edges(folder)))
        one_dataset(folder)
        keys = list(typed_keys(folder)) + list(special_keys(folder))
        agree("content_oracle__agrees_on_keys", keys)
        agree("content_oracle__agrees_on_keys_in_little_memory", keys, memory=1)
        in_any_order(folder)
        csv_with_schema(folder)
        encodings(folder)
    return failed


sys.exit(main())
