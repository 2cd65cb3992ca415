#include "job/incoming.h"

#include <stdlib.h>
#include <string.h>

#include "base/name_map.h"
#include "bundle/layout.h"
#include "dataset/archive.h"
#include "dataset/names.h"
#include "dataset/transfer_manifest.h"
#include "job/examine.h"

enum { MANIFEST_BYTES_MAX = TRANSFER_MANIFEST_LINES * (64 + 2 + FILE_NAME_MAX + 1) };

/* --- files --- */

static struct incoming_file *add_file(struct incoming *in, size_t *cap, struct span name)
{
    in->file = mem_room(in->file, in->count, cap, sizeof *in->file);
    struct incoming_file *f = &in->file[in->count++];
    *f = (struct incoming_file){.path = arena_str(&in->arena, name),
                                .name = examine_text(&in->arena, name)};
    return f;
}

static const char *place(struct incoming *in, const struct incoming_file *f)
{
    return arena_str(&in->arena, f->name);
}

static int by_name(const void *a, const void *b)
{
    return span_cmp(((const struct incoming_file *)a)->name,
                    ((const struct incoming_file *)b)->name);
}

static void sort_files(struct incoming *in)
{
    if (in->count > 1)
        qsort(in->file, in->count, sizeof *in->file, by_name);
}

static void check_name(struct incoming *in, struct incoming_file *f)
{
    struct err e = {0};
    if (!file_name_check(span_str(f->path), &e))
        issues_add(&f->issues, ISSUE_FILE_NAME, place(in, f), "%s", e.text);
}

/*
 * The transfer's own name. Receipts, mails and the ledger repeat it, so one that a file could not
 * have refuses the transfer; "." is what somebody submits who stands in the folder.
 */
static void set_name(struct incoming *in, struct span name)
{
    struct err e = {0};
    in->manifest = sha256_of(SPAN("")); /* until it is read */
    in->name = examine_text(&in->arena, name);
    if (!span_eq(name, SPAN(".")) && !span_eq(name, SPAN("..")) && !file_name_check(name, &e))
        issues_add(&in->issues, ISSUE_TRANSFER_MALFORMED, arena_str(&in->arena, in->name), "%s",
                   e.text);
}

/* --- copying into objects --- */

struct copy {
    struct objects_put *put;
    const struct incoming_context *context;
    struct span name;
    uint64_t done, most;
};

static bool copy_write(void *ctx, struct span s, struct err *e)
{
    struct copy *c = ctx;
    if (s.n > c->most - c->done)
        return err_set(e, ERR_LIMIT, "larger than file-bytes in [limits]");
    c->done += s.n;
    if (c->context->told != NULL)
        c->context->told(c->context->ctx, c->name, c->done);
    return objects_put_feed(c->put, s, e);
}

/* Bytes that were erased must not come back by being sent again: they are told, and not kept. */
static bool keep(struct incoming *in, struct incoming_file *f, const struct copy *c,
                 struct hash *got, struct err *e)
{
    struct catalog_erased erased;
    bool found;
    *got = objects_put_hash(c->put);
    if (!catalog_erased(c->context->catalog, c->context->study, *got, &erased, &found, e))
        return false;
    f->kept = !found;
    f->size = c->done;
    if (!found)
        return objects_put_end(c->put, NULL, got, NULL, e);
    objects_put_drop(c->put);
    issues_add(&f->issues, ISSUE_FILE_ERASED, place(in, f), "by entry %llu",
               (unsigned long long)erased.index);
    return true;
}

/* The object is there, or the file's issues say why not. */
static bool end_copy(struct incoming *in, struct incoming_file *f, const struct copy *c,
                     struct err *e)
{
    struct hash got;
    if (!keep(in, f, c, &got, e))
        return false;
    if (f->hash_known && !hash_eq(got, f->hash))
        issues_add(&f->issues, ISSUE_FILE_ALTERED, place(in, f),
                   "%llu bytes were received whose SHA-256 is another",
                   (unsigned long long)f->size);
    f->hash = got;
    f->hash_known = true;
    return true;
}

