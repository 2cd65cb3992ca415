#!/bin/sh
# verify-with-stock-tools.sh [--no-root] TRUST BUNDLE
#
# Verifies an evidence bundle without trialseal: with unzip, sha256sum, ssh-keygen, openssl, xxd and a
# POSIX shell. It takes the steps of data/VERIFY.txt, which every bundle carries, and a few more;
# docs/FORMAT.md is the law behind both. --no-root leaves out the hashing of all entries, which takes
# a shell about a minute for each 5,000 of them.
#
# Exit status: 0 verified, 1 not verified, 2 it could not be tried.
set -u
LC_ALL=C TZ=UTC # ssh-keygen before OpenSSH 9.1 takes times in the local time zone only
export LC_ALL TZ
umask 077

ENTRIES_MANY=2000

cannot() {
    echo "verify-with-stock-tools: $1" >&2
    exit 2
}

wrong() {
    echo "NOT VERIFIED: $1" >&2
    exit 1
}

say() { printf '  %-10s %s\n' "$1" "$2"; }

absolute() {
    case $1 in
    /*) echo "$1" ;;
    *) echo "$PWD/$1" ;;
    esac
}

hex() { od -An -v -tx1 | tr -d ' \n'; }
hash() { sha256sum | cut -c1-64; }

# --- what came from elsewhere --------------------------------------------------------------------

look_at_trust() {
    for file in policy allowed_signers; do
        [ -f "$trust/$file" ] || cannot "$trust is not a trust folder: $file is missing"
    done
    grep -q '^quorum none$' "$trust/policy" ||
        wrong "the trust folder asks for witnesses, which trialseal-verify checks and this script does not"
    tsa=
    [ ! -e "$trust/tsa.pem" ] || tsa=tsa.pem
    # shellcheck disable=SC2086 # none or one word
    fingerprint=$(cd "$trust" && sha256sum allowed_signers policy $tsa | hash)
}

# --- the archive ---------------------------------------------------------------------------------

unpack() {
    unzip -Z1 "$bundle" >names 2>log || wrong "unzip cannot read it: $(head -n 1 log)"
    [ -z "$(sort names | uniq -d)" ] || wrong "it has a name twice: $(sort names | uniq -d | head -n 1)"
    folder=$(head -n 1 names | cut -d/ -f1)
    echo "$folder" | grep -qE '^[A-Za-z0-9][A-Za-z0-9_-]*-[0-9]{12,}$' || wrong "its folder is not called STUDY-ENTRIES"
    strange=$(grep -vE "^$folder(/[A-Za-z0-9_-]([A-Za-z0-9._-]*[A-Za-z0-9_-])?)+\$" names | head -n 1)
    [ -z "$strange" ] || wrong "it has a name that no bundle has: $strange"
    unzip -qq "$bundle" </dev/null >log 2>&1 || wrong "unzip is not content with it: $(head -n 1 log)"
    cd "$folder" || wrong "it has no folder $folder"
    [ -z "$(find . ! -type f ! -type d)" ] || wrong "it holds something that is neither file nor folder"
}

# The signature of the notary covers the tag manifest, that the manifest, and that everything else.
check_files() {
    for file in bag-info.txt bagit.txt manifest-sha256.txt tagmanifest-sha256.txt tagmanifest-sha256.txt.sig \
        data/checkpoint data/checkpoint.sig; do
        [ -f "$file" ] || wrong "$file is missing"
    done
    sha256sum -c --strict --quiet tagmanifest-sha256.txt >../log 2>&1 || wrong "tag manifest: $(head -n 1 ../log)"
    sha256sum -c --strict --quiet manifest-sha256.txt >../log 2>&1 || wrong "manifest: $(head -n 1 ../log)"
    find . -type f | cut -c3- | sort >../there
    {
        cut -c67- manifest-sha256.txt tagmanifest-sha256.txt
        echo tagmanifest-sha256.txt
        echo tagmanifest-sha256.txt.sig
        grep -E '^seals/[0-9]{3}(-crl\.pem|-sha512\.txt|\.tsr|\.txt)$' ../there
    } | sort >../listed
    diff ../listed ../there >../log || wrong "the lists and the files differ: $(sed -n 2p ../log)"
    files=$(wc -l <../there | tr -d ' ')
    digits='[0-9]\{12,\}'
    strange=$(cut -c67- manifest-sha256.txt | sed "/^data\/datasets\//d; /^data\/objects\//d
        /^data\/entries\/$digits\.json\$/d; /^data\/proofs\/$digits\.tlog-proof\$/d
        /^data\/checkpoints\/$digits\$/d; /^data\/seals\/$digits\.tsr\$/d
        /^data\/VERIFY\.txt\$/d; /^data\/checkpoint\$/d; /^data\/checkpoint\.sig\$/d; /^data\/deflated-sha256\.txt\$/d")
    [ -z "$strange" ] || wrong "there is no place in a bundle for $(echo "$strange" | head -n 1)"
}

tag() { sed -n "s/^$1: //p" bag-info.txt; }

# The entries, one a line, in order: they hold no line end of their own.
read_entries() {
    entries=$(find data/entries -type f | wc -l)
    find data/entries -type f | sort | xargs awk 1 >../entries
    [ "$(wc -l <../entries)" -eq "$entries" ] || wrong "an entry is not one line of JSON"
    awk '{ printf "data/entries/%012d.json\n", NR - 1 }' ../entries >../numbered
    find data/entries -type f | sort | cmp -s - ../numbered ||
        wrong "the entries are not numbered from 0 without a gap"
    head_time=$(sed -n '$s/^.*"predicate":{"at":"\([0-9TZ:-]*\)".*$/\1/p' ../entries)
    time=$(echo "$head_time" | tr -d TZ:-)
    [ "$head_time" = "$(tag Trialseal-Head-Time)" ] || wrong "bag-info.txt has another time than the last entry"
}

# --- signatures ----------------------------------------------------------------------------------

# signer NAMESPACE SIGNATURE FILE: who signed, by the trust folder, at the time of the last entry. OpenSSH
# before 8.7 knows neither verify-time nor keys with a time limit, and takes the option without a word.
signer() {
    ssh-keygen -Y find-principals -f "$trust/allowed_signers" "-Overify-time=$time" -s "$2" 2>../log | tr , '\n' >../signers
    while read -r name; do
        if ssh-keygen -Y verify -f "$trust/allowed_signers" -I "$name" -n "$1" "-Overify-time=$time" -s "$2" \
            <"$3" >../log 2>&1; then
            echo "$name"
            return
        fi
    done <../signers
    return 1
}

check_notary() {
    notary=$(signer trialseal-bundle tagmanifest-sha256.txt.sig tagmanifest-sha256.txt) ||
        wrong "tagmanifest-sha256.txt is not signed by a key that the trust folder allows for bundles at $head_time"
}

check_checkpoint() {
    sed '/^$/,$d' data/checkpoint >../text
    [ "$(wc -l <../text)" -eq 3 ] || wrong "the checkpoint is not origin, size and root"
    origin=$(sed -n 1p ../text) size=$(sed -n 2p ../text) root=$(sed -n 3p ../text | base64 -d | hex)
    [ "$size" = "$entries" ] || wrong "the checkpoint is of $size entries, and there are $entries"
    [ "$size $origin" = "$(tag Trialseal-Size) $(tag External-Identifier)" ] ||
        wrong "bag-info.txt is of another checkpoint"
    [ "$folder" = "${origin##*/}-$(printf %012d "$size")" ] || wrong "the folder's name is of another checkpoint"
    vkey=$(awk -v name="$origin" '$1 == "log" { split($2, part, "+"); if (part[1] == name) { print $2; exit } }' "$trust/policy")
    [ -n "$vkey" ] || wrong "the trust folder's policy does not know the ledger $origin"
    signer trialseal-checkpoint data/checkpoint.sig ../text >/dev/null ||
        wrong "data/checkpoint.sig is not by a key that the trust folder allows for checkpoints at $head_time"
    check_same_key
    check_note
}

