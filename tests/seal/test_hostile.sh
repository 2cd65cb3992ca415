#!/bin/sh
# Tokens, certificates and CRLs made to deceive. Of every token here `openssl ts -verify` at its time says
# what we say, except where we are stricter on purpose: then the test is by stricter and says why.
. tests/lib.sh
for tool in openssl python3; do
    command -v $tool >/dev/null || { skip test_hostile "$tool is not installed"; exit 0; }
done
check=$(pwd)/$O/tests/bin/seal_check
authority="python3 $(pwd)/tests/job/authority.py"
cd "$scratch" || exit 1
echo 'the data' >data
$authority make "$scratch/EC" EC && $authority make "$scratch/other" EC || exit 1
openssl ts -query -data data -sha256 -cert -out query.tsq 2>log || exit 1

# stamp TOKEN [SED-COMMAND for tsa.cnf]
stamp() {
    sed "${2:-}" EC/tsa.cnf >changed.cnf
    openssl ts -reply -config changed.cnf -queryfile query.tsq -out "$1" 2>log
}
ours() { "$check" data "$@"; }
theirs() { openssl ts -verify -data data -in "$1" -CAfile "$2" -attime "$(date +%s)" >log 2>&1; }

both_good() { theirs "$@" || { echo "openssl: $(tail -n 1 log)"; return 1; }; says 'good ' "$@"; }
both_bad() {
    wanted=$1
    shift
    if theirs "$@"; then echo 'openssl takes it'; return 1; fi
    says "$wanted" "$@"
}
# OpenSSL takes it, we do not.
stricter() {
    wanted=$1
    shift
    theirs "$1" "$2" || { echo "openssl does not take it, either: $(tail -n 1 log)"; return 1; }
    says "$wanted" "$@"
}
says() {
    wanted=$1
    shift
    said=$(ours "$@")
    case $said in *"$wanted"*) ;; *) echo "it said: $said"; return 1 ;; esac
}

stamp good.tsr
expect hostile__control both_good good.tsr EC/root.pem

# --- who signed ---

# A list of certificate hashes with SHA-1 is how most authorities did it for 15 years; the signature counts.
stamp v1.tsr 's/^ess_cert_id_alg.*/ess_cert_id_alg = sha1/'
expect token__with_ESSCertID_of_version_1 both_good v1.tsr EC/root.pem
# Stricter: whoever finds two texts with one SHA-1 could move a signature between them.
stamp weak.tsr 's/^signer_digest.*/signer_digest = sha1/'
expect token__signed_over_SHA_1 stricter 'state: it is signed with a hash that is too weak' weak.tsr EC/root.pem

# resign AUTHORITY TOKEN: what good.tsr says, by another signer; $cades adds the hash of its certificate
resign() {
    openssl ts -reply -in good.tsr -token_out -out good.token 2>log &&
        openssl cms -verify -noverify -nosigs -inform DER -in good.token -out info 2>log &&
        openssl cms -sign -binary -nodetach -nosmimecap $cades -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 \
            -signer "$1/signer.pem" -inkey "$1/signer.key" -outform DER -in info -out token 2>log &&
        python3 - "$2" <<'END'
import sys
body = bytes.fromhex("3003020100") + open("token", "rb").read()
open(sys.argv[1], "wb").write(b"\x30\x82" + len(body).to_bytes(2, "big") + body)
END
}
cades=-cades
resign EC resigned.tsr
expect token__that_was_signed_again both_good resigned.tsr EC/root.pem
cp -r EC renamed
sed "s|$scratch/EC|$scratch/renamed|" EC/tsa.cnf >renamed/tsa.cnf
openssl req -new -key renamed/signer.key -subj '/O=Test/CN=Somebody else' -config renamed/tsa.cnf -out renamed/signer.csr 2>log
$authority sign "$scratch/renamed"
resign renamed renamed.tsr
expect token__that_names_another_authority_than_signed both_bad 'state: its signature is not' renamed.tsr EC/root.pem
cades=
resign EC bare.tsr
expect token__that_does_not_name_its_certificate both_bad 'state: its signature is not' bare.tsr EC/root.pem

# --- what was asked ---

expect reply__that_is_the_answer says 'good ' good.tsr EC/root.pem request query.tsq
openssl ts -query -data data -sha256 -cert -out later.tsq 2>log
expect reply__to_another_request says 'format: it is the answer to another request' good.tsr EC/root.pem request later.tsq
openssl ts -query -data data -sha256 -cert -no_nonce -out plain.tsq 2>log
expect reply__to_a_request_without_nonce says 'format: it is the answer to another request' good.tsr EC/root.pem request plain.tsq

