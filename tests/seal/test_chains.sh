#!/bin/sh
# A signer below an intermediate authority, with a CRL at each level; and what happens when memory runs out.
. tests/lib.sh
for tool in openssl python3; do
    command -v $tool >/dev/null || { skip test_chains "$tool is not installed"; exit 0; }
done
check=$(pwd)/$O/tests/bin/seal_check
memory=$(pwd)/$O/tests/bin/seal_memory
authority="python3 $(pwd)/tests/job/authority.py"
cd "$scratch" || exit 1
echo 'the data' >data

# top signs middle, which is what the folder `middle` calls its root, and middle signs the signer.
$authority make "$scratch/top" EC && $authority make "$scratch/middle" EC || exit 1
# middle_by PROFILE FILE
middle_by() {
    openssl ca -batch -notext -config top/tsa.cnf -in middle.csr -out "$2" -days 2000 -extensions "$1" 2>log
}
openssl req -new -key middle/root.key -subj /O=Test/CN=Middle -config middle/tsa.cnf -out middle.csr 2>log &&
    middle_by root middle/root.pem && $authority sign "$scratch/middle" || exit 1
cat middle/root.pem top/root.pem >chain.pem
sed -i "s|^certs = .*|certs = $scratch/chain.pem|" middle/tsa.cnf
openssl ts -query -data data -sha256 -cert -out query.tsq 2>log

stamp() { openssl ts -reply -config middle/tsa.cnf -queryfile query.tsq -out "$1" 2>log; }
stamp good.tsr
at=$(date +%s)
theirs() { openssl ts -verify -data data -in "$1" -CAfile top/root.pem -attime "$at" >log 2>&1; }
says() {
    wanted=$1
    shift
    said=$("$check" data "$@")
    case $said in *"$wanted"*) ;; *) echo "it said: $said"; return 1 ;; esac
}

# --- the chain ---

expect chain__of_three_is_good says 'good CN=Time stamps' good.tsr top/root.pem
expect chain__of_three_is_good_for_openssl theirs good.tsr
expect chain__wants_the_root says 'state: no certificate' good.tsr middle/root.pem
sed "s|^certs = .*|certs = $scratch/top/root.pem|" middle/tsa.cnf >gap.cnf
openssl ts -reply -config gap.cnf -queryfile query.tsq -out gap.tsr 2>log
expect chain__with_a_gap says 'state: no certificate' gap.tsr top/root.pem
cat top/root.pem middle/root.pem >both.pem
expect chain__whose_gap_tsa_pem_fills says 'good ' gap.tsr both.pem
middle_by signer leaf.pem
cat leaf.pem top/root.pem >leaf-chain.pem
sed "s|^certs = .*|certs = $scratch/leaf-chain.pem|" middle/tsa.cnf >leaf.cnf
openssl ts -reply -config leaf.cnf -queryfile query.tsq -out leaf.tsr 2>log
expect chain__through_one_who_may_not_sign says 'state: no certificate' leaf.tsr top/root.pem

# --- a CRL at each level ---

# crls OUT FOLDER...: the CRLs of these authorities
crls() {
    out=$1
    shift
    for folder in "$@"; do cat "$folder/crl.pem"; done >"$out"
}
$authority revoke "$scratch/top" none && $authority revoke "$scratch/middle" none
crls all.pem top middle
expect crls__of_each_level_are_known says 'Test known' good.tsr top/root.pem all.pem
crls one.pem middle
expect crls__of_the_middle_alone says 'Test unknown' good.tsr top/root.pem one.pem
crls one.pem top
expect crls__of_the_top_alone says 'Test unknown' good.tsr top/root.pem one.pem
cat top/root.pem top/crl.pem >with-crl.pem
crls one.pem middle
expect crls__of_tsa_pem_and_of_the_bundle_together says 'Test known' good.tsr with-crl.pem one.pem

# strike FOLDER NAME REASON: what its CRL says when it revokes NAME.pem
strike() {
    rm -rf struck && cp -r "$1" struck && sed -i "s|$scratch/$1|$scratch/struck|" struck/tsa.cnf
    cp "$2" struck/signer.pem
    $authority revoke "$scratch/struck" "$3"
}
strike top middle/root.pem CACompromise
crls bad.pem struck middle
expect crls__a_stolen_middle_shows_nothing says 'state: a certificate of its authority was revoked' good.tsr top/root.pem bad.pem
strike middle middle/signer.pem keyCompromise
crls bad.pem top struck
expect crls__a_stolen_signer_shows_nothing says 'state: a certificate of its authority was revoked' good.tsr top/root.pem bad.pem
sleep 1
strike top middle/root.pem cessationOfOperation
crls late.pem struck middle
expect crls__a_middle_that_closed_later says 'Test known' good.tsr top/root.pem late.pem
sleep 1
stamp later.tsr
expect crls__a_middle_that_closed_before says 'state: a certificate of its authority was revoked' later.tsr top/root.pem late.pem

# --- how long keys are worth something ---

$authority make "$scratch/rsa" RSA
sed 's|^certs = .*||' rsa/tsa.cnf >rsa.cnf
openssl ts -reply -config rsa.cnf -queryfile query.tsq -out rsa.tsr 2>log
expect keys__of_2048_bits_end_with_2030 says 'weak from 2031-01-01' rsa.tsr rsa/root.pem
expect keys__of_P_256_do_not says 'never weak' good.tsr top/root.pem

# --- memory ---

case $O in *asan*) skip memory "malloc is the sanitizer's"; exit 0 ;; esac
# At every 37th allocation; with 1, as it was tried, at each.
expect memory__that_runs_out_is_never_a_verdict "$memory" 37 data good.tsr top/root.pem all.pem
expect memory__nor_of_a_token_that_is_bad "$memory" 37 data good.tsr rsa/root.pem
