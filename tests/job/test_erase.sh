#!/bin/sh
# Erasing, with the real program: what is gone then, what is proved all the same, and what still has it.
set -eu
. tests/job/home.sh
new_home "$home"

# send NAME FILE NUMBER: a transfer of one small dataset
send() {
    mkdir -p "$inbox/$1"
    csv "$inbox/$1/$2" "$3"
    list "$inbox/$1"
}
sum() { sha256sum <"$1" | cut -c1-64; }
# object HASH: where it lies, if it is not deflated
object() { echo "$home/objects/$(echo "$1" | cut -c1-2)/$(echo "$1" | cut -c3-)"; }
stored() { test -e "$(object "$1")" || test -e "$(object "$1").gz"; }
not() { ! "$@"; }
# has HASH FOLDER: some file below has these bytes
has() { find "$2" -type f -exec sha256sum {} + | grep -q "^$1"; }
# held NAME, refused NAME: where a transfer is kept
held() { find "$inbox/.held" -maxdepth 1 -name "*-$1"; }
refused() { find "$inbox/.refused" -maxdepth 1 -name "*-$1"; }
# Every file of the home but the lock and what SQLite makes by looking.
picture() { (cd "$home" && find . -type f ! -name lock ! -name 'catalog.db-*' -print0 | sort -z | xargs -0 sha256sum | sha256sum); }
# mentions WORD: somewhere in the home, whatever the file
mentions() { grep -rlaF -- "$1" "$home" >"$scratch/where"; }

send one jane-doe.csv 1
send two dm.csv 2
at 02 -q run
# JANE-DOE@1 is entry 3, of transfer 2; DM@1 is entry 5, of transfer 4.
at 02 get S1/JANE-DOE@1 -o "$scratch/jane.csv"
hash=$(sum "$scratch/jane.csv")
where=$(object "$hash")

# --- refusals ------------------------------------------------------------------------------------

before=$(picture)
expect erase__needs_a_reason ends 2 at 03 erase S1/JANE-DOE@1
expect erase__needs_a_reason_that_says_something ends 2 at 03 erase S1/JANE-DOE@1 --reason ''
expect erase__needs_a_revision_or_an_entry ends 2 at 03 erase S1/JANE-DOE --reason x
expect erase__needs_more_than_a_study ends 2 at 03 erase S1 --reason x
expect erase__refuses_an_entry_that_is_not_there ends 2 at 03 erase S1#99 --reason x
expect erase__refuses_a_dataset_that_is_not_there ends 2 at 03 erase S1/LB@1 --reason x
expect erase__refuses_an_object_that_no_entry_names ends 2 at 03 erase "S1:$(echo x | sha256sum | cut -c1-64)" --reason x
expect erase__refuses_half_a_hash ends 2 at 03 erase S1:abcdef --reason x
expect erase__refuses_the_study_entry ends 2 at 03 erase S1#0 --reason x
expect erase__refuses_a_configuration says 'of kind system' at 03 erase S1#1 --reason x
expect erase__refuses_a_reason_that_is_not_utf8 ends 2 at 03 erase S1/JANE-DOE@1 --reason "$(printf '\377')"
expect erase__refused_changes_nothing same "$before" "$(picture)"

at 03 -q bundle S1
at 03 -q bundle S1 --no-data -o "$scratch/before.zip"
before=$(picture)
expect erase__dry_run_says_what_would_go says "file $hash, $(wc -c <"$scratch/jane.csv") bytes" at 03 erase S1/JANE-DOE@1 --dry-run
expect erase__dry_run_says_what_bundles_carry_it grep -q 'entry 6: 6 entries, data: all' "$scratch/said"
expect erase__dry_run_says_where_one_lies grep -q '^  outbox/S1/S1-000000000006.zip$' "$scratch/said"
expect erase__dry_run_changes_nothing same "$before" "$(picture)"

