# For the scripts of this folder: . tests/job/home.sh
# A test home, $home, with one study, S1, and the words for what is done with it.
# shellcheck shell=sh disable=SC2034
. tests/lib.sh
program=$(pwd)/$O/trialseal
verifier=$(pwd)/$O/trialseal-verify
stock_tools=$(pwd)/scripts/verify-with-stock-tools.sh
home=$scratch/home
inbox=$home/inbox/S1
outbox=$home/outbox/S1

# at DAY COMMAND...: the program on that day of March 2026, at 02:00
at() {
    day=$1
    shift
    "$program" -C "$home" --now "2026-03-${day}T02:00:00Z" "$@"
}

# new_home FOLDER: $home, with the study S1, begun on the first day
new_home() {
    "$program" init "$1" --origin test.example --test && "$program" -C "$1" --now 2026-03-01T00:00:00Z study add S1
}

# list FOLDER: writes its manifest, last, as a sender does
list() { (cd "$1" && find . -type f ! -name MANIFEST.sha256 -exec basename {} \; | sort | tr '\n' '\0' | xargs -0 sha256sum >"$scratch/manifest" && mv "$scratch/manifest" MANIFEST.sha256); }

# csv FILE NUMBER...: a dataset of study S1 with one record for each number
csv() {
    csv_file=$1
    shift
    echo STUDYID,USUBJID,SEQ >"$csv_file"
    for csv_record in "$@"; do echo "S1,S1-001,$csv_record" >>"$csv_file"; done
}

# ends STATUS COMMAND...: it must end so; what it says goes to $scratch/said
ends() {
    wanted=$1
    shift
    status=0
    "$@" >"$scratch/said" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] && return
    echo "it ended with $status, not with $wanted: $(cat "$scratch/said")"
    return 1
}

# silent COMMAND...: it must end with 0 and say nothing
silent() {
    ends 0 "$@" && [ ! -s "$scratch/said" ] && return
    echo "it said: $(cat "$scratch/said")"
    return 1
}

# says WORD COMMAND...: whatever it ends with, it must say that
says() {
    word=$1
    shift
    "$@" >"$scratch/said" 2>&1 || true
    grep -qF -- "$word" "$scratch/said" && return
    echo "it did not say '$word' but: $(cat "$scratch/said")"
    return 1
}

# same THIS THAT: two values that must be equal
same() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }

# entries: how many the ledger has
entries() { sed -n 2p "$home/ledger/S1/checkpoint"; }

# receipt_of NAME: its folder, the last one of that name
receipt_of() { find "$outbox" -maxdepth 1 -name "*-$1" | sort | tail -n 1; }

# held_as ISSUE FILE NAME: the receipt of the transfer NAME must say so
held_as() {
    receipt=$(receipt_of "$3")/receipt.txt
    awk -v file="$2" -v issue="$1:" '
    /^  [^ ]/ { here = $1 == file && $2 == "held" }
    here && $1 == issue { found = 1 }
    END { exit !found }' "$receipt" && return
    echo "$2 is not held as $1: $(cat "$receipt")"
    return 1
}
