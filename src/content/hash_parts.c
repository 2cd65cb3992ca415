#include "content/hash_parts.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "os/file.h"

/* Of one part on the scratch file. */
struct piece {
    uint32_t at, count; /* hashes before it on the file, and in it */
    uint32_t before;    /* the piece of this part that was written before, or 0 */
};

struct part {
    uint64_t written; /* hashes */
    uint32_t newest;  /* piece, or 0 */
};

struct hash_parts {
    int folder;
    size_t byte;
    bool scratch_open;
    struct file scratch;
    struct hash (*waiting)[HASH_PARTS_PIECE]; /* of each part; NULL where none waits */
    uint32_t waits[HASH_PARTS];
    struct part part[HASH_PARTS];
    struct piece *piece; /* number 1 is the first */
    size_t pieces, piece_cap;
};

struct hash_parts *hash_parts_open(int folder, size_t byte)
{
    struct hash_parts *p = mem_new(sizeof *p);
    p->folder = folder;
    p->byte = byte;
    return p;
}

void hash_parts_close(struct hash_parts *p)
{
    if (p == NULL)
        return;
    if (p->scratch_open)
        file_close(&p->scratch);
    mem_free(p->waiting);
    mem_free(p->piece);
    mem_free(p);
}

/* --- writing --- */

static void add_piece(struct hash_parts *p, size_t part, uint64_t at, uint32_t count)
{
    struct part *of = &p->part[part];
    p->piece = mem_room(p->piece, p->pieces, &p->piece_cap, sizeof *p->piece);
    p->piece[p->pieces++] = (struct piece){(uint32_t)at, count, of->newest};
    of->newest = (uint32_t)p->pieces;
    of->written += count;
}

static uint64_t written(const struct hash_parts *p)
{
    return p->scratch_open ? p->scratch.size / SHA256_SIZE : 0;
}

static bool write_hashes(struct hash_parts *p, const struct hash *h, size_t n, struct err *e)
{
    if (!p->scratch_open && !file_scratch(p->folder, &p->scratch, e))
        return false;
    p->scratch_open = true;
    struct sink to = file_sink(&p->scratch);
    return to.write(to.ctx, span_of(h, n * sizeof *h), e);
}

static bool write_piece(struct hash_parts *p, size_t part, struct err *e)
{
    add_piece(p, part, written(p), p->waits[part]);
    bool good = write_hashes(p, p->waiting[part], p->waits[part], e);
    p->waits[part] = 0;
    return good;
}

bool hash_parts_add(struct hash_parts *p, const struct hash *h, size_t n, struct err *e)
{
    if (p->waiting == NULL)
        p->waiting = mem_resize(NULL, HASH_PARTS * sizeof *p->waiting);
    for (size_t i = 0; i < n; i++) {
        size_t part = h[i].b[p->byte];
        if (p->waits[part] == HASH_PARTS_PIECE && !write_piece(p, part, e))
            return false;
        p->waiting[part][p->waits[part]++] = h[i];
    }
    return true;
}

/* Moved together, they are written at once. */
bool hash_parts_park(struct hash_parts *p, struct err *e)
{
    if (p->waiting == NULL)
        return true;
    struct hash *all = p->waiting[0];
    uint64_t at = written(p);
    size_t n = 0;
    for (size_t part = 0; part < HASH_PARTS; part++) {
        uint32_t count = p->waits[part];
        if (count == 0)
            continue;
        memmove(all + n, p->waiting[part], count * sizeof *all);
        add_piece(p, part, at + n, count);
        n += count;
        p->waits[part] = 0;
    }
    bool good = write_hashes(p, all, n, e);
    mem_free(p->waiting);
    p->waiting = NULL;
    return good;
}

/* --- reading --- */

uint64_t hash_parts_size(const struct hash_parts *p, size_t part)
{
    assert(p->waiting == NULL);
    return p->part[part].written;
}

struct hash_piece hash_parts_first(const struct hash_parts *p, size_t part)
{
    return (struct hash_piece){p->part[part].newest};
}

bool hash_parts_read(const struct hash_parts *p, struct hash_piece *i, struct hash *out, size_t *n,
                     struct err *e)
{
    size_t got;
    *n = 0;
    if (i->next == 0)
        return true;
    const struct piece *piece = &p->piece[i->next - 1];
    size_t bytes = piece->count * sizeof *out;
    if (!file_read_at(&p->scratch, (uint64_t)piece->at * sizeof *out, out, bytes, &got, e))
        return false;
    if (got != bytes)
        return err_set(e, ERR_IO, "a scratch file became shorter");
    *n = piece->count;
    i->next = piece->before;
    return true;
}
