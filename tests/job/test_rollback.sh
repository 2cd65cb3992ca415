#!/bin/sh
# What was signed and what is there contradict each other: a home put back to an older state, and
# tiles, checkpoint, objects and catalog altered or gone.
set -eu
. tests/job/home.sh

# send NAME NUMBER...: a transfer of one dataset with these records
send() {
    sent=$1
    shift
    mkdir "$inbox/$sent"
    csv "$inbox/$sent/ae.csv" "$@"
    list "$inbox/$sent"
}
# Everything below a folder, with the bytes of each file. The lock and SQLite's own files are not ours; the alarm has
# tests of its own (test_alarm.sh).
picture() { (cd "$1" && find . ! -name 'catalog.db-*' ! -name lock ! -path ./alarm ! -path . -exec ls -ld --time-style=+ {} \; -type f -exec sha256sum {} \; | sort); }

new_home "$home"
anchor=$scratch/anchor
mkdir "$anchor"
send one 1
at 02 run
at 02 trust export S1 "$scratch/trust" >/dev/null
at 02 -q bundle S1 -o "$scratch/before.zip"

# --- the whole home, without an anchor -----------------------------------------------------------

cp -a "$home" "$scratch/yesterday"
send two 1 2
at 03 run
at 03 -q bundle S1 -o "$scratch/this.zip"
cp -a "$home" "$scratch/today"
rm -rf "$home"
cp -a "$scratch/yesterday" "$home"
send other 1 2 3
expect rollback__without_an_anchor_goes_unseen at 03 run
at 03 -q bundle S1 -o "$scratch/that.zip"
compare() { "$verifier" --trust "$scratch/trust" --previous "$1" "$2"; }
expect fork__each_history_verifies_alone "$verifier" --trust "$scratch/trust" "$scratch/that.zip"
expect fork__is_no_fork_of_what_is_common compare "$scratch/before.zip" "$scratch/that.zip"
refuses fork__is_named ledger-fork compare "$scratch/this.zip" "$scratch/that.zip"
refuses fork__is_named_in_the_other_order ledger-fork compare "$scratch/that.zip" "$scratch/this.zip"
send more 5
at 04 run
at 04 -q bundle S1 -o "$scratch/longer.zip"
refuses fork__is_named_where_one_is_longer ledger-fork compare "$scratch/this.zip" "$scratch/longer.zip"
refuses fork__is_named_where_the_other_is_longer ledger-fork compare "$scratch/longer.zip" "$scratch/this.zip"

# --- the whole home, with an anchor --------------------------------------------------------------

# put_back FOLDER: that state of the home, and nothing else
put_back() {
    rm -rf "$home"
    cp -a "$1" "$home"
}
put_back "$scratch/yesterday"
sed -i "s|^\[home\]|&\nanchor = $anchor|" "$home/trialseal.conf"
at 03 -q submit S1 sample-data/nights/1/DEMO-101_2026-01-12/dm.csv
put_back_with_anchor() { put_back "$scratch/anchored"; }
cp -a "$home" "$scratch/anchored"
send two 1 2
at 03 run
at 03 -q bundle S1 -o "$scratch/anchored.zip"
cp -a "$home" "$scratch/ahead"
cp -a "$anchor" "$scratch/ahead-anchor"
put_back_with_anchor
send three 1 2 3
picture "$home" >"$scratch/picture"
untouched() { picture "$home" | diff "$scratch/picture" -; }
expect anchor__stops_run_with_4 ends 4 at 04 run
expect anchor__says_what_happened grep -q 'is of an earlier day' "$scratch/said"
expect anchor__run_touched_nothing untouched
expect anchor__stops_submit_with_4 ends 4 at 04 submit S1 sample-data/nights/1/DEMO-101_2026-01-12/vs.csv
expect anchor__submit_touched_nothing untouched
expect anchor__stops_bundle_with_4 ends 4 at 04 bundle S1 -o "$scratch/never.zip"
expect anchor__stops_withdraw_with_4 ends 4 at 04 withdraw S1/AE@1 --reason test
expect anchor__others_touched_nothing untouched
expect anchor__check_ends_with_4 ends 4 at 04 check
expect anchor__check_names_it grep -q anchor-ahead "$scratch/said"
expect anchor__rebuild_refuses_to_go_below ends 4 at 04 rebuild
expect anchor__rebuild_touched_nothing untouched

# --- parts, altered or gone ----------------------------------------------------------------------

put_back_ahead() {
    put_back "$scratch/ahead"
    rm -rf "$anchor"
    cp -a "$scratch/ahead-anchor" "$anchor"
}
put_back_ahead
expect check__is_good_before at 04 -q check

ledger_files() { (cd "$home/ledger" && find . -type f -exec sha256sum {} + | sort); }
nothing_appended() { test -d "$inbox/four" && ledger_files | diff "$scratch/before" -; }

