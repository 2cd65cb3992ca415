#include "bundle/verify.h"

#include "bundle/verifier.h"

/* --- what the steps share --- */

bool verifier_note(struct verifier *v, enum issue_id id, const char *place, struct err *e)
{
    if (e->kind == ERR_IO)
        return false;
    issues_add(v->issues, id, place, "%s", e->text);
    *e = (struct err){0};
    return true;
}

struct span verifier_path(const struct verifier *v, size_t i)
{
    struct zip_member m;
    zip_stat(v->zip, i, &m);
    return span_skip(m.name, v->folder.n);
}

char *verifier_place(const struct verifier *v, size_t i, char text[PLACE_MAX])
{
    struct span path = verifier_path(v, i);
    text_format(text, PLACE_MAX, "%.*s", SPAN_ARGS(path));
    return text;
}

/* Hashes on the way to another sink. */
struct tee {
    struct verifier *v;
    struct sha256 sha;
    struct sink also;
};

static bool tee_write(void *ctx, struct span s, struct err *e)
{
    struct tee *t = ctx;
    sha256_feed(&t->sha, s);
    t->v->bytes_read += s.n;
    if (t->v->options->progress != NULL)
        t->v->options->progress(t->v->options->ctx, t->v->bytes_read, t->v->bytes_total);
    return t->also.write == NULL || t->also.write(t->also.ctx, s, e);
}

bool verifier_stream(struct verifier *v, size_t i, struct sink also, struct err *e)
{
    struct tee t = {.v = v, .also = also};
    struct zip_member m;
    zip_stat(v->zip, i, &m);
    bool payload = i >= v->datasets.first && i < v->datasets.end;
    struct hash *stored =
        payload && m.method == ZIP_DEFLATED ? &v->stored[i - v->datasets.first] : NULL;
    sha256_begin(&t.sha);
    if (!zip_read(v->zip, i, (struct sink){tee_write, &t}, stored, e)) {
        char place[PLACE_MAX];
        v->digest[i] = (struct hash){0};
        return verifier_note(v, ISSUE_BUNDLE_ARCHIVE, verifier_place(v, i, place), e);
    }
    v->digest[i] = sha256_end(&t.sha);
    return true;
}

bool verifier_take(struct verifier *v, size_t i, size_t max, enum issue_id too_large,
                   struct arena *a, struct span *out, struct err *e)
{
    char place[PLACE_MAX];
    *out = SPAN("");
    v->digest[i] = (struct hash){0};
    if (!zip_read_all(v->zip, i, max, a, out, e)) {
        *out = SPAN("");
        return verifier_note(v, e->kind == ERR_LIMIT ? too_large : ISSUE_BUNDLE_ARCHIVE,
                             verifier_place(v, i, place), e);
    }
    v->bytes_read += out->n;
    v->digest[i] = sha256_of(*out);
    return true;
}

bool verifier_again(struct verifier *v, size_t i, size_t max, struct arena *a, struct span *out,
                    struct err *e)
{
    struct hash first = v->digest[i];
    if (!verifier_take(v, i, max, ISSUE_SEAL_MALFORMED, a, out, e))
        return false;
    if (out->n > 0 && !hash_eq(first, v->digest[i])) {
        char place[PLACE_MAX];
        issues_add(v->issues, ISSUE_BUNDLE_ALTERED, verifier_place(v, i, place),
                   "it was altered while it was read");
        *out = SPAN("");
    }
    v->digest[i] = first;
    return true;
}

/* --- the verification --- */

static void check_root(struct verifier *v)
{
    const struct checkpoint *c = &v->verdict->checkpoint;
    if (v->tree.size == 0) {
        issues_add(v->issues, ISSUE_LEDGER_EMPTY, "data/entries",
                   "a ledger has at least its study entry");
        return;
    }
    v->verdict->root_good =
        v->note_parsed && v->tree.size == c->size && hash_eq(tree_root(&v->tree), c->root);
    if (!v->verdict->root_good)
        issues_add(v->issues, ISSUE_LEDGER_ROOT, "data/checkpoint",
                   "%llu entries are here and %llu were signed, or their root is another",
                   (unsigned long long)v->tree.size, (unsigned long long)c->size);
}

/* The history goes before the verdict does. */
static void copy_erasures(struct verifier *v)
{
    size_t n = history_erasures(v->history);
    struct erased *list = arena_array(v->a, n, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = *history_erasure(v->history, i);
    v->verdict->erasure = list;
    v->verdict->erasures = n;
}

static void fill_verdict(struct verifier *v)
{
    struct verdict *d = v->verdict;
    struct history_counts c = history_counts(v->history);
    const struct entry *study = history_study(v->history);
    d->members = v->count;
    d->datasets = c.datasets;
    d->transfers = c.transfers;
    d->refusals = c.refusals;
    d->withdrawals = c.withdrawals;
    d->revisions = history_revisions(v->history);
    d->head_time = history_time(v->history);
    d->test = study != NULL && study->study.test;
    copy_erasures(v);
}

/* Asking again for the same bundle must give the same bytes: its own record is not in it. */
static void check_head(struct verifier *v)
{
    if (history_bundle_size(v->history) != history_size(v->history))
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, "data/entries",
                   "the last entry records an issued bundle, which no bundle shows last");
}

/* All members were read: hold everything against everything. */
static bool conclude(struct verifier *v, struct err *e)
{
    fill_verdict(v);
    check_root(v);
    check_head(v);
    verifier_check_payload(v);
    verifier_check_tag_files(v);
    verifier_check_signatures(v);
    if (v->verdict->test)
        issues_add(v->issues, ISSUE_HOME_TEST, "data/entries/000000000000.json",
                   "times in it are what somebody typed");
    return verifier_check_ledger_seals(v, e) && verifier_check_seals(v, e);
}

static void check_trust(struct verifier *v)
{
    if (v->options->trust == NULL)
        issues_add(v->issues, ISSUE_TRUST_NONE, "",
                   "give the trust folder that you got separately");
    else if (v->options->trust->seal && !v->verdict->sealed)
        issues_add(v->issues, ISSUE_TRUST_SEAL, "seals", "%s",
                   v->options->checker == NULL
                       ? "this verifier does not check what authorities signed; use trialseal "
                         "verify, or openssl ts -verify as VERIFY.txt says"
                       : "tsa.pem is in the trust folder");
}

static bool verify_archive(struct verifier *v, struct err *e)
{
    v->count = zip_count(v->zip);
    v->digest = arena_array(v->a, v->count, sizeof *v->digest);
    if (!verifier_layout(v))
        return true;
    v->stored = arena_array(v->a, v->datasets.end - v->datasets.first, sizeof *v->stored);
    if (!verifier_read(v, e))
        return false;
    return conclude(v, e);
}

bool bundle_verify(struct source in, const struct verify_options *o, struct arena *a,
                   struct issues *issues, struct verdict *out, struct err *e)
{
    struct verifier v = {.options = o, .issues = issues, .verdict = out, .a = a};
    *out = (struct verdict){0};
    v.bytes_total = in.size;
    bool done = zip_open(in, &v.zip, e) ? verify_archive(&v, e)
                                        : verifier_note(&v, ISSUE_BUNDLE_ARCHIVE, "", e);
    check_trust(&v);
    zip_shut(v.zip);
    history_close(v.history);
    mem_free(v.leaf);
    mem_free(v.wanted);
    return done;
}
