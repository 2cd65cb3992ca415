/* Reads the members in order, each once; FORMAT chapter 9, checks 4, 5, 9, 10, 13 and 14. */
#include <string.h>

#include "base/sort.h"
#include "bundle/listing.h"
#include "bundle/verifier.h"
#include "ledger/detached.h"
#include "ledger/proof.h"
#include "ledger/tile.h"

enum { TAG_FILE_MAX = 64 * 1024 };

/* --- entries --- */

static void want_object(struct verifier *v, const struct entry *x)
{
    struct hash h;
    if (!entry_details(x, &h))
        return;
    v->wanted = mem_room(v->wanted, v->wanteds, &v->wanted_cap, sizeof *v->wanted);
    size_t revision = x->kind == ENTRY_REVISION ? history_revisions(v->history) - 1 : 0;
    v->wanted[v->wanteds++] = (struct wanted_object){h, x->kind, revision, false};
}

/* Where its proof must begin. */
static void keep_leaf(struct verifier *v, size_t revision, struct hash leaf)
{
    v->leaf = mem_room(v->leaf, revision, &v->leaf_cap, sizeof *v->leaf);
    v->leaf[revision] = leaf;
}

static void add_entry(struct verifier *v, const char *place, struct span bytes, struct arena *a)
{
    struct entry x;
    struct err e = {0};
    enum issue_id issue;
    struct hash leaf = tree_leaf(bytes);
    tree_add(&v->tree, leaf);
    verifier_reach_checkpoints(v);
    const struct known_state *known = v->options->known;
    if (known != NULL && known->size == v->tree.size) {
        v->verdict->compared = true;
        v->verdict->compared_size = known->size;
        if (!hash_eq(tree_root(&v->tree), known->root))
            issues_add(v->issues, ISSUE_LEDGER_FORK, place,
                       "the first %llu entries here are not those of the other signed state",
                       (unsigned long long)known->size);
    }
    if (!entry_parse(a, bytes, &x, &e)) {
        history_skip(v->history);
        issues_add(v->issues, e.kind == ERR_STATE ? ISSUE_ENTRY_UNKNOWN : ISSUE_ENTRY_MALFORMED,
                   place, "%s", e.text);
        return;
    }
    if (!history_add(v->history, &x, &issue, &e))
        issues_add(v->issues, issue, place, "%s", e.text);
    if (x.kind == ENTRY_REVISION)
        keep_leaf(v, history_revisions(v->history) - 1, leaf);
    want_object(v, &x);
}

static int compare_wanted(const void *a, const void *b)
{
    const struct wanted_object *x = a, *y = b;
    return memcmp(x->hash.b, y->hash.b, SHA256_SIZE);
}

static bool read_entries(struct verifier *v, struct err *e)
{
    v->history = history_open(v->note_parsed ? v->verdict->checkpoint.origin : SPAN(""));
    for (size_t i = v->entries.first; i < v->entries.end; i++) {
        struct arena a = {0};
        struct span bytes;
        char place[PLACE_MAX];
        if (!verifier_take(v, i, ENTRY_MAX, ISSUE_ENTRY_MALFORMED, &a, &bytes, e)) {
            arena_close(&a);
            return false;
        }
        add_entry(v, verifier_place(v, i, place), bytes, &a);
        arena_close(&a);
    }
    enum issue_id issue;
    struct err in_end = {0};
    if (!history_end(v->history, &issue, &in_end))
        issues_add(v->issues, issue, "", "%s", in_end.text);
    sort_items(v->wanted, v->wanteds, sizeof *v->wanted, compare_wanted);
    return true;
}

/* --- detached texts --- */

/* The first of the wanted with that hash, or NULL. */
static struct wanted_object *find_wanted(struct verifier *v, struct hash h)
{
    const struct wanted_object like = {.hash = h};
    size_t i = sort_find(v->wanted, v->wanteds, sizeof *v->wanted, &like, compare_wanted);
    return i < v->wanteds && hash_eq(v->wanted[i].hash, h) ? &v->wanted[i] : NULL;
}

static void check_text(struct verifier *v, const char *place, struct span text,
                       const struct wanted_object *w, struct arena *a)
{
    struct span file;
    struct err e = {0};
    if (!detached_check(a, w->of, text, &file, &e))
        issues_add(v->issues, ISSUE_OBJECT_MALFORMED, place, "%s", e.text);
    else if (w->of == ENTRY_REVISION)
        verifier_find_payload(v, w->revision, file);
}

