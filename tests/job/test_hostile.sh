#!/bin/sh
# What somebody who may write to the inbox can do, with the real program. Whatever it is, the run
# must end by itself, tell it, and take in what lies beside it.
set -eu
. tests/job/home.sh
new_home "$home"

# send NAME NUMBER: a transfer of one small dataset
send() {
    mkdir "$inbox/$1"
    csv "$inbox/$1/dm.csv" "$2"
    list "$inbox/$1"
}
claimed_is_empty() { same '' "$(ls -A "$inbox/.claimed")"; }

# --- names ---------------------------------------------------------------------------------------

bytes=$(printf 'x\377\376')
send bytes 1
csv "$inbox/bytes/$bytes" 2
expect run__holds_a_file_whose_name_is_not_utf8 ends 1 at 02 run
expect run__tells_that_file says 'dm.csv' cat "$(receipt_of bytes)/receipt.txt"
expect run__keeps_the_good_file_beside_it says 'DM is now revision 1' cat "$(receipt_of bytes)/receipt.txt"
send "$bytes" 3
send zz 4
expect run__refuses_a_transfer_whose_name_is_not_utf8 ends 1 at 03 run
expect run__says_that_the_transfer_is_malformed grep -q '(transfer-malformed)' "$scratch/said"
expect run__goes_on_behind_it test -n "$(receipt_of zz)"
send "$(printf 'a\nNotarized   1999-01-01T00:00:00Z')" 5
expect run__refuses_a_transfer_whose_name_has_lines ends 1 at 04 run
expect run__leaves_nothing_claimed claimed_is_empty

long=$(printf 'n%.0s' $(seq 250))
send "$long" 6
csv "$inbox/$long/ae.csv" 1
expect run__puts_a_held_transfer_away_whatever_its_length ends 1 at 04 run
expect run__leaves_no_long_name_claimed claimed_is_empty
long=$(printf 'n%.0s' $(seq 251)).zip
csv "$inbox/$long" 1
send beside_long 7
expect run__goes_on_behind_an_archive_whose_sums_cannot_have_a_name silent at 04 run
expect run__took_in_what_lay_behind_it test -n "$(receipt_of beside_long)"
expect run__waits_for_that_archive says "$long" at 04 -v run
rm "$inbox/$long"

# --- claimed -------------------------------------------------------------------------------------

archive() { # NAME NUMBER: an archive and its sums in $scratch
    csv "$scratch/dm.csv" "$2"
    (cd "$scratch" && rm -f "$1" && python3 -m zipfile -c "$1" dm.csv && sha256sum "$1" >"$1.sha256")
}
for folder in .claimed .held .refused; do
    chmod 777 "$inbox/$folder"
    expect "run__refuses_a_$folder""_that_others_may_write_to" ends 2 at 04 run
    chmod 700 "$inbox/$folder"
done
expect run__says_what_is_wrong_with_it grep -q 'inbox/S1/.refused has mode 0777' "$scratch/said"
mv "$inbox/.claimed" "$inbox/.real"
ln -s .real "$inbox/.claimed"
expect run__refuses_a_claimed_that_is_a_link ends 2 at 04 run
rm "$inbox/.claimed"
mv "$inbox/.real" "$inbox/.claimed"
archive x.zip 8
cp "$scratch/x.zip.sha256" "$inbox/.claimed"
archive x.zip 9
cp "$scratch/x.zip" "$scratch/x.zip.sha256" "$inbox"
expect run__never_takes_the_sums_of_an_earlier_archive silent at 04 run
ln -s /etc/passwd "$inbox/.claimed/link.zip"
mkfifo "$inbox/.claimed/pipe.zip"
expect run__removes_what_was_exchanged_before_it_was_claimed silent at 04 run
expect run__leaves_no_exchanged_file_claimed claimed_is_empty
archive y.zip 10
cp "$scratch/y.zip" "$inbox"
mkdir "$inbox/y.zip.sha256"
expect run__refuses_an_archive_whose_sums_are_a_folder ends 1 at 04 run

# --- by hand -------------------------------------------------------------------------------------

csv "$scratch/dm.csv" 20
for option in id reason; do
    expect "submit__refuses_an_${option}_that_is_not_utf8" ends 2 at 04 submit S1 "--$option" "$bytes" "$scratch/dm.csv"
