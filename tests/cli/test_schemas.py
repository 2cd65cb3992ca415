#!/usr/bin/env python3
"""Holds the --json lines, entries, detached texts and receipts of real runs against schemas/."""
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")  # RefResolver is deprecated; Debian 12's jsonschema has nothing newer
try:
    import jsonschema
except ImportError:
    print("skip schemas: python3-jsonschema is not installed")
    sys.exit(0)

PROJECT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = Path(os.path.abspath(os.environ.get("O", "out")))
NIGHTS = PROJECT / "sample-data" / "nights"
SCHEMAS = {p.name: json.loads(p.read_text()) for p in sorted((PROJECT / "schemas").glob("*.json"))}
STORE = {s["$id"]: s for s in SCHEMAS.values()}

INPUTS = {"csv-schema.json"}  # what people write may leave members out
NO_HOME = ("init", "verify", "compare", "describe")  # commands that take no time

DEFINE = """<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1">
<Study OID="S"><MetaDataVersion OID="M" def:DefineVersion="2.1.0">
<ItemGroupDef OID="IG.LB" Name="LB"><ItemRef ItemOID="IT.1" KeySequence="1"/></ItemGroupDef>
<ItemDef OID="IT.1" Name="LBSEQ" DataType="integer"/></MetaDataVersion></Study></ODM>"""

CSV_SCHEMA = {"csvSchema": 1, "label": "Laboratory", "missing": ["NA"], "columns": [
    {"itemOID": "IT.1", "name": "LBSEQ", "label": "Number", "dataType": "integer", "length": 8, "displayFormat": "8.",
     "keySequence": 1},
    {"name": "LBDT", "dataType": "date", "targetDataType": "integer", "values": ["2026-01-01"]}]}
# What is changed in it, and no program may take: a path to a member, and its value there.
NO_CSV_SCHEMA = [
    (["csvSchema"], 2), (["csvSchema"], "1"), (["rows"], []), (["label"], None), (["missing"], "NA"),
    (["missing"], [""]), (["missing"], ["x"] * 17), (["columns"], []), (["columns"], {}),
    (["columns", 0], "LBSEQ"), (["columns", 0, "name"], ""), (["columns", 0, "type"], "integer"),
    (["columns", 0, "dataType"], "number"), (["columns", 0, "length"], 0), (["columns", 0, "length"], 1.5),
    (["columns", 0, "keySequence"], 0), (["columns", 0, "keySequence"], 10001),
    (["columns", 1, "targetDataType"], "float"), (["columns", 1, "values"], [1]), (["columns", 1, "itemOID"], 1)]

met = set()  # schemas that something was held against
failures = []


def report(name, found):
    print(f"ok {name}" if not found else f"not ok {name}: {len(found)} times; first: {found[0]}")


def hold(schema, value, where):
    met.add(schema)
    document = SCHEMAS[schema]
    resolver = jsonschema.RefResolver(document["$id"], document, STORE)
    validator = jsonschema.Draft202012Validator(document, resolver=resolver)
    error = next(validator.iter_errors(value), None)
    if error is not None:
        failures.append(f"{schema}, {where}: {error.json_path}: {error.message}"[:400])


