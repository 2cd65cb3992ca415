#!/bin/sh
# A real home's bundle, tampered with in the ways that need no skill: the real verifier refuses
# each with exit status 1 and an issue id. test_tamper.c does it thoroughly.
set -eu
. tests/lib.sh
edit=$O/tests/bin/bundle_edit

trialseal() { "$O/trialseal" -C "$scratch/home" "$@"; }

night() { # NAME DATE ROWS
    inbox=$scratch/home/inbox/S1/$1
    mkdir "$inbox"
    printf 'USUBJID,AGE\n%s' "$3" >"$inbox/dm.csv"
    (cd "$inbox" && sha256sum dm.csv) >"$scratch/sums"
    mv "$scratch/sums" "$inbox/MANIFEST.sha256"
    trialseal --now "$2T02:00:00Z" run
}

rows() { seq "$1" "$2" | sed 's/\(.*\)/S1-\1,4\1/'; }

{
    "$O/trialseal" init "$scratch/home" --origin example.org --test
    trialseal --now 2026-01-11T12:00:00Z study add S1
    night one 2026-01-12 "$(rows 1 400)
"
    cp "$scratch/home/ledger/S1/checkpoint" "$scratch/earlier"
    trialseal --now 2026-01-12T09:00:00Z bundle S1 -o "$scratch/old.zip"
    night two 2026-01-13 "$(rows 1 401)
"
    trialseal --now 2026-01-13T09:00:00Z bundle S1 -o "$scratch/good.zip"
    trialseal trust export S1 "$scratch/trust"
} >"$scratch/log" 2>&1 || {
    not_ok tamper__makes_a_home "$(tail -n 3 "$scratch/log" | tr '\n' ' ')"
    exit 0
}

# verify STATUS ID BUNDLE...: the verifier ends with that status and says that issue id
verify() {
    status=0 want=$1 id=$2
    shift 2
    "$O/trialseal-verify" --trust "$scratch/trust" "$@" >"$scratch/said" 2>&1 || status=$?
    [ "$status" -eq "$want" ] && grep -qF -- "$id" "$scratch/said" && return
    echo "status $status, not $want, or no $id:"
    cat "$scratch/said"
    return 1
}

# tampered NAME ID EDIT...: the edited bundle is refused for that reason
tampered() {
    test=tamper__refuses_$1 id=$2
    shift 2
    if ! "$edit" "$scratch/good.zip" "$scratch/bad.zip" "$@" 2>"$scratch/said"; then
        not_ok "$test" "$(cat "$scratch/said")"
    else
        expect "$test" verify 1 "$id" "$scratch/bad.zip"
    fi
}

# flipped NAME AT: one byte of the file is its complement
flipped() {
    cp "$scratch/good.zip" "$scratch/bad.zip"
    byte=$(od -An -tu1 -j "$2" -N 1 "$scratch/good.zip")
    # shellcheck disable=SC2059
    printf "$(printf '\\%03o' $((255 - byte)))" |
        dd of="$scratch/bad.zip" bs=1 seek="$2" conv=notrunc 2>"$scratch/said"
    expect "tamper__refuses_a_byte_flipped_$1" verify 1 bundle- "$scratch/bad.zip"
}

expect tamper__accepts_the_bundle_as_it_is verify 0 VERIFIED "$scratch/good.zip"
expect tamper__accepts_it_after_its_predecessor verify 0 VERIFIED \
    --previous "$scratch/old.zip" "$scratch/good.zip"

size=$(wc -c <"$scratch/good.zip")
flipped at_the_beginning 0
flipped in_the_middle $((size / 2))
flipped at_the_end $((size - 1))
head -c $((size - 1)) "$scratch/good.zip" >"$scratch/bad.zip"
expect tamper__refuses_a_bundle_cut_short verify 1 bundle-archive "$scratch/bad.zip"

echo 'trust me' >"$scratch/file"
dm=data/datasets/DM/r0002/dm.csv
tampered a_file_dropped payload-missing drop "$dm"
tampered a_file_replaced payload-altered put "$dm" "$scratch/file"
tampered a_file_added payload-unnamed put "${dm%/*}/more.csv" "$scratch/file"
tampered a_file_renamed payload-missing rename "$dm" "${dm%/*}/other.csv"
tampered a_file_stored_instead_of_deflated bundle-reencoded store "$dm"
tampered an_entry_dropped bundle-layout drop data/entries/000000000003.json
tampered an_entry_replaced entry-malformed put data/entries/000000000003.json "$scratch/file"
tampered a_manifest_replaced bundle-tag-file put manifest-sha256.txt "$scratch/file"
tampered another_text_for_people bundle-altered put data/VERIFY.txt "$scratch/file"
tampered a_signature_replaced bundle-signature put tagmanifest-sha256.txt.sig "$scratch/file"
tampered an_earlier_checkpoint ledger-root put data/checkpoint "$scratch/earlier"
