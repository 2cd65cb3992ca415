#include "format/zip_layout.h"

enum {
    SATURATED_16 = 0xffff, /* "the value did not fit, see the ZIP64 field" */
    VERSION_20 = 20,
    VERSION_ZIP64 = 45,
    HOST_UNIX = 3 << 8,
    DATE_1980_01_01 = 0x0021,
    EXTRA_ZIP64 = 0x0001,
    EXTRA_HEADER_SIZE = 4,       /* its id and size */
    CENTRAL_NAME_LENGTH_AT = 28, /* offset of the name length in its record */
    DEFLATE_RATIO = 1032,        /* a match of 258 bytes in two bits: RFC 1951, 3.2.5 */
};

static const uint32_t SATURATED = 0xffffffff;
static const uint32_t REGULAR_0644 = 0100644u << 16; /* st_mode in the upper half */

/* Every record is a row of little-endian numbers. FIELD(id, width in bytes, name for errors) */
#define LOCAL_RECORD(FIELD)                                                                        \
    FIELD(LOCAL_SIGNATURE, 4, "signature")                                                         \
    FIELD(LOCAL_NEEDED, 2, "version needed")                                                       \
    FIELD(LOCAL_FLAGS, 2, "flags")                                                                 \
    FIELD(LOCAL_METHOD, 2, "method")                                                               \
    FIELD(LOCAL_TIME, 2, "time")                                                                   \
    FIELD(LOCAL_DATE, 2, "date")                                                                   \
    FIELD(LOCAL_CRC, 4, "CRC-32")                                                                  \
    FIELD(LOCAL_STORED, 4, "compressed size")                                                      \
    FIELD(LOCAL_BYTES, 4, "size")                                                                  \
    FIELD(LOCAL_NAME, 2, "name length")                                                            \
    FIELD(LOCAL_EXTRA, 2, "extra field length")

#define CENTRAL_RECORD(FIELD)                                                                      \
    FIELD(CENTRAL_SIGNATURE, 4, "signature")                                                       \
    FIELD(CENTRAL_MADE_BY, 2, "version made by")                                                   \
    FIELD(CENTRAL_NEEDED, 2, "version needed")                                                     \
    FIELD(CENTRAL_FLAGS, 2, "flags")                                                               \
    FIELD(CENTRAL_METHOD, 2, "method")                                                             \
    FIELD(CENTRAL_TIME, 2, "time")                                                                 \
    FIELD(CENTRAL_DATE, 2, "date")                                                                 \
    FIELD(CENTRAL_CRC, 4, "CRC-32")                                                                \
    FIELD(CENTRAL_STORED, 4, "compressed size")                                                    \
    FIELD(CENTRAL_BYTES, 4, "size")                                                                \
    FIELD(CENTRAL_NAME, 2, "name length")                                                          \
    FIELD(CENTRAL_EXTRA, 2, "extra field length")                                                  \
    FIELD(CENTRAL_COMMENT, 2, "comment length")                                                    \
    FIELD(CENTRAL_DISK, 2, "disk number")                                                          \
    FIELD(CENTRAL_INTERNAL, 2, "internal attributes")                                              \
    FIELD(CENTRAL_EXTERNAL, 4, "external attributes")                                              \
    FIELD(CENTRAL_AT, 4, "offset of the local header")

#define END64_RECORD(FIELD)                                                                        \
    FIELD(END64_SIGNATURE, 4, "ZIP64 signature")                                                   \
    FIELD(END64_RECORD_SIZE, 8, "ZIP64 record size")                                               \
    FIELD(END64_MADE_BY, 2, "ZIP64 version made by")                                               \
    FIELD(END64_NEEDED, 2, "ZIP64 version needed")                                                 \
    FIELD(END64_DISK, 4, "ZIP64 disk number")                                                      \
    FIELD(END64_DIRECTORY_DISK, 4, "ZIP64 disk of the directory")                                  \
    FIELD(END64_COUNT_HERE, 8, "ZIP64 members on this disk")                                       \
    FIELD(END64_COUNT, 8, "ZIP64 members")                                                         \
    FIELD(END64_SIZE, 8, "ZIP64 size of the directory")                                            \
    FIELD(END64_AT, 8, "ZIP64 offset of the directory")                                            \
    FIELD(LOCATOR_SIGNATURE, 4, "ZIP64 locator signature")                                         \
    FIELD(LOCATOR_DISK, 4, "ZIP64 locator disk")                                                   \
    FIELD(LOCATOR_AT, 8, "ZIP64 locator offset")                                                   \
    FIELD(LOCATOR_DISKS, 4, "ZIP64 locator disks")