def canonical(text):
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Home:
    """A home in a folder, and what its commands print."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.now = "2026-01-11T12:00:00Z"
        self.shapes = []  # of output that is not one canonical object a line with a summary at the end
        self.statuses = []

    def run(self, *arguments, status=0, program="trialseal"):
        now = ["--now", self.now] if program == "trialseal" and arguments[0] not in NO_HOME else []
        command = [PROGRAMS / program, *now, "--json", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False,
                              env={**os.environ, "TRIALSEAL_HOME": "home"})
        if done.returncode != status:
            self.statuses.append(f"{arguments}: {done.returncode}, not {status}: {done.stderr[:200]}")
        self.hold_lines(done.stdout, arguments)

    def hold_lines(self, text, where):
        lines = [json.loads(line) for line in text.splitlines()]
        for line, written in zip(lines, text.splitlines()):
            if written != canonical(written):
                self.shapes.append(f"{where}: not canonical: {written[:100]}")
            hold(f"line-{line['type']}.json", line, where)
        if [line["type"] for line in lines].count("summary") != 1 or lines[-1]["type"] != "summary":
            self.shapes.append(f"{where}: no summary at the end")

    def night(self, number, now, status):
        self.now = now
        shutil.copytree(NIGHTS / number, self.folder / "home/inbox/DEMO-101", dirs_exist_ok=True)
        self.run("run", status=status)


def play(home):
    """Every command that prints JSON."""
    home.run("init", "home", "--origin", "demo.example", "--test")
    home.run("study", "add", "DEMO-101")
    home.run("study", "add", "DEMO-101", status=2)
    home.night("1", "2026-01-12T02:00:00Z", 0)
    home.night("2", "2026-01-13T02:00:00Z", 0)
    home.run("bundle", "DEMO-101", "-o", "earlier.zip")
    home.night("3", "2026-01-14T02:00:00Z", 1)
    (home.folder / "home/inbox/DEMO-101/unfinished").mkdir()
    home.run("run")
    (home.folder / "ae.csv").write_text("A,B\n")
    home.run("submit", "DEMO-101", "ae.csv", "--id", "1", "--reason", "Why \u2013 \"said\"")
    home.run("submit", "DEMO-101", "ae.csv", "--id", "1")
    (home.folder / "ae.csv").write_text("A,C\n")
    home.run("submit", "DEMO-101", "ae.csv", "--id", "1", status=1)
    home.run("withdraw", "DEMO-101/dm@1", "--reason", "Sent by mistake")
    home.run("bundle", "DEMO-101", "-o", "all.zip")
    home.run("bundle", "DEMO-101", "-o", "lb.zip", "--dataset", "LB", "--since", "9")
    home.run("bundle", "DEMO-101", "-o", "none.zip", "--no-data")
    home.run("report", "DEMO-101")
    home.run("report", "-o", "reports")
    home.run("trust", "export", "DEMO-101", "trust")
    for program in ("trialseal", "trialseal-verify"):
        verify = ["verify"] if program == "trialseal" else []
        home.run(*verify, "--trust", "trust", "--previous", "earlier.zip", "all.zip", program=program)
        home.run(*verify, "--trust", "trust", "lb.zip", program=program)
        home.run(*verify, "none.zip", program=program, status=1)
        home.run(*verify, "--trust", "trust", "ae.csv", program=program, status=1)
        home.run(*verify, "--trust", "nowhere", "all.zip", program=program, status=2)
    home.run("study", "list")
    home.run("study", "show", "DEMO-101")
    home.run("log", "DEMO-101")
    home.run("show", "DEMO-101")
    home.run("show", "DEMO-101/LB")
    for entry in range(20):
        home.run("show", f"DEMO-101#{entry}")
    home.run("show", "DEMO-101#999", status=2)
    home.run("get", "DEMO-101/LB@1", "-o", "lb.csv")
    home.run("compare", "lb.csv", "ae.csv", status=1)
    home.run("compare", "lb.csv", "lb.csv")
    home.run("describe", "lb.csv")
    home.run("describe", "all.zip")
    home.run("identify", "lb.csv")
    home.run("identify", "ae.csv", "DEMO-101", status=1)
    shutil.copy(home.folder / "lb.csv", home.folder / "labs.csv")
    home.run("submit", "DEMO-101", "labs.csv")
    home.run("show", "DEMO-101/LABS@1")
    (home.folder / "define.xml").write_text(DEFINE)
    home.run("describe", "define.xml")
    home.run("describe", "lb.csv", "--define", "define.xml", "--missing", "NA")
    (home.folder / "lb.schema.json").write_text(json.dumps(CSV_SCHEMA))
    home.run("describe", "lb.csv", "--schema", "lb.schema.json")
    home.run("describe", "lb.csv", "--schema", "lb.schema.json", "--define", "define.xml", status=2)
    home.run("describe", "lb.csv", "--schema", "define.xml", status=2)
    home.run("erase", "DEMO-101/LB@1", "--dry-run")
    home.run("erase", "DEMO-101/LB@1", "--reason", "asked for")
    home.run("erase", "DEMO-101#2", "--reason", "asked for")
    home.run("erase", "DEMO-101#1", "--reason", "a configuration", status=2)
    home.run("show", "DEMO-101/LB@1")
    home.run("show", "DEMO-101/LB")
    home.run("key", "list")
    home.run("status")
    home.run("check")
    home.run("rebuild")
    home.run("backup", "copy", "--secrets", "apart")
    home.run("backup", "--check", "copy")
    home.run("restore", "copy", "again", "--secrets", "apart", "--bundle", "all.zip")
    (home.folder / "copy/trialseal.conf").unlink()
    home.run("backup", "--check", "copy", status=1)
    home.run("nonsense", status=2)
    with open(home.folder / "home/lock", "r+b") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        home.run("run", status=3)
    checkpoint = home.folder / "home/ledger/DEMO-101/checkpoint"
    text = checkpoint.read_text()
    checkpoint.write_text(text.replace("\n", "\n9", 1))
    home.run("check", status=4)
    hold("alarm.json", json.loads((home.folder / "home/alarm").read_text()), "alarm")
    checkpoint.write_text(text)
    home.run("run", status=4)
    home.run("status", status=4)
    home.run("check")
    checkpoint.unlink()
    home.run("check", "--repair", "--dry-run", status=4)
    home.run("check", "--repair")
    held = next((home.folder / "home/objects").glob("*/*"))
    kept = held.read_bytes()
    held.unlink()
    home.run("check", "--repair", status=4)
    held.write_bytes(kept)
    home.run("check")
    seal(home)


def seal(home):
    """By an authority of our own, at the end: what it says is another time in each run."""
    authority, folder = PROJECT / "tests/job/authority.py", home.folder / "tsa"
    subprocess.run([sys.executable, authority, "make", folder], check=True)
    with subprocess.Popen([sys.executable, authority, "serve", folder], stdout=subprocess.PIPE, text=True) as server:
        port = server.stdout.readline().strip()
        shutil.copy(folder / "root.pem", home.folder / "home/tsa.pem")
        with open(home.folder / "home/trialseal.conf", "a", encoding="utf-8") as conf:
            conf.write(f"[seal]\ntimeout = 5\nauthority = http://127.0.0.1:{port}/refuse\n")
        home.run("status")
        home.run("seal", status=1)
        home.run("bundle", "DEMO-101", "-o", "unsealed.zip", status=1)
        home.run("seal", "request", "DEMO-101", "-o", ".")
        conf = home.folder / "home/trialseal.conf"
        conf.write_text(conf.read_text().replace("/refuse", "/"))
        home.run("seal", "DEMO-101")
        home.run("seal", "DEMO-101")
        home.run("bundle", "DEMO-101", "-o", "sealed.zip")
        server.terminate()
    home.run("status")
    home.run("check")
    home.run("trust", "export", "DEMO-101", "sealed")
    home.run("verify", "--trust", "sealed", "sealed.zip")
    home.run("--trust", "sealed", "sealed.zip", program="trialseal-verify", status=1)


def hold_files(folder):
    """What bundles and the outbox carry."""
    subprocess.run(["unzip", "-q", "sealed.zip", "-d", "bag"], cwd=folder, check=True)
    for path in sorted(folder.glob("bag/*/data/entries/*.json")):
        entry = json.loads(path.read_text())
        kind = entry["predicateType"].split("/")[-2]
        hold(f"entry-{kind}.json", entry, path.name)
    for path in sorted(folder.glob("bag/*/data/objects/*")):
        text = json.loads(path.read_text())
        hold(f"detached-{text['_type'].split('/')[-2]}.json", text, path.name)
    for path in sorted(folder.glob("home/outbox/*/*/receipt.json")):
        hold("receipt.json", json.loads(path.read_text()), path.parent.name)


def csv_schemas(folder):
    """The program and the schema agree on what a CSV schema is."""
    def accepted(schema):
        path, data = folder / "x.schema.json", folder / "x.csv"
        path.write_text(json.dumps(schema))
        data.write_text("LBSEQ,LBDT\n1,NA\n")
        done = subprocess.run([PROGRAMS / "trialseal", "describe", data, "--schema", path], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
        return done.returncode == 0

    document, wrong = SCHEMAS["csv-schema.json"], []
    validator = jsonschema.Draft202012Validator(document)
    met.add("csv-schema.json")
    if not accepted(CSV_SCHEMA) or not validator.is_valid(CSV_SCHEMA):
        wrong.append("the whole one")
    for path, value in NO_CSV_SCHEMA:
        changed = json.loads(json.dumps(CSV_SCHEMA))
        at = changed
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        if accepted(changed) or validator.is_valid(changed):
            wrong.append(f"{path}: {value}")
    report("schemas__and_the_program_agree_on_csv_schemas", wrong)


def is_strict(value):
    """Each object that a schema describes names all its members and allows no other."""
    if isinstance(value, list):
        return all(is_strict(v) for v in value)
    if not isinstance(value, dict):
        return True
    if "properties" in value and isinstance(value["properties"], dict):
        if value.get("additionalProperties") is not False:
            return False
        if sorted(value["properties"]) != value.get("required"):
            return False
    return all(is_strict(v) for v in value.values())


def main():
    bad = [name for name, s in SCHEMAS.items() if name not in INPUTS and not is_strict(s)]
    for name, schema in SCHEMAS.items():
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            bad.append(f"{name}: {error.message}")
    report("schemas__are_schemas_and_strict", bad)
    readme = (PROJECT / "schemas" / "README.md").read_text()
    report("schemas__are_all_in_the_readme", [n for n in SCHEMAS if f"({n})" not in readme])
    with tempfile.TemporaryDirectory() as folder:
        csv_schemas(Path(folder))
        home = Home(folder)
        play(home)
        report("json__commands_end_as_expected", home.statuses)
        report("json__every_line_is_canonical_and_the_last_is_a_summary", home.shapes)
        if shutil.which("unzip"):
            hold_files(Path(folder))
        else:
            print("skip schemas__hold_for_bundles_and_receipts: unzip is not installed")
    report("schemas__hold_for_what_is_written", failures)
    report("schemas__are_all_used", sorted(set(SCHEMAS) - met - {"common.json"}))


main()
