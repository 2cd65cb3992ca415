# Transfers that cannot be taken as they are, and homes that were tampered with.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
at() { trialseal --now "$@"; }
send() { # NAME FILE TEXT: a transfer of one file
    mkdir -p "home/inbox/DEMO-101/$1"
    printf '%s' "$3" >"home/inbox/DEMO-101/$1/$2"
    (cd "home/inbox/DEMO-101/$1" && sha256sum "$2" >MANIFEST.sha256)
}
trialseal init home --origin demo.example --test
at 2026-01-11T12:00:00Z study add DEMO-101

send empty ae.csv ''
run at 2026-01-12T02:00:00Z run
send altered ae.csv 'A,B'
echo 'A,C' >home/inbox/DEMO-101/altered/ae.csv
run at 2026-01-12T02:01:00Z run
send misnamed ae.txt 'plain text'
run at 2026-01-12T02:02:00Z run
send garbled dm.csv 'A,B'
echo 'not a manifest' >home/inbox/DEMO-101/garbled/MANIFEST.sha256
run at 2026-01-12T02:03:00Z run
mkdir home/inbox/DEMO-101/unfinished
touch -d 2026-01-12T02:00:00Z home/inbox/DEMO-101/unfinished
run at 2026-01-12T02:04:00Z run
run at 2026-01-12T02:04:00Z -v run
run at 2026-02-12T02:04:00Z run
run trialseal status
echo 'A,B' >lb.csv
run at 2026-02-12T03:00:00Z -v submit DEMO-101 lb.csv --id 7 --reason 'Central laboratory'
run at 2026-02-12T03:00:00Z -v submit DEMO-101 lb.csv --id 7
echo 'A,C' >lb.csv
run at 2026-02-12T03:00:00Z submit DEMO-101 lb.csv --id 7
run at 2026-02-12T03:00:00Z submit DEMO-101 nothing.csv
run at 2026-02-12T03:00:00Z submit DEMO-102 lb.csv
run at 2026-02-12T02:00:00Z submit DEMO-101 lb.csv
run trialseal log DEMO-101

object=$(find home/objects -type f -size -2 | sort | head -n 1)
cp "$object" kept
chmod u+w "$object"
echo 'something else' >"$object"
run at 2026-02-12T04:00:00Z check
cp kept "$object"
run at 2026-02-12T04:00:00Z -v check
cp home/ledger/DEMO-101/checkpoint kept
damage() { sed -i 's/^[0-9]*$/99/' home/ledger/DEMO-101/checkpoint; }
damage
run at 2026-02-12T04:00:00Z submit DEMO-101 lb.csv
run at 2026-02-12T04:00:00Z --json submit DEMO-101 lb.csv
run trialseal status
run at 2026-02-12T04:00:00Z check
cp kept home/ledger/DEMO-101/checkpoint
run at 2026-02-12T04:00:00Z check
run at 2026-02-12T04:00:00Z submit DEMO-101 lb.csv

# In the night that finds it, one study's trouble does not keep another from its night.
at 2026-02-12T04:00:00Z study add DEMO-102
mkdir home/inbox/DEMO-102/fine
echo 'A,B' >home/inbox/DEMO-102/fine/dm.csv
(cd home/inbox/DEMO-102/fine && sha256sum dm.csv >MANIFEST.sha256)
send fine ae.csv 'A,D'
damage
run at 2026-02-13T02:00:00Z -v run
run trialseal show DEMO-102
run at 2026-02-14T02:00:00Z run
