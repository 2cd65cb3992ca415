#!/bin/sh
# Time seals of ledgers and bundles, by an authority on loopback that is `openssl ts`.
. tests/job/home.sh

for tool in openssl python3 unzip; do
    command -v $tool >/dev/null || { skip test_seal "$tool is not installed"; exit 0; }
done
authority=$(pwd)/tests/job/authority.py
python3 "$authority" make "$scratch/tsa" || exit 1
python3 "$authority" make "$scratch/rsa" RSA || exit 1
python3 "$authority" serve "$scratch/tsa" >"$scratch/port" &
server=$!
python3 "$authority" serve "$scratch/rsa" >"$scratch/rsa-port" &
rsa_server=$!
trap 'kill $server $rsa_server 2>/dev/null; rm -rf "$scratch"' EXIT
while [ ! -s "$scratch/port" ] || [ ! -s "$scratch/rsa-port" ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat "$scratch/port")
rsa_url=http://127.0.0.1:$(cat "$scratch/rsa-port")

# The home's clock is set, the authority's is not: so the days here are today's.
day=$(date -u +%Y-%m-%dT%H:%M:%SZ)
today() { "$program" -C "$home" --now "$day" "$@"; }

# asks PATH...: the authorities that the home asks, in that order
asks() {
    sed -i '/^\[seal\]/,$d' "$home/trialseal.conf"
    { echo '[seal]'; echo 'timeout = 2'; } >>"$home/trialseal.conf"
    for path in "$@"; do echo "authority = $path" >>"$home/trialseal.conf"; done
}

transfer() {
    mkdir "$inbox/$1" && csv "$inbox/$1/lb.csv" "$2" && list "$inbox/$1"
}

seals() { "$program" -C "$home" log S1 --json | grep -c '/entry/seal/v1'; }
kind_of_last() { "$program" -C "$home" log S1 --json | sed -n 's|.*/entry/\([a-z]*\)/v1.*|\1|p' | tail -n 1; }

"$program" init "$home" --origin test.example --test && today study add S1 || exit 1

# --- nobody to ask, nobody to believe ---

refuses seal__needs_an_authority 'no time-stamp authority is configured' today seal
asks "$url/"
refuses seal__needs_a_tsa_pem 'the home has no tsa.pem' today seal
expect run__tells_that_tsa_pem_is_missing ends 2 today run
cp "$scratch/tsa/root.pem" "$home/tsa.pem"
chmod 666 "$home/tsa.pem"
refuses seal__refuses_a_tsa_pem_that_others_can_write 'others have more access' today seal
chmod 644 "$home/tsa.pem"

# --- authorities that fail ---

for way in refuse garbage denied other; do
    asks "$url/$way"
    expect "seal__is_not_made_by_an_authority_that_does_$way" ends 1 today seal S1
    expect "seal__says_so_of_$way" grep -q seal-pending "$scratch/said"
done
asks "$url/hang"
began=$(date +%s)
expect seal__does_not_wait_for_ever ends 1 today seal S1
expect seal__does_not_wait_for_long [ $(($(date +%s) - began)) -lt 15 ]
asks "http://127.0.0.1:1/"
expect seal__survives_a_closed_port ends 1 today seal S1
transfer one 1
expect run__is_not_disturbed_by_a_dead_authority silent today run
expect run__took_the_transfer_in [ -n "$(receipt_of one)" ]
expect run__made_no_seal same "$(seals)" 0
expect report__says_that_a_seal_is_pending grep -q 'Pending</strong> since' "$outbox/report/index.html"
expect status__says_what_is_not_sealed says 'not sealed: what came from' today status
sed -i 's/^timeout/stale-hours = 1\ntimeout/' "$home/trialseal.conf"
expect status__tells_what_waits_too_long says seal-pending "$program" -C "$home" --now 2027-12-01T00:00:00Z status
asks "$url/"

# --- a seal ---

