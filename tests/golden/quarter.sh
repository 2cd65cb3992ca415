# A quarter of a study: 90 nights from 2026-01-05 on, one transfer a night, and what goes wrong in a quarter.
# Only nights that say something are written down; a night that is silent and good leaves no line.
# shellcheck shell=sh disable=SC2154 # run, trialseal, project come from tests/cli/test_golden.sh
quarter=$golden/quarter

# --- what the sender does ------------------------------------------------------------------------

date_of() { date -u -d "2026-01-05 + $(($1 - 1)) days" +%Y-%m-%d; }

# The datasets as they are on that night, in folder $1; study $3 or S1.
datasets() {
    mkdir -p "$1"
    for dataset in dm ae lb; do
        awk -v name=$dataset -v night="$2" -v study="${3:-S1}" -f "$quarter/data.awk" >"$1/$dataset.csv"
    done
    "$programs/tests/bin/xpt_write" "$1/ex.xpt" EX=$((4 + $2))
}

# The manifest, last.
list() { (cd "$1" && sha256sum -- *.* >../list && mv ../list MANIFEST.sha256); }

# put NIGHT FILE...: into the inbox, as old as an evening's upload is in that night.
put() {
    find sending -exec touch -d "$(date_of "$1")T01:00:00Z" {} +
    shift
    (cd sending && mv "$@" ../home/inbox/S1/)
}

# A transfer of night $1, called $2, complete.
sent() {
    datasets sending/"$2" "$1"
    list sending/"$2"
    put "$1" "$2"
}

