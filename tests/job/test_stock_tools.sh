#!/bin/sh
# The way to verify a bundle without trialseal: the script, and data/VERIFY.txt typed as it stands.
set -eu
. tests/job/home.sh

for tool in unzip zip sha256sum ssh-keygen openssl xxd; do
    command -v $tool >/dev/null || { skip stock_tools "no $tool"; exit 0; }
done

new_home "$home"
for number in 1 2 3; do
    mkdir "$inbox/n$number"
    csv "$inbox/n$number/ae.csv" 1 $number
    csv "$inbox/n$number/dm.csv" 7
    list "$inbox/n$number"
    at 0$number run
done
at 03 withdraw S1/AE@2 --reason 'sent by mistake'
at 04 trust export S1 "$scratch/trust" >"$scratch/fingerprint"
at 04 bundle S1 -o "$scratch/all.zip"
at 04 bundle S1 --dataset AE -o "$scratch/ae.zip"
at 04 bundle S1 --no-data -o "$scratch/none.zip"

# --- the script ----------------------------------------------------------------------------------

verify() { "$stock_tools" "$scratch/trust" "$1"; }
expect stock_tools__accept_a_bundle says 'computed anew from all 10 entries' verify "$scratch/all.zip"
expect stock_tools__count_what_is_carried says '3 of 4 revisions' verify "$scratch/all.zip"
expect stock_tools__accept_one_dataset says '2 of 4 revisions' verify "$scratch/ae.zip"
expect stock_tools__accept_no_data says '0 of 4 revisions' verify "$scratch/none.zip"
expect stock_tools__can_leave_out_the_root says 'not computed' "$stock_tools" --no-root "$scratch/trust" "$scratch/all.zip"
expect stock_tools__need_a_trust_folder ends 2 "$stock_tools" "$scratch" "$scratch/all.zip"
expect stock_tools__need_a_bundle ends 2 verify "$scratch/absent.zip"

# --- refusals ------------------------------------------------------------------------------------