/* Where the home's own folder denies it, no sender is to blame. */
static bool begin_copy(struct objects_put *put, struct err *e)
{
    if (objects_put_begin(put, e))
        return true;
    e->kind = ERR_IO;
    return false;
}

static bool failed_copy(struct incoming *in, struct incoming_file *f, struct objects_put *put,
                        struct err *e)
{
    objects_put_drop(put);
    if (e->kind != ERR_LIMIT && e->kind != ERR_FORMAT)
        return false;
    issues_add(&f->issues, e->kind == ERR_LIMIT ? ISSUE_FORMAT_LIMIT : ISSUE_FILE_ALTERED,
               place(in, f), "%s", e->text);
    *e = (struct err){0};
    return true;
}

/* As long as it was when it was opened; a sender who writes on is no failure of ours. */
static bool copy_bytes(const struct file *file, struct copy *c, struct err *e)
{
    size_t most = file->size < FILE_BLOCK ? (size_t)file->size : FILE_BLOCK;
    uint8_t *block = mem_new(most);
    bool good = true;
    for (uint64_t at = 0; good && at < file->size;) {
        size_t n = file->size - at < most ? (size_t)(file->size - at) : most, got;
        good = file_read_at(file, at, block, n, &got, e);
        if (good && got < n)
            good = err_set(e, ERR_FORMAT, "it became shorter while it was read");
        good = good && copy_write(c, span_of(block, n), e);
        at += n;
    }
    mem_free(block);
    return good;
}

static bool copy_file(struct incoming *in, struct incoming_file *f, int folder, const char *path,
                      const struct conf_limits *limits, struct objects_put *put,
                      const struct incoming_context *p, struct err *e)
{
    struct copy c = {put, p, f->name, 0, limits->file_bytes};
    struct file file;
    if (!file_open(folder, path, &file, e)) {
        if (e->kind != ERR_FORMAT)
            return false;
        issues_add(&f->issues, ISSUE_FILE_SPECIAL, place(in, f), "%s", e->text);
        *e = (struct err){0};
        return true;
    }
    bool good = begin_copy(put, e) && copy_bytes(&file, &c, e);
    file_close(&file);
    return good ? end_copy(in, f, &c, e) : failed_copy(in, f, put, e);
}

/* --- folders --- */

static void refuse(struct incoming *in, enum issue_id id, const char *where, const struct err *e)
{
    issues_add(&in->issues, id, where, "%s", e->text);
}

/* The manifest that sha256sum would have printed for the files that are kept. */
static void hash_own_manifest(struct incoming *in)
{
    struct sha256 sha;
    sha256_begin(&sha);
    for (size_t i = 0; i < in->count; i++) {
        struct buf line = {0};
        layout_manifest_line(&line, in->file[i].hash, in->file[i].name);
        sha256_feed(&sha, buf_span(&line));
        buf_close(&line);
    }
    in->manifest = sha256_end(&sha);
}

/*
 * The text of a manifest. One that is a link, special or too large was not written by sha256sum:
 * the transfer is refused for it, and those behind it in the inbox go on.
 */
static bool read_manifest(struct incoming *in, int folder, const char *file, enum issue_id issue,
                          struct span *text, bool *read, struct err *e)
{
    *read = file_read_all(folder, file, MANIFEST_BYTES_MAX, &in->arena, text, e);
    if (*read)
        return true;
    if (e->kind != ERR_FORMAT && e->kind != ERR_LIMIT)
        return false;
    refuse(in, issue, file, e);
    *e = (struct err){0};
    return true;
}

/* What lies in the folder; more than a transfer may hold refuses it before anything is copied. */
static bool list_folder(struct incoming *in, int folder, uint64_t most, struct dir_list *list,
                        struct err *e)
{
    bool good = dir_list(folder, ".", &in->arena, list, e);
    if (!good && e->kind != ERR_LIMIT)
        return false;
    if (!good || list->count > most + 1) /* and the manifest */
        issues_add(&in->issues, ISSUE_TRANSFER_MALFORMED, arena_str(&in->arena, in->name),
                   "more files than the %llu that transfer-files in [limits] allows",
                   (unsigned long long)most);
    *e = (struct err){0};
    return true;
}

