#include "job/notarize.h"

#include "job/plan.h"
#include "ledger/detached.h"
#include "ledger/details.h"
#include "os/publish.h"
#include "store/objects.h"
#include "study/index.h"
#include "study/receipt.h"
#include "study/study.h"

/* --- the detached text of a transfer --- */

static const char *outcome_name(enum plan_outcome o)
{
    static const char *const names[] = {[PLAN_NEW] = "new",
                                        [PLAN_UNCHANGED] = "unchanged",
                                        [PLAN_HELD] = "held",
                                        [PLAN_STATEMENT] = "statement"};
    return names[o];
}

static void write_members(struct json_out *o, const struct plan_file *f)
{
    json_out_array(o, "datasets");
    for (size_t i = 0; i < f->members; i++) {
        const struct plan_member *m = &f->member[i];
        json_out_object(o, NULL);
        json_out_string(o, "dataset", m->dataset);
        json_out_integer(o, "entry", (int64_t)m->entry);
        json_out_integer(o, "member", (int64_t)i);
        json_out_string(o, "outcome", span_str(outcome_name(m->new ? PLAN_NEW : PLAN_UNCHANGED)));
        json_out_integer(o, "revision", (int64_t)m->revision);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void write_file(struct json_out *o, const struct plan_file *f)
{
    json_out_object(o, NULL);
    write_members(o, f);
    plan_write_issues(o, &f->in->issues);
    json_out_string(o, "name", f->in->name);
    json_out_string(o, "outcome", span_str(outcome_name(f->outcome)));
    if (f->in->hash_known)
        json_out_hex(o, "sha256", hash_span(&f->in->hash));
    else
        json_out_null(o, "sha256");
    if (f->in->kept)
        json_out_integer(o, "size", (int64_t)f->in->size);
    else
        json_out_null(o, "size");
    json_out_object_end(o);
}

static struct span given(const char *option)
{
    return option == NULL ? SPAN("") : span_str(option);
}

static bool put_transfer_details(const struct plan *p, const struct transfer_options *options,
                                 struct hash *out, struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    struct hash salt = {{0}};
    struct span reason = options->reason != NULL ? span_str(options->reason) : p->statement.reason;
    if (!plan_salt(p, "transfer", 0, &salt, e))
        return false;
    detached_begin(&o, ENTRY_TRANSFER, salt);
    json_out_array(&o, "files");
    for (size_t i = 0; i < p->in->count; i++)
        write_file(&o, &p->file[i]);
    json_out_array_end(&o);
    plan_write_text_or_null(&o, "id", given(options->id));
    json_out_string(&o, "name", p->in->name);
    plan_write_text_or_null(&o, "reason", reason);
    plan_write_text_or_null(&o, "statement", p->statement_text);
    json_out_object_end(&o);
    bool good = text.n <= DETACHED_MAX || err_set(e, ERR_LIMIT, "too many files and issues");
    good = good && objects_put_bytes(p->put, buf_span(&text), out, e);
    buf_close(&text);
    return good;
}

/* --- entries --- */

static bool add_transfer(const struct plan *p, struct append *a, struct hash details, struct err *e)
{
    struct entry x = {.kind = ENTRY_TRANSFER, .subject = p->in->manifest};
    x.transfer.cutoff = p->statement.cutoff;
    x.transfer.details = details;
    x.transfer.kind = p->statement.kind;
    x.transfer.scope = p->statement.scope;
    x.transfer.received = p->new + p->unchanged + p->held;
    x.transfer.new = p->new;
    x.transfer.unchanged = p->unchanged;
    x.transfer.held = p->held;
    x.transfer.revisions = p->revisions;
    return append_add(a, &x, e);
}

static bool add_revision(const struct plan *p, struct append *a, const struct plan_file *f,
                         size_t member, struct err *e)
{
    const struct plan_member *m = &f->member[member];
    struct entry x = {.kind = ENTRY_REVISION, .subject = f->in->hash};
    x.revision.columns = m->columns;
    x.revision.dataset = m->dataset;
    x.revision.details = m->details;
    x.revision.format = f->format;
    x.revision.member = member;
    x.revision.members = f->members;
    x.revision.previous = m->previous;
    x.revision.records = m->records;
    x.revision.revision = m->revision;
    x.revision.size = f->in->size;
    x.revision.transfer = p->first;
    x.revision.data = m->data;
    x.revision.against = m->against;
    return append_add(a, &x, e);
}

/* The first bad issue names the refusal. */
static const char *first_bad(const struct issues *issues)
{
    size_t i = 0;
    while (i < issues->samples && issue_severity(issues->sample[i].id) != SEVERITY_BAD)
        i++;
    return issue_name(issues->sample[i].id);
}

static bool add_refusal(const struct plan *p, struct append *a, const struct plan_file *f,
                        struct err *e)
{
    struct entry x = {.kind = ENTRY_REFUSAL,
                      .subject = f->in->hash_known ? f->in->hash : p->in->manifest};
    x.refusal.details = f->details;
    x.refusal.issue = span_str(first_bad(&f->in->issues));
    x.refusal.issues = issues_count(&f->in->issues, SEVERITY_BAD);
    x.refusal.of = REFUSED_FILE;
    x.refusal.size = f->in->kept ? f->in->size : ENTRY_NONE;
    x.refusal.transfer = p->first;
    return append_add(a, &x, e);
}

static bool add_entries(const struct plan *p, struct append *a, struct hash details, struct err *e)
{
    bool good = add_transfer(p, a, details, e);
    for (size_t i = 0; good && i < p->in->count; i++)
        for (size_t m = 0; good && m < p->file[i].members; m++)
            if (p->file[i].member[m].new)
                good = add_revision(p, a, &p->file[i], m, e);
    for (size_t i = 0; good && i < p->in->count; i++)
        if (p->file[i].outcome == PLAN_HELD)
            good = add_refusal(p, a, &p->file[i], e);
    return good;
}

static bool write_receipt(const struct notarization *n, struct append *a, struct arena *arena,
                          struct transfer_result *out, struct err *e)
{
    struct receipt r;
    if (!receipt_write(n->home, n->catalog, append_log(a), span_str(n->study), out->entry, arena,
                       &r, e))
        return false;
    out->receipt = r.folder;
    return true;
}

/* --- a whole transfer that is refused --- */

static bool write_refusal(const struct notarization *n, uint64_t index, struct buf *text,
                          struct err *e)
{
    struct json_out o = {.b = text};
    struct hash salt = {{0}};
    if (!home_random(n->home, span_str(n->study), index, "refused transfer", salt.b, e))
        return false;
    detached_begin(&o, ENTRY_REFUSAL, salt);
    json_out_string(&o, "file", n->in->name);
    plan_write_issues(&o, &n->in->issues);
    json_out_object_end(&o);
    return true;
}

struct refused_search {
    const struct notarization *n;
    struct append *append;
    const struct entry *x; /* the refusal that would be added, and its text */
    struct span text;
    uint64_t entry; /* what was found, or ENTRY_NONE */
};

static bool same_refusal(const struct refused_search *s, const struct entry *x, struct arena *a,
                         bool *out, struct err *e)
{
    struct span text;
    bool there;
    *out = false;
    if (x->refusal.of != REFUSED_TRANSFER || x->refusal.issues != s->x->refusal.issues)
        return true;
    if (!objects_has(s->n->home, x->refusal.details, &there, e))
        return false;
    if (!there)
        return true;
    if (!objects_read_all(s->n->home, x->refusal.details, DETACHED_MAX, a, &text, e))
        return false;
    *out = detached_same(text, s->text);
    return true;
}

static bool match_refusal(void *ctx, const struct catalog_entry *row, struct err *e)
{
    struct refused_search *s = ctx;
    struct arena a = {0};
    struct span bytes;
    struct entry x;
    bool same = false, away = false;
    struct transfer_result refused = {.outcome = TRANSFER_REFUSED, .entry = row->index};
    bool good =
        log_entry(append_log(s->append), row->index, append_signed(s->append), &a, &bytes, e) &&
        entry_parse(&a, bytes, &x, e) && same_refusal(s, &x, &a, &same, e) &&
        (!same || s->n->put_away(s->n->ctx, &refused, &away, e));
    if (good && same && !away)
        s->entry = row->index;
    arena_close(&a);
    return good;
}

static bool find_refused(const struct notarization *n, struct append *a, const struct entry *x,
                         struct span text, uint64_t *out, struct err *e)
{
    struct refused_search s = {n, a, x, text, ENTRY_NONE};
    bool good =
        n->put_away == NULL || catalog_each_entry_about(n->catalog, span_str(n->study),
                                                        span_str(entry_kind_name(ENTRY_REFUSAL)),
                                                        x->subject, match_refusal, &s, e);
    *out = s.entry;
    return good;
}

/* Its receipt is there, or is still owed. */
static bool recall_refused(const struct notarization *n, struct arena *arena,
                           struct transfer_result *out)
{
    out->receipt = receipt_folder(arena, out->entry, n->in->name);
    return true;
}

static bool add_refused(const struct notarization *n, struct append *a, struct entry *x,
                        struct span text, struct arena *arena, struct transfer_result *out,
                        struct err *e)
{
    out->entry = append_size(a);
    return objects_put_one(n->home, text, &x->refusal.details, e) && append_add(a, x, e) &&
           append_commit(a, e) && write_receipt(n, a, arena, out, e);
}

static bool refuse_transfer(const struct notarization *n, struct append *a, struct arena *arena,
                            struct transfer_result *out, struct err *e)
{
    struct entry x = {.kind = ENTRY_REFUSAL, .subject = n->in->manifest};
    struct buf text = {0};
    x.refusal.issue = span_str(first_bad(&n->in->issues));
    x.refusal.issues = issues_count(&n->in->issues, SEVERITY_BAD);
    x.refusal.of = REFUSED_TRANSFER;
    x.refusal.size = ENTRY_NONE;
    x.refusal.transfer = ENTRY_NONE;
    out->outcome = TRANSFER_REFUSED;
    bool good = write_refusal(n, append_size(a), &text, e) &&
                find_refused(n, a, &x, buf_span(&text), &out->entry, e) &&
                (out->entry != ENTRY_NONE ? recall_refused(n, arena, out)
                                          : add_refused(n, a, &x, buf_span(&text), arena, out, e));
    buf_close(&text);
    return good;
}

/* --- all --- */

/* What was decided then, from the detached text. */
static void recall_counts(const struct transfer_details *d, struct transfer_result *out)
{
    for (size_t i = 0; i < d->files; i++) {
        const struct details_file *f = &d->file[i];
        out->new += span_eq(f->outcome, SPAN("new"));
        out->unchanged += span_eq(f->outcome, SPAN("unchanged"));
        out->held += span_eq(f->outcome, SPAN("held"));
        for (size_t k = 0; k < f->datasets; k++)
            out->revisions += span_eq(f->dataset[k].outcome, SPAN("new"));
    }
    out->received = out->new + out->unchanged + out->held;
}

static bool read_details(const struct notarization *n, struct hash hash, struct arena *a,
                         struct transfer_details *out, struct err *e)
{
    struct span text;
    return objects_read_all(n->home, hash, DETACHED_MAX, a, &text, e) &&
           transfer_details_parse(a, text, out, e);
}

/* A file whose bytes were not there when the transfer was notarized; NULL if there is none. */
static const struct incoming_file *find_other(const struct incoming *in,
                                              const struct transfer_details *d)
{
    char hex[65];
    for (size_t i = 0; i < in->count; i++) {
        const struct incoming_file *f = &in->file[i];
        size_t k = 0;
        while (k < d->files && !span_eq(d->file[k].name, f->name))
            k++;
        if (f->kept && (k == d->files || d->file[k].size == ENTRY_NONE ||
                        !span_eq(d->file[k].sha256, span_str(hash_hex(f->hash, hex)))))
            return f;
    }
    return NULL;
}

/* A manifest says what was meant, not what arrived: a file that was held may be another now. */
static bool compare_known(const struct notarization *n, const struct catalog_transfer *t,
                          struct arena *a, struct transfer_result *out, bool *known, struct err *e)
{
    struct transfer_details details;
    if (!read_details(n, t->details, a, &details, e))
        return false;
    const struct incoming_file *other = find_other(n->in, &details);
    *known = other == NULL;
    if (*known) {
        out->outcome = TRANSFER_KNOWN;
        out->receipt = receipt_folder(a, t->index, details.name);
        recall_counts(&details, out);
    } else {
        issues_add(&n->in->issues, ISSUE_TRANSFER_CONFLICT, arena_str(a, other->name),
                   "entry %llu is this transfer, where these bytes were not received",
                   (unsigned long long)t->index);
    }
    return true;
}

/* Whether a transfer of that name came behind the one of entry `index`. */
struct successor {
    const struct notarization *n;
    uint64_t index;
    struct arena *arena;
    bool found;
};

static bool is_successor(void *ctx, const struct catalog_transfer *x, struct err *e)
{
    struct successor *s = ctx;
    struct transfer_details details;
    struct catalog_erased ignored;
    bool erased;
    if (x->index <= s->index || s->found)
        return true;
    if (!catalog_erased(s->n->catalog, span_str(s->n->study), x->details, &ignored, &erased, e) ||
        (!erased && !read_details(s->n, x->details, s->arena, &details, e)))
        return false;
    s->found = !erased && span_eq(details.name, s->n->in->name);
    return true;
}

static bool find_successor(const struct notarization *n, uint64_t index, bool *found, struct err *e)
{
    struct arena a = {0};
    struct successor s = {n, index, &a, false};
    bool good = catalog_each_transfer(n->catalog, span_str(n->study), is_successor, &s, e);
    arena_close(&a);
    *found = s.found;
    return good;
}

/*
 * Known: the same identity and content were notarized, and, where a name is the identity, nothing
 * else under that name since: who sends A, B and A again has gone back to A. The same with
 * other content is refused.
 */
static bool find_known(const struct notarization *n, struct arena *a, struct transfer_result *out,
                       bool *known, struct err *e)
{
    struct catalog_transfer t;
    struct span id = given(n->options->id);
    struct hash identity = transfer_identity(id, n->in->name, n->in->manifest);
    if (!catalog_transfer_by_identity(n->catalog, span_str(n->study), identity, &t, known, e))
        return false;
    bool followed = false;
    if (*known && id.n == 0 && !find_successor(n, t.index, &followed, e))
        return false;
    *known = *known && !followed;
    if (!*known)
        return true;
    out->entry = t.index;
    if (hash_eq(t.manifest, n->in->manifest))
        return compare_known(n, &t, a, out, known, e);
    *known = false;
    issues_add(&n->in->issues, ISSUE_TRANSFER_CONFLICT, n->options->id,
               "entry %llu has this id and other content", (unsigned long long)t.index);
    return true;
}

static void count(const struct plan *p, struct transfer_result *out)
{
    out->outcome = TRANSFER_NOTARIZED;
    out->entry = p->first;
    out->received = p->new + p->unchanged + p->held;
    out->new = p->new;
    out->unchanged = p->unchanged;
    out->held = p->held;
    out->revisions = p->revisions;
}

/* A transfer of which more has to be told than a detached text holds is refused; *told is false. */
static bool tell_plan(const struct plan *p, const struct transfer_options *options,
                      struct hash *details, bool *told, struct err *e)
{
    *told = put_transfer_details(p, options, details, e);
    if (*told || e->kind != ERR_LIMIT)
        return *told;
    issues_add(&p->in->issues, ISSUE_TRANSFER_MALFORMED, arena_str(&p->in->arena, p->in->name),
               "%s", e->text);
    *e = (struct err){0};
    return true;
}

static bool commit_plan(struct plan *p, struct append *a, struct hash details, struct err *e)
{
    return objects_put_commit(p->put, e) && batch_commit(p->secrets, e) &&
           add_entries(p, a, details, e) && append_commit(a, e);
}

static bool notarize_files(const struct notarization *n, struct append *a, struct arena *arena,
                           struct transfer_result *out, struct err *e)
{
    struct conf_study conf;
    struct plan p = {.home = n->home, .catalog = n->catalog, .study = n->study, .in = n->in};
    if (!home_study_conf(n->home, span_str(n->study), arena, &conf, e))
        return false;
    p.conf = &conf;
    p.typing = n->typing;
    p.first = append_size(a);
    p.put = objects_put_open(n->home);
    p.secrets = batch_open();
    struct hash details;
    bool told = false;
    bool good = plan_make(&p, e) && tell_plan(&p, n->options, &details, &told, e) &&
                (!told || commit_plan(&p, a, details, e));
    if (told)
        count(&p, out);
    objects_put_close(p.put);
    batch_close(p.secrets);
    plan_close(&p);
    if (good && !told)
        return refuse_transfer(n, a, arena, out, e);
    return good && write_receipt(n, a, arena, out, e);
}

static bool notarize_open(const struct notarization *n, struct append *a, struct arena *arena,
                          struct transfer_result *out, struct err *e)
{
    bool known;
    if (!find_known(n, arena, out, &known, e))
        return false;
    if (known)
        return true;
    if (!study_note_system(n->home, n->catalog, span_str(n->study), a, e))
        return false;
    if (n->in->count == 0 && issues_count(&n->in->issues, SEVERITY_BAD) == 0)
        issues_add(&n->in->issues, ISSUE_TRANSFER_MALFORMED, arena_str(arena, n->in->name),
                   "it has no files");
    if (issues_count(&n->in->issues, SEVERITY_BAD) > 0)
        return refuse_transfer(n, a, arena, out, e);
    return notarize_files(n, a, arena, out, e);
}

/* Everything that was found, for the caller to tell. */
static void join_issues(struct incoming *in)
{
    for (size_t i = 0; i < in->count; i++)
        issues_join(&in->issues, &in->file[i].issues);
}

bool notarize(const struct notarization *n, struct arena *arena, struct transfer_result *out,
              struct err *e)
{
    struct append *a = NULL;
    *out = (struct transfer_result){.study = span_str(n->study),
                                    .name = n->in->name,
                                    .issues = &n->in->issues,
                                    .entry = ENTRY_NONE};
    bool good = append_open(n->home, n->catalog, span_str(n->study), n->options->now, &a, e) &&
                notarize_open(n, a, arena, out, e);
    append_close(a);
    join_issues(n->in);
    return good;
}