# The key of allowed_signers that ssh-keygen has just named, and the key in policy.
check_same_key() {
    echo "$vkey" | cut -d + -f 3- | base64 -d | tail -c 32 >../key
    print=$({
        printf '\000\000\000\013ssh-ed25519\000\000\000\040' # RFC 8709, section 4
        cat ../key
    } | hash | xxd -r -p | base64 | tr -d =)
    grep -qF "SHA256:$print" ../log || wrong "policy and allowed_signers name different keys for the ledger $origin"
}

# The signature line that C2SP signed-note describes: the same text, the same key, another form.
check_note() {
    note='not checked: this openssl knows no Ed25519 (3.0 does)'
    openssl pkeyutl -help 2>&1 | grep -q -- -rawin || return 0
    {
        printf '\060\052\060\005\006\003\053\145\160\003\041\000' # SubjectPublicKeyInfo, RFC 8410
        cat ../key
    } >../key.der
    awk -v name="$origin" '$1 == "—" && $2 == name { print $3; exit }' data/checkpoint | base64 -d | tail -c 64 >../signature
    openssl pkeyutl -verify -rawin -in ../text -sigfile ../signature -pubin -keyform DER -inkey ../key.der >../log 2>&1 ||
        wrong "the ledger's key did not sign the note data/checkpoint"
    note='and as a signed note'
}

