#!/bin/sh
# The main job on real trial data: one whole SDTM transfer, and chains of revisions night by night.
set -eu
. tests/job/home.sh
data=../shared/data
[ -d $data/revisions ] || { skip real_data "no $data"; exit 0; }

"$program" init "$home" --origin test.example --test
add_study() { "$program" -C "$home" --now "$2" study add "$1"; }
run_at() { "$program" -C "$home" --now "$1" run; }

# counts STUDY FILE DATASET@REVISION: what the ledger says of it is what INDEX.tsv says of the file
counts() {
    wanted=$(awk -F '\t' -v file="$2" '$1 == file { print $3 ($3 == 1 ? " record, " : " records, ") $2 " bytes" }' $data/INDEX.tsv)
    grep -qF " $3, " "$scratch/log-$1" && grep -F " $3, " "$scratch/log-$1" | grep -qE ", $wanted(:|\$)" && return
    echo "$2 as $3 has not $wanted but: $(grep -F " $3, " "$scratch/log-$1")"
    return 1
}
log_of() { "$program" -C "$home" log "$1" >"$scratch/log-$1"; }

# verified STUDY TIME: its bundle, by us and by stock tools
verified() {
    rm -rf "$scratch/trust"
    "$program" -C "$home" trust export "$1" "$scratch/trust" >/dev/null &&
        "$program" -C "$home" --now "$2" -q bundle "$1" -o "$scratch/$1.zip" &&
        "$verifier" --trust "$scratch/trust" "$scratch/$1.zip" &&
        "$stock_tools" "$scratch/trust" "$scratch/$1.zip"
}

# --- one transfer --------------------------------------------------------------------------------

