"""Takes bundles apart, changes them and puts them together again, with as many signatures as wanted.

A forger who holds the keys: so a test reaches the checks that lie behind the signatures. It writes
with the helpers of verify_bundle; that they write what FORMAT says is what the program's verifier checks.
"""
import base64
import binascii
import hashlib
import json
import struct
import zlib

import verify_bundle as v


def hash_number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def secret_scalar(seed):
    return hash_number(seed) & (1 << 254) - 8 | 1 << 254


def point_encode(point):
    inverse = pow(point[2], v.P - 2, v.P)
    x, y = point[0] * inverse % v.P, point[1] * inverse % v.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def ed25519_public(seed):
    return point_encode(v.point_multiply(secret_scalar(seed), v.BASE))


def ed25519_sign(seed, public, message):
    """RFC 8032, section 5.1.6."""
    nonce = hash_number(hashlib.sha512(seed).digest()[32:], message) % v.L
    commitment = point_encode(v.point_multiply(nonce, v.BASE))
    response = (nonce + hash_number(commitment, public, message) * secret_scalar(seed)) % v.L
    return commitment + response.to_bytes(32, "little")


class Key:
    def __init__(self, seed):
        self.seed, self.public = seed, ed25519_public(seed)

    @classmethod
    def read(cls, path):
        """An OpenSSH private key without passphrase: PROTOCOL.key."""
        with open(path, encoding="ascii") as file:
            blob = base64.b64decode("".join(file.read().split("\n")[1:-2]))
        at = blob.rindex(v.ssh_string(b"ssh-ed25519")) + 15 + 36 + 4
        return cls(blob[at:at + 32])

    def sign(self, message):
        return ed25519_sign(self.seed, self.public, message)

    def sshsig(self, namespace, data):
        signature = self.sign(v.sshsig_message(namespace, data))
        return v.sshsig_armour(v.sshsig_blob(self.public, namespace, signature))

    def key_id(self, name, algorithm):
        return v.sha256(name.encode() + b"\n" + bytes([algorithm]) + self.public)[:4]

    def vkey(self, name, algorithm=v.LOG_KEY):
        blob = base64.b64encode(bytes([algorithm]) + self.public).decode()
        return f"{name}+{self.key_id(name, algorithm).hex()}+{blob}"

    def ssh(self):
        return "ssh-ed25519 " + base64.b64encode(v.ssh_public_key(self.public)).decode()

    def signature_line(self, name, text, stamp=None):
        """A log's line, or with a time stamp a cosignature."""
        if stamp is None:
            blob = self.key_id(name, v.LOG_KEY) + self.sign(text)
        else:
            blob = (self.key_id(name, v.WITNESS_KEY) + struct.pack(">Q", stamp)
                    + self.sign(b"cosignature/v1\ntime %d\n" % stamp + text))
        return f"\u2014 {name} {base64.b64encode(blob).decode()}\n".encode()


