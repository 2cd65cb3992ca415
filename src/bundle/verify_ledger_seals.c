/*
 * Seals of the ledger: checkpoints, and tokens over them, that `seal` entries name; FORMAT chapter
 * 9, checks 16 and 19. Only their digests are kept from the first reading.
 */
#include <string.h>

#include "base/sort.h"
#include "bundle/verifier.h"

/* The size that a member of data/checkpoints/ is named by; 0 where it is no such name. */
static uint64_t named_size(struct span path)
{
    struct span digits = span_skip(path, strlen(BUNDLE_CHECKPOINTS));
    struct buf again = {0};
    uint64_t size;
    while (digits.n > 1 && digits.p[0] == '0')
        digits = span_skip(digits, 1);
    if (!span_u64(digits, &size))
        return 0;
    layout_checkpoint(&again, size);
    bool same = span_eq(buf_span(&again), path);
    buf_close(&again);
    return same ? size : 0;
}

void verifier_begin_checkpoints(struct verifier *v)
{
    size_t n = v->checkpoints.end - v->checkpoints.first;
    v->checkpoint = arena_array(v->a, n, sizeof *v->checkpoint);
    for (size_t i = 0; i < n; i++)
        v->checkpoint[i].size = named_size(verifier_path(v, v->checkpoints.first + i));
}

void verifier_reach_checkpoints(struct verifier *v)
{
    size_t n = v->checkpoints.end - v->checkpoints.first;
    while (v->reached < n && v->checkpoint[v->reached].size < v->tree.size)
        v->reached++;
    if (v->reached < n && v->checkpoint[v->reached].size == v->tree.size)
        v->checkpoint[v->reached].root = tree_root(&v->tree);
}

/* The checkpoint of that size; the number of them where it is not there. */
static size_t find_checkpoint(const struct verifier *v, uint64_t size)
{
    size_t n = v->checkpoints.end - v->checkpoints.first;
    size_t i = sort_find_number(v->checkpoint, n, sizeof *v->checkpoint,
                                offsetof(struct shown_checkpoint, size), size);
    return i < n && v->checkpoint[i].size == size ? i : n;
}

/* --- tokens, anywhere --- */

bool verifier_checks_tokens(const struct verifier *v)
{
    return v->options->checker != NULL && v->options->trust != NULL && v->options->trust->seal;
}

bool verifier_check_token(struct verifier *v, const char *place, struct span token,
                          struct span data, struct span crls, enum issue_id untrusted,
                          struct sealed *out)
{
    const struct seal_checker *c = v->options->checker;
    struct err e = {0};
    if (c->check(c->ctx, token, data, v->options->trust->tsa, crls, v->a, out, &e))
        return true;
    issues_add(v->issues, e.kind == ERR_STATE ? untrusted : ISSUE_SEAL_WRONG, place, "%s", e.text);
    return false;
}

/* --- one seal entry --- */

struct ledger_seal {
    const struct history_seal *entry;
    size_t token, checkpoint; /* members, */
    struct hash root;         /* of as many first entries */
};

/* What is wrong with the checkpoint that a seal is over; NULL if nothing is. */
static const char *checkpoint_fault(struct verifier *v, const struct ledger_seal *s,
                                    struct span bytes, struct arena *a)
{
    struct note n;
    struct checkpoint c;
    struct note_key key;
    if (!note_parse(a, bytes, &n, NULL) || !checkpoint_parse(n.text, &c, NULL) ||
        c.extensions.n > 0)
        return "it is not a checkpoint";
    if (!span_eq(c.origin, v->verdict->checkpoint.origin) || c.size != s->entry->size)
        return "it is of another ledger or of another size";
    if (!hash_eq(c.root, s->root))
        return "its root is not that of as many first entries here";
    if (!verifier_own_log_key(v, &key) || note_verify(&n, &key, NULL) != NOTE_GOOD)
        return "it is not signed by the ledger's key";
    return NULL;
}

static void check_token(struct verifier *v, const struct ledger_seal *s, struct span token,
                        struct span checkpoint)
{
    char place[PLACE_MAX];
    struct sealed sealed;
    verifier_place(v, s->token, place);
    if (!verifier_check_token(v, place, token, checkpoint, SPAN(""), ISSUE_SEAL_UNCOUNTED, &sealed))
        return;
    if (sealed.time != s->entry->time) {
        issues_add(v->issues, ISSUE_SEAL_WRONG, place,
                   "its time is not the one that entry %llu names",
                   (unsigned long long)s->entry->entry);
        return;
    }
    v->verdict->ledger_sealed = true;
    v->verdict->ledger = sealed;
    v->verdict->ledger_sealed_size = s->entry->size;
}

