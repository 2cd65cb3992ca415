# Bundles that must not be taken for good, and earlier ones to compare with.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
make_study() { # HOME ORIGIN STUDY TEXT: one dataset; its bundle is HOME.zip, its trust folder HOME-trust
    trialseal init "$1" --origin "$2" --test
    trialseal -C "$1" --now 2026-01-11T12:00:00Z study add "$3"
    trialseal -C "$1" trust export "$3" "$1-trust" >fingerprint
    add "$1" "$3" "$4"
}
add() { # HOME STUDY TEXT: one more revision, and a new bundle
    printf 'A\n%s\n' "$3" >dm.csv
    trialseal -C "$1" --now 2026-01-12T02:00:00Z submit "$2" dm.csv
    trialseal -C "$1" --now 2026-01-12T02:00:00Z bundle "$2" -o "$1.zip"
}
make_study a demo.example S1 1
make_study b other.example S2 1
cp a.zip earlier.zip
cp -R a c
add a S1 2
add c S1 3
add c S1 4

run trialseal_verify --trust a-trust a.zip
run trialseal_verify a.zip
run trialseal_verify --trust b-trust a.zip
run trialseal_verify --trust nowhere a.zip
run trialseal_verify --trust a-trust nothing.zip
run trialseal_verify --trust a-trust a-trust
run trialseal_verify --trust a-trust dm.csv
run trialseal_verify --json --trust a-trust dm.csv
head -c 2000 a.zip >short.zip
run trialseal_verify --trust a-trust short.zip
run trialseal_verify --trust a-trust --previous earlier.zip a.zip
run trialseal_verify --trust a-trust --previous a.zip earlier.zip
run trialseal_verify --trust a-trust --previous b.zip a.zip
run trialseal_verify --trust a-trust --previous short.zip a.zip
run trialseal_verify --trust a-trust --previous a.zip c.zip
run trialseal_verify --trust a-trust --previous c.zip a.zip
mkdir both
cat a-trust/allowed_signers b-trust/allowed_signers >both/allowed_signers
{ grep '^log' a-trust/policy; cat b-trust/policy; } >both/policy
run trialseal_verify --trust both --previous b.zip a.zip
mkdir half-trust
cp a-trust/policy half-trust
run trialseal_verify --trust half-trust a.zip
cp -R a-trust sealed
echo authority >sealed/tsa.pem
run trialseal_verify --trust sealed a.zip
