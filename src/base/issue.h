/*
 * Issues: the job was done, and data or evidence is bad, odd or worth knowing.
 * The table is base/issue.def; it feeds exit status, JSON, reports and docs/issues.md.
 */
#ifndef BASE_ISSUE_H
#define BASE_ISSUE_H

#include <stdint.h>

#include "base/arena.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_BAD };

enum issue_id {
#define ISSUE(ID, severity, id, text) ISSUE_##ID,
#include "base/issue.def"
#undef ISSUE
    ISSUE_COUNT
};

/* The stable id, e.g. "ledger-root"; its severity; the general sentence. */
const char *issue_name(enum issue_id id);
enum severity issue_severity(enum issue_id id);
const char *issue_text(enum issue_id id);
const char *severity_name(enum severity s); /* "note", "warning", "bad" */

/* The id of that name, or ISSUE_COUNT. */
enum issue_id issue_find(struct span name);

struct issue {
    enum issue_id id;
    const char *place;  /* file, member or entry that it is about; "" if none */
    const char *detail; /* what exactly, one sentence without a full stop; never a data value */
};

enum { ISSUE_SAMPLES = 20 }; /* of one id that are kept; counts are never capped */

/* `struct issues l = {0};` is empty. */
struct issues {
    struct arena arena;
    struct issue *sample; /* in order of arrival */
    size_t samples, cap;
    uint64_t count[ISSUE_COUNT];
};

void issues_add(struct issues *l, enum issue_id id, const char *place, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
uint64_t issues_count(const struct issues *l, enum severity at_least);

/* Adds all of `from` (samples up to the cap, all counts). */
void issues_join(struct issues *l, const struct issues *from);
void issues_close(struct issues *l);

#endif
