/* The bundle's own seals, over its signature and renewed; FORMAT 6.5 and chapter 9, checks 17
 * to 20. */
#include <string.h>

#include "base/time.h"
#include "bundle/verifier.h"
#include "crypto/sha512.h"

enum { HEX_256 = 2 * SHA256_SIZE, HEX_512 = 2 * SHA512_SIZE, SOON_DAYS = 90, DAY = 24 * 3600 };

/* --- SHA-512 of members, which costs a second reading --- */

struct twice {
    struct sha256 first;
    struct sha512 second;
};

static bool feed_twice(void *ctx, struct span s, struct err *e)
{
    struct twice *t = ctx;
    (void)e;
    sha256_feed(&t->first, s);
    sha512_feed(&t->second, s);
    return true;
}

static bool member_sha512(struct verifier *v, size_t i, uint8_t out[SHA512_SIZE], struct err *e)
{
    struct twice t;
    char place[PLACE_MAX];
    sha256_begin(&t.first);
    sha512_begin(&t.second);
    memset(out, 0, SHA512_SIZE);
    if (!zip_read(v->zip, i, (struct sink){feed_twice, &t}, NULL, e))
        return verifier_note(v, ISSUE_BUNDLE_ARCHIVE, verifier_place(v, i, place), e);
    if (!hash_eq(sha256_end(&t.first), v->digest[i]))
        issues_add(v->issues, ISSUE_BUNDLE_ALTERED, verifier_place(v, i, place),
                   "it was altered while it was read");
    sha512_end(&t.second, out);
    return true;
}

/* --- a list, line by line --- */

struct seal_list {
    struct verifier *v;
    const struct shown_seal *of;
    bool full;                            /* NNN-sha512.txt: all outside seals/; else NNN.txt */
    size_t digits;                        /* HEX_256 or HEX_512 */
    size_t i;                             /* next member to be considered */
    const uint8_t (*sha512)[SHA512_SIZE]; /* of all members, for a full list */
    const char *place;
    struct buf line;
    uint64_t lines;
    bool bad;
    struct err *e;
};

/* Must the list name that member? */
static bool is_due(const struct seal_list *l, size_t i)
{
    const struct verifier *v = l->v;
    bool own = i >= v->seals_at.first && i < v->seals_at.end;
    if (l->full)
        return !own;
    size_t first = l->of->crl < v->count      ? l->of->crl
                   : l->of->sha512 < v->count ? l->of->sha512
                                              : l->of->token;
    return i >= v->at_tag_manifest || (own && (i < first || i == l->of->sha512));
}

static size_t next_due(struct seal_list *l)
{
    while (l->i < l->v->count && !is_due(l, l->i))
        l->i++;
    return l->i;
}

static bool say_bad(struct seal_list *l, enum issue_id id, const char *what)
{
    issues_add(l->v->issues, id, l->place, "line %llu: %s", (unsigned long long)l->lines, what);
    l->bad = true;
    return true;
}

static bool digest_hex(struct seal_list *l, size_t i, struct buf *hex)
{
    uint8_t digest[SHA512_SIZE];
    buf_clear(hex);
    if (l->digits == HEX_256) {
        buf_hex(hex, hash_span(&l->v->digest[i]));
        return true;
    }
    if (l->sha512 != NULL)
        memcpy(digest, l->sha512[i], sizeof digest);
    else if (!member_sha512(l->v, i, digest, l->e))
        return false;
    buf_hex(hex, span_of(digest, sizeof digest));
    return true;
}

/* False where the job stopped. */
static bool check_line(struct seal_list *l)
{
    struct span line = buf_span(&l->line);
    struct buf hex = {0};
    size_t i = next_due(l);
    l->lines++;
    if (line.n < l->digits + 2 || line.p[l->digits] != ' ' || line.p[l->digits + 1] != ' ')
        return say_bad(l, ISSUE_SEAL_MALFORMED, "not a digest and a path");
    if (i == l->v->count || !span_eq(verifier_path(l->v, i), span_skip(line, l->digits + 2)))
        return say_bad(l, ISSUE_SEAL_WRONG, "it names another file than is due here");
    bool done = digest_hex(l, i, &hex);
    if (done && !span_eq(buf_span(&hex), span_of(line.p, l->digits)))
        say_bad(l, ISSUE_SEAL_WRONG, "not the file that was sealed");
    l->i++;
    buf_close(&hex);
    return done;
}

