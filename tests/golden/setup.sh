# A home and its studies.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
run trialseal status
run trialseal -C '' status
run trialseal init home
run trialseal init home --origin 'two words'
run trialseal -v init home --origin demo.example --test
run trialseal init home --origin demo.example
run trialseal --now 2026-01-11T12:00:00Z status
run trialseal -v --now 2026-01-11T12:00:00Z study add DEMO-101
run trialseal --now 2026-01-11T12:00:00Z study add DEMO-101
run trialseal --now 2026-01-11T12:00:00Z study add demo-101
run trialseal --now 2026-01-11T12:00:00Z study add 'DEMO 101'
run trialseal --json --now 2026-01-11T12:00:00Z study add DEMO-102
run trialseal study list
run trialseal study show DEMO-101
run trialseal study show DEMO-103
run trialseal --json study list
run trialseal key list
run trialseal --json key list
run trialseal status
run trialseal --json status
run trialseal log
run trialseal show 'DEMO-101#0'
run trialseal show 'DEMO-101#1'
run trialseal show 'DEMO-101#9'
run trialseal show DEMO-101
run trialseal trust export DEMO-101 trust
run cat trust/policy trust/allowed_signers
run trialseal run
run trialseal check
run trialseal init other --origin demo.example
run trialseal -C other --now 2026-01-11T12:00:00Z status
chmod 644 home/keys/notary
run trialseal status
