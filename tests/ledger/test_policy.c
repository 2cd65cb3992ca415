#include "ledger/policy.h"

#include <stdio.h>

#include "base/buf.h"
#include "tests/test.h"

/* The generated test log and its witnesses; their seeds are public. */
#define ORIGIN    "trial-ledger.example/nct00000001"
#define LOG_KEY   ORIGIN "+0010311e+AclZ3AOJrM/aONChKWf55K78ecmEj0tyazrRnfLyux9o"
#define W1_KEY    "witness.example/w1+daa30819+BGqSlp1AujH6HdZrt/hl+QAP+mSbp6514tpePVlXu9oR"
#define W2_KEY    "witness.example/w2+728655bf+BLqNn6qJwNXZiqg96vr8dL/ONeAu033Wy7H3O6dL+zyx"
#define M1_KEY    "mirror.example/m1+243ee7a5+BNN2ammfrENKbe5TU0351YUEwkOFSJPgz96LXanwYcPA"
#define LOG       "log " LOG_KEY "\n"
#define W1        "witness w1 " W1_KEY "\n"
#define W2        "witness w2 " W2_KEY "\n"
#define M1        "witness m1 " M1_KEY "\n"
#define WITNESSES W1 W2 M1
#define TEXT      ORIGIN "\n257\nHtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsQ=\n"

static const struct {
    const char *name, *seed;
} cosigners[] = {
    {"witness.example/w1", "aa4fde233f5d01634ba21e954be59426c7748eaa671a33937b7d523ee5ecf50b"},
    {"witness.example/w2", "68cb141dea3e6063c52b259047b793666363da40fa9693660ff7cb942d1f7fd3"},
    {"mirror.example/m1", "04d9ce360752cb143db0534ae4e5363a50d8afed4b7fd1cbe5893837b5d85ef9"},
};
enum { BY_W1 = 1, BY_W2 = 2, BY_M1 = 4 };

static void assert_refused_as(struct span text, enum err_kind kind, const char *what)
{
    struct arena a = {0};
    struct policy *p = NULL;
    struct err e = {0};
    CU_ASSERT_FALSE(policy_parse(&a, text, &p, &e));
    CU_ASSERT_EQUAL(e.kind, kind);
    CU_ASSERT_PTR_NULL(p);
    bool said = strstr(e.text, what) != NULL;
    CU_ASSERT_TRUE(said);
    if (!said)
        printf("  said \"%s\" instead of \"%s\"\n", e.text, what);
    arena_close(&a);
}

static void assert_refused(struct span text, const char *what)
{
    assert_refused_as(text, ERR_FORMAT, what);
}

static void test_policy__refuses_any_number_of_quorums_but_one(void)
{
    assert_refused(SPAN(""), "no quorum line");
    assert_refused(SPAN(LOG WITNESSES "group g any w1 w2\n"), "no quorum line");
    assert_refused(SPAN("quorum none\nquorum none\n"), "line 2: a second quorum");
    assert_refused(SPAN(W1 "quorum w1\nquorum none\n"), "line 3: a second quorum");
    assert_refused(SPAN("quorum\n"), "line 1: a quorum is one name");
    assert_refused(SPAN(WITNESSES "quorum w1 w2\n"), "line 4: a quorum is one name");
    assert_refused(SPAN("quorum none"), "does not end with LF");
}

static void test_policy__refuses_names_before_they_are_defined(void)
{
    assert_refused(SPAN("quorum w1\n" W1), "line 1: nobody is named w1 above");
    assert_refused(SPAN("quorum None\n"), "nobody is named None above");
    assert_refused(SPAN("group g any w1\n" W1 "quorum g\n"), "line 1: nobody is named w1 above");
    assert_refused(SPAN(W1 "group g any g\nquorum g\n"), "line 2: nobody is named g above");
    assert_refused(SPAN(W1 "group g any w1 none\nquorum g\n"), "nobody is named none above");
    assert_refused(SPAN(W1 "group g 1 W1\nquorum g\n"), "nobody is named W1 above");
}

