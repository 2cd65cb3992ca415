/*
 * libarchive over a source. It is lenient, so every result but ARCHIVE_OK is an
 * error here. A tar within a filter is read by two of its readers: one that takes
 * the filter off, and one for the tar in it, so that what comes behind the tar is
 * seen, and so that a gzip's CRC is compared, which libarchive 3.6 does not do.
 *
 * libarchive converts names by the locale of the thread, so each function that
 * calls it runs in a UTF-8 locale.
 */
#include "dataset/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <zlib.h>

#include "dataset/names.h"
#include "os/memory.h"

enum { BLOCK = 64 * 1024 };

const struct archive_in_limits archive_in_limits_default = {
    .members = 20000,
    .bytes = (uint64_t)256 << 30,
    .ratio = 1000,
    .small = 256 << 20,
};

struct archive_in {
    struct source source;
    enum file_format format;
    struct archive_in_limits limits;
    locale_t utf8;
    struct archive *outer;  /* takes a filter off; NULL for ZIP and 7-Zip */
    struct archive *reader; /* of members */
    struct err read_err;    /* of the source, in a callback */
    uint64_t at;            /* in the source */
    uint8_t *block;         /* what a callback gave */
    uint8_t *plain;         /* what the filter gave */
    uint64_t plain_bytes;   /* all of that */
    uint64_t plain_used;    /* up to and with the last that is not zero */
    uint32_t plain_crc;

    struct name_set names;
    struct arena member;
    struct span folder; /* that holds all members */
    bool any, taken;
    size_t members;
    uint64_t bytes;
    struct archive_in_member current;
};

static la_ssize_t read_source(struct archive *la, void *ctx, const void **out)
{
    struct archive_in *a = ctx;
    uint64_t left = a->source.size - a->at;
    size_t n = left < BLOCK ? (size_t)left : BLOCK;
    if (!a->source.read_at(a->source.ctx, a->at, a->block, n, &a->read_err)) {
        archive_set_error(la, EIO, "cannot read");
        return ARCHIVE_FATAL;
    }
    a->at += n;
    *out = a->block;
    return (la_ssize_t)n;
}

static la_int64_t seek_source(struct archive *la, void *ctx, la_int64_t offset, int whence)
{
    struct archive_in *a = ctx;
    (void)la;
    int64_t base = whence == SEEK_SET ? 0 : (int64_t)(whence == SEEK_CUR ? a->at : a->source.size);
    if (offset < -base || offset > (int64_t)a->source.size - base)
        return ARCHIVE_FATAL;
    a->at = (uint64_t)(base + offset);
    return (la_int64_t)a->at;
}

/* Takes notice of what comes out of the filter. */
static void count_plain(struct archive_in *a, size_t n)
{
    size_t used = n;
    while (used > 0 && a->plain[used - 1] == 0)
        used--;
    if (used > 0)
        a->plain_used = a->plain_bytes + used;
    a->plain_bytes += n;
    a->plain_crc = (uint32_t)crc32(a->plain_crc, a->plain, (uInt)n);
}

static la_ssize_t read_outer(struct archive *la, void *ctx, const void **out)
{
    struct archive_in *a = ctx;
    la_ssize_t n = archive_read_data(a->outer, a->plain, BLOCK);
    if (n < 0) {
        archive_set_error(la, EIO, "%s", archive_error_string(a->outer));
        return ARCHIVE_FATAL;
    }
    count_plain(a, (size_t)n);
    *out = a->plain;
    return n;
}

static bool refuse(struct archive_in *a, struct archive *la, struct err *e)
{
    if (a->read_err.kind != ERR_NONE) {
        if (e != NULL)
            *e = a->read_err;
        return false;
    }
    const char *why = archive_error_string(la);
    return err_set(e, ERR_FORMAT, "malformed or cut off: %s",
                   why == NULL ? "no reason given" : why);
}

static struct archive *new_reader(void)
{
    struct archive *la = archive_read_new();
    if (la == NULL)
        host_fatal("libarchive does not start");
    return la;
}

static bool start(struct archive_in *a, struct archive *la, archive_read_callback *read,
                  struct err *e)
{
    archive_read_set_read_callback(la, read);
    archive_read_set_callback_data(la, a);
    return archive_read_open1(la) == ARCHIVE_OK || refuse(a, la, e);
}

static bool open_seekable(struct archive_in *a, struct err *e)
{
    a->reader = new_reader();
    if (a->format == FILE_ZIP)
        archive_read_support_format_zip_seekable(a->reader);
    else
        archive_read_support_format_7zip(a->reader);
    archive_read_set_seek_callback(a->reader, seek_source);
    return start(a, a->reader, read_source, e);
}

