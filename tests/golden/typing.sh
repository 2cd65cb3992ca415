# A CSV that comes with a schema, without one, and with one that is malformed.
# shellcheck shell=sh disable=SC2154 # run, trialseal come from tests/cli/test_golden.sh
trialseal init home --origin demo.example --test
trialseal --now 2026-01-11T12:00:00Z study add DEMO-101
send() { # DAY: what is in the folder t, as a transfer of that day
    (cd t && sha256sum -- *) >manifest
    mv manifest t/MANIFEST.sha256
    mv t "home/inbox/DEMO-101/$1"
    run trialseal --now "2026-01-${1}T02:00:00Z" run
    mkdir t
}
mkdir t
printf 'USUBJID,AESEQ,AESTDT\nS-1,01,2026-01-02\nS-2,1,NA\n' >t/ae.csv
printf '{"csvSchema":1,"label":"Adverse Events","missing":["NA"],"columns":[{"name":"AESEQ","dataType":"integer","keySequence":1}]}\n' >t/ae.schema.json
send 12
run trialseal show DEMO-101
printf 'USUBJID,AESEQ\nS-1,1\n' >t/ae.csv
send 13
printf 'USUBJID,AESEQ\nS-1,2\n' >t/ae.csv
echo '{"csvSchema":1,"columns":[{"name":"AESEQ","dataType":"number"}]}' >t/ae.schema.json
send 14
mkdir home/studies/DEMO-101/schemas
printf '{"csvSchema":1,"columns":[{"name":"AESEQ","dataType":"integer"}]}\n' >home/studies/DEMO-101/schemas/AE.json
printf '[keys]\nAE = USUBJID AESEQ\n[csv]\nmissing = NA\n[text]\nencoding = shift_jis\n' >>home/studies/DEMO-101/study.conf
run trialseal study show DEMO-101
echo '[]' >home/studies/DEMO-101/schemas/DM.json
run trialseal study show DEMO-101
rm home/studies/DEMO-101/schemas/DM.json
sed -i 's/shift_jis/latin1/' home/studies/DEMO-101/study.conf
printf 'USUBJID,AESEQ\nS-1,2\n' >t/ae.csv
send 15