static void test_policy__refuses_names_that_are_taken(void)
{
    assert_refused(SPAN(W1 "witness w1 " W2_KEY "\nquorum w1\n"), "line 2: the name w1 is taken");
    assert_refused(SPAN(W1 W2 "group w1 any w2\nquorum w1\n"), "line 3: the name w1 is taken");
    assert_refused(SPAN(W1 W2 "group g any w1\nwitness g " M1_KEY "\nquorum g\n"), "g is taken");
    assert_refused(SPAN("witness none " W1_KEY "\nquorum none\n"), "the name none is taken");
    assert_refused(SPAN(W1 "group none any w1\nquorum none\n"), "the name none is taken");
}

static void test_policy__refuses_the_same_key_twice(void)
{
    assert_refused(SPAN(LOG LOG "quorum none\n"), "line 2: an earlier log has the same key");
    assert_refused(SPAN(W1 W2 "witness w3 " W1_KEY "\nquorum none\n"),
                   "line 3: witness w3 has the same key as w1");
    /* under another name, so that the key id differs too */
    struct secret_key s;
    struct buf b = {0};
    secret_key_from_seed(test_hex(cosigners[0].seed).p, &s);
    buf_str(&b, W1 "witness w3 ");
    note_key_write(&b, SPAN("other.example"), NOTE_COSIGNATURE, &s.public);
    buf_str(&b, "\nquorum none\n");
    assert_refused(buf_span(&b), "line 2: witness w3 has the same key as w1");
    buf_close(&b);
}

static void test_policy__refuses_keys_of_the_wrong_kind(void)
{
    assert_refused(SPAN("log " W1_KEY "\nquorum none\n"), "line 1: a log cannot have the key");
    assert_refused(SPAN("witness w " LOG_KEY "\nquorum none\n"), "a key that cannot cosign");
    assert_refused(SPAN("log nonsense\nquorum none\n"), "line 1: a verifier key");
    assert_refused(SPAN("witness w nonsense\nquorum none\n"), "line 1: a verifier key");
}

static void test_policy__refuses_thresholds_out_of_bounds(void)
{
    static const char *const bad[] = {"0", "4", "-1", "02", "2x", "ALL", "18446744073709551617"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, WITNESSES "group g %s w1 w2 m1\nquorum g\n", bad[i]);
        assert_refused(span_str(text), "line 4: the threshold of group g");
    }
    assert_refused(SPAN(WITNESSES "group g all\nquorum g\n"), "line 4: the threshold of group g");
    assert_refused(SPAN(WITNESSES "group g any\nquorum g\n"), "line 4: the threshold of group g");
    assert_refused(SPAN(WITNESSES "group g\nquorum g\n"), "line 4: group g has no threshold");
}

static void test_policy__refuses_a_member_of_two_groups(void)
{
    assert_refused(SPAN(WITNESSES "group g 2 w1 w1\nquorum g\n"), "line 4: w1 is a member");
    assert_refused(SPAN(WITNESSES "group g any w1 w2\ngroup h any m1 w2\nquorum h\n"),
                   "line 5: w2 is a member of a group already");
    assert_refused(SPAN(WITNESSES "group g any w1\ngroup h all g w2\ngroup i all g m1\nquorum i\n"),
                   "line 6: g is a member of a group already");
}

static void test_policy__refuses_malformed_lines(void)
{
    assert_refused(SPAN("nonsense\n"), "line 1: \"nonsense\" is not log");
    assert_refused(SPAN("Quorum none\n"), "line 1: \"Quorum\" is not log");
    assert_refused(SPAN("quorum none # comment\n"), "line 1: a quorum is one name");
    assert_refused(SPAN("quorum none\r\n"), "line 1: a control byte");
    assert_refused(SPAN("quorum none\n# \x7f\n"), "line 2: a control byte");
    assert_refused(SPAN("quorum none\n# \0\n"), "line 2: a control byte");
    assert_refused(SPAN("log\n"), "line 1: the log has no key");
    assert_refused(SPAN("witness\n"), "line 1: the name is missing");
    assert_refused(SPAN("witness w\n"), "line 1: witness w has no key");
    assert_refused(SPAN("group\n"), "line 1: the name is missing");
    assert_refused(SPAN("log " LOG_KEY " https://a b\n"), "line 1: more words");
    assert_refused(SPAN("witness w " W1_KEY " https://a b\n"), "line 1: more words");
}

