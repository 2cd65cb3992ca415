/* The audit of what was erased: it may be absent, and must be. */
#ifndef AUDIT_AUDIT_ERASED_H
#define AUDIT_AUDIT_ERASED_H

#include "base/issue.h"
#include "ledger/history.h"
#include "store/catalog.h"

/* What entries name and is not there: objects, and secrets, which are destroyed with their file.
 * `struct absentees l = {0};` is empty. */
struct absentees {
    struct absentee *item;
    size_t count, cap;
    struct arena arena;
};

/* object: whose erasure allows it; place: of the entry; what: "its detached text", or a hash. */
void absentees_add(struct absentees *l, enum issue_id id, struct hash object, const char *place,
                   const char *what);

/* Only the whole ledger tells which of them were erased; the others are missing. Empties it. */
void absentees_judge(struct absentees *l, const struct history *h, struct issues *issues);

/* Objects that are there, although every study that names them has erased them; and secrets. */
bool audit_undestroyed(const struct home *h, struct catalog *c, struct issues *issues,
                       struct err *e);

#endif
