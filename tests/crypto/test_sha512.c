#include "crypto/sha512.h"

#include "base/arena.h"
#include "tests/test.h"

/* FIPS 180-4 example, and the digest of nothing. */
static void test_sha512__known_answers(void)
{
    uint8_t h[SHA512_SIZE];
    sha512_of(SPAN("abc"), h);
    ASSERT_SPAN(span_of(h, sizeof h),
                test_hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
    sha512_of(span_of(NULL, 0), h);
    ASSERT_SPAN(span_of(h, sizeof h),
                test_hex("cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                         "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"));
}

static void test_sha512__pieces_make_the_whole(void)
{
    uint8_t bytes[300], whole[SHA512_SIZE], pieces[SHA512_SIZE];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    sha512_of(span_of(bytes, sizeof bytes), whole);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        struct sha512 s;
        sha512_begin(&s);
        sha512_feed(&s, span_of(bytes, n));
        sha512_feed(&s, span_of(bytes + n, sizeof bytes - n));
        sha512_end(&s, pieces);
        ASSERT_SPAN(span_of(pieces, sizeof pieces), span_of(whole, sizeof whole));
    }
}

SUITE(sha512, TEST(test_sha512__known_answers), TEST(test_sha512__pieces_make_the_whole))
