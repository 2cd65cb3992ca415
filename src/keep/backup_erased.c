/* What was erased leaves a backup that had it. */
#include "keep/backup_part.h"
#include "os/dir.h"
#include "store/objects.h"
#include "study/receipt.h"
#include "study/signed.h"

/* --- objects --- */

/* Another ledger may need it still. */
static bool forget_object(void *ctx, struct hash name, uint64_t entry, struct err *e)
{
    const struct backing *b = ctx;
    (void)entry;
    return needed_has(&b->needed, name) || objects_destroy(b->mirror->home, name, e);
}

/* --- receipts, which repeat the text of the entry whose number their folder bears --- */

/* By the ledger: what lies in the folder may be damaged. */
struct ledger_kept {
    struct log *log;
    uint64_t size;
};

static bool repeats_erased(const struct backing *b, const struct ledger_kept *l,
                           const char *receipt)
{
    struct arena a = {0};
    struct span bytes;
    struct entry x;
    struct hash details;
    uint64_t index;
    bool erased = receipt_number(receipt, &index) && index < l->size &&
                  log_entry(l->log, index, l->size, &a, &bytes, NULL) &&
                  entry_parse(&a, bytes, &x, NULL) && entry_details(&x, &details) &&
                  hash_map_find(&b->needed.erased, details) != NULL;
    arena_close(&a);
    return erased;
}

static bool open_kept(const struct backing *b, const char *study, struct ledger_kept *out,
                      struct err *e)
{
    struct arena a = {0};
    struct checkpoint c = {0};
    *out = (struct ledger_kept){0};
    bool good = log_open(b->mirror->home, span_str(study), &out->log, e) &&
                signed_by_itself(out->log, &a, &c, e);
    out->size = c.size;
    arena_close(&a);
    return good;
}

/* The home has it still, where a killed erasure was not completed: then it is part of the backup.
 */
static bool is_in_home(const struct backing *b, const char *study, const char *receipt)
{
    struct buf path = {0};
    struct file_info info;
    buf_str(&path, study);
    buf_byte(&path, '/');
    buf_str(&path, receipt);
    buf_byte(&path, '\0');
    bool there =
        !file_stat(b->home->outbox, (const char *)path.p, &info, NULL) || info.kind != FILE_ABSENT;
    buf_close(&path);
    return there;
}

static bool forget_receipts(const struct backing *b, const char *study, struct err *e)
{
    struct ledger_kept l = {0};
    struct arena a = {0};
    struct dir_list list = {0};
    struct file_info info;
    int outbox = -1;
    bool removed = false;
    if (!file_stat(b->mirror->home->outbox, study, &info, e))
        return false;
    if (info.kind == FILE_ABSENT)
        return true; /* it has handed out nothing yet */
    bool good = open_kept(b, study, &l, e) &&
                dir_open(b->mirror->home->outbox, study, &outbox, e) &&
                dir_list(outbox, ".", &a, &list, e);
    for (size_t i = 0; good && i < list.count; i++) {
        const char *receipt = list.entry[i].name;
        if (list.entry[i].kind != FILE_FOLDER || is_in_home(b, study, receipt) ||
            !repeats_erased(b, &l, receipt))
            continue;
        good = dir_remove_tree(outbox, receipt, e);
        removed = true;
    }
    good = good && (!removed || dir_sync(outbox, study, e));
    dir_close(outbox);
    log_close(l.log);
    arena_close(&a);
    return good || err_at(e, "outbox of the backup");
}

/* --- all --- */

bool backing_forget(struct backing *b, const struct home_studies *studies, struct err *e)
{
    if (b->needed.erased.used == 0)
        return true;
    for (size_t i = 0; i < studies->count; i++)
        if (!forget_receipts(b, studies->name[i], e))
            return false;
    return hash_map_each(&b->needed.erased, forget_object, b, e);
}
