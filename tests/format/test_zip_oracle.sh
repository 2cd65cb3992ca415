#!/bin/sh
# What we write is judged by unzip, bsdtar and Python's zipfile.
set -u
make=${O:-out}/tests/bin/zip_make
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# judge NAME TOOL COMMAND: one test, skipped where the tool is missing
judge() {
    if ! command -v "$2" >/dev/null 2>&1; then
        echo "skip $1: no $2"
    elif why=$(eval "$3" 2>&1); then
        echo "ok $1"
    else
        echo "not ok $1: $(printf '%s' "$why" | head -n 1)"
    fi
}

# Strict about headers as well: what a member needs, no flags, no comments, local as central.
cat >"$dir/judge.py" <<'EOF'
import sys, zipfile
from zipfile import ZipFile
want = int(sys.argv[2])
z = ZipFile(sys.argv[1])
infos = z.infolist()
assert len(infos) == want, f"{len(infos)} members"
assert [i.filename for i in infos] == sorted(i.filename for i in infos), "order"
assert not z.comment, "comment"
at = 0
for i in infos:
    assert i.header_offset == at, f"{i.filename}: offset"
    wide = max(i.file_size, i.compress_size) >= 0xFFFFFFFF
    at += 30 + len(i.filename) + (20 if wide else 0) + i.compress_size
    need = 45 if wide or i.header_offset >= 0xFFFFFFFF else 20
    assert (i.create_version, i.extract_version) == (need, need), f"{i.filename}: version"
    assert (i.create_system, i.external_attr, i.internal_attr) == (3, 0o100644 << 16, 0), "mode"
    assert (i.flag_bits, i.volume, i.comment) == (0, 0, b""), "flags"
    assert i.date_time == (1980, 1, 1, 0, 0, 0), "date"
    with z.open(i) as f:  # compares the local name with the central one
        if not wide:
            while f.read(1 << 20):  # compares the CRC-32 at the end
                pass
assert z.start_dir == at, "directory"
EOF

for kind in mixed:40 many:70000 large:4; do
    # shellcheck disable=SC2034 # judge evaluates it
    name=${kind%:*} count=${kind#*:} file=$dir/${kind%:*}.zip
    if ! why=$("$make" "$name" "$file" 2>&1); then
        echo "not ok zip_oracle__makes_$name: $why"
        continue
    fi
    judge "zip_oracle__python_reads_$name" python3 'python3 "$dir/judge.py" "$file" "$count"'
    judge "zip_oracle__bsdtar_lists_$name" bsdtar \
        'test "$(bsdtar -tf "$file" | wc -l)" -eq "$count"'
    judge "zip_oracle__unzip_lists_$name" unzip \
        'test "$(unzip -Z1 "$file" | wc -l)" -eq "$count"'
    if [ "$name" = large ]; then # 4 GiB of zeros would take seconds
        judge zip_oracle__unzip_reads_what_lies_behind_4_gib unzip \
            'test "$(unzip -p "$file" second third)" = "behind 4 GiBand deflated"'
        judge zip_oracle__bsdtar_reads_what_lies_behind_4_gib bsdtar \
            'test "$(bsdtar -xOf "$file" first)" = "before 4 GiB"'
    else
        judge "zip_oracle__unzip_tests_$name" unzip 'unzip -tqq "$file"'
        judge "zip_oracle__bsdtar_reads_$name" bsdtar 'bsdtar -xOf "$file" >"$dir/members"'
        judge "zip_oracle__unzip_and_bsdtar_agree_on_$name" unzip \
            'unzip -p "$file" | cmp - "$dir/members"'
    fi
    rm -f "$file" "$dir/members"
done
