#!/bin/sh
# check --repair: what each store gives back, what nobody can give back, and that nothing false is put in place.
set -eu
. tests/job/home.sh

new_home "$home"
anchor=$scratch/anchor
mkdir "$anchor" "$inbox/one" "$inbox/two"
sed -i "s|^\[home\]|&\nanchor = $anchor|" "$home/trialseal.conf"
for n in $(seq 1 300); do csv "$inbox/one/ds$n.csv" "$n"; done
list "$inbox/one"
at 02 run
# shellcheck disable=SC2046 # one word each
csv "$inbox/two/ae.csv" $(seq 1 400)
echo '<html></html>' >"$inbox/two/vs.csv"
list "$inbox/two"
ends 1 at 03 run
cp -a "$home" "$scratch/copy"
at 04 -q bundle S1 -o "$scratch/S1.zip"
cp -a "$home" "$scratch/good"
cp -a "$anchor" "$scratch/good-anchor"
good_home() {
    rm -rf "$home" "$anchor"
    cp -a "$scratch/good" "$home"
    cp -a "$scratch/good-anchor" "$anchor"
}
size=$(entries)
part=$((size - 256))
expect repair__the_sample_has_a_full_tile test "$part" -gt 0
# Without partial tiles of earlier states, which nobody needs.
ledger_of() { (cd "$1/ledger" && find . -type f \( ! -path '*.p/*' -o -path "*.p/$part" -o -path '*.p/1' \) -exec sha256sum {} + | sort); }
objects_of() { (cd "$1/objects" && find . -type f | sed 's/\.gz$//' | sort); }
flip() { printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
half() { truncate -s "$(($(stat -c %s "$1") / 2))" "$1"; }
object_of() { (cd "$scratch/good" && find objects -name "$("$program" -C "$scratch/good" get "$1" -o - | sha256sum | cut -c3-64)*"); }
deflated=$(object_of S1/AE)
plain=$(object_of S1/DS7)
held=$(object_of "S1#$(at 05 log S1 | sed -n 's/^S1#\([0-9]*\) .* refusal .*/\1/p')")
text=$(sed -n 's/.*"details":"..\([0-9a-f]*\)".*/\1/p' "$(find "$outbox" -name entries.jsonl | head -n 1)" | head -n 1)
text=$(cd "$home" && find objects -name "$text*")

whole() {
    ledger_of "$home" >"$scratch/is"
    ledger_of "$scratch/good" | diff - "$scratch/is" && objects_of "$scratch/good" >"$scratch/is" && objects_of "$home" | diff - "$scratch/is"
}
# repaired NAME PLACE [OPTION...] -- COMMAND...: after the command, in the home, check --repair mends it
repaired() {
    name=$1 place=$2 options=
    shift 2
    while [ "$1" != -- ]; do options="$options $1" && shift; done
    shift
    # shellcheck disable=SC2086 # one word each
    repair() { at 06 check --repair $options "$@"; }
    good_home
    (cd "$home" && "$@")
    expect "repair__would_mend_$name" ends 4 repair --dry-run
    expect "repair__says_what_it_would_do_about_$name" grep -qF "would be mended: $place" "$scratch/said"
    expect "repair__did_nothing_yet_about_$name" test ! -e "$home/damaged"
    expect "repair__mends_$name" ends 0 repair
    expect "repair__names_$name" grep -qF "mended: $place" "$scratch/said"
    expect "repair__leaves_all_as_it_was_before_$name" whole
    expect "repair__of_${name}_lifts_the_alarm" test ! -e "$home/alarm"
}
set_aside() { (cd "$home/damaged" && find . -type f | grep -qF "$1") || { find "$home/damaged"; return 1; }; }
entries_file=ledger/S1/tile/entries
all_tiles() { rm -r ledger/S1/tile/0 ledger/S1/tile/1; }
both_tiles() { flip ledger/S1/tile/0/000 40 && flip ledger/S1/tile/1/000.p/1 3; }
entry_and_tile() { flip $entries_file/000 3000 && flip ledger/S1/tile/0/000 40; }
far_apart() { flip $entries_file/000 3000 && flip "$entries_file/001.p/$part" 400 && flip "ledger/S1/tile/0/001.p/$part" 1; }
other_checkpoint() { cp "$scratch/copy/ledger/S1/checkpoint" ledger/S1/checkpoint; }

# --- from what the home itself holds -------------------------------------------------------------

repaired an_altered_tile ledger/S1/tile/0/000 -- flip ledger/S1/tile/0/000 40
expect repair__sets_an_altered_tile_aside set_aside ledger/S1/tile/0/000
repaired a_truncated_tile ledger/S1/tile/0/000 -- half ledger/S1/tile/0/000
repaired an_altered_partial_tile "ledger/S1/tile/0/001.p/$part" -- flip "ledger/S1/tile/0/001.p/$part" 40
repaired an_altered_upper_tile ledger/S1/tile/1/000.p/1 -- flip ledger/S1/tile/1/000.p/1 3
repaired two_tiles ledger/S1/tile/1/000.p/1 -- both_tiles
repaired all_tiles ledger/S1/tile/0/000 -- all_tiles
repaired an_altered_entry $entries_file/000 -- flip $entries_file/000 3000
expect repair__takes_an_entry_from_a_receipt grep -qF 'from a receipt in the outbox' "$scratch/said"
repaired an_entry_and_its_tile $entries_file/000 -- entry_and_tile
repaired damage_far_apart "$entries_file/001.p/$part" --bundle "$scratch/S1.zip" -- far_apart
repaired a_truncated_entry_bundle $entries_file/000 --from "$scratch/copy" -- half $entries_file/000
repaired a_missing_checkpoint ledger/S1/checkpoint -- rm ledger/S1/checkpoint
expect repair__takes_a_checkpoint_from_the_catalog grep -qF 'from the catalog' "$scratch/said"
repaired an_older_checkpoint ledger/S1/checkpoint -- other_checkpoint
repaired a_held_file "objects/$(echo "$held" | cut -c9-10)" -- flip "$held" 3
expect repair__takes_a_held_file_from_the_inbox grep -qF 'from a transfer in the inbox' "$scratch/said"

# --- from elsewhere ------------------------------------------------------------------------------

repaired an_altered_object objects/ --bundle "$scratch/S1.zip" -- flip "$plain" 20
expect repair__sets_an_altered_object_aside set_aside "$plain"
repaired an_altered_deflated_object objects/ --bundle "$scratch/S1.zip" -- flip "$deflated" 40
repaired a_missing_object objects/ --from "$scratch/copy" -- rm "$plain"
repaired a_missing_text objects/ --bundle "$scratch/S1.zip" -- rm "$text"
repaired all_objects objects/ --from "$scratch/copy" -- sh -c 'rm -r objects/*'
no_ledger() { rm -r ledger/S1 && mkdir ledger/S1 && chmod 700 ledger/S1; }
repaired a_lost_ledger ledger/S1/checkpoint --bundle "$scratch/S1.zip" --from "$scratch/good" -- no_ledger
no_ledger_no_catalog() { no_ledger && rm -f catalog.db*; }
good_home
(cd "$home" && no_ledger_no_catalog)
expect repair__mends_a_lost_ledger_without_catalog ends 0 at 06 check --repair --from "$scratch/good"
expect repair__mends_ledger_and_catalog grep -qF 'mended: catalog.db' "$scratch/said"
expect repair__leaves_all_as_it_was_before_both whole
if command -v sqlite3 >/dev/null; then
    change_catalog() { sqlite3 catalog.db 'UPDATE revision SET records = 99 WHERE number = 1'; }
    repaired an_altered_catalog catalog.db -- change_catalog
    expect repair__sets_the_catalog_aside set_aside catalog.db
fi
send_more() { mkdir "$inbox/three" && csv "$inbox/three/ds7.csv" 8 && list "$inbox/three"; }
send_more
expect repair__run_goes_on_afterwards silent at 07 run
expect repair__check_is_good_afterwards ends 0 at 07 check

# --- what cannot be mended -----------------------------------------------------------------------

# lost NAME WORDS COMMAND...: it says so, and ends with 4
lost() {
    name=$1 words=$2
    shift 2
    good_home
    (cd "$home" && "$@")
    expect "repair__cannot_mend_$name" ends 4 at 06 check --repair --bundle "$scratch/wrong.zip" --from "$scratch/wrong"
    expect "repair__says_that_it_cannot_mend_$name" grep -qF "$words" "$scratch/said"
    expect "repair__keeps_the_alarm_about_$name" test -f "$home/alarm"
}
# A bundle and a folder whose bytes are wrong where they matter.
cp "$scratch/S1.zip" "$scratch/wrong.zip"
cp -a "$scratch/copy" "$scratch/wrong"
flip "$scratch/wrong/$plain" 20
flip "$scratch/wrong/$entries_file/000" 200
python3 - "$scratch/S1.zip" "$scratch/wrong.zip" "$(echo "$plain" | tr -d / | cut -c8-)" <<'END'
import hashlib, sys, zipfile
source, target, name = sys.argv[1:]
data = bytearray(open(source, "rb").read())
with zipfile.ZipFile(source) as z:
    for member in z.infolist():
        if member.compress_type == 0 and hashlib.sha256(z.read(member)).hexdigest() == name or member.filename.endswith("data/entries/000000000000.json"):
            data[member.header_offset + 30 + len(member.filename.encode()) + len(member.extra) + 20] ^= 1
open(target, "wb").write(data)
END
first_entry() { flip $entries_file/000 200; }
lost an_object_that_nobody_has "lost: objects/" rm "$plain"
lost an_entry_that_nobody_has "lost: S1#0: no source has the entry" first_entry
expect repair__leaves_a_bundle_that_lacks_an_entry_alone test ! -e "$home/damaged/2026-03-06T020000Z/$entries_file/000"
good_home
rm -r "$home/ledger/S1/tile" "$home/catalog.db"
expect repair__cannot_mend_a_ledger_of_which_nothing_is_left ends 4 at 06 check --repair
expect repair__says_that_nothing_gives_the_root grep -qF 'nothing that is there gives the signed root' "$scratch/said"
good_home
rm "$home/ledger/S1/checkpoint" "$home/catalog.db"
rm -r "$anchor"
mkdir "$anchor"
expect repair__invents_no_checkpoint ends 4 at 06 check --repair
expect repair__says_that_no_signed_state_is_left grep -qF 'none that the log key signed is anywhere' "$scratch/said"

# --- options -------------------------------------------------------------------------------------

good_home
expect repair__of_a_good_home_does_nothing silent at 06 check --repair
expect repair__of_a_good_home_sets_nothing_aside test ! -e "$home/damaged"
expect repair__bundle_needs_repair ends 2 at 06 check --bundle "$scratch/S1.zip"
flip "$home/$plain" 20
expect repair__tells_a_bundle_that_is_none ends 2 at 06 check --repair --bundle "$home/trialseal.conf"
expect repair__tells_a_folder_that_holds_nothing ends 2 at 06 check --repair --from "$anchor"
