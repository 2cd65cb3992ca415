#include <assert.h>
#include <string.h>

#include "format/zip_unpack.h"

struct zip_reader {
    struct source in;
    struct zip_directory directory;
    struct zip_unpacker *unpacker;
};

/* Each byte is read once: what was checked and what is used are the same. */
static bool read_tail(struct source in, struct zip_tail *tail, struct err *e)
{
    uint8_t record[ZIP_END64_SIZE + ZIP_END_SIZE], *end = record + ZIP_END64_SIZE;
    if (in.size < ZIP_END_SIZE)
        return err_set(e, ERR_FORMAT, "too short for an archive");
    if (!in.read_at(in.ctx, in.size - ZIP_END_SIZE, end, ZIP_END_SIZE, e))
        return false;
    if (!zip_end_is_full(span_of(end, ZIP_END_SIZE)))
        return zip_take_tail(span_of(end, ZIP_END_SIZE), in.size, tail, e);
    if (in.size < sizeof record)
        return err_set(e, ERR_FORMAT, "too short for an archive with ZIP64 records");
    return in.read_at(in.ctx, in.size - sizeof record, record, ZIP_END64_SIZE, e) &&
           zip_take_tail(span_of(record, sizeof record), in.size, tail, e);
}

static bool check_limits(const struct zip_tail *tail, struct err *e)
{
    if (tail->directory_size > ZIP_DIRECTORY_MAX)
        return err_set(e, ERR_LIMIT, "more than %d bytes of directory", ZIP_DIRECTORY_MAX);
    if (tail->count > ZIP_MEMBERS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d members", ZIP_MEMBERS_MAX);
    if (tail->count > tail->directory_size / ZIP_CENTRAL_SIZE)
        return err_set(e, ERR_FORMAT, "the directory is too short for its members");
    return true;
}

/* `limit` is where the members end. *at is where this one must begin, then where the next must. */
static bool check_entry(const struct zip_directory *d, const struct zip_entry *x, uint64_t limit,
                        uint64_t *at, struct err *e)
{
    const struct zip_member *m = &x->member;
    const char *fault = zip_directory_fault(d, m);
    if (fault != NULL)
        return err_set(e, ERR_FORMAT, "%s", fault);
    if (x->at != *at)
        return err_set(e, ERR_FORMAT, "it begins at byte %llu where %llu is due",
                       (unsigned long long)x->at, (unsigned long long)*at);
    uint64_t room = limit - *at, header = zip_local_size(x);
    if (header > room || m->stored > room - header)
        return err_set(e, ERR_FORMAT, "it does not end before the directory");
    *at += header + m->stored;
    return true;
}

static bool take_entry(struct zip_directory *d, struct span *rest, const struct zip_tail *tail,
                       uint64_t *at, struct err *e)
{
    struct zip_entry x;
    struct span header = *rest;
    if (!zip_take_central(rest, &x, e))
        return false;
    header.n -= rest->n;
    if (!zip_check_central(header, &x, e) || !check_entry(d, &x, tail->directory_at, at, e))
        return err_at(e, "%.*s", SPAN_ARGS(x.member.name));
    zip_directory_mark(d, (size_t)(header.p - d->bytes.p));
    return true;
}

static bool take_entries(struct zip_directory *d, const struct zip_tail *tail, struct err *e)
{
    struct span rest = buf_span(&d->bytes);
    uint64_t at = 0;
    for (uint64_t i = 0; i < tail->count; i++)
        if (!take_entry(d, &rest, tail, &at, e))
            return err_at(e, "member %llu", (unsigned long long)i);
    if (rest.n > 0)
        return err_set(e, ERR_FORMAT, "the directory holds more than its members");
    if (at != tail->directory_at)
        return err_set(e, ERR_FORMAT, "the directory does not begin where the last member ends");
    return true;
}

static bool check_distinct(const struct zip_directory *d, struct err *e)
{
    size_t one, other;
    if (zip_directory_distinct(d, &one, &other))
        return true;
    return err_set(e, ERR_FORMAT, "members %.*s and %.*s collide where case is ignored",
                   SPAN_ARGS(zip_directory_name(d, one)), SPAN_ARGS(zip_directory_name(d, other)));
}

static bool read_directory(struct zip_reader *r, struct err *e)
{
    struct zip_directory *d = &r->directory;
    struct zip_tail tail = {0};
    if (!read_tail(r->in, &tail, e) || !check_limits(&tail, e))
        return false;
    size_t n = (size_t)tail.directory_size;
    uint8_t *bytes = buf_room(&d->bytes, n);
    if (!r->in.read_at(r->in.ctx, tail.directory_at, bytes, n, e))
        return false;
    d->bytes.n = n;
    return take_entries(d, &tail, e) && check_distinct(d, e);
}

bool zip_open(struct source in, struct zip_reader **out, struct err *e)
{
    struct zip_reader *r = mem_new(sizeof *r);
    r->in = in;
    r->unpacker = zip_unpacker_open();
    if (!read_directory(r, e)) {
        zip_shut(r);
        return false;
    }
    *out = r;
    return true;
}

void zip_shut(struct zip_reader *r)
{
    if (r == NULL)
        return;
    zip_unpacker_close(r->unpacker);
    zip_directory_close(&r->directory);
    mem_free(r);
}

size_t zip_count(const struct zip_reader *r)
{
    return r->directory.count;
}

static void entry_at(const struct zip_reader *r, size_t i, struct zip_entry *x)
{
    assert(i < r->directory.count);
    struct span rest = span_skip(buf_span(&r->directory.bytes), r->directory.begins[i]);
    bool whole = zip_take_central(&rest, x, NULL);
    assert(whole);
    (void)whole;
}

void zip_stat(const struct zip_reader *r, size_t i, struct zip_member *out)
{
    struct zip_entry x;
    entry_at(r, i, &x);
    *out = x.member;
}

size_t zip_find(const struct zip_reader *r, struct span name)
{
    size_t low = 0, high = zip_count(r);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = span_cmp(zip_directory_name(&r->directory, middle), name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return zip_count(r);
}

bool zip_read(struct zip_reader *r, size_t i, struct sink out, struct hash *stored_hash,
              struct err *e)
{
    struct zip_entry x;
    entry_at(r, i, &x);
    return zip_unpack(r->unpacker, r->in, &x, out, stored_hash, e);
}

/* A part of another source. */
struct part {
    struct source of;
    uint64_t from;
};

static bool part_read(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    const struct part *x = ctx;
    return x->of.read_at(x->of.ctx, x->from + at, p, n, e);
}

bool zip_copy(struct zip_reader *r, size_t i, struct sink out, struct err *e)
{
    struct zip_entry x;
    entry_at(r, i, &x);
    struct part bytes = {r->in, x.at + zip_local_size(&x)};
    return source_copy((struct source){part_read, &bytes, x.member.stored}, out, e);
}

/* A sink with room for exactly the member; zip_unpack never gives more than its size. */
static bool append(void *ctx, struct span bytes, struct err *e)
{
    uint8_t **end = ctx;
    (void)e;
    memcpy(*end, bytes.p, bytes.n);
    *end += bytes.n;
    return true;
}

bool zip_read_all(struct zip_reader *r, size_t i, size_t max, struct arena *a, struct span *out,
                  struct err *e)
{
    struct zip_member m;
    zip_stat(r, i, &m);
    if (m.size > max)
        return err_set(e, ERR_LIMIT, "member %.*s: more than %zu bytes", SPAN_ARGS(m.name), max);
    size_t n = (size_t)m.size;
    uint8_t *bytes = arena_new(a, n), *end = bytes;
    if (!zip_read(r, i, (struct sink){append, &end}, NULL, e))
        return false;
    *out = span_of(bytes, n);
    return true;
}
