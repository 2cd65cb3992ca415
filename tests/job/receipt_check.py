"""receipt_check.py FOLDER: receipt.json is canonical and holds entry and text as they were hashed."""
import hashlib
import json
import sys


def canonical(value):
    """RFC 8785 for texts without numbers but integers, and names within the basic plane."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


folder = sys.argv[1]
raw = open(folder + "/receipt.json", "rb").read()
receipt = json.loads(raw)
assert raw == canonical(receipt) + b"\n", "not canonical"
assert sorted(receipt) == ["checkpoint", "entry", "index", "revisions", "transfer", "type"], "other members"
entries = open(folder + "/entries.jsonl", "rb").read().splitlines()
assert canonical(receipt["entry"]) == entries[0], "the entry is not the first of entries.jsonl"
details = receipt["entry"]["predicate"]["details"]
assert hashlib.sha256(canonical(receipt["transfer"])).hexdigest() == details, "the text is not the one that the entry names"
predicate = receipt["entry"]["predicate"]
assert len(entries) == 1 + predicate["revisions"] + predicate["held"], "not all entries are here"
for index, line in enumerate(entries[1:], receipt["index"] + 1):
    assert json.loads(line)["predicate"]["transfer"] == receipt["index"], "entry %d is of another transfer" % index
MEMBERS = ("change", "dataset", "records", "records_added", "records_changed", "records_removed", "reverted", "revision")
revisions = [(index, json.loads(line)) for index, line in enumerate(entries[1:], receipt["index"] + 1)]
told = [{"entry": index, **{name: x["predicate"][name] for name in MEMBERS}} for index, x in revisions if "/revision/" in x["predicateType"]]
assert receipt["revisions"] == told, "revisions that are not as their entries say"
