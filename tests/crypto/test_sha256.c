#include "crypto/sha256.h"

#include <sodium/crypto_hash_sha256.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/test.h"

static struct hash oracle(struct span data)
{
    struct hash h;
    crypto_hash_sha256(h.b, data.p, data.n);
    return h;
}

/* Runs a check on every way that this build and this CPU have, then returns to the first. */
static void on_every_way(void (*check)(void))
{
    static const char *const names[] = {"portable", "armv8", "sha-ni", "avx-512", "sodium"};
    const char *first = sha256_way();
    unsigned ran = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!sha256_use(names[i]))
            continue;
        CU_ASSERT_STRING_EQUAL(sha256_way(), names[i]);
        check();
        ran++;
    }
    CU_ASSERT(ran > 0);
    CU_ASSERT_TRUE(sha256_use(first));
}

/* Repeatable noise; every test looks at slices of it. */
static uint8_t noise[1 << 16];

static struct span noise_at(size_t at, size_t n)
{
    if (noise[0] == 0) {
        uint64_t random = 1;
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)test_random(&random);
        noise[0] = 1;
    }
    return span_of(noise + at, n);
}

static size_t random_below(uint64_t *random, size_t n)
{
    return (size_t)(test_random(random) % n);
}

static void expect(struct hash got, const char *hex)
{
    char text[65];
    ASSERT_SPAN(span_str(hash_hex(got, text)), span_str(hex));
}

