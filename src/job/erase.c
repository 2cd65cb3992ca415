#include "job/erase.h"

#include <string.h>

#include "format/json_write.h"
#include "job/erase_copies.h"
#include "ledger/detached.h"
#include "store/objects.h"
#include "store/secrets.h"
#include "study/study.h"

/* --- which objects --- */

struct planning {
    const struct home *home;
    struct catalog *catalog;
    struct span study;
    struct arena *a;
    struct erase_report *out;
    size_t cap;
    uint64_t *use; /* of the object that is being added */
    size_t uses, use_cap;
};

/* Seals and configurations hold the rest together; FORMAT 3.1, rule 10. */
static bool check_kind(struct planning *p, const struct catalog_ref *r, struct err *e)
{
    struct catalog_entry row;
    bool found, role = span_eq(r->role, SPAN("data")) || span_eq(r->role, SPAN("details"));
    if (!catalog_entry_at(p->catalog, p->study, r->index, p->a, &row, &found, e))
        return false;
    if (role && found && !span_eq(row.kind, span_str(entry_kind_name(ENTRY_SYSTEM))))
        return true;
    err_set(e, ERR_USAGE, "it cannot be erased: entry %llu names it and is of kind %.*s",
            (unsigned long long)r->index, found ? (int)row.kind.n : 0, (const char *)row.kind.p);
    return err_hint(e, "files can be erased, and what persons wrote about them");
}

static bool add_use(void *ctx, const struct catalog_ref *r, struct err *e)
{
    struct planning *p = ctx;
    if (!check_kind(p, r, e))
        return false;
    p->use = mem_room(p->use, p->uses, &p->use_cap, sizeof *p->use);
    p->use[p->uses++] = r->index;
    return true;
}

static bool find_uses(struct planning *p, struct erase_object *x, struct err *e)
{
    p->uses = 0;
    if (!catalog_each_ref_of(p->catalog, p->study, x->name, add_use, p, e))
        return false;
    x->uses = p->uses;
    x->use = arena_array(p->a, p->uses, sizeof *x->use);
    if (p->uses > 0)
        memcpy(x->use, p->use, p->uses * sizeof *x->use);
    return true;
}

static bool find_erasure(struct planning *p, struct erase_object *x, struct err *e)
{
    struct catalog_erased erased;
    if (!catalog_erased(p->catalog, p->study, x->name, &erased, &x->before, e))
        return false;
    x->erasure = x->before ? erased.index : ENTRY_NONE;
    return true;
}

/* What is damaged or lost can be erased too: then nobody says how large it was. */
static void find_size(const struct planning *p, struct erase_object *x)
{
    struct object *o;
    if (!objects_open(p->home, x->name, &o, NULL))
        return;
    x->size = object_size(o);
    object_close(o);
}

static bool count_secret(void *ctx, const struct catalog_revision *r, struct err *e)
{
    struct erase_object *x = ctx;
    (void)e;
    x->secrets += !hash_is_zero(r->data.secret);
    return true;
}

static bool add_object(void *ctx, const struct catalog_ref *r, struct err *e)
{
    struct planning *p = ctx;
    struct erase_object x = {.name = r->sha256,
                             .of = span_eq(r->role, SPAN("data")) ? ERASED_FILE : ERASED_TEXT,
                             .from = r->index,
                             .size = ENTRY_NONE};
    bool other;
    find_size(p, &x);
    if (!check_kind(p, r, e) || !find_erasure(p, &x, e) || !find_uses(p, &x, e) ||
        !catalog_each_revision_of(p->catalog, p->study, x.name, count_secret, &x, e) ||
        !catalog_other_user(p->catalog, p->study, x.name, p->a, &x.other, &other, e))
        return false;
    p->out->object = mem_room(p->out->object, p->out->objects, &p->cap, sizeof x);
    p->out->object[p->out->objects++] = x;
    return true;
}

/* Of an object that is asked for by name, the first entry that names it speaks for the others. */
static bool add_first(void *ctx, const struct catalog_ref *r, struct err *e)
{
    struct planning *p = ctx;
    return p->out->objects > 0 || add_object(p, r, e);
}