static bool feed_list(void *ctx, struct span s, struct err *e)
{
    struct seal_list *l = ctx;
    (void)e;
    while (s.n > 0 && !l->bad) {
        size_t lf = span_find(s, 0, '\n');
        if (l->line.n + lf > HEX_512 + 2 + ZIP_NAME_MAX)
            return say_bad(l, ISSUE_SEAL_MALFORMED, "it is too long");
        buf_add(&l->line, span_of(s.p, lf));
        if (lf == s.n)
            break;
        if (!check_line(l))
            return false;
        buf_clear(&l->line);
        s = span_skip(s, lf + 1);
    }
    return true;
}

static void end_list(struct seal_list *l)
{
    if (!l->bad && l->line.n > 0)
        say_bad(l, ISSUE_SEAL_MALFORMED, "the last line has no end");
    else if (!l->bad && next_due(l) < l->v->count)
        say_bad(l, ISSUE_SEAL_WRONG, "it ends before it names all that it must");
    buf_close(&l->line);
}

/* NNN-sha512.txt: of every member outside seals/, hence a second reading of all. */
static bool check_full_list(struct verifier *v, const struct shown_seal *s, struct err *e)
{
    char place[PLACE_MAX];
    struct arena a = {0};
    uint8_t(*all)[SHA512_SIZE] = arena_array(&a, v->count, sizeof *all);
    struct seal_list l = {.v = v, .of = s, .full = true, .digits = HEX_512, .e = e};
    struct hash first = v->digest[s->sha512];
    bool done = true;
    l.sha512 = (const uint8_t(*)[SHA512_SIZE])all;
    l.place = verifier_place(v, s->sha512, place);
    for (size_t i = 0; done && i < v->count; i++)
        done = !is_due(&l, i) || member_sha512(v, i, all[i], e);
    done = done && verifier_stream(v, s->sha512, (struct sink){feed_list, &l}, e);
    end_list(&l);
    if (done && !hash_eq(first, v->digest[s->sha512]))
        issues_add(v->issues, ISSUE_BUNDLE_ALTERED, place, "it was altered while it was read");
    arena_close(&a);
    return done;
}

/* NNN.txt. *digits: of the list before; then of this one. */
static bool check_list(struct verifier *v, const struct shown_seal *s, struct span text,
                       size_t *digits, struct err *e)
{
    char place[PLACE_MAX];
    struct seal_list l = {.v = v, .of = s, .digits = span_find(text, 0, ' '), .e = e};
    l.place = verifier_place(v, s->list, place);
    if (l.digits != HEX_256 && l.digits != HEX_512) {
        issues_add(v->issues, ISSUE_SEAL_MALFORMED, place, "it has neither SHA-256 nor SHA-512");
        return true;
    }
    if (l.digits < *digits)
        issues_add(v->issues, ISSUE_SEAL_WRONG, place, "its hash is weaker than the one before");
    if ((l.digits > *digits) != (s->sha512 < v->count))
        issues_add(v->issues, ISSUE_SEAL_MALFORMED, place,
                   "a list of every file goes with the first list of SHA-512, and only with it");
    *digits = l.digits;
    bool done = feed_list(&l, text, e);
    end_list(&l);
    return done && (s->sha512 == v->count || check_full_list(v, s, e));
}

/* --- tokens: the chain of them --- */

struct chain {
    struct sealed last;
    unsigned checked;
    bool good;
};

static void add_to_chain(struct verifier *v, struct chain *c, const char *place,
                         const struct sealed *s)
{
    struct verdict *d = v->verdict;
    if (c->checked > 0 && (s->time < c->last.time || s->bits < c->last.bits)) {
        issues_add(v->issues, ISSUE_SEAL_WRONG, place,
                   "it is earlier, or its hash shorter, than the seal before");
        c->good = false;
    }
    bool late = c->checked > 0 && s->time > c->last.until;
    if (late)
        issues_add(v->issues, ISSUE_SEAL_LATE, place, "what came before it shows nothing any more");
    if (c->checked == 0 || late)
        d->oldest = *s;
    d->newest = c->last = *s;
    c->checked++;
}

