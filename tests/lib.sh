# For test scripts: . tests/lib.sh
# One line a test is what tests/run.c counts; a script exits 0 unless it could not run.
# shellcheck shell=sh disable=SC2034
O=${O:-out}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; }
skip() { echo "skip $1: $2"; }

# expect NAME COMMAND...: ok if the command succeeds, else what it printed
expect() {
    test=$1
    shift
    if said=$("$@" 2>&1); then ok "$test"; else not_ok "$test" "$(echo "$said" | head -n 5 | tr '\n' ' ')"; fi
}

# refuses NAME WORD COMMAND...: ok if the command fails and says WORD
refuses() {
    test=$1 word=$2
    shift 2
    if said=$("$@" 2>&1); then
        not_ok "$test" "it was accepted"
    elif echo "$said" | grep -qF -- "$word"; then
        ok "$test"
    else
        not_ok "$test" "it did not say '$word' but: $(echo "$said" | head -n 3 | tr '\n' ' ')"
    fi
}
