#!/bin/sh
# docs/issues.md has every issue of issue.def with its severity and no other, and what no source file raises is
# said to be reserved. A heading is: ### `id` · severity   or   ### `id` · severity · reserved
# The schema of what is printed knows the same ids.
set -eu
. tests/lib.sh

# check ISSUE_DEF DOCUMENT SOURCES: prints what is wrong, and fails
check() {
    sed -n 's/^ISSUE(\([A-Z_]*\), \([A-Z]*\), "\([a-z-]*\)".*/\3 \2 \1/p' "$1" | tr -d '\r' | sort >"$scratch/table"
    [ -s "$scratch/table" ] || { echo "no issue in $1"; return 1; }
    [ "$(grep -c '^ISSUE(' "$1")" -eq "$(wc -l <"$scratch/table")" ] || { echo "$1: a line that this guard cannot read"; return 1; }
    while read -r id severity name; do
        reserved=
        grep -rqw --include='*.c' --exclude=cmd_check.c "ISSUE_$name" "$3" || reserved=' reserved'
        echo "$id $(echo "$severity" | tr '[:upper:]' '[:lower:]')$reserved"
    done <"$scratch/table" >"$scratch/must"
    sed -n 's/^### `\(.*\)` · /\1 /p' "$2" | sed 's/ · / /g' | sort >"$scratch/is"
    [ "$(grep -c '^### ' "$2")" -eq "$(wc -l <"$scratch/is")" ] || { echo "$2: a heading that is no issue"; return 1; }
    diff "$scratch/must" "$scratch/is"
}

# check_schema ISSUE_DEF SCHEMA: the ids of its "issue-id" are these, in order
check_schema() {
    sed -n 's/^ISSUE([A-Z_]*, [A-Z]*, "\([a-z-]*\)".*/\1/p' "$1" | LC_ALL=C sort >"$scratch/must"
    sed -n '/"issue-id": {/,/]/s/^ *"\([a-z-]*\)",\{0,1\}$/\1/p' "$2" >"$scratch/is"
    diff "$scratch/must" "$scratch/is"
}

# refuse NAME WORD HEADING...: a document with these headings is refused, and the refusal says WORD
refuse() {
    test=$1 word=$2
    shift 2
    printf '%s\n' "$@" >"$scratch/doc"
    refuses "guard_issues__refuses_$test" "$word" check "$scratch/def" "$scratch/doc" "$scratch/src"
}

mkdir "$scratch/src"
echo 'add(ISSUE_ONE);' >"$scratch/src/a.c"
printf 'ISSUE(%s, BAD, "%s", "x")\n' ONE one TWO two >"$scratch/def"

refuse another_severity '< one bad' '### `one` · note' '### `two` · bad · reserved'
refuse an_id_that_is_missing '< one bad' '### `two` · bad · reserved'
refuse an_id_that_is_none '> three bad' '### `one` · bad' '### `two` · bad · reserved' '### `three` · bad'
refuse an_id_that_nothing_raises '< two bad reserved' '### `one` · bad' '### `two` · bad'
refuse a_heading_that_is_no_issue 'a heading that is no issue' '### One' '### `one` · bad' '### `two` · bad · reserved'
expect guard_issues__holds_for_the_document check src/base/issue.def docs/issues.md src
printf '"issue-id": {\n"enum": [\n"one"\n]\n}\n"two"\n' >"$scratch/schema"
refuses guard_issues__refuses_an_id_that_the_schema_lacks '< two' check_schema "$scratch/def" "$scratch/schema"
expect guard_issues__holds_for_the_schema check_schema src/base/issue.def schemas/common.json