/* Files that the manifest lists, with the hashes it gives. */
static bool add_listed(struct incoming *in, size_t *cap, struct span text, const char *self,
                       size_t most)
{
    struct transfer_manifest m;
    struct err e = {0};
    in->manifest = sha256_of(text);
    if (!transfer_manifest_parse(&in->arena, text, span_str(self), most, &m, &e)) {
        refuse(in, ISSUE_MANIFEST_MALFORMED, self, &e);
        return false;
    }
    for (size_t i = 0; i < m.lines; i++) {
        struct incoming_file *f = add_file(in, cap, m.line[i].name);
        f->hash = m.line[i].hash;
        f->hash_known = true;
    }
    return true;
}

static struct incoming_file *find_file(struct incoming *in, size_t listed, struct span name)
{
    struct incoming_file key = {.name = name};
    return listed == 0 ? NULL : bsearch(&key, in->file, listed, sizeof *in->file, by_name);
}

/* What lies in the folder beside what is listed. */
static void add_found(struct incoming *in, size_t *cap, const struct dir_list *list, bool manifest)
{
    size_t listed = in->count;
    for (size_t i = 0; i < list->count; i++) {
        struct span name = span_str(list->entry[i].name);
        if (span_eq(name, SPAN(MANIFEST_FILE)) || find_file(in, listed, name) != NULL)
            continue;
        struct incoming_file *f = add_file(in, cap, name);
        if (manifest)
            issues_add(&f->issues, ISSUE_FILE_UNLISTED, place(in, f), "not part of the transfer");
        check_name(in, f);
    }
    sort_files(in);
}

static bool copy_folder(struct incoming *in, int folder, const struct conf_limits *limits,
                        struct objects_put *put, const struct incoming_context *p, struct err *e)
{
    for (size_t i = 0; i < in->count; i++) {
        struct incoming_file *f = &in->file[i];
        struct file_info info;
        const char *name = place(in, f);
        if (!file_stat(folder, f->path, &info, e))
            return false;
        if (info.kind == FILE_ABSENT)
            issues_add(&f->issues, ISSUE_FILE_MISSING, name, "it was never received");
        else if (info.kind != FILE_REGULAR)
            issues_add(&f->issues, ISSUE_FILE_SPECIAL, name, "a link, folder or special file");
        else if (!copy_file(in, f, folder, f->path, limits, put, p, e))
            return false;
    }
    return true;
}

bool incoming_folder(int folder, struct span name, const struct conf_limits *limits,
                     struct objects_put *put, const struct incoming_context *p, struct incoming *in,
                     struct err *e)
{
    struct dir_list list;
    struct file_info info;
    struct span text;
    size_t cap = 0;
    *in = (struct incoming){0};
    set_name(in, name);
    in->folder = examine_folder_check(in->name) ? in->name : SPAN("");
    if (!file_stat(folder, MANIFEST_FILE, &info, e) ||
        !list_folder(in, folder, limits->transfer_files, &list, e))
        return false;
    bool manifest = info.kind != FILE_ABSENT;
    if (manifest) {
        bool read;
        if (!read_manifest(in, folder, MANIFEST_FILE, ISSUE_MANIFEST_MALFORMED, &text, &read, e))
            return false;
        if (!read || !add_listed(in, &cap, text, MANIFEST_FILE, (size_t)limits->transfer_files))
            return true;
    }
    if (issues_count(&in->issues, SEVERITY_BAD) > 0)
        return true;
    add_found(in, &cap, &list, manifest);
    if (!copy_folder(in, folder, limits, put, p, e))
        return false;
    if (!manifest)
        hash_own_manifest(in);
    return true;
}

