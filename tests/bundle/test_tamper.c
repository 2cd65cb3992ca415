/* Whatever is done to a bundle after it was signed: it is refused, and an issue says why. */
#include <stdio.h>

#include "tests/bundle/bundle_make.h"
#include "tests/format/zip_forge.h"

static struct made made, other; /* the victim, and a bundle of the same key and another history */
static struct trust trust;

/* One bad issue at least, and never an error: the job could be done. */
static bool refused(struct span zip)
{
    struct arena a = {0};
    struct issues issues = {0};
    struct verdict verdict;
    struct err e = {0};
    const struct verify_options o = {.trust = &trust};
    bool done = bundle_verify(source_of(&zip), &o, &a, &issues, &verdict, &e);
    bool bad = issues_count(&issues, SEVERITY_BAD) > 0;
    for (size_t i = 0; i < issues.samples; i++)
        bad = bad && issues.sample[i].detail[0] != '\0';
    issues_close(&issues);
    arena_close(&a);
    return done && e.kind == ERR_NONE && bad;
}

static void open_at(enum made_step step)
{
    made_sample(&made);
    trust = made_trust(&made);
    made_to(&made, step);
}

static void open_sample(void)
{
    open_at(STEP_ZIP);
}

static void check(const char *what, struct span where)
{
    bool right = refused(made_zip(&made));
    if (!right)
        printf("    accepted: %s %.*s\n", what, SPAN_ARGS(where));
    CU_ASSERT(right);
    made_close(&made);
}

/* --- bits --- */

static void flip(uint8_t *zip, size_t n, size_t at, unsigned bit)
{
    zip[at] ^= (uint8_t)(1 << bit);
    bool right = refused(span_of(zip, n));
    zip[at] ^= (uint8_t)(1 << bit);
    if (!right)
        printf("    accepted: byte %zu, bit %u\n", at, bit);
    CU_ASSERT(right);
}

static void test_tamper__refuses_one_bit_flipped_at_every_byte_of_a_small_bundle(void)
{
    made_small(&made);
    trust = made_trust(&made);
    struct span zip = made_zip(&made);
    uint8_t *copy = arena_new(&made.arena, zip.n);
    memcpy(copy, zip.p, zip.n);
    CU_ASSERT(!refused(zip));
    for (size_t i = 0; i < zip.n; i++)
        flip(copy, zip.n, i, i % 8);
    made_close(&made);
}

static void test_tamper__refuses_one_bit_flipped_at_2000_places_of_a_large_bundle(void)
{
    uint64_t state = 2000;
    made_large(&made, 24, 10000);
    trust = made_trust(&made);
    struct span zip = made_zip(&made);
    uint8_t *copy = arena_new(&made.arena, zip.n);
    memcpy(copy, zip.p, zip.n);
    CU_ASSERT(!refused(zip));
    for (int i = 0; i < 2000; i++)
        flip(copy, zip.n, (size_t)(test_random(&state) % zip.n), (unsigned)(i % 8));
    made_close(&made);
}

static void test_tamper__refuses_a_bundle_cut_short_or_with_more_behind_it(void)
{
    made_small(&made);
    trust = made_trust(&made);
    struct span zip = made_zip(&made);
    for (size_t n = 0; n < zip.n; n += 7)
        CU_ASSERT(refused(span_of(zip.p, n)));
    struct buf b = {0};
    buf_add(&b, zip);
    buf_byte(&b, 0);
    CU_ASSERT(refused(buf_span(&b)));
    CU_ASSERT(refused(span_skip(buf_span(&b), 1)));
    buf_close(&b);
    made_close(&made);
}

/* --- members --- */

static size_t count_members(void)
{
    open_sample();
    size_t n = made.members;
    made_close(&made);
    return n;
}

static void test_tamper__refuses_a_bundle_with_any_member_dropped(void)
{
    for (size_t i = 0, n = count_members(); i < n; i++) {
        open_sample();
        struct span path = made.member[i].path;
        made_drop(&made, arena_str(&made.arena, path));
        check("without", path);
    }
}

static void test_tamper__refuses_a_bundle_with_a_member_added_anywhere(void)
{
    for (size_t i = 0, n = count_members(); i < n; i++) {
        open_sample();
        struct span path = made.member[i].path;
        made_put(&made, arena_str(&made.arena, made_print(&made, "%.*s-2", SPAN_ARGS(path))),
                 made.member[i].bytes);
        check("one more behind", path);
    }
}

static void test_tamper__refuses_a_bundle_with_any_member_renamed(void)
{
    for (size_t i = 0, n = count_members(); i < n; i++) {
        open_sample();
        struct made_member x = made.member[i];
        char *path = arena_str(&made.arena, x.path);
        made_drop(&made, path);
        path[x.path.n - 1] = path[x.path.n - 1] == 'x' ? 'y' : 'x';
        made_put(&made, path, x.bytes);
        check("renamed", x.path);
    }
}

static void test_tamper__refuses_a_bundle_with_any_two_members_exchanged(void)
{
    for (size_t i = 0, n = count_members(); i + 1 < n; i++) {
        open_sample();
        struct made_member *x = &made.member[i], *y = x + 1, first = *x;
        struct span path = x->path;
        bool same = span_eq(x->bytes, y->bytes); /* the two members of one file */
        x->bytes = y->bytes, x->stored = y->stored;
        y->bytes = first.bytes, y->stored = first.stored;
        if (same)
            made_close(&made);
        else
            check("exchanged with the next", path);
    }
}

