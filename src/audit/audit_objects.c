/* Objects and secrets: what entries name is there, has its hash, and is what it must be. */
#include <string.h>

#include "audit/audit_seal.h"
#include "audit/auditing.h"
#include "ledger/detached.h"
#include "store/objects.h"
#include "store/secrets.h"

static bool drop(void *ctx, struct span s, struct err *e)
{
    struct auditing *a = ctx;
    (void)e;
    a->out->bytes += s.n;
    return true;
}

static bool check_data(struct auditing *a, struct hash h, const char *place, struct err *e)
{
    struct object *o;
    bool there;
    if (!objects_has(a->home, h, &there, e))
        return false;
    a->out->objects++;
    if (!there) {
        char hex[65];
        absentees_add(&a->absent, ISSUE_STORE_MISSING, h, place, hash_hex(h, hex));
        return true;
    }
    if (!objects_open(a->home, h, &o, e))
        return auditing_note(a, ISSUE_STORE_ALTERED, place, e);
    bool good = object_read(o, (struct sink){drop, a}, e) ||
                auditing_note(a, ISSUE_STORE_ALTERED, place, e);
    object_close(o);
    return good;
}

static bool check_details(struct auditing *a, const struct entry *x, const char *place,
                          struct err *e)
{
    struct arena scratch = {0};
    struct hash h;
    struct span text;
    bool good = true, there = false;
    if (!entry_details(x, &h))
        return true;
    a->out->objects++;
    if (!objects_has(a->home, h, &there, e))
        return false;
    if (!there)
        absentees_add(&a->absent, ISSUE_STORE_MISSING, h, place, "its detached text");
    else if (!objects_read_all(a->home, h, DETACHED_MAX, &scratch, &text, e))
        good = auditing_note(a, ISSUE_STORE_ALTERED, place, e);
    else if (!detached_check(&scratch, x->kind, text, NULL, e))
        good = auditing_note(a, ISSUE_OBJECT_MALFORMED, place, e);
    arena_close(&scratch);
    return good;
}

/* The bytes that an entry says are kept: of a file, of a token. */
static bool has_data(const struct entry *x)
{
    struct hash ignored;
    return x->kind == ENTRY_SEAL || entry_file(x, &ignored);
}

static bool check_seal(struct auditing *a, const struct entry *x, const char *place, struct err *e)
{
    return check_data(a, x->seal.checkpoint, place, e) &&
           (a->roots.p == NULL || audit_seal(a->home, a->roots, x, place, a->issues, e));
}

/*
 * One that is gone is no alarm: nothing that was signed is contradicted, and every digest and the
 * whole file can still be proved. A home that stood still for it would lose more. But another file
 * in its place was put there by somebody, or a disk.
 */
static bool note_secret(struct auditing *a, const struct entry *x, const char *place,
                        const struct err *why, struct err *e)
{
    bool there;
    if (!secrets_has(a->home, span_str(a->study), x->revision.data.secret, &there, e))
        return false;
    absentees_add(&a->absent, there ? ISSUE_SECRET_ALTERED : ISSUE_SECRET_MISSING, x->subject,
                  place, why->text);
    return true;
}

static bool check_secret(struct auditing *a, const struct entry *x, const char *place,
                         struct err *e)
{
    uint8_t secret[SECRET_SIZE];
    struct err why = {0};
    if (x->kind != ENTRY_REVISION || hash_is_zero(x->revision.data.secret))
        return true;
    bool good = secrets_read(a->home, span_str(a->study), x->revision.data.secret, secret, &why);
    explicit_bzero(secret, sizeof secret);
    if (good)
        return true;
    if (why.kind == ERR_INTEGRITY)
        return note_secret(a, x, place, &why, e);
    *e = why;
    return auditing_note(a, ISSUE_HOME_PERMISSIONS, place, e);
}

bool auditing_objects(struct auditing *a, const struct entry *x, const char *place, struct err *e)
{
    return check_details(a, x, place, e) && (!has_data(x) || check_data(a, x->subject, place, e)) &&
           check_secret(a, x, place, e) && (x->kind != ENTRY_SEAL || check_seal(a, x, place, e));
}
