#!/bin/sh
# Real datasets that exist in several formats: the same data, or the difference that there is.
set -eu
. tests/lib.sh
data=../shared/data
[ -d $data/datasetjson ] || { skip twins "no $data"; exit 0; }
program=$O/trialseal
msg=$data/datasetjson/examples/sdtm pilot=$data/phuse-pilot-orig/sdtm csv=$data/safetydata/sdtm

# change_of FILE FILE [OPTION...]: how they differ
change_of() { "$program" --json compare "$@" | sed -n 's/.*"change":"\([a-z-]*\)".*/\1/p'; }

# Laboratory results are stored with more digits in XPT than the JSON files print.
json_twins() {
    for xpt in "$msg"/*.xpt; do
        name=$(basename "$xpt" .xpt)
        for form in json ndjson dsjc; do
            found=$(change_of "$xpt" "$msg/$name.$form")
            case $name in
            lb) wanted=numeric-fuzz ;;
            *) wanted=metadata ;;
            esac
            [ "$found" = $wanted ] || { echo "$name.$form: $found"; return 1; }
        done
        [ "$(change_of "$msg/$name.json" "$msg/$name.ndjson")" = header ] || { echo "$name: json, ndjson"; return 1; }
    done
}
expect twins__dataset_json_is_its_xpt json_twins

# R wrote the CSV files: NA where nothing is; CMDOSE is 0.39999999999999997 in XPT and 0.4 in CSV.
csv_twins() {
    for name in cm dm ds mh relrec sc se suppds sv ta te ti tv; do
        found=$(change_of "$csv/$name.csv" "$pilot/$name.xpt" --define "$pilot/define.xml" --missing NA)
        case $name in
        cm) wanted=numeric-fuzz ;;
        *) wanted=metadata ;;
        esac
        [ "$found" = $wanted ] || { echo "$name: $found"; return 1; }
    done
}
expect twins__csv_with_a_define_xml_is_its_xpt csv_twins
