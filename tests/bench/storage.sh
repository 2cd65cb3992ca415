#!/bin/sh
# storage.sh FOLDER [NIGHTS] [MB]: what a year of nightly revisions of one CSV file takes, beside borg and restic.
# Two kinds of change: 0.1 % of the records scattered over the file, or as many added at its end. A year is
# computed from the mean of the nights behind the first; nothing of it is judged.
set -eu
O=$(cd "${O:-out}" && pwd)
folder=$1 nights=${2:-10} mb=${3:-100}
PATH=$O:$O/tests/bin:$PATH
export BORG_REPO BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_BASE_DIR RESTIC_PASSWORD=storage RESTIC_REPOSITORY RESTIC_CACHE_DIR
mkdir "$folder"
cd "$folder"
bench_data csv "$mb" >first.csv
records=$(wc -l <first.csv)

# change KIND NIGHT: data.csv becomes that of the next night
change() {
    case $1 in
    scattered) awk -v night="$2" 'BEGIN { srand(night) } NR > 1 && rand() < 0.001 { sub(/[0-9]+\r$/, int(rand() * 1000) "\r") } { print }' data.csv ;;
    appended) cat data.csv && awk -v night="$2" -v few=$((records / 1000)) 'NR > 1 + night * few && NR <= 1 + (night + 1) * few { sub(/[0-9]+\r$/, 1000 + NR % 9000 "\r"); print }' first.csv ;;
    esac >next.csv
    mv next.csv data.csv
}

# What grows: of a home, its objects.
bytes() { du -s --apparent-size --block-size=1 "$1" | cut -f1; }

with_trialseal() {
    mkdir "home/inbox/S/$1"
    cp data.csv "home/inbox/S/$1/"
    (cd "home/inbox/S/$1" && sha256sum data.csv >../list && mv ../list MANIFEST.sha256)
    trialseal -C home run && bytes home/objects
}
with_borg() { borg create --chunker-params "$2" "::$1" data.csv && bytes "$BORG_REPO"; }
with_restic() { restic -q backup --no-cache data.csv && bytes "$RESTIC_REPOSITORY"; }

for kind in scattered appended; do
    rm -rf home borg borg-small restic
    trialseal init home --origin bench.example && trialseal -C home study add S
    for BORG_REPO in borg borg-small; do borg init -e none; done
    RESTIC_REPOSITORY=restic && restic -q init >restic.log
    cp first.csv data.csv
    night=1
    while [ "$night" -le "$nights" ]; do
        [ "$night" -eq 1 ] || change "$kind" "$night"
        printf '%s\t%s' "$kind" "$night"
        printf '\t%s' "$(with_trialseal "$night")"
        BORG_REPO=borg && printf '\t%s' "$(with_borg "$night" default)"
        BORG_REPO=borg-small && printf '\t%s' "$(with_borg "$night" buzhash,10,23,14,4095)"
        printf '\t%s\n' "$(with_restic)"
        night=$((night + 1))
    done
done >sizes

awk -F '\t' '
BEGIN { name[3] = "trialseal"; name[4] = "borg"; name[5] = "borg, chunks of 16 KB"; name[6] = "restic"
        printf "%-10s  %-22s  %12s  %12s  %12s\n", "changes", "", "first, MB", "a night, MB", "a year, GB" }
{ if ($2 == 1) for (i = 3; i <= 6; i++) first[$1, i] = $i
  for (i = 3; i <= 6; i++) last[$1, i] = $i
  kinds[$1] = $2 }
END { for (k in kinds) for (i = 3; i <= 6; i++) {
        each = (last[k, i] - first[k, i]) / (kinds[k] - 1)
        printf "%-10s  %-22s  %12.1f  %12.3f  %12.2f\n", k, name[i], first[k, i] / 1e6, each / 1e6, (first[k, i] + 364 * each) / 1e9 } }' sizes