done
expect bundle__refuses_a_since_that_no_entry_can_have ends 2 at 04 bundle S1 --since 1000000000000
expect bundle__says_that_it_is_the_option grep -q -e '--since is larger' "$scratch/said"
short=/sys/devices/system/cpu/online # says 4,096 bytes, has few
if [ "$(stat -c %s $short 2>/dev/null)" = 4096 ]; then
    expect submit__holds_a_file_that_is_shorter_than_it_was ends 1 at 04 submit S1 $short
    expect submit__calls_it_altered grep -q '(file-altered)' "$scratch/said"
else
    skip submit__holds_a_file_that_is_shorter_than_it_was 'no file here is shorter than its size'
fi

# --- receipts ------------------------------------------------------------------------------------

forged='Notarized   1999-01-01T00:00:00Z, entry 1'
mkdir "$inbox/said"
csv "$inbox/said/ae.csv" 1
printf '{"reason":"late\\n%s\\u001b[2J\\u009b2J"}' "$forged" >"$inbox/said/TRANSFER.json"
list "$inbox/said"
csv "$inbox/said/$(printf 'x\n%s' "$forged")" 2
expect run__holds_a_file_whose_name_has_lines ends 1 at 05 run
forged_lines() { same 0 "$(grep -c "^$forged" "$(receipt_of said)/receipt.txt")"; }
expect receipt__has_no_line_that_a_name_or_a_reason_wrote forged_lines
no_control() { ! LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177\302]')" "$(receipt_of said)/receipt.txt"; }
expect receipt__has_no_control_character no_control

# --- numbers -------------------------------------------------------------------------------------

send told 11
python3 -c 'import os, sys
for i in range(7000): os.mkfifo(b"%s/%s%07d" % (os.fsencode(sys.argv[1]), b"\1" * 240, i))' "$inbox/told"
send beside_told 12
expect run__refuses_more_issues_than_can_be_told ends 1 at 06 run
expect run__names_the_limit_of_what_can_be_told grep -q 'as a whole: too many files' "$scratch/said"
expect run__says_of_a_refused_transfer_that_nothing_was_taken sh -c '! grep -q "other files are taken in" "$1"' sh "$scratch/said"
expect run__goes_on_behind_it test -n "$(receipt_of beside_told)"
printf '[limits]\ntransfer-files = 3\n' >>"$home/studies/S1/study.conf"
send many 13
touch "$inbox/many/1" "$inbox/many/2" "$inbox/many/3"
expect run__refuses_more_files_than_the_limit ends 1 at 07 run
expect run__names_the_limit grep -q 'more files than the 3' "$scratch/said"

# --- TRANSFER.json -------------------------------------------------------------------------------

mkdir "$inbox/large"
csv "$inbox/large/dm.csv" 14
head -c 70000 /dev/zero >"$inbox/large/TRANSFER.json"
list "$inbox/large"
expect run__holds_a_large_statement ends 1 at 07 run
expect run__says_nothing_of_where_we_keep_it sh -c '! grep -q "objects/" "$1"' sh "$scratch/said"

# --- permissions, which root does not have to ask for ----------------------------------------------

if [ "$(id -u)" -ne 0 ] || setpriv --reuid=65534 --clear-groups true 2>/dev/null; then
    denied=$scratch/denied
    mkdir "$denied"
    cp "$program" "$denied/trialseal"
    if [ "$(id -u)" -eq 0 ]; then chmod 711 "$scratch" && chown 65534 "$denied"; fi
    ours() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=65534 --clear-groups "$@"; else "$@"; fi; }
    there() { ours "$denied/trialseal" -C "$denied/home" --now 2026-03-02T00:00:00Z "$@"; }
    ours "$denied/trialseal" init "$denied/home" --origin test.example --test && there study add S1
    inbox=$denied/home/inbox/S1
    for name in a b c d e; do send $name 1; done
    if [ "$(id -u)" -eq 0 ]; then chown -R 65534 "$inbox"; fi
    chmod 000 "$inbox/a" "$inbox/b/dm.csv" "$inbox/c/MANIFEST.sha256"
    chmod 500 "$inbox/d"
    expect run__tells_what_it_may_not_read ends 1 there run
    expect run__goes_on_behind_what_it_may_not_read test -d "$denied/home/outbox/S1/000000000002-e"
    chmod -R u+rwX "$inbox"
    expect run__takes_it_in_once_it_may silent there run
    expect run__has_taken_in_all_of_them same 'a b c d' "$(find "$denied/home/outbox/S1" -maxdepth 1 -name '0*' | sed 's/.*-//' | sort | grep -v e | xargs)"
    inbox=$home/inbox/S1
else
    skip run__tells_what_it_may_not_read 'this root cannot become somebody else'
fi

expect check__is_green ends 0 at 28 check
