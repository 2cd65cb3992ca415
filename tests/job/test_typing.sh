#!/bin/sh
# What types the columns of a CSV when it is taken in: schemas in the transfer, and of the study.
set -eu
. tests/job/home.sh
new_home "$home"
study=$home/studies/S1

# define FILE TYPE: a Define-XML that has dataset AE with LABEL's words
define() {
    cat >"$1" <<END
<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1">
<Study OID="S"><GlobalVariables><StudyName>S</StudyName></GlobalVariables>
<MetaDataVersion OID="M" def:DefineVersion="2.1.0">
<ItemGroupDef OID="IG" Name="AE"><Description><TranslatedText>$2</TranslatedText></Description>
<ItemRef ItemOID="I" KeySequence="1"/></ItemGroupDef>
<ItemDef OID="I" Name="SEQ" DataType="integer"/></MetaDataVersion></Study></ODM>
END
}

# schema FILE LABEL: a CSV schema
schema() { printf '{"csvSchema":1,"label":"%s","columns":[\n{"name":"SEQ","dataType":"integer","keySequence":1}]}\n' "$2" >"$1"; }

# begin DAY: an empty transfer of that day, $transfer, with ae.csv, which is new each day
begin() {
    day=$1
    transfer=$inbox/t$day
    mkdir "$transfer"
    csv "$transfer/ae.csv" "$day"
}

# newest: what the entry of the newest revision of AE names goes to $scratch/details
newest() {
    at "$day" --json show S1/AE >"$scratch/revisions"
    entry=$(sed -n 's/.*"entry":\([0-9]*\).*"type":"revision".*/\1/p' "$scratch/revisions" | sort -n | tail -n 1)
    at "$day" --json show "S1#$entry" >"$scratch/details"
}

# typed_by LABEL: it was typed by what has that label; -: by nothing
typed_by() {
    newest
    wanted='"label":"'$1'","member":null'
    type=number
    [ "$1" != - ] || { wanted='"label":"","member":null'; type=undeclared; }
    grep -qF "$wanted" "$scratch/details" && grep -qF "\"name\":\"SEQ\",\"type\":\"$type\"" "$scratch/details" && return
    echo "not typed by $1: $(cat "$scratch/details")"
    return 1
}
takes() { list "$transfer" && silent at "$day" run && typed_by "$1"; }
holds() { list "$transfer" && ends 1 at "$day" run && grep -qF "$1" "$scratch/said"; }
stops() { list "$transfer" && ends 2 at "$day" run && grep -qF "$1" "$scratch/said" && [ -d "$transfer" ]; }

# --- malformed schemas of the study: nothing is taken in ------------------------------------------

mkdir "$study/schemas"
begin 02
echo '<ODM>' >"$study/define.xml"
expect typing__stops_at_a_malformed_define_xml_of_the_study stops 'studies/S1/define.xml: line 1'
define "$study/define.xml" study
printf '{"csvSchema":1,\n"columns":1}\n' >"$study/schemas/ae.json"
expect typing__stops_at_a_malformed_schema_of_the_study stops 'studies/S1/schemas/ae.json: line 2'
schema "$study/schemas/ae.json" schemas
schema "$study/schemas/AE.json" schemas
expect typing__stops_where_a_dataset_has_two_schemas stops 'studies/S1/schemas/ae.json: there is one for this dataset'
rm "$study/schemas/AE.json"
mv "$study/schemas/ae.json" "$study/schemas/a e.json"
expect typing__stops_at_a_schema_that_is_no_datasets stops "studies/S1/schemas/a e.json: its name is not that of a dataset"
rm "$study/schemas/a e.json"
printf '\377' >"$study/schemas/ae.json"
expect typing__stops_at_a_schema_that_is_not_utf_8 stops "studies/S1/schemas/ae.json: not UTF-8"
rm "$study/schemas/ae.json"
ln -s ../define.xml "$study/schemas/ae.json"
expect typing__stops_at_a_link stops "ae.json"
rm "$study/schemas/ae.json"
mkdir -p "$study/schemas/a/b/c"
expect typing__stops_at_a_folder_that_is_no_datasets stops 'studies/S1/schemas/a/b/c: deeper than'
rm -r "$study/schemas/a"
many() { seq -f "$1" "$2" | while read -r name; do schema "$name" many; done; }
many "$study/schemas/D%g.json" 1001
expect typing__stops_at_too_many_schemas stops 'more than 1000 schemas'
rm "$study"/schemas/D*.json
{ echo '<ODM>' && head -c 8388608 /dev/zero | tr '\0' ' '; } >"$study/schemas/ae.json"
expect typing__stops_at_schemas_that_are_too_large stops 'ae.json'
rm "$study/schemas/ae.json"
cp "$study/study.conf" "$scratch/study.conf"
printf '[text]\nencoding = ebcdic\n' >>"$study/study.conf"
expect typing__stops_at_an_encoding_that_is_not_known stops 'studies/S1/study.conf, [text] encoding: no encoding that is known: ebcdic'
cp "$scratch/study.conf" "$study/study.conf"

# --- who is asked first -------------------------------------------------------------------------