/* A certificate here would vouch for the token beside it; whoever reads PEM may take it for a root.
 */
static void check_crls(struct verifier *v, const struct shown_seal *s, struct span pem)
{
    static const char begin[] = "-----BEGIN ";
    char place[PLACE_MAX];
    size_t found = 0, others = 0, n = sizeof begin - 1;
    for (size_t i = 0; i + n <= pem.n; i++)
        if (pem.p[i] == '-' && span_starts(span_skip(pem, i), span_str(begin))) {
            found++;
            others += !span_starts(span_skip(pem, i + n), SPAN("X509 CRL-----"));
        }
    if (s->crl < v->count && (found == 0 || others > 0))
        issues_add(v->issues, ISSUE_SEAL_MALFORMED, verifier_place(v, s->crl, place),
                   "it holds something else than CRLs");
}

static bool check_seal(struct verifier *v, const struct shown_seal *s, size_t *digits,
                       struct chain *chain, struct err *e)
{
    char place[PLACE_MAX];
    struct arena a = {0};
    struct span token = SPAN(""), list = SPAN(""), crls = SPAN("");
    struct sealed sealed;
    bool done = verifier_again(v, s->list, BUNDLE_SEAL_LIST_MAX, &a, &list, e) &&
                verifier_again(v, s->token, BUNDLE_TOKEN_MAX, &a, &token, e) &&
                (s->crl == v->count || verifier_again(v, s->crl, BUNDLE_TSA_MAX, &a, &crls, e)) &&
                check_list(v, s, list, digits, e);
    if (done)
        check_crls(v, s, crls);
    if (done && verifier_checks_tokens(v)) {
        verifier_place(v, s->token, place);
        if (verifier_check_token(v, place, token, list, crls, ISSUE_SEAL_UNTRUSTED, &sealed))
            add_to_chain(v, chain, place, &sealed);
        else
            chain->good = false;
    }
    arena_close(&a);
    return done;
}

int64_t sealed_end(const struct sealed *s)
{
    return s->weak_from < s->until ? s->weak_from : s->until;
}

void sealed_check_end(const struct sealed *s, int64_t now, uint64_t days, const char *place,
                      const char *how, struct issues *issues)
{
    char end[TIME_TEXT + 1];
    if (sealed_end(s) - now <= (int64_t)days * DAY)
        issues_add(issues, ISSUE_SEAL_ENDS, place, "%s %s; %s",
                   s->weak_from < s->until ? "a key is too short from" : "its certificate ends on",
                   time_write(sealed_end(s), end), how);
}

/* Whoever looks at it should renew it in time. */
static void check_end(struct verifier *v)
{
    if (v->options->now != 0)
        sealed_check_end(&v->verdict->newest, v->options->now, SOON_DAYS, "seals",
                         "trialseal seal renew adds a new one", v->issues);
}

bool verifier_check_seals(struct verifier *v, struct err *e)
{
    struct chain chain = {.good = v->seals > 0};
    size_t digits = HEX_256; /* what the manifests have */
    v->verdict->seals = v->seals;
    for (unsigned i = 0; i < v->seals; i++)
        if (!check_seal(v, &v->seal[i], &digits, &chain, e))
            return false;
    if ((v->seals > 0 || v->verdict->ledger_seals > 0) && !verifier_checks_tokens(v)) {
        issues_add(v->issues, ISSUE_SEAL_UNCHECKED, "seals", "%s",
                   v->options->checker == NULL ? "this verifier cannot"
                                               : "the trust folder has no tsa.pem");
        return true;
    }
    v->verdict->sealed = chain.good && v->issues->count[ISSUE_SEAL_MALFORMED] == 0 &&
                         v->issues->count[ISSUE_SEAL_WRONG] == 0;
    if (v->verdict->sealed)
        check_end(v);
    return true;
}
