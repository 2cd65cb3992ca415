/* Which member is what: the members must be exactly those of FORMAT chapter 6, in order. */
#include "bundle/verifier.h"

struct cursor {
    struct verifier *v;
    size_t i;
    bool good;
};

static bool at_path(const struct cursor *c, struct span path)
{
    return c->i < c->v->count && span_eq(verifier_path(c->v, c->i), path);
}

static void one(struct cursor *c, const char *path, size_t *at)
{
    *at = c->v->count;
    if (!c->good)
        return;
    if (at_path(c, span_str(path))) {
        *at = c->i++;
        return;
    }
    c->good = false;
    char place[PLACE_MAX];
    if (c->i < c->v->count && span_cmp(verifier_path(c->v, c->i), span_str(path)) < 0)
        issues_add(c->v->issues, ISSUE_BUNDLE_LAYOUT, verifier_place(c->v, c->i, place),
                   "no such member is allowed in a bundle");
    else
        issues_add(c->v->issues, ISSUE_BUNDLE_LAYOUT, path, "the member is missing");
}

static void many(struct cursor *c, const char *folder, struct region *r)
{
    r->first = c->i;
    while (c->good && c->i < c->v->count &&
           span_starts(verifier_path(c->v, c->i), span_str(folder)))
        c->i++;
    r->end = c->i;
}

/* Every name begins with the one folder. */
static bool find_folder(struct verifier *v)
{
    struct zip_member m;
    if (v->count == 0) {
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, "", "the archive is empty");
        return false;
    }
    zip_stat(v->zip, 0, &m);
    size_t slash = span_find(m.name, 0, '/');
    v->folder = span_of(m.name.p, slash < m.name.n ? slash + 1 : 0);
    for (size_t i = 0; i < v->count; i++) {
        zip_stat(v->zip, i, &m);
        if (v->folder.n == 0 || !span_starts(m.name, v->folder)) {
            char place[PLACE_MAX];
            text_format(place, sizeof place, "%.*s", SPAN_ARGS(m.name));
            issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, place, "not inside the bundle's one folder");
            return false;
        }
    }
    return true;
}

/* data/entries/ holds entry 0, 1, 2 ... and nothing else. */
static bool check_entry_names(struct verifier *v)
{
    struct buf want = {0};
    bool good = true;
    for (size_t i = v->entries.first; good && i < v->entries.end; i++) {
        buf_clear(&want);
        layout_entry(&want, i - v->entries.first);
        if (span_eq(verifier_path(v, i), buf_span(&want)))
            continue;
        char place[PLACE_MAX];
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, verifier_place(v, i, place),
                   "where %.*s must be", SPAN_ARGS(buf_span(&want)));
        good = false;
    }
    buf_close(&want);
    return good;
}

/* Everything but the payload is stored. */
static bool check_methods(struct verifier *v)
{
    for (size_t i = 0; i < v->count; i++) {
        struct zip_member m;
        zip_stat(v->zip, i, &m);
        bool payload = i >= v->datasets.first && i < v->datasets.end;
        if (payload || m.method == ZIP_STORED)
            continue;
        char place[PLACE_MAX];
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, verifier_place(v, i, place),
                   "only datasets may be compressed");
        return false;
    }
    return true;
}

bool verifier_layout(struct verifier *v)
{
    struct cursor c = {v, 0, true};
    size_t ignored;
    if (!find_folder(v))
        return false;
    one(&c, "bag-info.txt", &v->at_bag_info);
    one(&c, "bagit.txt", &v->at_bagit);
    one(&c, "data/VERIFY.txt", &ignored);
    one(&c, "data/checkpoint", &v->at_checkpoint);
    one(&c, "data/checkpoint.sig", &v->at_checkpoint_sig);
    many(&c, BUNDLE_CHECKPOINTS, &v->checkpoints);
    many(&c, BUNDLE_DATASETS, &v->datasets);
    one(&c, "data/deflated-sha256.txt", &v->at_deflated);
    many(&c, BUNDLE_ENTRIES, &v->entries);
    many(&c, BUNDLE_OBJECTS, &v->objects);
    many(&c, BUNDLE_PROOFS, &v->proofs);
    many(&c, BUNDLE_TOKENS, &v->tokens);
    one(&c, "manifest-sha256.txt", &v->at_manifest);
    many(&c, BUNDLE_SEALS, &v->seals_at);
    one(&c, "tagmanifest-sha256.txt", &v->at_tag_manifest);
    one(&c, "tagmanifest-sha256.txt.sig", &v->at_tag_manifest_sig);
    if (c.good && c.i < v->count) {
        char place[PLACE_MAX];
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, verifier_place(v, c.i, place),
                   "no such member is allowed in a bundle");
        c.good = false;
    }
    if (!c.good || !check_entry_names(v) || !check_methods(v))
        return false;
    verifier_name_seals(v);
    return true;
}

/* --- seals/ --- */

/* Takes the member if it is that one of that number; `count` where it is not there. */
static size_t seal_member(const struct verifier *v, size_t *i, unsigned number, const char *rest)
{
    struct buf want = {0};
    layout_seal(&want, number, rest);
    bool there = *i < v->seals_at.end && span_eq(verifier_path(v, *i), buf_span(&want));
    buf_close(&want);
    return there ? (*i)++ : v->count;
}

void verifier_name_seals(struct verifier *v)
{
    size_t i = v->seals_at.first;
    v->seal = arena_array(v->a, BUNDLE_SEALS_MAX, sizeof *v->seal);
    while (i < v->seals_at.end && v->seals < BUNDLE_SEALS_MAX) {
        unsigned n = v->seals + 1;
        struct shown_seal *s = &v->seal[v->seals];
        s->crl = seal_member(v, &i, n, "-crl.pem");
        s->sha512 = seal_member(v, &i, n, "-sha512.txt");
        s->token = seal_member(v, &i, n, ".tsr");
        s->list = seal_member(v, &i, n, ".txt");
        if (s->token == v->count || s->list == v->count)
            break;
        v->seals++;
    }
    size_t whole = v->seals == 0 ? v->seals_at.first : v->seal[v->seals - 1].list + 1;
    if (whole == v->seals_at.end)
        return;
    char place[PLACE_MAX];
    size_t wrong = i < v->seals_at.end ? i : whole;
    issues_add(v->issues, ISSUE_SEAL_MALFORMED, verifier_place(v, wrong, place),
               "seals have the numbers 001 to 099, and each its .tsr and its .txt");
}
