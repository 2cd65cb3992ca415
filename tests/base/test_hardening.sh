#!/bin/sh
# The released programs: position-independent, relocations read-only, no lazy binding, no executable
# stack, stack protector.
set -eu
. tests/lib.sh

has() { # has PROGRAM READELF-OPTIONS PATTERN
    readelf -W "$2" "$1" | grep -Eq -- "$3"
}

# Without a dynamic symbol table the full one tells.
stack_protector() { # PROGRAM
    readelf -W -s "$1" | grep -q __stack_chk_fail
}

check_program() { # PROGRAM
    name=hardening__$(basename "$1" | tr - _)
    expect "${name}_is_position_independent" has "$1" -h 'Type: +DYN'
    expect "${name}_has_pie_flag" has "$1" -d 'FLAGS_1.* PIE'
    expect "${name}_has_read_only_relocations" has "$1" -l GNU_RELRO
    expect "${name}_binds_now" has "$1" -d 'BIND_NOW|FLAGS_1.* NOW'
    expect "${name}_has_no_executable_stack" has "$1" -l "GNU_STACK.* RW +0x"
    expect "${name}_has_stack_protector" stack_protector "$1"
}

for program in trialseal trialseal-verify trialseal-verify-static; do
    if [ ! -e "$O/$program" ]; then
        skip "hardening__$program" "$O/$program is not built"
    elif nm "$O/$program" | grep -q __asan_init; then
        skip "hardening__$program" "this build has sanitizers"
    else
        check_program "$O/$program"
    fi
done

# What takes no token must not carry what reads them: docs/DESIGN.md, "The small verifier".
large_libraries() { # PROGRAM
    readelf -W -d "$1" | grep -E 'NEEDED.*lib(crypto|ssl|curl)' || nm "$1" 2>/dev/null | grep -E ' (TS_RESP_|X509_|curl_easy_)'
}
for program in trialseal-verify trialseal-verify-static; do
    [ -e "$O/$program" ] || continue
    name=hardening__$(echo "$program" | tr - _)_has_no_libcrypto_and_no_curl
    if found=$(large_libraries "$O/$program"); then not_ok "$name" "$found"; else ok "$name"; fi
done
[ ! -e "$O/trialseal" ] || expect hardening__trialseal_has_libcrypto large_libraries "$O/trialseal"

interpreter() { readelf -W -l "$1" | grep -q INTERP; }
if [ -e "$O/trialseal-verify-static" ]; then
    if interpreter "$O/trialseal-verify-static"; then
        not_ok hardening__static_verifier_needs_no_library "it has an interpreter"
    else
        ok hardening__static_verifier_needs_no_library
    fi
fi
