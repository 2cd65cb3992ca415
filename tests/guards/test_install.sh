#!/bin/sh
# make install puts what is needed where DESTDIR and PREFIX say, and what it installs runs from there.
set -eu
. tests/lib.sh

if [ "$O" != out ] || ! [ -e out/trialseal ]; then
    skip install "only out/, with its programs, is installed"
    exit 0
fi
unset MAKEFLAGS MAKELEVEL
expect install__succeeds make -s install DESTDIR="$scratch/root" PREFIX=/usr
usr=$scratch/root/usr

all_there() {
    for file in bin/trialseal bin/trialseal-verify bin/trialseal-verify-static \
        share/trialseal/verify-with-stock-tools.sh share/doc/trialseal/README.md share/doc/trialseal/LICENSE; do
        [ -e "$usr/$file" ] || { echo "$file is missing"; return 1; }
    done
}
expect install__puts_programs_script_and_documents all_there

nothing_elsewhere() { [ -z "$(find "$scratch/root" -type f ! -path "$usr/*" | tee /dev/stderr)" ]; }
expect install__writes_nowhere_else nothing_elsewhere

runs() { "$usr/bin/$1" --version; }
expect install__trialseal_runs runs trialseal
expect install__verifier_runs runs trialseal-verify
expect install__static_verifier_runs runs trialseal-verify-static