#define END_RECORD(FIELD)                                                                          \
    FIELD(END_SIGNATURE, 4, "signature")                                                           \
    FIELD(END_DISK, 2, "disk number")                                                              \
    FIELD(END_DIRECTORY_DISK, 2, "disk of the directory")                                          \
    FIELD(END_COUNT_HERE, 2, "members on this disk")                                               \
    FIELD(END_COUNT, 2, "members")                                                                 \
    FIELD(END_SIZE, 4, "size of the directory")                                                    \
    FIELD(END_AT, 4, "offset of the directory")                                                    \
    FIELD(END_COMMENT, 2, "comment length")

struct field {
    const char *name;
    uint8_t width;
};

#define FIELD_ID(id, width, name)  id,
#define FIELD_ROW(id, width, name) {name, width},

enum { LOCAL_RECORD(FIELD_ID) LOCAL_FIELDS };
enum { CENTRAL_RECORD(FIELD_ID) CENTRAL_FIELDS };
enum { END64_RECORD(FIELD_ID) END64_FIELDS };
enum { END_RECORD(FIELD_ID) END_FIELDS };

static const struct field local_record[] = {LOCAL_RECORD(FIELD_ROW)};
static const struct field central_record[] = {CENTRAL_RECORD(FIELD_ROW)};
static const struct field end64_record[] = {END64_RECORD(FIELD_ROW)};
static const struct field end_record[] = {END_RECORD(FIELD_ROW)};

static void put_number(struct buf *b, uint64_t v, unsigned width)
{
    uint8_t *p = buf_room(b, width);
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * i));
    b->n += width;
}