static bool find_objects(struct planning *p, const struct erase_target *t, struct err *e)
{
    bool named = t->entry != ENTRY_NONE
                     ? catalog_each_ref_at(p->catalog, p->study, t->entry, add_object, p, e)
                     : catalog_each_ref_of(p->catalog, p->study, t->object, add_first, p, e);
    if (!named || p->out->objects > 0)
        return named;
    if (t->entry != ENTRY_NONE)
        err_set(e, ERR_USAGE, "entry %llu of %.*s names nothing that can be erased",
                (unsigned long long)t->entry, SPAN_ARGS(p->study));
    else
        err_set(e, ERR_USAGE, "no entry of %.*s names such an object", SPAN_ARGS(p->study));
    return err_hint(e, "trialseal log %.*s lists the entries", SPAN_ARGS(p->study));
}

bool erase_plan(const struct home *h, struct catalog *c, const struct erase_target *t,
                struct arena *a, struct erase_report *out, struct err *e)
{
    struct planning p = {.home = h, .catalog = c, .study = t->study, .a = a, .out = out};
    *out = (struct erase_report){0};
    bool good = find_objects(&p, t, e);
    struct erase_object *object = arena_array(a, out->objects, sizeof *object);
    if (out->objects > 0)
        memcpy(object, out->object, out->objects * sizeof *object);
    mem_free(out->object);
    mem_free(p.use);
    out->object = object;
    return good && erase_find_copies(h, c, t->study, a, out, e);
}

/* --- the entries --- */

static bool put_reason(struct home *h, struct span study, uint64_t index, struct span reason,
                       struct hash *out, struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    struct hash salt = {{0}};
    if (!home_random(h, study, index, "erasure", salt.b, e))
        return false;
    detached_begin(&o, ENTRY_ERASURE, salt);
    json_out_string(&o, "reason", reason);
    json_out_object_end(&o);
    bool good = objects_put_one(h, buf_span(&text), out, e);
    buf_close(&text);
    return good;
}

/* One entry an object; they share the text that says why. */
static bool add_entries(struct home *h, struct append *a, struct span study, struct span reason,
                        struct erase_report *r, struct err *e)
{
    struct hash details;
    if (!put_reason(h, study, append_size(a), reason, &details, e))
        return false;
    for (size_t i = 0; i < r->objects; i++) {
        if (r->object[i].before)
            continue;
        struct entry x = {.kind = ENTRY_ERASURE, .subject = r->object[i].name};
        x.erasure.details = details;
        x.erasure.entry = r->object[i].from;
        x.erasure.of = r->object[i].of;
        r->object[i].erasure = append_size(a);
        if (!append_add(a, &x, e))
            return false;
    }
    return append_commit(a, e);
}

/* --- the bytes --- */

/* The catalog's old pages go first: so a run that finds the bytes gone need not ask about them. */
static bool destroy(struct home *h, struct catalog *c, struct span study, struct hash name,
                    struct err *e)
{
    struct arena a = {0};
    struct span other;
    bool there, needed = false;
    bool good = objects_has(h, name, &there, e);
    if (good && there)
        good = catalog_other_user(c, study, name, &a, &other, &needed, e) &&
               (needed || (catalog_settle(c, e) && objects_destroy(h, name, e)));
    arena_close(&a);
    return good;
}

/* --- the secrets of its revisions: also where another study keeps the bytes --- */

struct destroying {
    struct home *home;
    struct span study;
};

static bool destroy_secret(void *ctx, const struct catalog_revision *r, struct err *e)
{
    const struct destroying *d = ctx;
    bool there;
    return hash_is_zero(r->data.secret) ||
           (secrets_has(d->home, d->study, r->data.secret, &there, e) &&
            (!there || secrets_destroy(d->home, d->study, r->data.secret, e)));
}

static bool destroy_secrets(struct home *h, struct catalog *c, struct span study,
                            struct hash object, struct err *e)
{
    struct destroying d = {h, study};
    return catalog_each_revision_of(c, study, object, destroy_secret, &d, e);
}

/* --- all that was erased --- */

struct erased_list {
    struct catalog_erased *item;
    size_t count, cap;
    bool texts;
};