static void check_object(struct verifier *v, size_t i, struct span text, struct arena *a)
{
    struct hash named;
    char place[PLACE_MAX];
    struct span name = span_skip(verifier_path(v, i), strlen(BUNDLE_OBJECTS));
    struct wanted_object *w = hash_parse(name, &named) ? find_wanted(v, named) : NULL;
    verifier_place(v, i, place);
    if (w == NULL) {
        issues_add(v->issues, ISSUE_BUNDLE_UNLISTED, place, "no entry names this text");
        return;
    }
    bool altered = !hash_eq(named, v->digest[i]);
    if (altered)
        issues_add(v->issues, ISSUE_OBJECT_MALFORMED, place, "its bytes are not those of its name");
    if (history_is_erased(v->history, named))
        issues_add(v->issues, ISSUE_BUNDLE_ERASED, place, "this text was erased");
    for (; w < v->wanted + v->wanteds && hash_eq(w->hash, named); w++) {
        w->found = true;
        if (!altered)
            check_text(v, place, text, w, a);
    }
}

static bool read_object(struct verifier *v, size_t i, struct err *e)
{
    struct arena a = {0};
    struct span text;
    bool read = verifier_take(v, i, DETACHED_MAX, ISSUE_OBJECT_MALFORMED, &a, &text, e);
    if (read)
        check_object(v, i, text, &a);
    arena_close(&a);
    return read;
}

/* A text that is not there was erased, or is missing; `first` of those that name it. */
static void check_absent(struct verifier *v, const struct wanted_object *w, bool first)
{
    char hex[65];
    bool erased = history_is_erased(v->history, w->hash);
    if (erased && w->of == ENTRY_REVISION)
        verifier_find_nameless(v, w->revision);
    else if (!erased && first)
        issues_add(v->issues, ISSUE_BUNDLE_MISSING, hash_hex(w->hash, hex),
                   "the detached text of a %s entry is not in " BUNDLE_OBJECTS,
                   entry_kind_name(w->of));
}

static bool read_objects(struct verifier *v, struct err *e)
{
    for (size_t i = v->objects.first; i < v->objects.end; i++)
        if (!read_object(v, i, e))
            return false;
    for (size_t k = 0; k < v->wanteds; k++) {
        const struct wanted_object *w = &v->wanted[k];
        if (!w->found)
            check_absent(v, w, k == 0 || !hash_eq(w[-1].hash, w->hash));
    }
    return true;
}

/* --- proofs --- */

static void check_proof(struct verifier *v, const char *place, struct span text, size_t revision,
                        struct arena *a)
{
    struct proof p;
    struct err e = {0};
    if (!proof_parse(a, text, &p, &e)) {
        issues_add(v->issues, ISSUE_PROOF_MALFORMED, place, "%s", e.text);
        return;
    }
    if (p.extra.p != NULL)
        issues_add(v->issues, ISSUE_PROOF_MALFORMED, place, "it has an extra line");
    if (p.index != history_revision(v->history, revision)->entry ||
        !span_eq(p.checkpoint, v->note_bytes))
        issues_add(v->issues, ISSUE_PROOF_WRONG, place,
                   "it is for another entry or another checkpoint");
    else if (!tree_check(p.index, v->verdict->checkpoint.size, v->leaf[revision], p.path.hash,
                         p.path.count, v->verdict->checkpoint.root))
        issues_add(v->issues, ISSUE_PROOF_WRONG, place, "it does not lead to the signed root");
}

static bool read_proof(struct verifier *v, size_t i, size_t revision, struct err *e)
{
    struct arena a = {0};
    struct span text;
    char place[PLACE_MAX];
    bool read = verifier_take(v, i, PROOF_MAX, ISSUE_PROOF_MALFORMED, &a, &text, e);
    if (read)
        check_proof(v, verifier_place(v, i, place), text, revision, &a);
    arena_close(&a);
    return read;
}

/* Members of data/proofs/ up to `path` (all, where it is empty): they are of no revision. */
static bool skip_proofs(struct verifier *v, size_t *i, struct span path, struct err *e)
{
    char place[PLACE_MAX];
    for (; *i < v->proofs.end && (path.n == 0 || span_cmp(verifier_path(v, *i), path) < 0); ++*i) {
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, verifier_place(v, *i, place),
                   "there is no such revision");
        if (!verifier_stream(v, *i, (struct sink){NULL, NULL}, e))
            return false;
    }
    return true;
}

/* The next proof is that of this revision. */
static bool next_proof(struct verifier *v, size_t *i, size_t revision, struct err *e)
{
    struct buf want = {0};
    char place[PLACE_MAX];
    layout_proof(&want, history_revision(v->history, revision)->entry);
    struct span path = buf_span(&want);
    bool good = skip_proofs(v, i, path, e);
    text_format(place, sizeof place, "%.*s", SPAN_ARGS(path));
    if (good && *i < v->proofs.end && span_eq(verifier_path(v, *i), path))
        good = read_proof(v, (*i)++, revision, e);
    else if (good)
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, place, "the member is missing");
    buf_close(&want);
    return good;
}

static bool read_proofs(struct verifier *v, struct err *e)
{
    size_t i = v->proofs.first;
    for (size_t k = 0; k < history_revisions(v->history); k++)
        if (!next_proof(v, &i, k, e))
            return false;
    return skip_proofs(v, &i, SPAN(""), e);
}

