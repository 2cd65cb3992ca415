#include "ledger/details.h"

#include "ledger/detached.h"

/* A walk along a text whose shape detached_check has established: it only has to look at names. */
struct walk {
    struct json_reader *in;
    struct arena *a;
    struct err *e;
    bool failed;
    enum json_token token;
    struct span text;
};

static bool step(struct walk *w)
{
    w->failed = w->failed || !json_next(w->in, &w->token, &w->text, w->e);
    return !w->failed;
}

/* The next member's name, or false at the end of the object. */
static bool member(struct walk *w, struct span *name)
{
    if (!step(w) || w->token != JSON_NAME)
        return false;
    *name = arena_copy(w->a, w->text);
    return step(w);
}

static struct span text_value(struct walk *w)
{
    return w->token == JSON_STRING ? arena_copy(w->a, w->text) : SPAN("");
}

static uint64_t number_value(const struct walk *w)
{
    uint64_t v = ENTRY_NONE;
    if (w->token == JSON_NUMBER && !span_u64(w->text, &v))
        v = ENTRY_NONE;
    return v;
}

/* Room for one more of `size` bytes behind `count` others. */
static void *grow(struct arena *a, void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return items;
    uint8_t *grown = arena_array(a, count == 0 ? 1 : count * 2, size);
    for (size_t i = 0; i < count * size; i++)
        grown[i] = ((uint8_t *)items)[i];
    return grown;
}

static void read_dataset(struct walk *w, struct details_dataset *d)
{
    struct span name;
    while (member(w, &name)) {
        if (span_eq(name, SPAN("dataset")))
            d->dataset = text_value(w);
        else if (span_eq(name, SPAN("outcome")))
            d->outcome = text_value(w);
        else if (span_eq(name, SPAN("entry")))
            d->entry = number_value(w);
        else if (span_eq(name, SPAN("member")))
            d->member = number_value(w);
        else
            d->revision = number_value(w);
    }
}

static void read_issue(struct walk *w, struct details_issue *i)
{
    struct span name;
    while (member(w, &name)) {
        if (span_eq(name, SPAN("id")))
            i->id = text_value(w);
        else if (span_eq(name, SPAN("place")))
            i->place = text_value(w);
        else
            i->detail = text_value(w);
    }
}

static void read_datasets(struct walk *w, struct details_file *f)
{
    while (step(w) && w->token == JSON_OBJECT) {
        f->dataset = grow(w->a, f->dataset, f->datasets, sizeof *f->dataset);
        read_dataset(w, &f->dataset[f->datasets++]);
    }
}

static void read_issues(struct walk *w, struct details_file *f)
{
    while (step(w) && w->token == JSON_OBJECT) {
        f->issue = grow(w->a, f->issue, f->issues, sizeof *f->issue);
        read_issue(w, &f->issue[f->issues++]);
    }
}

static void read_file(struct walk *w, struct details_file *f)
{
    struct span name;
    while (member(w, &name)) {
        if (span_eq(name, SPAN("datasets")))
            read_datasets(w, f);
        else if (span_eq(name, SPAN("issues")))
            read_issues(w, f);
        else if (span_eq(name, SPAN("name")))
            f->name = text_value(w);
        else if (span_eq(name, SPAN("outcome")))
            f->outcome = text_value(w);
        else if (span_eq(name, SPAN("sha256")))
            f->sha256 = text_value(w);
        else
            f->size = number_value(w);
    }
}

static void read_files(struct walk *w, struct transfer_details *d)
{
    while (step(w) && w->token == JSON_OBJECT) {
        d->file = grow(w->a, d->file, d->files, sizeof *d->file);
        read_file(w, &d->file[d->files++]);
    }
}

static void read_top(struct walk *w, struct transfer_details *d)
{
    struct span name;
    while (member(w, &name)) {
        if (span_eq(name, SPAN("files")))
            read_files(w, d);
        else if (span_eq(name, SPAN("id")))
            d->id = text_value(w);
        else if (span_eq(name, SPAN("name")))
            d->name = text_value(w);
        else if (span_eq(name, SPAN("reason")))
            d->reason = text_value(w);
        else if (span_eq(name, SPAN("statement")))
            d->statement = text_value(w);
    }
}

static void read_refusal(struct walk *w, struct transfer_details *d)
{
    struct span name;
    d->file = arena_new(w->a, sizeof *d->file);
    d->files = 1;
    while (member(w, &name))
        if (span_eq(name, SPAN("issues")))
            read_issues(w, d->file);
}

static bool parse(struct arena *a, enum entry_kind of, struct span text,
                  void (*read)(struct walk *w, struct transfer_details *d),
                  struct transfer_details *out, struct err *e)
{
    struct arena scratch = {0};
    *out = (struct transfer_details){0};
    bool good = detached_check(&scratch, of, text, NULL, e);
    arena_close(&scratch);
    if (!good)
        return false;
    struct walk w = {.in = json_open_text(text), .a = a, .e = e};
    step(&w);
    read(&w, out);
    json_close(w.in);
    return !w.failed;
}

bool transfer_details_parse(struct arena *a, struct span text, struct transfer_details *out,
                            struct err *e)
{
    return parse(a, ENTRY_TRANSFER, text, read_top, out, e);
}

bool refusal_details_parse(struct arena *a, struct span text, struct transfer_details *out,
                           struct err *e)
{
    return parse(a, ENTRY_REFUSAL, text, read_refusal, out, e);
}