/* Adds a line with a key of its own. */
static void add_key_line(struct buf *b, const char *keyword, size_t i, uint8_t algorithm)
{
    char name[32];
    struct public_key k = {{0}};
    k.b[0] = (uint8_t)i;
    k.b[1] = (uint8_t)(i >> 8);
    buf_str(b, keyword);
    snprintf(name, sizeof name, "w%zu", i);
    if (algorithm == NOTE_COSIGNATURE) {
        buf_str(b, name);
        buf_byte(b, ' ');
    }
    note_key_write(b, span_str(name), algorithm, &k);
    buf_byte(b, '\n');
}

static void test_policy__refuses_more_than_its_limits(void)
{
    static const struct {
        const char *keyword;
        uint8_t algorithm;
        const char *what;
    } kinds[] = {
        {"log ", NOTE_ED25519, "line 258: more than 256 logs"},
        {"witness ", NOTE_COSIGNATURE, "line 258: more than 256 witnesses and groups"},
    };
    struct buf b = {0};
    for (size_t kind = 0; kind < 2; kind++) {
        struct arena a = {0};
        struct policy *p;
        buf_clear(&b);
        buf_str(&b, "quorum none\n");
        for (size_t i = 0; i < POLICY_NAMES_MAX; i++)
            add_key_line(&b, kinds[kind].keyword, i, kinds[kind].algorithm);
        CU_ASSERT_TRUE(policy_parse(&a, buf_span(&b), &p, NULL));
        add_key_line(&b, kinds[kind].keyword, POLICY_NAMES_MAX, kinds[kind].algorithm);
        assert_refused_as(buf_span(&b), ERR_LIMIT, kinds[kind].what);
        arena_close(&a);
    }
    while (b.n <= POLICY_MAX)
        buf_str(&b, "# a comment\n");
    assert_refused_as(buf_span(&b), ERR_LIMIT, "larger than");
    buf_close(&b);
}

/* A checkpoint signed by the log and cosigned by those in the set; parsed in `a`. */
static struct note note_by(struct arena *a, unsigned set)
{
    struct secret_key k;
    struct buf b = {0};
    struct note n = {0};
    secret_key_from_seed(
        test_hex("6d7686d8b9496ecb49c4604a63b44eead139ab5f432c03391e33803303332a59").p, &k);
    note_write(&b, SPAN(TEXT), SPAN(ORIGIN), &k);
    for (size_t i = 0; i < 3; i++) {
        if ((set & 1u << i) == 0)
            continue;
        secret_key_from_seed(test_hex(cosigners[i].seed).p, &k);
        note_write_cosignature(&b, SPAN(TEXT), span_str(cosigners[i].name), &k, 1767139200);
    }
    CU_ASSERT_TRUE_FATAL(note_parse(a, arena_copy(a, buf_span(&b)), &n, NULL));
    buf_close(&b);
    return n;
}

static struct policy *parsed(struct arena *a, struct span text)
{
    struct policy *p = NULL;
    struct err e = {0};
    bool good = policy_parse(a, text, &p, &e);
    if (!good)
        printf("  %s\n", e.text);
    CU_ASSERT_TRUE_FATAL(good);
    return p;
}

static void test_policy__refuses_the_whole_note_for_one_bad_cosignature(void)
{
    static const char *const policies[] = {
        W1 W2 "group g any w1 w2\nquorum g\n",
        W1 "quorum none\n",
        W1 W2 "quorum w2\n",
    };
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        struct arena a = {0};
        struct err e = {0};
        size_t cosigned = 77;
        struct note n = note_by(&a, BY_W1 | BY_W2);
        struct policy *p = parsed(&a, span_str(policies[i]));
        uint8_t *blob = arena_new(&a, n.signature[1].blob.n);
        memcpy(blob, n.signature[1].blob.p, n.signature[1].blob.n);
        blob[7]++; /* one second later */
        n.signature[1].blob.p = blob;
        CU_ASSERT_FALSE(policy_quorum(p, &n, &cosigned, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "witness w1 does not verify"));
        CU_ASSERT_EQUAL(cosigned, 77);
        arena_close(&a);
    }
}

