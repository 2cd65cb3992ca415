#include "job/reseal.h"

#include <string.h>

#include "crypto/sha512.h"
#include "format/zip.h"

struct reseal {
    struct arena arena;
    struct zip_reader *zip;
    struct span folder; /* of the bundle, with the slash */
    struct verdict verdict;
    unsigned number;       /* of the seal that comes next */
    bool sha512;           /* its list has SHA-512 */
    struct buf list, full; /* NNN.txt; NNN-sha512.txt, empty where it is not needed */
};

/* --- what is there --- */

static struct span member_path(const struct reseal *r, size_t i)
{
    struct zip_member m;
    zip_stat(r->zip, i, &m);
    return span_skip(m.name, r->folder.n);
}

static bool is_seal(const struct reseal *r, size_t i)
{
    return span_starts(member_path(r, i), SPAN(BUNDLE_SEALS));
}

static void find_folder(struct reseal *r)
{
    struct zip_member m;
    zip_stat(r->zip, 0, &m); /* it verified: so there is one */
    r->folder = span_of(m.name.p, span_find(m.name, 0, '/') + 1);
}

/* Nobody is trusted here: that it agrees with itself is enough. */
static bool check_issues(const struct issues *issues, struct err *e)
{
    for (size_t i = 0; i < issues->samples; i++) {
        const struct issue *x = &issues->sample[i];
        if (issue_severity(x->id) != SEVERITY_BAD || x->id == ISSUE_TRUST_NONE)
            continue;
        err_set(e, ERR_FORMAT, "it is not a good bundle: %s%s%s: %s (%s)", x->place,
                x->place[0] != '\0' ? ": " : "", issue_text(x->id), x->detail, issue_name(x->id));
        return err_hint(e, "what is altered is not sealed; take a copy that verifies");
    }
    return true;
}

static bool verify(struct reseal *r, struct source in, struct err *e)
{
    struct issues issues = {0};
    struct verify_options o = {0};
    bool good =
        bundle_verify(in, &o, &r->arena, &issues, &r->verdict, e) && check_issues(&issues, e);
    issues_close(&issues);
    return good;
}

bool reseal_open(struct file *f, struct reseal **out, struct err *e)
{
    struct reseal *r = mem_new(sizeof *r);
    if (verify(r, file_source(f), e) && zip_open(file_source(f), &r->zip, e)) {
        find_folder(r);
        r->number = r->verdict.seals + 1;
        *out = r;
        return true;
    }
    reseal_close(r);
    return err_at(e, "%s", f->name);
}

void reseal_close(struct reseal *r)
{
    if (r == NULL)
        return;
    zip_shut(r->zip);
    buf_close(&r->list);
    buf_close(&r->full);
    arena_close(&r->arena);
    mem_free(r);
}

const struct verdict *reseal_verdict(const struct reseal *r)
{
    return &r->verdict;
}

/* --- the list --- */

/* Both at once, since few members are hashed for a list of SHA-256. */
struct digests {
    struct sha256 sha256;
    struct sha512 sha512;
};

static bool feed_both(void *ctx, struct span s, struct err *e)
{
    struct digests *d = ctx;
    (void)e;
    sha256_feed(&d->sha256, s);
    sha512_feed(&d->sha512, s);
    return true;
}

static void add_line(struct buf *b, bool sha512, struct digests *d, struct span path)
{
    uint8_t digest[SHA512_SIZE];
    struct hash h = sha256_end(&d->sha256);
    sha512_end(&d->sha512, digest);
    buf_hex(b, sha512 ? span_of(digest, sizeof digest) : hash_span(&h));
    buf_str(b, "  ");
    buf_add(b, path);
    buf_byte(b, '\n');
}

static bool list_member(struct reseal *r, struct buf *b, bool sha512, size_t i, struct err *e)
{
    struct digests d;
    sha256_begin(&d.sha256);
    sha512_begin(&d.sha512);
    if (!zip_read(r->zip, i, (struct sink){feed_both, &d}, NULL, e))
        return false;
    add_line(b, sha512, &d, member_path(r, i));
    return true;
}

/* The full list is no member yet. */
static void list_full(struct reseal *r)
{
    struct digests d;
    struct buf path = {0};
    sha256_begin(&d.sha256);
    sha512_begin(&d.sha512);
    feed_both(&d, buf_span(&r->full), NULL);
    layout_seal(&path, r->number, "-sha512.txt");
    add_line(&r->list, true, &d, buf_span(&path));
    buf_close(&path);
}

static bool write_full(struct reseal *r, struct err *e)
{
    for (size_t i = 0; i < zip_count(r->zip); i++)
        if (!is_seal(r, i) && !list_member(r, &r->full, true, i, e))
            return false;
    return true;
}

static bool read_last(struct reseal *r, const char *rest, size_t max, struct arena *a,
                      struct span *out, struct err *e)
{
    struct buf path = {0};
    *out = SPAN("");
    buf_add(&path, r->folder);
    layout_seal(&path, r->number - 1, rest);
    size_t i = zip_find(r->zip, buf_span(&path));
    bool good = i == zip_count(r->zip) || zip_read_all(r->zip, i, max, a, out, e);
    buf_close(&path);
    return good;
}

