"""proof_check.py VKEY PROOF ENTRY: checks a C2SP tlog-proof with openssl and RFC 9162, 2.1.3.2."""
import base64
import hashlib
import subprocess
import sys
import tempfile


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf, index, size, path):
    last = size - 1
    for step in path:
        assert last > 0, "the path is too long"
        if index & 1 or index == last:
            leaf = node(step, leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = node(leaf, step)
        index, last = index >> 1, last >> 1
    assert last == 0, "the path is too short"
    return leaf


def check_signature(name, key, text, line):
    dash, signer, signature = line.split(" ")
    assert dash == "\u2014" and signer == name, "the first signature is not the log's"
    with tempfile.NamedTemporaryFile() as k, tempfile.NamedTemporaryFile() as t, tempfile.NamedTemporaryFile() as s:
        k.write(bytes.fromhex("302a300506032b6570032100") + key)
        t.write(text)
        s.write(base64.b64decode(signature)[4:])
        for file in (k, t, s):
            file.flush()
        subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", k.name,
                        "-in", t.name, "-sigfile", s.name], check=True, stdout=subprocess.DEVNULL)


def main(vkey, proof, entry):
    name, _, key = vkey.split("+", 2)
    head, note = open(proof, encoding="utf-8", newline="").read().split("\n\n", 1)
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("index "), "not a tlog-proof"
    text, signatures = note.split("\n\n", 1)
    origin, size, root = text.split("\n")
    assert origin == name, "of another ledger"
    check_signature(name, base64.b64decode(key)[1:], (text + "\n").encode(), signatures.split("\n")[0])
    leaf = hashlib.sha256(b"\x00" + open(entry, "rb").read()).digest()
    got = root_of(leaf, int(lines[1][6:]), int(size), [base64.b64decode(h) for h in lines[2:]])
    assert got == base64.b64decode(root), "the path does not lead to the root"


main(*sys.argv[1:])
