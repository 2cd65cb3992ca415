#!/bin/sh
# A run that is killed at any step is simply repeated: strace kills it at each of its renames, fsyncs,
# writes and removals, one after the other; afterwards all is as if nothing had happened.
set -eu
. tests/job/home.sh

case $O in
*asan*) skip killed "a sanitized program does not run below strace"; exit 0 ;;
esac
command -v strace >/dev/null || { skip killed "no strace"; exit 0; }
strace -qq -o "$scratch/trace" true 2>/dev/null || { skip killed "strace may not trace here"; exit 0; }

# One transfer with a new, an unchanged and a held file, after one that is done; an anchor.
fresh=$scratch/fresh
new_home "$fresh"
mkdir "$scratch/anchor"
sed -i "s|^\[home\]|&\nanchor = $scratch/anchor|" "$fresh/trialseal.conf"
home=$fresh inbox=$fresh/inbox/S1
mkdir "$inbox/one"
csv "$inbox/one/ae.csv" 1
csv "$inbox/one/dm.csv" 1
list "$inbox/one"
at 02 run
mkdir "$inbox/two"
csv "$inbox/two/ae.csv" 1 2
csv "$inbox/two/dm.csv" 1
echo '<html></html>' >"$inbox/two/vs.csv"
list "$inbox/two"
cp -a "$scratch/anchor" "$scratch/fresh-anchor"

home=$scratch/home inbox=$scratch/home/inbox/S1
again() {
    rm -rf "$home" "$scratch/anchor"
    cp -a "$fresh" "$home"
    cp -a "$scratch/fresh-anchor" "$scratch/anchor"
}
# What the ledger and the outbox say, and what lies in the inbox; a test home has no chance in it.
outcome() {
    at 04 log S1
    (cd "$home" && cat ledger/S1/checkpoint && find outbox inbox -type f | sort | tr '\n' '\0' | xargs -0 sha256sum)
}
again
ends 1 at 03 run
outcome >"$scratch/wanted"
again
strace -f -qq -e trace=fsync,renameat,renameat2,pwrite64,unlinkat -o "$scratch/trace" "$program" -C "$home" --now 2026-03-03T02:00:00Z run >/dev/null 2>&1 || true

# Kills at the n-th call of that name, repeats the run, compares.
kill_at() {
    again
    strace -f -qq -e trace="$1" -e inject="$1":signal=KILL:when="$2" -o "$scratch/trace2" \
        "$program" -C "$home" --now 2026-03-03T02:00:00Z run >"$scratch/told" 2>&1 || true
    "$program" -C "$home" --now 2026-03-03T02:00:00Z run >>"$scratch/told" 2>&1 || true
    grep -q format-mismatch "$scratch/told" || { echo "$1 $2: nobody was told of the held file"; return 1; }
    outcome >"$scratch/got"
    diff "$scratch/wanted" "$scratch/got" >"$scratch/said" || { echo "$1 $2: $(head -n 4 "$scratch/said")"; return 1; }
    at 04 -q check >"$scratch/said" 2>&1 || { echo "$1 $2: check: $(cat "$scratch/said")"; return 1; }
}
kill_at_each() {
    n=1
    while [ $n -le "$2" ]; do
        kill_at "$1" $n || return 1
        n=$((n + 1))
    done
}
for call in fsync renameat renameat2 pwrite64 unlinkat; do
    calls=$(grep -c " $call(" "$scratch/trace" || true)
    [ "$calls" -eq 0 ] || expect "killed__at_each_of_${calls}_${call}" kill_at_each $call "$calls"
done
