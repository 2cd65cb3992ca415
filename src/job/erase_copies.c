#include "job/erase_copies.h"

#include <string.h>

#include "bundle/layout.h"
#include "job/incoming.h"
#include "ledger/scope.h"
#include "os/dir.h"
#include "store/aside.h"

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

static void add_copy(struct searching *s, const char *path, bool ours)
{
    struct erase_report *r = s->out;
    r->copy = mem_room(r->copy, r->copies, &s->copy_cap, sizeof *r->copy);
    r->copy[r->copies++] = (struct erase_copy){path, ours};
}

/* "000000000042-NAME": what lies there is of that entry; job/receipt.h. */
static bool numbered(const char *name, uint64_t *entry)
{
    struct span digits = span_of(name, BUNDLE_INDEX_DIGITS);
    if (strlen(name) <= BUNDLE_INDEX_DIGITS || name[BUNDLE_INDEX_DIGITS] != '-')
        return false;
    while (digits.n > 1 && digits.p[0] == '0')
        digits = span_skip(digits, 1);
    return span_u64(digits, entry);
}

/* Its name, or what it holds, comes from a text that is erased. */
static bool repeats_text(const struct searching *s, uint64_t entry)
{
    for (size_t i = 0; i < s->out->objects; i++) {
        const struct erase_object *x = &s->out->object[i];
        for (size_t k = 0; x->of == ERASED_TEXT && k < x->uses; k++)
            if (x->use[k] == entry)
                return true;
    }
    return false;
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
    struct dir_list list;
    uint64_t entry;
    if (!dir_list(s->home->root, folder, s->a, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const struct dir_entry *x = &list.entry[i];
        if (x->kind == FILE_FOLDER && numbered(x->name, &entry) && repeats_text(s, entry))
            add_copy(s, join(s, folder, x->name), true);
        else if (x->kind == FILE_REGULAR && may_be_bundle(s, x->name))
            add_copy(s, join(s, folder, x->name), false);
    }
    return true;
}

/* --- the inbox: what senders wrote, and what was kept back as it came --- */

static bool same_size(const struct searching *s, uint64_t size)
{
    for (size_t i = 0; i < s->out->objects; i++)
        if (s->out->object[i].of == ERASED_FILE && s->out->object[i].size == size)
            return true;
    return false;
}

static bool same_bytes(const struct searching *s, struct hash h)
{
    for (size_t i = 0; i < s->out->objects; i++)
        if (hash_eq(s->out->object[i].name, h))
            return true;
    return false;
}

/* Only files of the right size are read. A sender who takes his file away meanwhile is no error. */
static bool compare_file(struct searching *s, const char *path, struct err *e)
{
    struct file_info info;
    struct file f;
    struct sha256 sha;
    struct err in_file = {0};
    if (!file_stat(s->home->root, path, &info, e))
        return false;
    if (info.kind != FILE_REGULAR || !same_size(s, info.size) ||
        !file_open(s->home->root, path, &f, &in_file))
        return true;
    sha256_begin(&sha);
    if (source_copy(file_source(&f), sha256_sink(&sha), &in_file) &&
        same_bytes(s, sha256_end(&sha)))
        add_copy(s, path, false);
    file_close(&f);
    return true;
}

static bool look_into(struct searching *s, const char *folder, struct err *e)
{
    struct dir_list list;
    struct err denied = {0};
    if (!dir_list(s->home->root, folder, s->a, &list, &denied))
        return true;
    for (size_t i = 0; i < list.count; i++)
        if (list.entry[i].kind == FILE_REGULAR &&
            !compare_file(s, join(s, folder, list.entry[i].name), e))
            return false;
    return true;
}

/* An archive is not opened: that its transfer brought the file is enough to look at it. */
static bool is_of_transfer(const struct searching *s, uint64_t entry)
{
    size_t i = 0;
    while (i < s->transfers && s->transfer[i] != entry)
        i++;
    return i < s->transfers;
}

static bool look_at(struct searching *s, const char *folder, const struct dir_entry *x,
                    struct err *e)
{
    const char *path = join(s, folder, x->name);
    uint64_t entry;
    bool archive = x->kind == FILE_REGULAR && incoming_archive_check(span_str(x->name));
    if (numbered(x->name, &entry) &&
        (repeats_text(s, entry) || (archive && is_of_transfer(s, entry)))) {
        add_copy(s, path, false);
        return true;
    }
    if (x->kind == FILE_FOLDER && x->name[0] != '.')
        return look_into(s, path, e);
    return x->kind != FILE_REGULAR || compare_file(s, path, e);
}

static bool find_in_inbox(struct searching *s, struct err *e)
{
    static const char *const below[] = {"", "/.claimed", "/.held", "/.refused"};
    const char *inbox = join(s, "inbox", arena_str(s->a, s->study));
    for (size_t k = 0; k < sizeof below / sizeof below[0]; k++) {
        struct dir_list list;
        struct file_info info;
        struct buf b = {0};
        buf_str(&b, inbox);
        buf_str(&b, below[k]);
        const char *folder = arena_str(s->a, buf_span(&b));
        buf_close(&b);
        if (!file_stat(s->home->root, folder, &info, e))
            return false;
        if (info.kind != FILE_FOLDER)
            continue;
        if (!dir_list(s->home->root, folder, s->a, &list, e))
            return false;
        for (size_t i = 0; i < list.count; i++)
            if (!look_at(s, folder, &list.entry[i], e))
                return false;
    }
    return true;
}

/* What was set aside as damaged may be nearly whole, or a catalog with names in it. */
static bool find_damaged(struct searching *s, struct err *e)
{
    struct file_info info;
    if (!file_stat(s->home->root, HOME_DAMAGED, &info, e))
        return false;
    if (info.kind != FILE_ABSENT)
        add_copy(s, HOME_DAMAGED, false);
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
        if (list.entry[i].kind != FILE_FOLDER || !numbered(list.entry[i].name, &entry))
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
