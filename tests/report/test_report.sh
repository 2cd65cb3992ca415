#!/bin/sh
# The report: what it says, what it does not, and which pages are written.
# Two hundred transfers are taken in, and nothing here is about syncing: so in memory where that is possible.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. tests/job/home.sh
cd "$scratch" || exit 1
new_home "$home"
report=$outbox/report

# as_page FILE WORD...: the page must say each, tags apart
says_page() {
    page=$1
    shift
    text=$(sed -e 's/<[^>]*>//g' "$page") || return
    for word in "$@"; do
        case $text in *"$word"*) ;; *) echo "$page does not say '$word'"; return 1 ;; esac
    done
}
not_in() {
    ! grep -rlF -- "$1" "$2" || { echo "it says '$1'"; return 1; }
}
page_of() { printf '%s/transfer-%012d.html' "$report" "$1"; }
state() { (cd "$report" && stat -c '%n %i %Y' -- *.html); }

# night DAY: the run writes what has changed, and that is what there would be if all were made anew
night() {
    at "$1" run >/dev/null 2>&1
    "$program" -C "$home" --now "2026-03-${1}T02:00:00Z" report S1 -o "$scratch/whole-$1" &&
        expect "report__the_night_writes_all_that_changed: $1" diff -r "$report" "whole-$1/S1"
}

# sent NAME: into the inbox
sent() {
    list "$1"
    mv "$1" "$inbox/"
}

refuses report__of_a_study_that_is_not_there 'there is no study' at 01 report S2
nothing_there() { [ ! -e "$report" ] || ls "$report"; }
expect report__nothing_is_written_for_a_refused_one nothing_there

touch "$report"
cannot() {
    ends 2 at 01 run && grep -q 'report of S1' said
}
expect report__that_cannot_be_written_is_told cannot
rm "$report"
printf '[report]\nnightly = no\n' >>"$home/studies/S1/study.conf"
expect report__is_not_written_where_nobody_wants_it silent at 01 run
expect report__and_is_not_there nothing_there
sed -i '/^\[report\]/,$d' "$home/studies/S1/study.conf"

expect report__before_any_transfer silent at 01 report S1
expect report__says_that_nothing_came says_page "$report/index.html" 'No transfer has come yet' 'None has come yet' 'Nothing.'

# Night 2: two files; night 3: one is held and one has changed; night 5: it comes again.
mkdir two
csv two/ae.csv 1 2 3
csv two/dm.csv 1
sent two
night 02
mkdir three
csv three/ae.csv 1 2
echo '<html>secret</html>' >three/vs.csv
csv three/dm.csv 1
sent three
night 03

entry_of_three=5
expect report__first_page_says_what_is_held says_page "$report/index.html" '1 file is held and did not come again' format-mismatch
expect report__and_that_records_are_fewer says_page "$report/index.html" '1 dataset lacks records that it had before' '3 before, now 2, 1 record removed'
expect report__transfer_says_it_too says_page "$(page_of $entry_of_three)" '1 file is held' 'The others are taken in'
expect report__a_held_file_names_its_entry grep -qF '<span class="soft">entry 7</span>' "$(page_of $entry_of_three)"
expect report__issue_has_a_page says_page "$report/issue-format-mismatch.html" 'It says:' 'a file'
expect report__dataset_has_a_page says_page "$report/dataset-AE.html" '2 revisions' 'History'
expect report__month_has_a_page says_page "$report/nights-2026-03.html" 2026-03-02 2026-03-03

for word in vs.csv ae.csv three S1-001 secret '<html>'; do
    [ "$word" = '<html>' ] || expect "report__says_nothing_of_names_and_content: $word" not_in "$word" "$report"
done

mkdir five
csv five/vs.csv 1
sent five
night 05
expect report__what_came_again_is_no_longer_open not_in 'did not come again' "$report"
expect report__and_the_days_between_are_counted says_page "$report/index.html" 'none in the 1 day before'

# --- what is written -----------------------------------------------------------------------------

