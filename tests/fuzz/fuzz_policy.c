/* Policies are hostile input; a note without cosignatures satisfies only those that need none. */
#include <stdlib.h>

#include "ledger/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct policy *p;
    struct err e = {0};
    if (policy_parse(&a, span_of(data, size), &p, &e)) {
        struct note n = {.text = SPAN("text\n")};
        size_t cosigned = 1, needed = policy_witnesses_needed(p);
        bool reached = policy_quorum(p, &n, &cosigned, &e);
        if (cosigned != 0 || reached != (needed == 0) || needed > POLICY_NAMES_MAX)
            abort();
        policy_log(p, SPAN("log.example"), 0);
    } else if (e.kind != ERR_FORMAT && e.kind != ERR_LIMIT) {
        abort();
    }
    arena_close(&a);
    return 0;
}