bool incoming_folder_state(int inbox, const char *name, enum incoming_state *out, int64_t *since,
                           struct err *e)
{
    struct incoming in = {0};
    struct file_info info;
    struct span text;
    int folder = -1;
    size_t cap = 0;
    *out = INCOMING_INCOMPLETE;
    bool good = dir_open(inbox, name, &folder, e) && file_stat(inbox, name, &info, e);
    *since = good ? info.modified : 0;
    good = good && file_stat(folder, MANIFEST_FILE, &info, e);
    if (good && info.kind != FILE_ABSENT) {
        bool read;
        *out = INCOMING_READY;
        *since = info.modified;
        good = read_manifest(&in, folder, MANIFEST_FILE, ISSUE_MANIFEST_MALFORMED, &text, &read, e);
        if (good && read)
            add_listed(&in, &cap, text, MANIFEST_FILE, TRANSFER_MANIFEST_LINES);
        for (size_t i = 0; good && i < in.count && *out == INCOMING_READY; i++) {
            good = file_stat(folder, in.file[i].path, &info, e);
            if (good && info.kind == FILE_ABSENT)
                *out = INCOMING_INCOMPLETE;
        }
    }
    dir_close(folder);
    incoming_close(&in);
    return good;
}

/* --- files by path --- */

static struct span last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return span_str(slash == NULL ? path : slash + 1);
}

bool incoming_files(size_t paths, char *const path[], struct span name,
                    const struct conf_limits *limits, struct objects_put *put,
                    const struct incoming_context *p, struct incoming *in, struct err *e)
{
    size_t cap = 0;
    *in = (struct incoming){0};
    set_name(in, name);
    for (size_t i = 0; i < paths; i++) {
        char *folder = arena_str(&in->arena, span_str(path[i]));
        char *slash = strrchr(folder, '/');
        const char *file = slash == NULL ? folder : slash + 1;
        int fd = -1;
        if (slash != NULL)
            *slash = '\0';
        const char *where = slash == NULL ? "." : slash == folder ? "/" : folder;
        struct incoming_file *f = add_file(in, &cap, last_part(path[i]));
        check_name(in, f);
        bool good = dir_open_path(where, &fd, e) && copy_file(in, f, fd, file, limits, put, p, e);
        dir_close(fd);
        if (!good)
            return false;
    }
    sort_files(in);
    for (size_t i = 1; i < in->count; i++)
        if (span_eq(in->file[i - 1].name, in->file[i].name))
            return err_set(e, ERR_USAGE, "two of the files are called %s", place(in, &in->file[i]));
    hash_own_manifest(in);
    return true;
}

/* --- archives --- */

static bool ends_with(struct span name, const char *tail)
{
    struct span end = span_str(tail);
    return name.n > end.n && name_same(span_skip(name, name.n - end.n), end);
}

static const char *const archive_tails[] = {".zip", ".tar.gz", ".tar.zst", ".7z", NULL};

bool incoming_archive_check(struct span name)
{
    size_t i = 0;
    while (archive_tails[i] != NULL && !ends_with(name, archive_tails[i]))
        i++;
    return archive_tails[i] != NULL;
}

static struct span without_tail(struct span name)
{
    for (size_t i = 0; archive_tails[i] != NULL; i++)
        if (ends_with(name, archive_tails[i]))
            return span_of(name.p, name.n - strlen(archive_tails[i]));
    return name;
}

static bool copy_member(struct incoming *in, struct archive_in *archive, struct incoming_file *f,
                        const struct conf_limits *limits, struct objects_put *put,
                        const struct incoming_context *p, struct err *e)
{
    struct copy c = {put, p, f->name, 0, limits->file_bytes};
    if (!begin_copy(put, e))
        return false;
    if (archive_in_copy(archive, (struct sink){copy_write, &c}, e))
        return end_copy(in, f, &c, e);
    objects_put_drop(put);
    return false;
}

static bool unpack(struct incoming *in, struct source source, enum file_format format,
                   const struct conf_limits *limits, struct objects_put *put,
                   const struct incoming_context *p, struct err *e)
{
    struct archive_in_limits most = archive_in_limits_default;
    struct archive_in_member member;
    struct archive_in *archive;
    enum archive_in_step step;
    size_t cap = 0;
    most.members = (size_t)limits->transfer_files;
    most.bytes = limits->transfer_bytes;
    if (!archive_in_open(source, format, &most, &archive, e))
        return false;
    while ((step = archive_in_next(archive, &member, e)) == ARCHIVE_IN_MORE) {
        struct span name = span_str(member.name);
        if (span_eq(name, SPAN(MANIFEST_FILE)))
            continue; /* the archive's own sum covers it */
        if (!copy_member(in, archive, add_file(in, &cap, name), limits, put, p, e)) {
            step = ARCHIVE_IN_FAILED;
            break;
        }
    }
    archive_in_close(archive);
    sort_files(in);
    return step == ARCHIVE_IN_END;
}

