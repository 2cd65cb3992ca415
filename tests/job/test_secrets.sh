#!/bin/sh
# The secrets of revisions, with the real program: what destroys them, what keeps them, what brings them back.
set -eu
. tests/job/home.sh
new_home "$home"
copy=$scratch/copy apart=$scratch/apart

# send NAME NUMBER...: a transfer of one small dataset
send() {
    mkdir -p "$inbox/$1"
    folder=$inbox/$1
    shift
    csv "$folder/ae.csv" "$@"
    list "$folder"
}
# secret NUMBER: of that revision, as its entry names it
secret() {
    entries=$(find "$home/ledger/S1/tile/entries/000.p" -type f | sort -V | tail -n 1)
    echo "$home/secrets/S1/$(grep -ao "\"revision\":$1,[^}]*\"secret\":\"[0-9a-f]*\"" "$entries" | sed 's/.*"secret":"//; s/"//')"
}
not() { ! "$@"; }
# secrets FOLDER: how many are there
secrets() { find "$1/secrets" -type f | wc -l; }
names_are_hashes() { (cd "$1/secrets/S1" && for name in *; do [ "$(sha256sum <"$name" | cut -c1-64)" = "$name" ] || return 1; done); }
restore() { "$program" --now 2026-03-20T02:00:00Z restore "$copy" "$scratch/$1" --secrets "$2"; }

send night-1 1
send night-2 1 2
send night-3 1 2 3
at 02 -q run
first=$(secret 1) second=$(secret 2) third=$(secret 3)

# --- in the home ---------------------------------------------------------------------------------

expect secrets__are_one_for_each_revision same 3 "$(secrets "$home")"
expect secrets__are_named_by_their_hash names_are_hashes "$home"
expect secrets__are_ours_alone same 600 "$(stat -c %a "$first")"
expect secrets__leave_the_audit_green silent at 02 -q check
before=$(find "$home/secrets" -type f | sort)
at 02 -q rebuild
expect secrets__rebuild_needs_none_and_leaves_all same "$before" "$(find "$home/secrets" -type f | sort)"

# --- into the backup -----------------------------------------------------------------------------

at 03 -q backup "$copy" --secrets "$apart"
expect secrets__are_not_in_the_backup_of_data not test -e "$copy/secrets"
expect secrets__are_backed_up same 3 "$(secrets "$apart")"
expect secrets__are_as_in_the_home diff -r "$home/secrets" "$apart/secrets"
expect secrets__can_be_checked_with_sha256sum sh -c "cd '$apart' && sha256sum --quiet -c SHA256SUMS"
at 03 --json backup "$copy" --secrets "$apart" >"$scratch/again"
expect secrets__are_copied_once grep -q '"files":0,' "$scratch/again"
cp -a "$apart" "$scratch/early"
expect secrets__of_the_backup_are_checked silent "$program" -q backup --check "$copy" --secrets "$apart"

mv "$second" "$scratch/second"
expect secrets__backup_says_what_the_home_lacks says '(secret-missing)' at 03 backup "$copy" --secrets "$apart"
expect secrets__backup_of_less_ends_with_1 ends 1 at 03 backup "$copy" --secrets "$apart"
expect secrets__backup_keeps_what_the_home_lacks cmp "$scratch/second" "$apart/${second#"$home"/}"
expect secrets__backup_lists_it_still grep -qF "${second##*/}" "$apart/SHA256SUMS"
cp -p "$apart/${second#"$home"/}" "$second"

# --- a home that lacks one works -----------------------------------------------------------------

head -c 32 /dev/zero >"$third"
expect secrets__check_names_the_entry_of_an_altered_one says 'S1#7: ' at 03 check
expect secrets__check_says_what_is_wrong grep -q "(secret-altered)" "$scratch/said"
expect secrets__check_of_an_altered_one_ends_with_4 ends 4 at 03 check
expect secrets__an_altered_one_stops_the_run ends 4 at 03 run
cp -p "$apart/${third#"$home"/}" "$third"
expect secrets__put_back_are_good silent at 03 -q check

# --- erased --------------------------------------------------------------------------------------

