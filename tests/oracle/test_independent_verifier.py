#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0" "$@"
echo "skip test_independent_verifier: no python3"
exit 0
'''
"""The program's verifier and verify_bundle.py, which was written from docs/FORMAT.md alone, agree.

On what the program writes from sample-data both say yes. On several hundred changed bundles both say
no, both as a verdict, and with at least one issue in common. With --update it writes the examples of
FORMAT chapter 11 anew instead; without, it compares them.
"""
import contextlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(HERE), "job"))
import authority  # noqa: E402
import forge  # noqa: E402
import forged  # noqa: E402
import verify_bundle as v  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
OUT = os.path.abspath(os.environ.get("O", "out"))
FORMAT = os.path.join(ROOT, "docs/FORMAT.md")
SEED = 20260112
STUDY = "DEMO-101"
EXAMPLES = {0: "study", 1: "system", 8: "transfer", 10: "revision", 13: "refusal", 18: "withdrawal", 19: "issued", 20: "seal",
            24: "erasure"}
# What an authority answered to the request of the sealed copy: root.pem and answer.tsr. --update asks another one.
RECORDED = os.path.join(HERE, "seal")
AUTHORITY = os.path.join(ROOT, "tests/job/authority.py")
SEALED_AT = "2026-01-17T10:00:00Z"
# "none" comes first: entry 19 is an example, and so it does not depend on how zlib deflates.
SCOPES = {"none": ["--no-data"], "all": [], "dataset": ["--dataset", "DM"], "since": ["--since", "9"],
          "both": ["--dataset", "LB", "--since", "7"]}


def ok(name):
    print("ok " + name)


def not_ok(name, why):
    print(f"not ok {name}: {why}")


def expect(name, good, why):
    if good:
        ok(name)
    else:
        not_ok(name, why)


def program(name, *arguments):
    return subprocess.run([os.path.join(OUT, name), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)


class Home:
    """Three nights of sample-data, a withdrawal, and a bundle of each scope; and a copy that was sealed before there were more."""

    def __init__(self, folder, update=False):
        self.path, self.trust = os.path.join(folder, "home"), os.path.join(folder, "trust")
        self.folder = folder
        self.must("init", self.path, "--origin", "demo.example", "--test", home=False)
        self.must("--now", "2026-01-11T12:00:00Z", "study", "add", STUDY)
        for night in ("1", "2", "3"):
            shutil.copytree(os.path.join(ROOT, "sample-data/nights", night),
                            os.path.join(self.path, "inbox", STUDY), dirs_exist_ok=True)
            self.must("--now", f"2026-01-1{night}T22:00:00Z", "run", status=1 if night == "3" else 0)
        self.before = self.bundle_of_a_copy("before")
        self.must("--now", "2026-01-16T09:00:00Z", "withdraw", STUDY + "/LB@1", "--reason", "Sent in error")
        self.bundles = {}
        for scope, options in SCOPES.items():
            self.bundles[scope] = self.bundle("2026-01-17T09:00:00Z", scope, *options)
            if scope == "none":
                self.sealed, self.sealed_bundle = self.seal_a_copy(update)
        self.must("--now", "2026-01-18T09:00:00Z", "erase", STUDY + "/LB@1", "--reason", "A subject asked for it")
        self.erased = self.bundle("2026-01-19T09:00:00Z", "erased")
        self.fingerprint = self.must("trust", "export", STUDY, self.trust).strip()
        self.notary = forge.Key.read(os.path.join(self.path, "keys/notary"))
        self.log = forge.Key.read(os.path.join(self.path, "keys/log-" + STUDY))

    def must(self, *arguments, home=True, status=0):
        done = program("trialseal", *(["-C", self.path] if home else []), *arguments)
        if done.returncode != status:
            sys.exit(f"trialseal {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def bundle(self, now, name, *options):
        path = os.path.join(self.folder, name + ".zip")
        self.must("--now", now, "bundle", STUDY, "-o", path, *options)
        return path

    def bundle_of_a_copy(self, name):
        """That it was issued is not in this ledger: so the examples do not depend on its bytes."""
        home, self.path = self.path, os.path.join(self.folder, "copy")
        shutil.copytree(home, self.path)
        path = self.bundle("2026-01-15T09:00:00Z", name)
        self.path = home
        return path

    def seal_a_copy(self, update):
        """By a recorded answer: a test home always asks the same. False where it does not fit any more."""
        home, self.path = self.path, os.path.join(self.folder, "sealed")
        shutil.copytree(home, self.path)
        carried = os.path.join(self.folder, "carried")
        os.mkdir(carried)
        name = os.path.join(carried, f"{STUDY}-{20:012d}")
        if update:
            shutil.copy(new_authority(carried), os.path.join(RECORDED, "root.pem"))
        shutil.copy(os.path.join(RECORDED, "root.pem"), os.path.join(self.path, "tsa.pem"))
        os.chmod(os.path.join(self.path, "tsa.pem"), 0o644)
        self.must("--now", SEALED_AT, "seal", "request", STUDY, "-o", carried)
        if update:
            answer = authority.answer_at(carried, v.read_file(name + ".tsq"), SEALED_AT)
            authority.write(os.path.join(RECORDED, "answer.tsr"), answer)
        shutil.copy(os.path.join(RECORDED, "answer.tsr"), name + ".tsr")
        done = program("trialseal", "-C", self.path, "--now", SEALED_AT, "seal", "import", name + ".tsr")
        os.unlink(os.path.join(self.path, "tsa.pem"))  # no more seals are wanted
        sealed = self.path if done.returncode == 0 else None
        bundle = self.bundle("2026-01-17T11:00:00Z", "sealed-copy") if sealed else None
        self.path = home
        return sealed, bundle

    def entry(self, index):
        """Of the first 256, as C2SP tlog-tiles has them."""
        home = self.sealed if index == 20 else self.path
        tiles = os.path.join(home, "ledger", STUDY, "tile/entries/000.p")
        data = v.read_file(os.path.join(tiles, max(os.listdir(tiles), key=int)))
        for _ in range(index):
            data = data[2 + int.from_bytes(data[:2], "big"):]
        return data[2:2 + int.from_bytes(data[:2], "big")]


def new_authority(folder):
    authority.make(folder, "EC", "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z")
    return os.path.join(folder, "root.pem")


class Judges:
    """Both verifiers; each answers exit status and set of issue ids."""

    def __init__(self, folder):
        self.folder = folder

    @staticmethod
    def options(trust, previous):
        return (["--trust", trust] if trust else []) + (["--previous", previous] if previous else [])

    def program(self, path, trust, previous):
        done = program("trialseal-verify", "--json", *self.options(trust, previous), path)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {line["id"] for line in lines if line["type"] == "issue"} - {"home-test"}

    def oracle(self, path, trust, previous):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            status = v.main(self.options(trust, previous) + [path])
        lines = said.getvalue().splitlines()
        if status < 2 and lines[-1] != ["verified", "not verified"][status]:
            raise AssertionError("another last line than its exit status")
        return status, {line.split(" ", 1)[0] for line in lines[:-1]}

    def both(self, data, trust, previous=None):
        path = os.path.join(self.folder, "changed.zip")
        with open(path, "wb") as file:
            file.write(data)
        return self.program(path, trust, previous), self.oracle(path, trust, previous)

    def disagree(self, data, trust, previous=None, expected=1, issue=None, alike=True):
        """None if both give the expected verdict, and for a common reason; else what they say."""
        ours, theirs = self.both(data, trust, previous)
        agree = ours[0] == theirs[0] == expected
        if expected == 1 and agree and alike:
            agree = issue in ours[1] & theirs[1] if issue else bool(ours[1] & theirs[1])
        if agree:
            return None
        return "the program: exit {} {}; the oracle: exit {} {}".format(
            ours[0], sorted(ours[1]) or "", theirs[0], sorted(theirs[1]) or "")


# --- what the program writes ---------------------------------------------------------------------

def test_bundles(home, judges):
    for scope, path in dict(home.bundles, before=home.before, sealed=home.sealed_bundle or home.before,
                            erased=home.erased).items():
        name = f"independent_verifier__verifies_a_bundle_of_scope_{scope}"
        with open(path, "rb") as file:
            why = judges.disagree(file.read(), home.trust, expected=0)
        expect(name, not why, why)
    with open(home.bundles["all"], "rb") as file:
        why = judges.disagree(file.read(), home.trust, home.before, expected=0)
    expect("independent_verifier__finds_the_earlier_bundle_in_the_later_one", not why, why)
    with open(home.erased, "rb") as file:
        why = judges.disagree(file.read(), home.trust, home.bundles["all"], expected=0)
    expect("independent_verifier__finds_it_where_something_was_erased_since", not why, why)
    with open(home.before, "rb") as file:
        why = judges.disagree(file.read(), home.trust, home.bundles["none"], expected=0)
    expect("independent_verifier__finds_it_the_other_way_round_too", not why, why)


def test_command(home):
    command = [sys.executable, os.path.join(HERE, "verify_bundle.py")]
    cases = {"verified": (0, ["--trust", home.trust, home.before]), "not_verified": (1, [home.before]),
             "not_done": (2, ["--trust", home.trust, home.before + ".none"]), "misused": (2, [])}
    for name, (status, arguments) in cases.items():
        done = subprocess.run(command + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        expect(f"independent_verifier__exit_status_when_{name}", done.returncode == status,
               f"{done.returncode}, {done.stderr.decode()[-200:]}")


def test_fingerprint(home):
    lines = b""
    for name in sorted(os.listdir(home.trust)):
        lines += f"{v.sha256_hex(v.read_file(os.path.join(home.trust, name)))}  {name}\n".encode()
    expect("trust_export__prints_the_fingerprint_of_chapter_8", v.sha256_hex(lines) == home.fingerprint,
           home.fingerprint)


def receipt_lacks(folder, policy):
    """Chapter 5: what is wrong with a receipt, or None."""
    content = {name: v.read_file(os.path.join(folder, name)) for name in os.listdir(folder)}
    text = content.pop("receipt.json")
    receipt = v.canonical_parse(text[:-1])
    if text[-1:] != b"\n" or sorted(receipt) != ["checkpoint", "entry", "index", "revisions", "transfer", "type"]:
        return "receipt.json has another shape"
    checkpoint = receipt["checkpoint"].encode()
    parsed = v.Checkpoint(checkpoint)
    if not parsed.signed_by(policy.logs[parsed.origin][0]):
        return "the checkpoint is not signed"
    lines = content.pop("entries.jsonl").splitlines()
    entries = {receipt["index"] + at: v.Entry(receipt["index"] + at, line) for at, line in enumerate(lines)}
    if lines[0] != v.canonical_write(receipt["entry"]).encode():
        return "entries.jsonl begins with another entry"
    told = [(x["entry"], x["dataset"], x["revision"], x["change"], x["records"]) for x in receipt["revisions"]]
    if told != [(at, *(x.said[name] for name in ("dataset", "revision", "change", "records")))
                for at, x in entries.items() if x.kind == "revision"]:
        return "the revisions are not what their entries say"
    if v.sha256_hex(v.canonical_write(receipt["transfer"]).encode()) != receipt["entry"]["predicate"]["details"]:
        return "the transfer is not what its entry names"
    if os.path.basename(folder) != f"{receipt['index']:012d}-{v.name_map(receipt['transfer']['name'])}":
        return "the folder has another name"
    del content["receipt.txt"]
    wanted = {f"{index:012d}.tlog-proof" for index, entry in entries.items() if entry.kind != "refusal"}
    if set(content) != wanted:
        return f"{sorted(content)} are there"
    for proof in content.values():
        index, path, note = v.tlog_proof_parse(proof)
        if note != checkpoint or not v.inclusion_holds(entries[index].leaf, index, parsed.size, path, parsed.root):
            return f"the proof of entry {index} is bad"
    return None


def test_receipts(home):
    outbox, policy = os.path.join(home.path, "outbox", STUDY), v.Trust(home.trust).policy
    folders = sorted(name for name in os.listdir(outbox) if re.match("[0-9]{12}-", name))  # the report lies there too
    for folder in folders:
        why = receipt_lacks(os.path.join(outbox, folder), policy)
        expect("receipt__is_as_chapter_5_says_" + re.sub(r"\W", "_", folder), not why, why)
    expect("receipt__is_there_for_each_transfer", len(folders) == 4, folders)


def test_ed25519():
    """RFC 8032, section 7.1: TEST 1 and TEST 3, both ways."""
    vectors = [("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                "d25bf5f0595bbe24655141438e7a100b"),
               ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                "4a7c15e9716ed28dc027beceea1ec40a")]
    good = True
    for seed, message, signature in vectors:
        key, message, signature = forge.Key(bytes.fromhex(seed)), bytes.fromhex(message), bytes.fromhex(signature)
        good &= key.sign(message) == signature and v.ed25519_verify(key.public, message, signature)
        good &= not v.ed25519_verify(key.public, message + b"x", signature)
    expect("ed25519__passes_the_tests_of_RFC_8032", good, "it does not")


def test_archives(folder):
    """Chapter 7: members taken out of the program's archives give the same archives again."""
    for kind in ("mixed", "many"):
        path = os.path.join(folder, kind + ".zip")
        if not os.path.exists(os.path.join(OUT, "tests/bin/zip_make")):
            print(f"skip archive__of_{kind}_members: no {OUT}/tests/bin/zip_make")
            continue
        program("tests/bin/zip_make", kind, path)
        data = v.read_file(path)
        members = [(member.name.decode(), member.content, member.packed if member.method == v.DEFLATED else None)
                   for member in v.archive_read(data)]
        expect(f"archive__of_{kind}_members_is_written_again", forge.archive_write(members) == data, len(members))


# --- chapter 11 ----------------------------------------------------------------------------------

def example(home, bag, title):
    entry = re.match(r"Entry (\d+)", title)
    named = re.match(r"The text that entry (\d+) names", title)
    if entry:
        return home.entry(int(entry[1]))
    if named:
        return bag.files["data/objects/" + bag.entry(int(named[1]))["predicate"]["details"]]
    return bag.files[re.match(r"`([^`]+)`", title)[1]]


def examples(home, text):
    """FORMAT with each block of chapter 11 as the program writes it."""
    bag = forge.Bag(v.read_file(home.bundles["all"]))
    head, mark, chapter = text.partition("\n## 11 Examples\n")

    def block(match):
        content = example(home, bag, match[1]).decode()
        return f"{match[1]}:\n\n```\n{content.removesuffix(chr(10))}\n```\n"
    return head + mark + re.sub(r"^([^\n]+):\n\n```\n(?:.*?\n)??```\n", block, chapter, flags=re.M | re.S)


def test_examples(home, update):
    with open(FORMAT, encoding="utf-8") as file:
        text = file.read()
    expect("format__the_recorded_answer_fits_the_request", home.sealed is not None, "run it with --update")
    written = examples(home, text) if home.sealed else None
    if update:
        with open(FORMAT, "w", encoding="utf-8") as file:
            file.write(written)
    complete = all(f"\nEntry {index}, `{kind}`:" in text for index, kind in EXAMPLES.items())
    expect("format__examples_of_chapter_11_are_what_the_program_writes", written == text and complete,
           "run it with --update, and look at the difference")


# --- changed bytes -------------------------------------------------------------------------------

class Changes:
    """Counts what both refuse; says what they do not."""

    def __init__(self, home, judges):
        self.home, self.judges, self.count = home, judges, 0

    def refused(self, name, changes, alike=True):
        """changes: what was done, and the archive; one line for them all. alike: for a common reason."""
        count, bad = 0, []
        for what, data in changes:
            count += 1
            why = self.judges.disagree(data, self.home.trust, alike=alike)
            if why:
                bad.append(f"{what}: {why}")
        self.count += count
        for why in bad[:5]:
            not_ok(name, why)
        if not bad:
            ok(f"{name}_{count}")

    def one(self, name, data, trust=None, previous=None, issue=None, expected=1):
        self.count += expected == 1
        why = self.judges.disagree(data, self.home.trust if trust is None else trust, previous, expected, issue)
        expect(("both_accept__", "both_refuse__", "neither_can_judge__")[expected] + name, not why, why)

    def waived(self, name, data):
        """FORMAT forbids it and the oracle sees it; the program does not yet. Green as soon as it does."""
        ours, theirs = self.judges.both(data, self.home.trust)
        if theirs[0] == 1 and ours[0] == 0:
            print(f"skip both_refuse__{name}: trialseal-verify accepts it")
        else:
            self.one(name, data)


def flip(data, rng):
    at = rng.randrange(len(data))
    changed = bytearray(data)
    changed[at] ^= 1 << rng.randrange(8)
    return at, bytes(changed)


def flipped_archives(data, rng, count):
    """Everywhere, and more often in the headers and the end, where a byte means more."""
    directory = data.rindex(b"PK\x01\x02") if count % 2 else data.index(b"PK\x01\x02")
    for number in range(count):
        if number % 2:
            at, changed = flip(data, rng)
        else:
            at, tail = flip(data[directory:], rng)
            at, changed = at + directory, data[:directory] + tail
        yield f"bit of byte {at}", changed


def flipped_members(data, rng, count, finish, but=()):
    """A bit of a member, in an archive that is good again; finish(bag) puts right what else should be."""
    for _ in range(count):
        bag = forge.Bag(data)
        path = rng.choice([path for path in bag.names() if bag.files[path] and path not in but])
        at, content = flip(bag.files[path], rng)
        bag.put(path, content)
        finish(bag)
        yield f"bit of byte {at} of {path}", bag.write()


def reshaped(data, rng):
    """The same members in another archive."""
    bag = forge.Bag(data)
    names, members = bag.names(), v.archive_read(data)
    kinds = {re.sub(r"[0-9a-f]{12,}", "", name): name for name in names}.values()
    for name in kinds:
        changed = forge.Bag(data)
        changed.drop(name)
        yield "without " + name, changed.write()
        changed = forge.Bag(data)
        changed.move(name, name + "x")
        yield "renamed " + name, changed.write()
        changed = forge.Bag(data)
        changed.put(name, changed.files[name] + b"x")
        yield "a byte more in " + name, changed.write()
        changed = forge.Bag(data)
        changed.put(name, b"")
        yield "emptied " + name, changed.write()
        changed = forge.Bag(data)
        changed.files[name + "2"] = changed.files[name]
        yield "twice, as another name, " + name, changed.write()
    for name in ("a", "data/report.html", "data/objects/" + "0" * 64, "data/entries/000000000020.json", "zz/zz"):
        changed = forge.Bag(data)
        changed.files[name] = b"{}"
        yield "with " + name, changed.write()
    for _ in range(10):
        one, two = sorted(rng.sample(range(len(names)), 2))
        order = names[:]
        order[one], order[two] = order[two], order[one]
        yield f"{names[one]} and {names[two]} in each other's place", bag.write(order)
        changed = forge.Bag(data)
        for path, other in ((names[one], names[two]), (names[two], names[one])):
            changed.put(path, bag.files[other])
        yield f"{names[one]} and {names[two]} with each other's bytes", changed.write()
    path = next(iter(bag.packed))
    for level in (0, 1):
        changed = forge.Bag(data)
        changed.packed[path] = forge.deflate(changed.files[path], level)
        yield f"deflated again at level {level}", changed.write()
    changed = forge.Bag(data)
    del changed.packed[path]
    yield "stored, not deflated", changed.write()
    for cut in (0, 1, 21, 22, 100, len(data) // 2, len(data) - 1):
        yield f"cut off after {cut}", data[:cut]
    yield "a byte before", b"x" + data
    yield "a byte behind", data + b"x"
    yield "twice", data + data
    yield "no member", forge.archive_write([])
    first = members[0]
    yield "a name twice", forge.archive_write([(first.name.decode(), first.content, None)] * 2)


def test_changed_bytes(changes, home):
    data, rng = v.read_file(home.bundles["both"]), random.Random(SEED)

    def relist(bag):
        bag.list_deflated()
        bag.list_members()

    def sign(bag):
        relist(bag)
        bag.sign(home.notary)

    written = ("manifest-sha256.txt", "tagmanifest-sha256.txt", "data/deflated-sha256.txt")
    changes.refused("both_refuse__a_flipped_bit", flipped_archives(data, rng, 150), alike=False)
    changes.refused("both_refuse__a_flipped_bit_in_a_good_archive", flipped_members(data, rng, 60, lambda bag: None))
    changes.refused("both_refuse__a_flipped_bit_in_new_manifests",
                    flipped_members(data, rng, 60, relist, written + ("tagmanifest-sha256.txt.sig",)))
    changes.refused("both_refuse__a_flipped_bit_that_the_notary_signed",
                    flipped_members(data, rng, 80, sign, written + ("tagmanifest-sha256.txt.sig", "data/VERIFY.txt")))
    changes.refused("both_refuse__another_archive", reshaped(data, rng))


def main(update):
    if not os.path.exists(os.path.join(OUT, "trialseal")):
        print("skip test_independent_verifier: no " + OUT + "/trialseal")
        return
    with tempfile.TemporaryDirectory() as folder:
        home, judges = Home(folder, update), Judges(folder)
        test_examples(home, update)
        if update:
            return
        test_ed25519()
        test_archives(folder)
        test_bundles(home, judges)
        test_command(home)
        test_fingerprint(home)
        test_receipts(home)
        changes = Changes(home, judges)
        test_changed_bytes(changes, home)
        forged.test(forged.Forger(home, changes))
        expect("both_refuse__at_least_400_changes", changes.count >= 400, changes.count)


main("--update" in sys.argv)
