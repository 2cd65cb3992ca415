#include "cli/place.h"

#include "format/note.h"

/* --- names --- */

static bool not_a_place(struct span text, struct err *e)
{
    err_set(e, ERR_USAGE, "not a study, dataset or entry: %.*s", SPAN_ARGS(text));
    return err_hint(e, "like CDISC01, CDISC01/sdtm/LB, CDISC01/sdtm/LB@3 or CDISC01#17");
}

static bool parse_dataset(struct span rest, struct place *out)
{
    size_t at = span_find(rest, 0, '@');
    out->dataset = span_of(rest.p, at);
    out->has_revision = at < rest.n;
    return dataset_name_check(out->dataset) &&
           (!out->has_revision || span_u64(span_skip(rest, at + 1), &out->revision));
}

bool place_parse(struct span text, struct place *out, struct err *e)
{
    size_t slash = span_find(text, 0, '/'), number = span_find(text, 0, '#');
    size_t end = slash < number ? slash : number;
    bool good = true;
    *out = (struct place){.study = span_of(text.p, end)};
    if (number < slash) {
        out->has_entry = true;
        good = span_u64(span_skip(text, number + 1), &out->entry);
    } else if (slash < text.n) {
        good = parse_dataset(span_skip(text, slash + 1), out);
    }
    return (good && study_name_check(out->study)) || not_a_place(text, e);
}

bool place_study(struct cli *c, struct span study, struct err *e)
{
    struct conf_study conf;
    return home_study_conf(c->home, study, &c->arena, &conf, e);
}

bool place_dataset(struct cli *c, struct place *p, struct err *e)
{
    bool found;
    struct span spelled;
    if (!catalog_dataset(c->catalog, p->study, p->dataset, &c->arena, &spelled, &found, e))
        return false;
    if (found) {
        p->dataset = spelled;
        return true;
    }
    err_set(e, ERR_USAGE, "%.*s has no dataset %.*s", SPAN_ARGS(p->study), SPAN_ARGS(p->dataset));
    return err_hint(e, "trialseal show %.*s lists them", SPAN_ARGS(p->study));
}

/* --- the revision that somebody means --- */

enum { FORMATS_MAX = 8 };

/* The last revision, and the last one of each format that was met. */
struct latest {
    struct arena *a;
    uint64_t last;
    size_t count;
    struct span format[FORMATS_MAX];
    uint64_t number[FORMATS_MAX];
};

static bool meet(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct latest *l = ctx;
    size_t i = 0;
    (void)e;
    while (i < l->count && !span_eq(l->format[i], x->format))
        i++;
    if (i == l->count && i < FORMATS_MAX)
        l->format[l->count++] = arena_copy(l->a, x->format);
    if (i < l->count)
        l->number[i] = x->number;
    l->last = x->number;
    return true;
}

static bool several_formats(const struct place *p, const struct latest *l, struct err *e)
{
    char list[200] = "";
    for (size_t i = 0; i < l->count; i++) {
        char before[sizeof list];
        text_format(before, sizeof before, "%s", list);
        text_format(list, sizeof list, "%s%s@%llu (%.*s)", before, i > 0 ? ", " : "",
                    (unsigned long long)l->number[i], SPAN_ARGS(l->format[i]));
    }
    err_set(e, ERR_USAGE, "%.*s/%.*s comes in several formats: %s", SPAN_ARGS(p->study),
            SPAN_ARGS(p->dataset), list);
    return err_hint(e, "say which revision: %.*s/%.*s@%llu", SPAN_ARGS(p->study),
                    SPAN_ARGS(p->dataset), (unsigned long long)l->number[0]);
}

static bool revision_of(struct cli *c, const struct place *p, uint64_t number,
                        struct catalog_revision *out, struct err *e)
{
    bool found;
    if (!catalog_revision(c->catalog, p->study, p->dataset, number, SPAN(""), &c->arena, out,
                          &found, e))
        return false;
    if (found)
        return true;
    err_set(e, ERR_USAGE, "%.*s/%.*s has no revision %llu", SPAN_ARGS(p->study),
            SPAN_ARGS(p->dataset), (unsigned long long)number);
    return err_hint(e, "trialseal show %.*s/%.*s lists them", SPAN_ARGS(p->study),
                    SPAN_ARGS(p->dataset));
}

bool place_revision(struct cli *c, struct place *p, struct catalog_revision *out, struct err *e)
{
    struct latest l = {.a = &c->arena};
    if (!place_dataset(c, p, e))
        return false;
    if (p->has_revision)
        return revision_of(c, p, p->revision, out, e);
    if (!catalog_each_revision(c->catalog, p->study, p->dataset, meet, &l, e))
        return false;
    if (l.count > 1)
        return several_formats(p, &l, e);
    if (!revision_of(c, p, l.last, out, e))
        return false;
    if (out->withdrawn == CATALOG_NONE)
        return true;
    err_set(e, ERR_USAGE, "the last revision of %.*s/%.*s, %llu, was withdrawn by entry %lld",
            SPAN_ARGS(p->study), SPAN_ARGS(p->dataset), (unsigned long long)out->number,
            (long long)out->withdrawn);
    return err_hint(e, "name a revision; with its number, also a withdrawn one can be had");
}

/* --- reading a ledger --- */

static bool read_checkpoint(struct cli *c, struct ledger *l, struct err *e)
{
    struct span bytes;
    struct note n;
    if (!log_checkpoint(l->log, &c->arena, &bytes, e))
        return false;
    return bytes.n == 0 ||
           (note_parse(&c->arena, bytes, &n, e) && checkpoint_parse(n.text, &l->checkpoint, e));
}

bool ledger_open(struct cli *c, struct span study, struct ledger *out, struct err *e)
{
    *out = (struct ledger){0};
    if (!log_open(c->home, study, &out->log, e))
        return false;
    if (read_checkpoint(c, out, e))
        return true;
    log_close(out->log);
    out->log = NULL;
    return err_at(e, "ledger of %.*s", SPAN_ARGS(study));
}

bool ledger_entry(struct cli *c, const struct ledger *l, uint64_t index, struct span *bytes,
                  struct entry *out, struct err *e)
{
    if (index >= l->checkpoint.size)
        return err_set(e, ERR_USAGE, "there is no entry %llu: the ledger has %llu, from 0 on",
                       (unsigned long long)index, (unsigned long long)l->checkpoint.size);
    return log_entry(l->log, index, l->checkpoint.size, &c->arena, bytes, e) &&
           entry_parse(&c->arena, *bytes, out, e);
}