static void test_tamper__refuses_members_of_another_bundle(void)
{
    for (size_t i = 0, n = count_members(); i < n; i++) {
        made_sample(&other);
        other.entry[0].salt.b[0] ^= 1; /* another history by the same hands */
        other.payload[0].bytes = SPAN("other,rows\n");
        other.entry[3].subject = sha256_of(other.payload[0].bytes);
        other.entry[3].revision.size = other.payload[0].bytes.n;
        made_to(&other, STEP_ZIP);
        open_sample();
        struct made_member *x = &made.member[i];
        const struct made_member *y = made_find(&other, arena_str(&made.arena, x->path));
        bool differs = y != NULL && !span_eq(x->bytes, y->bytes);
        if (differs) {
            x->bytes = y->bytes;
            x->stored = y->stored;
            check("from another bundle", x->path);
        } else {
            made_close(&made);
        }
        made_close(&other);
    }
}

/* Exchanges the names in the headers of members i and i + 1, which are of the same length. */
static void exchange_names(struct buf *zip, size_t i)
{
    size_t local[2] = {forge_local(zip, i) + L_HEADER, forge_local(zip, i + 1) + L_HEADER};
    size_t central[2] = {forge_central(zip, i) + C_HEADER, forge_central(zip, i + 1) + C_HEADER};
    size_t n = (size_t)forge_get(zip, forge_central(zip, i) + C_NAME, 2);
    for (size_t k = 0; k < n; k++) {
        uint8_t c = zip->p[local[0] + k];
        zip->p[local[0] + k] = zip->p[central[0] + k] = zip->p[local[1] + k];
        zip->p[local[1] + k] = zip->p[central[1] + k] = c;
    }
}

/* The same members with the same bytes, two of them in the other order. */
static void test_tamper__refuses_members_in_another_order(void)
{
    open_sample();
    struct made_member *x = made_find(&made, "data/entries/000000000003.json"), *y = x + 1;
    struct span bytes = x->bytes;
    size_t i = (size_t)(x - made.member);
    x->bytes = y->bytes;
    y->bytes = bytes;
    struct buf zip = {0};
    buf_add(&zip, made_zip(&made));
    exchange_names(&zip, i);
    CU_ASSERT(refused(buf_span(&zip)));
    buf_close(&zip);
    made_close(&made);
}

static void test_tamper__refuses_every_other_encoding_of_a_dataset(void)
{
    for (int level = 0; level <= 9; level++) {
        open_sample();
        struct made_member *x = made_find(&made, "data/datasets/LB/r0001");
        struct span again = made_deflate(&made, x->bytes, level);
        bool same = span_eq(again, x->stored);
        x->stored = again;
        if (same)
            made_close(&made);
        else
            check("encoded again", x->path);
    }
    open_sample();
    made_find(&made, "data/datasets/LB/r0001")->stored = span_of(NULL, 0);
    check("stored", SPAN("data/datasets/LB/r0001"));
}

/* --- base64: the same bytes, spelled otherwise --- */

/* Sets a padding bit of the last digit before the '=' that `from` finds first. */
static struct span misspelled(struct span text, size_t from)
{
    char *s = arena_str(&made.arena, text);
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t pad = span_find(text, from, '=');
    CU_ASSERT_FATAL(pad > 0 && pad < text.n);
    const char *digit = strchr(digits, s[pad - 1]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(digit);
    s[pad - 1] = digits[(size_t)(digit - digits) ^ 1];
    return span_str(s);
}

static void test_tamper__refuses_base64_that_is_not_canonical(void)
{
    open_at(STEP_MEMBERS);
    made.note = misspelled(made.note, 0); /* the root */
    check("the root of the checkpoint", SPAN(""));
    open_at(STEP_MEMBERS);
    made.note = misspelled(made.note, span_find(made.note, 0, 0xe2));
    check("the signature of the checkpoint", SPAN(""));
    open_at(STEP_DEFLATED);
    struct made_member *x = made_find(&made, "data/proofs/");
    x->bytes = misspelled(x->bytes, 0);
    check("a hash of a proof", SPAN(""));
}

static void test_tamper__refuses_other_armour_around_the_same_signature(void)
{
    static const char *const paths[] = {"data/checkpoint.sig", "tagmanifest-sha256.txt.sig"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        open_at(i == 0 ? STEP_DEFLATED : STEP_ZIP);
        struct made_member *x = made_find(&made, paths[i]);
        x->bytes = made_print(&made, "%.*s\n", SPAN_ARGS(x->bytes));
        check("one more line", x->path);
        open_at(i == 0 ? STEP_DEFLATED : STEP_ZIP);
        x = made_find(&made, paths[i]);
        char *text = arena_str(&made.arena, x->bytes);
        size_t end = span_find(x->bytes, span_find(x->bytes, 0, '\n') + 1, '\n');
        text[end] = text[end - 1]; /* the first line of digits is one shorter, the next longer */
        text[end - 1] = '\n';
        x->bytes = span_str(text);
        check("wrapped otherwise", x->path);
    }
}

SUITE(tamper, TEST(test_tamper__refuses_one_bit_flipped_at_every_byte_of_a_small_bundle),
      TEST(test_tamper__refuses_one_bit_flipped_at_2000_places_of_a_large_bundle),
      TEST(test_tamper__refuses_a_bundle_cut_short_or_with_more_behind_it),
      TEST(test_tamper__refuses_a_bundle_with_any_member_dropped),
      TEST(test_tamper__refuses_a_bundle_with_a_member_added_anywhere),
      TEST(test_tamper__refuses_a_bundle_with_any_member_renamed),
      TEST(test_tamper__refuses_a_bundle_with_any_two_members_exchanged),
      TEST(test_tamper__refuses_members_of_another_bundle),
      TEST(test_tamper__refuses_members_in_another_order),
      TEST(test_tamper__refuses_every_other_encoding_of_a_dataset),
      TEST(test_tamper__refuses_base64_that_is_not_canonical),
      TEST(test_tamper__refuses_other_armour_around_the_same_signature))
