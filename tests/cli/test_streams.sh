#!/bin/sh
# Standard streams that are closed, full or broken; and what the manual pages say.
set -eu
. tests/lib.sh
trialseal() { "$O/trialseal" -C "$scratch/home" "$@"; }
"$O/trialseal" init "$scratch/home" --origin demo.example --test
trialseal --now 2026-01-11T12:00:00Z study add S1

# ends STATUS COMMAND...
ends() {
    wanted=$1 status=0
    shift
    "$@" || status=$?
    [ "$status" -eq "$wanted" ] || { echo "ended with $status, not with $wanted"; return 1; }
}

full() { ends 2 trialseal "$@" >/dev/full; }
expect streams__full_disk_is_an_error full status
expect streams__full_disk_is_an_error_for_json full --json key list
verifier_full() { ends 2 "$O/trialseal-verify" --help >/dev/full; }
expect streams__full_disk_is_an_error_for_the_verifier verifier_full

closed() { ends 2 trialseal status >&-; }
expect streams__closed_output_is_an_error closed

# The reader is gone before anything is printed.
broken_pipe() {
    { sleep 0.2; ends 2 trialseal status && touch "$scratch/told"; } | true
    [ -e "$scratch/told" ]
}
expect streams__broken_pipe_is_an_error broken_pipe

# What is printed must not end in a file that got the number of a closed stream.
silent() {
    echo 'A,B' >"$scratch/ae.csv"
    trialseal --now 2026-01-12T12:00:00Z -v submit S1 "$scratch/ae.csv" <&- >&- 2>&- || true
    ends 0 trialseal check && ends 0 trialseal --now 2026-01-12T12:00:00Z show S1/AE@1
}
expect streams__closed_streams_do_not_reach_the_home silent

# Ledger and public keys may be read by others, who only have to get into the folder.
ours_alone() {
    [ -z "$(find "$scratch/home" -perm /077 ! -path '*/ledger/*' ! -name '*.pub' | tee /dev/stderr)" ]
}
expect streams__files_are_ours_alone ours_alone

if command -v mandoc >/dev/null; then
    expect manual__is_clean mandoc -T lint -W warning docs/man/trialseal.1 docs/man/trialseal-verify.1
else
    skip manual__is_clean 'mandoc is not installed'
fi

# Each command and option of the help is in the manual.
documented() {
    for word in $(trialseal help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
        grep -q "^\.It Cm $word" docs/man/trialseal.1 || { echo "$word is not in the manual"; return 1; }
        for option in $(trialseal help "$word" | sed -n 's/^.*  *--\([a-z-]*\).*/\1/p'); do
            grep -q -- "Fl -$option\|Fl o Ar" docs/man/trialseal.1 || { echo "$word --$option is not in the manual"; return 1; }
        done
    done
}
expect manual__names_every_command documented
