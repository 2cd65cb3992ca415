#include "job/erase_copies.h"

#include <string.h>

#include "bundle/layout.h"
#include "job/erase_inbox.h"
#include "ledger/scope.h"
#include "os/dir.h"
#include "store/aside.h"
#include "study/receipt.h"

/* --- bundles --- */

struct searching {
    const struct home *home;
    struct catalog *catalog;
    struct span study;
    struct arena *a;
    struct erase_report *out;
    size_t bundle_cap, copy_cap;
    uint64_t *transfer; /* that brought some of the files, ascending or not */
    size_t transfers, transfer_cap;
};

/* Was the revision's data in that bundle? */
static bool carries_revision(struct searching *s, uint64_t entry, const struct scope *scope,
                             uint64_t size, bool *out, struct err *e)
{
    struct catalog_revision r;
    bool found;
    if (!catalog_revision_at(s->catalog, s->study, entry, s->a, &r, &found, e))
        return false;
    bool withdrawn = found && r.withdrawn != CATALOG_NONE && (uint64_t)r.withdrawn < size;
    *out = found && entry < size && !withdrawn && scope_contains(scope, r.dataset, entry);
    return true;
}

/*
 * A bundle has all texts of its entries, and the files of its scope; never what was refused, or
 * what its own entries erase.
 */
static bool carries(struct searching *s, const struct erase_object *x,
                    const struct catalog_issued *b, bool *out, struct err *e)
{
    struct scope scope;
    *out = !scope_parse(b->scope, &scope); /* of a damaged catalog: rather too many */
    if (x->before && x->erasure < b->tree_size)
        return true;
    for (size_t i = 0; i < x->uses && !*out; i++) {
        if (x->of == ERASED_TEXT)
            *out = x->use[i] < b->tree_size;
        else if (!carries_revision(s, x->use[i], &scope, b->tree_size, out, e))
            return false;
    }
    return true;
}

static bool match_bundle(void *ctx, const struct catalog_issued *b, struct err *e)
{
    struct searching *s = ctx;
    struct erase_report *r = s->out;
    bool has = false;
    for (size_t i = 0; i < r->objects && !has; i++)
        if (!carries(s, &r->object[i], b, &has, e))
            return false;
    if (!has)
        return true;
    r->bundle = mem_room(r->bundle, r->bundles, &s->bundle_cap, sizeof *r->bundle);
    r->bundle[r->bundles++] =
        (struct erase_bundle){b->index, b->tree_size, b->sha256, arena_copy(s->a, b->scope)};
    return true;
}

/* --- what lies in folders --- */

static const char *join(struct searching *s, const char *folder, const char *name)
{
    struct buf b = {0};
    buf_str(&b, folder);
    buf_byte(&b, '/');
    buf_str(&b, name);
    const char *path = arena_str(s->a, buf_span(&b));
    buf_close(&b);
    return path;
}

static void add_copy(struct searching *s, enum erase_copy_kind kind, const char *path)
{
    struct erase_report *r = s->out;
    r->copy = mem_room(r->copy, r->copies, &s->copy_cap, sizeof *r->copy);
    r->copy[r->copies++] = (struct erase_copy){kind, path};
}

static struct erase_marks marks(const struct searching *s)
{
    return (struct erase_marks){s->catalog, s->out->objects, s->transfers, s->out->object,
                                s->transfer};
}

/* As such a bundle is called in the outbox: "<study>-<size>...zip". Whether it still is the one
 * that was issued, somebody must look. */
static bool may_be_bundle(const struct searching *s, const char *name)
{
    for (size_t i = 0; i < s->out->bundles; i++) {
        struct buf b = {0};
        layout_folder(&b, s->study, s->out->bundle[i].size);
        bool same =
            span_starts(span_str(name), buf_span(&b)) && span_ends(span_str(name), SPAN(".zip"));
        buf_close(&b);
        if (same)
            return true;
    }
    return false;
}

