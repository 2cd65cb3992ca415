#!/bin/sh
# The integrity alarm that lasts: what raises it, what it stops, what it lets through, and what lifts it.
set -eu
. tests/job/home.sh

new_home "$home"
anchor=$scratch/anchor
mkdir "$anchor" "$inbox/one"
sed -i "s|^\[home\]|&\nanchor = $anchor|" "$home/trialseal.conf"
seq 1 400 >"$scratch/numbers"
# shellcheck disable=SC2046 # one word each
csv "$inbox/one/ae.csv" $(cat "$scratch/numbers")
csv "$inbox/one/dm.csv" 1
list "$inbox/one"
at 02 run
cp -a "$home" "$scratch/good"
good_home() { rm -rf "$home" && cp -a "$scratch/good" "$home"; }
object_of() { (cd "$home" && find objects -name "$(at 02 get "S1/$1" -o - | sha256sum | cut -c3-64)*"); }
deflated=$(object_of AE)
plain=$(object_of DM)
flip() { printf '\377' | dd of="$home/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
alarm=$home/alarm
raised() { test -f "$alarm" || { echo "there is no alarm"; return 1; }; }
no_alarm() { ! test -e "$alarm" || { echo "there is one: $(cat "$alarm")"; return 1; }; }

# --- what it stops -------------------------------------------------------------------------------

expect alarm__the_sample_is_deflated test "${deflated%.gz}" != "$deflated"
flip "$deflated" 40
expect alarm__check_raises_it_for_a_deflated_object ends 4 at 03 check
expect alarm__check_names_the_object grep -qF store-altered "$scratch/said"
expect alarm__is_kept raised
expect alarm__is_ours_alone same "$(stat -c %a "$alarm")" 600
expect alarm__holds_no_word_of_anybody same "$(cat "$alarm")" \
    '{"by":"check","found":[{"id":"store-altered","place":"S1#4"}],"since":"2026-03-03T02:00:00Z","version":1}'
before=$(cat "$home/ledger/S1/checkpoint")
csv "$scratch/new.csv" 9
stopped() { ends 4 "$@" && grep -qF home-alarm "$scratch/said"; }
expect alarm__stops_run stopped at 04 run
expect alarm__stops_submit stopped at 04 submit S1 "$scratch/new.csv"
expect alarm__stops_withdraw stopped at 04 withdraw S1/DM@1 --reason test
expect alarm__stops_bundle stopped at 04 bundle S1 -o "$scratch/b.zip"
expect alarm__stops_seal stopped at 04 seal S1
expect alarm__stops_study_add stopped at 04 study add S2
expect alarm__nothing_was_appended same "$before" "$(cat "$home/ledger/S1/checkpoint")"
expect alarm__another_check_keeps_its_day ends 4 at 05 check
expect alarm__another_check_keeps_its_day_in_the_file grep -qF 2026-03-03 "$alarm"

# --- what it lets through ------------------------------------------------------------------------

expect alarm__log_can_be_read at 05 -q log S1
expect alarm__show_can_be_read at 05 -q show S1
expect alarm__get_gives_what_is_good at 05 get S1/DM -o "$scratch/dm.csv"
expect alarm__rebuild_may_mend at 05 -q rebuild
expect alarm__rebuild_does_not_lift_it raised
expect alarm__status_ends_with_4 ends 4 at 05 status
expect alarm__status_tells_since_when grep -qF 'since 2026-03-03T02:00:00Z, found by check (home-alarm)' "$scratch/said"
expect alarm__status_names_the_place grep -qF 'S1#4: ' "$scratch/said"

# --- what lifts it -------------------------------------------------------------------------------

cp "$scratch/good/$deflated" "$home/$deflated"
mv "$anchor" "$anchor-away"
expect alarm__stands_where_an_anchor_cannot_be_read ends 4 at 05 check
expect alarm__stands_then raised
mv "$anchor-away" "$anchor"
expect alarm__check_lifts_it ends 0 at 05 -v check
expect alarm__check_says_so grep -qF 'the integrity alarm is lifted' "$scratch/said"
expect alarm__is_gone no_alarm
expect alarm__run_goes_on silent at 05 run
expect alarm__status_is_silent_about_it ends 0 at 05 status

# --- other finders -------------------------------------------------------------------------------

flip "$plain" 20
expect alarm__a_reader_tells_an_altered_object ends 4 at 05 get S1/DM -o "$scratch/never.csv"
expect alarm__a_reader_raises_none no_alarm
expect alarm__check_raises_it_for_a_plain_object ends 4 at 05 check
expect alarm__is_kept_for_a_plain_object raised
good_home
cp "$home/keys/notary" "$home/keys/log-S1"
expect alarm__check_raises_it_for_an_exchanged_key ends 4 at 05 check
expect alarm__is_kept_for_an_exchanged_key raised
good_home
rm "$home/$plain"
expect alarm__run_finds_a_missing_object ends 4 at 05 run
expect alarm__run_names_the_object grep -qF 'is missing' "$scratch/said"
expect alarm__run_raises_it grep -qF '"by":"run","found":[]' "$alarm"
expect alarm__run_says_afterwards_why_it_stops stopped at 06 run

# --- a file that says nothing --------------------------------------------------------------------

for content in '' 'x' '{}' '{"since":"yesterday","version":1}' '[[[[['; do
    good_home
    echo "$content" >"$alarm"
    expect "alarm__'$content'_is_an_alarm" stopped at 06 run
    expect "alarm__'$content'_is_told" stopped at 06 status
    expect "alarm__'$content'_is_lifted" at 06 -q check
    expect "alarm__'$content'_is_gone" no_alarm
done
good_home
mkdir "$alarm"
expect alarm__a_folder_of_that_name_is_an_alarm stopped at 06 run
rmdir "$alarm"
ln -s /nowhere "$alarm"
expect alarm__a_link_of_that_name_is_an_alarm stopped at 06 run

# --- ledgers only --------------------------------------------------------------------------------

good_home
expect ledgers__of_a_good_home_are_good silent at 06 check --ledgers
expect ledgers__say_how_many_entries says 'Read 6 entries of 1 study and 0 objects' at 06 -v check --ledgers
rm "$home/$plain"
expect ledgers__objects_are_not_looked_at silent at 06 check --ledgers
expect ledgers__check_raises_the_alarm ends 4 at 06 check
cp "$scratch/good/$plain" "$home/$plain"
expect ledgers__lift_no_alarm ends 4 at 06 check --ledgers
expect ledgers__leave_it_standing raised
expect ledgers__check_lifts_it at 06 -q check
flip "ledger/S1/tile/entries/000.p/6" 300
expect ledgers__an_altered_entry_is_found ends 4 at 06 check --ledgers
expect ledgers__the_first_altered_entry_is_named grep -qF 'S1/tile/0/000.p/6: a tile does not hold what the entries give: not the hash that entry 0 gives' "$scratch/said"
expect ledgers__raise_the_alarm raised
expect ledgers__contradict_repair ends 2 at 06 check --ledgers --repair
