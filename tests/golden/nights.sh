# Three nights of the sample study, and what can be asked afterwards.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
night() { # NUMBER TIME
    cp -R "$samples/$1"/* home/inbox/DEMO-101
    run trialseal --now "$2" run
}
trialseal init home --origin demo.example --test
trialseal --now 2026-01-11T12:00:00Z study add DEMO-101
night 1 2026-01-12T02:00:00Z
night 2 2026-01-13T02:00:00Z
night 3 2026-01-14T02:00:00Z
cp -R "$samples/3/DEMO-101_2026-01-14a" home/inbox/DEMO-101
run trialseal -v --now 2026-01-15T02:00:00Z run
run trialseal log DEMO-101
run trialseal show DEMO-101
run trialseal show demo-101
run trialseal show DEMO-101/lb
run trialseal show DEMO-101/LB@2
run trialseal show DEMO-101/XX
run trialseal show 'DEMO-101#13'
run trialseal status
run trialseal get DEMO-101/ex@1 -o ex.xpt
cp "$samples/1/DEMO-101_2026-01-12/ex.xpt" sent.xpt
run cmp ex.xpt sent.xpt
run trialseal get DEMO-101/LB@9 -o lb.csv
run trialseal get 'DEMO-101#13' -o -
run trialseal get 'DEMO-101#2' -o transfer
run trialseal --now 2026-01-15T09:00:00Z bundle DEMO-101 -o all.zip
run trialseal --now 2026-01-15T09:00:00Z bundle DEMO-101 -o lb.zip --dataset lb --since 10
run trialseal --now 2026-01-15T09:00:00Z bundle DEMO-101 -o none.zip --no-data
run trialseal --now 2026-01-15T09:00:00Z bundle DEMO-101 --no-data --dataset LB
run trialseal --now 2026-01-15T09:00:00Z bundle DEMO-101 --dataset XX
run trialseal --now 2026-01-14T09:00:00Z bundle DEMO-101 --dataset VS -o vs.zip
run trialseal trust export DEMO-101 trust
run trialseal verify --trust trust all.zip
run trialseal_verify --trust trust lb.zip
run trialseal_verify --trust trust none.zip
run trialseal -v --now 2026-01-15T10:00:00Z withdraw DEMO-101/dm@1 --reason 'Sent by mistake'
run trialseal --now 2026-01-15T10:00:00Z withdraw DEMO-101/DM@1 --reason 'Sent by mistake'
run trialseal show DEMO-101/DM
run trialseal get DEMO-101/DM -o dm.csv
run trialseal get DEMO-101/DM@1 -o dm.csv
run trialseal --now 2026-01-15T11:00:00Z bundle DEMO-101 -o later.zip
run trialseal_verify --trust trust --previous all.zip later.zip
run trialseal -v check
run trialseal -v rebuild
run trialseal check
run trialseal log DEMO-101
