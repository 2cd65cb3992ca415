#!/bin/sh
# libcore.a is pure, and the guard sees a call that is not.
set -eu
. tests/lib.sh

# library FILE.c TEXT: a library of one file
library() {
    rm -f "$scratch/lib.a"
    echo "$2" >"$scratch/$1"
    cc -O2 -c -o "$scratch/${1%.c}.o" "$scratch/$1"
    ar qc "$scratch/lib.a" "$scratch/${1%.c}.o"
}

library clock.c 'long time(long *); long now(void) { return time(0); }'
refuses guard_pure__refuses_the_clock 'clock.o calls time' scripts/check-pure "$scratch/lib.a"

library tree.c 'void *malloc(unsigned long); void *more(void) { return malloc(9); }'
refuses guard_pure__refuses_malloc_outside_the_arena 'tree.o calls malloc' scripts/check-pure "$scratch/lib.a"

library sign.c 'int crypto_sign_keypair(void *, void *); int f(void) { return crypto_sign_keypair(0, 0); }'
refuses guard_pure__refuses_a_key_made_of_randomness 'crypto_sign_keypair' scripts/check-pure "$scratch/lib.a"

ar qc "$scratch/empty.a"
refuses guard_pure__refuses_an_empty_library 'nothing in it' scripts/check-pure "$scratch/empty.a"

library sign.c 'int crypto_sign_detached(void); int f(void) { return crypto_sign_detached(); }'
expect guard_pure__allows_what_the_list_names scripts/check-pure "$scratch/lib.a"

if nm -u "$O/libcore.a" 2>/dev/null | grep -q __asan_; then
    skip guard_pure__holds_for_libcore "this build has sanitizers"
else
    expect guard_pure__holds_for_libcore scripts/check-pure "$O/libcore.a"
fi
