#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_chains: no python3"
exit 0
'''
"""Chains of revisions, submitted one by one: what their entries say of each step, beside tests/dataset/chains.py,
which computes it by value, and what the verifier says of the ledger.
"""
import datetime
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../dataset"))
import chains  # noqa: E402
import walks  # noqa: E402

PROGRAM = os.path.join(os.environ.get("O", "out"), "trialseal")
STEPS = 24
SEEDS = {"csv": 1, "xpt": 2, "json": 1, "ndjson": 1}
NUMBERS = {"csvSchema": 1, "columns": [
    {"name": "LBSEQ", "dataType": "integer"}, {"name": "LBSTRESN", "dataType": "float"},
    {"name": "LBDT", "dataType": "date", "targetDataType": "integer", "displayFormat": "DATE9."}]}
KEYED = dict(NUMBERS, missing=["x"], columns=NUMBERS["columns"] + [
    {"name": "USUBJID", "dataType": "string", "keySequence": 2}, {"name": "LBTESTCD", "dataType": "string", "keySequence": 1}])
SCHEMAS = [None, NUMBERS, KEYED, NUMBERS]
failed = False


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


class Home:
    def __init__(self, folder):
        self.path, self.day, self.studies = os.path.join(folder, "home"), datetime.datetime(2026, 1, 1), 0
        self.folder = folder
        subprocess.run([PROGRAM, "init", self.path, "--origin", "test.example", "--test"], check=True)

    def run(self, *arguments):
        self.day += datetime.timedelta(minutes=1)
        now = self.day.strftime("%Y-%m-%dT%H:%M:%SZ")
        return subprocess.run([PROGRAM, "-C", self.path, "--now", now, "--json", *arguments], check=True,
                              stdout=subprocess.PIPE, encoding="utf-8").stdout

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def submit_all(self, dataset, name, files, schemas):
        """The revision entries of a new study to which these files were sent, one a night, some with a CSV schema."""
        self.studies += 1
        study = f"S{self.studies}"
        self.run("study", "add", study)
        for data, schema in zip(files, schemas):
            paths = [self.write(name, data)]
            if schema:
                paths.append(self.write(name.split(".")[0] + ".schema.json", json.dumps(schema).encode()))
            self.run("submit", study, *paths)
        entries = [json.loads(line) for line in self.run("log", study).split("\n") if line]
        return [(e["index"], e["entry"]["predicate"]) for e in entries
                if e["type"] == "entry" and e["entry"]["predicateType"].endswith("/revision/v1") and
                e["entry"]["predicate"]["dataset"] == dataset.upper()]


def difference(said, step, before):
    """Where an entry says something else than the computation. before: indexes of the revisions before."""
    wanted = {"change": step["change"], "key": step["key"], "records": step["records"], "duplicates": step["duplicates"],
              "records_added": step["added"], "records_removed": step["removed"], "records_changed": step["changed"],
              "reverted": None if step["reverted"] is None else before[step["reverted"]]}
    return {n: (said[n], v) for n, v in wanted.items() if said[n] != v}


def differences(home, dataset, name, files, whats, schemas=None):
    """Bytes that are those of the revision before are no revision."""
    schemas = schemas or [None] * len(files)
    kept = [i for i in range(len(files)) if i == 0 or files[i] != files[i - 1]]
    files, whats, schemas = ([x[i] for i in kept] for x in (files, whats, schemas))
    entries = home.submit_all(dataset, name, files, schemas)
    if len(entries) != len(files):
        return [f"{len(entries)} revisions of {len(files)}"]
    indexes = [i for i, _ in entries]
    wrong = [difference(said, step, indexes) for (_, said), step in zip(entries[1:], chains.steps(files, dataset, schemas))]
    return [f"{what}, step {i + 1}: {w}" for i, (w, what) in enumerate(zip(wrong, whats[1:])) if w]


def sound(home):
    """By our own audit; the last study by the second verifier, too."""
    study, trust, bundle = f"S{home.studies}", os.path.join(home.folder, "trust"), os.path.join(home.folder, "S.zip")
    home.run("trust", "export", study, trust)
    home.run("bundle", study, "-o", bundle)
    for name, command in (("check", [PROGRAM, "-C", home.path, "check"]),
                          ("the_second_verifier", ["python3", "tests/oracle/verify_bundle.py", "--trust", trust, bundle])):
        said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        result(f"chains__are_sound_by_{name}", said.stdout[:300] if said.returncode else None)


def main():
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder)
        wrong, count = [], 0
        for dataset, paths in walks.real_chains():
            files = [open(p, "rb").read() for p in paths]
            count += len(files)
            wrong += differences(home, dataset, dataset + os.path.splitext(paths[0])[1], files, paths)
        name = "chains__entries_say_of_real_steps_what_a_computation_by_value_finds"
        if count:
            result(name, f"{len(wrong)}: {wrong[:3]}" if wrong else None)
        else:
            print(f"skip {name}: no {walks.DATA}")
        for form, seeds in SEEDS.items():
            wrong = []
            for seed in range(seeds):
                whats, files = zip(*walks.walk(form, 100 + seed, STEPS))
                wrong += differences(home, "LB", f"lb.{form}", list(files), list(whats))
            result(f"chains__entries_say_of_random_steps_in_{form}_what_a_computation_by_value_finds",
                   f"{len(wrong)}: {wrong[:3]}" if wrong else None)
        whats, files = zip(*walks.walk("csv", 7, STEPS))
        schemas = [SCHEMAS[i * len(SCHEMAS) // STEPS] for i in range(STEPS)]
        wrong = differences(home, "LB", "lb.csv", files, whats, schemas)
        result("chains__entries_say_of_steps_under_changing_schemas_what_a_computation_by_value_finds",
               f"{len(wrong)}: {wrong[:3]}" if wrong else None)
        sound(home)
    return failed


sys.exit(main())
