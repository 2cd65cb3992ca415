#include "study/append_check.h"

#include <string.h>

#include "ledger/entry.h"
#include "store/objects.h"

struct newest {
    const struct home *home;
    struct catalog *catalog;
    struct span study;
    uint64_t from;                /* the first entry of the bundle */
    struct hash leaf[TILE_WIDTH]; /* as the tile has them */
};

static bool nothing_appended(struct err *e)
{
    return err_hint(e, "nothing was appended; see RUNBOOK, chapter 9");
}

/* It is there, or was erased. */
static bool look(const struct newest *n, struct hash name, uint64_t size, struct err *e)
{
    struct catalog_erased ignored;
    bool erased;
    return catalog_erased(n->catalog, n->study, name, &ignored, &erased, e) &&
           (erased || objects_look(n->home, name, size, e));
}

static bool check_objects(const struct newest *n, const struct entry *x, struct err *e)
{
    struct hash details;
    if (entry_details(x, &details) && !look(n, details, OBJECT_SIZE_ANY, e))
        return false;
    switch (x->kind) {
    case ENTRY_REVISION:
        return look(n, x->subject, x->revision.size, e);
    case ENTRY_REFUSAL:
        return x->refusal.size == ENTRY_NONE || look(n, x->subject, x->refusal.size, e);
    case ENTRY_SEAL:
        return look(n, x->subject, OBJECT_SIZE_ANY, e) &&
               look(n, x->seal.checkpoint, OBJECT_SIZE_ANY, e);
    default:
        return true;
    }
}

static bool check_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    const struct newest *n = ctx;
    struct arena scratch = {0};
    struct entry x;
    if (!hash_eq(tree_leaf(bytes), n->leaf[index - n->from])) {
        err_set(e, ERR_INTEGRITY, "entry %llu is not the one that was signed",
                (unsigned long long)index);
        return nothing_appended(e);
    }
    bool good = entry_parse(&scratch, bytes, &x, e) && check_objects(n, &x, e);
    arena_close(&scratch);
    if (good)
        return true;
    if (e->kind != ERR_IO)
        e->kind = ERR_INTEGRITY;
    err_at(e, "entry %llu", (unsigned long long)index);
    return nothing_appended(e);
}

/* The catalog's last entry is the ledger's. */
static bool check_catalog(struct catalog *c, struct span study, uint64_t size, struct hash leaf,
                          int64_t *last_at, struct err *e)
{
    struct arena a = {0};
    struct catalog_entry last;
    bool found = false, good = catalog_entry_at(c, study, size - 1, &a, &last, &found, e);
    if (good && (!found || !hash_eq(last.leaf, leaf))) {
        err_set(e, ERR_INTEGRITY, "the catalog %s the last entry of the ledger",
                found ? "has another hash of" : "lacks");
        err_hint(e, "nothing was appended; trialseal rebuild");
        good = false;
    }
    *last_at = found ? last.at : 0;
    arena_close(&a);
    return good;
}

bool append_check(const struct home *h, struct catalog *c, struct log *l, struct span study,
                  uint64_t size, int64_t *last_at, struct err *e)
{
    struct newest n = {.home = h, .catalog = c, .study = study};
    struct tile t = {.index = (size - 1) / TILE_WIDTH};
    struct tile_reader tiles = log_tiles(l, size);
    struct span row;
    t.width = tile_width(size, 0, t.index);
    n.from = t.index * TILE_WIDTH;
    if (!tiles.read(tiles.ctx, t, &row, e))
        return false;
    memcpy(n.leaf, row.p, t.width * sizeof n.leaf[0]);
    return check_catalog(c, study, size, n.leaf[size - 1 - n.from], last_at, e) &&
           log_each_entry(l, n.from, size, check_entry, &n, e);
}
