/* What was erased leaves a backup that had it. */
#include "job/backup_part.h"
#include "os/dir.h"
#include "store/objects.h"

/* --- objects --- */

/* Another ledger may need it still. */
static bool forget_object(void *ctx, struct hash name, uint64_t entry, struct err *e)
{
    const struct backing *b = ctx;
    (void)entry;
    return needed_has(&b->needed, name) || objects_destroy(b->mirror->home, name, e);
}

/* --- receipts, whose receipt.json repeats the text of the first entry in entries.jsonl --- */

static bool repeats_erased(const struct backing *b, int outbox, const char *receipt)
{
    struct arena a = {0};
    struct span text, line;
    struct entry x;
    struct hash details;
    struct buf path = {0};
    buf_str(&path, receipt);
    buf_str(&path, "/entries.jsonl");
    buf_byte(&path, '\0');
    bool erased =
        file_read_all(outbox, (const char *)path.p, RECEIPT_ENTRIES_MAX, &a, &text, NULL) &&
        span_line(&text, &line) && entry_parse(&a, line, &x, NULL) && entry_details(&x, &details) &&
        hash_map_find(&b->needed.erased, details) != NULL;
    buf_close(&path);
    arena_close(&a);
    return erased;
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
    struct arena a = {0};
    struct dir_list list = {0};
    struct file_info info;
    int outbox = -1;
    bool removed = false;
    if (!file_stat(b->mirror->home->outbox, study, &info, e))
        return false;
    if (info.kind == FILE_ABSENT)
        return true; /* it has handed out nothing yet */
    bool good =
        dir_open(b->mirror->home->outbox, study, &outbox, e) && dir_list(outbox, ".", &a, &list, e);
    for (size_t i = 0; good && i < list.count; i++) {
        const char *receipt = list.entry[i].name;
        if (list.entry[i].kind != FILE_FOLDER || is_in_home(b, study, receipt) ||
            !repeats_erased(b, outbox, receipt))
            continue;
        good = dir_remove_tree(outbox, receipt, e);
        removed = true;
    }
    good = good && (!removed || dir_sync(outbox, study, e));
    dir_close(outbox);
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
