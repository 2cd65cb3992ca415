#!/bin/sh
# content.sh FOLDER: what it costs to read a dataset and to digest what it says, in a new folder, as lines for table.awk in
# its file results. One processor is taskset's; with the second one it depends on what else runs here.
#
#   BENCH_RUNS=9    pairs of a row
#   BENCH_MB=448    size of the CSV file; the others have their share of it
set -eu
O=$(cd "${O:-out}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 runs=${BENCH_RUNS:-9} mb=${BENCH_MB:-448}
PATH=$O:$O/tests/bin:$O/tests/bench:$PATH
mkdir "$folder"
cd "$folder"

bench_data csv "$mb" >lb.csv
bench_data unsorted "$mb" >unsorted.csv
bench_data xpt $((mb * 310 / 448)) >lb.xpt
bench_data ndjson $((mb * 92 / 448)) >lb.ndjson
sed 's/\r$//' lb.csv >again.csv # the same data in other bytes

# pairs WHAT OURS BESIDE THEIRS AIM
pairs() {
    run=0
    while [ "$run" -lt "$runs" ]; do
        run=$((run + 1))
        ours=$(measure sh -ec "$2")
        theirs=$(measure sh -ec "$4")
        printf 'pair\t%s\t%s\t%s\t%s\t%s\n' "$1" "$3" "$5" "$ours" "$theirs" >>results
    done
}

# stages FILE: of one reading on one processor, each with all that comes before it
stages() {
    run=0
    while [ "$run" -lt "$runs" ]; do
        run=$((run + 1))
        for stage in read bytes rows records digests keys all; do
            # shellcheck disable=SC2086 # of words
            printf 'stage\t%s\t%s\t%s\t%s\n' "$1" "$stage" "$2" "$(measure $one content_time "$stage" "$1")" >>results
        done
    done
}

one="taskset -c $(taskset -cp $$ | sed 's/.*[:,-] *//')"
pairs 'notarize CSV, 1 processor' "$one content_time all lb.csv" 'openssl dgst -sha256' 'openssl dgst -sha256 lb.csv' '<= 3.5'
pairs 'notarize CSV, all processors' 'content_time all lb.csv' 'openssl dgst -sha256' 'openssl dgst -sha256 lb.csv' '<= 2.2'
pairs 'notarize CSV, all processors' 'content_time all lb.csv' 'sha256sum' 'sha256sum lb.csv' '<= 0.5'
pairs 'the same, rows not in order' "$one content_time all unsorted.csv" 'in order' "$one content_time all lb.csv" ''
pairs 'XPT to canonical records' 'content_time records lb.xpt' 'libreadstat, parse' 'parse_time xpt lb.xpt' '<= 0.125'
pairs 'NDJSON to rows' 'content_time rows lb.ndjson' 'yajl, parse' 'parse_time json lb.ndjson' '<= 0.4'
stages lb.csv "$(wc -l <lb.csv)"

# DuckDB comes from PyPI; without it that row is not there.
if python3 -m venv venv >pip.log 2>&1 && venv/bin/pip -q install duckdb==2.0.1 >>pip.log 2>&1; then
    pairs 'compare, CSV, the same data' 'trialseal compare lb.csv again.csv' 'DuckDB, EXCEPT both ways' \
        "venv/bin/python $here/equal.py lb.csv again.csv" '<= 0.2'
else
    echo "content.sh: no DuckDB: $(tail -n 1 pip.log)" >&2
fi
