# Which revision is a CSV in hand whose types, texts for nothing or encoding are said elsewhere?
# shellcheck shell=sh disable=SC2154 # run, trialseal come from tests/cli/test_golden.sh
trialseal init home --origin demo.example --test
trialseal --now 2026-01-11T12:00:00Z study add S1 >other
send() { # DAY: what is in the folder t, as a transfer of that day
    (cd t && sha256sum -- *) >manifest
    mv manifest t/MANIFEST.sha256
    mv t "home/inbox/S1/$1"
    trialseal --now "2026-01-${1}T02:00:00Z" run
    mkdir t
}
mkdir t home/studies/S1/schemas
schema() { printf '{"csvSchema":1,"label":"%s","columns":[{"name":"SEQ","dataType":"integer","keySequence":1},{"name":"VALUE","dataType":"double"}]}\n' "$1"; }
# By a schema of the study: other spellings of its numbers, under another name, and in another format.
schema Vitals >home/studies/S1/schemas/VS.json
printf 'SEQ,VALUE\n1,7.0\n2,8.50\n3,9\n' >t/vs.csv
send 12
printf 'SEQ,VALUE\n01,7\n02,8.5\n03,9.00\n' >hand.csv
run trialseal identify hand.csv
run trialseal --json identify hand.csv S1
printf 'SEQ,VALUE\n03,9.00\n01,7\n02,8.5\n' >hand.csv
run trialseal identify hand.csv
printf 'SEQ,VALUE\n01,7\n02,8.5\n03,9.10\n' >hand.csv
run trialseal identify hand.csv
# What the command says comes first: then it is text.
printf 'SEQ,VALUE\n01,7\n02,8.5\n03,9.00\n' >vs.csv
run trialseal identify vs.csv --missing NA
# By a schema that came with it; the bytes are not needed.
printf 'SEQ,VALUE\n1,1.10\n2,2.20\n' >t/lb.csv
schema Labs >t/lb.schema.json
send 13
printf 'SEQ,VALUE\n1,1.1\n2,2.2\n' >hand.csv
run trialseal identify hand.csv
trialseal --now 2026-01-14T02:00:00Z erase S1/LB@1 --reason 'On request' >other 2>&1
run trialseal identify hand.csv
# By define.xml, texts for nothing and an encoding of the study.
cat >home/studies/S1/define.xml <<'END'
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1">
<Study OID="S"><GlobalVariables><StudyName>S</StudyName></GlobalVariables><MetaDataVersion OID="M" def:DefineVersion="2.1.0">
<ItemGroupDef OID="IG" Name="CM"><ItemRef ItemOID="I" KeySequence="1"/></ItemGroupDef>
<ItemDef OID="I" Name="N" DataType="integer"/></MetaDataVersion></Study></ODM>
END
printf '[csv]\nmissing = NA\n[text]\nencoding = shift_jis\n' >>home/studies/S1/study.conf
printf 'N,DRUG,DOSE\n1,\203e\203X\203g,NA\n2,b,5\n' >t/cm.csv
send 15
printf 'N,DRUG,DOSE\n01,\203e\203X\203g,\n02,b,5\n' >hand.csv
run trialseal identify hand.csv
printf 'N,DRUG,DOSE\n01,\343\203\206\343\202\271\343\203\210,NA\n02,b,5\n' >hand.csv
run trialseal identify hand.csv
printf 'N,DRUG,DOSE\n01,\203e\203X\203g,\n03,b,5\n' >hand.csv
run trialseal identify hand.csv
# One that is not of that encoding is not it, and no error.
printf 'N,DRUG,DOSE\n01,caf\351,\n02,b,5\n' >hand.csv
run trialseal identify hand.csv
# What was sent with a schema when the study said as much.
printf 'SEQ,VALUE\n1,NA\n2,3.30\n' >t/eg.csv
schema ECG >t/eg.schema.json
send 16
printf 'SEQ,VALUE\n1,\n2,3.3\n' >hand.csv
run trialseal identify hand.csv
echo '[]' >home/studies/S1/schemas/DM.json
run trialseal identify hand.csv