unzip -q "$scratch/all.zip" -d "$scratch/bag"
bag=$(basename "$scratch"/bag/*)

# altered NAME WORD COMMAND...: runs it in a copy of the unpacked bundle; the new archive must be refused with WORD
altered() {
    name=$1 word=$2
    shift 2
    rm -rf "$scratch/copy" "$scratch/copy.zip"
    cp -r "$scratch/bag" "$scratch/copy"
    (cd "$scratch/copy/$bag" && "$@")
    (cd "$scratch/copy" && zip -q -r -X -D --symlinks ../copy.zip .)
    refuses "stock_tools__refuse_$name" "$word" verify "$scratch/copy.zip"
}
# Lists everything anew, as somebody does who has no key of ours.
relist() {
    find data -type f | LC_ALL=C sort | xargs sha256sum >new
    mv new manifest-sha256.txt
    sha256sum bag-info.txt bagit.txt manifest-sha256.txt >tagmanifest-sha256.txt
}
change_data() { echo >>data/datasets/DM/r0001/dm.csv; }
change_and_relist() { change_data && relist; }
drop_entry() { rm data/entries/000000000004.json && relist; }
add_file() { echo x >data/datasets/DM/r0001/more.csv; }
add_link() { ln -s /etc/passwd data/link; }
sign_anew() {
    ssh-keygen -q -t ed25519 -N '' -f "$scratch/other" <<YES
y
YES
    ssh-keygen -q -Y sign -f "$scratch/other" -n trialseal-bundle tagmanifest-sha256.txt
}
other_key() { rm tagmanifest-sha256.txt.sig && sign_anew >/dev/null 2>&1; }
other_note() { sed 's|^\(— [^ ]* ......\).|\1x|' data/checkpoint >new && mv new data/checkpoint; }

altered changed_data manifest: change_data
altered changed_data_with_new_lists 'is not signed by a key' change_and_relist
altered a_missing_entry 'without a gap' drop_entry
altered an_unlisted_file 'the lists and the files differ' add_file
altered a_link 'neither file nor folder' add_link
altered another_key 'is not signed by a key' other_key
altered a_changed_note manifest: other_note
# What only the owner of the notary key can do.
sign_by_notary() {
    relist
    rm tagmanifest-sha256.txt.sig
    ssh-keygen -q -Y sign -f "$home/keys/notary" -n trialseal-bundle tagmanifest-sha256.txt
}
change_and_sign() { change_data && sign_by_notary; }
drop_data_and_sign() { rm data/datasets/DM/r0001/dm.csv && sign_by_notary; }
bring_back_and_sign() {
    mkdir data/datasets/AE/r0002 && csv data/datasets/AE/r0002/ae.csv 1 2 && sign_by_notary
}
change_entry_and_sign() { sed -i 's/"records":1,/"records":2,/' data/entries/000000000004.json && sign_by_notary; }
drop_last_entry_and_sign() { rm data/entries/000000000009.json && sign_by_notary; }
drop_text_and_sign() { rm "$(find data/objects -type f | head -n 1)" && sign_by_notary; }
change_proof_and_sign() { sed -i '3s/^..../AAAA/' "$(find data/proofs -type f | LC_ALL=C sort | tail -n 1)" && sign_by_notary; }
drop_proof_and_sign() { rm data/proofs/000000000004.tlog-proof && sign_by_notary; }
change_note_and_sign() { other_note && sign_by_notary; }
add_file_and_sign() { echo x >data/more && sign_by_notary; }

altered signed_but_changed_data 'what is carried is not what the entries name' change_and_sign
altered signed_but_missing_data 'what is carried is not what the entries name' drop_data_and_sign
altered signed_but_withdrawn_data 'what is carried is not what the entries name' bring_back_and_sign
altered signed_but_changed_entries 'do not give the root' change_entry_and_sign
altered signed_but_missing_entries 'of 10 entries, and there are 9' drop_last_entry_and_sign
altered a_signed_but_missing_text 'detached texts are not those' drop_text_and_sign
altered a_signed_but_changed_proof 'does not lead' change_proof_and_sign
altered a_signed_but_missing_proof 'not one proof for each' drop_proof_and_sign
altered a_signed_but_changed_note 'did not sign the note' change_note_and_sign
altered a_signed_file_without_a_place 'no place in a bundle' add_file_and_sign
refuses stock_tools__refuse_what_is_no_archive 'unzip cannot read it' verify "$stock_tools"

mkdir "$scratch/bundle-key" "$scratch/witnessed"
sed 's/trialseal-bundle/trialseal-checkpoint/' "$scratch/trust/allowed_signers" >"$scratch/bundle-key/allowed_signers"
cp "$scratch/trust/policy" "$scratch/bundle-key"
refuses stock_tools__refuse_a_key_for_another_purpose 'is not signed by a key' "$stock_tools" "$scratch/bundle-key" "$scratch/all.zip"
cp "$scratch/trust/allowed_signers" "$scratch/witnessed"
sed 's/quorum none/quorum w/' "$scratch/trust/policy" >"$scratch/witnessed/policy"
refuses stock_tools__refuse_to_pass_over_witnesses 'asks for witnesses' "$stock_tools" "$scratch/witnessed" "$scratch/all.zip"

# --- time limits of keys, and older ssh-keygen ---------------------------------------------------

# limited AFTER BEFORE: a trust folder whose keys are valid in between
limited() {
    mkdir -p "$scratch/limited"
    cp "$scratch/trust/policy" "$scratch/limited"
    sed "s/namespaces=/valid-after=\"$1\",valid-before=\"$2\",namespaces=/" "$scratch/trust/allowed_signers" >"$scratch/limited/allowed_signers"
}
# The head entry is of 2026-03-03T02:00:00Z; the local time zone must not matter.
limited 20260303015959 20260303020001
verify_limited() { TZ=$1 "$stock_tools" "$scratch/limited" "$scratch/all.zip"; }
expect stock_tools__take_times_as_utc_in_the_west verify_limited America/New_York
expect stock_tools__take_times_as_utc_in_the_east verify_limited Asia/Tokyo
limited 20260303020001 20260401000000
refuses stock_tools__refuse_a_key_that_was_not_yet_valid 'is not signed by a key' verify_limited UTC

# Before OpenSSH 8.7 -O verify-time was passed over; before 9.1 a time had no Z.
mkdir "$scratch/old"
cat >"$scratch/old/ssh-keygen" <<'OLD'
#!/bin/sh
for word; do
    shift
    case $word in
    -Overify-time=*Z) echo "Invalid \"verify-time\"" >&2; exit 255 ;;
    -Overify-time=*) ;;
    *) set -- "$@" "$word" ;;
    esac
done
PATH=${PATH#*:} exec ssh-keygen "$@"
OLD
chmod +x "$scratch/old/ssh-keygen"
verify_old() { PATH=$scratch/old:$PATH "$stock_tools" "$scratch/trust" "$scratch/all.zip"; }
expect stock_tools__work_with_an_old_ssh_keygen verify_old

# Before OpenSSL 3.0 pkeyutl had no -rawin.
cat >"$scratch/old/openssl" <<'OLD'
#!/bin/sh
case " $* " in *" -rawin "*) echo 'pkeyutl: Unknown option: -rawin' >&2; exit 1 ;; esac
echo 'Usage: pkeyutl [options]'
OLD
chmod +x "$scratch/old/openssl"
expect stock_tools__say_what_an_old_openssl_cannot says 'not checked: this openssl' verify_old

# --- data/VERIFY.txt, as typed -------------------------------------------------------------------

# typed BUNDLE: what all its commands print, one after the other; the one with the paths gets ours
typed() {
    rm -rf "$scratch/desk"
    mkdir "$scratch/desk"
    unzip -p "$1" '*/data/VERIFY.txt' | sed -n 's/^       //p' |
        sed "s|TRUST=[^ ]* BUNDLE=[^ ]*|TRUST=$scratch/trust BUNDLE=$1|" >"$scratch/commands"
    (cd "$scratch/desk" && PATH=$(dirname "$verifier"):$PATH sh -e ../commands) |
        sed 's/ with ED25519.*//; /^VERIFIED/,/^The trust folder/d'
}
typed "$scratch/all.zip" >"$scratch/printed" 2>&1 || echo "ended with $?" >>"$scratch/printed"
root=$(sed -n 3p "$scratch/bag/$bag/data/checkpoint")
print=$(cd "$scratch/trust" && sha256sum allowed_signers policy | sha256sum)
cat >"$scratch/wanted" <<TEXT
$print
  ${print%  -}
Good "trialseal-bundle" signature for test.example
Good "trialseal-checkpoint" signature for test.example/S1
Signature Verified Successfully
$root
$root
4d3
< $(csv "$scratch/ae2" 1 2 && sha256sum <"$scratch/ae2" | cut -c1-64)  data/datasets/AE/r0002
TEXT
expect stock_tools__verify_as_the_page_in_the_bundle_says diff "$scratch/wanted" "$scratch/printed"
