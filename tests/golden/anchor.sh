# A home that is put back to yesterday's copy, and an anchor that remembers.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
at() { trialseal --now "$@"; }
trialseal init home --origin demo.example --test
mkdir anchor
sed -i "s|^# anchor = .*|anchor = $PWD/anchor|" home/trialseal.conf
at 2026-01-11T12:00:00Z study add DEMO-101
mkdir two-formats
cp "$samples/1/DEMO-101_2026-01-12/ae.xpt" "$samples/1/DEMO-101_2026-01-12/dm.csv" two-formats
mv two-formats/dm.csv two-formats/ae.csv
run at 2026-01-12T02:00:00Z -v submit DEMO-101 two-formats
run trialseal get DEMO-101/AE -o ae
run trialseal show DEMO-101/AE
run trialseal status
cp -R home yesterday
cp "$samples/2/DEMO-101_2026-01-13/lb.csv" lb.csv
run at 2026-01-13T02:00:00Z submit DEMO-101 lb.csv --reason "Central laboratory's first data"
run trialseal status
mv anchor elsewhere
run trialseal status
run at 2026-01-14T02:00:00Z submit DEMO-101 lb.csv
mv elsewhere anchor
rm -r home
cp -R yesterday home
run trialseal status
run trialseal --json status
run at 2026-01-14T02:00:00Z run
run at 2026-01-14T02:00:00Z submit DEMO-101 lb.csv
run trialseal status
run at 2026-01-14T03:00:00Z check
run at 2026-01-14T03:00:00Z rebuild --known anchor/demo.example+DEMO-101/checkpoint
run at 2026-01-14T03:00:00Z --json check
rm -r home
mv yesterday home
run at 2026-01-14T02:00:00Z submit DEMO-101 lb.csv
