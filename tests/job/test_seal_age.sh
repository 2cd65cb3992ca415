#!/bin/sh
# Seals grow old: who is told, when, and what is done then. The authorities' clock is set, like the home's.
. tests/job/home.sh

for tool in openssl python3; do
    command -v $tool >/dev/null || { skip test_seal_age "$tool is not installed"; exit 0; }
done
authority=$(pwd)/tests/job/authority.py
# One whose certificate ends with May, one that lasts, and one whose key is short.
python3 "$authority" make "$scratch/old" EC 2026-01-01T00:00:00Z 2026-06-01T00:00:00Z || exit 1
python3 "$authority" make "$scratch/new" EC 2026-01-01T00:00:00Z 2036-06-01T00:00:00Z || exit 1
python3 "$authority" make "$scratch/rsa" RSA 2026-01-01T00:00:00Z 2040-06-01T00:00:00Z || exit 1
servers=
for name in old new rsa; do
    python3 "$authority" serve "$scratch/$name" >"$scratch/$name-port" &
    servers="$servers $!"
done
# shellcheck disable=SC2086 # several
trap 'kill $servers 2>/dev/null; rm -rf "$scratch"' EXIT
for name in old new rsa; do while [ ! -s "$scratch/$name-port" ]; do sleep 0.1; done; done

# on DATE COMMAND...: at 02:00
on() {
    moment=${1}T02:00:00Z
    shift
    for name in old new rsa; do echo "$moment" >"$scratch/$name/now"; done
    "$program" -C "$home" --now "$moment" "$@"
}
# asks NAME [LINE...]
asks() {
    sed -i '/^\[seal\]/,$d' "$home/trialseal.conf"
    printf '%s\n' '[seal]' "authority = http://127.0.0.1:$(cat "$scratch/$1-port")/" >>"$home/trialseal.conf"
    shift
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$home/trialseal.conf"
}
tells() { says 'S1: the newest seal must be renewed: its certificate ends on 2026-06-01T00:00:00Z; trialseal seal renew S1 (seal-ends)' "$@"; }
says_nothing_of_seals() { ends 0 "$@" && ! grep -F seal- "$scratch/said"; }
tells_and_is_good() { tells "$@" && ends 0 "$@"; }

"$program" init "$home" --origin test.example --test && on 2026-01-10 study add S1 >/dev/null || exit 1
cat "$scratch"/*/root.pem >"$home/tsa.pem"
asks old
expect age__a_new_seal_is_silent silent on 2026-02-01 run
expect age__of_120_days_is_silent silent on 2026-02-01 run
expect age__status_is_silent_too says_nothing_of_seals on 2026-03-01 status
expect age__run_is_silent_before_it_is_time silent on 2026-03-02 run
expect age__run_tells_it_90_days_before tells_and_is_good on 2026-03-03 run
expect age__run_does_not_tell_it_every_night silent on 2026-03-04 run
expect age__status_tells_it_always tells_and_is_good on 2026-03-04 status
expect age__check_tells_it_always tells_and_is_good on 2026-03-04 check
expect age__check_says_it_as_JSON says '"id":"seal-ends"' on 2026-03-04 --json check
expect age__seal_tells_it tells_and_is_good on 2026-03-04 seal
expect age__run_tells_it_again_after_a_month tells on 2026-04-02 run
expect age__run_is_silent_in_May silent on 2026-05-20 run
for day in 25 26 31; do expect "age__run_tells_it_in_the_last_week_on_May_$day" tells on "2026-05-$day" run; done
expect age__run_tells_it_when_it_is_over tells on 2026-06-03 run
expect age__what_is_over_is_not_bad ends 0 on 2026-06-03 check
asks old 'renew-days = 10'
expect age__renew_days_is_kept says_nothing_of_seals on 2026-05-20 status
expect age__renew_days_tells_on_the_first_day tells on 2026-05-22 status
asks old
expect age__renewed_by_the_same_certificate_is_told_again tells on 2026-05-22 seal renew S1

asks new
expect age__renewed_by_another_authority ends 0 on 2026-06-04 seal renew S1
expect age__then_run_is_silent silent on 2026-06-05 run
expect age__then_check_says_nothing says_nothing_of_seals on 2026-06-05 check
expect age__then_status_says_nothing says_nothing_of_seals on 2026-06-05 status
on 2026-06-05 bundle S1 -o "$scratch/S1.zip" >/dev/null 2>&1
on 2026-06-05 trust export S1 "$scratch/trust" >/dev/null
expect age__the_bundle_is_good ends 0 "$program" verify --trust "$scratch/trust" "$scratch/S1.zip"

# A root that comes with the bundle, in place of CRLs, makes no seal good: neither for us nor for the small verifier.
cat >"$scratch/smuggle.py" <<'PYTHON'
import sys
sys.path.insert(0, "tests/oracle")
import forge
bag = forge.Bag(open(sys.argv[1], "rb").read())
bag.files["seals/001-crl.pem"] = open(sys.argv[3], "rb").read()
open(sys.argv[2], "wb").write(bag.write())
PYTHON
python3 "$authority" revoke "$scratch/new" none
cat "$scratch/new/crl.pem" "$scratch/new/root.pem" >"$scratch/smuggled.pem"
cp "$scratch/rsa/root.pem" "$scratch/trust/tsa.pem"
python3 "$scratch/smuggle.py" "$scratch/S1.zip" "$scratch/crl.zip" "$scratch/new/crl.pem"
python3 "$scratch/smuggle.py" "$scratch/S1.zip" "$scratch/root.zip" "$scratch/smuggled.pem"
expect smuggled__control_is_sealed_by_nobody_known says seal-untrusted "$program" verify --trust "$scratch/trust" "$scratch/crl.zip"
expect smuggled__a_root_makes_no_seal_good ends 1 "$program" verify --trust "$scratch/trust" "$scratch/root.zip"
expect smuggled__a_root_is_seen says seal-malformed "$program" verify --trust "$scratch/trust" "$scratch/root.zip"
expect smuggled__a_root_is_seen_without_libcrypto says seal-malformed "$verifier" --trust "$scratch/trust" "$scratch/root.zip"
expect smuggled__is_not_sealed_again says 'is not a good bundle' "$program" seal renew --authority http://127.0.0.1:1/ --trust "$scratch/rsa/root.pem" "$scratch/root.zip"

# --- keys that are short ---

asks rsa
expect key__of_2048_bits_is_good_enough_now says_nothing_of_seals on 2026-07-01 seal renew S1
expect key__is_told_90_days_before_2031 says 'S1: the newest seal must be renewed: a key is too short from 2031-01-01T00:00:00Z; trialseal seal renew S1 (seal-ends)' on 2030-10-04 status
expect key__is_no_reason_to_refuse ends 0 on 2031-02-01 check
asks new 'hash = sha512'
expect key__renewed_with_another_hash ends 0 on 2031-02-01 seal renew S1
expect key__then_nothing_is_told says_nothing_of_seals on 2031-02-02 status
expect key__then_all_is_good ends 0 on 2031-02-02 check