add_study CDISCPILOT01 2026-01-01T00:00:00Z
sed -i 's/^\[study\]$/&\nstudyid = CDISCPILOT01/; s/^\[datasets\]$/&\ndefine.xml = opaque:define/' "$home/studies/CDISCPILOT01/study.conf"
sdtm=$home/inbox/CDISCPILOT01/sdtm
mkdir "$sdtm"
cp $data/phuse-pilot-orig/sdtm/* $data/phuse-pilot-orig/large/lb.xpt "$sdtm"
chmod u+w "$sdtm"/*
files=$(find "$sdtm" -type f | wc -l)
list "$sdtm"
expect real_data__a_transfer_is_taken_in_silence silent run_at 2026-01-02T02:00:00Z
receipt=$(find "$home/outbox/CDISCPILOT01" -name '*-sdtm')
expect real_data__all_of_it_is_new grep -q "$files expected, $files received: $files new, 0 unchanged, 0 held" "$receipt/receipt.txt"
log_of CDISCPILOT01
all_counts() {
    for file in "$data"/phuse-pilot-orig/sdtm/*.xpt; do
        name=$(basename "$file" .xpt)
        counts CDISCPILOT01 "phuse-pilot-orig/sdtm/$name.xpt" "sdtm/$(echo "$name" | tr '[:lower:]' '[:upper:]')@1, xpt" || return 1
    done
    counts CDISCPILOT01 phuse-pilot-orig/large/lb.xpt 'sdtm/LB@1, xpt'
}
expect real_data__all_counts_are_those_of_the_index all_counts
expect real_data__a_bundle_verifies verified CDISCPILOT01 2026-01-03T00:00:00Z
same_bytes() { "$program" -C "$home" get CDISCPILOT01/sdtm/LB -o "$scratch/lb.xpt" && cmp "$scratch/lb.xpt" $data/phuse-pilot-orig/large/lb.xpt; }
expect real_data__bytes_come_back same_bytes
other_study() {
    mkdir "$home/inbox/CDISCPILOT01/adam"
    sed 's/CDISCPILOT01/CDISCPILOT02/' $data/phuse-pilot-orig/adam/adtte.xpt >"$home/inbox/CDISCPILOT01/adam/adtte.xpt"
    list "$home/inbox/CDISCPILOT01/adam"
    ends 1 run_at 2026-01-03T02:00:00Z && grep -q study-other "$scratch/said"
}
expect real_data__another_studys_records_are_held other_study

# --- chains of revisions -------------------------------------------------------------------------

# nights STUDY CHAINS: each revision as a transfer of its own, at the time of its commit
nights() {
    study=$1
    awk -F '\t' 'NR > 1 { print $1, $4 }' $data/revisions/"$2"/MANIFEST.tsv | while read -r time path; do
        echo "$(date -u -d "$time" +%Y-%m-%dT%H:%M:%SZ) $path"
    done | sort >"$scratch/nights"
    add_study "$study" "$(head -n 1 "$scratch/nights" | cut -d ' ' -f 1)"
    while read -r time path; do
        dataset=$(basename "$(dirname "$path")")
        night=$home/inbox/$study/$dataset
        mkdir "$night"
        cp "$data/$path" "$night/$dataset.${path##*.}"
        chmod u+w "$night"/*
        list "$night"
        silent run_at "$time" || return 1
    done <"$scratch/nights"
    log_of "$study"
}
# The n-th of a chain is revision n, with the counts of its file.
chain_counts() {
    study=$1
    : >"$scratch/seen"
    while read -r time path; do
        dataset=$(basename "$(dirname "$path")")
        echo "$dataset" >>"$scratch/seen"
        number=$(grep -cx "$dataset" "$scratch/seen")
        counts "$study" "$path" "$(echo "$dataset" | tr '[:lower:]' '[:upper:]')@$number, ${path##*.}" || return 1
    done <"$scratch/nights"
}
expect real_data__xpt_chains_are_taken_night_by_night nights PILOT3 pilot3-xpt
expect real_data__xpt_chains_have_the_counts_of_the_index chain_counts PILOT3
expect real_data__xpt_chains_verify verified PILOT3 2026-07-01T00:00:00Z
expect real_data__csv_chains_are_taken_night_by_night nights PHARMAVERSE pharmaversesdtm-csv
expect real_data__csv_chains_have_the_counts_of_the_index chain_counts PHARMAVERSE
expect real_data__csv_chains_verify verified PHARMAVERSE 2026-07-01T00:00:00Z
# --- Dataset-JSON in its three forms -------------------------------------------------------------

examples=$data/datasetjson/examples/sdtm
forms() {
    add_study FORMS 2026-01-01T00:00:00Z
    day=2
    for form in json ndjson dsjc; do
        night=$home/inbox/FORMS/$form
        mkdir "$night"
        cp "$examples"/*."$form" "$night"
        chmod u+w "$night"/*
        list "$night"
        silent run_at 2026-01-0${day}T02:00:00Z || return 1
        day=$((day + 1))
    done
    log_of FORMS
}
form_counts() {
    revision=1
    for form in json ndjson dsjc; do
        for file in "$examples"/*."$form"; do
            name=$(basename "$file" ".$form")
            counts FORMS "datasetjson/examples/sdtm/$name.$form" "$(echo "$name" | tr '[:lower:]' '[:upper:]')@$revision, json" || return 1
        done
        revision=$((revision + 1))
    done
}
expect real_data__dataset_json_is_taken_in_each_form forms
expect real_data__dataset_json_has_the_counts_of_the_index form_counts

# Laboratory results are stored with more digits in XPT than the JSON files print.
twins() {
    "$program" -C "$home" --now 2026-07-01T01:00:00Z study add TWINS &&
        "$program" -C "$home" --now 2026-07-01T02:00:00Z -q submit TWINS "$examples"/*.xpt &&
        "$program" -C "$home" --now 2026-07-01T03:00:00Z -q submit TWINS "$examples"/*.json || return 1
    "$program" -C "$home" log TWINS >"$scratch/twins" || return 1
    for file in "$examples"/*.xpt; do
        name=$(basename "$file" .xpt | tr '[:lower:]' '[:upper:]')
        case $name in
        LB) wanted='numbers differ behind the 15th digit from those of revision 1 (xpt)' ;;
        *) wanted='metadata only: the same data as revision 1 (xpt)' ;;
        esac
        grep "$name@2, json" "$scratch/twins" | grep -qF "; $wanted" || { echo "$name"; return 1; }
    done
}
expect real_data__dataset_json_has_the_data_of_its_xpt twins
expect real_data__check_finds_nothing "$program" -C "$home" --now 2026-07-02T00:00:00Z check