/* --- lists --- */

static bool take_tag_file(struct verifier *v, size_t at, struct span *out, struct err *e)
{
    return verifier_take(v, at, TAG_FILE_MAX, ISSUE_BUNDLE_TAG_FILE, v->a, out, e);
}

static bool take_signature(struct verifier *v, size_t at, enum issue_id too_large, struct span *out,
                           struct err *e)
{
    return verifier_take(v, at, SSHSIG_MAX, too_large, v->a, out, e);
}

struct walk {
    struct verifier *v;
    size_t i, end;
    bool tag_files; /* list bag-info.txt, bagit.txt, manifest; else data/ */
    bool deflated;  /* only deflated members, by their stored bytes */
};

static bool next_listed(void *ctx, struct span *path, struct hash *hash)
{
    struct walk *w = ctx;
    for (; w->i < w->end; w->i++) {
        struct zip_member m;
        zip_stat(w->v->zip, w->i, &m);
        struct span p = verifier_path(w->v, w->i);
        bool data = span_starts(p, SPAN("data/"));
        if (data == w->tag_files || (w->deflated && m.method != ZIP_DEFLATED))
            continue;
        *path = p;
        *hash = w->deflated ? w->v->stored[w->i - w->v->datasets.first] : w->v->digest[w->i];
        w->i++;
        return true;
    }
    return false;
}

static bool read_list(struct verifier *v, size_t at, struct walk w, const char *name,
                      struct span *copy, struct err *e)
{
    enum issue_id altered = w.deflated ? ISSUE_BUNDLE_REENCODED : ISSUE_BUNDLE_ALTERED;
    struct listing l = {
        .next = next_listed,
        .ctx = &w,
        .issues = v->issues,
        .altered = altered,
        .unlisted = w.deflated ? ISSUE_BUNDLE_REENCODED : ISSUE_BUNDLE_UNLISTED,
        .missing = w.deflated ? ISSUE_BUNDLE_REENCODED : ISSUE_BUNDLE_MISSING,
        .name = name,
    };
    bool read;
    listing_begin(&l);
    struct sink s = listing_sink(&l);
    if (copy == NULL) {
        read = verifier_stream(v, at, s, e);
    } else {
        read = take_tag_file(v, at, copy, e);
        if (read)
            s.write(s.ctx, *copy, e);
    }
    listing_end(&l);
    return read;
}

/* --- all --- */

/* Members of which only the digests are needed now. */
static bool read_region(struct verifier *v, struct region r, struct err *e)
{
    for (size_t i = r.first; i < r.end; i++)
        if (!verifier_stream(v, i, (struct sink){NULL, NULL}, e))
            return false;
    return true;
}

static bool read_datasets(struct verifier *v, struct err *e)
{
    if (!read_region(v, v->datasets, e))
        return false;
    struct walk w = {v, v->datasets.first, v->datasets.end, false, true};
    return read_list(v, v->at_deflated, w, "data/deflated-sha256.txt", NULL, e);
}

static bool read_manifests(struct verifier *v, struct err *e)
{
    struct walk data = {v, 0, v->at_manifest, false, false};
    struct walk tags = {v, 0, v->at_manifest + 1, true, false};
    return read_list(v, v->at_manifest, data, "manifest-sha256.txt", NULL, e) &&
           read_region(v, v->seals_at, e) &&
           read_list(v, v->at_tag_manifest, tags, "tagmanifest-sha256.txt", &v->tag_manifest, e) &&
           take_signature(v, v->at_tag_manifest_sig, ISSUE_BUNDLE_SIGNATURE, &v->tag_manifest_sig,
                          e);
}

bool verifier_read(struct verifier *v, struct err *e)
{
    struct span bagit;
    bool good =
        take_tag_file(v, v->at_bag_info, &v->bag_info, e) &&
        take_tag_file(v, v->at_bagit, &bagit, e) &&
        verifier_stream(v, v->at_bagit + 1, (struct sink){NULL, NULL}, e) &&
        verifier_take(v, v->at_checkpoint, CHECKPOINT_MAX, ISSUE_CHECKPOINT_MALFORMED, v->a,
                      &v->note_bytes, e) &&
        take_signature(v, v->at_checkpoint_sig, ISSUE_CHECKPOINT_SIGNATURE, &v->checkpoint_sig, e);
    if (!good)
        return false;
    if (!span_eq(bagit, bagit_text()))
        issues_add(v->issues, ISSUE_BUNDLE_TAG_FILE, "bagit.txt", "not the two lines it must be");
    verifier_check_checkpoint(v);
    verifier_begin_checkpoints(v);
    if (!read_region(v, v->checkpoints, e) || !read_datasets(v, e) || !read_entries(v, e))
        return false;
    verifier_begin_payload(v);
    return read_objects(v, e) && read_proofs(v, e) && read_region(v, v->tokens, e) &&
           read_manifests(v, e);
}
