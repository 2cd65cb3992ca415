# Files in hand: what they hold, and whether two hold the same data.
# shellcheck shell=sh disable=SC2154 # run, trialseal, samples come from tests/cli/test_golden.sh
night1=$samples/1/DEMO-101_2026-01-12 night2=$samples/2/DEMO-101_2026-01-13
cp "$night1/lb.csv" lb1.csv
cp "$night2/lb.csv" lb2.csv
cp "$night1/ex.xpt" ex1.xpt
cp "$night2/ex.xpt" ex2.xpt
json() { # CREATED COLUMNS ROWS...: a Dataset-JSON file of one text
    printf '{"datasetJSONCreationDateTime":"%s","datasetJSONVersion":"1.1.0","itemGroupOID":"I","records":%d,"name":"X","label":"","columns":[' "$1" $(($# - 2))
    comma=
    for column in $2; do
        type=double
        [ "$column" != A ] || type=string
        printf '%s{"itemOID":"%s","name":"%s","label":"Column %s","dataType":"%s"}' "$comma" "$column" "$column" "$column" $type
        comma=,
    done
    shift 2
    printf '],"rows":[%s]}\n' "$(echo "$*" | tr ' ' ',')"
}
json 2026-01-01T00:00:00 'A B' '["x",1]' '["y",8.55]' >a.json
json 2026-01-02T00:00:00 'A B' '["x",1.0]' '["y",8.55]' >later.json
json 2026-01-01T00:00:00 'B A' '[1,"x"]' '[8.55,"y"]' >columns.json
json 2026-01-01T00:00:00 'A B' '["y",8.55]' '["x",1]' >records.json
json 2026-01-01T00:00:00 'A B' '["x",1]' '["y",8.549999999999999]' >fuzz.json
json 2026-01-01T00:00:00 'A B' '["x",1]' '["y",8.56]' >data.json
json 2026-01-01T00:00:00 'A C' '["x",1]' '["y",8.55]' >names.json
sed 's/Column A/Other/' a.json >labels.json
run trialseal describe lb1.csv
run trialseal describe ex1.xpt
# The informat of the first column, and the time that the dataset was modified.
cp ex1.xpt informat.xpt
printf '\044CHAR   \000\014' | dd of=informat.xpt bs=1 seek=712 conv=notrunc 2>/dev/null
printf '15JAN26:02:00:00' | dd of=informat.xpt bs=1 seek=480 conv=notrunc 2>/dev/null
run trialseal describe informat.xpt
run trialseal compare ex1.xpt informat.xpt
run trialseal describe a.json
run trialseal --json describe fuzz.json
run trialseal compare lb1.csv lb2.csv
run trialseal compare ex1.xpt ex2.xpt
for other in a later labels columns records fuzz data names; do
    run trialseal compare a.json $other.json
    run trialseal --json compare a.json $other.json
done
run trialseal -q compare a.json data.json
head -c 900 ex1.xpt >cut.xpt
cp a.json a.xpt
echo '[{"A":"x"}]' >array.json
printf '%%PDF-1.4\n' >a.pdf
run trialseal compare a.json cut.xpt
run trialseal compare a.json a.xpt
run trialseal compare a.json array.json
run trialseal compare a.json a.pdf
run trialseal compare a.pdf a.pdf
run trialseal compare a.json nowhere.json
run trialseal compare a.json
run trialseal describe a.pdf
run trialseal describe cut.xpt
cat >define.xml <<'END'
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1">
<Study OID="S"><GlobalVariables><StudyName>DEMO</StudyName></GlobalVariables>
<MetaDataVersion OID="M" def:DefineVersion="2.1.0"><def:Standards><def:Standard Name="SDTMIG" Version="3.3"/></def:Standards>
<ItemGroupDef OID="IG.X" Name="X"><ItemRef ItemOID="IT.A" KeySequence="1"/><ItemRef ItemOID="IT.B"/></ItemGroupDef>
<ItemDef OID="IT.A" Name="A" DataType="text" Length="8"/><ItemDef OID="IT.B" Name="B" DataType="float"/>
</MetaDataVersion></Study></ODM>
END
sed '1i <!DOCTYPE ODM>' define.xml >doctype.xml
printf 'A,B\n"x",1.00\n"y",8.55\n"z",NA\n' >x.csv
json 2026-01-01T00:00:00 'A B' '["x",1]' '["y",8.55]' '["z",null]' >x.json
run trialseal describe define.xml
sed 's/<def:Standards>.*<.def:Standards>//' define.xml >bare.xml
run trialseal describe bare.xml
run trialseal describe doctype.xml
run trialseal describe x.csv --define define.xml --missing NA
run trialseal compare x.csv x.json
run trialseal compare x.csv x.json --define define.xml
run trialseal compare x.csv x.json --define define.xml --missing NA
run trialseal compare x.csv x.json --define doctype.xml
printf ',A,B\n0,x,1\n' >index.csv
run trialseal compare index.csv x.json
odm() { # OUT DATE AUDIT-REASON VALUE
    cat >"$1" <<END
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Transactional" ODMVersion="1.3.2" CreationDateTime="$2">
<ClinicalData StudyOID="S" MetaDataVersionOID="M"><SubjectData SubjectKey="01" TransactionType="Update">
<StudyEventData StudyEventOID="SE.1"><FormData FormOID="F.1"><ItemGroupData ItemGroupOID="IG.1">
<ItemData ItemOID="IT.1" Value="7"><AuditRecord><UserRef UserOID="U.1"/><LocationRef LocationOID="L.1"/>
<DateTimeStamp>2026-01-02T03:04:05Z</DateTimeStamp>$3</AuditRecord></ItemData><ItemData ItemOID="IT.2" Value="$4"/>
</ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData></ODM>
END
}
reason='<ReasonForChange>typing error</ReasonForChange>'
odm audit.xml 2026-01-03T00:00:00 '' 1
odm audit_header.xml 2026-01-04T00:00:00 '' 1
odm audit_value.xml 2026-01-04T00:00:00 '' 2
odm audit_reason.xml 2026-01-04T00:00:00 "$reason" 1
sed 's,<AuditRecord>,<x>,; s,</AuditRecord>,</x>,' audit.xml >no_audit.xml
sed "1i <?xml version=\"1.0\"?><!DOCTYPE ODM>" audit.xml >audit_doctype.xml
run trialseal describe audit.xml
run trialseal compare audit.xml audit_header.xml
run trialseal compare audit.xml audit_value.xml
run trialseal compare audit.xml audit_reason.xml
run trialseal compare audit.xml no_audit.xml
run trialseal describe no_audit.xml
run trialseal describe audit_doctype.xml
old='{"creationDateTime":"2024-01-01","datasetJSONVersion":"1.0.0","clinicalData":{"itemGroupData":{'
group='{"records":1,"name":"AE","label":"","items":[{"OID":"I","name":"A","label":"","type":"string"}],"itemData":[["x"]]}'
printf '%s"I.1":%s}}}' "$old" "$group" >once.json
printf '%s"I.1":%s,"I.2":%s}}}' "$old" "$group" "$group" >twice.json
run trialseal compare once.json twice.json
run trialseal help compare
# The same data as CSV, once somebody says what its columns are.
printf 'a,b\nx,01\ny,8.55\n' >typed.csv
printf '{"csvSchema":1,"label":"Typed","missing":["NA"],"columns":[{"name":"A","dataType":"string","keySequence":1},{"name":"B","dataType":"double"}]}\n' >typed.schema.json
run trialseal compare a.json typed.csv
run trialseal compare a.json typed.csv --schema typed.schema.json
run trialseal describe typed.csv --schema typed.schema.json
run trialseal describe typed.csv --schema a.json
run trialseal describe typed.csv --schema typed.schema.json --define typed.schema.json
printf 'A,B\n"x",.\n"y",NA\n' >missing.csv
json 2026-01-01T00:00:00 'A B' '["x",null]' '["y",null]' >missing.json
run trialseal compare missing.csv missing.json --missing .
run trialseal compare missing.csv missing.json --missing . --missing NA
# A text in Shift_JIS, declared well, wrongly, and not at all.
printf 'A,B\n\203\145\203\130\203\147,1\n' >text.csv
run trialseal describe text.csv --encoding shift_jis
run trialseal describe text.csv --encoding utf-8
run trialseal describe text.csv --encoding ebcdic
run trialseal describe text.csv
