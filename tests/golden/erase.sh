# What is said when something is erased, and afterwards.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
trialseal init home --origin demo.example --test
trialseal --now 2026-01-11T12:00:00Z study add DEMO-101
for night in 1 2 3; do
    cp -R "$samples/$night"/* home/inbox/DEMO-101
    trialseal --now "2026-01-1${night}T22:00:00Z" -q run >/dev/null 2>&1 || true
done
trialseal --now 2026-01-15T09:00:00Z -q bundle DEMO-101 --no-data -o before.zip
trialseal trust export DEMO-101 trust >/dev/null
run trialseal erase DEMO-101/LB@1
run trialseal erase DEMO-101/LB --reason x
run trialseal erase 'DEMO-101#1' --reason x
run trialseal erase DEMO-101/LB@1 --dry-run
run trialseal --json erase DEMO-101/LB@1 --dry-run
run trialseal --now 2026-01-16T09:00:00Z erase DEMO-101/LB@1 --reason 'A subject asked for it'
run trialseal --now 2026-01-16T09:00:00Z erase DEMO-101/LB@1 --reason 'Twice'
run trialseal --now 2026-01-16T09:00:00Z erase 'DEMO-101#2' --reason 'A name in it'
run trialseal --now 2026-01-16T09:00:00Z erase 'DEMO-101#13' --reason 'A name in it'
run trialseal --now 2026-01-16T09:00:00Z -q erase 'DEMO-101#18' --reason 'A bundle is not here'
run trialseal log DEMO-101
run trialseal show DEMO-101/LB
run trialseal show DEMO-101/LB@1
run trialseal get DEMO-101/LB@1 -o lb.csv
run trialseal show 'DEMO-101#20'
cp -R "$samples/1/DEMO-101_2026-01-12" home/inbox/DEMO-101/again
rm home/inbox/DEMO-101/again/MANIFEST.sha256
(cd home/inbox/DEMO-101/again && sha256sum -- *.* >../list && mv ../list MANIFEST.sha256)
run trialseal --now 2026-01-17T02:00:00Z run
run trialseal --now 2026-01-17T09:00:00Z -v check
run trialseal --now 2026-01-17T09:00:00Z status
trialseal --now 2026-01-17T09:00:00Z -q bundle DEMO-101 -o after.zip
run trialseal_verify --trust trust --previous before.zip after.zip
