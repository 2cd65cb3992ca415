#!/usr/bin/env python3
"""Verifies an evidence bundle, from docs/FORMAT.md and the public standards it names alone.

    verify_bundle.py [--trust DIR] [--previous OLD.zip] BUNDLE

Prints a line `ISSUE-ID place: detail` for each issue, then `verified` or `not verified`.
Exit status: 0 verified, 1 not verified, 2 could not be done.

It shares no code with the program, and proves by existing that the page is complete. It is slow,
takes the whole file into memory and explains little: people have trialseal-verify. Chapter numbers
below are those of FORMAT.
"""
import base64
import binascii
import functools
import hashlib
import json
import os
import re
import struct
import sys
import zlib
from datetime import date, datetime, timezone

ENTRY_MAX = 65535
OBJECT_MAX = 16 * 1024 * 1024
CHECKPOINT_NAMESPACE = "trialseal-checkpoint"
BUNDLE_NAMESPACE = "trialseal-bundle"


class Issue(Exception):
    """Something is bad. Raised where going on makes no sense, yielded where it does."""

    def __init__(self, issue, place, detail):
        super().__init__(f"{issue} {place}: {detail}")
        self.issue, self.place, self.detail = issue, place, detail


class Malformed(Exception):
    """A text has not the form it should; the caller knows which issue that is."""


class Unknown(Exception):
    """An earlier check failed, so this one cannot be made."""


def require(condition, why):
    if not condition:
        raise Malformed(why)


def sha256(data):
    return hashlib.sha256(data).digest()


def sha256_hex(data):
    return hashlib.sha256(data).hexdigest()


# --- 1 Conventions -------------------------------------------------------------------------------

