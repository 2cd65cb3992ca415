#!/bin/sh
# backup: what it refuses, what it copies, and what it finds in a backup that was damaged.
set -eu
. tests/job/home.sh
copy=$scratch/copy
apart=$scratch/apart

# send NAME NUMBER...: a transfer of one dataset with these records
send() {
    sent=$1
    shift
    mkdir "$inbox/$sent"
    csv "$inbox/$sent/ae.csv" "$@"
    list "$inbox/$sent"
}
picture() { (cd "$1" && find . ! -name lock -exec ls -ld --time-style=+ {} \; -type f -exec sha256sum {} \; | sort); }
backup() { at 05 backup "$@"; }
check() { "$program" backup --check "$1"; }
listed() { (cd "$1" && sha256sum --quiet -c SHA256SUMS); }
copied() { backup --json "$1" | grep -o '"files":[0-9]*' | cut -d: -f2; }
put_back() {
    rm -rf "$copy"
    cp -a "$scratch/good" "$copy"
}

new_home "$home"
send one 1
at 02 run
# shellcheck disable=SC2046 # many records: an object that is deflated
send two $(seq 1 400)
mkdir "$home/studies/S1/checks"
echo 'select 1' >"$home/studies/S1/checks/one.sql"

# --- where it may lie ----------------------------------------------------------------------------

mkdir "$scratch/other" "$scratch/open"
chmod 755 "$scratch/open"
echo mine >"$scratch/other/file"
ln -s "$home/objects" "$scratch/link"
refuses backup__refuses_a_folder_of_somebody_else 'not a backup' backup "$scratch/other"
expect backup__left_it_alone same file "$(ls "$scratch/other")"
refuses backup__refuses_a_folder_in_the_home 'in the home' backup "$home/copy"
expect backup__did_not_make_it test ! -e "$home/copy"
refuses backup__refuses_a_link_into_the_home 'in the home' backup "$scratch/link"
refuses backup__refuses_a_folder_that_holds_the_home 'lies in it' backup "$scratch"
refuses backup__refuses_a_parent_that_is_not_there 'No such file' backup "$scratch/none/copy"
refuses backup__refuses_secrets_in_the_backup 'in the home, or in the other' backup "$copy" --secrets "$copy/keys"
refuses backup__refuses_secrets_in_the_home 'in the home, or in the other' backup "$copy" --secrets "$home/keys/copy"
refuses backup__refuses_secrets_that_others_can_read 'others have access' backup "$copy" --secrets "$scratch/open"
refuses backup__refuses_to_check_what_is_no_backup 'no backup of data' check "$scratch/other"
rm -rf "$copy"

# --- what it copies ------------------------------------------------------------------------------

expect backup__is_silent silent backup "$copy" --secrets "$apart"
at 03 run
expect backup__copies_what_is_new silent backup "$copy"
same_files() {
    for part in trialseal.conf studies ledger/S1/checkpoint outbox; do
        diff -r "$home/$part" "$copy/$part" || return
    done
    (cd "$copy/objects" && find . -type f) | sort >"$scratch/objects"
    while read -r object; do cmp "$home/objects/$object" "$copy/objects/$object" || return; done <"$scratch/objects"
}
expect backup__holds_what_the_home_holds same_files
expect backup__has_deflated_objects grep -q 'gz$' "$scratch/objects"
expect backup__has_no_key_and_no_secret test ! -e "$copy/keys" -a ! -e "$copy/secrets"
expect backup__has_them_apart diff -r "$home/keys" "$apart/keys"
expect backup__is_ours_alone same 700 "$(stat -c %a "$copy")"
expect backup__can_be_checked_with_sha256sum listed "$copy"
expect backup__of_secrets_can_be_checked_with_sha256sum listed "$apart"
expect backup__is_found_good silent check "$copy"
expect backup__copies_nothing_twice same 0 "$(copied "$copy")"
expect backup__says_what_it_holds says '6 entries of 1 study' backup -v "$copy"
refuses backup__refuses_the_backup_of_keys 'another backup' backup "$apart"
find "$copy/ledger" -path '*entries*' -type f >"$scratch/tiles"
expect backup__keeps_one_partial_tile_only same 1 "$(wc -l <"$scratch/tiles" | tr -d ' ')"
rm "$home/studies/S1/checks/one.sql"
receipt=$(receipt_of one)/receipt.txt
rm "$receipt"
backup "$copy"
expect backup__drops_configuration_that_is_gone test ! -e "$copy/studies/S1/checks/one.sql"
expect backup__keeps_what_the_outbox_had test -e "$copy/${receipt#"$home"/}"
expect backup__has_it_listed listed "$copy"
cp -a "$copy/${receipt#"$home"/}" "$receipt"
cp -a "$copy" "$scratch/good"

# An object that was backed up before it was deflated.
deflated=$(cd "$copy" && find objects -name '*.gz' | head -n 1)
gzip -dc "$copy/$deflated" >"$copy/${deflated%.gz}"
digest=$(sha256sum <"$copy/${deflated%.gz}" | cut -c1-64)
rm "$copy/$deflated"
sed -i "s|^.*  $deflated\$|$digest  ${deflated%.gz}|" "$copy/SHA256SUMS"
backup "$copy"
expect backup__takes_the_deflated_form cmp "$home/$deflated" "$copy/$deflated"
expect backup__drops_the_other_form test ! -e "$copy/${deflated%.gz}"

