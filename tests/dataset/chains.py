"""How each revision of a dataset differs from the one before, computed by value: FORMAT 12 without hashes.

Cells are read by judges.py, names and labels here, values are compared as canonical.py writes them; nothing is
shared with the program.
"""
import gzip
import json
import os
import re
import struct
import sys
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import canonical  # noqa: E402
import judges  # noqa: E402

# FORMAT 12.5: is or begins (*), and the columns; ? where it is there, -- the domain.
STANDARD = [line.split(":") for line in """DM: STUDYID USUBJID
SE: STUDYID USUBJID ETCD SESTDTC?
SV: STUDYID USUBJID VISITNUM
SM: STUDYID USUBJID MIDS
TA: STUDYID ARMCD TAETORD
TD: STUDYID TDORDER
TE: STUDYID ETCD
TI: STUDYID IETESTCD TIVERS?
TM: STUDYID MIDSTYPE
TS: STUDYID TSPARMCD TSGRPID? TSSEQ
TV: STUDYID ARMCD? VISITNUM
TX: STUDYID SETCD TXPARMCD TXSEQ?
DI: STUDYID? SPDEVID DIPARMCD
OI: STUDYID NHOID OIPARMCD
RELREC: STUDYID RDOMAIN USUBJID APID? POOLID? IDVAR IDVARVAL RELID
RELSUB: STUDYID USUBJID POOLID? RSUBJID SREL
RELSPEC: STUDYID USUBJID REFID
RELREF: STUDYID? USUBJID POOLID? REFID
POOLDEF: STUDYID POOLID USUBJID
SUPP*: STUDYID RDOMAIN USUBJID APID? POOLID? IDVAR IDVARVAL QNAM
SQ*: STUDYID RDOMAIN USUBJID APID? POOLID? IDVAR IDVARVAL QNAM
ADSL: STUDYID USUBJID
AD*: STUDYID USUBJID ASEQ
ADTTE*: STUDYID USUBJID PARAMCD
AD*: STUDYID USUBJID PARAMCD BASETYPE? AVISIT? ATPT? ADTM? ADT? DTYPE? --SEQ?
AD*: STUDYID USUBJID --SEQ
*: STUDYID USUBJID POOLID? --SEQ
*: STUDYID APID --SEQ
*: STUDYID POOLID --SEQ
*: STUDYID SPDEVID --SEQ""".split("\n")]


def strip(raw):
    return raw.rstrip(b" \0")


def format_of(raw, width=0, decimals=0):
    return strip(raw).decode("latin-1"), width, decimals


