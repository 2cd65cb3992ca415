#include "audit/audit_piece.h"

#include <string.h>

#include "ledger/entry_match.h"

static bool split(struct audit_piece *p, struct err *e)
{
    struct span rest = buf_span(&p->bytes);
    for (p->count = 0; p->count < p->width; p->count++)
        if (!tile_entry_next(&rest, &p->entry[p->count], e))
            return e->kind != ERR_NONE
                       ? false
                       : err_set(e, ERR_INTEGRITY, "too few entries: %u of %u", p->count, p->width);
    return true;
}

/* What is behind the entries; a full bundle may lie in place of a partial one. */
static bool check_end(const struct audit_piece *p, unsigned found, struct err *e)
{
    const struct span *last = &p->entry[p->width - 1];
    bool ends = last->p + last->n == p->bytes.p + p->bytes.n;
    return ends || found > p->width || err_set(e, ERR_INTEGRITY, "too many entries");
}

static void read_bundle(struct audit_piece *p, const struct audit_ledger *l)
{
    struct tile t = {.entries = true, .index = p->index, .width = p->width};
    p->count = 0;
    p->missing = (struct err){0};
    if (log_read_file(l->log, &t, &p->bytes, &p->missing) && split(p, &p->missing))
        check_end(p, t.width, &p->missing);
    tile_leaves(p->bytes.p, p->entry, p->count, p->leaf);
    struct entry_before before = {0};
    for (unsigned i = 0; i < p->count; i++)
        p->matched[i] = entry_match_next(&before, p->entry[i], &p->x[i]);
}

static void compare_tile(struct audit_piece *p, const struct audit_ledger *l)
{
    struct tile t = {.index = p->index, .width = p->width};
    p->no_tile = (struct err){0};
    p->different = p->width;
    if (!log_read_file(l->log, &t, &p->tile, &p->no_tile))
        return;
    for (unsigned i = 0; i < p->count; i++)
        if (memcmp(p->tile.p + i * sizeof p->leaf[i], &p->leaf[i], sizeof p->leaf[i]) != 0) {
            p->different = i;
            return;
        }
}

void audit_piece_read(void *ctx, void *block)
{
    const struct audit_ledger *l = ctx;
    struct audit_piece *p = block;
    struct tree t = {0};
    p->width = tile_width(l->size, 0, p->index);
    read_bundle(p, l);
    compare_tile(p, l);
    if (p->count < TILE_WIDTH)
        return;
    tree_add_many(&t, p->leaf, TILE_WIDTH);
    p->root = tree_root(&t);
}
