/* Both configuration files: no crash, and every rule that was read gives valid names. */
#include <stdio.h>
#include <stdlib.h>

#include "store/conf.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "%s\n", why);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct arena a = {0};
    struct err e;
    struct conf_home home;
    struct conf_study study;
    if (conf_home_parse(&a, span_of(p, n), &home, &e) && !conf_origin_check(home.origin))
        abort();
    if (conf_study_parse(&a, span_of(p, n), NULL, &study, &e)) {
        struct conf_match m = conf_study_match(&study, &a, span_of(p, n), SPAN("AE"), n % 2 == 0);
        if (m.dataset.n > 0 && !dataset_name_check(m.dataset))
            abort();
        for (size_t i = 0; i < study.keys; i++)
            if (study.key[i].columns == 0 || conf_study_key(&study, study.key[i].dataset) == NULL)
                abort();
    }
    arena_close(&a);
    return 0;
}