# --- when ---

day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
openssl ca -batch -notext -config EC/tsa.cnf -in EC/signer.csr -out future.pem -extensions signer \
    -startdate "$(day '+1 day')" -enddate "$(day '+9 days')" 2>log
stamp future.tsr "s|^signer_cert.*|signer_cert = $scratch/future.pem|"
expect token__before_its_certificate_is_valid both_bad 'not yet valid' future.tsr EC/root.pem

# --- what is trusted ---

for kind in pubkey csr; do
    case $kind in
    pubkey) openssl x509 -in EC/root.pem -pubkey -noout ;;
    csr) cat EC/signer.csr ;;
    esac | cat EC/root.pem - >"$kind.pem"
    expect "roots__with_a_$kind" says 'something else than certificates' good.tsr $kind.pem
done
cat other/root.pem EC/root.pem >two.pem
expect roots__of_two_authorities both_good good.tsr two.pem
expect roots__that_hold_the_signer_alone both_bad 'state: no certificate' good.tsr EC/signer.pem

# Nothing in the environment says what is good.
printf 'openssl_conf = all\n[all]\nalg_section = algorithms\n[algorithms]\ndefault_properties = nothing=yes\n' >hostile.cnf
in_hostile() { (
    export OPENSSL_CONF="$scratch/hostile.cnf" SSL_CERT_FILE="$scratch/EC/root.pem"
    "$@"
); }
expect environment__good_stays_good in_hostile says 'good ' good.tsr EC/root.pem
expect environment__names_no_root in_hostile says 'state: no certificate' good.tsr other/root.pem

# --- CRLs that say less than they seem to ---

# crl FILE [SECTION-LINE]
crl() {
    { cat EC/tsa.cnf && printf '[limits]\n%s\n[point]\n%s\n' "${2:-}" "${3:-}"; } >crl.cnf
    openssl ca -config crl.cnf -gencrl -crlexts limits -out "$1" 2>log
}
crl whole.pem 'authorityKeyIdentifier = keyid'
expect crl__that_is_complete_is_known says 'Test known' good.tsr EC/root.pem whole.pem
openssl crl -in whole.pem -outform DER -out whole.der
{ cat whole.der && echo; } >longer.der
same_pem() { "$check" crl "$1" >made.pem && openssl crl -in whole.pem | cmp - made.pem; }
expect crl__in_DER_becomes_PEM same_pem whole.der
expect crl__in_PEM_stays_what_it_is same_pem whole.pem
refuses crl__with_bytes_behind_it 'it is not a CRL' "$check" crl longer.der
refuses crl__that_is_a_certificate 'something else than CRLs' "$check" crl EC/root.pem
refuses crl__that_is_empty 'a CRL has 1 to' "$check" crl /dev/null
# The CRLs of a bundle come from whoever made the bundle: a root among them must not vouch for its token.
cat whole.pem EC/root.pem >smuggled.pem
for crls in EC/root.pem smuggled.pem; do
    expect "crls__with_a_root_trust_nobody_$(basename $crls .pem)" says 'something else than CRLs' good.tsr other/root.pem $crls
done
expect crls__alone_trust_nobody says 'state: no certificate' good.tsr other/root.pem whole.pem
crl part.pem 'issuingDistributionPoint = critical,@point' 'onlysomereasons = keyCompromise'
expect crl__of_some_reasons_is_not_known says 'Test unknown' good.tsr EC/root.pem part.pem
crl ca.pem 'issuingDistributionPoint = critical,@point' 'onlyCA = TRUE'
expect crl__of_authorities_only_is_not_known says 'Test unknown' good.tsr EC/root.pem ca.pem
sed 's/keyCertSign,cRLSign/keyCertSign/' EC/tsa.cnf >nocrl.cnf
openssl req -x509 -key EC/root.key -days 3650 -subj /O=Test/CN=Root -config nocrl.cnf -extensions root -out nocrl.pem 2>log
stamp newer.tsr # not before nocrl.pem, which is a new certificate of the same key
expect crl__by_one_who_may_not_sign_CRLs says 'Test unknown' newer.tsr nocrl.pem whole.pem
openssl ca -config EC/tsa.cnf -revoke EC/signer.pem -crl_reason keyCompromise 2>log
crl struck.pem 'issuingDistributionPoint = critical,@point' 'onlysomereasons = keyCompromise'
# Stricter: OpenSSL looks at CRLs only where it is told to, and then at a wrong time (DESIGN, Revocation).
expect crl__of_some_reasons_strikes_off stricter 'state: a certificate of its authority was revoked' good.tsr EC/root.pem struck.pem