static uint64_t number(const uint8_t *p, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = width; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

static void put_record(struct buf *b, const struct field *f, size_t fields, const uint64_t *value)
{
    for (size_t i = 0; i < fields; i++)
        put_number(b, value[i], f[i].width);
}

static void take_record(const uint8_t *p, const struct field *f, size_t fields, uint64_t *value)
{
    for (size_t i = 0; i < fields; i++) {
        value[i] = number(p, f[i].width);
        p += f[i].width;
    }
}

/* The field that holds byte `at` of a record, or `beyond`. */
static const char *field_at(const struct field *f, size_t fields, size_t at, const char *beyond)
{
    for (size_t i = 0; i < fields; i++) {
        if (at < f[i].width)
            return f[i].name;
        at -= f[i].width;
    }
    return beyond;
}

static size_t first_difference(struct span a, struct span b)
{
    size_t at = 0;
    while (at < a.n && at < b.n && a.p[at] == b.p[at])
        at++;
    return at;
}

static bool too_wide(uint64_t v)
{
    return v >= SATURATED;
}

static uint64_t low_32(uint64_t v)
{
    return too_wide(v) ? SATURATED : v;
}

static bool sizes_too_wide(const struct zip_member *m)
{
    return too_wide(m->size) || too_wide(m->stored);
}

static uint64_t version_needed(const struct zip_entry *x)
{
    return sizes_too_wide(&x->member) || too_wide(x->at) ? VERSION_ZIP64 : VERSION_20;
}

/* The ZIP64 extra field with those of the n numbers that are needed. */
static void put_extra(struct buf *b, size_t n, const uint64_t *value)
{
    if (n == 0)
        return;
    put_number(b, EXTRA_ZIP64, 2);
    put_number(b, 8 * n, 2);
    for (size_t i = 0; i < n; i++)
        put_number(b, value[i], 8);
}

static uint64_t extra_size(size_t n)
{
    return n == 0 ? 0 : EXTRA_HEADER_SIZE + 8 * n;
}

/* A local header has both sizes in its extra field or neither: APPNOTE 4.5.3. */
void zip_put_local(struct buf *b, const struct zip_entry *x)
{
    const struct zip_member *m = &x->member;
    const uint64_t wide[] = {m->size, m->stored};
    size_t wides = sizes_too_wide(m) ? 2 : 0;
    const uint64_t value[LOCAL_FIELDS] = {
        [LOCAL_SIGNATURE] = 0x04034b50,
        [LOCAL_NEEDED] = version_needed(x),
        [LOCAL_METHOD] = m->method,
        [LOCAL_DATE] = DATE_1980_01_01,
        [LOCAL_CRC] = m->crc32,
        [LOCAL_STORED] = wides > 0 ? SATURATED : m->stored,
        [LOCAL_BYTES] = wides > 0 ? SATURATED : m->size,
        [LOCAL_NAME] = m->name.n,
        [LOCAL_EXTRA] = extra_size(wides),
    };
    put_record(b, local_record, LOCAL_FIELDS, value);
    buf_add(b, m->name);
    put_extra(b, wides, wide);
}

size_t zip_local_size(const struct zip_entry *x)
{
    return ZIP_LOCAL_SIZE + x->member.name.n +
           (sizes_too_wide(&x->member) ? ZIP_LOCAL_EXTRA_SIZE : 0);
}

/* The numbers that a central header has in its extra field: what did not fit, and nothing else. */
static size_t central_wides(const struct zip_entry *x, uint64_t wide[3])
{
    const uint64_t all[] = {x->member.size, x->member.stored, x->at};
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (too_wide(all[i]))
            wide[n++] = all[i];
    return n;
}

size_t zip_central_size(const struct zip_entry *x)
{
    uint64_t wide[3];
    return ZIP_CENTRAL_SIZE + x->member.name.n + extra_size(central_wides(x, wide));
}

void zip_put_central(struct buf *b, const struct zip_entry *x)
{
    const struct zip_member *m = &x->member;
    uint64_t wide[3];
    size_t wides = central_wides(x, wide);
    const uint64_t value[CENTRAL_FIELDS] = {
        [CENTRAL_SIGNATURE] = 0x02014b50,     [CENTRAL_MADE_BY] = HOST_UNIX | version_needed(x),
        [CENTRAL_NEEDED] = version_needed(x), [CENTRAL_METHOD] = m->method,
        [CENTRAL_DATE] = DATE_1980_01_01,     [CENTRAL_CRC] = m->crc32,
        [CENTRAL_STORED] = low_32(m->stored), [CENTRAL_BYTES] = low_32(m->size),
        [CENTRAL_NAME] = m->name.n,           [CENTRAL_EXTRA] = extra_size(wides),
        [CENTRAL_EXTERNAL] = REGULAR_0644,    [CENTRAL_AT] = low_32(x->at),
    };
    put_record(b, central_record, CENTRAL_FIELDS, value);
    buf_add(b, m->name);
    put_extra(b, wides, wide);
}

static void put_end64(struct buf *b, const struct zip_tail *t)
{
    const uint64_t value[END64_FIELDS] = {
        [END64_SIGNATURE] = 0x06064b50,
        [END64_RECORD_SIZE] = 44, /* what follows this field: APPNOTE 4.3.14.1 */
        [END64_MADE_BY] = HOST_UNIX | VERSION_ZIP64,
        [END64_NEEDED] = VERSION_ZIP64,
        [END64_COUNT_HERE] = t->count,
        [END64_COUNT] = t->count,
        [END64_SIZE] = t->directory_size,
        [END64_AT] = t->directory_at,
        [LOCATOR_SIGNATURE] = 0x07064b50,
        [LOCATOR_AT] = t->directory_at + t->directory_size,
        [LOCATOR_DISKS] = 1,
    };
    put_record(b, end64_record, END64_FIELDS, value);
}

static bool tail_needs_zip64(const struct zip_tail *t)
{
    return t->count >= SATURATED_16 || too_wide(t->directory_size) || too_wide(t->directory_at);
}

void zip_put_tail(struct buf *b, const struct zip_tail *t)
{
    uint64_t count = t->count >= SATURATED_16 ? SATURATED_16 : t->count;
    if (tail_needs_zip64(t))
        put_end64(b, t);
    const uint64_t value[END_FIELDS] = {
        [END_SIGNATURE] = 0x06054b50,
        [END_COUNT_HERE] = count,
        [END_COUNT] = count,
        [END_SIZE] = low_32(t->directory_size),
        [END_AT] = low_32(t->directory_at),
    };
    put_record(b, end_record, END_FIELDS, value);
}

/* Where the field is full, its value is the next number of the extra field. */
static bool widen(uint64_t *value, struct span *extra)
{
    if (*value != SATURATED)
        return true;
    if (extra->n < 8)
        return false;
    *value = number(extra->p, 8);
    *extra = span_skip(*extra, 8);
    return true;
}

static bool take_extra(struct span extra, struct zip_entry *x)
{
    struct zip_member *m = &x->member;
    if (extra.n == 0)
        return true; /* and a full field means itself, which zip_check_central refuses */
    if (extra.n < EXTRA_HEADER_SIZE)
        return false;
    extra = span_skip(extra, EXTRA_HEADER_SIZE);
    return widen(&m->size, &extra) && widen(&m->stored, &extra) && widen(&x->at, &extra) &&
           extra.n == 0;
}

bool zip_take_central(struct span *rest, struct zip_entry *x, struct err *e)
{
    if (rest->n < ZIP_CENTRAL_SIZE)
        return err_set(e, ERR_FORMAT, "the directory is cut off");
    uint64_t v[CENTRAL_FIELDS];
    take_record(rest->p, central_record, CENTRAL_FIELDS, v);
    struct span behind = span_skip(*rest, ZIP_CENTRAL_SIZE);
    size_t name = (size_t)v[CENTRAL_NAME], extra = (size_t)v[CENTRAL_EXTRA];
    if (behind.n < name + extra)
        return err_set(e, ERR_FORMAT, "the directory is cut off");
    *x = (struct zip_entry){
        .member =
            {
                .name = span_of(behind.p, name),
                .method = (enum zip_method)v[CENTRAL_METHOD],
                .crc32 = (uint32_t)v[CENTRAL_CRC],
                .size = v[CENTRAL_BYTES],
                .stored = v[CENTRAL_STORED],
            },
        .at = v[CENTRAL_AT],
    };
    *rest = span_skip(behind, name + extra);
    if (!take_extra(span_of(behind.p + name, extra), x))
        return err_set(e, ERR_FORMAT, "the extra field is not the ZIP64 one that is needed");
    return true;
}

struct span zip_central_name(const uint8_t *header)
{
    return span_of(header + ZIP_CENTRAL_SIZE, (size_t)number(header + CENTRAL_NAME_LENGTH_AT, 2));
}

bool zip_check_local(struct span bytes, const struct zip_entry *x, struct err *e)
{
    struct buf want = {0};
    zip_put_local(&want, x);
    bool same = span_eq(bytes, buf_span(&want));
    if (!same)
        err_set(e, ERR_FORMAT, "local header: %s differs from the directory or is not canonical",
                field_at(local_record, LOCAL_FIELDS, first_difference(bytes, buf_span(&want)),
                         "name or extra field"));
    buf_close(&want);
    return same;
}

bool zip_check_central(struct span bytes, const struct zip_entry *x, struct err *e)
{
    struct buf want = {0};
    zip_put_central(&want, x);
    bool same = span_eq(bytes, buf_span(&want));
    if (!same)
        err_set(e, ERR_FORMAT, "central header: %s is not canonical",
                field_at(central_record, CENTRAL_FIELDS, first_difference(bytes, buf_span(&want)),
                         "extra field"));
    buf_close(&want);
    return same;
}

bool zip_end_is_full(struct span end)
{
    uint64_t v[END_FIELDS];
    take_record(end.p, end_record, END_FIELDS, v);
    return v[END_COUNT] == SATURATED_16 || too_wide(v[END_SIZE]) || too_wide(v[END_AT]);
}

/* What the records say, true or not. */
static void take_tail(struct span bytes, struct zip_tail *t)
{
    uint64_t v[END64_FIELDS];
    if (bytes.n > ZIP_END_SIZE) {
        take_record(bytes.p, end64_record, END64_FIELDS, v);
        *t = (struct zip_tail){v[END64_COUNT], v[END64_SIZE], v[END64_AT]};
    } else {
        take_record(bytes.p, end_record, END_FIELDS, v);
        *t = (struct zip_tail){v[END_COUNT], v[END_SIZE], v[END_AT]};
    }
}

static const char *tail_field(size_t at, bool zip64)
{
    if (!zip64)
        return field_at(end_record, END_FIELDS, at, "length");
    return at < ZIP_END64_SIZE ? field_at(end64_record, END64_FIELDS, at, "")
                               : field_at(end_record, END_FIELDS, at - ZIP_END64_SIZE, "length");
}

bool zip_take_tail(struct span bytes, uint64_t archive_size, struct zip_tail *t, struct err *e)
{
    take_tail(bytes, t);
    uint64_t members = archive_size - bytes.n; /* and their directory */
    struct buf want = {0};
    zip_put_tail(&want, t);
    bool same = span_eq(bytes, buf_span(&want));
    if (!same)
        err_set(e, ERR_FORMAT, "end record: %s is not canonical",
                tail_field(first_difference(bytes, buf_span(&want)), want.n > ZIP_END_SIZE));
    buf_close(&want);
    if (!same)
        return false;
    if (t->directory_at > members || t->directory_size != members - t->directory_at)
        return err_set(e, ERR_FORMAT, "the directory does not end where the end record begins");
    return true;
}

const char *zip_member_fault(const struct zip_member *m)
{
    if (m->method != ZIP_STORED && m->method != ZIP_DEFLATED)
        return "its method is neither store nor deflate";
    if (m->method == ZIP_STORED && m->stored != m->size)
        return "it is stored, and has two sizes";
    if (m->method == ZIP_DEFLATED && m->size / DEFLATE_RATIO > m->stored)
        return "it claims a size that deflate cannot reach";
    return zip_name_fault(m->name);
}