def xpt_metadata(data):
    """(dataset's name, label, type), and of each column (name, label, type, length, format, informat)."""
    v8 = data[20:25] == b"LIBV8"
    width = 32 if v8 else 8
    real = data[400:560]
    count = int(data[612:618]) if v8 else int(data[614:618])
    columns = []
    for i in range(count):
        n = data[640 + 140 * i:780 + 140 * i]
        kind, length = struct.unpack(">h2xh", n[:6])
        name = (strip(n[88:120]) if v8 else b"") or strip(n[8:16])
        columns.append([name, strip(n[16:56]), kind, length, format_of(n[56:64], *struct.unpack(">HH", n[64:68])),
                        format_of(n[72:80], *struct.unpack(">HH", n[80:84]))])
    at = 640 + -(-140 * count // 80) * 80
    if data[at + 20:at + 25] == b"LABEL":
        assert data[at + 20:at + 27] == b"LABELV8"
        count, at = int(data[at + 48:at + 78].split()[0][:5]), at + 80
        for _ in range(count):
            number, name, label = struct.unpack(">HHH", data[at:at + 6])
            columns[number - 1][1] = strip(data[at + 6 + name:at + 6 + name + label])
            at += 6 + name + label
    return (strip(real[8:8 + width]), strip(real[112:152]), strip(real[152:160])), columns


def json_metadata(data):
    try:
        head = json.loads(data)
    except json.JSONDecodeError:
        head = json.loads(data.split(b"\n")[0])
    members = ("name", "label", "dataType", "targetDataType", "length", "displayFormat", "keySequence")
    return (head["name"], head["label"]), [[c.get(m) for m in members] for c in head["columns"]], \
        [canonical.json_kind(c) for c in head["columns"]]


def value(kind, form, raw):
    """A cell as a pair of bytes, at 15 digits and at all."""
    if form == b"0":
        return canonical.NOTHING
    return canonical.ibm_cell(raw) if form == b"i" else canonical.string_cell(kind, raw)


class Revision:
    """schema: of a CSV, parsed, or None. Texts that stand for nothing must not be in quotes."""

    def __init__(self, data, schema=None):
        self.data = data
        self.schema_key = []
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        if data[:6] == b"HEADER":
            (cells,), (self.dataset, self.columns) = judges.xpt_file(data), xpt_metadata(data)
            kinds = ["text"] * len(self.columns)  # its numbers are numbers
        elif data[:1] == b"{":
            (cells,), (self.dataset, self.columns, kinds) = judges.json_file(data), json_metadata(data)
        else:
            (cells,), self.dataset = judges.csv_file(data), ()
            self.columns = [[name] for name in judges.csv_rows(data)[0]]
            said = {c["name"].upper().encode(): c for c in schema["columns"]} if schema else {}
            known = [said.get(c[0].upper()) for c in self.columns]
            kinds = ["text" if c is None else canonical.json_kind(c) for c in known]
            missing = [m.encode() for m in schema.get("missing", [])] if schema else []
            cells = [[(b"0", b"") if cell[1] in missing else cell for cell in row] for row in cells]
            self.schema_key = [n for _, n in sorted((c["keySequence"], n.decode()) for n, c in said.items() if "keySequence" in c)]
        names = [c[0].encode() if isinstance(c[0], str) else c[0] for c in self.columns]
        self.upper = [canonical.upper(n) for n in names]
        self.order = sorted(range(len(names)), key=lambda i: (self.upper[i], i))
        self.rows = [[value(kind, *cell) for kind, cell in zip(kinds, row)] for row in cells]
        self.records = [tuple(b"".join(row[i][k] for i in self.order) for k in (0, 1)) for row in self.rows]

    def by_name(self):
        return self.dataset, [self.columns[i] for i in self.order]

    def sorted_names(self):
        return [self.upper[i] for i in self.order]


# --- the key --------------------------------------------------------------------------------------------


def fits(rule, name):
    return name.startswith(rule[:-1]) if rule.endswith("*") else name == rule


def expand(words, domain, there):
    """The columns of a line of the table, or None."""
    found = []
    for word in words.split():
        column = word.rstrip("?")
        if column.startswith("--"):
            column = domain + column[2:] if domain else None
        if column in there:
            found.append(column)
        elif not word.endswith("?"):
            return None
    return found


def domains(name, there):
    behind = len(name) >= 4 and name[:2] in ("AD", "AP")
    yield (name[2:] if behind else name)[:2] if len(name) >= 2 else ""
    counted = [c[:2] for c in there if re.fullmatch("..SEQ", c)]
    if "DOMAIN" in there and len(counted) == 1:
        yield counted[0]


def key_of(revision, dataset):
    """Its source, and the columns' canonical names."""
    there = [n.decode("latin-1") for n in revision.upper]
    if revision.schema_key and set(revision.schema_key) <= set(there):
        return "define", revision.schema_key
    declared = sorted((c[6], i) for i, c in enumerate(revision.columns) if len(c) == 7 and c[6])
    if declared:
        return "dataset", [there[i] for _, i in declared]
    name = dataset.split("/")[-1].upper()
    for part in (name, re.split("[_-]", name)[0]):
        for rule, words in STANDARD:
            for domain in domains(part, there) if fits(rule, part) else ():
                columns = expand(words, domain, there)
                if columns is not None:
                    return "standard", columns
    return "all", there


# --- how two differ -------------------------------------------------------------------------------------


def bag(revision, source, key):
    """For each key the records that have it."""
    places = [revision.upper.index(n.encode("latin-1")) for n in key if source != "all"]
    bags = {}
    for row, record in zip(revision.rows, revision.records):
        value = record[0] if source == "all" else tuple(row[i][0] for i in places)
        bags.setdefault(value, Counter())[record] += 1
    return bags


def is_keyed(before, after, source, key):
    """Whether the one before has the key, too."""
    there = {n.decode("latin-1") for n in before.upper}
    return set(key) <= there and (source != "all" or before.sorted_names() == after.sorted_names())


def changes(before, after, source, key):
    """added, removed, changed"""
    if not is_keyed(before, after, source, key):
        return len(after.rows), len(before.rows), 0
    a, b = bag(before, source, key), bag(after, source, key)
    alike = before.sorted_names() == after.sorted_names()
    added = removed = changed = 0
    for value in set(a) | set(b):
        old, new = a.get(value, Counter()), b.get(value, Counter())
        gone, come = (sum(x.values()) for x in ((old - new, new - old) if alike else (old, new)))
        changed += min(gone, come)
        removed += gone - min(gone, come)
        added += come - min(gone, come)
    return added, removed, changed


def change(before, after):
    if before.data == after.data:
        return "none"
    names = before.sorted_names() == after.sorted_names()
    strict = [[record[1] for record in r.records] for r in (before, after)]
    if names and strict[0] == strict[1]:
        if (before.dataset, before.columns) == (after.dataset, after.columns):
            return "header"
        return "column-order" if before.by_name() == after.by_name() else "metadata"
    plain = [Counter(record[0] for record in r.records) for r in (before, after)]
    if not names or plain[0] != plain[1]:
        return "data"
    return "record-order" if Counter(strict[0]) == Counter(strict[1]) else "numeric-fuzz"


def duplicates(revision, source, key):
    return sum(sum(records.values()) - 1 for records in bag(revision, source, key).values())


def same_data(a, b):
    return a.sorted_names() == b.sorted_names() and \
        Counter(r[1] for r in a.records) == Counter(r[1] for r in b.records)


def steps(files, dataset, schemas=None):
    """One dict a step from file to file, all of one dataset; `reverted` counts the files from 0. schemas: one for each."""
    schemas = schemas or [None] * len(files)
    revisions = [Revision(data, schema) for data, schema in zip(files, schemas)]
    for i in range(1, len(revisions)):
        after = revisions[i]
        before = revisions[i - 1] if schemas[i - 1] == schemas[i] else Revision(files[i - 1], schemas[i])
        source, key = key_of(after, dataset)
        step = {"change": change(before, after), "key": source, "columns": key, "records": len(after.rows),
                "keyed": is_keyed(before, after, source, key), "duplicates": duplicates(after, source, key), "reverted": None}
        counted = step["change"] in ("numeric-fuzz", "data")
        step["added"], step["removed"], step["changed"] = changes(before, after, source, key) if counted else (0, 0, 0)
        if counted:
            step["reverted"] = next((j for j in range(i - 2, -1, -1)
                                     if schemas[j] == schemas[i] and same_data(revisions[j], after)), None)
        yield step


if __name__ == "__main__":
    contents = [open(path, "rb").read() for path in sys.argv[2:]]
    for path, step in zip(sys.argv[3:], steps(contents, sys.argv[1])):
        print(os.path.basename(path), json.dumps(step))
