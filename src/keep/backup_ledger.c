/* A ledger into a backup: it grows there, entry by entry, as it grew in the home. */
#include <string.h>

#include "base/buf.h"
#include "keep/backup_part.h"
#include "os/dir.h"
#include "study/signed.h"

struct ledger_copy {
    struct backing *b;
    const char *study;
    struct arena arena;
    struct note_key key;
    struct log *from, *to;
    struct span note;            /* that is published in the home */
    struct checkpoint now, then; /* in the home; in the backup, size 0 where there is none */
};

static bool read_note(struct ledger_copy *l, struct log *log, const char *whose, struct span *note,
                      struct checkpoint *out, struct err *e)
{
    *out = (struct checkpoint){.root = tree_empty()};
    if (!log_checkpoint(log, &l->arena, note, e))
        return false;
    if (note->n == 0 || signed_checkpoint(&l->arena, *note, &l->key, out, e))
        return true;
    return err_set(e, ERR_INTEGRITY, "the %s checkpoint of %s is not one that its log key signed",
                   whose, l->study);
}

/* A backup holds what was signed: it is never put back, nor led on by another history. */
static bool check_then(struct ledger_copy *l, struct err *e)
{
    struct hash root;
    if (l->then.size > l->now.size) {
        err_set(e, ERR_INTEGRITY, "the backup has %llu entries of %s, the home only %llu",
                (unsigned long long)l->then.size, l->study, (unsigned long long)l->now.size);
        return err_hint(e, "this home is of an earlier day; see RUNBOOK, chapter 9");
    }
    if (!log_root(l->from, l->now.size, l->then.size, &root, e))
        return false;
    if (hash_eq(root, l->then.root))
        return true;
    err_set(e, ERR_INTEGRITY, "the backup of %s, %llu entries, is of a second history", l->study,
            (unsigned long long)l->then.size);
    return err_hint(e, "the backup was left as it is; see RUNBOOK, chapter 9");
}

/* Entries and tiles, then all of it is read from there. */
static bool grow(struct ledger_copy *l, uint64_t from, struct err *e)
{
    return log_copy(l->from, l->to, from, l->now.size, l->now.root, e) &&
           needed_by_ledger(&l->b->needed, l->to, &l->now, e);
}

/* Where the backup's own tiles are damaged, all are made anew: the home has them. */
static bool grow_or_mend(struct ledger_copy *l, struct err *e)
{
    struct err why = {0};
    if (grow(l, l->then.size, &why))
        return true;
    if (why.kind == ERR_IO || l->then.size == 0)
        return err_set(e, why.kind, "ledger/%s: %s", l->study, why.text);
    if (!grow(l, 0, e))
        return err_at(e, "ledger/%s", l->study);
    char place[STUDY_NAME_MAX + 16];
    text_format(place, sizeof place, "ledger/%s", l->study);
    issues_add(l->b->issues, ISSUE_BACKUP_MENDED, place, "%s", why.text);
    return true;
}

static const char *tile_name(struct ledger_copy *l, struct arena *a, struct tile t)
{
    struct buf path = {0};
    buf_str(&path, "ledger/");
    buf_str(&path, l->study);
    buf_byte(&path, '/');
    tile_path(&path, t);
    const char *name = arena_str(a, buf_span(&path));
    buf_close(&path);
    return name;
}

/* What a tile of some width holds never changes; so what was listed is as it was. */
static bool list_tile(void *ctx, struct tile t, struct err *e)
{
    struct ledger_copy *l = ctx;
    struct mirror *m = l->b->mirror;
    struct arena a = {0};
    struct hash hash;
    const char *path = tile_name(l, &a, t);
    bool ok = true;
    if (sums_find(&m->old, span_str(path)) != NULL) {
        ok = mirror_keep(m, path, e);
    } else {
        ok = mirror_hash(m, path, &hash, e) && mirror_put(m, path, hash, e);
        l->b->out->files++;
    }
    arena_close(&a);
    return ok;
}

static bool put_note(struct ledger_copy *l, struct parcel *checkpoints, struct err *e)
{
    struct buf path = {0};
    buf_str(&path, "ledger/");
    buf_str(&path, l->study);
    buf_str(&path, "/checkpoint");
    const char *name = arena_str(&l->arena, buf_span(&path));
    struct mirror *m = l->b->mirror;
    buf_close(&path);
    if (l->now.size == l->then.size && !m->unfinished && sums_find(&m->old, span_str(name)) != NULL)
        return mirror_keep(m, name, e);
    l->b->out->files++;
    return batch_add(checkpoints->batch, m->home->root, name, l->note, FILE_SHARED, e) &&
           backing_wrote(l->b, checkpoints, name, sha256_of(l->note), e);
}

static void close_ledger(struct ledger_copy *l)
{
    log_close(l->from);
    log_close(l->to);
    arena_close(&l->arena);
}

/* What the home has published. */
static bool open_ledger(struct ledger_copy *l, struct err *e)
{
    struct span study = span_str(l->study);
    return signed_key(l->b->home, study, &l->arena, &l->key, e) &&
           log_open(l->b->home, study, &l->from, e) &&
           read_note(l, l->from, "published", &l->note, &l->now, e);
}

/* What the backup has, which is an earlier state. */
static bool open_copy(struct ledger_copy *l, struct err *e)
{
    struct span note;
    return log_open(l->b->mirror->home, span_str(l->study), &l->to, e) &&
           read_note(l, l->to, "backed up", &note, &l->then, e) && check_then(l, e);
}

static bool copy(struct ledger_copy *l, struct parcel *checkpoints, struct err *e)
{
    if (l->note.n == 0)
        return true;
    if (!dir_make(l->b->mirror->home->ledger, l->study, DIR_PRIVATE, e) || !open_copy(l, e))
        return false;
    l->b->out->studies++;
    l->b->out->entries += l->now.size;
    return grow_or_mend(l, e) && tile_each_new(0, l->now.size, list_tile, l, e) &&
           put_note(l, checkpoints, e);
}

bool backing_ledger(struct backing *b, const char *study, struct parcel *checkpoints,
                    uint64_t *size, struct err *e)
{
    struct ledger_copy l = {.b = b, .study = study};
    bool ok = open_ledger(&l, e) && copy(&l, checkpoints, e);
    *size = l.now.size;
    close_ledger(&l);
    return ok;
}

/* --- before anything is changed --- */

static bool has_study(const struct home_studies *s, const char *study)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->name[i], study) == 0)
            return true;
    return false;
}

static bool compare_study(struct backing *b, const char *study, struct err *e)
{
    struct ledger_copy l = {.b = b, .study = study};
    struct file_info info;
    bool ok = file_stat(b->mirror->home->ledger, study, &info, e) &&
              (info.kind == FILE_ABSENT || (open_ledger(&l, e) && open_copy(&l, e)));
    close_ledger(&l);
    return ok;
}

bool backing_compare(struct backing *b, struct err *e)
{
    struct arena a = {0};
    struct home_studies here, there;
    bool ok = home_studies(b->home, &a, &here, e) && home_studies(b->mirror->home, &a, &there, e);
    for (size_t i = 0; ok && i < there.count; i++) {
        ok = has_study(&here, there.name[i]) ||
             err_set(e, ERR_INTEGRITY, "the backup has a study %s, the home has not",
                     there.name[i]) ||
             err_hint(e, "this home is of an earlier day; see RUNBOOK, chapter 9");
        ok = ok && compare_study(b, there.name[i], e);
    }
    arena_close(&a);
    return ok;
}