before=$(state)
at 06 report S1
expect report__again_writes_nothing same "$before" "$(state)"
at 06 run
expect report__a_night_without_news_writes_nothing same "$before" "$(state)"
at 06 report S1 -o "$scratch/elsewhere"
expect report__elsewhere_is_the_same diff -r "$report" elsewhere/S1
at 06 report -o "$scratch/all"
expect report__of_all_studies_is_the_same diff -r "$report" all/S1
rm "$(page_of $entry_of_three)"
echo altered >>"$report/index.html"
at 06 report S1
expect report__mends_what_was_changed diff -r "$report" elsewhere/S1
mkdir other && cp -r "$home" other/home
"$program" -C other/home --now 2026-03-09T02:00:00Z report S1 -o "$scratch/other"
expect report__same_ledger_same_bytes diff -r elsewhere/S1 other/S1
expect report__temporary_files_do_not_stay same '' "$(find "$outbox" elsewhere all -name '.trialseal-tmp-*')"

json() { "$program" -C "$home" --now 2026-03-06T02:00:00Z --json report S1 | grep -q '"size":10,"study":"S1","type":"report","written":0'; }
expect report__tells_programs json

# --- withdrawn, erased ---------------------------------------------------------------------------

# The last of AE; and that of DM, which other nights found unchanged.
at 07 withdraw S1/AE@2 --reason 'a secret of a person' >/dev/null
at 07 withdraw S1/DM@1 --reason 'another' >/dev/null
night 07
expect report__says_that_the_last_revision_is_withdrawn says_page "$report/index.html" '2 datasets end with a revision that is withdrawn'
expect report__transfer_says_what_was_withdrawn_later says_page "$(page_of $entry_of_three)" withdrawn
expect report__says_no_reason not_in 'a secret of a person' "$report"
printf '[report]\nnames = yes\nreasons = yes\n' >>"$home/studies/S1/study.conf"
at 07 report S1
expect report__names_files_where_it_is_allowed says_page "$(page_of $entry_of_three)" vs.csv three
expect report__gives_reasons_where_it_is_allowed says_page "$(page_of $entry_of_three)" 'a secret of a person'
sed -i '/^\[report\]/,$d' "$home/studies/S1/study.conf"
at 07 report S1
expect report__and_no_longer_where_it_is_not not_in 'a secret of a person' "$report"

details=$("$program" -C "$home" --json show "S1#$entry_of_three" | sed -n 's/.*"details":"\([0-9a-f]*\)".*/\1/p' | head -n 1)
cp -r "$home" erased
rm "erased/objects/$(echo "$details" | cut -c 1-2)/$(echo "$details" | cut -c 3-)"
"$program" -C erased report S1 -o "$scratch/without"
expect report__without_a_text_tells_what_entries_say says_page "without/S1/transfer-$(printf %012d $entry_of_three).html" 'may have been erased' format-mismatch AE
expect report__names_no_file_of_it not_in vs.csv without

# --- refused as a whole --------------------------------------------------------------------------

mkdir bad
csv bad/ae.csv 1
echo 'no manifest' >bad/MANIFEST.sha256
mv bad "$inbox/"
night 08
expect report__says_what_was_refused says_page "$report/index.html" '1 transfer was refused as a whole' manifest-malformed
expect report__a_refused_one_has_a_page says_page "$(page_of 12)" 'Refused as a whole' manifest-malformed

# --- a ledger that was changed -------------------------------------------------------------------

cp -r "$home" changed
tile=changed/ledger/S1/tile/entries/000.p/$(entries)
sed -i 's/"records":3,/"records":4,/' "$tile"
altered() {
    ends 4 "$program" -C changed report S1 -o "$scratch/never" || return
    grep -q 'do not give the root' said || { cat said; return 1; }
    [ ! -e never/S1 ] || ls never/S1
}
expect report__refuses_a_ledger_that_does_not_give_the_signed_root altered

sed -i 's/"records":4,/"records":x,/' "$tile"
expect report__refuses_an_entry_that_is_none ends 4 "$program" -C changed report S1 -o "$scratch/never"

# --- PDF -----------------------------------------------------------------------------------------

