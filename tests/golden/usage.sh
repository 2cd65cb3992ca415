# What is said to those who ask, and to those who ask for what there is not.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
run trialseal --version
run trialseal help
run trialseal help study
run trialseal get --help
run trialseal help rebuild
run trialseal_verify --help
run trialseal
run trialseal nonsense
run trialseal help nonsense
run trialseal study
run trialseal study nonsense
run trialseal --nonsense status
run trialseal status --nonsense
run trialseal status -x
run trialseal status --json=yes
run trialseal status more
run trialseal submit DEMO-101
run trialseal submit DEMO-101 file --id 1 --id 2
run trialseal -q -v status
run trialseal --now yesterday status
run trialseal --now 2026-01-01T00:00:00Z help
run trialseal verify --trust
run trialseal verify
run trialseal --json nonsense
run trialseal get DEMO-101/LB
run trialseal --json get DEMO-101/LB -o -
run trialseal show 'DEMO-101#x'
run trialseal show DEMO-101/LB@
run trialseal show DEMO-101/../LB
run trialseal withdraw DEMO-101/LB@1
run trialseal withdraw DEMO-101/LB --reason Because
run trialseal_verify
run trialseal_verify --nonsense bundle.zip
