#!/bin/sh
# restore: what it refuses, what it makes, and that nobody can be led back by it without being told.
# shellcheck disable=SC2119,SC2120 # restore takes options, or none
set -eu
. tests/job/home.sh
copy=$scratch/copy
apart=$scratch/apart
anchor=$scratch/anchor

# send NAME NUMBER...: a transfer of one dataset with these records
send() {
    sent=$1
    shift
    mkdir "$inbox/$sent"
    csv "$inbox/$sent/ae.csv" "$@"
    list "$inbox/$sent"
}
restore() { "$program" --now 2026-03-20T02:00:00Z restore "$copy" "$home" --secrets "$apart" "$@"; }
nothing_is_left() { test ! -e "$home" && ! find "$scratch" -maxdepth 1 -name '.trialseal-tmp-*' | grep .; }
put_back() {
    rm -rf "$copy" "$apart" "$home" "$anchor"
    cp -a "$scratch/good/copy" "$scratch/good/apart" "$scratch/good/anchor" "$scratch"
}

new_home "$home"
mkdir "$anchor"
sed -i "s|^\[home\]|&\nanchor = $anchor|" "$home/trialseal.conf"
send one 1
at 02 run
# shellcheck disable=SC2046 # many records: an object that is deflated
send two $(seq 1 400)
send bad 1
echo '<html></html>' >"$inbox/bad/vs.csv"
list "$inbox/bad"
at 03 run >"$scratch/said" 2>&1 || true
at 03 trust export S1 "$scratch/trust" >"$scratch/said"
at 03 -q bundle S1 -o "$scratch/earlier.zip"
at 03 backup "$copy" --secrets "$apart"
mkdir "$scratch/good"
cp -a "$copy" "$apart" "$anchor" "$scratch/good"
cp -a "$home" "$scratch/home-then"
kept=$(entries)

# --- what it refuses -----------------------------------------------------------------------------

refuses restore__refuses_a_home_that_is_there 'must not exist' restore
expect restore__left_it_alone cmp "$scratch/home-then/ledger/S1/checkpoint" "$home/ledger/S1/checkpoint"
rm -rf "$home"
refuses restore__needs_the_keys 'needs --secrets' "$program" restore "$copy" "$home"
refuses restore__refuses_what_is_no_backup 'no backup of data' "$program" restore "$apart" "$home" --secrets "$apart"
refuses restore__refuses_data_for_keys 'no backup of keys' "$program" restore "$copy" "$home" --secrets "$copy"
mv "$anchor" "$anchor.away"
expect restore__without_its_anchor_ends_with_2 ends 2 restore
expect restore__says_that_it_is_to_be_mounted grep -q 'mount the anchor' "$scratch/said"
expect restore__left_nothing_without_anchor nothing_is_left
mv "$anchor.away" "$anchor"
sed -i 's/^test = .*/test = no/' "$copy/trialseal.conf"
digest=$(sha256sum <"$copy/trialseal.conf" | cut -c1-64)
sed -i "s|^.*  trialseal.conf\$|$digest  trialseal.conf|" "$copy/SHA256SUMS"
refuses restore__takes_a_time_in_a_test_home_only 'not a test home' restore
put_back

# --- what it makes -------------------------------------------------------------------------------

