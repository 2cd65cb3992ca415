#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_typed_twins: no python3"
exit 0
'''
"""Real CSV files, taken in with their Define-XML in the transfer, in the study's folder, or as CSV schemas: their
columns are what they are in the XPT twins."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PROGRAM = os.path.abspath(os.path.join(os.environ.get("O", "out"), "trialseal"))
CSV, XPT = Path("../shared/data/safetydata/sdtm"), Path("../shared/data/phuse-pilot-orig/sdtm")
NAMES = ["cm", "dm", "ds", "mh", "relrec", "sc", "se", "suppds", "sv", "ta", "te", "ti", "tv"]
ODM, DEF = "{http://www.cdisc.org/ns/odm/v1.2}", "{http://www.cdisc.org/ns/def/v1.0}"


def schemas(path):
    """The datasets of a Define-XML 1.0 as CSV schemas."""
    root = ElementTree.parse(path).getroot()
    items = {i.get("OID"): i for i in root.iter(ODM + "ItemDef")}
    for group in root.iter(ODM + "ItemGroupDef"):
        keys, columns = [k for k in group.get(DEF + "DomainKeys").replace(",", " ").split() if k], []
        named = [items[ref.get("ItemOID")] for ref in group.iter(ODM + "ItemRef")]
        keys = [k for k in keys if k in {i.get("Name") for i in named}]
        for item in named:
            column = {"name": item.get("Name"), "label": item.get(DEF + "Label"), "dataType": item.get("DataType")}
            if item.get("Name") in keys:
                column["keySequence"] = keys.index(item.get("Name")) + 1
            columns.append(column)
        yield group.get("Name"), {"csvSchema": 1, "label": group.get(DEF + "Label"), "missing": ["NA"], "columns": columns}


class Home:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.run("init", self.folder, "--origin", "test.example", "--test")

    def run(self, *arguments, day=1):
        now = [] if arguments[0] == "init" else ["--now", f"2026-03-{day:02}T00:00:00Z"]
        done = subprocess.run([PROGRAM, "-C", self.folder, *now, "--json", *map(str, arguments)], check=False,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments}: {done.stdout} {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def study(self, name, configuration=""):
        self.run("study", "add", name)
        folder = self.folder / "studies" / name
        with open(folder / "study.conf", "a", encoding="utf-8") as conf:
            conf.write(configuration)
        return folder

    def take(self, study, files):
        """Takes files in as the transfer sdtm: the columns of each dataset, by its name and format."""
        transfer = self.folder / "inbox" / study / "sdtm"
        transfer.mkdir()
        for name, data in files.items():
            (transfer / name).write_bytes(data)
        lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
        (transfer / "MANIFEST.sha256").write_text("".join(lines))
        self.run("run", day=2)
        found = {}
        for line in self.run("log", study, day=2):
            said = line.get("entry", {}).get("predicate", {}) if line["type"] == "entry" else {}
            if isinstance(said, dict) and "dataset" in said:
                details = next(x for x in self.run("show", f"{study}#{line['index']}", day=2) if x["type"] == "details")
                found[said["dataset"], said["format"]] = details["details"]["columns"]
        return found


def types(columns):
    return {c["name"]: c["type"] for c in columns}


def main():
    if not CSV.is_dir() or not XPT.is_dir():
        print(f"skip typed_twins: no {CSV}")
        return
    csv = {f"{n}.csv": (CSV / f"{n}.csv").read_bytes() for n in NAMES}
    define = (XPT / "define.xml").read_bytes()
    said = {n: s for n, s in schemas(XPT / "define.xml") if n.lower() in NAMES}
    with tempfile.TemporaryDirectory() as folder:
        home = Home(os.path.join(folder, "home"))
        home.study("XPT")
        wanted = home.take("XPT", {f"{n}.xpt": (XPT / f"{n}.xpt").read_bytes() for n in NAMES})
        home.study("BESIDE")
        beside = {f"{n.lower()}.schema.json": json.dumps(s).encode() for n, s in said.items()}
        home.study("CAME", "[csv]\nmissing = NA\n")
        shutil.copy(XPT / "define.xml", home.study("DEFINE", "[csv]\nmissing = NA\n"))
        kept = home.study("SCHEMAS") / "schemas" / "sdtm"
        kept.mkdir(parents=True)
        for name, schema in said.items():
            (kept / f"{name}.json").write_text(json.dumps(schema))
        ways = {"BESIDE": csv | beside, "CAME": csv | {"define.xml": define}, "DEFINE": csv, "SCHEMAS": csv}
        for study, files in ways.items():
            found = home.take(study, files)
            wrong = [n for n in NAMES if types(found["sdtm/" + n.upper(), "csv"]) != types(wanted["sdtm/" + n.upper(), "xpt"])]
            print(f"ok typed_twins__{study.lower()}" if not wrong else f"not ok typed_twins__{study.lower()}: {wrong}")


main()