# damaged NAME ISSUE RUN COMMAND...: after the command, in the home, run must end with RUN (4: it sees by itself that it must
# not append); check must end with 4 and name the issue; and behind check, run must append nothing
damaged() {
    name=$1 issue=$2 run=$3
    shift 3
    put_back_ahead
    (cd "$home" && "$@")
    send four 1 2 3 4
    ledger_files >"$scratch/before"
    expect "run__with_${name}_ends_with_$run" ends "$run" at 04 run
    [ "$run" -eq 0 ] || expect "run__with_${name}_appends_nothing" nothing_appended
    put_back_ahead
    (cd "$home" && "$@")
    send four 1 2 3 4
    expect "check__ends_with_4_for_$name" ends 4 at 04 check
    expect "check__names_$name" grep -qF -- "$issue" "$scratch/said"
    expect "run__after_check_found_${name}_ends_with_4" ends 4 at 04 run
    expect "run__after_check_found_${name}_appends_nothing" nothing_appended
}
flip() { printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
tile=ledger/S1/tile/0/000.p/$(entries)
entry_tile=ledger/S1/tile/entries/000.p/$(entries)
object=$(at 04 get S1/AE@2 -o - | sha256sum | cut -c1-64)
object=$(cd "$home" && find objects -name "$(echo "$object" | cut -c3-)*")
text=$(sed -n 's/.*"details":"..\([0-9a-f]*\)".*/\1/p' "$(find "$outbox" -name entries.jsonl | head -n 1)" | head -n 1)
text=$(cd "$home" && find objects -name "$text*")
half() { head -c 40 "$1" >half && cat half >"$1" && rm half; }
other_size() { sed -i '2s/.*/3/' ledger/S1/checkpoint; }
older_checkpoint() { cp "$scratch/yesterday/ledger/S1/checkpoint" ledger/S1/checkpoint; }
signed_by_others() { sed -i 's/^\(— .*\)....$/\1AAA=/' ledger/S1/checkpoint; }
change_catalog() { sqlite3 catalog.db 'UPDATE revision SET records = 99 WHERE number = 1'; }
older_catalog() { cp "$scratch/anchored/catalog.db" . && rm -f catalog.db-wal catalog.db-shm; }
forget_last() { sqlite3 catalog.db 'DELETE FROM entry WHERE idx = (SELECT max(idx) FROM entry)'; }
exchange_hash() { sqlite3 catalog.db 'UPDATE entry SET leaf = zeroblob(32)'; }
forget_entry() { sqlite3 catalog.db 'DELETE FROM revision WHERE number = 2'; }

damaged an_altered_tile tile-altered 4 flip "$tile" 40
damaged a_truncated_tile tile-missing 4 half "$tile"
damaged a_missing_tile tile-missing 4 rm "$tile"
damaged an_altered_entry ledger-root 4 flip "$entry_tile" 300
damaged a_truncated_entry_tile tile-missing 4 half "$entry_tile"
damaged an_altered_checkpoint checkpoint-signature 4 other_size
damaged a_checkpoint_signed_by_others checkpoint-signature 4 signed_by_others
damaged an_altered_object store-altered 0 flip "$object" 20
damaged a_truncated_object store-altered 4 half "$object"
damaged a_changed_key key-missing 2 cp keys/notary keys/log-S1
damaged a_missing_key key-missing 2 rm keys/log-S1
damaged an_older_catalog catalog-differs 4 older_catalog
damaged a_missing_object store-missing 4 rm "$object"
damaged a_missing_text store-missing 4 rm "$text"
if command -v sqlite3 >/dev/null; then
    damaged an_altered_catalog catalog-differs 0 change_catalog
    damaged a_catalog_that_forgot catalog-differs 0 forget_entry
    damaged a_catalog_that_forgot_its_last_entry catalog-differs 4 forget_last
    damaged a_catalog_with_another_hash catalog-differs 4 exchange_hash
fi
damaged a_missing_catalog catalog 4 rm catalog.db
damaged an_emptied_catalog catalog 4 sh -c ': >catalog.db'

# --- rebuild -------------------------------------------------------------------------------------

# rebuilt NAME COMMAND...: after the command, rebuild gives a home in which check finds nothing
rebuilt() {
    name=$1
    shift
    put_back_ahead
    (cd "$home" && "$@")
    expect "rebuild__mends_$name" at 04 -q rebuild
    expect "rebuild__mends_${name}_wholly" at 04 -q check
    send four 1 2 3 4
    expect "rebuild__after_${name}_run_goes_on" silent at 04 run
    expect "rebuild__after_${name}_bundles_are_the_same" same_bundle
}
same_bundle() { at 05 -q bundle S1 -o "$scratch/again.zip" && compare "$scratch/anchored.zip" "$scratch/again.zip"; }
rebuilt a_missing_catalog rm -f catalog.db catalog.db-wal catalog.db-shm
rebuilt an_emptied_catalog sh -c ': >catalog.db'
command -v sqlite3 >/dev/null && rebuilt an_altered_catalog change_catalog
put_back "$scratch/yesterday"
rm "$home/catalog.db"
cp "$scratch/today/ledger/S1/checkpoint" "$scratch/known"
expect rebuild__refuses_to_go_below_a_known_checkpoint ends 4 at 04 rebuild --known "$scratch/known"
expect rebuild__takes_an_older_known_checkpoint at 04 -q rebuild --known "$home/ledger/S1/checkpoint"