# --- the tree: RFC 6962, section 2.1 -------------------------------------------------------------

leaf() {
    printf '\000'
    cat "$1"
}

node() {
    printf '\001'
    echo "$1$2" | xxd -r -p
}

check_root() {
    [ "$entries" -le "$ENTRIES_MANY" ] ||
        echo "$entries entries: a shell takes minutes to hash them; --no-root leaves that out" >&2
    find data/entries -type f | sort | while read -r file; do leaf "$file" | hash; done >../level
    while [ "$(wc -l <../level)" -gt 1 ]; do
        paste -d ' ' - - <../level | while read -r left right; do
            if [ -n "$right" ]; then node "$left" "$right" | hash; else echo "$left"; fi
        done >../next
        mv ../next ../level
    done
    [ "$(cat ../level)" = "$root" ] || wrong "the entries do not give the root that was signed"
}

# prove INDEX: RFC 9162, section 2.1.3.2, for data/proofs/INDEX.tlog-proof
prove() {
    at=$(echo "$1" | sed 's/^0*//') last=$((entries - 1)) got=$(leaf "data/entries/$1.json" | hash)
    at=${at:-0}
    [ "$(sed -n 1,2p "data/proofs/$1.tlog-proof")" = "c2sp.org/tlog-proof@v1
index $at" ] || return 1
    sed '1,2d; /^$/,$d' "data/proofs/$1.tlog-proof" >../steps
    while read -r step; do
        step=$(echo "$step" | base64 -d | hex)
        [ "$last" -gt 0 ] || return 1
        if [ $((at % 2)) -eq 1 ] || [ "$at" -eq "$last" ]; then
            got=$(node "$step" "$got" | hash)
            while [ $((at % 2)) -eq 0 ] && [ "$at" -gt 0 ]; do
                at=$((at / 2)) last=$((last / 2))
            done
        else
            got=$(node "$got" "$step" | hash)
        fi
        at=$((at / 2)) last=$((last / 2))
    done <../steps
    [ "$last" -eq 0 ] && [ "$got" = "$root" ]
}

# One proof leads to the root; all carry the checkpoint, and each revision has one.
check_proofs() {
    find data/proofs -type f 2>/dev/null | sort >../proofs
    while read -r file; do
        sed '1,/^$/d' "$file" | cmp -s - data/checkpoint || wrong "$file carries another checkpoint"
    done <../proofs
    awk '{ printf "data/proofs/%012d.tlog-proof\n", $4 }' ../revisions | cmp -s - ../proofs ||
        wrong "there is not one proof for each revision"
    proof='there is no revision, so no proof'
    [ -s ../proofs ] || return 0
    index=$(basename "$(sed -n '$p' ../proofs)" .tlog-proof)
    prove "$index" || wrong "data/proofs/$index.tlog-proof does not lead from its entry to the root"
    proof="of entry $index: it leads to the root; all $(wc -l <../proofs) carry this checkpoint"
}

# --- what was notarized --------------------------------------------------------------------------

# ../revisions: hash, dataset, number and entry of each; ../withdrawn: entries; ../details and ../erased: hashes.
# An entry is canonical JSON without free text, so that its members can be found by their names.
read_statements() {
    : >../revisions
    : >../withdrawn
    : >../details
    : >../erased
    awk -v study="\"log\":\"$vkey\"" '
    function member(name, form) {
        if (!match($0, "\"" name "\":" form)) { print "entry " NR - 1 " has no " name; exit 1 }
        return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
    }
    function text(name,    s) { s = member(name, "\"[^\"]*\""); return substr(s, 2, length(s) - 2) }
    { kind = text("predicateType"); at = text("at") }
    kind !~ "^https://trialseal.org/entry/(study|system|transfer|revision|refusal|withdrawal|issued|seal|erasure)/v1$" {
        print "entry " NR - 1 " is of a kind that this script does not know"; exit 1
    }
    at < before { print "entry " NR - 1 " is older than the one before it"; exit 1 }
    { before = at }
    (NR == 1) != (kind ~ "/study/") || (NR == 1 && !index($0, study)) {
        print "entry " NR - 1 " is not what begins the ledger of the key in policy"; exit 1
    }
    kind ~ "/revision/" { print text("sha256"), text("dataset"), member("revision", "[0-9]+"), NR - 1 >"../revisions" }
    kind ~ "/erasure/" { print text("sha256") >"../erased" }
    kind ~ "/withdrawal/" { print member("revision", "[0-9]+") >"../withdrawn" }
    kind !~ "/(study|issued|seal)/" { print text("details") >"../details" }
    ' ../entries >../log || wrong "$(head -n 1 ../log)"
}

# The bytes of exactly those revisions that are in scope and neither withdrawn nor erased.
check_data() {
    scope=$(tag Trialseal-Scope)
    awk -v scope="$scope" '
    BEGIN {
        while ((getline entry <"../withdrawn") > 0) gone[entry] = 1
        while ((getline object <"../erased") > 0) erased[object] = 1
        n = split(scope, word, " ")
        for (i = 1; i <= n; i++) {
            if (word[i] ~ /^dataset=/) dataset = substr(word[i], 9)
            if (word[i] ~ /^since=/) since = substr(word[i], 7) + 0
        }
    }
    scope == "none" || ($4 in gone) || ($1 in erased) || (dataset != "" && dataset != $2) || $4 < since { next }
    { printf "%s  data/datasets/%s/r%04d\n", $1, $2, $3 }' ../revisions | sort >../named
    sed -n 's|^\([0-9a-f]*  data/datasets/.*\)/[^/]*$|\1|p' manifest-sha256.txt | sort >../carried
    diff ../named ../carried >../log || wrong "what is carried is not what the entries name: $(sed -n 2p ../log)"
    sort -u ../details | grep -vxFf ../erased | sed 's|.*|&  data/objects/&|' >../named
    grep '  data/objects/' manifest-sha256.txt | sort >../objects
    diff ../named ../objects >../log || wrong "the detached texts are not those that the entries name: $(sed -n 2p ../log)"
}

# --- seals ---------------------------------------------------------------------------------------

# Its time in seconds, by the token itself.
seal_time() { date -d "$(openssl ts -reply -in "$1" -text 2>/dev/null | sed -n 's/^Time stamp: //p')" +%s 2>/dev/null; }

# The list must name what it covers, and each file must be as it says. The list of all files, too.
check_seal_list() {
    bits=256
    [ "$(head -n 1 "$1" | cut -d' ' -f1 | tr -d '\n' | wc -c)" -eq 64 ] || bits=512
    "sha${bits}sum" -c --strict --quiet "$1" >../log 2>&1 || wrong "$1: $(head -n 1 ../log)"
    all=${1%.txt}-sha512.txt
    [ ! -f "$all" ] || sha512sum -c --strict --quiet "$all" >../log 2>&1 || wrong "$all: $(head -n 1 ../log)"
    {
        find seals -type f | sort | awk -v own="${1%.txt}" '$0 < own || $0 == own "-sha512.txt"'
        echo tagmanifest-sha256.txt
        echo tagmanifest-sha256.txt.sig
    } >../covered
    sed 's/^[0-9a-f]*  //' "$1" | cmp -s - ../covered || wrong "$1 does not list what a seal must be over"
}

check_seals() {
    sealed='none'
    number=0
    for list in seals/[0-9][0-9][0-9].txt; do
        [ -f "$list" ] || break
        number=$((number + 1))
        [ "$list" = "seals/$(printf %03d $number).txt" ] || wrong "the seals are not numbered from 001 on"
        check_seal_list "$list"
        [ -n "$tsa" ] || continue
        token=${list%.txt}.tsr
        at=$(seal_time "$token") || wrong "$token is not a time stamp"
        openssl ts -verify -data "$list" -in "$token" -CAfile "$trust/tsa.pem" -attime "$at" >../log 2>&1 ||
            wrong "no authority of the trust folder vouches for $token"
        [ $number -gt 1 ] || sealed="it existed before $(date -d "@$at" +%Y-%m-%dT%H:%M:%SZ)"
    done
    [ $number -eq 0 ] || [ -n "$tsa" ] || sealed="$number, not checked: the trust folder has no tsa.pem"
    [ -z "$tsa" ] || [ $number -gt 0 ] || wrong "the trust folder expects a time seal, and the bundle has none"
}

report() {
    echo "VERIFIED with stock tools: $bundle"
    grep -q '"test":true' ../entries && say 'TEST HOME' 'its times are what somebody typed: it is evidence of nothing'
    say Trust "fingerprint $fingerprint"
    say Notary "$notary signed the list of everything"
    say Files "$files, each with its SHA-256, and no other"
    say Ledger "$origin, $entries entries, complete as of $head_time"
    say Checkpoint "signed by the ledger's key as SSHSIG, $note"
    say Seals "$sealed"
    say Root "$computed"
    say Proof "$proof"
    say Data "$(wc -l <../carried | tr -d ' ') of $(wc -l <../revisions | tr -d ' ') revisions, each what its entry names; scope: $scope"
    cat <<'TEXT'
Left to trialseal-verify: how the ZIP is encoded, the form of each entry and detached text, and the rules among entries.
Nothing can show that the operator's clock was right, that he kept no second history, or what came after the last entry.
TEXT
}

with_root=yes
if [ "${1-}" = --no-root ]; then
    with_root=no
    shift
fi
[ $# -eq 2 ] || cannot 'usage: verify-with-stock-tools.sh [--no-root] TRUST BUNDLE'
trust=$(absolute "$1") bundle=$(absolute "$2")
[ -f "$bundle" ] || cannot "there is no file $2"
for tool in unzip sha256sum ssh-keygen openssl xxd; do
    command -v $tool >/dev/null || cannot "$tool is not installed"
done
work=$(mktemp -d) || cannot 'there is no room for temporary files'
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
cd "$work" || cannot "cannot enter $work"

look_at_trust
unpack
check_files
read_entries
check_notary
check_checkpoint
computed='not computed: --no-root was given'
if [ $with_root = yes ]; then
    check_root
    computed="computed anew from all $entries entries"
fi
read_statements
check_proofs
check_data
check_seals
report
