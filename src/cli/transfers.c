#include "cli/transfers.h"

#include "cli/revision.h"

/* --- for programs --- */

static void result_line(const struct transfer_result *r)
{
    static const char *const outcome[] = {"notarized", "known", "waiting", "refused"};
    struct line l;
    line_begin(&l);
    line_number_or_null(&l, "entry", r->entry != ENTRY_NONE, r->entry);
    line_number(&l, "held", r->held);
    line_number(&l, "new", r->new);
    line_text(&l, "outcome", span_str(outcome[r->outcome]));
    line_text_or_null(&l, "receipt", span_str(r->receipt != NULL ? r->receipt : ""));
    line_number(&l, "received", r->received);
    line_number(&l, "revisions", r->revisions);
    line_text(&l, "study", r->study);
    line_text(&l, "transfer", r->name);
    line_type(&l, "transfer");
    line_number(&l, "unchanged", r->unchanged);
    line_end(&l);
}

/* --- for people --- */

static const char *in_words(struct cli *c, const struct transfer_result *r)
{
    switch (r->outcome) {
    case TRANSFER_NOTARIZED:
        return words(&c->arena, "%s, %llu new, %llu unchanged, %llu held",
                     counted(&c->arena, r->received, "file", "files"), (unsigned long long)r->new,
                     (unsigned long long)r->unchanged, (unsigned long long)r->held);
    case TRANSFER_KNOWN:
        return words(&c->arena, "it was taken in before, as entry %llu; nothing to do",
                     (unsigned long long)r->entry);
    case TRANSFER_WAITING:
        return "it is not complete yet and waits";
    case TRANSFER_REFUSED:
        return "refused as a whole; nothing of it was taken";
    }
    return "";
}

/* Of what was erased nobody wants another one. */
static void advise_on_held(const struct transfer_result *r)
{
    uint64_t erased = r->issues->count[ISSUE_FILE_ERASED];
    if (erased > 0)
        fputs("  What to do: tell the sender not to send again what was erased.\n", stderr);
    if (r->held > erased)
        fputs("  What to do: ask the sender for the held files, corrected, in a new transfer.\n",
              stderr);
}

/* What a data manager can do about it. */
static void advise(const struct cli *c, const struct transfer_result *r)
{
    if (issues_count(r->issues, SEVERITY_BAD) == 0)
        return;
    if (r->outcome == TRANSFER_REFUSED)
        fputs("  What to do: ask the sender to correct it and to send it as a new transfer.\n",
              stderr);
    else
        advise_on_held(r);
    if (r->held > 0 && r->held < r->received)
        fputs("  The other files are taken in; they need not come again.\n", stderr);
    if (r->entry != ENTRY_NONE)
        fprintf(stderr, "  More: trialseal -C %s show '%.*s#%llu'\n", c->home->path,
                SPAN_ARGS(r->study), (unsigned long long)r->entry);
}

/* --- its revisions --- */

/* For programs all; for people those that there is something to say of. */
static bool say_revision(struct cli *c, struct span study, const struct catalog_revision *x,
                         struct err *e)
{
    const char *change;
    struct twin twin = twin_none;
    if (!revision_twin(c, study, x, &twin, e))
        return false;
    if (c->json) {
        revision_line(study, x, CATALOG_NONE, &twin);
        return true;
    }
    if (x->number == 1 && twin.entry == ENTRY_NONE)
        return true;
    if (!revision_change_said(c, study, x, &twin, &change, e))
        return false;
    printf("  %.*s@%llu: %s\n", SPAN_ARGS(x->dataset), (unsigned long long)x->number, change);
    return true;
}

static bool say_revisions(struct cli *c, const struct transfer_result *r)
{
    struct catalog_revision x;
    struct err e = {0};
    bool found, good = true;
    if (r->outcome != TRANSFER_NOTARIZED || !(c->json || cli_talks(c)))
        return true;
    for (uint64_t i = 1; good && i <= r->revisions; i++)
        good = catalog_revision_at(c->catalog, r->study, r->entry + i, &c->arena, &x, &found, &e) &&
               (!found || say_revision(c, r->study, &x, &e));
    if (!good)
        error_print("trialseal", &e);
    return good;
}

static bool done(void *ctx, const struct transfer_result *r)
{
    struct cli *c = ctx;
    const char *heading = words(&c->arena, "%.*s, transfer %.*s: %s", SPAN_ARGS(r->study),
                                SPAN_ARGS(r->name), in_words(c, r));
    cli_progress_end(c);
    if (!cli_issues(c, r->issues, r->study, r->name, heading) && cli_talks(c))
        puts(heading);
    if (!say_revisions(c, r))
        return false;
    if (c->json)
        result_line(r);
    else
        advise(c, r);
    return output_good();
}

static void progress(void *ctx, struct span file, uint64_t bytes)
{
    struct cli *c = ctx;
    char name[64];
    text_format(name, sizeof name, "%.*s", SPAN_ARGS(file));
    cli_progress(c, name, bytes, 0);
}

struct transfer_options transfers_options(struct cli *c)
{
    return (struct transfer_options){.now = c->now, .done = done, .progress = progress, .ctx = c};
}
