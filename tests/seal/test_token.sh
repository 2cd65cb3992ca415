#!/bin/sh
# Tokens that `openssl ts` made: which are good, and which are not; and that openssl ts -verify agrees.
. tests/lib.sh
for tool in openssl python3; do
    command -v $tool >/dev/null || { skip test_token "$tool is not installed"; exit 0; }
done
check=$(pwd)/$O/tests/bin/seal_check
authority="python3 $(pwd)/tests/job/authority.py"
cd "$scratch" || exit 1
echo 'the data' >data
echo 'other data' >other
for kind in EC RSA; do $authority make "$scratch/$kind" $kind || exit 1; done

# stamp FOLDER TOKEN [DIGEST]
stamp() {
    openssl ts -query -data data "-${3:-sha256}" -cert -out query.tsq 2>log &&
        openssl ts -reply -config "$1/tsa.cnf" -queryfile query.tsq -out "$2" 2>log
}
says() {
    wanted=$1
    shift
    said=$("$check" "$@")
    case $said in *"$wanted"*) ;; *) echo "it said: $said"; return 1 ;; esac
}
ts_verify() { openssl ts -verify -data "$1" -in "$2" -CAfile "$3" ${4:+-attime "$4"} >log 2>&1; }

for kind in EC RSA; do
    for digest in sha256 sha384 sha512; do
        stamp $kind $kind-$digest.tsr $digest
        expect token__of_${kind}_with_$digest says good data $kind-$digest.tsr $kind/root.pem
        expect token__of_${kind}_with_${digest}_for_openssl ts_verify data $kind-$digest.tsr $kind/root.pem
    done
done
expect token__names_its_authority says 'good CN=Time stamps,O=Test unknown' data EC-sha256.tsr EC/root.pem
expect token__over_other_bytes says 'format: ' other EC-sha256.tsr EC/root.pem
expect token__by_an_unknown_authority says 'state: no certificate' data EC-sha256.tsr RSA/root.pem
stamp EC sha1.tsr sha1 2>/dev/null
expect token__that_was_refused says 'state: the authority refused' data sha1.tsr EC/root.pem
expect token__that_is_empty says 'format: ' data /dev/null EC/root.pem
expect token__that_is_none says 'format: ' data data EC/root.pem
{ cat EC-sha256.tsr; echo; } >longer.tsr
expect token__with_bytes_behind_it says 'format: ' data longer.tsr EC/root.pem
expect roots__that_are_none says 'tsa.pem' data EC-sha256.tsr data
cat EC/root.pem EC/root.key >key.pem
expect roots__with_a_private_key says 'something else than certificates' data EC-sha256.tsr key.pem
openssl ts -query -data data -sha256 -out bare.tsq 2>log
openssl ts -reply -config EC/tsa.cnf -queryfile bare.tsq -out bare.tsr 2>log
expect token__without_its_certificate says 'format: ' data bare.tsr EC/root.pem

# Bits flipped in each byte, and every length that is too short: none says another time or authority.
expect token__altered_in_each_byte sh -c "[ \"\$('$check' data RSA-sha256.tsr RSA/root.pem bytes | tail -n 1)\" = 0 ]"

for profile in lax more; do
    $authority sign "$scratch/RSA" 864000 $profile
    openssl ts -reply -config RSA/tsa.cnf -queryfile query.tsq -out $profile.tsr 2>log || cp EC-sha256.tsr $profile.tsr
    expect token__by_a_certificate_that_is_$profile sh -c "'$check' data $profile.tsr RSA/root.pem | grep -q ^state"
done

# --- CRLs: by reason and by time ---

cp EC-sha256.tsr before.tsr
$authority revoke "$scratch/EC" none
expect crl__that_names_nobody says 'Test known' data before.tsr EC/root.pem EC/crl.pem
cat EC/root.pem EC/crl.pem >with-crl.pem
expect crl__in_tsa_pem_counts says 'Test known' data before.tsr with-crl.pem
$authority revoke "$scratch/RSA" none
expect crl__of_another_authority_says_nothing says 'Test unknown' data before.tsr EC/root.pem RSA/crl.pem
sleep 2
cp -r EC superseded && sed -i "s|$scratch/EC|$scratch/superseded|" superseded/tsa.cnf
$authority revoke "$scratch/superseded" superseded
expect crl__revoked_after_the_stamp says good data before.tsr EC/root.pem superseded/crl.pem
sleep 1
stamp EC after.tsr
expect crl__revoked_before_the_stamp says 'state: a certificate of its authority was revoked' data after.tsr EC/root.pem superseded/crl.pem
for reason in keyCompromise missing; do
    cp -r EC "$reason" && sed -i "s|$scratch/EC|$scratch/$reason|" "$reason/tsa.cnf"
    $authority revoke "$scratch/$reason" "$reason"
    expect "crl__with_the_reason_$reason" says 'state: a certificate of its authority was revoked' data before.tsr EC/root.pem "$reason/crl.pem"
done

# --- after the end of the certificate ---

$authority sign "$scratch/EC" 2
stamp EC short.tsr
at=$(date +%s)
sleep 3
stamp EC expired.tsr
expect token__is_good_when_its_certificate_has_ended says good data short.tsr EC/root.pem
expect token__is_good_for_openssl_at_its_time ts_verify data short.tsr EC/root.pem "$at"
expect token__of_an_ended_certificate says 'certificate has expired' data expired.tsr EC/root.pem