mv "$home/outbox/S1" "$scratch/outbox"
send three ae.csv 3
expect erase__without_outbox_the_receipt_is_owed ends 2 at 03 run
mv "$scratch/outbox" "$home/outbox/S1"
expect erase__waits_for_a_receipt_that_is_owed says 'the receipt of entry 8 is not written yet' at 03 erase S1#8 --reason x
expect erase__waits_with_status_2 ends 2 at 03 erase S1#8 --reason x
at 03 -q run

# --- what is gone --------------------------------------------------------------------------------

at 03 -q backup "$scratch/kept"
entries=$(entries)
expect erase__ends_well ends 0 at 04 erase S1/JANE-DOE@1 --reason 'she withdrew'
expect erase__says_which_entry_says_so grep -q "; erased by entry $entries\$" "$scratch/said"
expect erase__says_what_bundles_carry_it grep -q 'entry 6: 6 entries, data: all' "$scratch/said"
expect erase__destroys_the_bytes not stored "$hash"
expect erase__leaves_the_audit_green silent at 04 -q check
expect erase__get_says_that_it_was_erased says "erased, by entry $entries" at 04 get S1/JANE-DOE@1 -o "$scratch/got"
expect erase__get_writes_nothing not test -e "$scratch/got"
expect erase__show_says_it says "erased by #$entries" at 04 show S1/JANE-DOE
expect erase__show_of_the_entry_says_it says "text that belongs to it was erased by entry $((entries + 1))" at 04 show S1#3
expect erase__status_counts_it says 'erased: 2 files and texts' at 04 status
expect erase__leaves_other_revisions ends 0 at 04 get S1/DM@1 -o "$scratch/dm.csv"
expect erase__again_reports_again says "erased before, by entry $entries" at 04 erase S1/JANE-DOE@1 --reason again
expect erase__again_adds_no_entry same $((entries + 2)) "$(entries)"
expect erase__the_reason_is_kept says 'she withdrew' at 04 show "S1#$entries"

# The name of the file is also in the transfer's text, and so in its receipt.
expect erase__says_which_receipt_goes says "outbox/S1/000000000002-one" at 04 erase S1#2 --reason 'her name'
expect erase__removes_the_receipt not test -e "$outbox/000000000002-one"
mv "$outbox/S1-000000000006.zip" "$scratch/before-all.zip"
expect erase__leaves_no_word_of_it not mentions jane-doe.csv
expect erase__leaves_the_dataset_name mentions JANE-DOE
expect erase__of_the_reason_is_possible ends 0 at 04 erase "S1#$entries" --reason 'her words'
expect erase__leaves_no_reason not mentions 'she withdrew'

# A backup that had it is brought up to date, and loses it.
expect erase__a_backup_had_it test -e "$scratch/kept/${where#"$home"/}"
expect erase__a_backup_had_the_receipt grep -rqF jane-doe.csv "$scratch/kept/outbox"
expect erase__the_next_backup_ends_well ends 0 at 04 backup "$scratch/kept"
expect erase__the_next_backup_does_not_have_it not test -e "$scratch/kept/${where#"$home"/}"
rm -f "$scratch/kept/outbox/S1/S1-000000000006.zip"
expect erase__the_next_backup_has_no_word_of_it not grep -rqaF jane-doe.csv "$scratch/kept/objects" "$scratch/kept/outbox"

# --- what is proved all the same -----------------------------------------------------------------

at 05 -q trust export S1 "$scratch/trust"
at 05 -q bundle S1 -o "$scratch/after.zip"
expect erase__bundles_verify "$verifier" --trust "$scratch/trust" --previous "$scratch/before.zip" "$scratch/after.zip"
expect erase__verifiers_say_it says 'Erased by the operator: 1 file and 3 texts' "$verifier" --trust "$scratch/trust" "$scratch/after.zip"
expect erase__earlier_bundles_verify "$verifier" --trust "$scratch/trust" "$scratch/before.zip"
expect erase__stock_tools_verify "$stock_tools" "$scratch/trust" "$scratch/after.zip"
expect erase__the_same_bundle_again_is_the_same same "$(sum "$scratch/after.zip")" "$(at 06 -q bundle S1 -o "$scratch/again.zip" && sum "$scratch/again.zip")"
mv "$home/catalog.db" "$scratch/"
rm -f "$home"/catalog.db-*
expect erase__rebuild_knows_it ends 0 at 06 rebuild
expect erase__leaves_the_rebuilt_home_green silent at 06 -q check