static bool find_in_outbox(struct searching *s, struct err *e)
{
    const char *folder = join(s, "outbox", arena_str(s->a, s->study));
    const struct erase_marks m = marks(s);
    struct dir_list list;
    uint64_t entry;
    if (!dir_list(s->home->root, folder, s->a, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const struct dir_entry *x = &list.entry[i];
        if (x->kind == FILE_FOLDER && receipt_number(x->name, &entry) &&
            erase_repeats_text(&m, entry))
            add_copy(s, ERASE_RECEIPT, join(s, folder, x->name));
        else if (x->kind == FILE_REGULAR && may_be_bundle(s, x->name))
            add_copy(s, ERASE_FOREIGN, join(s, folder, x->name));
    }
    return true;
}

static bool tell_copy(void *ctx, const struct erase_found *x, struct err *e)
{
    static const enum erase_copy_kind kinds[] = {
        [PLACE_WAITING] = ERASE_FOREIGN,
        [PLACE_CLAIMED] = ERASE_CLAIMED,
        [PLACE_KEPT] = ERASE_KEPT,
        [PLACE_UNSEARCHED] = ERASE_FOREIGN,
    };
    struct searching *s = ctx;
    (void)e;
    add_copy(s, kinds[x->place], arena_str(s->a, span_str(x->path)));
    return true;
}

static bool find_in_inbox(struct searching *s, struct err *e)
{
    const struct erase_marks m = marks(s);
    return erase_search_inbox(s->home, s->study, &m, tell_copy, s, e);
}

/* What was set aside as damaged may be nearly whole, or a catalog with names in it. */
static bool find_damaged(struct searching *s, struct err *e)
{
    struct file_info info;
    if (!file_stat(s->home->root, HOME_DAMAGED, &info, e))
        return false;
    if (info.kind != FILE_ABSENT)
        add_copy(s, ERASE_FOREIGN, HOME_DAMAGED);
    return true;
}

/* --- what the entries of the files say: their transfers, their sizes --- */

static bool read_use(struct searching *s, struct log *l, uint64_t size, uint64_t index,
                     struct erase_object *out, struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    struct entry x;
    bool good = log_entry(l, index, size, &a, &bytes, e) && entry_parse(&a, bytes, &x, e);
    if (good && (x.kind == ENTRY_REVISION || x.kind == ENTRY_REFUSAL)) {
        bool revision = x.kind == ENTRY_REVISION;
        s->transfer = mem_room(s->transfer, s->transfers, &s->transfer_cap, sizeof *s->transfer);
        s->transfer[s->transfers++] = revision ? x.revision.transfer : x.refusal.transfer;
        out->size = revision ? x.revision.size : x.refusal.size;
    }
    arena_close(&a);
    return good;
}

static bool read_uses(struct searching *s, struct err *e)
{
    struct catalog_signed last;
    struct log *l = NULL;
    bool found;
    if (!catalog_last_signed(s->catalog, s->study, s->a, &last, &found, e))
        return false;
    bool good = log_open(s->home, s->study, &l, e);
    for (size_t i = 0; good && i < s->out->objects; i++) {
        struct erase_object *x = &s->out->object[i];
        for (size_t k = 0; good && x->of == ERASED_FILE && k < x->uses; k++)
            good = read_use(s, l, last.size, x->use[k], x, e);
    }
    log_close(l);
    return good;
}

/* --- all --- */

/* Into the arena, as all of the report. */
static void *keep(struct arena *a, void *items, size_t count, size_t size)
{
    void *kept = arena_array(a, count, size);
    if (count > 0)
        memcpy(kept, items, count * size);
    mem_free(items);
    return kept;
}

bool erase_find_copies(const struct home *h, struct catalog *c, struct span study, struct arena *a,
                       struct erase_report *out, struct err *e)
{
    struct searching s = {.home = h, .catalog = c, .study = study, .a = a, .out = out};
    bool good = catalog_each_issued(c, study, match_bundle, &s, e) && read_uses(&s, e) &&
                find_in_outbox(&s, e) && find_in_inbox(&s, e) && find_damaged(&s, e);
    out->bundle = keep(a, out->bundle, out->bundles, sizeof *out->bundle);
    out->copy = keep(a, out->copy, out->copies, sizeof *out->copy);
    mem_free(s.transfer);
    return good;
}

/* --- copies that must go --- */

static bool destroy_copy(void *ctx, const struct erase_found *x, struct err *e)
{
    (void)ctx;
    return x->place != PLACE_KEPT ||
           (dir_remove_tree(x->folder, x->name, e) && dir_sync(x->folder, x->path, e));
}

bool erase_kept(struct home *h, struct catalog *c, struct span study, struct erase_object *object,
                size_t objects, struct err *e)
{
    struct erase_report of = {.objects = objects, .object = object};
    struct arena a = {0};
    struct searching s = {.home = h, .catalog = c, .study = study, .a = &a, .out = &of};
    bool good = read_uses(&s, e);
    if (good) {
        const struct erase_marks m = marks(&s);
        good = erase_search_inbox(h, study, &m, destroy_copy, NULL, e);
    }
    mem_free(s.transfer);
    arena_close(&a);
    return good;
}

/* --- receipts that must go --- */

struct gone {
    struct catalog *catalog;
    struct span study;
    bool text; /* the entry's text was erased */
};

static bool match_text(void *ctx, const struct catalog_ref *r, struct err *e)
{
    struct gone *g = ctx;
    struct catalog_erased ignored;
    bool found;
    if (!catalog_erased(g->catalog, g->study, r->sha256, &ignored, &found, e))
        return false;
    g->text = g->text || (found && span_eq(r->role, SPAN("details")));
    return true;
}

bool erase_receipts(struct home *h, struct catalog *c, struct span study, struct err *e)
{
    struct arena a = {0};
    struct dir_list list;
    int outbox = -1;
    bool removed = false;
    bool good = dir_open(h->outbox, arena_str(&a, study), &outbox, e) &&
                dir_list(outbox, ".", &a, &list, e);
    for (size_t i = 0; good && i < list.count; i++) {
        struct gone g = {c, study, false};
        uint64_t entry;
        if (list.entry[i].kind != FILE_FOLDER || !receipt_number(list.entry[i].name, &entry))
            continue;
        good = catalog_each_ref_at(c, study, entry, match_text, &g, e) &&
               (!g.text || dir_remove_tree(outbox, list.entry[i].name, e));
        removed = removed || g.text;
    }
    good = good && (!removed || dir_sync(outbox, ".", e));
    dir_close(outbox);
    arena_close(&a);
    return good || err_at(e, "outbox");
}