asks http://127.0.0.1:1/ "$url/refuse" "$url/"
expect run__seals_by_the_first_that_answers_well silent today run
expect run__wrote_a_seal_entry same "$(kind_of_last)" seal
expect report__says_what_is_sealed grep -q 'Existed before' "$outbox"/report/transfer-*.html
expect report__has_nothing_pending sh -c "! grep -q 'Pending</strong> since' '$outbox/report/index.html'"
today report S1 -o "$scratch/whole"
expect report__a_seal_changes_the_pages_of_what_it_covers diff -r "$outbox/report" "$scratch/whole/S1"
expect run__does_not_seal_again silent today run
expect run__made_one_seal same "$(seals)" 1
expect seal__says_that_nothing_is_to_do says 'nothing to do' today -v seal S1
expect seal__renew_makes_one_more ends 0 today seal renew S1
expect seal__made_two same "$(seals)" 2
expect status__shows_the_last_seal says 'sealed: the first' today status
expect status__shows_when_it_ends says "certificate ends on" today status
expect check__believes_the_seals ends 0 today check
expect check__says_nothing_of_seals sh -c "! grep -q seal- '$scratch/said'"
cp "$scratch/rsa/root.pem" "$home/tsa.pem"
expect check__tells_seals_that_nobody_vouches_for says seal-uncounted today check
cp "$scratch/tsa/root.pem" "$home/tsa.pem"
expect seal__tells_a_clock_that_differs says clock-differs "$program" -C "$home" --now 2027-12-02T00:00:00Z seal renew S1

day=2027-12-02T00:00:00Z
asks "$url/again"
expect seal__takes_an_answer_once ends 0 today seal renew S1
expect seal__refuses_an_answer_that_is_replayed ends 1 today seal renew S1
expect seal__says_that_it_is_of_another_request grep -q 'another request' "$scratch/said"
asks "$url/"

# --- bundles ---

day=2027-12-03T00:00:00Z
today trust export S1 "$scratch/trust" >/dev/null
expect trust__has_the_authorities cmp "$home/tsa.pem" "$scratch/trust/tsa.pem"
bundle=$scratch/one.zip
today bundle S1 -o "$bundle" >/dev/null 2>&1
verify() { "$program" verify --trust "$scratch/trust" "$@"; }
expect bundle__is_sealed says 'existed before' verify "$bundle"
expect bundle__is_verified ends 0 verify "$bundle"
expect verify__shows_the_ledgers_seal says 'The first' verify "$bundle"
expect verifier__is_not_green_where_it_cannot_check ends 1 "$verifier" --trust "$scratch/trust" "$bundle"
expect verifier__says_why grep -q trust-seal "$scratch/said"
mkdir "$scratch/plain" && cp "$scratch/trust/policy" "$scratch/trust/allowed_signers" "$scratch/plain"
expect verifier__is_green_where_no_seal_is_wanted ends 0 "$verifier" --trust "$scratch/plain" "$bundle"
expect verifier__says_that_seals_were_not_checked grep -q 'was not checked' "$scratch/said"
expect stock_tools__agree ends 0 "$stock_tools" --no-root "$scratch/trust" "$bundle"
expect stock_tools__say_so grep -q 'existed before' "$scratch/said"
expect oracle__agrees ends 0 python3 tests/oracle/verify_bundle.py --trust "$scratch/plain" "$bundle"
expect bundle__keeps_a_sealed_one sh -c "cp '$bundle' '$scratch/copy.zip'"
today bundle S1 -o "$bundle" >/dev/null 2>&1
expect bundle__leaves_a_sealed_one_alone cmp "$bundle" "$scratch/copy.zip"
asks "$url/refuse"
today bundle S1 -o "$scratch/unsealed.zip" >"$scratch/said" 2>&1
expect bundle__is_written_without_a_seal [ -s "$scratch/unsealed.zip" ]
expect bundle__says_that_it_is_not_sealed grep -q 'later: trialseal seal' "$scratch/said"
expect verify__wants_the_seal ends 1 verify "$scratch/unsealed.zip"
expect seal__seals_it_without_a_home ends 0 "$program" seal --authority "$url/" --trust "$home/tsa.pem" "$scratch/unsealed.zip"
expect verify__is_content_then ends 0 verify "$scratch/unsealed.zip"