static bool check_bytes(struct verifier *v, const struct ledger_seal *s, struct arena *a,
                        struct err *e)
{
    char place[PLACE_MAX];
    struct span token, checkpoint;
    if (!verifier_again(v, s->checkpoint, CHECKPOINT_MAX, a, &checkpoint, e) ||
        !verifier_again(v, s->token, BUNDLE_TOKEN_MAX, a, &token, e))
        return false;
    const char *fault = checkpoint_fault(v, s, checkpoint, a);
    if (fault != NULL)
        issues_add(v->issues, ISSUE_SEAL_WRONG, verifier_place(v, s->checkpoint, place), "%s",
                   fault);
    else if (verifier_checks_tokens(v))
        check_token(v, s, token, checkpoint);
    return true;
}

static bool check_one(struct verifier *v, const struct ledger_seal *s, struct err *e)
{
    struct arena a = {0};
    char place[PLACE_MAX];
    const struct {
        size_t member;
        struct hash named;
    } two[] = {{s->token, s->entry->token}, {s->checkpoint, s->entry->checkpoint}};
    bool same = true;
    for (size_t i = 0; i < 2; i++)
        if (!hash_eq(v->digest[two[i].member], two[i].named)) {
            issues_add(v->issues, ISSUE_SEAL_WRONG, verifier_place(v, two[i].member, place),
                       "not the bytes that entry %llu names", (unsigned long long)s->entry->entry);
            same = false;
        }
    bool done = !same || check_bytes(v, s, &a, e);
    arena_close(&a);
    return done;
}

/* --- all --- */

static void report_missing(struct verifier *v, struct buf *path, uint64_t entry)
{
    char place[PLACE_MAX];
    text_format(place, sizeof place, "%.*s", SPAN_ARGS(buf_span(path)));
    issues_add(v->issues, ISSUE_BUNDLE_MISSING, place, "entry %llu names it",
               (unsigned long long)entry);
}

static void report_unnamed(struct verifier *v, size_t i)
{
    char place[PLACE_MAX];
    issues_add(v->issues, ISSUE_BUNDLE_UNLISTED, verifier_place(v, i, place),
               "no seal entry names it");
}

/* Tokens before the one of that path are of no entry. */
static bool take_token(struct verifier *v, size_t *i, struct span path)
{
    for (; *i < v->tokens.end && span_cmp(verifier_path(v, *i), path) < 0; ++*i)
        report_unnamed(v, *i);
    return *i < v->tokens.end && span_eq(verifier_path(v, *i), path);
}

static bool check_entry(struct verifier *v, const struct history_seal *entry, size_t *i,
                        struct err *e)
{
    struct ledger_seal s = {.entry = entry, .token = *i};
    struct buf path = {0};
    size_t n = v->checkpoints.end - v->checkpoints.first;
    size_t c = find_checkpoint(v, entry->size);
    layout_token(&path, entry->entry);
    bool token = take_token(v, i, buf_span(&path)), done = true;
    if (!token)
        report_missing(v, &path, entry->entry);
    buf_clear(&path);
    layout_checkpoint(&path, entry->size);
    if (c == n)
        report_missing(v, &path, entry->entry);
    else
        v->checkpoint[c].named = true;
    if (token && c < n) {
        s.token = *i;
        s.checkpoint = v->checkpoints.first + c;
        s.root = v->checkpoint[c].root;
        done = check_one(v, &s, e);
    }
    *i += token;
    buf_close(&path);
    return done;
}

bool verifier_check_ledger_seals(struct verifier *v, struct err *e)
{
    size_t i = v->tokens.first;
    v->verdict->ledger_seals = history_seals(v->history);
    for (size_t k = 0; k < history_seals(v->history); k++)
        if (!check_entry(v, history_seal(v->history, k), &i, e))
            return false;
    for (; i < v->tokens.end; i++)
        report_unnamed(v, i);
    for (size_t c = v->checkpoints.first; c < v->checkpoints.end; c++)
        if (!v->checkpoint[c - v->checkpoints.first].named)
            report_unnamed(v, c);
    return true;
}
