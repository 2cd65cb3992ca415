#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_chains: no python3"
exit 0
'''
"""Chains of revisions: what compare says of each step beside tests/dataset/chains.py, which computes it by value."""
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chains  # noqa: E402
import walks  # noqa: E402

PROGRAM = os.path.join(os.environ.get("O", "out"), "trialseal")
STEPS = 40
SEEDS = {"csv": 3, "xpt": 4, "json": 4, "ndjson": 1, "dsjc": 1}
failed = False


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


def write(folder, i, name, data):
    os.makedirs(os.path.join(folder, str(i)))
    path = os.path.join(folder, str(i), name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def compare(a, b):
    done = subprocess.run([PROGRAM, "--json", "compare", a, b], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8")
    return json.loads(done.stdout.split("\n")[0]) if done.returncode in (0, 1) else {"error": done.stdout}


def differences(dataset, name, files, whats):
    """Where they say something else of a step. compare does not count the same bytes, and not by a key that one lacks."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [write(folder, i, name, data) for i, data in enumerate(files)]
        for i, step in enumerate(chains.steps(files, dataset)):
            said = compare(paths[i], paths[i + 1])
            counts = ("added", "removed", "changed") if step["change"] != "none" else ()
            wanted = {"change": step["change"], **{n: step[n] if step["keyed"] else None for n in counts}}
            wrong = {n: (said.get(n), v) for n, v in wanted.items() if said.get(n) != v}
            if wrong:
                yield f"{whats[i + 1]}, step {i + 1}: {wrong}"


def main():
    wrong, steps = [], 0
    for dataset, paths in walks.real_chains():
        files = [open(p, "rb").read() for p in paths]
        steps += len(files) - 1
        wrong += differences(dataset, dataset + os.path.splitext(paths[0])[1], files, paths)
    if steps:
        result("chains__real_steps_are_what_a_computation_by_value_finds", str(wrong[:3]) if wrong else None)
    else:
        print(f"skip chains__real_steps_are_what_a_computation_by_value_finds: no {walks.DATA}")
    for form, seeds in SEEDS.items():
        wrong = []
        for seed in range(seeds):
            whats, files = zip(*walks.walk(form, seed, STEPS))
            wrong += [f"seed {seed}: {why}" for why in differences("LB", f"lb.{form}", files, whats)]
        result(f"chains__random_steps_in_{form}_are_what_a_computation_by_value_finds",
               f"{len(wrong)}: {wrong[:3]}" if wrong else None)
    return failed


sys.exit(main())