# The archive's bytes are in the ledger, so they must be the same every time: no times of today in it.
zipped() {
    datasets sending/"$2" "$1"
    find sending/"$2" -exec touch -d "$(date_of "$1")T01:00:00Z" {} +
    (cd sending && TZ=UTC zip -q -X "$2.zip" "$2"/* && sha256sum "$2.zip" >"$2.zip.sha256" && rm -r "$2")
    put "$1" "$2.zip" "$2.zip.sha256"
}

# --- what the nights bring -----------------------------------------------------------------------

other_study() {
    datasets sending/"$2" "$1" S2
    list sending/"$2"
    put "$1" "$2"
}

# One file of the manifest comes a night later.
partial() {
    sent "$1" "$2"
    mv "home/inbox/S1/$2/lb.csv" late.csv
}
rest_comes() { mv late.csv "home/inbox/S1/$1/lb.csv"; }

# One file is cut off, one is what a web server says when it has no file.
corrupt() {
    datasets sending/"$2" "$1"
    head -c 1000 sending/"$2"/ex.xpt >short
    mv short sending/"$2"/ex.xpt
    echo '<html><body>404</body></html>' >sending/"$2"/ae.csv
    list sending/"$2"
    put "$1" "$2"
}

bad_list() {
    datasets sending/"$2" "$1"
    echo 'see attached' >sending/"$2"/MANIFEST.sha256
    put "$1" "$2"
}

altered() {
    sent "$1" "$2"
    echo 'S1,DM,S1-999,40,F' >>"home/inbox/S1/$2/dm.csv"
}

# What is in the inbox on that night.
bring() {
    name=S1_$(date_of "$1")
    case $1 in
    12 | 47 | 48) ;; # nothing comes
    9) sent 8 "S1_$(date_of 8)" ;; # yesterday's once more
    22) sent 21 "$name" ;; # another name, the same data
    31) other_study "$1" "$name" ;;
    35) zipped "$1" "$name" ;;
    36)
        zipped "$1" "$name"
        printf 'x' | dd of="home/inbox/S1/$name.zip" bs=1 seek=300 conv=notrunc 2>/dev/null
        touch -d "$(date_of 36)T01:00:00Z" "home/inbox/S1/$name.zip"
        ;;
    40) partial "$1" "$name" ;;
    41)
        rest_comes "S1_$(date_of 40)"
        sent "$1" "$name"
        ;;
    50) partial "$1" "$name" ;; # and never complete
    55) corrupt "$1" "$name" ;;
    60) bad_list "$1" "$name" ;;
    61)
        sent 60 "$name-again"
        sent "$1" "$name"
        ;;
    69) altered "$1" "$name" ;;
    *) sent "$1" "$name" ;;
    esac
}

# --- the time-stamp authority, from March on -------------------------------------------------------

# Its clock is set with ours. What it signs is another thing each time; what is said of it is the same.
authority=$project/tests/job/authority.py
begin_sealing() {
    python3 "$authority" make "$PWD/tsa" EC 2025-12-01T00:00:00Z 2099-01-01T00:00:00Z
    clock_of_authority 2026-03-04T12:00:00Z
    python3 "$authority" serve "$PWD/tsa" >port &
    server=$!
    trap 'kill $server' EXIT
    while [ ! -s port ]; do sleep 0.05; done
    cp tsa/root.pem home/tsa.pem
    chmod 644 home/tsa.pem
    printf '[seal]\nauthority = http://127.0.0.1:%s/\n' "$(cat port)" >>home/trialseal.conf
}
clock_of_authority() { [ ! -d tsa ] || echo "$1" >tsa/now; }
# The fingerprint of a trust folder with tsa.pem is another one each time.
verify_sealed() { trialseal verify "$@" | sed 's/^  [0-9a-f]\{64\}$/  FINGERPRINT/'; }

# night NUMBER: what came, and the run at 02:00
night() {
    bring "$1"
    clock_of_authority "$(date_of "$1")T02:00:00Z"
    status=0
    trialseal --now "$(date_of "$1")T02:00:00Z" run >"$scratch/out" 2>"$scratch/err" || status=$?
    [ -s "$scratch/out" ] || [ -s "$scratch/err" ] || [ $status -ne 0 ] || return 0
    echo
    echo "night $1, $(date_of "$1")"
    cat "$scratch/out"
    sed 's/^/! /' "$scratch/err"
    [ $status -eq 0 ] || echo "[exit $status]"
}
nights() {
    n=$1
    while [ "$n" -le "$2" ]; do
        night "$n"
        n=$((n + 1))
    done
}
# by_day NUMBER COMMAND...: at noon
by_day() {
    noon=$(date_of "$1")T12:00:00Z
    clock_of_authority "$noon"
    shift
    run trialseal --now "$noon" "$@"
}

# --- the quarter ---------------------------------------------------------------------------------

mkdir sending anchor
trialseal init home --origin quarter.example --test
sed -i "s|^# anchor = .*|anchor = $PWD/anchor|" home/trialseal.conf
trialseal --now 2026-01-04T12:00:00Z study add S1
sed -i 's|^# studyid = .*|studyid = S1|' home/studies/S1/study.conf
trialseal trust export S1 trust >/dev/null

nights 1 30
by_day 30 bundle S1 -o january.zip
nights 31 59
by_day 59 bundle S1 -o february.zip
begin_sealing
by_day 59 seal S1
nights 60 65
echo
echo 'The authority is down for five nights'
touch tsa/down
nights 66 70
rm tsa/down
nights 71 74
run trialseal get S1/AE@3 -o erased.csv
by_day 74 withdraw S1/DM@2 --reason 'Sent before the site had signed it'
nights 75 76
echo
echo 'The clock of the machine went back by a day'
run trialseal --now 2026-03-20T02:00:00Z run
sent 77 "S1_$(date_of 77)"
run trialseal --now 2026-03-20T02:00:00Z run
nights 78 79
by_day 79 backup early --secrets apart
nights 80 81
by_day 81 backup late --secrets apart
echo
echo 'The disk of the home is lost; a backup of two nights ago is refused, that of the last night is restored'
receipt=$(echo home/outbox/S1/*-"S1_$(date_of 81)")
mv "$receipt" handed-out
rm -r home
by_day 81 restore early home --secrets apart --receipt handed-out
by_day 81 restore late home --secrets apart --receipt handed-out
nights 82 83
by_day 83 erase S1/AE@3 --dry-run
by_day 83 erase S1/AE@3 --reason 'The subject withdrew consent, also to what is stored'
nights 84 85
echo
echo 'The sender finds the erased file and sends it again'
mkdir "sending/S1_old"
cp erased.csv sending/S1_old/ae.csv
list sending/S1_old
put 86 S1_old
nights 86 90
by_day 90 bundle S1 -o march.zip
echo
echo 'SHA-512 from now on; the older bundles are sealed late, and one of them twice'
echo 'hash = sha512' >>home/trialseal.conf
by_day 90 -v seal renew S1
trialseal --now 2026-04-04T12:00:00Z trust export S1 trust-with-tsa >/dev/null
by_day 90 seal january.zip february.zip
by_day 90 seal renew --hash sha512 january.zip

echo
run trialseal_verify --trust trust january.zip
run trialseal_verify --trust trust --previous january.zip february.zip
run trialseal_verify --trust trust --previous february.zip march.zip
run verify_sealed --trust trust-with-tsa --previous january.zip march.zip
run verify_sealed --trust trust-with-tsa january.zip
run unzip -Z1 january.zip '*/seals/*'
by_day 90 -v check | sed 's/ of [0-9]* bytes/ of N bytes/' # tokens are not equally long
by_day 90 status
run trialseal log S1
run trialseal show S1
# Not its root: the configuration names the anchor, whose path is another one each time.
run head -n 2 home/ledger/S1/checkpoint

# --- the report ----------------------------------------------------------------------------------

# said PAGE: its text, without sheet, tags and blanks; not the root, nor what it is part of
said() {
    sed -e '/<style>/,/<\/style>/d' -e '/name="trialseal-report"/d' -e 's/<code>[0-9a-f]*<\/code>/HASH/' \
        -e 's/<\/\(th\|td\|dt\|li\)>/ | /g' -e 's/<[^>]*>//g' -e 's/^ *//' -e 's/[ |]*$//' "$1" | sed '/^$/d'
}

# all_said PATTERN: how many pages, and what all of them say
all_said() {
    pages=$(find . -name "$1" | sort)
    echo "$1: $(echo "$pages" | wc -l) pages, $(for page in $pages; do said "$page"; done | sha256sum | cut -c 1-64)"
}

echo
echo 'The report that the nights wrote is the one that is made anew; but a bundle came in between'
by_day 90 report S1 -o report
run diff -r --exclude=index.html home/outbox/S1/report report/S1
(
    cd report/S1 || exit
    for kind in 'transfer-*' 'dataset-*' 'issue-*' 'nights-*'; do all_said "$kind"; done
    for page in index nights-2026-02 issue-format-malformed dataset-DM; do
        echo
        echo "$page.html"
        said $page.html
    done
    echo
    echo 'The transfer of night 55'
    said "$(grep -l '2 files are held' transfer-*.html | head -n 1)"
)