send again 1
at 04 -q run # the bytes of the first revision: one more revision, with a secret of its own
fourth=$(secret 4)
expect secrets__of_the_same_bytes_differ not same "$first" "$fourth"
at 04 -q backup "$copy" --secrets "$apart"
expect secrets__dry_run_says_that_they_go says 'with 2 secrets' at 04 erase S1/AE@1 --dry-run
expect secrets__dry_run_leaves_them test -e "$first" -a -e "$fourth"
expect secrets__erase_says_that_they_went says 'with 2 secrets' at 04 erase S1/AE@1 --reason 'asked for'
expect secrets__go_with_the_file not test -e "$first" -o -e "$fourth"
expect secrets__of_other_files_stay test -e "$second" -a -e "$third"
expect secrets__erased_leave_the_audit_green silent at 04 -q check

# Killed before it destroyed them, or come back: the next command that destroys does it.
cp -p "$scratch/early/${first#"$home"/}" "$first"
expect secrets__check_finds_an_erased_one says '(store-erased)' at 05 check
at 05 -q run
expect secrets__a_night_destroys_it not test -e "$first"
expect secrets__then_the_audit_is_green silent at 05 -q check

at 05 -q backup "$copy" --secrets "$apart"
expect secrets__erased_leave_the_backup same "$(ls "$home/secrets/S1")" "$(ls "$apart/secrets/S1")"
expect secrets__backup_does_not_list_them not grep -qF "${first##*/}" "$apart/SHA256SUMS"

# Another study that has the same file keeps its bytes, but the secrets of this study go.
at 05 study add S2
mkdir "$home/inbox/S2/same"
csv "$home/inbox/S2/same/ae.csv" 1 2
list "$home/inbox/S2/same"
at 05 -q run
expect secrets__of_a_file_of_two_studies_go says 'its bytes stay here, for study S2 names them too' at 06 erase S1/AE@2 --reason 'asked for'
expect secrets__of_this_study_are_gone not test -e "$second"
expect secrets__of_the_other_study_stay same 1 "$(find "$home/secrets/S2" -type f | wc -l)"
expect secrets__of_two_studies_leave_the_audit_green silent at 06 -q check

# --- back from a backup --------------------------------------------------------------------------

at 07 -q backup "$copy" --secrets "$apart"
expect secrets__restore_ends_well ends 0 restore whole "$apart"
expect secrets__are_restored diff -r "$home/secrets" "$scratch/whole/secrets"
expect secrets__restored_are_green silent "$program" -C "$scratch/whole" -q check

# A backup of secrets of the day before the erasure.
expect secrets__restore_of_an_early_backup_needs_all_keys ends 2 restore early-home "$scratch/early"
cp -a "$apart/keys/." "$scratch/early/keys/"
cp "$apart/SHA256SUMS" "$scratch/early/"
expect secrets__restore_says_what_is_not_there says '(secret-missing)' restore early-home "$scratch/early"
expect secrets__restore_takes_what_is_there cmp "$third" "$scratch/early-home/${third#"$home"/}"
expect secrets__erased_do_not_come_back not test -e "$scratch/early-home/${first#"$home"/}" -o -e "$scratch/early-home/${second#"$home"/}"

expect secrets__check_of_backups_says_what_is_not_there says '(secret-missing)' "$program" backup --check "$copy" --secrets "$scratch/early"
expect secrets__check_of_such_backups_ends_with_1 ends 1 "$program" backup --check "$copy" --secrets "$scratch/early"
cp "$home/keys/notary.pub" "$scratch/early/keys/log-S1.pub"
expect secrets__check_of_backups_reads_the_keys says '(backup-altered)' "$program" backup --check "$copy" --secrets "$scratch/early"

# An altered one is left out, and does not keep the home from being restored.
cp -a "$apart" "$scratch/altered"
head -c 32 /dev/zero >"$scratch/altered/${third#"$home"/}"
expect secrets__restore_names_an_altered_one says '(secret-missing)' restore altered-home "$scratch/altered"
expect secrets__restore_leaves_it_out not test -e "$scratch/altered-home/${third#"$home"/}"
expect secrets__check_of_that_home_says_so says '(secret-missing)' "$program" -C "$scratch/altered-home" check
