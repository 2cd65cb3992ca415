/* Receipts that a killed run owes. */
#include "job/transfer_take.h"
#include "study/receipt.h"

struct owed {
    uint64_t *entry;
    size_t count, cap;
};

static bool note_owed(void *ctx, uint64_t transfer, struct err *e)
{
    struct owed *o = ctx;
    (void)e;
    o->entry = mem_room(o->entry, o->count, &o->cap, sizeof *o->entry);
    o->entry[o->count++] = transfer;
    return true;
}

/* The issues that a receipt repeats. */
static void collect_issues(const struct receipt *r, struct arena *a, struct issues *out)
{
    for (size_t i = 0; i < r->details.files; i++) {
        const struct details_file *f = &r->details.file[i];
        for (size_t k = 0; k < f->issues; k++) {
            enum issue_id id = issue_find(f->issue[k].id);
            if (id < ISSUE_COUNT)
                issues_add(out, id, arena_str(a, f->issue[k].place), "%.*s",
                           SPAN_ARGS(f->issue[k].detail));
        }
    }
}

static bool tell_receipt(const struct receipt *r, const struct transfer_options *o, struct arena *a)
{
    struct issues issues = {0};
    struct transfer_result result = {.study = r->study,
                                     .name = r->name,
                                     .outcome = TRANSFER_REFUSED,
                                     .entry = r->index,
                                     .receipt = r->folder,
                                     .issues = &issues};
    if (r->entry.kind == ENTRY_TRANSFER) {
        result.outcome = TRANSFER_NOTARIZED;
        result.received = r->entry.transfer.received;
        result.new = r->entry.transfer.new;
        result.unchanged = r->entry.transfer.unchanged;
        result.held = r->entry.transfer.held;
        result.revisions = r->entry.transfer.revisions;
    }
    collect_issues(r, a, &issues);
    bool told = transfer_tell(o, &result);
    issues_close(&issues);
    return told;
}

bool transfer_pay(struct home *h, struct catalog *c, struct log *l, struct span study,
                  uint64_t entry, const struct transfer_options *o, struct err *e)
{
    struct arena arena = {0};
    struct receipt r;
    bool good = receipt_write(h, c, l, study, entry, &arena, &r, e);
    if (good && tell_receipt(&r, o, &arena))
        good = receipt_done(c, study, entry, e);
    arena_close(&arena);
    return good;
}

bool transfer_recover(struct home *h, struct catalog *c, struct span study,
                      const struct transfer_options *o, struct err *e)
{
    struct owed owed = {0};
    struct append *a = NULL; /* opening it publishes what a killed run had signed */
    bool good = append_open(h, c, study, o->now, &a, e) &&
                catalog_each_pending(c, study, note_owed, &owed, e);
    for (size_t i = 0; good && i < owed.count; i++)
        good = transfer_pay(h, c, append_log(a), study, owed.entry[i], o, e);
    append_close(a);
    mem_free(owed.entry);
    return good;
}