expect restore__is_silent silent restore
expect restore__is_itself_an_entry same $((kept + 1)) "$(entries)"
expect restore__says_so says 'restored, trialseal' at 21 log S1
expect restore__is_good ends 0 at 21 -q check
same_files() {
    for part in trialseal.conf studies outbox keys secrets; do
        diff -r "$scratch/home-then/$part" "$home/$part" || return
    done
    (cd "$copy/objects" && find . -type f) >"$scratch/objects"
    while read -r object; do cmp "$scratch/home-then/objects/$object" "$home/objects/$object" || return; done <"$scratch/objects"
}
expect restore__gives_what_was_backed_up same_files
expect restore__gives_it_to_us_alone same '700 700' "$(stat -c %a "$home" "$home/keys" | tr '\n' ' ' | sed 's/ $//')"
at 21 -q bundle S1 -o "$scratch/later.zip"
expect restore__goes_on_with_the_same_ledger "$verifier" --trust "$scratch/trust" --previous "$scratch/earlier.zip" "$scratch/later.zip"
held=$(at 21 log S1 | sed -n 's/^\(S1#[0-9]*\) .*refusal.*/\1/p')
expect restore__gives_refused_files_too says html at 21 get "$held" -o -
send three 1 2 3
expect restore__takes_in_the_next_night ends 0 at 22 -q run
expect restore__can_be_backed_up silent at 22 backup "$copy"
expect restore__cannot_be_repeated ends 2 restore

# A restore that was killed when the home had its name: whatever command is next, the entry comes first.
put_back
restore
size=$(entries)
put_back
"$program" --now 2026-03-19T02:00:00Z restore "$copy" "$home" --secrets "$apart"
expect restore__ends_where_it_ended_before same "$size" "$(entries)"
put_back
cp -a "$scratch/home-then" "$home"
echo "S1 $kept" >"$home/restored"
send three 1 2 3
at 20 -q run
expect restore__is_told_by_run_where_it_was_killed says 'system    restored' at 21 log S1
expect restore__is_told_once same 1 "$(grep -c restored "$scratch/said")"
expect restore__repeated_adds_nothing silent restore
expect restore__repeated_is_done test ! -e "$home/restored"
put_back
cp -a "$scratch/home-then" "$home"
echo "S1 $kept" >"$home/restored"
expect restore__repeated_tells silent restore
expect restore__repeated_told_it says 'system    restored' at 21 log S1
echo 'nonsense' >"$home/restored"
refuses restore__refuses_a_mark_that_is_none 'no study and size' at 21 submit S1 sample-data/nights/1/DEMO-101_2026-01-12/dm.csv

# --- what others hold ----------------------------------------------------------------------------

# A night after the backup: its receipt, bundle and anchor are of entries that the backup lacks.
put_back
cp -a "$scratch/home-then" "$home"
send three 1 2 3
at 04 run
cp -r "$(receipt_of three)" "$scratch/receipt"
at 04 -q bundle S1 -o "$scratch/ahead.zip"
cp -a "$home/ledger/S1/checkpoint" "$scratch/known"
cp -a "$anchor" "$scratch/anchor-ahead"
mv "$home" "$scratch/tomorrow"

rm -rf "$anchor"
cp -a "$scratch/anchor-ahead" "$anchor"
expect anchor__ahead_ends_with_4 ends 4 restore
expect anchor__says_how_far grep -q "S1: .*the anchor .* is of $((kept + 3)) entries, here are $kept (backup-behind)" "$scratch/said"
expect anchor__ahead_leaves_nothing nothing_is_left
put_back
expect known__ahead_ends_with_4 ends 4 restore --known "$scratch/known"
expect known__ahead_is_named grep -q 'backup-behind' "$scratch/said"
expect receipt__ahead_ends_with_4 ends 4 restore --receipt "$scratch/receipt"
expect receipt__lists_the_transfer grep -q "S1#$kept: .*transfer of 2026-03-04.*backup-behind" "$scratch/said"
expect receipt__lists_the_revision grep -q "S1#$((kept + 1)): .*revision AE@3 of 2026-03-04.*backup-behind" "$scratch/said"
expect receipt__ahead_leaves_nothing nothing_is_left
expect bundle__ahead_ends_with_4 ends 4 restore --bundle "$scratch/ahead.zip"
expect bundle__lists_its_entries grep -q "S1#$((kept + 1)): .*revision AE@3 .*ahead.zip.*backup-behind" "$scratch/said"
expect bundle__ahead_leaves_nothing nothing_is_left
# A restore that was killed when the home had its name did not see what is given now.
made() { rm -rf "$home" && put_back && cp -a "$scratch/home-then" "$home" && echo "S1 $kept" >"$home/restored"; }
for given in "--known $scratch/known" "--receipt $scratch/receipt" "--bundle $scratch/ahead.zip"; do
    made
    # shellcheck disable=SC2086 # two words
    expect "made__is_compared_with_${given%% *}" ends 4 restore $given
    expect "made__says_what_${given%% *}_shows" grep -q 'others hold entries that this home lacks' "$scratch/said"
    expect "made__goes_not_on_in_spite_of_${given%% *}" ends 4 at 20 run
