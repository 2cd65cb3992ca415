/*
 * ledger_make HOME STUDY ENTRIES [read]: lets the ledger of a study that was just added grow to
 * that many entries, signed with its own key, as many years of transfers would: transfers of 100
 * datasets each, in several formats; with `read`, these have digests and changes. Objects and
 * catalog know nothing of it; so it is for whoever looks at ledgers only: `check --ledgers`, and
 * other people's tools.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/note.h"
#include "ledger/entry.h"
#include "store/keys.h"
#include "store/log.h"
#include "study/signed.h"

enum { STEP = 100000, DATASETS = 100, FIRST_TIME = 1767225600, NIGHT = 86400 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "ledger_make: %s\n", why);
    exit(2);
}

struct making {
    struct home *home;
    struct span study, origin;
    struct log *log;
    bool read;
    struct buf bytes; /* of the entry that was asked for last */
};

/* Something that differs from entry to entry. */
static struct hash some_hash(uint64_t index, uint64_t purpose)
{
    uint64_t seed[2] = {index, purpose};
    return sha256_of(span_of(seed, sizeof seed));
}

/* As a read file has; each differs from the night before in some records. */
static void add_data(struct entry *x, uint64_t index, uint64_t night, uint64_t dataset)
{
    x->revision.data = (struct revision_data){.form = 1,
                                              .content = some_hash(index, 4),
                                              .order = some_hash(index, 5),
                                              .metadata = some_hash(dataset, 6),
                                              .schema = some_hash(0, 7),
                                              .key = KEY_STANDARD,
                                              .root = some_hash(index, 8),
                                              .secret = some_hash(index, 9)};
    if (night > 0)
        x->revision.against = (struct revision_change){
            .change = CHANGE_DATA, .added = 1, .changed = night % 17, .reverted = ENTRY_NONE};
}

/* Entry 2, and each DATASETS + 1 behind it, is a transfer; the others are its revisions. */
static struct entry entry_at(uint64_t index, uint64_t size, bool read, char name[64])
{
    uint64_t night = (index - 2) / (DATASETS + 1), dataset = (index - 2) % (DATASETS + 1);
    uint64_t transfer = index - dataset, left = size - transfer - 1;
    uint64_t files = left < DATASETS ? left : DATASETS;
    struct entry x = {.at = FIRST_TIME + (int64_t)night * NIGHT,
                      .salt = some_hash(index, 1),
                      .subject = some_hash(index, 2)};
    if (dataset == 0) {
        x.kind = ENTRY_TRANSFER;
        x.transfer.details = some_hash(index, 3);
        x.transfer.received = x.transfer.new = x.transfer.revisions = files;
        return x;
    }
    x.kind = ENTRY_REVISION;
    text_format(name, 64, "sdtm/DS%llu", (unsigned long long)dataset);
    x.revision.columns = 20 + dataset;
    x.revision.dataset = span_str(name);
    x.revision.details = some_hash(index, 3);
    x.revision.format = dataset % 2 == 0 ? FORMAT_XPT : FORMAT_CSV;
    x.revision.members = 1;
    x.revision.previous = night == 0 ? ENTRY_NONE : index - (DATASETS + 1);
    x.revision.records = 1000 * dataset + night;
    x.revision.revision = night + 1;
    x.revision.size = 100000 * dataset + night;
    x.revision.transfer = transfer;
    x.revision.data = revision_data_none;
    x.revision.against = revision_change_none;
    if (read)
        add_data(&x, index, night, dataset);
    return x;
}

struct step {
    struct making *m;
    uint64_t size; /* of the whole, in the end */
    struct tree *tree;
};

static bool get(void *ctx, uint64_t index, struct span *out, struct err *e)
{
    struct step *s = ctx;
    char name[64];
    struct entry x = entry_at(index, s->size, s->m->read, name);
    (void)e;
    buf_clear(&s->m->bytes);
    entry_write(&s->m->bytes, &x);
    *out = buf_span(&s->m->bytes);
    return true;
}

static bool publish(struct making *m, const struct checkpoint *c, struct err *e)
{
    struct arena a = {0};
    struct buf text = {0}, note = {0};
    struct secret_key key;
    bool good = keys_load(m->home, keys_log(&a, m->study), &key, e);
    if (good) {
        checkpoint_write(&text, c);
        note_write(&note, buf_span(&text), m->origin, &key);
        secret_key_wipe(&key);
        good = log_publish(m->log, buf_span(&note), e);
    }
    buf_close(&text);
    buf_close(&note);
    arena_close(&a);
    return good;
}

/* The root is known before the tiles are written, since log_grow compares. */
static bool grow(struct making *m, struct step *s, uint64_t from, uint64_t to, struct err *e)
{
    struct log_entries entries = {get, s};
    for (uint64_t i = from; i < to; i++) {
        struct span bytes;
        get(s, i, &bytes, e);
        tree_add(s->tree, tree_leaf(bytes));
    }
    return log_grow(m->log, from, to, tree_root(s->tree), entries, e) &&
           log_trim(m->log, from, to, e);
}

static bool make(struct making *m, uint64_t size, struct err *e)
{
    struct arena a = {0};
    struct span note;
    struct note_key key;
    struct checkpoint c = {0};
    struct tree tree = {0};
    struct step s = {m, size, &tree};
    bool good = log_checkpoint(m->log, &a, &note, e) &&
                signed_key(m->home, m->study, &a, &key, e) &&
                signed_checkpoint(&a, note, &key, &c, e) &&
                (c.size == 2 || err_set(e, ERR_USAGE, "the study is not new"));
    struct tile_reader tiles = log_tiles(m->log, c.size);
    struct tree_hashes hashes = tile_hashes(&tiles);
    good = good && tree_load(&hashes, c.size, &tree, e);
    for (uint64_t at = c.size; good && at < size;) {
        uint64_t to = size - at < STEP ? size : at + STEP;
        good = grow(m, &s, at, to, e);
        at = to;
    }
    c.origin = m->origin;
    c.size = size;
    c.root = tree_root(&tree);
    good = good && publish(m, &c, e);
    arena_close(&a);
    return good;
}

int main(int argc, char **argv)
{
    struct making m = {0};
    struct arena a = {0};
    struct err e = {0};
    uint64_t size;
    m.read = argc == 5 && strcmp(argv[4], "read") == 0;
    if (argc != 4 + m.read || !span_u64(span_str(argv[3]), &size) || size < 3 || sodium_init() < 0)
        host_fatal("usage: ledger_make HOME STUDY ENTRIES [read], at least 3");
    m.study = span_str(argv[2]);
    bool good = home_open(argv[1], HOME_WORK, &m.home, &e);
    if (good) {
        m.origin = home_study_origin(m.home, &a, m.study);
        good = log_open(m.home, m.study, &m.log, &e) && make(&m, size, &e);
    }
    if (!good)
        fprintf(stderr, "ledger_make: %s\n", e.text);
    log_close(m.log);
    home_close(m.home);
    buf_close(&m.bytes);
    arena_close(&a);
    return good ? 0 : 2;
}
