#!/bin/sh
# Each scenario in tests/golden/NAME.sh is run in a folder of its own; what its commands printed, and how
# they ended, must be tests/golden/NAME.txt. UPDATE=1 writes those files anew: read the difference then.
set -eu
. tests/lib.sh
project=$(pwd)
golden=$project/tests/golden
# shellcheck disable=SC2034 # the scenarios use it
samples=$project/sample-data/nights
case $O in
/*) programs=$O ;;
*) programs=$project/$O ;;
esac
version=$("$programs/trialseal" --version)

trialseal() { "$programs/trialseal" "$@"; }
trialseal_verify() { "$programs/trialseal-verify" "$@"; }

# run COMMAND...: writes down the command, its output, its errors behind "! ", and how it ended
run() {
    echo "\$ $*"
    status=0
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    cat "$scratch/out"
    sed 's/^/! /' "$scratch/err"
    [ "$status" -eq 0 ] || echo "[exit $status]"
}

# The same every time: another version, folder or zlib must not matter.
steady() {
    sed -e "s|$scratch/[a-z-]*/||g" -e "s|$scratch|FOLDER|g" -e "s|$version|trialseal VERSION|g" \
        -e "s|version: ${version#* }\$|version: VERSION|" \
        -e 's|\(  issued .*, \)[0-9]* bytes|\1N bytes|' -e 's|127.0.0.1:[0-9]*|127.0.0.1:PORT|g' \
        -e 's|^    SHA-256 [0-9a-f]\{64\}$|    SHA-256 HASH|'
}

# shellcheck disable=SC1090 # the scenarios
scenario() {
    mkdir "$scratch/$1"
    (cd "$scratch/$1" && TRIALSEAL_HOME=home && export TRIALSEAL_HOME && . "$golden/$1.sh") 2>&1 | steady
}

for file in "$golden"/*.sh; do
    name=$(basename "$file" .sh)
    scenario "$name" >"$scratch/$name.txt"
    if [ -n "${UPDATE:-}" ]; then
        cp "$scratch/$name.txt" "$golden/$name.txt"
    fi
    expect "golden__$name" diff -u "$golden/$name.txt" "$scratch/$name.txt"
done