bool reseal_last(struct reseal *r, struct arena *a, struct span *token, struct span *list,
                 struct err *e)
{
    return read_last(r, ".tsr", BUNDLE_TOKEN_MAX, a, token, e) &&
           read_last(r, ".txt", BUNDLE_SEAL_LIST_MAX, a, list, e);
}

/* Does the last list that is there have SHA-512? */
static bool last_is_sha512(struct reseal *r, bool *out, struct err *e)
{
    struct arena a = {0};
    struct span list;
    bool good = read_last(r, ".txt", BUNDLE_SEAL_LIST_MAX, &a, &list, e);
    *out = good && span_find(list, 0, ' ') == 2 * (size_t)SHA512_SIZE;
    arena_close(&a);
    return good;
}

static bool write_list(struct reseal *r, struct err *e)
{
    size_t i, last = zip_count(r->zip) - 2; /* tag manifest and its signature are the last two */
    for (i = 0; i < last; i++)
        if (is_seal(r, i) && !list_member(r, &r->list, r->sha512, i, e))
            return false;
    if (r->full.n > 0)
        list_full(r);
    for (; i < zip_count(r->zip); i++)
        if (!list_member(r, &r->list, r->sha512, i, e))
            return false;
    return true;
}

bool reseal_list(struct reseal *r, bool sha512, struct span *out, struct err *e)
{
    bool before;
    if (r->number > BUNDLE_SEALS_MAX)
        return err_set(e, ERR_LIMIT, "a bundle has at most %d seals", BUNDLE_SEALS_MAX);
    if (!last_is_sha512(r, &before, e))
        return false;
    buf_clear(&r->list);
    buf_clear(&r->full);
    r->sha512 = sha512 || before;
    if ((r->sha512 && !before && !write_full(r, e)) || !write_list(r, e))
        return false;
    *out = buf_span(&r->list);
    return true;
}

/* --- writing --- */

struct copying {
    struct reseal *r;
    struct zip_writer *zip;
    bool seals; /* those that are there are kept */
};

static bool feed_zip(void *ctx, struct span s, struct err *e)
{
    return zip_feed(ctx, s, e);
}

static bool copy_members(struct copying *c, size_t from, size_t end, struct err *e)
{
    for (size_t i = from; i < end; i++) {
        struct zip_member m;
        if (!c->seals && is_seal(c->r, i))
            continue;
        zip_stat(c->r->zip, i, &m);
        if (!zip_add(c->zip, &m, e) || !zip_copy(c->r->zip, i, (struct sink){feed_zip, c->zip}, e))
            return false;
    }
    return true;
}

/* Nothing, where there are no bytes. */
static bool add_member(struct copying *c, const char *rest, struct span bytes, struct err *e)
{
    struct buf name = {0};
    buf_add(&name, c->r->folder);
    layout_seal(&name, c->r->number, rest);
    bool good = bytes.n == 0 || zip_add_bytes(c->zip, buf_span(&name), bytes, e);
    buf_close(&name);
    return good;
}

bool reseal_write(struct reseal *r, struct span token, struct span crls, struct sink out,
                  struct err *e)
{
    struct copying c = {r, zip_create(out), true};
    size_t n = zip_count(r->zip);
    bool good = copy_members(&c, 0, n - 2, e) && add_member(&c, "-crl.pem", crls, e) &&
                add_member(&c, "-sha512.txt", buf_span(&r->full), e) &&
                add_member(&c, ".tsr", token, e) && add_member(&c, ".txt", buf_span(&r->list), e) &&
                copy_members(&c, n - 2, n, e) && zip_finish(c.zip, e);
    zip_close(c.zip);
    return good;
}

bool reseal_strip(struct reseal *r, struct sink out, struct err *e)
{
    struct copying c = {r, zip_create(out), false};
    bool good = copy_members(&c, 0, zip_count(r->zip), e) && zip_finish(c.zip, e);
    zip_close(c.zip);
    return good;
}

/* Seals stand before the last two members; asked first, since to verify takes a while. */
static bool has_seals(struct file *f)
{
    struct zip_reader *zip = NULL;
    struct zip_member m;
    struct err ignored = {0};
    bool there = zip_open(file_source(f), &zip, &ignored) && zip_count(zip) > 2;
    if (there) {
        zip_stat(zip, zip_count(zip) - 3, &m);
        there = span_starts(span_skip(m.name, span_find(m.name, 0, '/')), SPAN("/" BUNDLE_SEALS));
    }
    zip_shut(zip);
    return there;
}

bool reseal_is_sealed(int folder, const char *name, struct hash issued)
{
    struct file f = {.fd = -1};
    struct reseal *r = NULL;
    struct sha256 sha;
    struct err ignored = {0};
    sha256_begin(&sha);
    bool same = file_open(folder, name, &f, &ignored) && has_seals(&f) &&
                reseal_open(&f, &r, &ignored) && reseal_verdict(r)->seals > 0 &&
                reseal_strip(r, sha256_sink(&sha), &ignored) && hash_eq(sha256_end(&sha), issued);
    reseal_close(r);
    file_close(&f);
    return same;
}
