#!/bin/sh
# The rule of layers, and that the guard sees a file that breaks it.
set -eu
. tests/lib.sh

# breaks NAME FILE INCLUDE WORD: a file with this include is refused, and the refusal says WORD
breaks() {
    rm -rf "$scratch/src"
    mkdir -p "$scratch/src/$(dirname "$2")"
    printf '#include <stddef.h>\n#  include %s\n' "$3" >"$scratch/src/$2"
    refuses "guard_layers__refuses_$1" "$4" scripts/check-layers "$scratch/src"
}

breaks a_header_from_above ledger/tree.c '"store/home.h"' 'ledger/tree.c:2: "store/home.h" is not below ledger'
breaks a_header_from_a_peer dataset/xpt.c '"store/home.h"' '"store/home.h" is not below dataset'
breaks a_header_without_its_folder base/buf.c '"span.h"' 'names no folder'
breaks a_header_of_no_layer cli/main.c '"vendor/span.h"' 'is in no layer'
breaks a_folder_that_is_no_layer misc/main.c '"base/span.h"' 'folder misc is no layer'
breaks a_library_outside_its_place job/run.c '<sqlite3.h>' '<sqlite3.h> is only for store/ dataset/sql.c'
breaks a_library_that_is_not_listed cli/main.c '<lua.h>' '<lua.h> is not in scripts/layers.txt'
breaks stdio_in_the_core format/json.h '<stdio.h>' '<stdio.h> is only for'
breaks an_include_through_a_macro base/buf.c 'HEADER' 'cannot be read'
expect guard_layers__holds_for_src scripts/check-layers
