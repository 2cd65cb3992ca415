#!/bin/sh
# Keys that somebody mixed up, with the real program: nothing is signed with the wrong one.
set -eu
. tests/job/home.sh
new_home "$home"
at 01 study add S2
cp -a "$home/keys" "$scratch/keys"
send() {
    mkdir "$inbox/$1"
    csv "$inbox/$1/dm.csv" "$2"
    list "$inbox/$1"
}
put_back() { rm -r "$home/keys" && cp -a "$scratch/keys" "$home/keys"; }

send one 1
cp "$home/keys/log-S2" "$home/keys/log-S1"
expect run__refuses_the_private_key_of_another_study ends 2 at 02 run
expect run__says_which_key_it_is grep -q 'keys/log-S1: its .pub file is of another key' "$scratch/said"
expect check__tells_it says key-missing at 02 check
put_back
expect check__is_green_with_the_right_key ends 0 at 02 check
expect run__goes_on_with_the_right_key silent at 02 run

cp "$home/keys/log-S1" "$home/keys/notary"
expect bundle__refuses_a_log_key_as_notary ends 2 at 03 bundle S1 -o "$scratch/b.zip"
expect bundle__is_not_there test ! -e "$scratch/b.zip"
put_back
before=$(entries)
expect bundle__goes_on_with_the_right_key ends 0 at 03 bundle S1 -o "$scratch/b.zip"
expect bundle__is_issued_once same "$(entries)" $((before + 1))

# The ledger under a key that entry 0 does not name, in all other respects right.
cp "$home/keys/log-S2" "$home/keys/log-S1"
cp "$home/keys/log-S2.pub" "$home/keys/log-S1.pub"
sign_again() {
    python3 - "$home/keys/log-S1" "$home/ledger/S1/checkpoint" "$scratch" <<'END'
import base64, hashlib, subprocess, sys
key, checkpoint, scratch = sys.argv[1:]
lines = open(key).read().splitlines()
raw = base64.b64decode("".join(l for l in lines if not l.startswith("-")))
at = raw.rindex(b"ssh-ed25519") + len(b"ssh-ed25519")
public, seed = raw[at + 4:at + 36], raw[at + 40:at + 72]
open(scratch + "/key.der", "wb").write(bytes.fromhex("302e020100300506032b657004220420") + seed)
text = open(checkpoint).read().split("\n\n")[0] + "\n"
open(scratch + "/text", "w").write(text)
subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", scratch + "/key.der",
                "-in", scratch + "/text", "-out", scratch + "/sig"], check=True)
name = text.split("\n")[0]
identity = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
line = base64.b64encode(identity + open(scratch + "/sig", "rb").read()).decode()
open(checkpoint, "w").write(text + "\n\u2014 " + name + " " + line + "\n")
END
}
expect checkpoint__can_be_signed_again sign_again
expect check__tells_a_key_that_entry_0_does_not_name says 'entry 0 of the ledger names another key' at 28 check