python3 "$authority" revoke "$scratch/tsa" none
echo "crl = $scratch/tsa/crl.pem" >>"$home/trialseal.conf"
sed -i "s|/refuse|/|" "$home/trialseal.conf"
today bundle S1 -o "$scratch/crl.zip" >/dev/null 2>&1
expect bundle__carries_the_CRL says seals/001-crl.pem unzip -Z1 "$scratch/crl.zip"
expect verify__says_as_of_when_it_was_not_revoked says 'not revoked as of' verify "$scratch/crl.zip"
expect stock_tools__take_a_CRL ends 0 "$stock_tools" --no-root "$scratch/trust" "$scratch/crl.zip"
python3 "$authority" revoke "$scratch/tsa" keyCompromise
cp "$home/tsa.pem" "$scratch/good.pem"
cat "$scratch/tsa/crl.pem" >>"$scratch/trust/tsa.pem"
expect verify__refuses_the_seals_of_a_stolen_key says seal-untrusted verify "$scratch/crl.zip"
cp "$scratch/good.pem" "$scratch/trust/tsa.pem"

# What VERIFY.txt says about seals is what a shell does.
type_verify_text() {
    rm -rf "$scratch/typed" && mkdir "$scratch/typed"
    unzip -p "$1" '*/data/VERIFY.txt' | sed -n 's/^       //p' | sed '/^export/d; /^trialseal-verify/d' >"$scratch/typed/commands"
    (cd "$scratch/typed" && LC_ALL=C TZ=UTC TRUST=$scratch/trust BUNDLE=$1 sh ./commands) >"$scratch/said" 2>&1
    [ "$(grep -c 'Verification: OK' "$scratch/said")" -eq "$2" ] && ! grep -qE 'FAILED|^[<>]' "$scratch/said" && return
    cat "$scratch/said"
    return 1
}
expect verify_text__shows_the_seal type_verify_text "$bundle" 1

# --- renewals ---

cat "$scratch/tsa/root.pem" "$scratch/rsa/root.pem" >"$scratch/both.pem"
cp "$scratch/both.pem" "$scratch/trust/tsa.pem"
renew_here() { (cd "$scratch" && "$program" seal renew --authority "$rsa_url/" --trust both.pem copy.zip); }
expect renew__by_another_authority ends 0 renew_here
expect renew__verifies ends 0 verify "$scratch/copy.zip"
expect renew__with_SHA_512 ends 0 "$program" seal renew --hash sha512 --authority "$rsa_url/" --trust "$scratch/both.pem" "$scratch/copy.zip"
expect renew__with_SHA_512_verifies ends 0 verify "$scratch/copy.zip"
expect renew__once_more ends 0 "$program" seal renew --hash sha512 --authority "$url/" --trust "$scratch/both.pem" "$scratch/copy.zip"
expect renew__once_more_verifies ends 0 verify "$scratch/copy.zip"
expect renew__verify_text_shows_all type_verify_text "$scratch/copy.zip" 4
expect renew__lists_all_once same "$(unzip -Z1 "$scratch/copy.zip" | grep -c 'sha512.txt')" 1
expect renew__stock_tools_agree ends 0 "$stock_tools" --no-root "$scratch/trust" "$scratch/copy.zip"
expect renew__oracle_agrees ends 0 python3 tests/oracle/verify_bundle.py --trust "$scratch/plain" "$scratch/copy.zip"

# --- it waits: told by a night, but not by the first ---

asks http://127.0.0.1:1/
transfer waits 7
expect run__does_not_tell_at_once silent today run
day=2027-12-05T00:00:00Z
expect run__tells_what_waits_too_long says seal-pending today run
expect run__is_good_all_the_same ends 0 today run
asks "$url/"
expect run__seals_when_it_can_again ends 0 today run
kinds=$(entries)
expect run__adds_nothing_where_nothing_is_new silent today run
expect run__added_nothing same "$(entries)" "$kinds"

# --- by files ---

asks
mkdir "$scratch/carry"
expect bundle__without_network_wants_a_seal ends 1 today bundle S1 -o "$scratch/later.zip"
expect bundle__without_network_says_how grep -q 'seal request' "$scratch/said"
expect log__shows_seals says 'existed before' today log S1

