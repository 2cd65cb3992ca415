# The same data in another format, under another name, and again after it was withdrawn.
# shellcheck shell=sh disable=SC2154 # run, trialseal come from tests/cli/test_golden.sh
trialseal init home --origin demo.example --test
trialseal --now 2026-01-11T12:00:00Z study add DEMO-101
mkdir -p home/studies/DEMO-101/schemas
echo '{"csvSchema":1,"columns":[{"name":"AGE","dataType":"double"}]}' >home/studies/DEMO-101/schemas/DM.json
send() { # DAY FILE...: as a transfer of that day
    day=$1
    shift
    run trialseal -v --now "2026-01-${day}T22:00:00Z" submit DEMO-101 "$@"
}
json() { # FILE RECORD...: Dataset-JSON with these records
    file=$1
    shift
    {
        printf '{"datasetJSONCreationDateTime":"2026-01-12T00:00:00","datasetJSONVersion":"1.1.0","itemGroupOID":"IG.DM","name":"DM",'
        printf '"label":"","records":%s,"columns":[{"itemOID":"IT.A","name":"USUBJID","label":"","dataType":"string"},' $#
        printf '{"itemOID":"IT.B","name":"AGE","label":"","dataType":"double"}],"rows":['
        (
            IFS=,
            printf '%s]}\n' "$*"
        )
    } >"$file"
}
printf 'USUBJID,AGE\nS-1,31\nS-2,32.5\n' >dm.csv
send 12 dm.csv
json dm.json '["S-1",31]' '["S-2",32.5]'
cp dm.json first.json
send 13 --id first dm.json
json dm.json '["S-2",32.5]' '["S-1",31]' '["S-3",33]'
send 14 dm.json
printf 'USUBJID,AGE\nS-1,31\nS-2,32.5\nS-3,33.000000000000007\n' >dm.csv
send 15 dm.csv
# Under another name; and without records, which tells nothing of another dataset.
cp home/studies/DEMO-101/schemas/DM.json home/studies/DEMO-101/schemas/DEMOG.json
cp home/studies/DEMO-101/schemas/DM.json home/studies/DEMO-101/schemas/DM2.json
cp dm.csv demog.csv
printf 'USUBJID,AGE\n' >dm.csv
cp dm.csv empty.csv
send 16 demog.csv
send 17 dm.csv empty.csv
json dm.json
send 18 dm.json
run trialseal --now 2026-01-19T22:00:00Z withdraw DEMO-101/DEMOG@1 --reason 'Sent by mistake'
cp demog.csv dm2.csv
send 20 dm2.csv
run trialseal log DEMO-101
run trialseal show DEMO-101/DM
run trialseal show DEMO-101
trialseal show DEMO-101/DM@2 >text
run head -n 5 text
trialseal show DEMO-101/DM2@1 >text
run head -n 5 text
trialseal --json show DEMO-101/DM >lines
sed -n 's/.*"revision":\([0-9]*\),.*\("twin":.*\),"type.*/\1 \2/p' lines >said
run cat said
trialseal --json show DEMO-101/DM@4 >lines
run grep '"type":"twin"' lines
cat home/outbox/DEMO-101/0*/receipt.txt | grep 'is now revision' >said
run cat said
trialseal --now 2026-01-21T22:00:00Z report DEMO-101 -o pages
cat pages/DEMO-101/*.html | sed 's/<\/td>/\n/g' | grep 'class="change' | sed 's/.*<span[^>]*>\|<.span>//g' | sort -u | grep ';' >said
run cat said
# Rebuilt, the catalog finds the same.
trialseal show DEMO-101/DM >before
trialseal -q rebuild
trialseal show DEMO-101/DM >after
run cmp before after
# A receipt is made again as it was, whatever was withdrawn since.
mv home/outbox/DEMO-101/000000000005-* receipt
trialseal --now 2026-01-21T22:00:00Z withdraw DEMO-101/DM@1 --reason 'Sent by mistake' >text
cp first.json dm.json
send 22 --id first dm.json
run cmp receipt/receipt.txt home/outbox/DEMO-101/000000000005-dm.json/receipt.txt