# pdf PATH FOLDER: with that in place of the program's own
pdf() { PATH=$1 "$program" -C "$home" report --pdf S1 -o "$2"; }
mkdir failing lying
printf '#!/bin/sh\nexit 3\n' >failing/weasyprint
printf '#!/bin/sh\necho no PDF\n' >lying/weasyprint
chmod +x failing/weasyprint lying/weasyprint
expect pdf__that_cannot_be_made_is_a_warning says 'cannot run weasyprint' pdf /nowhere "$scratch/without-pdf"
expect pdf__and_the_pages_are_there diff -r "$report" without-pdf/S1
expect pdf__that_fails_ends_well ends 0 pdf "$scratch/failing:$PATH" "$scratch/failed"
expect pdf__that_fails_is_told_once same 1 "$(grep -c report-pdf said)"
expect pdf__that_is_none_is_told says 'made no PDF' pdf "$scratch/lying:$PATH" "$scratch/lied"
expect pdf__that_is_none_is_not_kept same '' "$(find failed lied -name '*.pdf')"

if [ -n "$(command -v weasyprint)" ] && [ -n "$(command -v pdffonts)" ]; then
    expect pdf__is_made silent pdf "$PATH" "$scratch/printed"
    printed=printed/S1/transfer-$(printf %012d $entry_of_three)
    is_archival() { grep -aq 'pdfaid:part="2" pdfaid:conformance="B"' "$1" && grep -aq OutputIntent "$1" && grep -aq '/ID *\[' "$1"; }
    expect pdf__says_that_it_is_pdf_a_2b is_archival "$printed.pdf"
    all_embedded() { pdffonts "$1" | awk 'NR > 2 { seen = 1; if ($(NF - 4) != "yes") exit 1 } END { exit !seen }'; }
    expect pdf__carries_its_fonts all_embedded "$printed.pdf"
    names_its_page() { pdftotext "$printed.pdf" - | grep -q "$(sha256sum <"$printed.html" | cut -c 1-64)"; }
    expect pdf__names_the_page_that_it_is_of names_its_page
    before=$(stat -c %i printed/S1/*.pdf)
    expect pdf__is_not_made_again silent pdf "$PATH" "$scratch/printed"
    expect pdf__stays_as_it_was same "$before" "$(stat -c %i printed/S1/*.pdf)"
    cp "$printed.pdf" first.pdf && rm "$printed.pdf"
    expect pdf__is_made_where_it_is_missing silent pdf "$PATH" "$scratch/printed"
    expect pdf__same_page_same_bytes cmp first.pdf "$printed.pdf"
else
    skip pdf__is_made 'weasyprint and poppler-utils are not installed'
fi

# --- many revisions ------------------------------------------------------------------------------

long() {
    n=$1
    while [ "$n" -le "$2" ]; do
        mkdir "$inbox/n$n"
        printf 'STUDYID,SEQ\nS1,%d\n' "$n" >"$inbox/n$n/long.csv"
        (cd "$inbox/n$n" && sha256sum long.csv >MANIFEST.sha256)
        n=$((n + 1))
    done
}
long 1 200
night 09
long 201 205
at 10 withdraw S1/LONG@7 --reason 'x' >/dev/null
night 10
expect report__many_revisions_have_pages_of_their_own says_page "$report/dataset-LONG..1.html" 'revisions 1 to 200'
rows() { grep -c '^<tr id="r' "$1"; }
expect report__no_page_of_a_dataset_is_endless same 200 "$(rows "$report/dataset-LONG.html")"
expect report__and_all_are_there same 200 "$(rows "$report/dataset-LONG..1.html")"

# --- an old entry, which no append looks at ------------------------------------------------------

sed -i 's/"records":3,/"records":4,/' "$home/ledger/S1/tile/entries/000"
expect report__a_night_without_news_does_not_read_the_ledger ends 0 at 11 run
mkdir last
csv last/ae.csv 9
sent last
expect report__a_night_with_news_finds_an_old_entry_that_was_changed ends 4 at 11 run
expect report__and_says_what_to_do grep -q 'do not give the root.*\|trialseal check says' said
