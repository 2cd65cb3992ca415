#!/bin/sh
# The main job with the real program: transfers in, entries and receipts, bundles out.
set -eu
. tests/job/home.sh
xpt=$O/tests/bin/xpt_write

# --- sample-data, three nights -------------------------------------------------------------------

sample=$scratch/sample
"$program" init "$sample" --origin demo.example --test
"$program" -C "$sample" --now 2026-01-11T12:00:00Z study add DEMO-101
demo() {
    demo_day=$1
    shift
    "$program" -C "$sample" --now "2026-01-${demo_day}T02:00:00Z" "$@"
}
night() { cp -r sample-data/nights/"$1"/* "$sample/inbox/DEMO-101" && demo "$2" run; }
expect run__is_silent_on_success silent night 1 12
expect run__is_silent_where_something_is_unchanged silent night 2 13
expect run__ends_with_1_where_a_file_is_held ends 1 night 3 14
expect run__names_the_held_file grep -q '^  ae.xpt: .*(format-mismatch)' "$scratch/said"
expect run__says_what_to_do grep -q 'What to do:' "$scratch/said"
expect run__is_silent_where_there_is_nothing silent demo 15 run

count_of() { same "$1" "$(demo 15 log DEMO-101 | grep -c "  $2  ")"; }
expect log__has_a_transfer_for_each count_of 4 transfer
expect log__has_a_revision_for_each_change count_of 10 revision
expect log__has_a_refusal_for_each_held_file count_of 2 refusal
expect show__tells_the_revisions says 'LB@3' demo 15 show DEMO-101/LB
expect show__tells_an_entry says format-mismatch demo 15 show DEMO-101#13

got_is() {
    demo 15 get "$1" -o "$scratch/got" && cmp "$scratch/got" "$2"
}
expect get__gives_the_bytes_of_a_revision got_is DEMO-101/LB@1 sample-data/nights/1/DEMO-101_2026-01-12/lb.csv
expect get__gives_the_last_revision got_is DEMO-101/VS sample-data/nights/3/DEMO-101_2026-01-14a/vs.csv
expect get__gives_the_bytes_of_a_refused_file got_is DEMO-101#13 sample-data/nights/3/DEMO-101_2026-01-14a/ae.xpt

receipt_says() { grep -qxF -- "$2" "$sample"/outbox/DEMO-101/0*-"$1"/receipt.txt || { cat "$sample"/outbox/DEMO-101/0*-"$1"/receipt.txt; return 1; }; }
expect receipt__counts_what_was_expected receipt_says DEMO-101_2026-01-12 'Files       5 expected, 5 received: 5 new, 0 unchanged, 0 held'
expect receipt__tells_new_from_unchanged receipt_says DEMO-101_2026-01-13 '  dm.csv         unchanged  DM stays revision 1'
expect receipt__tells_a_new_revision receipt_says DEMO-101_2026-01-13 '  lb.csv         new        LB is now revision 2, 290 records: 2 records added, 2 changed'
expect receipt__counts_what_is_held receipt_says DEMO-101_2026-01-14a 'Files       3 expected, 3 received: 1 new, 0 unchanged, 2 held'
expect receipt__gives_the_reason receipt_says DEMO-101_2026-01-13 'Reason      Weekly cumulative transfer'

# --- a study of our own --------------------------------------------------------------------------

new_home "$home"

# send NAME FILE...: those files of $scratch/files as a transfer in the inbox
files=$scratch/files
send() {
    rm -rf "${files:?}/.out"
    mkdir -p "$files/.out"
    sent=$1
    shift
    for send_file in "$@"; do cp "$files/$send_file" "$files/.out"; done
    list "$files/.out"
    mv "$files/.out" "$inbox/$sent"
}
mkdir "$files"
csv "$files/ae.csv" 1 2
csv "$files/dm.csv" 1
csv "$files/vs.csv" 5

# Every proof of a receipt, with openssl and a shell: the log's signature and the path to the root.
proofs_hold() {
    "$program" -C "$home" trust export S1 "$scratch/trust" >/dev/null
    receipt=$(receipt_of "$1") line=0
    key=$(sed -n 's/^log \([^ ]*\)/\1/p' "$scratch/trust/policy")
    for proof in "$receipt"/*.tlog-proof; do
        line=$((line + 1))
        sed -n "${line}p" "$receipt/entries.jsonl" | tr -d '\n' >"$scratch/entry"
        python3 tests/job/proof_check.py "$key" "$proof" "$scratch/entry" || return 1
    done
    same "$line" "$2"
}
send first ae.csv dm.csv
expect submit__and_run__take_a_folder silent at 02 run
expect receipt__proofs_hold_by_an_independent_check proofs_hold first 3
entries_hold() { python3 tests/job/receipt_check.py "$(receipt_of "$1")"; }
expect receipt__json_holds_what_was_hashed entries_hold first
expect receipt__is_private same 600 "$(stat -c %a "$(receipt_of first)/receipt.json")"
expect inbox__is_empty_after_success same '' "$(find "$inbox" -type f)"

# --- the same again ------------------------------------------------------------------------------

before=$(entries)
send first ae.csv dm.csv
expect repeat__is_silent silent at 03 run
expect repeat__adds_nothing same "$before" "$(entries)"
csv "$files/ae.csv" 1 2 3
send first ae.csv dm.csv
expect repeat__with_other_content_is_a_new_transfer silent at 04 run
expect repeat__with_other_content_adds_two_entries same $((before + 2)) "$(entries)"
expect unchanged__files_are_named_in_the_receipt grep -q 'dm.csv.*unchanged.*stays revision 1' "$(receipt_of first)/receipt.txt"

# What was held and comes again, whole, under its old manifest: the transfer is known, its bytes are not.
mkdir "$files/broken"
csv "$files/broken/eg.csv" 1 2 3
csv "$files/broken/dm.csv" 1
list "$files/broken"
cp -r "$files/broken" "$inbox/broken"
head -c 30 "$files/broken/eg.csv" >"$inbox/broken/eg.csv"
expect resent__is_held_at_first ends 1 at 04 run
before=$(entries)
cp -r "$files/broken" "$inbox/broken"
expect resent__with_the_right_bytes_is_not_called_known ends 1 at 04 run
expect resent__with_the_right_bytes_is_told grep -q 'eg.csv.*transfer-conflict' "$scratch/said"
expect resent__is_recorded same $((before + 1)) "$(entries)"
kept() { cmp "$files/broken/eg.csv" "$inbox"/.refused/*-broken/eg.csv; }
expect resent__bytes_are_kept kept
cp -r "$files/broken" "$inbox/broken"
expect resent__twice_is_refused_twice ends 1 at 04 run
expect resent__twice_is_recorded_twice same $((before + 2)) "$(entries)"
cp -r "$files/broken" "$inbox/mended"
expect resent__under_another_name_is_taken_in silent at 04 run

# --- explicit ids --------------------------------------------------------------------------------

expect submit__with_an_id at 04 -q submit S1 "$files/vs.csv" --id T-1
before=$(entries)
expect submit__with_an_id_again_is_a_no_op at 04 -q submit S1 "$files/vs.csv" --id T-1
expect submit__with_an_id_again_adds_nothing same "$before" "$(entries)"
conflict() { at 04 submit S1 "$files/dm.csv" --id T-1; }
expect submit__refuses_an_id_with_other_content ends 1 conflict
expect submit__names_the_conflict grep -q transfer-conflict "$scratch/said"
expect submit__records_the_refusal same $((before + 1)) "$(entries)"
expect submit__leaves_the_files ls "$files/vs.csv"
expect submit__takes_several_files at 04 -q submit S1 "$files/ae.csv" "$files/dm.csv" --reason 'by hand'
expect submit__refuses_what_is_not_there ends 2 at 04 submit S1 "$files/absent.csv"
expect submit__refuses_an_unknown_study ends 2 at 04 submit S9 "$files/ae.csv"
expect run__refuses_a_clock_that_went_back ends 2 at 03 submit S1 "$files/ae.csv" --id T-2

# --- incomplete ----------------------------------------------------------------------------------

now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
much_later=$(date -u -d '+40 days' +%Y-%m-%dT%H:%M:%SZ)
run_at() { "$program" -C "$home" --now "$1" run; }
mkdir "$inbox/growing"
cp "$files/ae.csv" "$inbox/growing"
before=$(entries)
expect incomplete__waits_without_a_word silent run_at "$now"
expect incomplete__adds_nothing same "$before" "$(entries)"
csv "$inbox/growing/dm.csv" 1 2
(cd "$inbox/growing" && sha256sum ae.csv dm.csv >"$scratch/manifest" && rm dm.csv && mv "$scratch/manifest" MANIFEST.sha256)
expect incomplete__waits_for_a_listed_file silent run_at "$now"
expect incomplete__is_still_there ls "$inbox/growing/ae.csv"
cp "$files/ae.csv" "$inbox/half.zip"
expect incomplete__archive_waits silent run_at "$now"
rm "$inbox/half.zip"
expect stale__holds_the_missing_file ends 1 run_at "$much_later"
expect stale__names_the_missing_file held_as file-missing dm.csv growing
expect stale__counts_it_as_not_received grep -q '2 expected, 1 received' "$(receipt_of growing)/receipt.txt"

cp "$files/ae.csv" "$inbox/loose.csv"
expect stray__file_is_told_after_a_while says 'loose.csv: the transfer has been incomplete' run_at "$much_later"
expect stray__file_stays ls "$inbox/loose.csv"

# Time went on for the study; a new home for the rest.
home=$scratch/home2 inbox=$scratch/home2/inbox/S1 outbox=$scratch/home2/outbox/S1
new_home "$home"

# --- what the sender states ----------------------------------------------------------------------

state() { printf '%s' "$1" >"$files/TRANSFER.json"; }
state '{"kind":"production","scope":"cumulative","cutoff":"2026-02-28","reason":"interim","datasets":{"ae.csv":{"records":3,"reason":"SAE added"},"dm.csv":{"records":1}}}'
send stated ae.csv dm.csv TRANSFER.json
expect statement__that_holds_is_silent silent at 02 run
expect statement__is_in_the_receipt grep -q interim "$(receipt_of stated)/receipt.txt"
expect statement__is_in_the_entry grep -q '"cutoff":"2026-02-28".*"kind":"production".*"scope":"cumulative"' "$(receipt_of stated)/entries.jsonl"
state '{"datasets":{"ae.csv":{"records":4}}}'
csv "$files/ae.csv" 1 2 3 4 5
send wrong-count ae.csv TRANSFER.json
expect statement__with_another_count_is_an_issue ends 1 at 03 run
expect statement__names_both_counts grep -q '4 records stated, 5 found' "$(receipt_of wrong-count)/receipt.txt"
state '{"datasets":{"absent.csv":{"records":4}}}'
csv "$files/ae.csv" 1
send wrong-file ae.csv TRANSFER.json
expect statement__of_an_absent_file_is_an_issue ends 1 at 03 run
state '{"kind":"rehearsal"}'
csv "$files/ae.csv" 1 2
send malformed ae.csv TRANSFER.json
expect statement__that_is_malformed_is_held ends 1 at 03 run
expect statement__says_why held_as statement-malformed TRANSFER.json malformed
expect statement__does_not_keep_the_data_out grep -q 'ae.csv.*new' "$(receipt_of malformed)/receipt.txt"

# --- held files ----------------------------------------------------------------------------------

echo '<!DOCTYPE html><html><body>Session expired</body></html>' >"$files/ae.xpt"
: >"$files/empty.csv"
printf 'A,B\n1,2\n3\n' >"$files/ragged.csv"
"$xpt" "$files/ex.xpt" EX=20
head -c 1000 "$files/ex.xpt" >"$files/cut.xpt"
cp "$files/dm.csv" "$files/changed.csv"
cp "$files/vs.csv" "$files/lost.csv"
send bad ae.xpt cut.xpt empty.csv ragged.csv vs.csv changed.csv
echo '"' >>"$inbox/bad/changed.csv"
ln -s /etc/passwd "$inbox/bad/link.csv"
mkfifo "$inbox/bad/fifo.csv"
mkdir "$inbox/bad/folder"
echo extra >"$inbox/bad/extra.csv"
expect held__ends_with_1 ends 1 at 04 run
expect held__html_under_a_false_name held_as format-mismatch ae.xpt bad
expect held__truncated_xpt held_as format-malformed cut.xpt bad
expect held__ragged_csv held_as format-malformed ragged.csv bad
expect held__empty_file held_as file-empty empty.csv bad
expect held__altered_file held_as file-altered changed.csv bad
expect held__link held_as file-special link.csv bad
expect held__fifo held_as file-special fifo.csv bad
expect held__folder held_as file-special folder bad
expect held__unlisted_file held_as file-unlisted extra.csv bad
expect held__good_file_goes_on grep -q 'vs.csv.*new.*VS is now revision 1' "$(receipt_of bad)/receipt.txt"
held_bytes() { at 04 get "S1#$(at 04 log S1 | sed -n 's/^S1#\([0-9]*\) .*refusal *ae.xpt.*/\1/p')" -o "$scratch/got" && cmp "$scratch/got" "$files/ae.xpt"; }
expect held__bytes_are_kept held_bytes
expect held__transfer_lies_as_it_came ls "$inbox"/.held/*-bad/ae.xpt

send link-list vs.csv
rm "$inbox/link-list/MANIFEST.sha256"
ln -s /etc/passwd "$inbox/link-list/MANIFEST.sha256"
mkdir "$inbox/no-list"
echo 'not a manifest' >"$inbox/no-list/MANIFEST.sha256"
csv "$files/zz.csv" 1
send zz-after zz.csv
expect refused__manifest_ends_with_1 ends 1 at 05 run
expect refused__malformed_manifest ls -d "$inbox"/.refused/*-no-list
expect refused__manifest_that_is_a_link ls -d "$inbox"/.refused/*-link-list
expect refused__does_not_stop_the_next_transfer ls "$(receipt_of zz-after)/receipt.json"

# --- of another study ----------------------------------------------------------------------------

sed -i 's/^\[study\]$/&\nstudyid = S1/' "$home/studies/S1/study.conf"
printf 'STUDYID,SEQ\nS1,1\nS2,2\n' >"$files/other.csv"
csv "$files/gated.csv" 1
send gate other.csv gated.csv
expect gate__ends_with_1 ends 1 at 06 run
expect gate__holds_other_studies_data held_as study-other other.csv gate
expect gate__does_not_repeat_the_value sh -c "! grep -q S2 '$(receipt_of gate)/receipt.txt'"
expect gate__lets_our_data_through grep -q 'gated.csv.*new' "$(receipt_of gate)/receipt.txt"
expect configuration__change_is_an_entry says configuration at 06 log S1

# --- archives ------------------------------------------------------------------------------------

# sum FILE: the line beside an archive
sum() { (cd "$(dirname "$1")" && sha256sum "$(basename "$1")" >"$(basename "$1").sha256"); }
# archived TAIL TOOL COMMAND...: the command makes $scratch/box/archive$TAIL of a.csv and b.csv
archived() {
    tail=$1 tool=$2
    shift 2
    command -v "$tool" >/dev/null || { skip "archive__$tail" "no $tool"; return; }
    rm -rf "$scratch/box"
    mkdir "$scratch/box"
    name=$(echo "$tail" | tr -d .)
    csv "$scratch/box/a$name.csv" 1 2
    csv "$scratch/box/b$name.csv" 3
    (cd "$scratch/box" && "$@" >/dev/null)
    mv "$scratch/box/archive$tail" "$inbox/night$tail"
    sum "$inbox/night$tail"
    expect "archive__is_taken$tail" silent at 07 run
    expect "archive__gives_its_files$tail" grep -q '2 expected, 2 received: 2 new' "$(receipt_of "night$tail")/receipt.txt"
    expect "archive__leaves_nothing$tail" same '' "$(find "$inbox" -maxdepth 1 -type f; ls "$inbox/.claimed")"
}
archived .zip zip zip -q archive.zip azip.csv bzip.csv
archived .tar.gz tar tar -czf archive.tar.gz atargz.csv btargz.csv
archived .tar.zst zstd tar --zstd -cf archive.tar.zst atarzst.csv btarzst.csv
archived .7z 7z 7z a -bd archive.7z a7z.csv b7z.csv
head -c 300 "$stock_tools" >"$inbox/no.zip"
sum "$inbox/no.zip"
cp sample-data/nights/3/*.zip "$inbox/sum.zip"
echo "$(printf %064d 0)  sum.zip" >"$inbox/sum.zip.sha256"
expect archive__that_is_none_is_refused ends 1 at 07 run
expect archive__that_is_none_is_kept ls "$inbox"/.refused/*-no.zip
expect archive__with_another_sum_is_refused ls "$inbox"/.refused/*-sum.zip

# --- names ---------------------------------------------------------------------------------------

mkdir "$inbox/names"
for name in 'two words.csv' 'grün.csv' 'a_-b.csv' 'CON.csv' 'nul.csv' '.hidden.csv' 'end..csv'; do
    csv "$inbox/names/$name" 1
done
cat >>"$home/studies/S1/study.conf" <<'CONF'
[datasets]
two words.csv = TWO
con.csv = CONMED
nul.csv = NULLS
grün.csv = GREEN
.hidden.csv = HIDDEN
end..csv = END
tr/* = tr/*
CONF
list "$inbox/names"
expect names__of_every_kind_are_taken silent at 08 run
expect names__are_all_new grep -q '7 new' "$(receipt_of names)/receipt.txt"
at 08 trust export S1 "$scratch/trust2" >/dev/null
expect names__go_into_a_bundle at 08 -q bundle S1 --since "$(at 08 log S1 | sed -n 's/^S1#\([0-9]*\) .*transfer *names:.*/\1/p')" -o "$scratch/names.zip"
expect names__verify "$verifier" --trust "$scratch/trust2" "$scratch/names.zip"
if command -v unzip >/dev/null; then
    unzip -Z1 "$scratch/names.zip" | sed -n 's|.*/data/datasets/[A-Za-z_-]*/r0001/||p' | sort >"$scratch/mapped"
    printf '%s\n' _-2ehidden.csv _-43ON.csv _-6eul.csv a_-5f-b.csv end..csv gr_-c3_-bcn.csv two_-20words.csv | sort >"$scratch/wanted"
    expect names__are_mapped_as_the_format_says diff "$scratch/wanted" "$scratch/mapped"
fi

# --- names that would spoil every later bundle ---------------------------------------------------

mkdir "$inbox/device" "$inbox/SDTM" "$inbox/sdtm" "$inbox/upper"
csv "$inbox/device/aux.csv" 1
csv "$inbox/device/com1.csv" 1
csv "$inbox/SDTM/dm.csv" 1
csv "$inbox/sdtm/ae.csv" 1
csv "$inbox/upper/SDTM.csv" 1
csv "$inbox/upper/Dm.CSV" 9
for name in device SDTM sdtm upper; do list "$inbox/$name"; done
expect names__of_devices_are_held ends 1 at 08 run
expect names__of_devices_are_no_datasets held_as dataset-unknown aux.csv device
expect names__of_devices_with_a_number_are_none_either held_as dataset-unknown com1.csv device
expect names__of_folders_have_one_spelling grep -q 'SDTM/AE is now revision 1' "$(receipt_of sdtm)/receipt.txt"
expect names__of_datasets_have_one_spelling grep -q 'DM is now revision' "$(receipt_of upper)/receipt.txt"

# --- members and twins ---------------------------------------------------------------------------

mkdir "$inbox/members"
"$xpt" "$inbox/members/all.xpt" LB=3 MH=2 CM=5
list "$inbox/members"
expect members__give_a_dataset_each silent at 09 run
expect members__are_named grep -q 'all.xpt.*LB is now revision 1, 3 records; MH is now revision 1, 2 records; CM is now revision 1, 5 records' "$(receipt_of members)/receipt.txt"
expect members__have_three_revisions grep -q '"members":3' "$(receipt_of members)/entries.jsonl"
mkdir "$inbox/adam"
"$xpt" "$inbox/adam/adsl.xpt" ADSL=3
cat >"$inbox/adam/adsl.json" <<'END'
{"datasetJSONCreationDateTime": "2026-01-09T00:00:00", "datasetJSONVersion": "1.1.0", "itemGroupOID": "IG.ADSL",
 "records": 1, "name": "ADSL", "label": "Subjects", "columns": [
 {"itemOID": "IT.USUBJID", "name": "USUBJID", "label": "Subject", "dataType": "string"}], "rows": [["S1-1"]]}
END
list "$inbox/adam"
expect twins__are_one_dataset silent at 09 run
twins() { same "$1" "$(at 09 show S1/adam/ADSL | grep -c 'ADSL@')"; }
expect twins__are_two_revisions twins 2
expect twins__are_both_read grep -q 'adsl.json.*adam/ADSL is now revision [12], 1 record$' "$(receipt_of adam)/receipt.txt"
expect twins__have_the_folder_in_their_name grep -q 'adam/ADSL is now revision' "$(receipt_of adam)/receipt.txt"
mkdir "$inbox/twice"
"$xpt" "$inbox/twice/ts.xpt" TS=3
"$xpt" "$inbox/twice/ts2.xpt" TS=4
list "$inbox/twice"
expect twice__in_one_format_is_held ends 1 at 09 run
expect twice__says_so held_as dataset-twice ts2.xpt twice

# --- bundles -------------------------------------------------------------------------------------

bundle() { at 10 -q bundle S1 "$@"; }
verify() { "$verifier" --trust "$scratch/trust2" "$@"; }
expect bundle__is_written bundle -o "$scratch/one.zip"
before=$(entries)
expect bundle__is_written_again bundle -o "$scratch/two.zip"
expect bundle__twice_is_the_same_bytes cmp "$scratch/one.zip" "$scratch/two.zip"
expect bundle__is_issued_once same "$before" "$(entries)"
expect bundle__verifies verify "$scratch/one.zip"
expect bundle__of_no_data bundle --no-data -o "$scratch/none.zip"
expect bundle__of_no_data_verifies says 'Left out' verify "$scratch/none.zip"
expect bundle__of_one_dataset bundle --dataset VS -o "$scratch/vs.zip"
expect bundle__of_one_dataset_verifies says '(dataset=VS)' verify "$scratch/vs.zip"
expect bundle__since_an_entry bundle --since 20 -o "$scratch/since.zip"
expect bundle__since_an_entry_verifies verify "$scratch/since.zip"
expect bundle__with_other_scopes_is_issued_too same $((before + 3)) "$(entries)"
expect bundle__agrees_with_an_earlier_one verify --previous "$scratch/names.zip" "$scratch/one.zip"
expect bundle__in_a_folder_that_is_not_there ends 2 bundle -o "$scratch/absent/x.zip"
mkdir "$scratch/taken"
before=$(entries)
expect bundle__onto_a_folder ends 2 bundle --dataset LB -o "$scratch/taken"
expect bundle__that_failed_is_not_issued same "$before" "$(entries)"

expect withdraw__is_recorded at 11 -q withdraw S1/VS@1 --reason 'wrong study arm'
expect withdraw__twice_is_refused ends 2 at 11 withdraw S1/VS@1 --reason again
expect withdraw__leaves_the_bytes_here at 11 get S1/VS@1 -o "$scratch/got"
expect withdraw__then_bundle at 11 -q bundle S1 --dataset VS -o "$scratch/without.zip"
expect withdraw__keeps_the_bytes_out says '0 of' "$stock_tools" --no-root "$scratch/trust2" "$scratch/without.zip"
expect withdraw__verifies verify --previous "$scratch/one.zip" "$scratch/without.zip"
cp "$scratch/got" "$files/vs.csv"
send again vs.csv
expect withdraw__same_bytes_again_are_a_new_revision silent at 12 run
expect withdraw__same_bytes_again_have_the_next_number grep -q 'VS is now revision 2' "$(receipt_of again)/receipt.txt"

# --- two runs at once ----------------------------------------------------------------------------

head -c 60000000 /dev/zero >"$files/large.bin"
# Not by `at`: what is stopped must be the program, not a shell that waits for it.
"$program" -C "$home" --now 2026-03-12T02:00:00Z submit S1 "$files/large.bin" >"$scratch/first" 2>&1 &
first=$!
locked() { grep -q ":$(stat -c %i "$home/lock") " /proc/locks; }
until locked || ! kill -0 $first 2>/dev/null; do :; done
kill -STOP $first 2>/dev/null || true
expect lock__second_run_ends_with_3 ends 3 at 12 run
expect lock__second_run_says_why grep -q 'another run' "$scratch/said"
expect lock__reading_goes_on at 12 log S1
for command in 'submit S1 '"$files/ae.csv" 'bundle S1' 'withdraw S1/LB@1 --reason x' check; do
    # shellcheck disable=SC2086
    expect "lock__${command%% *}_ends_with_3_beside_it" ends 3 at 12 $command
done
kill -CONT $first
status=0
wait $first || status=$?
expect lock__the_first_run_goes_on_and_ends_well same 0 "$status"
expect lock__is_free_afterwards silent at 12 run

# --- back to an earlier state --------------------------------------------------------------------

for records in '1' '1 2' '1' '1'; do
    # shellcheck disable=SC2086
    csv "$files/ie.csv" $records
    send nightly ie.csv
    expect "back__$(echo "$records" | tr ' ' _)_under_the_same_name_is_taken_in" silent at 13 run
done
expect back__what_was_before_others_is_a_revision_again says 'IE@3' at 13 log S1
back_is_no_fourth() { ! "$program" -C "$home" log S1 | grep -q 'IE@4'; }
expect back__the_same_at_once_is_none back_is_no_fourth