static bool list_erased(void *ctx, const struct catalog_erased *x, struct err *e)
{
    struct erased_list *l = ctx;
    (void)e;
    l->texts = l->texts || x->text;
    l->item = mem_room(l->item, l->count, &l->cap, sizeof *l->item);
    l->item[l->count++] = *x;
    return true;
}

static bool destroy_kept(struct home *h, struct catalog *c, struct span study,
                         const struct erased_list *l, struct err *e)
{
    struct arena a = {0};
    struct planning p = {.home = h, .catalog = c, .study = study, .a = &a};
    struct erase_object *object = arena_array(&a, l->count, sizeof *object);
    bool good = true;
    for (size_t i = 0; good && i < l->count; i++) {
        object[i] = (struct erase_object){.name = l->item[i].sha256,
                                          .of = l->item[i].text ? ERASED_TEXT : ERASED_FILE,
                                          .size = ENTRY_NONE};
        good = find_uses(&p, &object[i], e);
    }
    good = good && erase_kept(h, c, study, object, l->count, e);
    mem_free(p.use);
    arena_close(&a);
    return good;
}

bool erase_complete(struct home *h, struct catalog *c, struct span study, struct err *e)
{
    struct erased_list l = {0};
    bool good = catalog_each_erased(c, study, list_erased, &l, e);
    for (size_t i = 0; good && i < l.count; i++)
        good = destroy_secrets(h, c, study, l.item[i].sha256, e) &&
               destroy(h, c, study, l.item[i].sha256, e);
    good = good && (!l.texts || erase_receipts(h, c, study, e)) &&
           (l.count == 0 || destroy_kept(h, c, study, &l, e));
    mem_free(l.item);
    return good || err_at(e, "what was erased is not destroyed yet");
}

/* --- all --- */

struct owing {
    const struct erase_report *report;
    uint64_t entry; /* that owes a receipt made of an erased text, or ENTRY_NONE */
};

static bool match_owed(void *ctx, uint64_t transfer, struct err *e)
{
    struct owing *o = ctx;
    (void)e;
    for (size_t i = 0; i < o->report->objects; i++) {
        const struct erase_object *x = &o->report->object[i];
        for (size_t k = 0; x->of == ERASED_TEXT && !x->before && k < x->uses; k++)
            if (x->use[k] == transfer)
                o->entry = transfer;
    }
    return true;
}

static bool check_owed(struct catalog *c, struct span study, const struct erase_report *r,
                       struct err *e)
{
    struct owing o = {r, ENTRY_NONE};
    if (!catalog_each_pending(c, study, match_owed, &o, e))
        return false;
    if (o.entry == ENTRY_NONE)
        return true;
    err_set(e, ERR_STATE, "the receipt of entry %llu is not written yet",
            (unsigned long long)o.entry);
    return err_hint(e, "trialseal run writes it; then erase");
}

/* Whatever becomes of it when it is taken in: it is in the hands of the next run. */
static bool check_claimed(const struct erase_report *r, struct err *e)
{
    size_t i = 0;
    while (i < r->copies && r->copy[i].kind != ERASE_CLAIMED)
        i++;
    if (i == r->copies)
        return true;
    err_set(e, ERR_STATE, "%s has it, and is not taken in yet", r->copy[i].path);
    return err_hint(e, "trialseal run does that; then erase");
}

static bool is_new(const struct erase_report *r)
{
    size_t i = 0;
    while (i < r->objects && r->object[i].before)
        i++;
    return i < r->objects;
}

bool erase_run(struct home *h, struct catalog *c, const struct erase_target *t, struct span reason,
               int64_t now, struct arena *a, struct erase_report *out, struct err *e)
{
    struct append *append = NULL;
    if (!span_utf8(reason) || reason.n == 0)
        return err_set(e, ERR_USAGE, "an erasure needs a reason, in UTF-8");
    /* Opening comes first: it publishes the erasure that a killed run had signed. */
    bool good = append_open(h, c, t->study, now, &append, e) && erase_complete(h, c, t->study, e) &&
                erase_plan(h, c, t, a, out, e);
    if (good && is_new(out))
        good = check_owed(c, t->study, out, e) && check_claimed(out, e) &&
               study_note_system(h, c, t->study, append, e) &&
               add_entries(h, append, t->study, reason, out, e) &&
               erase_complete(h, c, t->study, e);
    append_close(append);
    return good;
}
