#!/bin/sh
# sample-data is what its generator writes, and each transfer is what its manifest says.
set -eu
. tests/lib.sh

if command -v zip >/dev/null; then
    sample-data/generate "$scratch/nights"
    expect sample_data__is_what_the_generator_writes diff -r sample-data/nights "$scratch/nights"
else
    skip sample_data__is_what_the_generator_writes "no zip"
fi

all_manifests_hold() {
    find sample-data/nights -name '*.sha256' | while read -r manifest; do
        (cd "$(dirname "$manifest")" && sha256sum -c --strict --quiet "$(basename "$manifest")") || return 1
    done
}
expect sample_data__agrees_with_its_manifests all_manifests_hold

files_equal() { cmp "$1" "$2"; }
first=sample-data/nights/1/DEMO-101_2026-01-12 second=sample-data/nights/2/DEMO-101_2026-01-13
expect sample_data__has_an_unchanged_file files_equal $first/dm.csv $second/dm.csv

# TS-140: the library and member headers, where the time stamps are, end before byte 561.
same_after_headers() { cmp -i 560 $first/ex.xpt $second/ex.xpt; }
expect sample_data__has_a_change_of_header_only same_after_headers
refuses sample_data__has_other_time_stamps_in_that_header differ files_equal $first/ex.xpt $second/ex.xpt