def base64_decode(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Malformed("not base64") from None
    require(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def utf8(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None


def number(text):
    require(re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.A) and int(text) < 2**63, f"not a number: {text[:40]!r}")
    return int(text)


def time_parse(text):
    require(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text), "not a time")
    try:
        when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise Malformed("no such time") from None
    require(when.year >= 1970 and text[17:19] != "60", "no such time")
    return int(when.timestamp())


def canonical_write(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical_write(name) + ":" + canonical_write(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical_write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def canonical_parse(data):
    def once(pairs):
        require(len({name for name, _ in pairs}) == len(pairs), "a member twice")
        return dict(pairs)

    def integer(text):
        require(len(text) <= 17 and abs(int(text)) < 2**53, "a number out of range")
        return int(text)

    def refuse(text):
        raise Malformed(f"not an integer: {text[:40]}")

    try:
        value = json.loads(utf8(data), object_pairs_hook=once, parse_int=integer, parse_float=refuse,
                           parse_constant=refuse)
        require(canonical_write(value).encode("utf-8") == data, "JSON in another spelling than the canonical one")
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    return value


def is_text(value):
    return isinstance(value, str)


def is_hash(value):
    return is_text(value) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_flag(value):
    return isinstance(value, bool)


def is_time(value):
    return is_text(value) and parses(time_parse, value)


def is_date(value):
    if not is_text(value) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        return date.fromisoformat(value) is not None
    except ValueError:
        return False


DEVICE = re.compile(rb"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.I | re.S)


def is_study_name(value):
    return is_text(value) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value) is not None


def is_dataset_name(value):
    parts = value.split("/") if is_text(value) else []
    return (0 < len(parts) <= 3 and all(is_study_name(part) and not DEVICE.fullmatch(part.encode()) for part in parts)
            and not any(re.fullmatch("[rR][0-9]{4,}", part) for part in parts[1:]))


def is_version(value):
    return is_text(value) and re.fullmatch(r"[A-Za-z0-9.+~-]{1,64}", value) is not None


def is_issue(value):
    return is_text(value) and re.fullmatch(r"[A-Za-z0-9-]{1,64}", value) is not None


def is_origin(value):
    return is_text(value) and re.fullmatch(r"[!-*,-~]{1,200}", value) is not None


def parses(parse, value):
    try:
        parse(value)
    except Malformed:
        return False
    return True


def one_of(*words):
    return lambda value: is_text(value) and value in words


def or_null(check):
    return lambda value: value is None or check(value)


def object_of(**checks):
    return lambda value: (isinstance(value, dict) and value.keys() == checks.keys()
                          and all(check(value[name]) for name, check in checks.items()))


def array_of(check):
    return lambda value: isinstance(value, list) and all(map(check, value))


# --- Ed25519: RFC 8032, section 5.1 --------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_multiply(scalar, p):
    q = NEUTRAL
    while scalar:
        if scalar & 1:
            q = point_add(q, p)
        p = point_add(p, p)
        scalar >>= 1
    return q


def point_equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point_decode(data):
    """None for what is no point, is not in canonical form, or has small order."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * SQRT_OF_MINUS_1 % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    point = (x, y, 1, x * y % P)
    return None if point_equal(point_multiply(8, point), NEUTRAL) else point


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=None)
def ed25519_verify(public, message, signature):
    a, r = point_decode(public), point_decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return point_equal(point_multiply(s, BASE), point_add(r, point_multiply(k, a)))


# --- 2 Ledger: signed notes, checkpoints, SSHSIG -------------------------------------------------

LOG_KEY, WITNESS_KEY, ML_DSA_KEY = 0x01, 0x04, 0x06
SIGNATURES_MAX = 64


class Vkey:
    """C2SP signed-note: <name>+<key id>+<base64 of algorithm and key>."""

    def __init__(self, text):
        parts = text.split("+", 2)
        require(len(parts) == 3 and re.fullmatch(r"[0-9a-f]{8}", parts[1]), "not a vkey")
        blob = base64_decode(parts[2])
        self.text, self.name = text, parts[0]
        require(self.name and not re.search(r"\s", self.name), "a key name is empty or has a blank")
        require(len(blob) > 1, "a vkey without key")
        self.algorithm, self.key = blob[0], blob[1:]
        self.id = sha256(self.name.encode("utf-8", "surrogateescape") + b"\n" + blob)[:4]
        require(self.id.hex() == parts[1], "a vkey whose key id is not its key's")
        if self.algorithm in (LOG_KEY, WITNESS_KEY):
            require(len(self.key) == 32, "an Ed25519 key has 32 bytes")


def is_log_vkey(value):
    return is_text(value) and parses(Vkey, value) and Vkey(value).algorithm == LOG_KEY


class Checkpoint:
    """C2SP tlog-checkpoint, without extension lines."""

    def __init__(self, data):
        note = utf8(data)
        require(not re.search(r"[\0-\x09\x0b-\x1f]", note), "a control character")
        head, separator, signatures = note.rpartition("\n\n")
        require(separator and signatures.endswith("\n"), "not a signed note")
        lines = head.split("\n")
        require(len(lines) == 3, "not three lines")
        self.text, self.origin, self.size = (head + "\n").encode(), lines[0], number(lines[1])
        self.root = base64_decode(lines[2])
        require(is_origin(self.origin), "not an origin")
        require(len(self.root) == 32, "a root has 32 bytes")
        require(self.size or self.root == sha256(b""), "not the root of the empty tree")
        self.signatures = [self.signature_line(line) for line in signatures[:-1].split("\n")]
        require(len(self.signatures) <= SIGNATURES_MAX, "too many signature lines")

    @staticmethod
    def signature_line(line):
        match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        require(match, "not a signature line")
        blob = base64_decode(match[2])
        require(len(blob) > 4, "a signature line without signature")
        return match[1], blob[:4], blob[4:]

    def lines_of(self, vkey):
        return [blob for name, key_id, blob in self.signatures if (name, key_id) == (vkey.name, vkey.id)]

    def signed_by(self, vkey):
        """None if there is no line of this key, else whether all of its lines verify."""
        lines = self.lines_of(vkey)
        return all(self.line_verifies(vkey, blob) for blob in lines) if lines else None

    def line_verifies(self, vkey, blob):
        if vkey.algorithm == LOG_KEY:
            return ed25519_verify(vkey.key, self.text, blob)
        stamp = int.from_bytes(blob[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % stamp + self.text
        return len(blob) == 72 and stamp < 2**63 and ed25519_verify(vkey.key, message, blob[8:])


def ssh_string(data):
    return struct.pack(">I", len(data)) + data


def ssh_public_key(key):
    return ssh_string(b"ssh-ed25519") + ssh_string(key)


def ssh_key_parse(text):
    words = text.split(" ")
    require(len(words) == 2 and words[0] == "ssh-ed25519", "not an ssh-ed25519 key")
    blob = base64_decode(words[1])
    require(len(blob) == 51 and blob == ssh_public_key(blob[-32:]), "not an ssh-ed25519 key")
    return blob[-32:]


def is_ssh_key(value):
    return is_text(value) and parses(ssh_key_parse, value)


def sshsig_blob(key, namespace, signature):
    return (b"SSHSIG" + struct.pack(">I", 1) + ssh_string(ssh_public_key(key)) + ssh_string(namespace.encode())
            + ssh_string(b"") + ssh_string(b"sha512")
            + ssh_string(ssh_string(b"ssh-ed25519") + ssh_string(signature)))


def sshsig_armour(blob):
    text = base64.b64encode(blob).decode()
    lines = [text[at:at + 70] for at in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def sshsig_message(namespace, data):
    return (b"SSHSIG" + ssh_string(namespace.encode()) + ssh_string(b"") + ssh_string(b"sha512")
            + ssh_string(hashlib.sha512(data).digest()))


def sshsig_verify(armour, namespace, data):
    """The key that signed; Malformed if the signature is not in the one form, or not good."""
    lines = utf8(armour).split("\n")
    require(len(lines) > 3, "not an armoured signature")
    blob = base64_decode("".join(lines[1:-2]))
    key, signature = blob[33:65], blob[-64:]
    require(armour == sshsig_armour(sshsig_blob(key, namespace, signature)), "not a signature for " + namespace)
    require(ed25519_verify(key, sshsig_message(namespace, data), signature), "the signature is bad")
    return key


# --- 2 Ledger: RFC 6962, section 2.1 -------------------------------------------------------------

def node(left, right):
    return sha256(b"\x01" + left + right)


def tree_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree_root(leaves[:half]), tree_root(leaves[half:]))


def inclusion_holds(leaf, index, size, path, root):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    first, last, hashed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            hashed = node(sibling, hashed)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            hashed = node(hashed, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and hashed == root


def tlog_proof_parse(data):
    """C2SP tlog-proof without extra line: index, hashes, signed checkpoint."""
    head, separator, checkpoint = data.partition(b"\n\n")
    lines = utf8(head).split("\n")
    require(separator and lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
    require(len(lines) > 1 and lines[1].startswith("index "), "no index line")
    path = [base64_decode(line) for line in lines[2:]]
    require(all(len(sibling) == 32 for sibling in path) and len(path) < 64, "a hash has 32 bytes, a tree 63 levels")
    Checkpoint(checkpoint)
    return number(lines[1][6:]), path, checkpoint


# --- 3 Entries -----------------------------------------------------------------------------------

STATEMENT = "https://in-toto.io/Statement/v1"
ENTRY_TYPE = "https://trialseal.org/entry/"

SCOPE = re.compile(r"all|none|dataset=(?P<dataset>\S+)|(?:dataset=(?P<both>\S+) )?since=(?P<since>[1-9][0-9]{0,15})")


def is_scope(value):
    match = SCOPE.fullmatch(value) if is_text(value) else None
    if not match:
        return False
    dataset = match["dataset"] or match["both"]
    return (dataset is None or is_dataset_name(dataset)) and int(match["since"] or 0) < 2**53


CHANGES = ("none", "header", "metadata", "column-order", "record-order", "numeric-fuzz", "data")


def is_digest(value):
    """A hash that can stand where null can."""
    return is_hash(value) and value != "0" * 64


# kind -> subject's name, members of the predicate besides `at` and `salt`
KINDS = {
    "study": ("log-key", dict(log=is_log_vkey, notary=is_ssh_key, origin=is_origin, study=is_study_name,
                              test=is_flag)),
    "system": ("configuration", dict(clock=one_of("system", "set"), details=is_hash, version=is_version,
                                     event=one_of("start", "version", "configuration", "restore"))),
    "transfer": ("manifest", dict(cutoff=or_null(is_date), details=is_hash, held=is_count, new=is_count,
                                  unchanged=is_count, received=is_count, revisions=is_count,
                                  kind=or_null(one_of("production", "test")),
                                  scope=or_null(one_of("cumulative", "incremental")))),
    "revision": ("file", dict(columns=or_null(is_count), dataset=is_dataset_name, details=is_hash,
                              format=one_of("csv", "xpt", "json", "xml", "opaque"), member=is_count,
                              members=is_count, previous=or_null(is_count), records=or_null(is_count),
                              revision=is_count, size=is_count, transfer=is_count,
                              form=or_null(is_count), content=or_null(is_digest), order=or_null(is_digest),
                              strict=or_null(is_digest), strict_order=or_null(is_digest),
                              metadata=or_null(is_digest), schema=or_null(is_digest),
                              key=or_null(one_of("define", "dataset", "study", "standard", "all")),
                              duplicates=or_null(is_count), root=or_null(is_digest), secret=or_null(is_digest),
                              change=or_null(one_of(*CHANGES)), records_added=or_null(is_count),
                              records_changed=or_null(is_count), records_removed=or_null(is_count),
                              reverted=or_null(is_count))),
    "refusal": ("refused", dict(details=is_hash, issue=is_issue, issues=is_count, of=one_of("file", "transfer"),
                                size=or_null(is_count), transfer=or_null(is_count))),
    "withdrawal": ("file", dict(details=is_hash, revision=is_count)),
    "issued": ("bundle", dict(bytes=is_count, scope=is_scope, size=is_count)),
    "seal": ("token", dict(checkpoint=is_hash, size=is_count, time=is_time)),
    "erasure": ("erased", dict(details=is_hash, entry=is_count, of=one_of("file", "text"))),
}


STATEMENT_SHAPE = object_of(_type=one_of(STATEMENT), predicate=lambda value: isinstance(value, dict),
                            predicateType=is_text,
                            subject=array_of(object_of(digest=object_of(sha256=is_hash), name=is_text)))


class Entry:
    def __init__(self, index, data):
        self.index, self.leaf, self.place = index, sha256(b"\0" + data), f"data/entries/{index:012d}.json"
        try:
            self.parse(data)
        except Malformed as why:
            raise Issue("entry-malformed", self.place, why) from None

    def parse(self, data):
        require(len(data) <= ENTRY_MAX, "too long")
        entry = canonical_parse(data)
        require(STATEMENT_SHAPE(entry) and len(entry["subject"]) == 1, "not an in-toto statement about one thing")
        self.kind = {f"{ENTRY_TYPE}{kind}/v1": kind for kind in KINDS}.get(entry["predicateType"])
        if not self.kind:
            raise Issue("entry-unknown", self.place, entry["predicateType"])
        self.said, subject = entry["predicate"], entry["subject"][0]
        self.subject = subject["digest"]["sha256"]
        name, members = KINDS[self.kind]
        require(subject["name"] == name, "another subject than its kind has")
        members = dict(members, at=is_time, salt=is_hash)
        require(self.said.keys() == members.keys(), "not the members of its kind")
        for member, check in members.items():
            require(check(self.said[member]), f"a bad {member}")
        self.time = time_parse(self.said["at"])

    def __getattr__(self, member):
        return self.said[member]

    def file(self):
        """The hash of a file whose bytes are kept for this entry."""
        kept = self.kind == "revision" or (self.kind == "refusal" and self.size is not None)
        return self.subject if kept else None

    def objects(self):
        """Hashes of all that it names."""
        of_seal = {self.subject, self.checkpoint} if self.kind == "seal" else set()
        return of_seal | {self.file(), self.said.get("details")} - {None}


class History:
    """3.1: goes through the entries in order, and yields what breaks a rule."""

    def __init__(self, entries, origin):
        self.entries, self.origin = entries, origin
        self.datasets = {}   # name -> its revisions
        self.spellings = {}  # name or beginning of a name, in lower case -> as it was spelled first
        self.withdrawn = set()
        self.erased, self.fixed = set(), set()
        self.transfer, self.revisions_due, self.refusals_due = None, 0, 0

    def check(self):
        for index, entry in enumerate(self.entries):
            if index and entry.time < self.entries[index - 1].time:
                yield Issue("entry-time", entry.place, "earlier than the entry before")
            for why in self.rules(entry):
                yield Issue("entry-chain", entry.place, why)
        if self.revisions_due or self.refusals_due:
            yield Issue("entry-chain", self.entries[-1].place, "the transfer's entries end too soon")

    def rules(self, entry):
        if (entry.kind == "study") != (entry.index == 0):
            yield "a study entry is entry 0, and no other is"
        if entry.index == 1 and (entry.kind != "system" or entry.event != "start"):
            yield "entry 1 is a system entry with event start"
        if entry.objects() & self.erased:
            yield "names what was erased"
        if entry.kind in ("system", "seal"):
            self.fixed |= entry.objects()
        yield from self.place(entry)
        yield from getattr(self, entry.kind + "_rules")(entry)

    def names(self, index, entry, kind):
        return index < entry.index and self.entries[index].kind == kind

    def place(self, entry):
        """Rule 5: what belongs to a transfer follows it at once."""
        belongs = entry.kind == "revision" or (entry.kind == "refusal" and entry.of == "file")
        due = "revision" if self.revisions_due else "refusal" if self.refusals_due else None
        if due and not belongs:
            yield "stands within a transfer"
            self.revisions_due = self.refusals_due = 0
        elif belongs and entry.kind != due:
            yield "does not belong to the transfer before"
        elif belongs and entry.transfer != self.transfer:
            yield "names another transfer than the one that it follows"
        self.revisions_due -= self.revisions_due > 0 and entry.kind == "revision"
        self.refusals_due -= self.refusals_due > 0 and entry.kind == "refusal"

    def study_rules(self, entry):
        if entry.origin != self.origin:
            yield "another origin than the checkpoint's"
        if not re.fullmatch(".+/" + entry.study, entry.origin):
            yield "an origin that does not end in the study"
        if entry.subject != sha256_hex(entry.log.encode()):
            yield "a subject that is not its log key"

    def system_rules(self, entry):
        if entry.details != entry.subject:
            yield "a subject that is not its details"

    def transfer_rules(self, entry):
        if entry.received != entry.new + entry.unchanged + entry.held:
            yield "received files that are not the sum of new, unchanged and held"
        if entry.revisions < entry.new or (entry.revisions and not entry.new):
            yield "fewer revisions than new files, or revisions of no file"
        self.transfer = entry.index
        self.revisions_due, self.refusals_due = entry.revisions, entry.held

    def revision_rules(self, entry):
        before = self.datasets.setdefault(entry.dataset, [])
        parts = entry.dataset.split("/")
        for name in ("/".join(parts[:depth + 1]) for depth in range(len(parts))):
            if self.spellings.setdefault(name.lower(), name) != name:
                yield "a dataset's name in another spelling"
        if entry.revision != len(before) + 1:
            yield f"revision {len(before) + 1} is next"
        same = [earlier.index for earlier in before if earlier.format == entry.format]
        if entry.previous != (same[-1] if same else None):
            yield "another previous revision"
        if entry.member >= entry.members:
            yield "a member beyond the members"
        yield from self.data_rules(entry)
        yield from self.change_rules(entry, same[-1] if same else None)
        before.append(entry)

    def data_rules(self, entry):
        """Rule 12."""
        always = (entry.content, entry.order, entry.metadata, entry.root, entry.secret, entry.key, entry.duplicates)
        if entry.form is None:
            if any(value is not None for value in always + (entry.strict, entry.strict_order, entry.schema)):
                yield "digests of a dataset that was not read"
            return
        if entry.form == 0 or None in always or entry.records is None or entry.columns is None:
            yield "a dataset that was read, and not all of its digests and numbers"
            return
        if (entry.strict is None) != (entry.strict_order is None):
            yield "one strict digest without the other"
        if entry.strict == entry.content or entry.strict_order == entry.order:
            yield "a strict digest that is the other one"
        if entry.duplicates >= max(entry.records, 1):
            yield "as many duplicates as records"

    def change_rules(self, entry, previous):
        """Rules 13 and 14."""
        counts = (entry.records_added, entry.records_changed, entry.records_removed)
        before = self.entries[previous] if previous is not None else None
        if entry.reverted is not None:
            yield from self.reverted_rules(entry)
        if entry.change is None or entry.form is None:
            if counts != (None, None, None):
                yield "counts of a change that is not known"
            if entry.change not in (None, "none"):
                yield "a change in a dataset that was not read"
        if entry.change is None:
            return
        if before is None:
            yield "a change of what is the first"
            return
        if entry.change == "none" and entry.subject != before.subject:
            yield "other bytes without a change"
        if entry.form is not None:
            if None in counts:
                yield "a change without counts"
                return
            yield from self.count_rules(entry, before, *counts)
            if self.comparable(entry, before) and self.class_of(entry, before) != self.coarse(entry.change):
                yield "a change that the digests do not tell"

    @staticmethod
    def count_rules(entry, before, added, changed, removed):
        if entry.change != "data" and (added or removed):
            yield "records added or removed in the same data"
        if entry.change not in ("data", "numeric-fuzz") and changed or entry.change == "numeric-fuzz" and not changed:
            yield "changed records that do not go with the change"
        if before.records is not None:
            if entry.records + removed != before.records + added:
                yield "counts that do not lead from one number of records to the other"
            if changed + added > entry.records or changed + removed > before.records:
                yield "more records changed than there are"

    @staticmethod
    def comparable(entry, other):
        return entry.form is not None and (entry.form, entry.schema) == (other.form, other.schema)

    @staticmethod
    def coarse(change):
        return {"none": "header", "column-order": "metadata"}.get(change, change)

    @staticmethod
    def class_of(entry, before):
        if entry.content != before.content:
            return "data"
        if (entry.strict or entry.content) != (before.strict or before.content):
            return "numeric-fuzz"
        if (entry.strict_order or entry.order) != (before.strict_order or before.order):
            return "record-order"
        return "header" if entry.metadata == before.metadata else "metadata"

    def reverted_rules(self, entry):
        if entry.change not in ("data", "numeric-fuzz"):
            yield "reverted without a change of data"
        earlier = self.entries[entry.reverted] if entry.reverted < entry.index else None
        if (earlier is None or earlier.kind != "revision" or entry.previous is None or
                entry.reverted >= entry.previous or (earlier.dataset, earlier.format) != (entry.dataset, entry.format) or
                not self.comparable(entry, earlier) or
                (earlier.strict or earlier.content) != (entry.strict or entry.content)):
            yield "reverted to what does not hold the same data"

    def refusal_rules(self, entry):
        if (entry.of == "transfer") != (entry.transfer is None):
            yield "a refused file names its transfer, a refused transfer none"

    def withdrawal_rules(self, entry):
        if not self.names(entry.revision, entry, "revision"):
            yield "withdraws what is not an earlier revision"
        elif entry.revision in self.withdrawn:
            yield "withdraws again"
        elif entry.subject != self.entries[entry.revision].subject:
            yield "a subject that is not the revision's"
        self.withdrawn.add(entry.revision)

    def issued_rules(self, entry):
        if not 0 < entry.size <= entry.index:
            yield "shows entries that did not exist"

    def seal_rules(self, entry):
        before = [earlier for earlier in self.entries[:entry.index] if earlier.kind == "seal"]
        if not 0 < entry.size <= entry.index:
            yield "seals entries that did not exist"
        if any(earlier.size > entry.size for earlier in before):
            yield "seals fewer entries than a seal before"
        if any(earlier.size == entry.size and earlier.checkpoint != entry.checkpoint for earlier in before):
            yield "names another checkpoint of the same size"

    def erasure_rules(self, entry):
        of = self.entries[entry.entry] if entry.entry < entry.index else None
        if entry.of == "file":
            named = of and of.file()
        else:
            named = of and of.kind != "system" and of.said.get("details")
        if named != entry.subject:
            yield "erases what its entry does not name"
        if entry.subject in self.erased:
            yield "erases again"
        if entry.subject in self.fixed:
            yield "erases what a system or seal entry names"
        self.erased.add(entry.subject)


# --- 4 Detached texts ----------------------------------------------------------------------------

DETACHED_TYPE = "https://trialseal.org/detached/"
SAID_ISSUES = array_of(object_of(detail=is_text, id=is_text, place=is_text))
SAID_DATASETS = array_of(object_of(dataset=is_text, entry=is_count, member=is_count,
                                   outcome=is_text, revision=is_count))
SAID_FILE = object_of(datasets=SAID_DATASETS, issues=SAID_ISSUES, name=is_text, outcome=is_text,
                      sha256=or_null(is_hash), size=or_null(is_count))
SAID_COLUMN = object_of(key=or_null(is_count), label=is_text, length=or_null(is_count), name=is_text, type=is_text)

DETACHED = {
    "system": ("configuration", dict(home=is_text, study=is_text,
                                     schemas=array_of(object_of(name=is_text, text=is_text)))),
    "transfer": ("transfer", dict(files=array_of(SAID_FILE), id=or_null(is_text), name=is_text,
                                  reason=or_null(is_text), statement=or_null(is_text))),
    "revision": ("revision", dict(columns=array_of(SAID_COLUMN), file=is_text, issues=SAID_ISSUES, label=is_text,
                                  member=or_null(is_text), reason=or_null(is_text), writer=is_text)),
    "refusal": ("refusal", dict(file=or_null(is_text), issues=SAID_ISSUES)),
    "withdrawal": ("withdrawal", dict(reason=is_text)),
    "erasure": ("erasure", dict(reason=is_text)),
}


def detached_parse(kind, data):
    require(len(data) <= OBJECT_MAX, "too long")
    text = canonical_parse(data)
    name, members = DETACHED[kind]
    members = dict(members, _salt=is_hash, _type=one_of(f"{DETACHED_TYPE}{name}/v1"))
    require(object_of(**members)(text), f"not a detached text of a {kind}")
    return text


# --- 6.4 File names ------------------------------------------------------------------------------

ERASED_NAME = "_-erased"
PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"


def name_map(name):
    data = name.encode()
    device = DEVICE.fullmatch(data)

    def one(at, byte):
        plain = byte in PLAIN
        if byte == ord("."):
            plain = 0 < at < len(data) - 1
        if byte == ord("_") and data[at + 1:at + 2] == b"-":
            plain = False
        return chr(byte) if plain and not (device and at == 0) else f"_-{byte:02x}"

    mapped = "".join(one(at, byte) for at, byte in enumerate(data))
    return mapped if len(mapped) <= 200 else "_--" + sha256_hex(data)


# --- 7 Archive -----------------------------------------------------------------------------------

FULL = 0xffffffff
MEMBERS_MAX = 4000000
CENTRAL_MAX = 536870912
END_SIZE, ZIP64_END_SIZE = 22, 76
STORED, DEFLATED = 0, 8


def fits(value):
    return value < FULL


def narrow(value):
    return value if fits(value) else FULL


class Member:
    def __init__(self, name, method, crc, size, stored_size, offset):
        self.name, self.method, self.crc = name, method, crc
        self.size, self.stored_size, self.offset = size, stored_size, offset

    def version(self):
        return 20 if fits(self.size) and fits(self.stored_size) and fits(self.offset) else 45

    def local_header(self):
        big = not (fits(self.size) and fits(self.stored_size))
        sizes = (FULL, FULL) if big else (self.stored_size, self.size)
        extra = struct.pack("<HHQQ", 1, 16, self.size, self.stored_size) if big else b""
        return struct.pack("<IHHHHHIIIHH", 0x04034b50, self.version(), 0, self.method, 0, 0x21, self.crc, *sizes,
                           len(self.name), len(extra)) + self.name + extra

    def central_header(self):
        wide = [value for value in (self.size, self.stored_size, self.offset) if not fits(value)]
        extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 0x300 + self.version(), self.version(), 0, self.method,
                           0, 0x21, self.crc, narrow(self.stored_size), narrow(self.size), len(self.name),
                           len(extra), 0, 0, 0, 0x81a40000, narrow(self.offset)) + self.name + extra


def central_header_read(data, at):
    """Takes the values out of a header; whoever calls builds it again and compares."""
    require(len(data) - at >= 46, "a central header is cut off")
    method, = struct.unpack_from("<H", data, at + 10)
    crc, stored_size, size, name_length = struct.unpack_from("<IIIH", data, at + 16)
    offset, = struct.unpack_from("<I", data, at + 42)
    wide = at + 46 + name_length + 4
    values = []
    for value in (size, stored_size, offset):
        if value == FULL:
            require(len(data) - wide >= 8, "a central header is cut off")
            value, = struct.unpack_from("<Q", data, wide)
            wide += 8
        values.append(value)
    return Member(data[at + 46:at + 46 + name_length], method, crc, *values)


def end_records(count, length, start):
    narrow_count = min(count, 0xffff)
    end = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, narrow_count, narrow_count, narrow(length), narrow(start), 0)
    if count < 0xffff and fits(length) and fits(start):
        return end
    return (struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 0x32d, 45, 0, 0, count, count, length, start)
            + struct.pack("<IIQI", 0x07064b50, 0, start + length, 1) + end)


def archive_read(data):
    """All members in order, with what they hold; Malformed if chapter 7 allows no such archive."""
    members, end = directory_read(data)
    at = 0
    for member in members:
        at = member_read(data, at, member, end)
    require(at == end, "something lies between the members and the directory")
    return members


def directory_read(data):
    """All members in order, without what they hold, and where the directory begins."""
    count, length, start = directory_find(data)
    members, at = [], start
    while at < start + length:
        members.append(central_header_read(data, at))
        header = members[-1].central_header()
        require(data.startswith(header, at), f"the central header at {at} is not as it must be")
        at += len(header)
    require(at == start + length and len(members) == count, "the directory has not the length it claims")
    names_check([member.name for member in members])
    return members, start


def directory_find(data):
    require(len(data) >= END_SIZE, "too short for an archive")
    end = len(data) - END_SIZE
    count, length, start = struct.unpack_from("<HII", data, end + 10)
    if count == 0xffff or length == FULL or start == FULL:
        require(end >= ZIP64_END_SIZE, "no ZIP64 end record")
        count, length, start = struct.unpack_from("<QQQ", data, end - ZIP64_END_SIZE + 32)
    require(count <= MEMBERS_MAX and length <= CENTRAL_MAX, "too many members")
    records = end_records(count, length, start)
    require(start + length + len(records) == len(data) and data.endswith(records), "the end is not as it must be")
    return count, length, start


def member_read(data, at, member, limit):
    header, where = member.local_header(), f"the member at {at}"
    require(member.offset == at and data.startswith(header, at), f"the local header of {where} is not as it must be")
    at += len(header)
    require(member.stored_size <= limit - at, f"{where} is cut off")
    member.packed = data[at:at + member.stored_size]
    require(member.method in (STORED, DEFLATED), f"{where} has another method")
    if member.method == STORED:
        require(member.size == member.stored_size, f"{where} is stored and has two sizes")
        member.content = member.packed
    else:
        require(member.size // 1032 <= member.stored_size, f"{where} cannot be that large")
        member.content = inflate(member.packed, member.size)
    require(binascii.crc32(member.content) == member.crc, f"{where} has another CRC-32")
    return at + member.stored_size


def inflate(packed, size):
    machine = zlib.decompressobj(-15)
    try:
        content = machine.decompress(packed, size + 1)
    except zlib.error:
        raise Malformed("a deflate stream is broken") from None
    require(len(content) == size and machine.eof and not machine.unused_data, "a deflate stream of another length")
    Bits(packed).check_unused()
    return content


class Bits:
    """Walks through a good deflate stream to see that its unused bits are zero: RFC 1951."""

    LENGTH_EXTRA = [0] * 8 + [n // 4 for n in range(4, 24)] + [0]
    DISTANCE_EXTRA = [0, 0] + [n // 2 for n in range(28)]
    LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        """The next bits, the first the least significant."""
        first, last = self.at >> 3, self.at + count + 7 >> 3
        value = int.from_bytes(self.data[first:last], "little") >> (self.at & 7)
        self.at += count
        return value & (1 << count) - 1

    def align(self):
        require(self.take(-self.at & 7) == 0, "unused bits of a deflate stream are not zero")

    def check_unused(self):
        last = False
        while not last:
            last, kind = self.take(1), self.take(2)
            if kind == 0:
                self.align()
                length = self.take(32) & 0xffff
                self.at += 8 * length
            else:
                self.skip_symbols(*(self.dynamic_codes() if kind == 2 else self.fixed_codes()))
        self.align()

    @staticmethod
    def codes(lengths):
        """(length, code) -> symbol: RFC 1951, 3.2.2."""
        table, code = {}, 0
        for length in range(1, 16):
            for symbol, its in enumerate(lengths):
                if its == length:
                    table[length, code] = symbol
                    code += 1
            code <<= 1
        return table

    def symbol(self, table):
        code = 0
        for length in range(1, 16):
            code = code << 1 | self.take(1)
            if (length, code) in table:
                return table[length, code]
        raise Malformed("a deflate stream is broken")

    def fixed_codes(self):
        return self.codes([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8), self.codes([5] * 30)

    def dynamic_codes(self):
        literals, distances, count = self.take(5) + 257, self.take(5) + 1, self.take(4) + 4
        widths = [0] * 19
        for at in self.LENGTHS_ORDER[:count]:
            widths[at] = self.take(3)
        table, lengths = self.codes(widths), []
        while len(lengths) < literals + distances:
            symbol = self.symbol(table)
            if symbol < 16:
                lengths.append(symbol)
            elif symbol == 16:
                lengths += lengths[-1:] * (self.take(2) + 3)
            else:
                lengths += [0] * (self.take(3) + 3 if symbol == 17 else self.take(7) + 11)
        return self.codes(lengths[:literals]), self.codes(lengths[literals:])

    def skip_symbols(self, literals, distances):
        while (symbol := self.symbol(literals)) != 256:
            if symbol > 256:
                self.take(self.LENGTH_EXTRA[symbol - 257])
                self.take(self.DISTANCE_EXTRA[self.symbol(distances)])


def names_check(names):
    """7.6."""
    folded, spelled = set(), {}
    for name in names:
        parts = name.split(b"/")
        require(len(name) <= 1024 and all(map(part_is_good, parts)), f"the name {name[:80]!r}")
        for depth in range(1, len(parts)):
            folder = b"/".join(parts[:depth])
            require(spelled.setdefault(folder.lower(), folder) == folder, f"{folder!r} is spelled in two ways")
        require(name.lower() not in folded, f"{name!r} twice")
        folded.add(name.lower())
    require(not folded & spelled.keys(), "something is both file and folder")
    require(all(one < two for one, two in zip(names, names[1:])), "the names are not in order")


def part_is_good(part):
    return (re.fullmatch(rb"[A-Za-z0-9._-]{1,255}", part) and not part.startswith(b".") and not part.endswith(b".")
            and not DEVICE.fullmatch(part))


# --- 8 Trust folder ------------------------------------------------------------------------------

class Policy:
    """C2SP tlog-policy."""

    def __init__(self, data):
        self.logs, self.witnesses, self.groups, self.quorum = {}, {}, {}, None
        self.grouped = set()
        require(data.endswith(b"\n"), "the last line does not end")
        require(not re.search(rb"[\0-\x08\x0b-\x1f]", data), "a control character")
        for line in data.decode("utf-8", "surrogateescape").split("\n"):
            words = re.split(r"[ \t]+", line.strip(" \t"))
            if words[0] and not words[0].startswith("#"):
                rule = getattr(self, "line_" + words[0], None)
                require(rule, f"the line {line[:80]!r}")
                rule(*words[1:])
        require(self.quorum, "no quorum line")

    def key(self, text, algorithms, others):
        key = Vkey(text)
        require(key.algorithm in algorithms, "a key of another algorithm")
        require(key.key not in [other.key for other in others], "a key twice")
        return key

    def name(self, name):
        require(name != "none" and name not in self.witnesses and name not in self.groups, f"the name {name}")

    def line_log(self, *words):
        require(1 <= len(words) <= 2, "a log line has a vkey and a URL")
        key = self.key(words[0], [LOG_KEY], sum(self.logs.values(), []))
        self.logs.setdefault(key.name, []).append(key)

    def line_witness(self, *words):
        require(2 <= len(words) <= 3, "a witness line has a name, a vkey and a URL")
        self.name(words[0])
        self.witnesses[words[0]] = self.key(words[1], [WITNESS_KEY, ML_DSA_KEY], self.witnesses.values())

    def line_group(self, *words):
        require(len(words) >= 3, "a group line has a name, a number and members")
        name, wanted, members = words[0], words[1], words[2:]
        self.name(name)
        for member in members:
            require(member in self.witnesses or member in self.groups, f"{member} is not defined")
            require(member not in self.grouped, f"{member} is in two groups")
            self.grouped.add(member)
        count = {"all": len(members), "any": 1}.get(wanted) or number(wanted)
        require(1 <= count <= len(members), "a group's number")
        self.groups[name] = count, members

    def line_quorum(self, *words):
        require(len(words) == 1 and not self.quorum, "one quorum line, with one name")
        name, = words
        require(name == "none" or name in self.witnesses or name in self.groups, f"{name} is not defined")
        self.quorum = name

    def met(self, name, cosigned):
        if name == "none" or name in cosigned:
            return True
        count, members = self.groups.get(name, (1, []))
        return sum(self.met(member, cosigned) for member in members) >= count


class Signers:
    """OpenSSH allowed signers, ssh-keygen(1), narrowed as chapter 8 says."""

    LINE = re.compile(r'("[^"]+"|[^\s"]+)[ \t]+(?:((?:[^\s"]|"[^"]*")+)[ \t]+)?'
                      r'ssh-ed25519[ \t]+([^ \t]+)(?:[ \t].*)?')
    OPTION = re.compile(r'(cert-authority)|(namespaces|valid-after|valid-before)="([^"]+)"', re.I)
    SIGNERS_MAX = 1024

    def __init__(self, data):
        require(not re.search(rb"[\0-\x08\x0b-\x1f]", data), "a control character")
        lines = [line.strip(" \t") for line in utf8(data).split("\n")]
        self.lines = [self.parse(line) for line in lines if line and not line.startswith("#")]
        require(len(self.lines) <= self.SIGNERS_MAX, "too many signers")

    def parse(self, line):
        match = self.LINE.fullmatch(line)
        require(match, f"the line {line[:80]!r}")
        options = {}
        for option in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', match[2]) if match[2] else []:
            good = self.OPTION.fullmatch(option)
            require(good, f"the option {option[:80]!r}")
            name = (good[1] or good[2]).lower()
            require(name not in options, f"{name} twice")
            options[name] = self.time(good[3]) if name.startswith("valid") else good[3]
        require(options.get("valid-after", -1) < options.get("valid-before", 2**63), "a validity that ends first")
        return ssh_key_parse("ssh-ed25519 " + match[3]), options

    @staticmethod
    def time(text):
        match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?", text, re.A)
        require(match, f"the time {text[:40]!r}")
        year, month, day, hour, minute, second = (part or "00" for part in match.groups())
        return time_parse(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z")

    def allow(self, key, namespace, when):
        return any(its == key and self.line_allows(options, namespace, when) for its, options in self.lines)

    def line_allows(self, options, namespace, when):
        return ("cert-authority" not in options and self.matches(options.get("namespaces", "*"), namespace)
                and options.get("valid-after", 0) <= when <= options.get("valid-before", 2**63))

    @staticmethod
    def matches(patterns, namespace):
        """One matches, and none that begins with an exclamation mark does: PATTERNS in ssh_config(5)."""
        found = False
        for pattern in patterns.split(","):
            wild = re.escape(pattern.removeprefix("!")).replace(r"\*", ".*").replace(r"\?", ".")
            if re.fullmatch(wild, namespace):
                if pattern.startswith("!"):
                    return False
                found = True
        return found


# --- 6 Bundle and 9 Verification -----------------------------------------------------------------

TAG_FILES = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"]
FIXED = ["bag-info.txt", "bagit.txt", "data/VERIFY.txt", "data/checkpoint", "data/checkpoint.sig",
         "data/deflated-sha256.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig"]
FOLDERS = ("data/checkpoints/", "data/datasets/", "data/entries/", "data/objects/", "data/proofs/", "data/seals/",
           "seals/")
SEAL_MEMBER = re.compile(r"seals/([0-9]{3})(-crl\.pem|-sha512\.txt|\.tsr|\.txt)")
SEALS_MAX, TOKEN_MAX, CRL_MAX = 99, 65536, 4 * 1024 * 1024
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def list_parse(data):
    """The lines as pairs of path and hash."""
    require(not data or data.endswith(b"\n"), "the last line does not end")
    lines = [re.fullmatch(rb"([0-9a-f]{64})  (.+)", line, re.S) for line in data.split(b"\n")[:-1]]
    require(all(lines), "a line that is not a hash and a path")
    return [(line[2].decode("latin-1"), line[1].decode()) for line in lines]


def list_compare(listed, actual):
    """What a list and the members have not in common, both being in order: issue, path."""
    listed, actual = listed[::-1], actual[::-1]
    while listed or actual:
        if not actual or listed and listed[-1][0] < actual[-1][0]:
            yield "bundle-missing", listed.pop()[0]
        elif not listed or actual[-1][0] < listed[-1][0]:
            yield "bundle-unlisted", actual.pop()[0]
        else:
            (path, listed_hash), (_, actual_hash) = listed.pop(), actual.pop()
            if listed_hash != actual_hash:
                yield "bundle-altered", path


class Bundle:
    """What the checks of chapter 9 find out, one after the other."""

    def __init__(self, data, trust):
        self.facts, self.data, self.trust = {}, data, trust

    def __getattr__(self, fact):
        if fact not in self.facts:
            raise Unknown(fact)
        return self.facts[fact]

    def content(self, path):
        if path not in self.members:
            raise Unknown(path)
        return self.members[path].content

    def below(self, folder):
        return [path for path in self.members if path.startswith(folder)]

    # 1
    def check_archive(self):
        try:
            self.facts["archive"] = archive_read(self.data)
        except Malformed as why:
            yield Issue("bundle-archive", "-", why)

    def find_checkpoint(self):
        """Of an earlier bundle nothing else is read."""
        try:
            members, end = directory_read(self.data)
            members = [member for member in members if re.fullmatch(b"[^/]+/data/checkpoint", member.name)]
            for member in members[:1]:
                member_read(self.data, member.offset, member, end)
        except Malformed as why:
            raise Issue("bundle-archive", "-", why) from None
        self.facts["members"] = {"data/checkpoint": member for member in members[:1]}

    # 2
    def check_layout(self):
        members, folder = {}, None
        for member in self.archive:
            first, _, path = member.name.decode("ascii").partition("/")
            if folder not in (None, first) or not path:
                raise Issue("bundle-layout", first, "not in the one folder")
            folder, members[path] = first, member
        if folder is None:
            raise Issue("bundle-layout", "-", "no member")
        self.facts.update(members=members, folder=folder)
        for path, member in members.items():
            if path not in FIXED and not path.startswith(FOLDERS):
                yield Issue("bundle-layout", path, "no such member in a bundle")
            if member.method != STORED and not path.startswith("data/datasets/"):
                yield Issue("bundle-layout", path, "deflated")
        for path in FIXED:
            if path not in members:
                yield Issue("bundle-layout", path, "missing")
        entries = self.below("data/entries/")
        if entries != [f"data/entries/{index:012d}.json" for index in range(len(entries))]:
            yield Issue("bundle-layout", "data/entries", "an entry is missing")

    # 3
    def check_scope(self):
        line = re.search(rb"^Trialseal-Scope: (.*)$", self.content("bag-info.txt"), re.M)
        scope = line[1].decode("latin-1") if line else None
        if not is_scope(scope):
            raise Issue("bundle-tag-file", "bag-info.txt", "no scope")
        self.facts["scope"] = scope

    def check_tag_files(self):
        if self.content("bagit.txt") != BAGIT:
            yield Issue("bundle-tag-file", "bagit.txt", "not the two lines")
        payload = self.below("data/")
        head, size = self.entries[-1], self.checkpoint.size
        info = self.content("bag-info.txt")
        expected = (f"Bagging-Date: {head.at[:10]}\n"
                    f"External-Identifier: {self.checkpoint.origin}\n"
                    f"Payload-Oxum: {sum(self.members[path].size for path in payload)}.{len(payload)}\n"
                    f"Trialseal-Bundle-Version: 1\n"
                    f"Trialseal-Head-Time: {head.at}\n"
                    f"Trialseal-Scope: {self.scope}\n"
                    f"Trialseal-Size: {size}\n")
        if info != expected.encode():
            yield Issue("bundle-tag-file", "bag-info.txt", "not what the entries give")
        if self.folder != f"{self.study.study}-{size:012d}":
            yield Issue("bundle-layout", self.folder, "not the study's name and the size")

    # 4
    def check_lists(self):
        yield from self.check_list("manifest-sha256.txt", self.below("data/"))
        yield from self.check_list("tagmanifest-sha256.txt", TAG_FILES)

    def check_list(self, name, paths, issue=None, part="content"):
        try:
            listed = list_parse(self.content(name))
        except Malformed as why:
            raise Issue("bundle-tag-file", name, why) from None
        actual = [(path, sha256_hex(getattr(self.members[path], part))) for path in paths]
        for kind, path in list_compare(listed, actual):
            yield Issue(issue or kind, path, f"according to {name}")

    # 5
    def check_deflated(self):
        deflated = [path for path, member in self.members.items() if member.method == DEFLATED]
        yield from self.check_list("data/deflated-sha256.txt", deflated, "bundle-reencoded", "packed")

    # 6
    def check_bundle_signature(self):
        place = "tagmanifest-sha256.txt.sig"
        try:
            key = sshsig_verify(self.content(place), BUNDLE_NAMESPACE, self.content(place[:-4]))
        except Malformed as why:
            raise Issue("bundle-signature", place, why) from None
        if not self.trust.allows_notary(key, self):
            yield Issue("bundle-key", place, "signed by a key that you do not trust for this")

    # 7
    def check_checkpoint(self):
        place = "data/checkpoint"
        try:
            checkpoint = Checkpoint(self.members[place].content if place in self.members else b"")
        except Malformed as why:
            raise Issue("checkpoint-malformed", place, why) from None
        self.facts["checkpoint"] = checkpoint
        if checkpoint.signatures[0][0] != checkpoint.origin:
            yield Issue("checkpoint-malformed", place, "the first signature line is not the log's")
        keys = self.trust.log_keys(checkpoint.origin, self)
        if not keys:
            raise Issue("checkpoint-origin", place, f"you do not trust {checkpoint.origin}")
        signed = [checkpoint.signed_by(key) for key in keys]
        if False in signed or True not in signed:
            raise Issue("checkpoint-signature", place, "not signed, or wrongly, by the log key that you trust")
        self.facts["log_key"] = keys[signed.index(True)]

    def check_quorum(self):
        for why in self.trust.quorum_lacks(self.checkpoint):
            yield Issue("checkpoint-quorum", "data/checkpoint", why)

    # 8
    def check_checkpoint_signature(self):
        place = "data/checkpoint.sig"
        try:
            key = sshsig_verify(self.content(place), CHECKPOINT_NAMESPACE, self.checkpoint.text)
        except Malformed as why:
            raise Issue("checkpoint-signature", place, why) from None
        if key != self.log_key.key or not self.trust.allows_log(key, self):
            yield Issue("checkpoint-signature", place, "signed by a key that you do not trust for this")

    # 9
    def check_root(self):
        entries = self.below("data/entries/")
        if not entries:
            raise Issue("ledger-empty", "data/entries", "no entry")
        leaves = [sha256(b"\0" + self.content(path)) for path in entries]
        self.facts["leaves"] = leaves
        if self.checkpoint.size != len(leaves) or self.checkpoint.root != tree_root(leaves):
            yield Issue("ledger-root", "data/checkpoint", "the entries give another root")

    # 10
    def check_entries(self):
        entries = [Entry(index, self.content(path)) for index, path in enumerate(self.below("data/entries/"))]
        if entries:
            self.facts["entries"] = entries
            if entries[0].kind == "study":
                self.facts["study"] = entries[0]

    def check_head(self):
        if self.entries and self.entries[-1].kind == "issued":
            yield Issue("bundle-layout", self.entries[-1].place, "no bundle ends with the record of one")

    def erased(self):
        return {entry.subject for entry in self.entries if entry.kind == "erasure"}

    def check_rules(self):
        yield from History(self.entries, self.checkpoint.origin).check()

    # 11
    def check_log_key(self):
        if self.study.log != self.log_key.text:
            yield Issue("checkpoint-origin", self.study.place, "another log key than the one you trust")

    # 13, before 12, which needs the names in these texts
    def check_objects(self):
        texts, named, erased = {}, set(), self.erased()
        for entry in self.entries:
            if "details" in entry.said:
                path = f"data/objects/{entry.details}"
                named.add(path)
                if entry.details in erased:
                    texts[entry.index] = None
                    if path in self.members:
                        yield Issue("bundle-erased", path, "it was erased")
                    continue
                if path not in self.members:
                    yield Issue("bundle-missing", path, f"{entry.place} names it")
                    continue
                if sha256_hex(self.content(path)) != entry.details:
                    yield Issue("object-malformed", path, "not the text that its entry names")
                    continue
                try:
                    texts[entry.index] = detached_parse(entry.kind, self.content(path))
                except Malformed as why:
                    yield Issue("object-malformed", path, why)
        for path in self.below("data/objects/"):
            if path not in named:
                yield Issue("bundle-unlisted", path, "no entry names it")
        self.facts["texts"] = texts

    # 12
    def check_payload(self):
        wanted, others, nameless = {}, {}, ()
        withdrawn = {entry.revision for entry in self.entries if entry.kind == "withdrawal"}
        erased = self.erased()
        for entry in self.entries:
            if entry.kind == "revision":
                folder = f"data/datasets/{entry.dataset}/r{entry.revision:04d}/"
                if entry.index not in self.texts:
                    nameless += folder,
                    continue
                carried = self.in_scope(entry) and entry.index not in withdrawn and entry.subject not in erased
                text = self.texts[entry.index]
                name = name_map(text["file"]) if text else ERASED_NAME
                (wanted if carried else others)[folder + name] = entry
        for path in self.below("data/datasets/"):
            if path in others and others[path].subject in erased:
                yield Issue("bundle-erased", path, "it was erased")
            elif path in others:
                yield Issue("bundle-scope", path, "not in scope, or withdrawn")
            elif path not in wanted and not path.startswith(nameless):
                yield Issue("payload-unnamed", path, "no revision has this name")
        for path, entry in wanted.items():
            if path not in self.members:
                yield Issue("payload-missing", path, f"{entry.place} is in scope")
            elif (sha256_hex(self.content(path)), self.members[path].size) != (entry.subject, entry.size):
                yield Issue("payload-altered", path, f"not what {entry.place} says")

    def in_scope(self, entry):
        match = SCOPE.fullmatch(self.scope)
        dataset = match["dataset"] or match["both"] or entry.dataset
        return self.scope != "none" and entry.dataset == dataset and entry.index >= int(match["since"] or 0)

    # 14
    def check_proofs(self):
        proofs = [f"data/proofs/{entry.index:012d}.tlog-proof" for entry in self.entries if entry.kind == "revision"]
        for path in self.below("data/proofs/"):
            if path not in proofs:
                yield Issue("bundle-layout", path, "not for a revision")
        for path in proofs:
            if path not in self.members:
                yield Issue("bundle-layout", path, "a revision has no proof")
                continue
            try:
                index, hashes, checkpoint = tlog_proof_parse(self.content(path))
            except Malformed as why:
                yield Issue("proof-malformed", path, why)
                continue
            leaf = self.entries[index].leaf if index == int(path[12:24]) else b""
            if (checkpoint != self.content("data/checkpoint")
                    or not inclusion_holds(leaf, index, self.checkpoint.size, hashes, self.checkpoint.root)):
                yield Issue("proof-wrong", path, "does not lead to the root")

    # 16
    def check_ledger_seals(self):
        named = set()
        for entry in self.entries:
            if entry.kind == "seal":
                paths = f"data/seals/{entry.index:012d}.tsr", f"data/checkpoints/{entry.size:012d}"
                named.update(paths)
                yield from self.check_ledger_seal(entry, *paths)
        for path in self.below("data/seals/") + self.below("data/checkpoints/"):
            if path not in named:
                yield Issue("bundle-unlisted", path, "no entry names it")

    def check_ledger_seal(self, entry, token, checkpoint):
        for path, digest in (token, entry.subject), (checkpoint, entry.checkpoint):
            if path not in self.members:
                raise Issue("bundle-missing", path, f"{entry.place} names it")
            if sha256_hex(self.content(path)) != digest:
                yield Issue("seal-wrong", path, f"not what {entry.place} names")
        try:
            note = Checkpoint(self.content(checkpoint))
            require((note.origin, note.size) == (self.checkpoint.origin, entry.size), "of another ledger or size")
            require(0 < note.size <= len(self.leaves) and note.root == tree_root(self.leaves[:note.size]), "another root")
            require(note.signed_by(Vkey(self.study.log)), "not signed by the ledger's key")
        except Malformed as why:
            yield Issue("seal-wrong", checkpoint, why)
        if len(self.content(token)) > TOKEN_MAX:
            yield Issue("seal-malformed", token, "too long")

    # 17 and 18
    def check_seals(self):
        paths, used, hash_before = self.below("seals/"), [], hashlib.sha256
        for number in range(1, SEALS_MAX + 1):
            own = [f"seals/{number:03d}{rest}" for rest in ("-crl.pem", "-sha512.txt", ".tsr", ".txt")]
            crl, full, token, text = [path if path in paths else None for path in own]
            if not token or not text:
                break
            listed = used + [full] * bool(full) + self.below("tagmanifest-")
            digest = yield from self.check_seal_list(text, listed)
            if hash_before is hashlib.sha512 and digest is hashlib.sha256:
                yield Issue("seal-wrong", text, "a weaker hash than before")
            if bool(full) != (hash_before is hashlib.sha256 and digest is hashlib.sha512):
                yield Issue("seal-malformed", text, "the list of all files goes with the first list of SHA-512")
            elif full:
                yield from self.check_seal_list(full, [path for path in self.members if path not in paths])
            if len(self.content(token)) > TOKEN_MAX or (crl and len(self.content(crl)) > CRL_MAX):
                yield Issue("seal-malformed", token, "too long")
            blocks = self.content(crl).split(b"-----BEGIN ")[1:] if crl else [b"X509 CRL-----"]
            if not blocks or not all(block.startswith(b"X509 CRL-----") for block in blocks):
                yield Issue("seal-malformed", crl, "not CRLs alone")
            used += [path for path in own if path in paths]
            hash_before = digest
        if used != paths:
            yield Issue("seal-malformed", "seals", "not the members that seals have")
        self.facts["seals"] = [path for path in used if path.endswith(".tsr")]

    def check_seal_list(self, name, paths):
        """The list names exactly these, in this order; returns its hash."""
        data = self.content(name)
        digest = hashlib.sha512 if re.match(rb"[0-9a-f]{128} ", data) else hashlib.sha256
        if not re.fullmatch(rb"([0-9a-f]{%d}  [^\n]+\n)*" % (2 * digest().digest_size), data) or not data:
            yield Issue("seal-malformed", name, "not the lines of sha256sum or sha512sum")
            return digest
        want = "".join(f"{digest(self.content(path)).hexdigest()}  {path}\n" for path in paths)
        if data != want.encode():
            yield Issue("seal-wrong", name, "not what the seal must be over")
        return digest

    # 15
    def check_earlier(self, checkpoint):
        place = "data/checkpoint"
        if checkpoint.origin != self.checkpoint.origin:
            raise Issue("ledger-other", place, f"the other bundle is of {checkpoint.origin}")
        if checkpoint.size and tree_root(self.leaves[:checkpoint.size]) != checkpoint.root:
            yield Issue("ledger-fork", place, f"the other bundle has other first {checkpoint.size} entries")


class Trust:
    """The keys that the verifier brings: chapter 8."""

    def __init__(self, folder):
        def read(name):
            with open(os.path.join(folder, name), "rb") as file:
                return file.read()
        self.policy, self.signers = Policy(read("policy")), Signers(read("allowed_signers"))
        self.wants_seal = os.path.exists(os.path.join(folder, "tsa.pem"))

    def log_keys(self, origin, _):
        return self.policy.logs.get(origin, [])

    def allows_notary(self, key, bundle):
        return self.signers.allow(key, BUNDLE_NAMESPACE, bundle.entries[-1].time)

    def allows_log(self, key, bundle):
        return self.signers.allow(key, CHECKPOINT_NAMESPACE, bundle.entries[-1].time)

    def quorum_lacks(self, checkpoint):
        cosigned = set()
        for name, key in self.policy.witnesses.items():
            good = checkpoint.signed_by(key) if key.algorithm == WITNESS_KEY else None
            if good is False:
                yield f"a bad cosignature of {name}"
            elif good:
                cosigned.add(name)
        if not self.policy.met(self.policy.quorum, cosigned):
            yield "too few cosignatures"

    def check(self, _):
        """20: what authorities signed is checked by openssl, if at all."""
        if self.wants_seal:
            yield Issue("trust-seal", "tsa.pem", "asks for seals, and nothing here checks what authorities signed")


class NoTrust:
    """The keys that the bundle itself gives; the result is never green."""

    def log_keys(self, origin, bundle):
        key = Vkey(bundle.study.log)
        return [key] if key.name == origin else []

    def allows_notary(self, key, bundle):
        return key == ssh_key_parse(bundle.study.notary)

    def allows_log(self, key, bundle):
        return True

    def quorum_lacks(self, checkpoint):
        return []

    def check(self, _):
        yield Issue("trust-none", "-", "consistent with itself at best, by nobody you trust")


class Findings(list):
    """The issues; and whether a check was left out, which only an issue excuses."""

    left_out = False

    def run(self, check, *arguments):
        """Whether it found nothing."""
        before = len(self)
        try:
            for issue in check(*arguments) or ():
                self.append(issue)
        except Issue as issue:
            self.append(issue)
        except Unknown:
            self.left_out = True
        return len(self) == before


def verify(data, trust, previous=None):
    """All issues; an empty list is green."""
    found, bundle = Findings(), Bundle(data, trust)
    check_all(found, bundle)
    if previous is not None:
        found.run(check_previous, found, bundle, Bundle(previous, trust))
    assert found or not found.left_out
    return found


def check_all(found, bundle):
    """Chapter 9; the entries come first, for the time of the last one decides which keys are valid."""
    if not (found.run(bundle.check_archive) and found.run(bundle.check_layout)):
        return
    for check in (bundle.check_entries, bundle.check_checkpoint, bundle.check_quorum, bundle.check_scope,
                  bundle.check_tag_files, bundle.check_lists, bundle.check_deflated, bundle.check_bundle_signature,
                  bundle.check_checkpoint_signature, bundle.check_root, bundle.check_head, bundle.check_rules, bundle.check_log_key,
                  bundle.check_objects, bundle.check_payload, bundle.check_proofs, bundle.check_ledger_seals,
                  bundle.check_seals):
        found.run(check)
    found.run(bundle.trust.check, bundle)


def check_previous(found, bundle, earlier):
    """9.1"""
    if not (found.run(earlier.find_checkpoint) and found.run(earlier.check_checkpoint)):
        return
    if earlier.checkpoint.size > bundle.checkpoint.size:
        check_all(found, earlier)
        bundle, earlier = earlier, bundle
    found.run(bundle.check_earlier, earlier.checkpoint)


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def main(arguments):
    options = {}
    while len(arguments) > 2 and arguments[0] in ("--trust", "--previous"):
        options[arguments[0]] = arguments[1]
        arguments = arguments[2:]
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__.split("\n\n")[1].strip(), file=sys.stderr)
        return 2
    try:
        trust = Trust(options["--trust"]) if "--trust" in options else NoTrust()
        previous = read_file(options["--previous"]) if "--previous" in options else None
        issues = verify(read_file(arguments[0]), trust, previous)
    except (OSError, Malformed) as why:
        print(f"verify_bundle: {why}", file=sys.stderr)
        return 2
    for issue in issues:
        print(issue)
    print("not verified" if issues else "verified")
    return 1 if issues else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