done
made
rm -rf "$anchor"
cp -a "$scratch/anchor-ahead" "$anchor"
expect made__is_compared_with_its_anchor ends 4 restore
made
expect made__is_fine_with_earlier_ones silent restore --bundle "$scratch/earlier.zip" --receipt "$(find "$copy/outbox/S1" -name "*-one")"
made
refuses made__needs_what_is_given_to_be_of_it 'receipt.json' restore --receipt "$scratch/trust"
put_back
expect known__behind_is_fine silent restore --bundle "$scratch/earlier.zip" --receipt "$(find "$copy/outbox/S1" -name "*-one")"

# Another history of the same ledger.
put_back
cp -a "$scratch/home-then" "$home"
rm -rf "$home/outbox/S1"/*-three
send other 7 8
send another 7 8 9
at 04 run
at 04 backup "$copy"
rm -rf "$home" "$anchor"
mkdir "$anchor"
expect fork__by_a_checkpoint_ends_with_4 ends 4 restore --known "$scratch/known"
expect fork__is_named grep -q 'ledger-fork' "$scratch/said"
expect fork__by_a_receipt_ends_with_4 ends 4 restore --receipt "$scratch/receipt"
expect fork__by_a_bundle_ends_with_4 ends 4 restore --bundle "$scratch/ahead.zip"
expect fork__leaves_nothing nothing_is_left
put_back

# What proves nothing.
"$program" init "$scratch/foreign" --origin test.example --test
"$program" -C "$scratch/foreign" --now 2026-03-01T00:00:00Z study add S2
refuses known__of_no_study_is_refused 'of no study of this backup' restore --known "$scratch/foreign/ledger/S2/checkpoint"
sed 's|^\(— test.example/S1 ........\)...|\1AAA|' "$scratch/known" >"$scratch/forged"
expect known__that_nobody_signed_ends_with_4 ends 4 restore --known "$scratch/forged"
expect known__that_nobody_signed_is_named grep -q 'not one that its log key signed' "$scratch/said"
refuses receipt__that_is_none_is_refused 'receipt.json' restore --receipt "$scratch/trust"
refuses bundle__that_is_none_is_refused 'receipt.json' restore --bundle "$scratch/receipt/receipt.json"
expect known__leaves_nothing nothing_is_left

# --- a backup that was damaged -------------------------------------------------------------------

flip() { printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
data=$(cd "$copy" && find objects -name '*.gz' | head -n 1)
flip "$copy/$data" 60
expect damaged_object__of_the_newest_entries_ends_with_4 ends 4 restore
expect damaged_object__is_named grep -q "${data#objects/}.*backup-altered" "$scratch/said"
expect damaged_object__is_left_out test ! -e "$home/$data"
expect damaged_object__is_mended_from_another_backup ends 0 at 20 check --repair --from "$scratch/good/copy"
expect damaged_object__is_restored_then silent restore
expect damaged_object__is_told_then says 'restored, trialseal' at 21 log S1
put_back
rm "$copy"/outbox/S1/*-one/receipt.txt
echo more >>"$(find "$copy/outbox" -path '*-two/receipt.txt')"
expect damaged_outbox__ends_with_1 ends 1 restore
expect damaged_outbox__names_both same 2 "$(grep -c 'receipt.txt.*backup-altered' "$scratch/said")"
expect damaged_outbox__is_left_out same 1 "$(find "$home/outbox" -name receipt.txt | wc -l | tr -d ' ')"

# refused_for NAME FILE COMMAND...: after the command, in the backups, nothing is restored
refused_for() {
    name=$1 file=$2
    shift 2
    put_back
    (cd "$scratch" && "$@")
    expect "${name}__ends_with_4" ends 4 restore
    expect "${name}__is_named" grep -q "$file" "$scratch/said"
    expect "${name}__leaves_nothing" nothing_is_left
}
entry_tile=$(cd "$scratch" && find copy/ledger -path '*entries*' -type f)
hash_tile=$(cd "$scratch" && find copy/ledger -path '*tile/0/*' -type f)
refused_for altered_configuration trialseal.conf sh -c 'echo "# more" >>copy/trialseal.conf'
refused_for missing_configuration study.conf rm copy/studies/S1/study.conf
refused_for altered_key keys/notary flip apart/keys/notary 200
refused_for altered_entries ledger/S1 flip "$entry_tile" 200
refused_for altered_checkpoint ledger/S1 sed -i '2s/.*/3/' copy/ledger/S1/checkpoint
put_back
echo "stray" >"$copy/studies/S1/stray"
expect unlisted_file__ends_with_4 ends 4 restore
put_back
flip "$scratch/$hash_tile" 5
expect damaged_tile__is_made_anew_from_the_entries silent restore
expect damaged_tile__is_good_then ends 0 at 21 -q check
put_back
rm "$apart"/keys/log-S1*
sed -i '/log-S1/d' "$apart/SHA256SUMS"
refuses missing_key__is_told 'the backup of keys lacks it' restore
expect missing_key__leaves_nothing nothing_is_left
put_back
echo "A backup" >"$copy/unfinished"
expect unfinished__is_told_and_restored ends 0 restore
expect unfinished__is_named grep -q backup-unfinished "$scratch/said"
expect unfinished__is_good ends 0 at 21 -q check
refused_for unfinished_and_altered trialseal.conf sh -c 'echo "A backup" >copy/unfinished; echo "# more" >>copy/trialseal.conf'
refused_for unfinished_and_altered_keys keys/notary sh -c 'echo "A backup" >apart/unfinished; echo >>apart/keys/notary'

