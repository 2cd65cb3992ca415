#!/bin/sh
# A file of each format as it is, and cut off in the middle, through the real program: taken in, or held
# with an issue that says where. All other cuts are in tests/dataset/test_damage.py.
set -eu
. tests/job/home.sh
new_home "$home"
seeds=tests/fuzz/seeds

# damaged NAME SEED BYTES PLACE: whole it is taken in; its first BYTES are held, and PLACE is named
damaged() {
    mkdir -p "$scratch/whole" "$scratch/cut"
    cp "$seeds/$2" "$scratch/whole/$1"
    head -c "$3" "$seeds/$2" >"$scratch/cut/$1"
    ends 0 at 02 submit S1 "$scratch/whole/$1" && ends 1 at 02 submit S1 "$scratch/cut/$1" || return 1
    grep -qE "^  $1: .*$4.*\(format-malformed\)\$" "$scratch/said" || { echo "$1: no '$4' in $(cat "$scratch/said")"; return 1; }
}

expect submit__holds_a_csv_that_is_cut_within_quotes damaged quoted.csv csv/quoted.csv 17 'line 2: a quote'
expect submit__holds_an_xpt_5_that_is_cut damaged five.xpt xpt/small_v5.xpt 640 'offset 640: the file ends'
expect submit__holds_an_xpt_8_that_is_cut damaged eight.xpt xpt/small_v8.xpt 1040 'offset 1040: says that it has'
expect submit__holds_a_json_that_is_cut damaged one.json dataset_json/plain.json 300 'line [0-9]+, offset 300'
expect submit__holds_an_old_json_that_is_cut damaged old.json dataset_json/old.json 300 'line [0-9]+, offset 300'
expect submit__holds_lines_that_are_cut damaged two.ndjson dataset_json/lines.ndjson 349 'line [0-9]+, offset [0-9]+'
expect submit__holds_a_gzip_that_is_cut damaged three.dsjc dataset_json/gzip.dsjc 200 'offset 200 of the compressed stream: cut off'
expect submit__holds_a_zlib_that_is_cut damaged four.dsjc dataset_json/zlib.dsjc 200 'offset 200 of the compressed stream: cut off'
expect submit__holds_a_define_xml_that_is_cut damaged define.xml define/small.xml 1700 'line [0-9]+: '
expect submit__holds_a_csv_schema_that_is_cut damaged lb.schema.json csv_schema/lb.json 400 'line [0-9]+, offset 400'
