#include "audit/audit_seal.h"

#include "bundle/layout.h"
#include "ledger/checkpoint.h"
#include "seal/token.h"
#include "store/objects.h"

static bool check(struct span roots, const struct entry *x, struct span token, struct span note,
                  struct arena *a, struct err *e)
{
    struct seal_token t;
    if (!seal_check(token, note, roots, SPAN(""), a, &t, e))
        return false;
    return t.time == x->seal.time ||
           err_set(e, ERR_FORMAT, "the token's time is not the one that the entry names");
}

bool audit_seal(const struct home *h, struct span roots, const struct entry *x, const char *place,
                struct issues *issues, struct err *e)
{
    struct arena a = {0};
    struct span token, note;
    struct err why = {0};
    bool read = objects_read_all(h, x->subject, BUNDLE_TOKEN_MAX, &a, &token, &why) &&
                objects_read_all(h, x->seal.checkpoint, CHECKPOINT_MAX, &a, &note, &why);
    if (read && !check(roots, x, token, note, &a, &why))
        issues_add(issues, why.kind == ERR_STATE ? ISSUE_SEAL_UNCOUNTED : ISSUE_SEAL_WRONG, place,
                   "%s", why.text);
    arena_close(&a);
    if (!read && why.kind == ERR_IO)
        *e = why;
    return read || why.kind != ERR_IO;
}