expect request__for_a_study ends 0 today seal request S1 -o "$scratch/carry"
name=$(basename "$(find "$scratch/carry" -name '*.tsq')" .tsq)
curl_post() { python3 -c "
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], open(sys.argv[2], 'rb').read(), {'Content-Type': 'application/timestamp-query'})
open(sys.argv[3], 'wb').write(urllib.request.urlopen(request).read())" "$1" "$2" "$3"; }
expect request__is_over_the_text_beside_it sh -c "openssl ts -query -in '$scratch/carry/$name.tsq' -text | grep -A3 'Message data' | grep -q \"\$(sha256sum <'$scratch/carry/$name.txt' | cut -c1-2)\""
curl_post "$url/other" "$scratch/carry/$name.tsq" "$scratch/carry/$name.tsr"
refuses import__of_an_answer_to_another_request '' today seal import "$scratch/carry/$name.tsr"
curl_post "$url/" "$scratch/carry/$name.tsq" "$scratch/carry/$name.tsr"
before=$(seals)
day=2027-12-08T00:00:00Z
transfer two 2
today run >/dev/null 2>&1
expect import__of_a_study_that_has_grown ends 0 today seal import "$scratch/carry/$name.tsr"
expect import__made_a_seal same "$(seals)" $((before + 1))
rm "$scratch/carry/$name.tsq"
refuses import__without_its_request 'beside the answer' today seal import "$scratch/carry/$name.tsr"
expect request__for_a_bundle ends 0 today seal request "$scratch/copy.zip" -o "$scratch/carry"
curl_post "$url/" "$scratch/carry/copy-seal-005.tsq" "$scratch/carry/copy-seal-005.tsr"
expect import__for_a_bundle ends 0 today seal import "$scratch/carry/copy-seal-005.tsr" --bundle "$scratch/copy.zip"
expect import__for_a_bundle_verifies ends 0 verify "$scratch/copy.zip"
expect check__is_content_at_the_end ends 0 today check
expect rebuild__gives_the_same_catalog ends 0 today rebuild
expect check__is_content_after_a_rebuild ends 0 today check

# --- killed at each step of sealing a study and a bundle ---

day=2027-12-09T00:00:00Z
asks "$url/"
transfer three 3
today run >/dev/null 2>&1
before=$(seals)

# kill_at CALL N COMMAND...: killed at the n-th call of that name
kill_at() {
    call=$1 nth=$2
    shift 2
    strace -f -qq -e trace="$call" -e inject="$call":signal=KILL:when="$nth" -o "$scratch/trace" "$@" >/dev/null 2>&1 || true
}
study_survives() {
    n=1
    while [ $n -le 12 ]; do
        kill_at "$1" $n "$program" -C "$home" --now "$day" seal renew S1
        today -q seal S1 >"$scratch/said" 2>&1 || { echo "$1 $n: seal: $(cat "$scratch/said")"; return 1; }
        today -q check >"$scratch/said" 2>&1 || { echo "$1 $n: check: $(cat "$scratch/said")"; return 1; }
        n=$((n + 3))
    done
}
bundle_survives() {
    n=1
    while [ $n -le 3 ]; do
        cp "$bundle" "$scratch/killed.zip"
        kill_at "$1" $n "$program" seal renew --authority "$url/" --trust "$home/tsa.pem" "$scratch/killed.zip"
        verify "$scratch/killed.zip" >"$scratch/said" 2>&1 || { echo "$1 $n: $(cat "$scratch/said")"; return 1; }
        n=$((n + 1))
    done
}
if command -v strace >/dev/null && strace -qq -o "$scratch/trace" true 2>/dev/null && [ "${O#*asan}" = "$O" ]; then
    for call in fsync renameat pwrite64; do
        expect "killed__a_study_survives_each_$call" study_survives $call
    done
    for call in fsync renameat; do
        expect "killed__a_bundle_survives_each_$call" bundle_survives $call
    done
    expect killed__some_seals_were_made [ "$(seals)" -gt "$before" ]
else
    skip killed__a_study_survives "strace is missing or may not trace here"
fi