# A receipt for each night of years: more folders than files may be open.
for year in 1 2 3 4; do
    for night in $(seq 1 125); do
        mkdir "$outbox/$year-$night"
        echo "$night" >"$outbox/$year-$night/receipt.txt"
    done
done
few_files() { prlimit --nofile=400 "$program" -C "$home" --now 2026-03-05T02:00:00Z backup "$copy" --secrets "$apart"; }
expect backup__needs_few_descriptors few_files
expect backup__has_all_receipts diff -r "$outbox" "$copy/outbox/S1"
again() { prlimit --nofile=400 "$program" --now 2026-03-06T02:00:00Z restore "$copy" "$scratch/again" --secrets "$apart"; }
expect restore__needs_few_descriptors again
expect restore__has_all_receipts diff -r "$outbox" "$scratch/again/outbox/S1"
rm -r "$outbox"/[1-4]-* "$copy/outbox/S1"/[1-4]-*

# --- links, and two at once ----------------------------------------------------------------------

ln -s /etc/passwd "$outbox/link"
expect backup__tells_of_a_link ends 0 backup "$copy"
expect backup__names_it grep -q 'outbox/S1/link.*backup-left-out' "$scratch/said"
expect backup__does_not_follow_it test ! -e "$copy/outbox/S1/link"
rm "$outbox/link"
hold() { python3 -c 'import fcntl, subprocess, sys
with open(sys.argv[1], "r+b") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    sys.exit(subprocess.run(sys.argv[2:], check=False).returncode)' "$@"; }
expect backup__works_while_a_run_works hold "$home/lock" "$program" -C "$home" backup "$copy"
expect backup__ends_with_3_while_another_works ends 3 hold "$copy/lock" "$program" -C "$home" backup "$copy"

# --- a home of an earlier day --------------------------------------------------------------------

cp -a "$home" "$scratch/today"
send three 1 2 3
at 04 run
backup "$copy"
picture "$copy" >"$scratch/picture"
untouched() { picture "$copy" | diff "$scratch/picture" -; }
mv "$home" "$scratch/tomorrow"
cp -a "$scratch/today" "$home"
expect backup__of_an_earlier_day_ends_with_4 ends 4 backup "$copy"
expect backup__says_so grep -q 'the backup has .* entries of S1, the home only' "$scratch/said"
expect backup__is_not_touched_then untouched
send other 7
send more 8
at 04 run
expect backup__of_a_second_history_ends_with_4 ends 4 backup "$copy"
expect backup__says_that_it_is_one grep -q 'second history' "$scratch/said"
expect backup__is_not_touched_then_either untouched
rm -rf "$home"
"$program" init "$home" --origin test.example --test
expect backup__of_a_home_that_lacks_a_study_ends_with_4 ends 4 backup "$copy"
expect backup__is_not_touched_by_it untouched
rm -rf "$home"
cp -a "$scratch/today" "$home"

# --- damage --------------------------------------------------------------------------------------

# damaged NAME FILE COMMAND...: after the command, in the backup, check must end with 1 and name the file
damaged() {
    name=$1 file=$2
    shift 2
    put_back
    (cd "$copy" && "$@")
    expect "check__ends_with_1_for_$name" ends 1 check "$copy"
    expect "check__names_$name" grep -q "$file.*backup-altered" "$scratch/said"
}
flip() { printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
entries=$(cd "$copy" && find ledger -path '*entries*' -type f | head -n 1)
plain=$(cd "$scratch/good" && find objects -type f ! -name '*.gz' | head -n 1)
damaged an_object "$plain" flip "$plain" 5
damaged a_deflated_object "${deflated#objects/}" flip "$deflated" 60
damaged a_missing_object "$plain" rm "$plain"
damaged a_configuration trialseal.conf sh -c 'echo "# more" >>trialseal.conf'
damaged a_missing_receipt receipt.txt sh -c 'rm outbox/S1/*-one/receipt.txt'
put_back
entries=$(cd "$copy" && find ledger -path '*entries*' -type f | head -n 1)
damaged entries ledger/S1 flip "$entries" 200
damaged a_checkpoint ledger/S1 flip ledger/S1/checkpoint 30
damaged a_missing_list SHA256SUMS rm SHA256SUMS
echo "0  ../../etc/passwd" >"$copy/SHA256SUMS"
refuses check__refuses_a_list_that_is_none 'line 1' check "$copy"

# A list is not believed: what it names beyond a link is not looked at, and nothing there is removed.
put_back
mkdir -p "$scratch/victim/deeper"
echo mine >"$scratch/victim/file"
echo mine >"$scratch/victim/deeper/file"
ln -s "$scratch/victim" "$copy/zz"
digest=$(sha256sum <"$scratch/victim/file" | cut -c1-64)
printf '%s  zz/deeper/file\n%s  zz/file\n' "$digest" "$digest" >>"$copy/SHA256SUMS"
refuses backup__refuses_a_list_that_leads_out 'symbolic link' backup "$copy"
expect backup__removes_nothing_outside test -e "$scratch/victim/file" -a -e "$scratch/victim/deeper/file"

# What the home has is put right with the next backup.
put_back
flip "$copy/$entries" 200
send four 1 2 3 4
at 04 run
expect backup__mends_a_ledger ends 0 backup "$copy"
expect backup__tells_it grep -q backup-mended "$scratch/said"
expect backup__is_good_then silent check "$copy"
put_back
rm "$copy/$plain"
expect backup__brings_a_missing_object ends 0 backup "$copy"
expect backup__is_whole_then silent check "$copy"

# What the home has lost or damaged stays in the backup, and is told.
rm "$home/$plain"
expect backup__of_a_home_that_lacks_an_object_ends_with_4 ends 4 backup "$copy"
expect backup__names_the_object grep -q store-missing "$scratch/said"
expect backup__still_has_it test -e "$copy/$plain"
expect backup__is_good_all_the_same silent check "$copy"
cp -a "$copy/$plain" "$home/$plain"
flip "$home/$plain" 5
rm -rf "$scratch/new"
expect backup__of_a_damaged_object_ends_with_4 ends 4 backup "$scratch/new"
expect backup__names_the_damaged_object grep -q store-altered "$scratch/said"
expect backup__does_not_take_it test ! -e "$scratch/new/$plain"
cp -a "$copy/$plain" "$home/$plain"

# --- what was erased -----------------------------------------------------------------------------

at 05 study add S2 >"$scratch/said"
expect backup__with_an_empty_study silent backup -q "$scratch/two"
at 05 erase S1/AE@1 --reason 'It must go' >"$scratch/said" 2>&1
expect backup__goes_on_after_an_erasure ends 0 backup "$scratch/two"
expect backup__is_good_after_an_erasure silent check "$scratch/two"

# A receipt that repeats an erased text, and whose files in the backup are damaged.
two=$(find "$scratch/two/outbox/S1" -maxdepth 1 -name '*-two')
echo nonsense >"$two/entries.jsonl"
entry=$(basename "$two" | sed 's/^0*\([0-9]*\)-.*/\1/')
at 05 erase "S1#$entry" --reason 'It must go' >"$scratch/said" 2>&1
expect backup__with_a_damaged_receipt_goes_on ends 0 backup "$scratch/two"
expect backup__does_not_keep_an_erased_receipt_that_is_damaged test ! -e "$two"

# Erased between the ledger and the objects.
if command -v strace >/dev/null && [ "$O" != out/asan ]; then
    send late 1 2 3 4 5
    at 05 -q run
    csv "$scratch/late.csv" 1 2 3 4 5
    late=$(sha256sum <"$scratch/late.csv" | cut -c1-64)
    # Stopped when it has read what is published, and begins to read its entries.
    strace -f -qq -o "$scratch/trace" -P "tile/entries/000.p/$(entries)" -e inject=openat:signal=STOP:when=1 "$program" -C "$home" --now 2026-03-05T02:00:00Z backup "$scratch/two" >"$scratch/overtaken" 2>&1 &
    for _ in $(seq 200); do
        grep -q 'stopped by SIGSTOP' "$scratch/trace" 2>/dev/null && break
        sleep 0.05
    done
    at 05 erase "S1:$late" --reason 'meanwhile' >"$scratch/said" 2>&1
    expect backup__can_be_stopped grep -q 'stopped by SIGSTOP' "$scratch/trace"
    kill -CONT "$(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' "$scratch/trace" | head -n 1)" || true
    status=0
    wait $! || status=$?
    expect backup__overtaken_by_an_erasure_ends_well same 0 "$status"
    expect backup__overtaken_by_an_erasure_says_so grep -q "$late: an object was erased while the backup was written: by entry .*backup-overtaken" "$scratch/overtaken"
    expect backup__overtaken_is_repeated silent backup "$scratch/two"
    expect backup__overtaken_is_good_then silent check "$scratch/two"
else
    skip backup__overtaken_by_an_erasure_says_so 'no strace, or a sanitized program'
fi

# --- while runs go on ----------------------------------------------------------------------------

rm -rf "$home"
new_home "$home"
nights() {
    for night in 10 11 12 13 14 15 16 17 18 19; do
        # shellcheck disable=SC2046 # many records
        send "night$night" $(seq 1 $((night * 30)))
        at "$night" run
    done
    touch "$scratch/ended"
}
nights >"$scratch/nights" 2>&1 &
while [ ! -e "$scratch/ended" ]; do
    at 20 backup "$scratch/moving" >>"$scratch/moved" 2>&1 && check "$scratch/moving" >>"$scratch/moved" 2>&1 || echo "it ended with $?" >>"$scratch/moved"
done
wait
expect backup__while_runs_go_on_is_a_state_that_was same '' "$(cat "$scratch/moved")"
at 20 backup "$scratch/moving"
expect backup__has_all_at_the_end cmp "$home/ledger/S1/checkpoint" "$scratch/moving/ledger/S1/checkpoint"
