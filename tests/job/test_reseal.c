/*
 * Seals with authorities that sign nothing: a token is a text "TIME UNTIL BITS SHA-256", good if
 * the hash is that of the data. What authorities really sign is tested in tests/seal.
 */
#include "job/reseal.h"

#include <stdio.h>
#include <unistd.h>

#include "format/zip.h"
#include "tests/bundle/bundle_make.h"
#include "tests/temp.h"
#include "tests/test.h"

static struct made m;

enum { DAY = 24 * 3600, NIGHT = 1768270332 };

/* --- authorities --- */

static struct span token_over(struct span data, int64_t time, int64_t until, unsigned bits)
{
    char hex[65];
    return made_print(&m, "%lld %lld %u %s", (long long)time, (long long)until, bits,
                      hash_hex(sha256_of(data), hex));
}

/* `roots` "none": it trusts nobody. */
static bool check_token(void *ctx, struct span token, struct span data, struct span roots,
                        struct span crls, struct arena *a, struct sealed *out, struct err *e)
{
    long long time, until;
    unsigned bits;
    char said[65], hex[65];
    int end = 0;
    const char *text = arena_str(a, token);
    (void)ctx;
    if (sscanf(text, "%lld %lld %u %64s%n", &time, &until, &bits, said, &end) != 4 ||
        (size_t)end != token.n)
        return err_set(e, ERR_FORMAT, "not a token");
    if (strcmp(said, hash_hex(sha256_of(data), hex)) != 0)
        return err_set(e, ERR_FORMAT, "not over these bytes");
    if (span_eq(roots, SPAN("none")))
        return err_set(e, ERR_STATE, "its issuer is unknown");
    *out = (struct sealed){time, SPAN("CN=test"), bits, until, INT64_MAX, crls.n > 0, time};
    return true;
}

/* --- looking --- */

struct seen {
    struct issues issues;
    struct verdict verdict;
};

static struct seen look_at(struct span zip, const char *tsa, int64_t now)
{
    struct seen s = {0};
    struct err e = {0};
    struct seal_checker checker = {check_token, NULL};
    struct trust trust = made_trust(&m);
    trust.seal = tsa != NULL;
    trust.tsa = span_str(tsa != NULL ? tsa : "");
    struct verify_options o = {.trust = &trust, .checker = &checker, .now = now};
    CU_ASSERT(bundle_verify(source_of(&zip), &o, &m.arena, &s.issues, &s.verdict, &e));
    return s;
}

/* Exactly this issue, whatever its severity; ISSUE_COUNT: none. */
static void check_only(struct seen *s, enum issue_id id, unsigned line)
{
    bool same = true;
    for (enum issue_id i = 0; i < ISSUE_COUNT; i++)
        same = same && (s->issues.count[i] > 0) == (i == id);
    for (size_t i = 0; !same && i < s->issues.samples; i++)
        printf("    %s %s: %s\n", issue_name(s->issues.sample[i].id), s->issues.sample[i].place,
               s->issues.sample[i].detail);
    CU_assertImplementation(same, line, "the issue is this", __FILE__, "", CU_FALSE);
    issues_close(&s->issues);
}

#define GIVES(zip, tsa, now, id)                                                                   \
    do {                                                                                           \
        struct seen s_ = look_at(zip, tsa, now);                                                   \
        check_only(&s_, id, __LINE__);                                                             \
    } while (0)

/* --- sealing --- */

static struct span read_back(struct buf *b)
{
    struct span s = arena_copy(&m.arena, buf_span(b));
    buf_close(b);
    return s;
}

/* The bundle lies in a file, as reseal wants it. */
static struct reseal *open_zip(struct span zip, struct file *f, struct err *e)
{
    struct reseal *r = NULL;
    int fd;
    const char *folder = temp_folder(&fd);
    CU_ASSERT_FATAL(file_scratch(fd, f, e));
    struct sink s = file_sink(f);
    CU_ASSERT_FATAL(s.write(s.ctx, zip, e));
    f->size = zip.n;
    temp_folder_end(folder, fd);
    return reseal_open(f, &r, e) ? r : NULL;
}

struct stamp {
    int64_t time, until;
    unsigned bits;
    bool sha512;
    const char *crls;
};

static struct span sealed(struct span zip, struct stamp t)
{
    struct err e = {0};
    struct file f;
    struct span list;
    struct buf out = {0};
    struct reseal *r = open_zip(zip, &f, &e);
    CU_ASSERT_FATAL(r != NULL);
    CU_ASSERT_FATAL(reseal_list(r, t.sha512, &list, &e));
    CU_ASSERT(reseal_write(r, token_over(list, t.time, t.until, t.bits),
                           span_str(t.crls != NULL ? t.crls : ""), sink_to(&out), &e));
    reseal_close(r);
    file_close(&f);
    return read_back(&out);
}

static struct span stripped(struct span zip)
{
    struct err e = {0};
    struct file f;
    struct buf out = {0};
    struct reseal *r = open_zip(zip, &f, &e);
    CU_ASSERT_FATAL(r != NULL);
    CU_ASSERT(reseal_strip(r, sink_to(&out), &e));
    reseal_close(r);
    file_close(&f);
    return read_back(&out);
}

