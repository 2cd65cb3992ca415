#!/bin/sh
# datasets.sh FOLDER COUNT: that many small CSV files in a new folder, each another dataset
set -eu
mkdir -p "$1"
i=0
while [ "$i" -lt "$2" ]; do
    i=$((i + 1))
    printf 'STUDYID,USUBJID,VISIT,RESULT\nBENCH-1,BENCH-1-%d,1,%d\nBENCH-1,BENCH-1-%d,2,%d\n' \
        "$i" $((i * 7 % 100)) "$i" $((i * 11 % 100)) >"$1/ds$i.csv"
done
