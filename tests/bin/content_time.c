/*
 * For scripts/bench: content_time STAGE FILE: reads a dataset as notarizing does, up to a stage:
 *
 *     read        its bytes
 *     bytes       and their SHA-256
 *     rows        its rows, cut and decoded
 *     records     and their canonical form
 *     digests     and all digests of content
 *     keys        and the records by key
 *     all         and the tree of these, with the SHA-256 of the bytes
 *
 * Where it may use two processors it does.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content/content.h"
#include "os/dir.h"
#include "os/thread.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "content_time: %s\n", why);
    exit(2);
}

enum { BLOCK = 256 * 1024 };

/* The file's bytes, read on their own; crew's block. */
struct bytes {
    struct file *file;
    bool hashed, failed;
    struct hash hash;
    struct err err;
    uint8_t block[BLOCK];
};

static void take_bytes(void *ctx, void *block)
{
    struct bytes *b = block;
    struct sha256 s;
    size_t n = 0;
    (void)ctx;
    sha256_begin(&s);
    for (uint64_t at = 0; at < b->file->size && !b->failed; at += n) {
        b->failed = !file_read_at(b->file, at, b->block, sizeof b->block, &n, &b->err);
        if (b->hashed && !b->failed)
            sha256_feed(&s, span_of(b->block, n));
    }
    b->hash = sha256_end(&s);
}

static bool take_rows(struct rows *rows, struct err *e)
{
    struct row row;
    enum rows_step step;
    uint64_t cells = 0;
    while ((step = rows_next(rows, &row, e)) == ROWS_MORE)
        cells += row.cells;
    printf("%llu cells\n", (unsigned long long)cells);
    return step == ROWS_END;
}

static bool take_records(struct rows *rows, struct issues *notes, struct err *e)
{
    struct canonical *form = canonical_open(rows_info(rows), notes, "");
    struct canonical_record record;
    struct row row;
    enum rows_step step;
    uint64_t bytes = 0;
    while ((step = rows_next(rows, &row, e)) == ROWS_MORE) {
        canonical_row(form, &row, &record);
        bytes += record.bytes.n;
    }
    canonical_close(form);
    printf("%llu bytes of records\n", (unsigned long long)bytes);
    return step == ROWS_END;
}

static void print_hash(const char *what, struct hash h)
{
    char text[65];
    printf("%s %s\n", what, hash_hex(h, text));
}

static bool finish(struct content *c, bool tree, struct err *e)
{
    struct content_digests d;
    struct hash root = {{0}};
    bool good = tree ? content_digests_and_tree(c, &d, &root, e) : content_digests(c, &d, e);
    if (!good)
        return false;
    print_hash("content", d.unordered);
    if (tree)
        print_hash("tree", root);
    return true;
}

static bool take_content(struct rows *rows, struct issues *notes, bool keyed, bool tree,
                         struct err *e)
{
    static const uint8_t secret[CHACHA20_KEY] = {1};
    struct content_input in = {.records = {.rows = rows, .notes = notes, .place = ""},
                               .secret = tree ? secret : NULL};
    struct arena a = {0};
    struct dataset_key key;
    struct content *c = NULL;
    key_choose(rows_info(rows), SPAN("LB"), NULL, 0, notes, "", &a, &key);
    in.records.key = keyed ? &key : NULL;
    bool good =
        dir_open_path("/var/tmp", &in.folder, e) && content_read(&in, &c, e) && finish(c, tree, e);
    if (good && keyed)
        printf("key %d, in order %d\n", content_order(c).key_from, content_order(c).in_order);
    content_close(c);
    arena_close(&a);
    dir_close(in.folder);
    return good;
}

static bool take_member(const char *stage, struct rows *rows, struct issues *notes, struct err *e)
{
    if (strcmp(stage, "rows") == 0)
        return take_rows(rows, e);
    if (strcmp(stage, "records") == 0)
        return take_records(rows, notes, e);
    if (strcmp(stage, "digests") == 0)
        return take_content(rows, notes, false, false, e);
    if (strcmp(stage, "keys") == 0)
        return take_content(rows, notes, true, false, e);
    if (strcmp(stage, "all") == 0)
        return take_content(rows, notes, true, true, e);
    host_fatal("no such stage");
}

static bool take_dataset(const char *stage, struct file *f, struct err *e)
{
    struct issues notes = {0};
    uint8_t head[FILE_HEAD];
    size_t n;
    struct rows *rows = NULL;
    if (!file_read_at(f, 0, head, sizeof head, &n, e))
        return false;
    enum file_format format =
        file_decide(file_claim(span_str(f->name)), file_identify(span_of(head, n)));
    struct rows_input in = {
        .source = file_source(f), .format = format, .name = "", .notes = &notes};
    bool good = rows_open(&in, &rows, e) && rows_member(rows, e) == ROWS_MORE &&
                take_member(stage, rows, &notes, e);
    rows_close(rows);
    issues_close(&notes);
    return good;
}

/* Beside a dataset, a thread hashes the bytes, where there is a processor for it. */
static bool take_file(const char *stage, struct file *f, struct err *e)
{
    struct bytes bytes = {.file = f};
    bool all = strcmp(stage, "all") == 0, hashed = all || strcmp(stage, "bytes") == 0;
    struct crew *crew = crew_open(thread_processors() > 1, 1, take_bytes, NULL);
    bytes.hashed = hashed;
    if (hashed || strcmp(stage, "read") == 0)
        crew_give(crew, &bytes);
    bool good = (!all && crew_inside(crew) > 0) || take_dataset(stage, f, e);
    crew_take(crew);
    crew_close(crew);
    if (hashed)
        print_hash("bytes", bytes.hash);
    if (bytes.failed)
        *e = bytes.err;
    return good && !bytes.failed;
}

int main(int argc, char **argv)
{
    struct file f;
    struct err e = {0};
    if (argc != 3 || sodium_init() < 0)
        host_fatal("what stage, and of what file?");
    if (!file_open(AT_FDCWD, argv[2], &f, &e) || !take_file(argv[1], &f, &e))
        host_fatal(e.text);
    file_close(&f);
    return 0;
}
