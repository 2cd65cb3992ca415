#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_odm_oracle: no python3"
exit 0
'''
"""Python's ElementTree as oracle for the reader of ODM audit records: every real file, and generated ones; the
digest of what is besides them, written from FORMAT 12.9; and what a large file costs."""
import glob
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import judges  # noqa: E402

O = os.environ.get("O", "out")
DATA = "../shared/data"
LARGE, MEMORY_MAX = 200_000_000, 24 * 1024  # bytes, KiB
failed = False


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


# --- what is expected ---

def tagged(name):
    """As FORMAT has it: namespace, blank, local name."""
    return name[1:].replace("}", " ", 1) if name.startswith("{") else name


def rest_of(element, root=True):
    if judges.odm_name(element) == "AuditRecord":
        return b""
    attributes = {} if root else element.attrib
    out = f"<{tagged(element.tag)}\0".encode()
    for name, value in sorted((tagged(name).encode(), value.encode()) for name, value in attributes.items()):
        out += b"@" + name + b"\0" + value + b"\0"
    out += text_of(element.text)
    for child in element:
        out += rest_of(child, False) + text_of(child.tail)
    return out + b">"


def text_of(text):
    for blank in "\t\n\r":
        text = (text or "").replace(blank, " ")
    text = " ".join(word for word in text.split(" ") if word)
    return f"={text}\0".encode() if text else b""


def wanted(data):
    """The lines that rows_cat prints behind the columns."""
    datasets = judges.odm_file(data)
    if not datasets:
        return [{"nothing": True}]
    rows = [[["null", ""] if kind == b"0" else ["text", cell.decode()] for kind, cell in r] for r in datasets[0]]
    return rows + [{"rest": hashlib.sha256(rest_of(ET.fromstring(data))).hexdigest()}, {"end": True}]


def rows_cat(paths):
    done = subprocess.run([f"{O}/tests/bin/rows_cat"], input="".join(p + "\n" for p in paths), check=True,
                          stdout=subprocess.PIPE, encoding="utf-8")
    files = [[]]
    for line in done.stdout.split("\n")[:-1]:
        said = json.loads(line)
        files[-1] += [] if "columns" in said else [said]
        if isinstance(said, dict) and said.keys() & {"end", "refused", "nothing"}:
            files.append([])
    return files[:-1]


def compare(name, paths):
    wrong, records = [], 0
    for path, said in zip(paths, rows_cat(paths), strict=True):
        with open(path, "rb") as file:
            want = wanted(file.read())
        records += len(said)
        if said != want:
            differing = next((pair for pair in zip(said, want) if pair[0] != pair[1]), (len(said), len(want)))
            wrong.append(f"{path}: {differing}")
    result(name, str(wrong[:2]) if wrong or not records else None)


# --- files ---

TEXTS = ["1", "a b", " x ", "", "ä€𝄞", "<&>", "\"'", "a\nb", "]]>", "}", "x" * 3000]
TYPES = ["Insert", "Update", "Remove", "Upsert", "Context"]
LEVELS = [("SubjectData", ["SubjectKey"]), ("StudyEventData", ["StudyEventOID", "StudyEventRepeatKey"]),
          ("FormData", ["FormOID", "FormRepeatKey"]), ("ItemGroupData", ["ItemGroupOID", "ItemGroupRepeatKey"])]


def some(rng, tree, names, rate=0.8):
    for name in names:
        if rng.random() < rate:
            tree.set(name, rng.choice(TEXTS))


def make(rng, parent, space, name):
    child = ET.SubElement(parent, space + name)
    child.tail = rng.choice([None, "\n  ", "stray text"])
    return child


def make_audit(rng, parent, space):
    audit = make(rng, parent, space, "AuditRecord")
    some(rng, audit, ["ID", "EditPoint", "UsedImputationMethod"], 0.3)
    for name in rng.sample(["UserRef", "LocationRef", "DateTimeStamp", "ReasonForChange", "SourceID", "Other"],
                           rng.randrange(7)):
        part = make(rng, audit, space, name)
        some(rng, part, [name[:-3] + "OID"] if name.endswith("Ref") else ["x"])
        part.text = rng.choice(TEXTS)


def make_items(rng, group, space):
    for _ in range(rng.randrange(4)):
        name = rng.choice(["ItemData", "ItemData", "ItemDataString", "ItemDataDate", "Annotation"])
        item = make(rng, group, space, name)
        some(rng, item, ["ItemOID", "IsNull", "Value"])
        if rng.random() < 0.3:
            item.set("TransactionType", rng.choice(TYPES))
        if name.startswith("ItemData") and name != "ItemData" and rng.random() < 0.5:
            item.text = rng.choice(TEXTS)
            item.set("AuditRecordID", rng.choice(TEXTS))
        elif rng.random() < 0.7:
            make_audit(rng, item, space)


def make_data(rng, parent, space, level):
    if level == len(LEVELS):
        make_items(rng, parent, space)
        return
    for _ in range(rng.randrange(1, 3)):
        child = make(rng, parent, space, LEVELS[level][0])
        some(rng, child, LEVELS[level][1])
        if rng.random() < 0.4:
            child.set("TransactionType", rng.choice(TYPES))
        if rng.random() < 0.5:
            make_audit(rng, child, space)
        make_data(rng, child, space, level + 1)


def make_file(rng, path):
    space = "{http://www.cdisc.org/ns/odm/v1.3}"
    ET.register_namespace(rng.choice(["", "odm"]), space[1:-1])
    ET.register_namespace("vendor", "urn:vendor")
    root = ET.Element(space + "ODM", {"FileType": "Transactional", "{urn:vendor}x": "1"})
    for name in rng.choices(["ClinicalData", "ReferenceData", "Study", "{urn:vendor}ClinicalData"], k=3):
        data = make(rng, root, "" if name.startswith("{") else space, name)
        some(rng, data, ["StudyOID", "MetaDataVersionOID"])
        make_data(rng, data, space, 3 if name == "ReferenceData" else 0)
        records = make(rng, data, space, "AuditRecords")
        for _ in range(rng.randrange(3)):
            make_audit(rng, records, space)
    encoding = rng.choice(["UTF-8", "US-ASCII", "ISO-8859-1"])
    ET.ElementTree(root).write(path, encoding=encoding, xml_declaration=True)


def generated(folder):
    rng = random.Random("odm")
    for i in range(300):
        path = os.path.join(folder, f"{i}.xml")
        make_file(rng, path)
        yield path


# --- size ---

RECORD = """<ItemData ItemOID="IT.%d" Value="%d" TransactionType="Update"><AuditRecord><UserRef UserOID="USR.%d"/>\
<LocationRef LocationOID="SITE.1"/><DateTimeStamp>2026-01-02T03:04:05Z</DateTimeStamp><ReasonForChange>corrected\
</ReasonForChange></AuditRecord></ItemData>
"""


def large_file(folder):
    """As large as it must be, and of how many records."""
    path, records = os.path.join(folder, "large.xml"), 0
    with open(path, "w", encoding="ascii") as file:
        file.write('<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Transactional"><ClinicalData StudyOID="S">'
                   '<SubjectData SubjectKey="1"><StudyEventData StudyEventOID="E"><FormData FormOID="F">'
                   '<ItemGroupData ItemGroupOID="G">')
        while file.tell() < LARGE:
            file.write("".join(RECORD % (i % 50, i, i % 7) for i in range(records, records + 10_000)))
            records += 10_000
        file.write("</ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData></ODM>")
    return path, records


def lines_and_memory(path):
    """How many lines rows_cat printed, and its peak in KiB; not of a child of ours, whose peak begins with ours."""
    count = path + ".lines"
    done = subprocess.run([f"{O}/tests/bin/measure", "sh", "-ec", f"echo {path} | {O}/tests/bin/rows_cat | wc -l >{count}"],
                          check=True, stdout=subprocess.PIPE)
    with open(count, encoding="ascii") as file:
        return int(file.read()), int(done.stdout.split()[-1])


def large(folder):
    name = "odm__of_200_mb_is_read_in_24_mb"
    if "asan" in O:
        print(f"skip {name}: sanitized")
        return
    path, records = large_file(folder)
    lines, used = lines_and_memory(path)
    result(name, None if lines == records + 3 and used <= MEMORY_MAX else f"{lines} lines, {used} KiB")


def main():
    with tempfile.TemporaryDirectory() as folder:
        compare("odm__generated_files_are_read_as_elementtree_reads_them", list(generated(folder)))
        large(folder)
    name = "odm__real_files_are_read_as_elementtree_reads_them"
    paths = [p for p in sorted(glob.glob(f"{DATA}/**/*.xml", recursive=True)) if judges.is_odm(open(p, "rb").read(4096))]
    if os.path.isdir(DATA):
        compare(name, paths)
    else:
        print(f"skip {name}: no {DATA}")
    return failed


sys.exit(main())
