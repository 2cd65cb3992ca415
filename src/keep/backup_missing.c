/* What a backup could not copy: lost by the home, or erased while the backup was written. */
#include "keep/backup_part.h"
#include "study/signed.h"

static bool take_erasure(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct hash_map *erased = ctx;
    struct arena a = {0};
    struct entry x;
    bool good = entry_parse(&a, bytes, &x, e);
    if (good && x.kind == ENTRY_ERASURE)
        hash_map_add(erased, x.subject, index);
    arena_close(&a);
    return good;
}

/* Entries that came after the state that was copied. */
static bool read_on(const struct backing *b, const char *study, uint64_t size,
                    struct hash_map *erased, struct err *e)
{
    struct arena a = {0};
    struct checkpoint now;
    struct log *l = NULL;
    bool good = log_open(b->home, span_str(study), &l, e) && signed_by_itself(l, &a, &now, e) &&
                (now.size <= size || log_each_entry(l, size, now.size, take_erasure, erased, e));
    log_close(l);
    arena_close(&a);
    return good || err_at(e, "ledger/%s", study);
}

static void tell(const struct backing *b, struct hash name, const struct hash_map *erased)
{
    const uint64_t *entry = hash_map_find(erased, name);
    char hex[65];
    hash_hex(name, hex);
    if (entry != NULL)
        issues_add(b->issues, ISSUE_BACKUP_OVERTAKEN, hex, "by entry %llu; run the backup again",
                   (unsigned long long)*entry);
    else
        issues_add(b->issues, ISSUE_STORE_MISSING, hex, "not in the home");
}

bool backing_missing(struct backing *b, const struct home_studies *studies, const uint64_t *size,
                     struct err *e)
{
    struct hash_map erased = {0}; /* to the entries that say so */
    bool good = true;
    for (size_t i = 0; good && b->missing.count > 0 && i < studies->count; i++)
        good = read_on(b, studies->name[i], size[i], &erased, e);
    for (size_t i = 0; good && i < b->missing.count; i++)
        tell(b, b->missing.name[i], &erased);
    hash_map_close(&erased);
    return good;
}