static const struct stamp first = {NIGHT + DAY, NIGHT + 1000 * DAY, 256, false, NULL};

/* --- tests --- */

static void test_reseal__refuses_what_is_not_a_good_bundle(void)
{
    struct err e = {0};
    struct file f;
    made_sample(&m);
    made_to(&m, STEP_MANIFEST);
    made_put(&m, "data/VERIFY.txt", SPAN("not what was counted"));
    CU_ASSERT_PTR_NULL(open_zip(made_zip(&m), &f, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "bundle-tag-file"));
    file_close(&f);
    CU_ASSERT_PTR_NULL(open_zip(SPAN("not a bundle"), &f, &e));
    file_close(&f);
    made_close(&m);
}

static void test_reseal__refuses_a_hundredth_seal(void)
{
    struct err e = {0};
    struct file f;
    struct span list;
    made_small(&m);
    struct span zip = made_zip(&m);
    for (int i = 0; i < BUNDLE_SEALS_MAX; i++)
        zip = sealed(zip, first);
    GIVES(zip, "yes", 0, ISSUE_COUNT);
    struct reseal *r = open_zip(zip, &f, &e);
    CU_ASSERT_FATAL(r != NULL);
    CU_ASSERT_FALSE(reseal_list(r, false, &list, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    reseal_close(r);
    file_close(&f);
    made_close(&m);
}

static void test_reseal__adds_seals_and_takes_them_away(void)
{
    made_sample(&m);
    struct span bare = made_zip(&m), zip = sealed(bare, first);
    struct seen s = look_at(zip, "yes", NIGHT + 2 * DAY);
    CU_ASSERT(s.verdict.sealed && s.verdict.seals == 1);
    CU_ASSERT_EQUAL(s.verdict.oldest.time, first.time);
    CU_ASSERT_FALSE(s.verdict.newest.revocation_known);
    check_only(&s, ISSUE_COUNT, __LINE__);
    ASSERT_SPAN(stripped(zip), bare);
    zip = sealed(zip, (struct stamp){NIGHT + 2 * DAY, NIGHT + 2000 * DAY, 512, true,
                                     "-----BEGIN X509 CRL-----\n"});
    zip = sealed(zip, (struct stamp){NIGHT + 3 * DAY, NIGHT + 2000 * DAY, 512, false, NULL});
    s = look_at(zip, "yes", NIGHT + 4 * DAY);
    CU_ASSERT(s.verdict.sealed && s.verdict.seals == 3);
    CU_ASSERT_EQUAL(s.verdict.oldest.time, first.time);
    CU_ASSERT_EQUAL(s.verdict.newest.time, NIGHT + 3 * DAY);
    check_only(&s, ISSUE_COUNT, __LINE__);
    ASSERT_SPAN(stripped(zip), bare);
    made_close(&m);
}

static void test_reseal__is_not_green_without_a_good_seal_where_one_is_expected(void)
{
    made_small(&m);
    struct span bare = made_zip(&m), zip = sealed(bare, first);
    GIVES(bare, "yes", 0, ISSUE_TRUST_SEAL);
    GIVES(bare, NULL, 0, ISSUE_COUNT);
    GIVES(zip, NULL, 0, ISSUE_SEAL_UNCHECKED);
    struct seen s = look_at(zip, "none", 0);
    CU_ASSERT(s.issues.count[ISSUE_SEAL_UNTRUSTED] == 1 && s.issues.count[ISSUE_TRUST_SEAL] == 1);
    CU_ASSERT_FALSE(s.verdict.sealed);
    issues_close(&s.issues);
    made_close(&m);
}

static void test_reseal__tells_a_chain_that_is_broken(void)
{
    made_small(&m);
    struct span zip = sealed(made_zip(&m), first);
    struct stamp early = {first.time - 1, first.until, 256, false, NULL};
    struct stamp late = {first.until + 1, first.until + 1000 * DAY, 256, false, NULL};
    struct stamp longer = {first.time, first.until, 384, false, NULL};
    struct seen s = look_at(sealed(zip, early), "yes", 0);
    CU_ASSERT(s.issues.count[ISSUE_SEAL_WRONG] == 1 && s.issues.count[ISSUE_TRUST_SEAL] == 1);
    issues_close(&s.issues);
    s = look_at(sealed(sealed(zip, longer), first), "yes", 0);
    CU_ASSERT(s.issues.count[ISSUE_SEAL_WRONG] == 1 && !s.verdict.sealed);
    issues_close(&s.issues);
    s = look_at(sealed(zip, late), "yes", 0);
    CU_ASSERT(s.verdict.sealed && s.verdict.oldest.time == late.time);
    check_only(&s, ISSUE_SEAL_LATE, __LINE__);
    made_close(&m);
}

static void test_reseal__tells_when_the_newest_certificate_ends(void)
{
    made_small(&m);
    struct span zip = sealed(made_zip(&m), first);
    GIVES(zip, "yes", first.until - 91 * DAY, ISSUE_COUNT);
    GIVES(zip, "yes", first.until - 90 * DAY, ISSUE_SEAL_ENDS);
    GIVES(zip, "yes", first.until + 9999 * DAY, ISSUE_SEAL_ENDS);
    made_close(&m);
}

/* The verifier and what is signed: seals of the ledger. */

static struct span ledger_token(int64_t wrong_by)
{
    struct made probe = {0};
    made_small(&probe);
    made_seal(&probe, 4, SPAN("x"));
    struct span t =
        token_over(probe.sealed[0].bytes, probe.now - 1 + wrong_by, NIGHT + 9 * DAY, 256);
    made_close(&probe);
    return t;
}

static void seal_small(int64_t wrong_by)
{
    made_small(&m);
    struct span token = ledger_token(wrong_by);
    made_seal(&m, 4, token);
}

static void test_reseal__verifies_seals_of_the_ledger(void)
{
    seal_small(0);
    struct span zip = sealed(made_zip(&m), first);
    struct seen s = look_at(zip, "yes", 0);
    CU_ASSERT(s.verdict.ledger_sealed && s.verdict.ledger_sealed_size == 4);
    CU_ASSERT_EQUAL(s.verdict.ledger_seals, 1);
    check_only(&s, ISSUE_COUNT, __LINE__);
    s = look_at(m.zip, "none", 0);
    CU_ASSERT(s.issues.count[ISSUE_SEAL_UNCOUNTED] == 1 && !s.verdict.ledger_sealed);
    CU_ASSERT(s.issues.count[ISSUE_TRUST_SEAL] == 1);
    issues_close(&s.issues);
    GIVES(m.zip, NULL, 0, ISSUE_SEAL_UNCHECKED);
    made_close(&m);
}

static void test_reseal__refuses_a_seal_of_the_ledger_with_another_time(void)
{
    seal_small(1);
    struct seen s = look_at(sealed(made_zip(&m), first), "yes", 0);
    CU_ASSERT(s.issues.count[ISSUE_SEAL_WRONG] == 1 && !s.verdict.ledger_sealed);
    issues_close(&s.issues);
    made_close(&m);
}

/* The archive with one byte of one member changed, and its CRC-32 set right. */
static struct span with_byte_changed(struct zip_reader *r, size_t member, size_t at)
{
    struct buf out = {0};
    struct zip_writer *w = zip_create(sink_to(&out));
    for (size_t i = 0; i < zip_count(r); i++) {
        struct arena a = {0};
        struct zip_member x;
        struct span bytes;
        zip_stat(r, i, &x);
        CU_ASSERT_FATAL(zip_read_all(r, i, SIZE_MAX, &a, &bytes, NULL));
        uint8_t *copy = arena_new(&a, bytes.n + 1);
        memcpy(copy, bytes.p, bytes.n);
        copy[at] ^= i == member;
        CU_ASSERT_FATAL(zip_add_bytes(w, x.name, span_of(copy, bytes.n), NULL));
        arena_close(&a);
    }
    CU_ASSERT_FATAL(zip_finish(w, NULL));
    zip_close(w);
    return read_back(&out);
}

/* All of seals/ but the last token, which its authority's signature protects: it has none here. */
static bool is_changed(struct span path)
{
    return (span_starts(path, SPAN("/seals/")) && !span_eq(path, SPAN("/seals/002.tsr"))) ||
           span_starts(path, SPAN("/data/seals/")) || span_starts(path, SPAN("/data/checkpoints/"));
}

static void test_reseal__notices_every_byte_of_a_seal(void)
{
    size_t changed = 0, green = 0;
    struct zip_reader *r;
    seal_small(0);
    m.payload[0].deflate = false;
    struct span zip = sealed(sealed(made_zip(&m), first), first);
    CU_ASSERT_FATAL(zip_open(source_of(&zip), &r, NULL));
    for (size_t i = 0; i < zip_count(r); i++) {
        struct zip_member x;
        zip_stat(r, i, &x);
        struct span path = span_skip(x.name, span_find(x.name, 0, '/'));
        for (size_t k = 0; is_changed(path) && k < x.size; k++, changed++) {
            struct seen s = look_at(with_byte_changed(r, i, k), "yes", 0);
            green += issues_count(&s.issues, SEVERITY_BAD) == 0;
            issues_close(&s.issues);
        }
    }
    CU_ASSERT(changed > 800);
    CU_ASSERT_EQUAL(green, 0);
    zip_shut(r);
    made_close(&m);
}

SUITE(reseal, TEST(test_reseal__refuses_what_is_not_a_good_bundle),
      TEST(test_reseal__refuses_a_hundredth_seal),
      TEST(test_reseal__is_not_green_without_a_good_seal_where_one_is_expected),
      TEST(test_reseal__tells_a_chain_that_is_broken),
      TEST(test_reseal__tells_when_the_newest_certificate_ends),
      TEST(test_reseal__refuses_a_seal_of_the_ledger_with_another_time),
      TEST(test_reseal__notices_every_byte_of_a_seal),
      TEST(test_reseal__adds_seals_and_takes_them_away),
      TEST(test_reseal__verifies_seals_of_the_ledger))
