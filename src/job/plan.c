#include "job/plan.h"

#include <string.h>

#include "bundle/layout.h"
#include "job/change.h"
#include "ledger/detached.h"
#include "store/secrets.h"

enum { SALT_PURPOSE_MAX = 64 };

/* --- detached texts --- */

bool plan_salt(const struct plan *p, const char *what, uint64_t number, struct hash *out,
               struct err *e)
{
    char purpose[SALT_PURPOSE_MAX];
    text_format(purpose, sizeof purpose, "%s %llu", what, (unsigned long long)number);
    return home_random(p->home, span_str(p->study), p->first, purpose, out->b, e);
}

void plan_write_text_or_null(struct json_out *o, const char *name, struct span s)
{
    if (s.n == 0)
        json_out_null(o, name);
    else
        json_out_string(o, name, s);
}

void plan_write_issues(struct json_out *o, const struct issues *issues)
{
    json_out_array(o, "issues");
    for (size_t i = 0; i < issues->samples; i++) {
        const struct issue *x = &issues->sample[i];
        json_out_object(o, NULL);
        json_out_string(o, "detail", span_str(x->detail));
        json_out_string(o, "id", span_str(issue_name(x->id)));
        json_out_string(o, "place", span_str(x->place));
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void write_columns(struct json_out *o, const struct examined_member *m)
{
    json_out_array(o, "columns");
    for (size_t i = 0; i < m->columns; i++) {
        const struct examined_column *c = &m->column[i];
        json_out_object(o, NULL);
        if (c->key == 0)
            json_out_null(o, "key");
        else
            json_out_integer(o, "key", (int64_t)c->key);
        json_out_string(o, "label", c->label);
        if (c->length == ENTRY_NONE)
            json_out_null(o, "length");
        else
            json_out_integer(o, "length", (int64_t)c->length);
        json_out_string(o, "name", c->name);
        json_out_string(o, "type", span_str(c->type));
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static struct span file_reason(const struct plan *p, const struct incoming_file *f)
{
    const struct statement_dataset *d = statement_find(&p->statement, f->name);
    return d == NULL ? SPAN("") : d->reason;
}

static bool put_revision_details(struct plan *p, const struct incoming_file *f,
                                 const struct examined_member *m, uint64_t number, struct hash *out,
                                 struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    struct hash salt = {{0}};
    if (!plan_salt(p, "revision", number, &salt, e))
        return false;
    detached_begin(&o, ENTRY_REVISION, salt);
    write_columns(&o, m);
    json_out_string(&o, "file", f->name);
    plan_write_issues(&o, &f->issues);
    json_out_string(&o, "label", m->label);
    plan_write_text_or_null(&o, "member", m->name);
    plan_write_text_or_null(&o, "reason", file_reason(p, f));
    json_out_string(&o, "writer", m->writer);
    json_out_object_end(&o);
    bool good = objects_put_bytes(p->put, buf_span(&text), out, e);
    buf_close(&text);
    return good;
}

/* --- members --- */

static struct span study_of(const struct plan *p)
{
    return span_str(p->study);
}

/* How the ledger or an earlier file of this transfer spells the name up to `n`; all of it on. */
static bool respell_folder(struct plan *p, uint8_t *name, size_t n, struct err *e)
{
    struct span folder = span_of(name, n), first;
    size_t *at = name_map_at(&p->folders, folder);
    bool found = *at != NAME_MAP_NEW;
    if (found)
        first = p->dataset[*at].name;
    else if (!catalog_folder(p->catalog, study_of(p), folder, &p->arena, &first, &found, e))
        return false;
    if (found)
        memcpy(name, first.p, n);
    *at = *at == NAME_MAP_NEW ? p->datasets : *at; /* the one that is about to be added */
    return true;
}

/*
 * The name as it will be written: with the spelling that its folders and itself have already, for
 * names that differ in case only are one name on many systems, and a bundle must open there.
 */
static bool respell(struct plan *p, struct span name, struct span *out, struct err *e)
{
    uint8_t *text = arena_new(&p->arena, name.n);
    memcpy(text, name.p, name.n);
    *out = span_of(text, name.n);
    for (size_t end = 0; end < name.n;) {
        end = span_find(name, end + 1, '/');
        if (!respell_folder(p, text, end, e))
            return false;
    }
    return true;
}

static struct plan_dataset *new_dataset(struct plan *p, struct span name)
{
    p->dataset = mem_room(p->dataset, p->datasets, &p->dataset_cap, sizeof *p->dataset);
    struct plan_dataset *d = &p->dataset[p->datasets++];
    *d = (struct plan_dataset){.name = name};
    return d;
}

/* What is known of the dataset. */
static bool find_dataset(struct plan *p, struct span name, struct plan_dataset **out, struct err *e)
{
    size_t *at = name_map_at(&p->names, name);
    if (*at == NAME_MAP_NEW) {
        struct span spelled;
        if (!respell(p, name, &spelled, e))
            return false;
        *at = p->datasets;
        if (!catalog_last_number(p->catalog, study_of(p), spelled, &new_dataset(p, spelled)->last,
                                 e))
            return false;
    }
    *out = &p->dataset[*at];
    return true;
}

/*
 * The same bytes again are the revision that is there, unless it was withdrawn. Which member of the
 * file it is, nobody knows where that text was erased.
 */
static bool is_unchanged(const struct catalog_revision *last, const struct incoming_file *f,
                         const struct examined_member *m)
{
    return hash_eq(last->sha256, f->hash) && last->withdrawn == CATALOG_NONE &&
           (span_eq(last->member, m->name) || span_eq(last->file, SPAN(LAYOUT_ERASED_NAME)));
}

static bool find_last(struct plan *p, struct span dataset, enum data_format format,
                      struct catalog_revision *last, bool *found, struct err *e)
{
    return catalog_latest(p->catalog, study_of(p), dataset, span_str(data_format_name(format)),
                          &p->arena, last, found, e);
}

/* Its secret is kept with the objects: before the entry. */
static bool keep_secret(struct plan *p, const struct examined_member *m, struct err *e)
{
    struct hash name;
    return m->secret == NULL || secrets_put(p->home, p->secrets, study_of(p), m->secret, &name, e);
}

/* A file, with what it is read with. */
struct plan_read {
    struct examine_with with;
    struct examine_of of;
};

static bool plan_member(struct plan *p, const struct plan_read *r, struct plan_file *pf,
                        struct plan_dataset *d, const struct examined_member *m,
                        struct plan_member *out, struct err *e)
{
    struct catalog_revision last;
    bool found;
    if (!find_last(p, d->name, pf->format, &last, &found, e))
        return false;
    *out = (struct plan_member){
        .dataset = d->name,
        .new = true,
        .previous = found ? last.index : ENTRY_NONE,
        .columns = m->read ? m->columns : ENTRY_NONE,
        .records = m->records,
        .data = m->data,
        .against = revision_change_none,
    };
    if (found && is_unchanged(&last, pf->in, m)) {
        out->new = false;
        out->revision = last.number;
        out->entry = last.index;
        return true;
    }
    out->revision = ++d->last;
    out->entry = p->first + 1 + p->revisions++;
    struct change_of change = {p->catalog, &r->with, &r->of, m, &last};
    return (!found || change_find(&change, &out->against, e)) && keep_secret(p, m, e) &&
           put_revision_details(p, pf->in, m, out->entry, &out->details, e);
}

/* --- files --- */

static bool is_held(const struct incoming_file *f)
{
    return issues_count(&f->issues, SEVERITY_BAD) > 0;
}

/* Each dataset once in each format; checked for all members before any is planned. */
static bool claim_datasets(struct plan *p, struct plan_file *pf, const struct examined *x,
                           size_t *at, struct err *e)
{
    struct plan_dataset *d;
    for (size_t i = 0; i < x->members; i++) {
        if (!find_dataset(p, x->member[i].dataset, &d, e))
            return false;
        at[i] = (size_t)(d - p->dataset);
        if (d->here[x->format])
            issues_add(&pf->in->issues, ISSUE_DATASET_TWICE, arena_str(&p->arena, pf->in->name),
                       "%.*s was already in an earlier file", SPAN_ARGS(d->name));
    }
    for (size_t i = 0; i < x->members && !is_held(pf->in); i++)
        p->dataset[at[i]].here[x->format] = true;
    return true;
}

static void compare_with_statement(struct plan *p, struct incoming_file *f,
                                   const struct examined *x)
{
    const struct statement_dataset *d = statement_find(&p->statement, f->name);
    uint64_t records = 0;
    if (d == NULL || d->records == ENTRY_NONE)
        return;
    for (size_t i = 0; i < x->members; i++)
        records += x->member[i].read ? x->member[i].records : 0;
    if (records != d->records)
        issues_add(&f->issues, ISSUE_STATEMENT_DIFFERS, arena_str(&p->arena, f->name),
                   "%llu records stated, %llu found", (unsigned long long)d->records,
                   (unsigned long long)records);
}

static bool plan_members(struct plan *p, const struct plan_read *r, struct plan_file *pf,
                         const struct examined *x, struct err *e)
{
    size_t *at = arena_array(&p->arena, x->members, sizeof *at);
    if (!claim_datasets(p, pf, x, at, e))
        return false;
    if (is_held(pf->in))
        return true;
    compare_with_statement(p, pf->in, x);
    pf->format = x->format;
    pf->members = x->members;
    pf->member = arena_array(&p->arena, x->members, sizeof *pf->member);
    pf->outcome = PLAN_UNCHANGED;
    for (size_t i = 0; i < x->members; i++) {
        if (!plan_member(p, r, pf, &p->dataset[at[i]], &x->member[i], &pf->member[i], e))
            return false;
        if (pf->member[i].new)
            pf->outcome = PLAN_NEW;
    }
    return true;
}

/* Are all its datasets what they were? Then nobody needs their digests. */
static bool all_unchanged(struct plan *p, const struct incoming_file *f, const struct examined *x,
                          bool *out, struct err *e)
{
    *out = true;
    for (size_t i = 0; i < x->members && *out; i++) {
        struct plan_dataset *d;
        struct catalog_revision last;
        bool found;
        if (!find_dataset(p, x->member[i].dataset, &d, e) ||
            !find_last(p, d->name, x->format, &last, &found, e))
            return false;
        *out = found && is_unchanged(&last, f, &x->member[i]);
    }
    return true;
}

static bool count_revision(void *ctx, const struct catalog_revision *x, struct err *e)
{
    bool *known = ctx;
    (void)x, (void)e;
    *known = true;
    return true;
}

/* The second reading says nothing that the first did not. */
static bool examine_anew(const struct plan_read *r, struct arena *a, struct examined *x,
                         struct err *e)
{
    struct issues said = {0};
    examine_close(x);
    bool good = examine_file(&r->with, &r->of, a, &said, x, e);
    issues_close(&said);
    return good;
}

/* Digests cost more than reading; most files of most nights are the same as the night before. */
static bool examine(struct plan *p, struct plan_read *r, struct incoming_file *f, struct arena *a,
                    struct examined *x, struct err *e)
{
    bool known = false, unchanged;
    if (!catalog_each_revision_of(p->catalog, study_of(p), f->hash, count_revision, &known, e))
        return false;
    r->of.digests = !known;
    if (!examine_file(&r->with, &r->of, a, &f->issues, x, e))
        return false;
    if (!known || is_held(f))
        return true;
    r->of.digests = true;
    return all_unchanged(p, f, x, &unchanged, e) && (unchanged || examine_anew(r, a, x, e));
}

static bool plan_file(struct plan *p, struct plan_file *pf, struct err *e)
{
    struct plan_read r = {
        .with = {p->home, study_of(p), p->first, p->conf, p->typing, &p->came, p->in->folder},
        .of = {.file = pf->in->name, .object = pf->in->hash},
    };
    struct arena scratch = {0};
    struct examined x = {0};
    bool good = true;
    pf->outcome = PLAN_HELD;
    if (!is_held(pf->in)) {
        good = examine(p, &r, pf->in, &scratch, &x, e);
        if (good && !is_held(pf->in))
            good = plan_members(p, &r, pf, &x, e);
    }
    examine_close(&x);
    arena_close(&scratch);
    p->new += pf->outcome == PLAN_NEW;
    p->unchanged += pf->outcome == PLAN_UNCHANGED;
    p->held += pf->outcome == PLAN_HELD;
    return good;
}

/* --- TRANSFER.json --- */

static void check_stated_files(struct plan *p, struct incoming_file *statement)
{
    for (size_t i = 0; i < p->statement.datasets; i++) {
        struct span file = p->statement.dataset[i].file;
        size_t k = 0;
        while (k < p->in->count && !span_eq(p->in->file[k].name, file))
            k++;
        if (k == p->in->count)
            issues_add(&statement->issues, ISSUE_STATEMENT_DIFFERS, STATEMENT_FILE,
                       "it states a file %.*s that the transfer does not have", SPAN_ARGS(file));
    }
}

static bool plan_statement(struct plan *p, struct plan_file *pf, struct err *e)
{
    struct incoming_file *f = pf->in;
    struct span text;
    struct err in_text = {0};
    pf->outcome = PLAN_HELD;
    p->held++;
    if (is_held(f))
        return true;
    if (!objects_read_all(p->home, f->hash, JSON_TREE_MAX, &p->arena, &text, &in_text)) {
        if (in_text.kind != ERR_LIMIT) {
            *e = in_text;
            return false;
        }
        err_set(&in_text, ERR_LIMIT, "it is larger than %d bytes", JSON_TREE_MAX);
    } else if (statement_parse(&p->arena, text, &p->statement, &in_text)) {
        pf->outcome = PLAN_STATEMENT;
        p->held--;
        p->statement_text = text;
        check_stated_files(p, f);
        return true;
    }
    p->statement = (struct statement){0};
    issues_add(&f->issues, ISSUE_STATEMENT_MALFORMED, STATEMENT_FILE, "%s", in_text.text);
    return true;
}

static size_t find_statement(const struct plan *p)
{
    size_t i = 0;
    while (i < p->in->count && !span_eq(p->in->file[i].name, SPAN(STATEMENT_FILE)))
        i++;
    return i;
}

/* --- all --- */

static bool put_refusal_details(struct plan *p, struct plan_file *pf, uint64_t number,
                                struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    struct hash salt = {{0}};
    if (!plan_salt(p, "refusal", number, &salt, e))
        return false;
    detached_begin(&o, ENTRY_REFUSAL, salt);
    json_out_string(&o, "file", pf->in->name);
    plan_write_issues(&o, &pf->in->issues);
    json_out_object_end(&o);
    bool good = objects_put_bytes(p->put, buf_span(&text), &pf->details, e);
    buf_close(&text);
    return good;
}

bool plan_make(struct plan *p, struct err *e)
{
    size_t statement = find_statement(p);
    p->file = arena_array(&p->arena, p->in->count, sizeof *p->file);
    for (size_t i = 0; i < p->in->count; i++)
        p->file[i].in = &p->in->file[i];
    if (statement < p->in->count && !plan_statement(p, &p->file[statement], e))
        return false;
    if (!typing_of_transfer(p->home, p->conf, p->in, &p->came, e))
        return false;
    for (size_t i = 0; i < p->in->count; i++)
        if (i != statement && !plan_file(p, &p->file[i], e))
            return false;
    for (size_t i = 0; i < p->in->count; i++)
        if (p->file[i].outcome == PLAN_HELD && !put_refusal_details(p, &p->file[i], i, e))
            return false;
    return true;
}

void plan_close(struct plan *p)
{
    typing_close(&p->came);
    name_map_close(&p->names);
    name_map_close(&p->folders);
    mem_free(p->dataset);
    arena_close(&p->arena);
}
