#include "ledger/proof.h"

#include <stdio.h>

#include "format/base64.h"
#include "tests/test.h"

/* Entry 256 of 257 of the generated test log; extra is "sdtm/dm.xpt row=256". */
#define HEADER "c2sp.org/tlog-proof@v1\n"
#define EXTRA  "extra c2R0bS9kbS54cHQgcm93PTI1Ng==\n"
#define HASH   "goUV0DPBnYyQHzfsy4rtkZZncDSG+NL/8c9wQDIcXbE=\n"
#define CHECKPOINT                                                                                 \
    "trial-ledger.example/nct00000001\n257\nHtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsQ=\n\n"      \
    "\xe2\x80\x94 trial-ledger.example/nct00000001 "                                               \
    "ABAxHgOX+9jSfhDm6c0viZIWXHzDPFsibqN9+J+MrMWsT7w9kSEpcX5kvdbpNUWcJ7PptpGximIRPLvKj6G73agWywU=" \
    "\n"
#define GOOD HEADER "index 256\n" HASH "\n" CHECKPOINT

static void assert_refused(struct span text, const char *what)
{
    struct arena a = {0};
    struct proof p = {.index = 77};
    struct err e = {0};
    CU_ASSERT_FALSE(proof_parse(&a, text, &p, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    CU_ASSERT_EQUAL(p.index, 77);
    bool said = strstr(e.text, what) != NULL;
    CU_ASSERT_TRUE(said);
    if (!said)
        printf("  said \"%s\" instead of \"%s\"\n", e.text, what);
    arena_close(&a);
}

static void test_proof__refuses_other_headers(void)
{
    assert_refused(SPAN(""), "line 1: cut off");
    assert_refused(SPAN("wrong-header\nindex 0\n\n" CHECKPOINT), "line 1");
    assert_refused(SPAN("c2sp.org/tlog-proof@v2\nindex 0\n\n" CHECKPOINT), "line 1");
    assert_refused(SPAN(" " GOOD), "line 1");
    assert_refused(SPAN("\n" GOOD), "line 1");
    assert_refused(SPAN("c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\n" CHECKPOINT), "line 1");
}

static void test_proof__refuses_malformed_extra_data(void)
{
    assert_refused(SPAN(HEADER "extra \nindex 0\n\n" CHECKPOINT), "line 2: the extra data");
    assert_refused(SPAN(HEADER "extra !!notbase64!!\nindex 0\n\n" CHECKPOINT), "line 2: the extra");
    assert_refused(SPAN(HEADER "extra Zh==\nindex 0\n\n" CHECKPOINT), "line 2: the extra data");
    assert_refused(SPAN(HEADER EXTRA EXTRA "index 0\n\n" CHECKPOINT), "line 3: not \"index\"");
    assert_refused(SPAN(HEADER "index 0\n" EXTRA "\n" CHECKPOINT), "line 3: a hash");
    assert_refused(SPAN(HEADER "extra\nindex 0\n\n" CHECKPOINT), "line 2: not \"index\"");
}

static void test_proof__refuses_an_index_that_is_not_canonical(void)
{
    static const char *const bad[] = {
        "",
        "index",
        "index ",
        "index 0256",
        "index 00",
        "index -5",
        "index +5",
        "index notanumber",
        "index  5",
        "index 5 ",
        "Index 5",
        "index\t5",
        "index 9223372036854775807",
        "index 18446744073709551616",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, HEADER "%s\n\n" CHECKPOINT, bad[i]);
        assert_refused(span_str(text), "line 2: not \"index\"");
    }
}

static void test_proof__refuses_hashes_that_are_not_32_bytes(void)
{
    assert_refused(SPAN(HEADER "index 256\n!!notbase64!!\n\n" CHECKPOINT), "line 3: a hash");
    assert_refused(
        SPAN(HEADER "index 256\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n\n" CHECKPOINT),
        "line 3: a hash");
    assert_refused(SPAN(HEADER "index 256\n" HASH
                               "goUV0DPBnYyQHzfsy4rtkZZncDSG+NL/8c9wQDIcXbF=\n\n" CHECKPOINT),
                   "line 4: a hash");
    assert_refused(SPAN(HEADER "index 256\n " HASH "\n" CHECKPOINT), "line 3: a hash");
}

static void test_proof__refuses_a_path_deeper_than_any_tree(void)
{
    struct buf b = {0};
    struct arena a = {0};
    struct proof p;
    for (size_t n = TREE_DEPTH_MAX; n <= TREE_DEPTH_MAX + 1; n++) {
        buf_clear(&b);
        buf_str(&b, HEADER "index 256\n");
        for (size_t i = 0; i < n; i++)
            buf_str(&b, HASH);
        buf_str(&b, "\n" CHECKPOINT);
        if (n == TREE_DEPTH_MAX)
            CU_ASSERT_TRUE(proof_parse(&a, buf_span(&b), &p, NULL));
    }
    assert_refused(buf_span(&b), "line 66: no tree is so deep");
    buf_close(&b);
    arena_close(&a);
}

static void test_proof__refuses_what_is_cut_off(void)
{
    struct arena a = {0};
    struct proof p;
    for (size_t n = 0; n < sizeof GOOD - 1; n++)
        CU_ASSERT_FALSE(proof_parse(&a, span_of(GOOD, n), &p, NULL));
    CU_ASSERT_TRUE(proof_parse(&a, span_of(GOOD, sizeof GOOD - 1), &p, NULL));
    arena_close(&a);
}

static void test_proof__refuses_what_is_no_signed_checkpoint(void)
{
    assert_refused(SPAN(HEADER "index 0\n\n"), "checkpoint from line 4 on: no empty line");
    assert_refused(SPAN(HEADER "index 0\n\ncheckpoint\n"), "checkpoint from line 4 on");
    assert_refused(SPAN(HEADER "index 0\n" HASH "\ntext\n\n\xe2\x80\x94 a AQIDBAU=\n"),
                   "checkpoint from line 5 on: line 2");
    assert_refused(SPAN(GOOD "\n"), "checkpoint from line 5 on");
    assert_refused(SPAN(GOOD "tail\n"), "checkpoint from line 5 on: line 6");
    assert_refused(SPAN(HEADER "index 0\n\n\n" CHECKPOINT), "checkpoint from line 4 on: line 1");
}

static void test_proof__refuses_more_than_its_limits(void)
{
    struct arena a = {0};
    struct buf b = {0}, extra = {0};
    struct proof p;
    struct err e = {0};
    while (extra.n < PROOF_EXTRA_MAX)
        buf_byte(&extra, 'x');
    for (int over = 0; over <= 1; over++) {
        buf_clear(&b);
        buf_str(&b, HEADER "extra ");
        base64_write(&b, buf_span(&extra));
        buf_str(&b, "\nindex 256\n" HASH "\n" CHECKPOINT);
        CU_ASSERT_EQUAL(proof_parse(&a, buf_span(&b), &p, &e), !over);
        buf_byte(&extra, 'x');
    }
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    while (b.n <= PROOF_MAX)
        buf_byte(&b, 'x');
    CU_ASSERT_FALSE(proof_parse(&a, buf_span(&b), &p, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "the proof is larger"));
    buf_close(&b);
    buf_close(&extra);
    arena_close(&a);
}

static void assert_same_bytes(struct span text)
{
    struct arena a = {0};
    struct buf b = {0};
    struct proof p;
    struct err e = {0};
    bool good = proof_parse(&a, text, &p, &e);
    CU_ASSERT_TRUE_FATAL(good);
    proof_write(&b, &p);
    ASSERT_SPAN(buf_span(&b), text);
    buf_close(&b);
    arena_close(&a);
}

static void test_proof__reads_and_writes_the_same_bytes(void)
{
    assert_same_bytes(SPAN(GOOD));
    assert_same_bytes(SPAN(HEADER "index 0\n\n" CHECKPOINT));
    assert_same_bytes(SPAN(HEADER EXTRA "index 9223372036854775806\n" HASH HASH "\n" CHECKPOINT));
}

static void test_proof__reads_every_part(void)
{
    struct arena a = {0};
    struct proof p;
    CU_ASSERT_TRUE_FATAL(
        proof_parse(&a, SPAN(HEADER EXTRA "index 256\n" HASH "\n" CHECKPOINT), &p, NULL));
    ASSERT_SPAN(p.extra, SPAN("sdtm/dm.xpt row=256"));
    CU_ASSERT_EQUAL(p.index, 256);
    CU_ASSERT_EQUAL(p.path.count, 1);
    ASSERT_SPAN(hash_span(&p.path.hash[0]),
                test_hex("828515d033c19d8c901f37eccb8aed919667703486f8d2fff1cf7040321c5db1"));
    ASSERT_SPAN(p.checkpoint, SPAN(CHECKPOINT));
    arena_close(&a);
}

/* The others that are bad are well-formed: they are for whoever verifies. */
static void test_proof__judges_the_form_of_the_generated_proofs(void)
{
    static const struct {
        const char *name;
        bool well_formed;
    } files[] = {
        {"ok_extra", true},           {"ok_index12345_size70000", true},
        {"ok_single_leaf", true},     {"bad_crlf", false},
        {"bad_short_hash", false},    {"bad_index_leading_zero", false},
        {"bad_extra_hash", true},     {"bad_index_ge_size", true},
        {"bad_swapped_hashes", true}, {"bad_log_sig_flipped", true},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[128];
        struct arena a = {0};
        struct proof p;
        snprintf(path, sizeof path, "../shared/vectors/generated/%s.tlog-proof", files[i].name);
        struct span text = test_file(path);
        if (text.p == NULL)
            SKIP("no ../shared/vectors");
        CU_ASSERT_EQUAL(proof_parse(&a, text, &p, NULL), files[i].well_formed);
        if (files[i].well_formed)
            assert_same_bytes(text);
        arena_close(&a);
    }
}

SUITE(proof, TEST(test_proof__refuses_other_headers),
      TEST(test_proof__refuses_malformed_extra_data),
      TEST(test_proof__refuses_an_index_that_is_not_canonical),
      TEST(test_proof__refuses_hashes_that_are_not_32_bytes),
      TEST(test_proof__refuses_a_path_deeper_than_any_tree),
      TEST(test_proof__refuses_what_is_cut_off),
      TEST(test_proof__refuses_what_is_no_signed_checkpoint),
      TEST(test_proof__refuses_more_than_its_limits),
      TEST(test_proof__reads_and_writes_the_same_bytes), TEST(test_proof__reads_every_part),
      TEST(test_proof__judges_the_form_of_the_generated_proofs))