struct archive_copy {
    struct sha256 sha;
    struct sink file;
};

static bool write_copy(void *ctx, struct span s, struct err *e)
{
    struct archive_copy *c = ctx;
    sha256_feed(&c->sha, s);
    return c->file.write(c->file.ctx, s, e);
}

/* A copy of our own: the sender may still write to his while we read it twice. */
static bool copy_archive(struct file *theirs, struct file *ours, struct hash *out, struct err *e)
{
    struct archive_copy c = {.file = file_sink(ours)};
    sha256_begin(&c.sha);
    if (!source_copy(file_source(theirs), (struct sink){write_copy, &c}, e))
        return false;
    *out = sha256_end(&c.sha);
    return file_check_written(ours, e);
}

/* The archive's hash is compared with its one-line manifest if it has one. */
static bool check_sum(struct incoming *in, struct hash hash, int folder, const char *file,
                      const char *sums, struct err *e)
{
    struct buf line = {0};
    struct span text;
    layout_manifest_line(&line, hash, span_str(file));
    in->manifest = sha256_of(buf_span(&line));
    bool good = true;
    if (sums != NULL) {
        bool read;
        good = read_manifest(in, folder, sums, ISSUE_ARCHIVE_MALFORMED, &text, &read, e);
        if (good && read && !span_eq(text, buf_span(&line)))
            issues_add(&in->issues, ISSUE_ARCHIVE_MALFORMED, file,
                       "%s is not the line that sha256sum prints for it", sums);
    }
    buf_close(&line);
    return good;
}

static bool take_archive(struct incoming *in, struct file *f, const char *name,
                         const struct conf_limits *limits, struct objects_put *put,
                         const struct incoming_context *p, struct err *e)
{
    uint8_t head[FILE_HEAD];
    size_t n;
    if (!file_read_at(f, 0, head, sizeof head, &n, e))
        return false;
    enum file_format format = file_identify(span_of(head, n));
    if (!archive_in_readable(format)) {
        issues_add(&in->issues, ISSUE_ARCHIVE_MALFORMED, name, "its bytes are %s, not an archive",
                   file_format_name(format));
        return true;
    }
    if (unpack(in, file_source(f), format, limits, put, p, e))
        return true;
    if (e->kind == ERR_IO || e->kind == ERR_INTEGRITY)
        return false;
    refuse(in, ISSUE_ARCHIVE_MALFORMED, name, e);
    *e = (struct err){0};
    return true;
}

bool incoming_archive(int folder, const char *file, const char *sums,
                      const struct conf_limits *limits, struct objects_put *put,
                      const struct incoming_context *p, struct incoming *in, struct err *e)
{
    struct file theirs, ours;
    struct hash hash = {{0}};
    *in = (struct incoming){0};
    set_name(in, span_str(file));
    struct span stem = without_tail(in->name);
    in->folder = examine_folder_check(stem) ? stem : SPAN("");
    if (!file_open(folder, file, &theirs, e))
        return false;
    bool good = objects_put_scratch(put, &ours, e) && copy_archive(&theirs, &ours, &hash, e) &&
                check_sum(in, hash, folder, file, sums, e);
    if (good && issues_count(&in->issues, SEVERITY_BAD) == 0)
        good = take_archive(in, &ours, file, limits, put, p, e);
    file_close(&ours);
    file_close(&theirs);
    return good;
}

void incoming_close(struct incoming *in)
{
    for (size_t i = 0; i < in->count; i++)
        issues_close(&in->file[i].issues);
    mem_free(in->file);
    issues_close(&in->issues);
    arena_close(&in->arena);
    *in = (struct incoming){0};
}