# What a killed backup put is in its journal, whatever was cut off there; nothing else is.
put_back
echo '# more' >>"$copy/trialseal.conf"
digest=$(sha256sum <"$copy/trialseal.conf" | cut -c1-64)
printf 'A backup\n%s  studi\n%s  trialseal.conf\n%s  stu' "$digest" "$digest" "$digest" >"$copy/unfinished"
expect unfinished__has_what_its_journal_names ends 0 restore
expect unfinished__with_a_journal_can_be_checked ends 0 "$program" backup --check "$copy"
if command -v strace >/dev/null && [ "$O" != out/asan ]; then
    put_back
    cp -a "$scratch/good/copy" "$scratch/killed"
    cp -a "$scratch/home-then" "$home"
    echo '# more' >>"$home/trialseal.conf"
    strace -f -qq -o "$scratch/trace" -e inject=renameat:signal=KILL:when=3 "$program" -C "$home" backup "$scratch/killed" >"$scratch/said" 2>&1 || true
    expect killed_backup__had_put_the_configuration grep -q more "$scratch/killed/trialseal.conf"
    expect killed_backup__is_unfinished test -e "$scratch/killed/unfinished"
    copy=$scratch/killed
    rm -rf "$home"
    expect killed_backup__is_restored ends 0 restore
    expect killed_backup__gives_the_new_configuration grep -q more "$home/trialseal.conf"
    expect killed_backup__is_completed_by_the_next ends 0 at 20 backup "$copy"
    expect killed_backup__has_no_journal_then test ! -e "$copy/unfinished"
else
    skip killed_backup__is_restored 'no strace, or a sanitized program'
fi
