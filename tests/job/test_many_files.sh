#!/bin/sh
# 5,000 files in one transfer: it must work, and not take quadratic time.
set -eu
. tests/job/home.sh

new_home "$home"
mkdir "$inbox/many"
awk -v folder="$inbox/many" 'BEGIN {
    for (i = 1; i <= 5000; i++) {
        file = sprintf("%s/d%04d.csv", folder, i)
        printf "STUDYID,SEQ\nS1,%d\n", i >file
        close(file)
    }
}'
list "$inbox/many"
expect many__5000_files_in_one_transfer silent at 13 run
expect many__5000_revisions grep -q '5000 expected, 5000 received: 5000 new' "$(receipt_of many)/receipt.txt"
at 13 trust export S1 "$scratch/trust" >/dev/null
expect many__bundle at 14 -q bundle S1 -o "$scratch/many.zip"
expect many__verifies "$verifier" --trust "$scratch/trust" "$scratch/many.zip"
expect many__check_is_good at 14 -q check