# Only the text: the bytes are there, and nobody knows what the file was called.
text=$(at 06 show S1#5 | sed -n 's/^    details: //p')
expect erase__of_a_text_by_its_hash ends 0 at 06 erase "S1:$text" --reason 'only the name'
at 06 -q bundle S1 -o "$scratch/nameless.zip"
expect erase__of_a_name_leaves_the_bytes grep -q 'data/datasets/DM/r0001/_-erased' "$scratch/nameless.zip"
expect erase__of_a_name_verifies "$verifier" --trust "$scratch/trust" --previous "$scratch/after.zip" "$scratch/nameless.zip"
send nameless dm.csv 2
expect erase__the_same_bytes_stay_unchanged silent at 06 run
expect erase__the_same_bytes_are_the_same_revision says 'DM stays revision 1' cat "$(receipt_of nameless)/receipt.txt"
expect erase__of_a_name_leaves_the_audit_green silent at 06 -q check

# --- what comes back -----------------------------------------------------------------------------

send again jane-doe.csv 1
expect erase__the_same_bytes_are_held ends 1 at 07 run
expect erase__it_is_told_why grep -q '(file-erased)' "$scratch/said"
expect erase__nobody_is_asked_for_another_one not grep -q 'corrected' "$scratch/said"
expect erase__the_sender_is_to_be_told grep -q 'tell the sender not to send again what was erased' "$scratch/said"
expect erase__the_same_bytes_are_not_kept not stored "$hash"
expect erase__a_held_erased_file_leaves_the_audit_green silent at 07 -q check
expect erase__the_receipt_asks_for_no_other_one not grep -q 'corrected' "$(receipt_of again)/receipt.txt"
expect erase__the_receipt_says_not_to_send_it grep -q 'Do not send it again' "$(receipt_of again)/receipt.txt"
expect erase__the_night_leaves_no_copy_in_the_inbox not has "$hash" "$inbox"
expect erase__the_night_leaves_the_rest_of_that_transfer test -e "$(held again)/MANIFEST.sha256"
mkdir "$inbox/both"
csv "$inbox/both/jane-doe.csv" 1
echo '<html></html>' >"$inbox/both/vs.csv"
list "$inbox/both"
expect erase__beside_a_bad_file_it_is_told says 'not to send again what was erased' at 07 run
expect erase__the_bad_file_is_asked_for grep -q 'for the held files, corrected' "$scratch/said"
expect erase__the_receipt_asks_for_the_bad_file grep -q 'Send them, corrected' "$(receipt_of both)/receipt.txt"
(cd "$scratch" && mkdir zip && cp jane.csv zip/jane-doe.csv && cd zip && zip -q "$inbox/b.zip" jane-doe.csv && cd "$inbox" && sha256sum b.zip >b.zip.sha256)
expect erase__the_same_bytes_in_an_archive_are_held ends 1 at 08 run
expect erase__the_same_bytes_in_an_archive_are_not_kept not stored "$hash"
expect erase__submitting_them_is_held ends 1 at 08 submit S1 "$scratch/jane.csv"
cp "$scratch/jane.csv" "$(object "$hash")"
expect erase__check_finds_what_was_put_back says '(store-erased)' at 09 check
expect erase__check_ends_with_1_then ends 1 at 09 check
expect erase__run_destroys_it_again at 09 run
expect erase__run_has_destroyed_it not stored "$hash"
expect erase__check_is_green_again silent at 09 -q check

# --- copies in the inbox -------------------------------------------------------------------------

# A good file and a bad one, so that the transfer is kept as it came: as a folder, in a folder of it, as an archive.
for name in kept deep; do
    mkdir "$inbox/$name"
    csv "$inbox/$name/ex.csv" 5
    echo '<html></html>' >"$inbox/$name/vs.csv"
    list "$inbox/$name"
done
mkdir -p "$inbox/deep/a/b/c"
csv "$inbox/deep/a/b/c/copy" 5
mkdir "$scratch/packed"
cp "$inbox/kept/ex.csv" "$inbox/kept/vs.csv" "$scratch/packed"
(cd "$scratch/packed" && zip -q "$inbox/packed.zip" ex.csv vs.csv && cd "$inbox" && sha256sum packed.zip >packed.zip.sha256)
mkdir "$inbox/wrong"
csv "$inbox/wrong/ex.csv" 5
echo 'no list' >"$inbox/wrong/MANIFEST.sha256"
expect erase__of_kept_transfers_are_some ends 1 at 09 run
hash=$(sum "$(held kept)/ex.csv")
for part in "$(held kept)" "$(held deep)/a/b/c" "$(refused wrong)"; do
    expect "erase__there_is_a_copy_in_${part##*/}" has "$hash" "$part"
done
expect erase__there_is_an_archive_with_it test -e "$(held packed.zip)"
mkdir -p "$inbox/waits/x"
csv "$inbox/waits/x/ex.csv" 5
mkdir -p "$inbox/toodeep/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18"
before=$(picture)
expect erase__dry_run_says_what_is_kept says 'Kept as it came, and would go with it:' at 10 erase S1/EX@1 --dry-run
expect erase__dry_run_touches_nothing_kept same "$before" "$(picture)"
mkdir "$inbox/.claimed/half"
csv "$inbox/.claimed/half/ex.csv" 5
expect erase__waits_for_what_is_claimed says 'inbox/S1/.claimed/half/ex.csv has it, and is not taken in yet' at 10 erase S1/EX@1 --reason x
expect erase__waits_for_it_with_status_2 ends 2 at 10 erase S1/EX@1 --reason x
expect erase__waiting_has_destroyed_nothing stored "$hash"
rm -r "$inbox/.claimed/half"
expect erase__with_kept_copies_ends_well ends 0 at 10 erase S1/EX@1 --reason x
cp "$scratch/said" "$scratch/told"
for part in .held .refused; do
    expect "erase__leaves_no_copy_in_$part" not has "$hash" "$inbox/$part"
done
expect erase__names_what_went grep -q '^  inbox/S1/.held/[0-9]*-deep/a/b/c/copy$' "$scratch/told"
expect erase__leaves_what_was_not_it test -e "$(held kept)/vs.csv"
expect erase__leaves_no_archive_with_it same '' "$(held packed.zip)"
expect erase__leaves_what_waits_to_its_sender test -e "$inbox/waits/x/ex.csv"
expect erase__names_what_waits grep -q '^  inbox/S1/waits/x/ex.csv$' "$scratch/told"
expect erase__names_where_it_did_not_look grep -q '^  inbox/S1/toodeep/1/.*/15/16/17$' "$scratch/told"
rm -r "$inbox/waits" "$inbox/toodeep"
expect erase__of_a_kept_text_says_so says 'inbox/S1/.held/' at 10 erase "$(at 10 log S1 | sed -n 's/^\(S1#[0-9]*\) .*transfer .*kept.*/\1/p')" --reason x
expect erase__leaves_nothing_of_that_name same '' "$(held kept)"
# Killed before it came so far; or the sender's copy came back with a backup.
mkdir "$inbox/.held/000000000099-back"
csv "$inbox/.held/000000000099-back/ex.csv" 5
expect erase__what_a_kill_left_the_next_night_destroys ends 0 at 10 -q run
expect erase__then_it_is_gone not has "$hash" "$inbox"
ln -s "$scratch/jane.csv" "$inbox/.held/000000000099-back/link"
expect erase__follows_no_link ends 0 at 10 -q run
expect erase__leaves_what_a_link_leads_to test -e "$scratch/jane.csv"

# What a sender states is in the text of the transfer, and nowhere else.
mkdir "$inbox/stated"
csv "$inbox/stated/su.csv" 6
echo '{"reason":"asked by Dr Zebra"}' >"$inbox/stated/TRANSFER.json"
list "$inbox/stated"
expect erase__of_what_is_stated_there_is_a_transfer ends 0 at 10 run
expect erase__of_what_is_stated_ends_well ends 0 at 10 erase "$(at 10 log S1 | sed -n 's/^\(S1#[0-9]*\) .*transfer *stated.*/\1/p')" --reason x
expect erase__leaves_nothing_that_was_stated not mentions 'Dr Zebra'
expect erase__leaves_the_audit_green_then silent at 10 -q check
mkdir "$inbox/no-list"
csv "$inbox/no-list/su.csv" 66
echo 'no list' >"$inbox/no-list/MANIFEST.sha256"
expect refused__as_a_whole_is_told ends 1 at 10 run
csv "$scratch/refused.csv" 66
expect refused__as_a_whole_leaves_no_object not stored "$(sum "$scratch/refused.csv")"
csv "$scratch/conflict.csv" 67
at 10 -q submit S1 "$scratch/refused.csv" --id 9
expect refused__for_its_id_is_told ends 1 at 10 submit S1 "$scratch/conflict.csv" --id 9
expect refused__for_its_id_leaves_no_object not stored "$(sum "$scratch/conflict.csv")"
expect refused__as_a_whole_leaves_nothing_unnamed not says store-unnamed at 10 check

# --- the same bytes elsewhere --------------------------------------------------------------------

at 10 study add S2
for study in S1 S2; do
    mkdir "$home/inbox/$study/shared"
    csv "$home/inbox/$study/shared/lb.csv" 7
    csv "$home/inbox/$study/shared/vs.csv" 7
    list "$home/inbox/$study/shared"
done
at 10 -q run
at 10 get S1/LB@1 -o "$scratch/lb.csv"
hash=$(sum "$scratch/lb.csv")
expect erase__says_that_another_revision_has_the_bytes says 'and of 1 other' at 11 erase S1/LB@1 --reason x
expect erase__says_that_another_study_has_them grep -q 'for study S2 names them too' "$scratch/said"
expect erase__keeps_them_for_that_study stored "$hash"
expect erase__shows_both_as_erased says 'erased by' at 11 show S1/VS
expect erase__leaves_the_other_study ends 0 at 11 get S2/LB@1 -o "$scratch/s2.csv"
expect erase__is_green_with_shared_bytes silent at 11 -q check
expect erase__in_the_other_study_by_hash ends 0 at 11 -q erase "S2:$hash" --reason x
expect erase__then_nobody_has_them not stored "$hash"
expect erase__is_green_without_them silent at 11 -q check

expect erase__backups_do_without_them ends 0 at 11 backup "$scratch/backup"
expect erase__backups_are_whole_without_them ends 0 "$program" backup --check "$scratch/backup"

# The bundle of before has both: what is lost comes back from it, and what was erased does not.
hash=$(sum "$scratch/dm.csv")
rm "$(object "$hash")"
expect erase__repair_brings_back_what_is_lost ends 0 at 11 check --repair --bundle "$scratch/before-all.zip"
expect erase__repair_has_brought_it_back stored "$hash"
expect erase__repair_brings_back_nothing_erased not stored "$(sum "$scratch/jane.csv")"

# --- what is only lost ---------------------------------------------------------------------------

rm "$(object "$hash")"
expect erase__excuses_nothing_else ends 4 at 12 check
expect erase__what_is_lost_is_missing grep -q '(store-missing)' "$scratch/said"
