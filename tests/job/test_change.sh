#!/bin/sh
# What changed, said the same everywhere: in the log, in tables, in receipts and for programs.
. tests/job/home.sh
new_home "$home"

# night DAY FILE: a transfer of that file
night() {
    mkdir "$scratch/t-$1"
    cp "$scratch/$2" "$scratch/t-$1/"
    (cd "$scratch" && list "t-$1")
    mv "$scratch/t-$1" "$inbox/"
    at "$1" -v run >"$scratch/run-$1" 2>&1
}
first() {
    echo STUDYID,DOMAIN,USUBJID,LBSEQ,LBORRES
    echo S1,LB,A,1,5.5
    echo S1,LB,A,2,6.25
    echo S1,LB,B,1,7
}
turned() { first | head -n 1 && first | tail -n +2 | sort -r; }
lb=$scratch/lb.csv
first >"$lb" && night 02 lb.csv
first | sed 's/$/\r/' >"$lb" && night 03 lb.csv
turned >"$lb" && night 04 lb.csv
turned | awk -F, -v OFS=, '{ print $5, $1, $2, $3, $4 }' >"$lb" && night 05 lb.csv
{ first | sed -e 's/6.25$/6.5/' -e '/^S1,LB,B,1,/d'; echo S1,LB,C,1,1; echo S1,LB,C,2,2; } >"$lb" && night 06 lb.csv
first | sed 's/$/ /' >"$lb" && night 07 lb.csv
printf '%%PDF-1.4\n' >"$scratch/lb.pdf" && night 08 lb.pdf
first >"$lb" && night 09 lb.csv

# Behind "@NUMBER", in words, for each revision.
cat >"$scratch/expected" <<'END'
1 the first
2 header only: the same data
3 the same records in another order
4 the same data, its columns in another order
5 2 records added, 1 changed, 1 removed
6 back to the data of revision 4: 1 record added, 1 changed, 2 removed
7 the first in this format
8 header only: the same data
END

in_table() { at 10 show S1/LB | sed -n 's/^LB@\([0-9]*\) .* #[0-9]*  /\1 /p' >"$scratch/table" && diff "$scratch/expected" "$scratch/table"; }
expect change__is_in_the_table_of_revisions in_table

# Of the first there is nothing to say.
in_receipts() {
    sed -n 's/.*LB is now revision \([0-9]*\)\(, [0-9]* records\)\{0,1\}: /\1 /p' "$outbox"/*/receipt.txt >"$scratch/receipts" &&
        tail -n +2 "$scratch/expected" | diff - "$scratch/receipts"
}
expect change__is_in_receipts in_receipts
in_run() {
    sed -n 's/^  LB@\([0-9]*\): /\1 /p' "$scratch"/run-* >"$scratch/runs" && tail -n +2 "$scratch/expected" | diff - "$scratch/runs"
}
expect change__is_told_by_run in_run

# A log names entries, and says nothing where nothing is known.
in_log() {
    at 10 log S1 | sed -n 's/.*LB@\([0-9]*\), .* bytes: /\1 /p' >"$scratch/log" &&
        sed -e '/the first/d' -e '/the first in/d' -e 's/of revision 4/of entry 9/' "$scratch/expected" | diff - "$scratch/log"
}
expect change__is_in_the_log in_log
in_show() { at 10 show S1/LB@6 | grep -q '^  Against the one before  *back to the data of revision 4: 1 record added, 1 changed, 2 removed$'; }
expect change__is_among_the_facts_of_a_revision in_show
says_so() { at 10 show S1/LB@7 | grep -q '^  Data  *not read$'; }
expect change__of_what_was_not_read_is_said_so says_so

# change_of FILE: class and counts, by the revisions of a text for programs
change_of() {
    sed -n 's/.*"change":"\([a-z-]*\)".*"records_added":\([0-9]*\),"records_changed":\([0-9]*\),"records_removed":\([0-9]*\),"reverted":\([0-9a-z]*\),"revision":6.*/\1 \2 \3 \4 \5/p' "$1"
}
at 10 --json show S1/LB >"$scratch/lines"
expect change__is_told_to_programs same 'data 1 1 2 9' "$(change_of "$scratch/lines")"
expect change__is_in_the_receipt_for_programs same 'data 1 1 2 9' "$(change_of "$outbox"/000000000012-t-07/receipt.json)"

# What brought no data keeps nobody from seeing what is missing since.
first | sed '$d' >"$lb" && night 10 lb.csv
first | sed -e '$d' -e 's/$/\r/' >"$lb" && night 11 lb.csv
page() { sed -e 's/<[^>]*>//g' "$outbox/report/$1"; }
page_says() {
    page "$1" >"$scratch/page"
    grep -qF -- "$2" "$scratch/page" || { echo "$1 does not say '$2'"; return 1; }
}
expect report__tells_of_records_that_are_missing page_says index.html '1 dataset lacks records that it had before'
expect report__says_how_many page_says index.html '3 before, now 2, 1 record removed'
expect report__a_night_without_news_is_calm page_says transfer-000000000020.html 'All was taken in. No data changed.'
expect report__of_a_dataset_says_what_each_changed page_says dataset-LB.html '2 records added, 1 changed, 1 removed'
expect report__leads_to_the_revision_whose_data_came_back grep -qF '<a href="dataset-LB.html#r4">revision 4</a>' "$outbox/report/dataset-LB.html"
first | sed -e 's/6.25$/6.5/' -e '/^S1,LB,B,1,/d' >"$lb"; { echo S1,LB,C,1,1; echo S1,LB,C,2,2; } >>"$lb" && night 12 lb.csv
expect report__tells_of_data_that_came_back page_says index.html '1 dataset is back to the data of an earlier revision'
# A column more is other data in every record, and the page says why.
first | sed 's/$/,x/' >"$lb" && night 13 lb.csv
expect report__of_a_dataset_says_that_columns_came page_says dataset-LB.html '6 (+1)'
expect report__says_that_all_records_count_as_changed page_says index.html 'All records count as changed then'

# A CSV schema beside a file goes by its name: the revision before is read under the new one's.
printf '\n[datasets]\nv*.csv = AE\nv*.schema.json = AE-SCHEMA\n' >>"$home/studies/S1/study.conf"
typed() { # DAY NAME LINES
    mkdir "$scratch/t-$1"
    printf '%b' "$3" >"$scratch/t-$1/$2.csv"
    echo '{"csvSchema":1,"columns":[{"name":"ID","dataType":"string","keySequence":1},{"name":"A","dataType":"decimal"}]}' >"$scratch/t-$1/$2.schema.json"
    (cd "$scratch" && list "t-$1")
    mv "$scratch/t-$1" "$inbox/"
    at "$1" -v run >"$scratch/run-$1" 2>&1
}
typed 14 v1 'ID,A\nx,1.0\ny,2.00\n'
typed 15 v2 'ID,A\nx,1\ny,3\n'
typed 16 v3 'ID,A\nx,1.00\ny,3.0\n'
expect log__tells_numbers_from_their_spelling says 'AE@2, csv, 2 records, 13 bytes: 1 record changed' at 17 log S1
expect log__tells_another_spelling_from_other_data says 'AE@3, csv, 2 records, 18 bytes: header only' at 17 log S1
expect check__finds_these_changes_true silent at 17 -q check