static void test_policy__counts_cosignatures_of_known_witnesses_only(void)
{
    struct arena a = {0};
    struct err e = {0};
    size_t cosigned = 77;
    struct policy *p = parsed(&a, SPAN(W1 W2 "quorum w1\n"));
    struct note n = note_by(&a, BY_W2 | BY_M1);
    CU_ASSERT_FALSE(policy_quorum(p, &n, &cosigned, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_EQUAL(cosigned, 1);
    n = note_by(&a, BY_W1 | BY_W2 | BY_M1);
    CU_ASSERT_TRUE(policy_quorum(p, &n, &cosigned, &e));
    CU_ASSERT_EQUAL(cosigned, 2);
    arena_close(&a);
}

/* Bit s of `good` says whether the set s of cosigners is a quorum. */
#define SET(s) (1u << (s))
static const struct {
    const char *lines;
    size_t needed;
    unsigned good;
} quorums[] = {
    {"quorum none\n", 0, 0xff},
    {"quorum w1\n", 1, SET(1) | SET(3) | SET(5) | SET(7)},
    {"group g any w1 w2 m1\nquorum g\n", 1, 0xfe},
    {"group g 1 w1 w2 m1\nquorum g\n", 1, 0xfe},
    {"group g 2 w1 w2 m1\nquorum g\n", 2, SET(3) | SET(5) | SET(6) | SET(7)},
    {"group g all w1 w2 m1\nquorum g\n", 3, SET(7)},
    {"group g 3 w1 w2 m1\nquorum g\n", 3, SET(7)},
    {"group g all w1 w2\nquorum g\n", 2, SET(3) | SET(7)},
    {"group g all w1 w2\nquorum m1\n", 1, SET(4) | SET(5) | SET(6) | SET(7)},
    {"group g all w1 w2\ngroup h any g m1\nquorum h\n", 1,
     SET(3) | SET(4) | SET(5) | SET(6) | SET(7)},
    {"group g any w1 w2\ngroup h all g m1\nquorum h\n", 2, SET(5) | SET(6) | SET(7)},
    {"group g any w1 w2\ngroup h all g m1\nquorum g\n", 1, 0xff & ~(SET(0) | SET(4))},
    {"group a any w1\ngroup b any a\ngroup c all b m1\nquorum c\n", 2, SET(5) | SET(7)},
    /* groups that nobody asks for change nothing */
    {"group g all w1 w2 m1\nquorum none\n", 0, 0xff},
};

static void test_policy__evaluates_every_set_of_cosigners(void)
{
    for (size_t i = 0; i < sizeof quorums / sizeof quorums[0]; i++) {
        struct arena a = {0};
        struct buf b = {0};
        buf_str(&b, LOG WITNESSES);
        buf_str(&b, quorums[i].lines);
        struct policy *p = parsed(&a, buf_span(&b));
        buf_close(&b); /* the policy does not borrow from its text */
        CU_ASSERT_EQUAL(policy_witnesses_needed(p), quorums[i].needed);
        for (unsigned set = 0; set < 8; set++) {
            size_t cosigned = 77;
            struct note n = note_by(&a, set);
            CU_ASSERT_EQUAL(policy_quorum(p, &n, &cosigned, NULL),
                            (quorums[i].good >> set & 1) != 0);
            CU_ASSERT_EQUAL(cosigned, (set & 1) + (set >> 1 & 1) + (set >> 2));
        }
        arena_close(&a);
    }
}

static void test_policy__takes_blanks_comments_urls_and_any_bytes_in_names(void)
{
    struct arena a = {0};
    struct policy *p = parsed(&a, SPAN("# a comment\n"
                                       "\n"
                                       " \t \n"
                                       "\t # another \xff\n"
                                       "\tlog  " LOG_KEY "\thttps://log.example/ \n"
                                       "witness \xff\xfe " W1_KEY " https://w1.example/\n"
                                       "witness \xe2\x84\xaa " W2_KEY "\n"
                                       "group K all \xff\xfe \xe2\x84\xaa \n"
                                       "quorum\tK\n"
                                       "witness late " M1_KEY "\n"));
    CU_ASSERT_EQUAL(policy_witnesses_needed(p), 2);
    arena_close(&a);
}

static void test_policy__finds_every_key_of_an_origin(void)
{
    struct arena a = {0};
    struct buf b = {0};
    struct public_key k = {{1}};
    buf_str(&b, LOG "log ");
    note_key_write(&b, SPAN("other.example"), NOTE_ED25519, &k);
    buf_str(&b, "\nlog ");
    k.b[0] = 2;
    note_key_write(&b, SPAN(ORIGIN), NOTE_ED25519, &k);
    buf_str(&b, "\nquorum none\n");
    struct policy *p = parsed(&a, buf_span(&b));
    ASSERT_SPAN(span_of(policy_log(p, SPAN(ORIGIN), 0)->id, 4), test_hex("0010311e"));
    CU_ASSERT_EQUAL(policy_log(p, SPAN(ORIGIN), 1)->key.b[0], 2);
    CU_ASSERT_PTR_NULL(policy_log(p, SPAN(ORIGIN), 2));
    ASSERT_SPAN(policy_log(p, SPAN("other.example"), 0)->name, SPAN("other.example"));
    CU_ASSERT_PTR_NULL(policy_log(p, SPAN("third.example"), 0));
    CU_ASSERT_PTR_NULL(policy_log(p, SPAN(""), 0));
    buf_close(&b);
    arena_close(&a);
}

static void test_policy__accepts_the_generated_checkpoints(void)
{
    static const char *const sizes[] = {"0", "1", "257", "70000", "70000.pq"};
    struct arena a = {0};
    struct span text = test_file("../shared/vectors/generated/policy.txt");
    if (text.p == NULL)
        SKIP("no ../shared/vectors");
    struct policy *p = parsed(&a, text);
    CU_ASSERT_EQUAL(policy_witnesses_needed(p), 2);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char path[128];
        struct note n;
        size_t cosigned = 0;
        snprintf(path, sizeof path, "../shared/vectors/generated/checkpoint.%s", sizes[i]);
        CU_ASSERT_TRUE_FATAL(note_parse(&a, test_file(path), &n, NULL));
        CU_ASSERT_EQUAL(note_verify(&n, policy_log(p, SPAN(ORIGIN), 0), NULL), NOTE_GOOD);
        CU_ASSERT_TRUE(policy_quorum(p, &n, &cosigned, NULL));
        CU_ASSERT_EQUAL(cosigned, 3);
    }
    arena_close(&a);
}

/* A witness with an ML-DSA key is listed, and its cosignature neither counts nor harms. */
static void test_policy__never_counts_a_witness_with_another_algorithm(void)
{
    struct span json = test_file("../shared/vectors/generated/manifest.json");
    struct span note = test_file("../shared/vectors/generated/checkpoint.70000.pq");
    struct span key = SPAN("\"vkey\": \"witness.example/pq1");
    struct arena a = {0};
    struct buf b = {0};
    struct note n;
    size_t cosigned = 0;
    if (json.p == NULL || note.p == NULL)
        SKIP("no ../shared/vectors");
    while (json.n > 0 && !span_starts(json, key))
        json = span_skip(json, 1);
    CU_ASSERT_TRUE_FATAL(span_take(&json, SPAN("\"vkey\": \"")));
    buf_str(&b, W1 "witness pq ");
    buf_add(&b, span_of(json.p, span_find(json, 0, '"')));
    buf_str(&b, "\nquorum pq\n");
    struct policy *p = parsed(&a, buf_span(&b));
    CU_ASSERT_TRUE_FATAL(note_parse(&a, note, &n, NULL));
    CU_ASSERT_FALSE(policy_quorum(p, &n, &cosigned, NULL));
    CU_ASSERT_EQUAL(cosigned, 1);
    buf_close(&b);
    arena_close(&a);
}

SUITE(policy, TEST(test_policy__refuses_any_number_of_quorums_but_one),
      TEST(test_policy__refuses_names_before_they_are_defined),
      TEST(test_policy__refuses_names_that_are_taken),
      TEST(test_policy__refuses_the_same_key_twice),
      TEST(test_policy__refuses_keys_of_the_wrong_kind),
      TEST(test_policy__refuses_thresholds_out_of_bounds),
      TEST(test_policy__refuses_a_member_of_two_groups), TEST(test_policy__refuses_malformed_lines),
      TEST(test_policy__refuses_more_than_its_limits),
      TEST(test_policy__refuses_the_whole_note_for_one_bad_cosignature),
      TEST(test_policy__counts_cosignatures_of_known_witnesses_only),
      TEST(test_policy__evaluates_every_set_of_cosigners),
      TEST(test_policy__takes_blanks_comments_urls_and_any_bytes_in_names),
      TEST(test_policy__finds_every_key_of_an_origin),
      TEST(test_policy__accepts_the_generated_checkpoints),
      TEST(test_policy__never_counts_a_witness_with_another_algorithm))