static void test_sha256__refuses_digests_that_are_not_64_lower_case_hex_digits(void)
{
    static const char good[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    struct hash h = {{7}}, untouched = h;
    char bad[sizeof good];
    memcpy(bad, good, sizeof good);
    bad[0] = 'E';
    CU_ASSERT_FALSE(hash_parse(span_str(bad), &h));
    bad[0] = ' ';
    CU_ASSERT_FALSE(hash_parse(span_str(bad), &h));
    CU_ASSERT_FALSE(hash_parse(span_of(good, 63), &h));
    CU_ASSERT_FALSE(hash_parse(span_of(good, 65), &h)); /* its NUL */
    CU_ASSERT_FALSE(hash_parse(span_of(NULL, 0), &h));
    CU_ASSERT_TRUE(hash_eq(h, untouched));
    CU_ASSERT_TRUE(hash_parse(span_str(good), &h));
    CU_ASSERT_FALSE(hash_eq(h, untouched));
    ASSERT_SPAN(hash_span(&h), test_hex(good));
    expect(h, good);
}

static void test_sha256__refuses_a_way_that_is_not_there(void)
{
    const char *before = sha256_way();
    CU_ASSERT_FALSE(sha256_use("sha-256"));
    CU_ASSERT_FALSE(sha256_use(""));
    CU_ASSERT_STRING_EQUAL(sha256_way(), before);
#ifdef SHA256_SODIUM
    CU_ASSERT_FALSE(sha256_use("portable"));
    CU_ASSERT_STRING_EQUAL(before, "sodium");
#else
    CU_ASSERT_FALSE(sha256_use("sodium"));
#endif
}

/* NIST's examples for FIPS 180-4, and CAVS 11.0 SHA256ShortMsg at the edges of the padding. */
static const struct {
    const char *message, *digest; /* hex */
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"616263", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"6162636462636465636465666465666765666768666768696768696a68696a6b"
     "696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f7071",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"61626364656667686263646566676869636465666768696a6465666768696a6b"
     "65666768696a6b6c666768696a6b6c6d6768696a6b6c6d6e68696a6b6c6d6e6f"
     "696a6b6c6d6e6f706a6b6c6d6e6f70716b6c6d6e6f7071726c6d6e6f70717273"
     "6d6e6f70717273746e6f707172737475",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"d3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
    {"11af", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"},
    {"b4190e", "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2"},
    {"74ba2521", "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e"},
    {"3ebfb06db8c38d5ba037f1363e118550aad94606e26835a01af05078533cc25f"
     "2f39573c04b632f62f68c294ab31f2a3e2a1a0d8c2be51",
     "6595a2ef537a69ba8583dfbf7f5bec0ab1f93ce4c8ee1916eff44a93af5749c4"},
    {"2d52447d1244d2ebc28650e7b05654bad35b3a68eedc7f8515306b496d75f3e7"
     "3385dd1b002625024b81a02f2fd6dffb6e6d561cb7d0bd7a",
     "cfb88d6faf2de3a69d36195acec2e255e2af2b7d933997f348e09f6ce5758360"},
    {"e2f76e97606a872e317439f1a03fcd92e632e5bd4e7cbc4e97f1afc19a16fde9"
     "2d77cbe546416b51640cddb92af996534dfd81edb17c4424cf1ac4d75aceeb",
     "18041bd4665083001fba8c5411d2d748e8abbfdcdfd9218cb02b68a78e7d4c23"},
    {"5a86b737eaea8ee976a0a24da63e7ed7eefad18a101c1211e2b3650c5187c2a8"
     "a650547208251f6d4237e661c7bf4c77f335390394c37fa1a9f9be836ac28509",
     "42e61e174fbb3897d6dd6cef3dd2802fe67b331953b06114a65c772859dfc1aa"},
};

static void check_known_answers(void)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        expect(sha256_of(test_hex(known[i].message)), known[i].digest);
}

static void test_sha256__gives_the_published_answers(void)
{
    on_every_way(check_known_answers);
}

static void check_a_million_a(void)
{
    uint8_t some[997];
    memset(some, 'a', sizeof some);
    struct sha256 s;
    sha256_begin(&s);
    for (size_t left = 1000000; left > 0;) {
        size_t n = left < sizeof some ? left : sizeof some;
        sha256_feed(&s, span_of(some, n));
        left -= n;
    }
    expect(sha256_end(&s), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_sha256__hashes_a_million_times_a(void)
{
    on_every_way(check_a_million_a);
}

/* SHAVS section 6.4, with the seed of CAVS 11.0 SHA256Monte: 100 digests of 1000 steps each. */
static void check_monte_carlo(void)
{
    struct span seed = test_hex("6d1e72ad03ddeb5de891e572e2396f8da015d899ef0e79503152d6010a3fe691");
    struct hash last[3];
    memcpy(last[2].b, seed.p, seed.n);
    for (unsigned count = 0; count < 100; count++) {
        last[0] = last[1] = last[2];
        for (unsigned step = 0; step < 1000; step++) {
            struct hash next = sha256_of(span_of(last, sizeof last));
            last[0] = last[1];
            last[1] = last[2];
            last[2] = next;
        }
        if (count == 0)
            expect(last[2], "e93c330ae5447738c8aa85d71a6c80f2a58381d05872d26bdd39f1fcd4f2b788");
    }
    expect(last[2], "6a912ba4188391a78e6f13d88ed2d14e13afce9db6f7dcbf4a48c24f3db02778");
}

static void test_sha256__passes_the_monte_carlo_chain(void)
{
    on_every_way(check_monte_carlo);
}

static void check_every_length(void)
{
    for (size_t n = 0; n <= 300; n++) {
        struct span data = noise_at(n % 17, n);
        CU_ASSERT_TRUE(hash_eq(sha256_of(data), oracle(data)));
    }
}

static void test_sha256__agrees_with_libsodium_at_every_length_and_alignment(void)
{
    on_every_way(check_every_length);
}

static void check_splits(void)
{
    uint64_t random = 2;
    for (unsigned round = 0; round < 400; round++) {
        struct span data = noise_at(random_below(&random, 64), random_below(&random, 1200));
        size_t most = 1 + random_below(&random, 200);
        struct sha256 s;
        sha256_begin(&s);
        for (struct span rest = data; rest.n > 0;) {
            size_t n = random_below(&random, most + 1);
            n = n < rest.n ? n : rest.n;
            sha256_feed(&s, span_of(rest.p, n));
            rest = span_skip(rest, n);
        }
        sha256_feed(&s, span_of(NULL, 0));
        CU_ASSERT_TRUE(hash_eq(sha256_end(&s), oracle(data)));
    }
}

static void test_sha256__does_not_see_how_a_stream_was_cut(void)
{
    on_every_way(check_splits);
}

enum { MANY_MAX = 300 };

static size_t random_messages(uint64_t *random, struct span in[MANY_MAX])
{
    size_t n = random_below(random, MANY_MAX + 1);
    static const size_t lengths[] = {1, 66, 140, 260, 400, 5000};
    size_t longest = lengths[random_below(random, sizeof lengths / sizeof lengths[0])];
    for (size_t i = 0; i < n; i++)
        in[i] = noise_at(random_below(random, 4096), random_below(random, longest));
    return n;
}

static bool all_right(size_t n, const struct span *in, const struct hash *out)
{
    for (size_t i = 0; i < n; i++)
        if (!hash_eq(out[i], oracle(in[i])))
            return false;
    return true;
}

static void check_many(void)
{
    uint64_t random = 3;
    struct span in[MANY_MAX];
    struct hash out[MANY_MAX];
    for (unsigned round = 0; round < 300; round++) {
        size_t n = random_messages(&random, in);
        sha256_many(n, in, out);
        CU_ASSERT_TRUE(all_right(n, in, out));
    }
    sha256_many(0, NULL, NULL);
    in[0] = span_of(NULL, 0);
    sha256_many(1, in, out);
    CU_ASSERT_TRUE(hash_eq(out[0], sha256_of(SPAN(""))));
}

static void test_sha256__hashes_many_messages_of_any_lengths(void)
{
    on_every_way(check_many);
}

/* Lengths from one block to three, all the same but for one. */
static void check_groups(void)
{
    struct span in[MANY_MAX];
    struct hash out[MANY_MAX];
    for (size_t n = 1; n <= 130; n++) {
        for (size_t i = 0; i < MANY_MAX; i++)
            in[i] = noise_at(i * 7, n);
        for (size_t count = 1; count <= 40; count++) {
            in[n % count] = n % 3 == 0 ? noise_at(1, n) : noise_at(1, n * count % 1000);
            sha256_many(count, in, out);
            CU_ASSERT_TRUE(all_right(count, in, out));
            in[n % count] = noise_at(2, n);
        }
    }
}

static void test_sha256__hashes_any_number_of_messages_of_like_lengths(void)
{
    on_every_way(check_groups);
}

/* A page behind which there is no memory: each message ends with it. */
static void check_ends(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct span in[MANY_MAX];
    struct hash out[MANY_MAX];
    CU_ASSERT_FATAL(p != MAP_FAILED && mprotect(p + page, page, PROT_NONE) == 0);
    memcpy(p, noise_at(0, page).p, page);
    for (size_t i = 0; i < MANY_MAX; i++)
        in[i] = span_of(p + page - i, i);
    sha256_many(MANY_MAX, in, out);
    CU_ASSERT_TRUE(all_right(MANY_MAX, in, out));
    for (size_t n = 0; n <= 130; n++) {
        for (size_t i = 0; i < 16; i++)
            in[i] = span_of(p + page - n, n);
        sha256_many(16, in, out);
        CU_ASSERT_TRUE(all_right(16, in, out));
    }
    munmap(p, 2 * page);
}

static void test_sha256__reads_nothing_behind_a_message(void)
{
    on_every_way(check_ends);
}

static void check_feed_many(void)
{
    uint64_t random = 4;
    struct span in[MANY_MAX];
    struct hash out[MANY_MAX];
    for (unsigned round = 0; round < 100; round++) {
        struct sha256 s;
        size_t fed = 0;
        sha256_begin(&s);
        for (unsigned turn = 0; turn < 6; turn++) {
            size_t n = random_messages(&random, in);
            size_t more = random_below(&random, turn % 2 == 0 ? 100 : 10000);
            sha256_feed_many(&s, noise_at(fed, more), n, in, out);
            fed += more;
            CU_ASSERT_TRUE(all_right(n, in, out));
        }
        CU_ASSERT_TRUE(hash_eq(sha256_end(&s), oracle(noise_at(0, fed))));
    }
}

/* Few blocks or many, of a stream that stands anywhere in a block. */
static void check_beside(void)
{
    struct span in[40];
    struct hash out[40];
    for (size_t i = 0; i < 40; i++)
        in[i] = noise_at(i * 11, i % 3 == 0 ? 65 : i * 9);
    for (size_t blocks = 0; blocks <= 70; blocks++) {
        for (size_t count = 7; count <= 40; count += 11) {
            struct sha256 s;
            size_t at = blocks % 5 * 13, n = blocks * 64 + count;
            sha256_begin(&s);
            sha256_feed(&s, noise_at(0, at));
            sha256_feed_many(&s, noise_at(at, n), count, in, out);
            CU_ASSERT_TRUE(all_right(count, in, out));
            CU_ASSERT_TRUE(hash_eq(sha256_end(&s), oracle(noise_at(0, at + n))));
        }
    }
}

static void test_sha256__advances_a_stream_of_any_length_beside_messages(void)
{
    on_every_way(check_beside);
}

static void test_sha256__advances_a_stream_while_it_hashes_many_messages(void)
{
    on_every_way(check_feed_many);
}

/* Past 512 MiB the length in bits no longer fits in 32 bits. Digest by coreutils' sha256sum. */
static void test_sha256__counts_beyond_32_bits(void)
{
    static const uint8_t zeroes[1 << 20];
    struct sha256 s;
    sha256_begin(&s);
    for (unsigned i = 0; i < 512; i++)
        sha256_feed(&s, span_of(zeroes, sizeof zeroes));
    sha256_feed(&s, span_of(zeroes, 1));
    expect(sha256_end(&s), "7c40fe5ce847740d0f0d0cdde3949d6585804cdec3ae61a15b923165699c8137");
}

/* Every byte at every place: digits by a loop that anybody can read. */
static void test_sha256__reads_digits_as_one_by_one(void)
{
    uint8_t text[64], want[32];
    memset(text, '7', sizeof text);
    for (size_t at = 0; at < sizeof text; at++) {
        for (unsigned c = 0; c < 256; c++) {
            struct hash h;
            text[at] = (uint8_t)c;
            bool good = span_hex(span_of(text, sizeof text), want, sizeof want);
            CU_ASSERT_EQUAL(hash_parse(span_of(text, sizeof text), &h), good);
            CU_ASSERT(!good || memcmp(h.b, want, sizeof want) == 0);
        }
        text[at] = (uint8_t) "0123456789abcdef"[at % 16];
    }
}

SUITE(sha256, TEST(test_sha256__refuses_digests_that_are_not_64_lower_case_hex_digits),
      TEST(test_sha256__refuses_a_way_that_is_not_there),
      TEST(test_sha256__gives_the_published_answers), TEST(test_sha256__hashes_a_million_times_a),
      TEST(test_sha256__passes_the_monte_carlo_chain),
      TEST(test_sha256__agrees_with_libsodium_at_every_length_and_alignment),
      TEST(test_sha256__does_not_see_how_a_stream_was_cut),
      TEST(test_sha256__hashes_many_messages_of_any_lengths),
      TEST(test_sha256__hashes_any_number_of_messages_of_like_lengths),
      TEST(test_sha256__reads_nothing_behind_a_message),
      TEST(test_sha256__advances_a_stream_of_any_length_beside_messages),
      TEST(test_sha256__advances_a_stream_while_it_hashes_many_messages),
      TEST(test_sha256__counts_beyond_32_bits), TEST(test_sha256__reads_digits_as_one_by_one))