expect typing__takes_define_xml_of_the_study takes study
begin 03
schema "$study/schemas/AE.json" schemas
schema "$study/schemas/DM.json" other
expect typing__takes_schemas_before_define_xml takes schemas
begin 04
define "$transfer/define.xml" transfer
expect typing__takes_define_xml_of_the_transfer_before_the_studys takes transfer
begin 05
define "$transfer/define.xml" transfer
schema "$transfer/AE.Schema.json" beside
expect typing__takes_the_schema_beside_the_file_first takes beside
begin 06
sed 's/Name="AE"/Name="XX"/' "$study/define.xml" >"$transfer/define.xml"
schema "$transfer/lb.schema.json" lb
expect typing__passes_over_what_does_not_have_the_dataset takes schemas
begin 07
schema "$transfer/ae.schema.json" opaque
sed -i 's/^\[datasets\]$/&\n*.schema.json = opaque:schemas\/*/' "$study/study.conf"
expect typing__does_not_look_into_what_is_declared_opaque takes schemas
cp "$scratch/study.conf" "$study/study.conf"
begin 08
mv "$study/schemas/AE.json" "$study/schemas/.AE.json.swp"
rm "$study/define.xml"
expect typing__leaves_a_csv_undeclared_where_nobody_says takes -
revision_of() { at 08 show "S1/$1" | grep -qF "$2"; }
expect typing__keeps_a_schema_as_a_file_of_the_transfer revision_of LB-SCHEMA json

# --- what the ledger keeps of them ----------------------------------------------------------------

same_schemas() { # ENTRY NAME...: the files of the study that this configuration has
    entry=$1
    shift
    at 08 --json show "S1#$entry" | grep -o '"name":"[^"]*","text":"' | cut -d '"' -f 4 >"$scratch/names"
    printf '%s\n' "$@" | cmp - "$scratch/names"
}
changes() { at 08 log S1 | sed -n 's/^S1#\([0-9]*\)  .*  system  *new configuration.*/\1/p'; }
expect typing__records_every_change_of_the_studys_schemas test "$(changes | wc -l)" = 4
expect typing__records_which_schemas_there_are same_schemas "$(changes | sed -n 2p)" define.xml schemas/AE.json schemas/DM.json
whole() { at 08 --json show "S1#$(changes | head -n 1)" | grep -qF '"name":"define.xml","text":"<?xml version=\"1.0\"?>\n<ODM '; }
expect typing__records_the_whole_text_of_them whole

# --- schemas of a transfer that are held --------------------------------------------------------

noted() { newest && grep -qF "its columns are typed without $1, which is held" "$scratch/details"; }
schema "$study/schemas/AE.json" schemas
begin 09
echo '<ODM/><ODM/>' >"$transfer/define.xml"
expect typing__holds_a_malformed_define_xml holds 'define.xml: the file is malformed or truncated: line 1'
expect typing__then_takes_what_the_study_says typed_by schemas
expect typing__and_says_so noted define.xml
begin 10
define "$transfer/other.xml" transfer
sed -i 's/DataType="integer"//' "$transfer/other.xml"
expect typing__holds_a_malformed_define_xml_of_any_name holds 'other.xml: the file is malformed or truncated: line 7: ItemDef without'
begin 11
echo '{"csvSchema":1}' >"$transfer/ae.schema.json"
expect typing__holds_a_malformed_schema holds 'ae.schema.json: the file is malformed or truncated: line 1: no "csvSchema"'
expect typing__and_says_so_too noted ae.schema.json
begin 12
echo '<html/>' >"$transfer/define.xml"
echo '<audit/>' >"$transfer/audit.xml"
expect typing__holds_a_define_xml_that_is_none holds 'define.xml: '
held() { grep -c '^  .*(format-' "$scratch/said"; }
expect typing__takes_other_xml_as_it_is test "$(held)" = 1

rm "$study/schemas/DM.json"
begin 13
many "$transfer/d%g.schema.json" 201
expect typing__holds_schemas_above_their_limit holds 'more than 200 schemas in one transfer'
expect typing__and_no_others test "$(grep -c '(format-limit)' "$scratch/said")" = 1
begin 14
{ echo '<?xml version="1.0"?><ODM>'; head -c 67108864 /dev/zero | tr '\0' ' '; } >"$transfer/define.xml"
expect typing__holds_a_define_xml_that_is_too_large holds 'define.xml: the file exceeds a limit'

begin 18
{ echo '<audit>'; head -c 67108000 /dev/zero | tr '\0' ' '; echo '</audit>'; } >"$transfer/audit.xml"
define "$transfer/define.xml" beside-large
expect typing__other_xml_takes_no_room_from_schemas takes beside-large

begin 21
echo '<audit/>' >"$transfer/audit.xml"
define "$transfer/define.xml" altered
list "$transfer"
for file in audit define; do echo >>"$transfer/$file.xml"; done
expect typing__is_not_typed_by_what_did_not_arrive_whole ends 1 at 21 run
expect typing__and_takes_the_next typed_by schemas
expect typing__and_says_of_schemas_only noted define.xml

# --- what a study says of all files --------------------------------------------------------------

begin 22
printf '[csv]\nmissing = NA\n[text]\nencoding = shift_jis\n' >>"$study/study.conf"
printf 'SEQ,TERM\n1,\203\145\203\130\203\147\nNA,caf\303\251\n' >"$transfer/ae.csv"
expect typing__takes_text_of_the_declared_encoding takes schemas
begin 23
printf 'SEQ,TERM\n1,\203\n' >"$transfer/ae.csv"
expect typing__holds_a_file_that_is_not_of_the_declared_encoding holds 'ae.csv: the file is malformed or truncated: row 1, column 2: text that is not shift_jis'
expect typing__leaves_a_home_that_checks ends 0 at 24 check