static bool open_tar(struct archive_in *a, struct err *e)
{
    struct archive_entry *entry;
    a->outer = new_reader();
    a->reader = new_reader();
    if (a->format == FILE_GZIP)
        archive_read_support_filter_gzip(a->outer);
    if (a->format == FILE_ZSTD)
        archive_read_support_filter_zstd(a->outer);
    archive_read_support_format_raw(a->outer);
    if (!start(a, a->outer, read_source, e))
        return false;
    if (archive_read_next_header(a->outer, &entry) != ARCHIVE_OK)
        return refuse(a, a->outer, e);
    archive_read_support_format_tar(a->reader);
    return start(a, a->reader, read_outer, e);
}

static bool open_in_locale(struct archive_in *a, struct err *e)
{
    bool seekable = a->format == FILE_ZIP || a->format == FILE_7Z;
    return seekable ? open_seekable(a, e) : open_tar(a, e);
}

bool archive_in_readable(enum file_format f)
{
    return f == FILE_ZIP || f == FILE_7Z || f == FILE_TAR || f == FILE_GZIP || f == FILE_ZSTD;
}

static uint64_t little_endian(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

static bool read_exactly(const struct archive_in *a, uint64_t at, void *p, size_t n, struct err *e)
{
    if (a->source.size < n || at > a->source.size - n)
        return err_set(e, ERR_FORMAT, "the archive is cut off");
    return a->source.read_at(a->source.ctx, at, p, n, e);
}

enum { END_RECORD = 22, END64_RECORD = 56, END64_LOCATOR = 20, LONGEST_COMMENT = 65535 };

/* APPNOTE 4.3.14 and 4.3.15: the directory, the end record and its locator lie side by side. */
static bool is_zip64_end(const struct archive_in *a, uint64_t end, struct err *e)
{
    uint8_t p[END64_RECORD + END64_LOCATOR];
    if (end < sizeof p || !read_exactly(a, end - sizeof p, p, sizeof p, e))
        return false;
    uint64_t record = end - sizeof p;
    const uint8_t *locator = p + END64_RECORD;
    uint64_t size = little_endian(p + 40, 8), offset = little_endian(p + 48, 8);
    return memcmp(p, "PK\6\6", 4) == 0 && memcmp(locator, "PK\6\7", 4) == 0 &&
           little_endian(locator + 8, 8) == record && offset <= record && size == record - offset;
}

/* `p` is the end record at offset `end`; the directory that it names must lie before it. */
static bool check_zip_directory(const struct archive_in *a, const uint8_t *p, uint64_t end,
                                struct err *e)
{
    uint64_t size = little_endian(p + 12, 4), offset = little_endian(p + 16, 4);
    bool plain = offset <= end && size == end - offset;
    if (plain || is_zip64_end(a, end, e))
        return true;
    return err_set(e, ERR_FORMAT,
                   "the ZIP's directory is not where its end record says: bytes "
                   "before or within the ZIP");
}

/* APPNOTE 4.3.16: the end record, whose comment must reach the end of the file. */
static bool check_zip_end(const struct archive_in *a, struct err *e)
{
    uint64_t size = a->source.size;
    size_t n = size < END_RECORD + LONGEST_COMMENT ? (size_t)size : END_RECORD + LONGEST_COMMENT;
    uint8_t *p = mem_new(n);
    bool good = read_exactly(a, size - n, p, n, e);
    bool found = false;
    for (size_t i = 0; good && !found && i + END_RECORD <= n; i++) {
        found =
            memcmp(p + i, "PK\5\6", 4) == 0 && little_endian(p + i + 20, 2) == n - i - END_RECORD;
        if (found)
            good = check_zip_directory(a, p + i, size - n + i, e);
    }
    mem_free(p);
    if (good && !found)
        return err_set(e, ERR_FORMAT,
                       "the ZIP does not end with its end record: cut off, or "
                       "bytes behind it");
    return good;
}

/* 7zFormat.txt, SignatureHeader: the next header ends the file. */
static bool check_7z_end(const struct archive_in *a, struct err *e)
{
    uint8_t head[32];
    if (!read_exactly(a, 0, head, sizeof head, e))
        return false;
    uint64_t offset = little_endian(head + 12, 8), size = little_endian(head + 20, 8);
    uint64_t room = a->source.size - sizeof head;
    if (offset > room || size != room - offset)
        return err_set(e, ERR_FORMAT,
                       "the 7-Zip archive does not end where it says: cut off, or "
                       "bytes behind it");
    return true;
}

/* RFC 1952: CRC and size of the plain bytes. One gzip member: a second one would not match. */
static bool check_gzip_end(const struct archive_in *a, struct err *e)
{
    uint8_t tail[8];
    if (!read_exactly(a, a->source.size - sizeof tail, tail, sizeof tail, e))
        return false;
    if (little_endian(tail, 4) != a->plain_crc ||
        little_endian(tail + 4, 4) != (a->plain_bytes & UINT32_MAX))
        return err_set(e, ERR_FORMAT,
                       "the gzip's CRC or size does not match: altered, cut off, or "
                       "bytes behind it");
    return true;
}

static bool check_bomb(const struct archive_in *a, uint64_t bytes, struct err *e)
{
    if (bytes > a->limits.bytes)
        return err_set(e, ERR_LIMIT, "more than %llu bytes are in it",
                       (unsigned long long)a->limits.bytes);
    if (bytes > a->limits.small && bytes / a->limits.ratio > a->source.size)
        return err_set(e, ERR_LIMIT, "it unpacks to more than %llu times its size",
                       (unsigned long long)a->limits.ratio);
    return true;
}

/* What the tar's reader did not use is zeroes: tar pads its end with blocks of them. */
static bool drain_tar(struct archive_in *a, struct err *e)
{
    uint64_t used = (uint64_t)archive_filter_bytes(a->reader, 0);
    const void *block;
    la_ssize_t n;
    while ((n = read_outer(a->reader, a, &block)) > 0)
        if (!check_bomb(a, a->plain_bytes, e))
            return false;
    if (n < 0)
        return refuse(a, a->outer, e);
    bool all = (uint64_t)archive_filter_bytes(a->outer, -1) == a->source.size;
    if (a->plain_used > used || !all)
        return err_set(e, ERR_FORMAT, "bytes behind the end of the tar");
    return a->format != FILE_GZIP || check_gzip_end(a, e);
}

/* The folder before the name, with its slash; the first member decides which. */
static bool take_folder(struct archive_in *a, struct span *name, struct err *e)
{
    size_t slash = span_find(*name, 0, '/');
    size_t n = slash < name->n ? slash + 1 : 0;
    struct span folder = span_of(name->p, n);
    if (!a->any) {
        a->folder = arena_copy(&a->names.arena, folder);
        a->any = true;
    } else if (!span_eq(folder, a->folder)) {
        return err_set(e, ERR_FORMAT, "%.*s: not in the same folder as the member before",
                       SPAN_ARGS(*name));
    }
    *name = span_skip(*name, n);
    if (n == 0 || span_eq(folder, SPAN("./")))
        return true;
    return file_name_check(span_of(folder.p, n - 1), e);
}

static bool check_kind(struct archive_entry *entry, struct err *e)
{
    if (archive_entry_is_encrypted(entry))
        return err_set(e, ERR_FORMAT, "it is encrypted: send it without a password");
    bool link = archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL;
    int type = (int)archive_entry_filetype(entry);
    if (link || (type != AE_IFREG && type != AE_IFDIR))
        return err_set(e, ERR_FORMAT, "a member that is not a regular file");
    return true;
}

/* Names and kinds; *skip for the entry of the folder itself. */
static bool check_member(struct archive_in *a, struct archive_entry *entry, bool *skip,
                         struct err *e)
{
    errno = 0; /* as in next_in_locale */
    const char *utf8 = archive_entry_pathname_utf8(entry);
    if (utf8 == NULL)
        return err_set(e, ERR_FORMAT, "a member whose name is not UTF-8");
    struct span name = span_str(utf8);
    if (!check_kind(entry, e))
        return err_at(e, "%.*s", SPAN_ARGS(name));
    if (!take_folder(a, &name, e))
        return false;
    *skip = archive_entry_filetype(entry) == AE_IFDIR && name.n == 0;
    if (*skip)
        return true;
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return err_set(e, ERR_FORMAT, "%.*s: a folder among the files", SPAN_ARGS(name));
    if (!file_name_check(name, e))
        return false;
    if (!name_set_add(&a->names, name))
        return err_set(e, ERR_FORMAT, "%.*s: two members of that name", SPAN_ARGS(name));
    a->current = (struct archive_in_member){
        .name = arena_str(&a->member, name),
        .size_known = archive_entry_size_is_set(entry),
        .size = (uint64_t)archive_entry_size(entry),
    };
    return true;
}

static bool finish(struct archive_in *a, struct err *e)
{
    if (archive_read_has_encrypted_entries(a->reader) > 0)
        return err_set(e, ERR_FORMAT, "it is encrypted: send it without a password");
    if (a->members == 0)
        return err_set(e, ERR_FORMAT, "an archive without files");
    return a->outer == NULL || drain_tar(a, e);
}

static enum archive_in_step next_in_locale(struct archive_in *a, struct err *e)
{
    struct archive_entry *entry;
    bool skip = true;
    while (skip) {
        errno = 0; /* where a name is no text, libarchive takes ENOMEM from before for its own, and
                      ends the process */
        int result = archive_read_next_header(a->reader, &entry);
        if (result == ARCHIVE_EOF)
            return finish(a, e) ? ARCHIVE_IN_END : ARCHIVE_IN_FAILED;
        arena_close(&a->member);
        if (result != ARCHIVE_OK) {
            refuse(a, a->reader, e);
            return ARCHIVE_IN_FAILED;
        }
        if (!check_member(a, entry, &skip, e))
            return ARCHIVE_IN_FAILED;
    }
    if (++a->members > a->limits.members) {
        err_set(e, ERR_LIMIT, "more than %zu members", a->limits.members);
        return ARCHIVE_IN_FAILED;
    }
    a->taken = false;
    return ARCHIVE_IN_MORE;
}

static bool copy_in_locale(struct archive_in *a, struct sink to, struct err *e)
{
    uint64_t size = 0;
    uint8_t *block = mem_new(BLOCK);
    la_ssize_t n;
    bool good = true;
    while (good && (n = archive_read_data(a->reader, block, BLOCK)) != 0) {
        if (n < 0) {
            good = refuse(a, a->reader, e);
            break;
        }
        size += (uint64_t)n;
        a->bytes += (uint64_t)n;
        good = check_bomb(a, a->bytes, e) && to.write(to.ctx, span_of(block, (size_t)n), e);
    }
    mem_free(block);
    a->taken = true;
    if (good && a->current.size_known && size != a->current.size)
        return err_set(e, ERR_FORMAT, "%s: its size is not the one stated", a->current.name);
    return good || err_at(e, "%s", a->current.name);
}

/* Of the headers: 126 bytes of 7-Zip claim so many files that libarchive asks for 1.4 GB. */
#define HEADER_MEMORY (UINT64_C(512) << 20)

struct entered {
    locale_t locale;
    uint64_t memory;
};

static struct entered enter(const struct archive_in *a)
{
    return (struct entered){uselocale(a->utf8), memory_limit(HEADER_MEMORY)};
}

static void leave(struct entered before)
{
    uselocale(before.locale);
    memory_allow(before.memory);
}

bool archive_in_open(struct source source, enum file_format format,
                     const struct archive_in_limits *limits, struct archive_in **out, struct err *e)
{
    if (!archive_in_readable(format))
        return err_set(e, ERR_USAGE, "%s is not an archive", file_format_name(format));
    struct archive_in *a = mem_new(sizeof *a);
    a->source = source;
    a->format = format;
    a->limits = limits == NULL ? archive_in_limits_default : *limits;
    a->block = mem_new(BLOCK);
    a->plain = mem_new(BLOCK);
    a->taken = true;
    a->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (a->utf8 == (locale_t)0)
        host_fatal("this system has no locale C.UTF-8");
    struct entered before = enter(a);
    bool good = (format != FILE_ZIP || check_zip_end(a, e)) &&
                (format != FILE_7Z || check_7z_end(a, e)) && open_in_locale(a, e);
    leave(before);
    if (!good) {
        archive_in_close(a);
        return false;
    }
    *out = a;
    return true;
}

enum archive_in_step archive_in_next(struct archive_in *a, struct archive_in_member *out,
                                     struct err *e)
{
    if (!a->taken && !archive_in_copy(a, sink_nowhere(), e))
        return ARCHIVE_IN_FAILED;
    struct entered before = enter(a);
    enum archive_in_step step = next_in_locale(a, e);
    leave(before);
    if (step == ARCHIVE_IN_MORE)
        *out = a->current;
    return step;
}

bool archive_in_copy(struct archive_in *a, struct sink to, struct err *e)
{
    locale_t before = uselocale(a->utf8);
    bool good = copy_in_locale(a, to, e);
    uselocale(before);
    return good;
}

void archive_in_close(struct archive_in *a)
{
    if (a == NULL)
        return;
    archive_read_free(a->reader);
    archive_read_free(a->outer);
    freelocale(a->utf8);
    name_set_close(&a->names);
    arena_close(&a->member);
    mem_free(a->block);
    mem_free(a->plain);
    mem_free(a);
}