def deflate(data, level=9):
    machine = zlib.compressobj(level, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush()


def list_write(pairs):
    return "".join(f"{digest}  {path}\n" for digest, path in pairs).encode()


def inclusion(leaves, index):
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return inclusion(leaves[:half], index) + [v.tree_root(leaves[half:])]
    return inclusion(leaves[half:], index - half) + [v.tree_root(leaves[:half])]


def canonical(value):
    return v.canonical_write(value).encode()


class Bag:
    """A bundle in pieces: path -> content; path -> deflated bytes, for those that are."""

    def __init__(self, archive):
        members = v.archive_read(archive)
        self.folder = members[0].name.split(b"/")[0].decode()
        names = [member.name.decode().partition("/")[2] for member in members]
        self.files = {name: member.content for name, member in zip(names, members)}
        self.packed = {name: member.packed for name, member in zip(names, members) if member.method == v.DEFLATED}

    def below(self, folder):
        return sorted(path for path in self.files if path.startswith(folder))

    def names(self):
        return sorted(self.files)

    def write(self, names=None):
        """The archive, its members in the given order."""
        return archive_write([(f"{self.folder}/{name}", self.files[name], self.packed.get(name))
                              for name in names or self.names()])

    def put(self, path, content):
        """In its own form: deflated again if it was."""
        self.files[path] = content
        if path in self.packed:
            self.packed[path] = deflate(content)

    def drop(self, path):
        self.packed.pop(path, None)
        return self.files.pop(path)

    def move(self, old, new):
        if old in self.packed:
            self.packed[new] = self.packed[old]
        self.files[new] = self.drop(old)

    # --- putting right again what depends on the rest, from the inside out

    def entry(self, index):
        return json.loads(self.files[f"data/entries/{index:012d}.json"])

    def entry_put(self, index, value):
        self.files[f"data/entries/{index:012d}.json"] = value if isinstance(value, bytes) else canonical(value)

    def entries(self):
        return [self.files[path] for path in self.below("data/entries/")]

    def sign_ledger(self, log, origin=None, more=b"", first=True):
        """Checkpoint, its signatures and all proofs, for the entries as they are now."""
        leaves = [v.sha256(b"\0" + entry) for entry in self.entries()]
        origin = origin or self.files["data/checkpoint"].decode().split("\n")[0]
        root = base64.b64encode(v.tree_root(leaves) if leaves else v.sha256(b"")).decode()
        text = f"{origin}\n{len(leaves)}\n{root}\n".encode()
        line = log.signature_line(origin, text)
        self.files["data/checkpoint"] = text + b"\n" + (line + more if first else more + line)
        self.files["data/checkpoint.sig"] = log.sshsig(v.CHECKPOINT_NAMESPACE, text)
        for path in self.below("data/proofs/"):
            self.drop(path)
        for index, entry in enumerate(self.entries()):
            if b"/entry/revision/v1" in entry:
                hashes = "".join(base64.b64encode(one).decode() + "\n" for one in inclusion(leaves, index))
                head = f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n".encode()
                self.files[f"data/proofs/{index:012d}.tlog-proof"] = head + self.files["data/checkpoint"]

    def retag(self, **lines):
        """bag-info.txt and the folder's name, as the entries give them."""
        info = dict(line.split(": ", 1) for line in self.files["bag-info.txt"].decode().splitlines())
        head, payload = json.loads(self.entries()[-1]), self.below("data/")
        size = sum(len(self.files[path]) for path in payload)
        info.update({"Bagging-Date": head["predicate"]["at"][:10], "Trialseal-Head-Time": head["predicate"]["at"],
                     "Payload-Oxum": f"{size}.{len(payload)}", "Trialseal-Size": str(len(self.entries()))})
        info.update({name.replace("_", "-"): value for name, value in lines.items()})
        self.files["bag-info.txt"] = "".join(f"{name}: {value}\n" for name, value in info.items()).encode()
        self.folder = f"{self.folder[:-13]}-{len(self.entries()):012d}"

    def list_deflated(self):
        self.files["data/deflated-sha256.txt"] = list_write(
            (v.sha256_hex(self.packed[path]), path) for path in sorted(self.packed))

    def list_members(self):
        for name, paths in (("manifest-sha256.txt", self.below("data/")), ("tagmanifest-sha256.txt", v.TAG_FILES)):
            self.files[name] = list_write((v.sha256_hex(self.files[path]), path) for path in paths)

    def sign(self, notary):
        self.files["tagmanifest-sha256.txt.sig"] = notary.sshsig(v.BUNDLE_NAMESPACE,
                                                                 self.files["tagmanifest-sha256.txt"])


def archive_write(files):
    """files: name, content, deflated bytes or None."""
    body, directory = bytearray(), bytearray()
    for name, content, packed in files:
        member = v.Member(name.encode(), v.STORED if packed is None else v.DEFLATED, binascii.crc32(content),
                          len(content), len(content if packed is None else packed), len(body))
        directory += member.central_header()
        body += member.local_header() + (content if packed is None else packed)
    return bytes(body + directory) + v.end_records(len(files), len(directory), len(body))
