/*
 * The catalog again, from ledgers and objects; never below what an anchor or a known
 * checkpoint says.
 */
#include "audit/audit.h"
#include "store/objects.h"
#include "study/index.h"
#include "study/signed.h"

struct rebuilding {
    struct home *home;
    struct catalog *catalog;
    size_t known;
    const struct span *note;
    struct audit_progress progress;
    struct audit *out;

    struct arena arena; /* of one study */
    struct span study, origin;
    struct log *log;
    struct note_key key;
    struct catalog_signed last;
};

static bool parse_signed(struct rebuilding *r, struct span bytes, struct checkpoint *out,
                         struct err *e)
{
    return signed_checkpoint(&r->arena, bytes, &r->key, out, e) ||
           err_set(e, ERR_INTEGRITY, "the checkpoint of %.*s is not one that its log key signed",
                   SPAN_ARGS(r->study));
}

static bool load_published(struct rebuilding *r, struct err *e)
{
    struct checkpoint c;
    if (!log_checkpoint(r->log, &r->arena, &r->last.note, e))
        return false;
    if (r->last.note.n == 0)
        return true;
    if (!parse_signed(r, r->last.note, &c, e))
        return false;
    r->last.size = c.size;
    r->last.root = c.root;
    return true;
}

/* A checkpoint seen elsewhere must be one of an earlier state of this ledger. */
static bool compare(struct rebuilding *r, struct span bytes, const char *where, struct err *e)
{
    struct checkpoint c;
    struct hash root;
    if (!parse_signed(r, bytes, &c, e))
        return err_at(e, "%s", where);
    if (c.size > r->last.size) {
        err_set(e, ERR_INTEGRITY, "%s: %llu entries of %.*s were signed, the home has only %llu",
                where, (unsigned long long)c.size, SPAN_ARGS(r->study),
                (unsigned long long)r->last.size);
        return err_hint(e, "restore a later backup; see RUNBOOK, chapter 9");
    }
    if (!log_root(r->log, r->last.size, c.size, &root, e))
        return false;
    return hash_eq(root, c.root) ||
           err_set(e, ERR_INTEGRITY, "%s: its checkpoint of %.*s is of a second history", where,
                   SPAN_ARGS(r->study));
}

static bool compare_elsewhere(struct rebuilding *r, struct err *e)
{
    for (size_t i = 0; i < r->home->conf.anchors; i++) {
        struct span bytes;
        if (!log_anchor_read(r->home, i, r->origin, &r->arena, &bytes, e))
            return false;
        if (bytes.n > 0 && !compare(r, bytes, r->home->conf.anchor[i], e))
            return false;
    }
    for (size_t i = 0; i < r->known; i++) {
        struct note n;
        struct checkpoint c;
        if (!note_parse(&r->arena, r->note[i], &n, e) || !checkpoint_parse(n.text, &c, e))
            return err_at(e, "known checkpoint");
        if (span_eq(c.origin, r->origin) && !compare(r, r->note[i], "known checkpoint", e))
            return false;
    }
    return true;
}

static void tell(const struct rebuilding *r, uint64_t index)
{
    char text[STUDY_NAME_MAX + 16];
    if (r->progress.tell == NULL || index % TILE_WIDTH != 0)
        return;
    text_format(text, sizeof text, "%.*s: catalog", SPAN_ARGS(r->study));
    r->progress.tell(r->progress.ctx, text, index, r->last.size);
}

static bool index_one(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct rebuilding *r = ctx;
    struct arena a = {0};
    struct entry x;
    tell(r, index);
    bool good = entry_parse(&a, bytes, &x, e) &&
                index_entry(r->home, r->catalog, r->study, index, &x, tree_leaf(bytes), e);
    arena_close(&a);
    r->out->entries++;
    return good || err_at(e, "%.*s#%llu", SPAN_ARGS(r->study), (unsigned long long)index);
}

/* So canonical JSON ends where the subject is something erased. */
static bool is_erasure(struct span entry)
{
    return span_ends(entry, SPAN("\"name\":\"erased\"}]}"));
}

static bool index_erased(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct rebuilding *r = ctx;
    struct arena a = {0};
    struct entry x;
    bool good = !is_erasure(bytes) ||
                (entry_parse(&a, bytes, &x, e) &&
                 (x.kind != ENTRY_ERASURE || index_erasure(r->catalog, r->study, index, &x, e)));
    arena_close(&a);
    return good || err_at(e, "%.*s#%llu", SPAN_ARGS(r->study), (unsigned long long)index);
}

static bool fill_study(struct rebuilding *r, struct err *e)
{
    struct catalog_signed none = {.root = tree_empty()};
    return catalog_begin(r->catalog, e) && catalog_add_study(r->catalog, r->study, r->origin, e) &&
           log_each_entry(r->log, 0, r->last.size, index_erased, r, e) &&
           log_each_entry(r->log, 0, r->last.size, index_one, r, e) &&
           (r->last.size == 0 || catalog_sign(r->catalog, r->study, &none, &r->last, e)) &&
           catalog_commit(r->catalog, e);
}

static bool rebuild_study(struct rebuilding *r, const char *study, struct err *e)
{
    r->study = span_str(study);
    r->origin = home_study_origin(r->home, &r->arena, r->study);
    r->last = (struct catalog_signed){0};
    r->log = NULL;
    r->out->studies++;
    bool good = log_open(r->home, r->study, &r->log, e) &&
                signed_key(r->home, r->study, &r->arena, &r->key, e) && load_published(r, e) &&
                compare_elsewhere(r, e) && fill_study(r, e);
    log_close(r->log);
    arena_close(&r->arena);
    return good;
}

bool rebuild_fill(struct home *h, struct catalog *c, size_t known, const struct span *note,
                  struct audit_progress progress, struct audit *out, struct err *e)
{
    struct rebuilding r = {
        .home = h, .catalog = c, .known = known, .note = note, .progress = progress, .out = out};
    struct arena arena = {0};
    struct home_studies studies;
    *out = (struct audit){0};
    bool good = home_studies(h, &arena, &studies, e);
    for (size_t i = 0; good && i < studies.count; i++)
        good = rebuild_study(&r, studies.name[i], e);
    arena_close(&arena);
    return good;
}

bool rebuild_catalog(struct home *h, size_t known, const struct span *note,
                     struct audit_progress progress, struct audit *out, struct err *e)
{
    struct catalog *c;
    if (!catalog_rebuild_begin(h, &c, e))
        return false;
    if (rebuild_fill(h, c, known, note, progress, out, e))
        return catalog_rebuild_end(h, c, e);
    catalog_rebuild_drop(h, c);
    return false;
}
