#include "store/object_file.h"

#include <string.h>

void object_path(struct hash name, bool deflated, char out[OBJECT_PATH_MAX])
{
    char hex[65];
    hash_hex(name, hex);
    text_format(out, OBJECT_PATH_MAX, "%.2s/%s%s", hex, hex + 2, deflated ? ".gz" : "");
}

static void put_le(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get_le(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = n; i > 0; i--)
        v = v << 8 | p[i - 1];
    return v;
}

void object_header(uint64_t size, uint8_t out[OBJECT_HEADER])
{
    /* Method 8, flag FEXTRA, no time, no level, system unknown, 12 bytes of extra field. */
    static const uint8_t fixed[] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 12, 0, 'T', 'S', 8, 0};
    _Static_assert(sizeof fixed + 8 == OBJECT_HEADER, "the extra field ends the header");
    memcpy(out, fixed, sizeof fixed);
    put_le(out + sizeof fixed, size, 8);
}

void object_trailer(uint32_t crc32, uint64_t size, uint8_t out[OBJECT_TRAILER])
{
    put_le(out, crc32, 4);
    put_le(out + 4, size & 0xffffffff, 4);
}

static bool read_frame(struct object_file *f, struct err *e)
{
    uint8_t header[OBJECT_HEADER], trailer[OBJECT_TRAILER], want[OBJECT_HEADER];
    size_t n;
    if (f->file.size < OBJECT_HEADER + OBJECT_TRAILER)
        return err_set(e, ERR_INTEGRITY, "%s is too short", f->file.name);
    uint64_t end = f->file.size - OBJECT_TRAILER;
    if (!file_read_at(&f->file, 0, header, sizeof header, &n, e) ||
        !file_read_at(&f->file, end, trailer, sizeof trailer, &n, e))
        return false;
    f->size = get_le(header + OBJECT_HEADER - 8, 8);
    f->crc32 = (uint32_t)get_le(trailer, 4);
    f->at = OBJECT_HEADER;
    f->stored = end - OBJECT_HEADER;
    object_header(f->size, want);
    if (memcmp(header, want, sizeof want) != 0 || get_le(trailer + 4, 4) != (f->size & 0xffffffff))
        return err_set(e, ERR_INTEGRITY, "%s is not a deflated object", f->file.name);
    return true;
}

static bool open_form(const struct home *h, struct hash name, bool deflated,
                      struct object_file *out, bool *found, struct err *e)
{
    char path[OBJECT_PATH_MAX];
    struct file_info info;
    object_path(name, deflated, path);
    if (!file_stat(h->objects, path, &info, e))
        return false;
    *found = info.kind != FILE_ABSENT;
    if (!*found)
        return true;
    *out = (struct object_file){.deflated = deflated};
    if (!file_open(h->objects, path, &out->file, e))
        return false;
    out->size = out->stored = out->file.size;
    if (!deflated || read_frame(out, e))
        return true;
    file_close(&out->file);
    return false;
}

bool object_file_open(const struct home *h, struct hash name, struct object_file *out,
                      struct err *e)
{
    char hex[65];
    bool found;
    if (!open_form(h, name, true, out, &found, e) ||
        (!found && !open_form(h, name, false, out, &found, e)))
        return err_at(e, "objects");
    if (found)
        return true;
    err_set(e, ERR_INTEGRITY, "the object %s is missing", hash_hex(name, hex));
    return err_hint(e, "restore objects/ from the backup; then `trialseal check`");
}
