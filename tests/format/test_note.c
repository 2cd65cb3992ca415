#include "format/note.h"

#include <stdio.h>

#include "crypto/sha256.h"
#include "format/base64.h"
#include "tests/test.h"

#define DASH "\xe2\x80\x94 "

/* The one example of the signed-note specification that verifies. */
#define EXAMPLE_KEY  "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define EXAMPLE_TEXT "This is an example message.\n"
#define EXAMPLE_LINE                                                                               \
    DASH "example.com/foo "                                                                        \
         "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Ine" \
         "yaQM=\n"
#define EXAMPLE EXAMPLE_TEXT "\n" EXAMPLE_LINE

/* A well-formed line by nobody: key id 01020304 and one byte. */
#define OTHER_LINE DASH "other.example AQIDBAU=\n"

/* Keys of the generated test log; their seeds are public. */
#define LOG_NAME "trial-ledger.example/nct00000001"
#define LOG_SEED "6d7686d8b9496ecb49c4604a63b44eead139ab5f432c03391e33803303332a59"
#define LOG_KEY  LOG_NAME "+0010311e+AclZ3AOJrM/aONChKWf55K78ecmEj0tyazrRnfLyux9o"
#define W1_NAME  "witness.example/w1"
#define W1_SEED  "aa4fde233f5d01634ba21e954be59426c7748eaa671a33937b7d523ee5ecf50b"
#define W1_KEY   W1_NAME "+daa30819+BGqSlp1AujH6HdZrt/hl+QAP+mSbp6514tpePVlXu9oR"
#define TEXT_257 LOG_NAME "\n257\nHtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsQ=\n"
#define LOG_LINE_257                                                                               \
    DASH LOG_NAME " ABAxHgOX+9jSfhDm6c0viZIWXHzDPFsibqN9+J+MrMWsT7w9kSEpcX5kvdbpNUWcJ7Pptp"        \
                  "GximIRPLvKj6G73agWywU=\n"
#define W1_LINE_257                                                                                \
    DASH W1_NAME " 2qMIGQAAAABpVGeAom7gKJF9/AKMmcAlyFSGgIQtSr40EsjwFzhKLBOEazDcLb1hbksoviP/"       \
                 "uBPcd242WyJ7edgs4urWfYZc5qyLBA==\n"
#define NOTE_257 TEXT_257 "\n" LOG_LINE_257 W1_LINE_257
enum { W1_TIME = 1767139200 };

static struct note_key key_of(struct arena *a, struct span vkey)
{
    struct note_key k = {0};
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(note_key_parse(a, vkey, &k, &e));
    return k;
}

static struct secret_key secret_of(const char *seed)
{
    struct secret_key k;
    secret_key_from_seed(test_hex(seed).p, &k);
    return k;
}

/* Parses and verifies with one key. */
static enum note_verdict verdict_of(struct span bytes, struct span vkey, uint64_t *time)
{
    struct arena a = {0};
    struct note n;
    struct err e = {0};
    struct note_key k = key_of(&a, vkey);
    CU_ASSERT_TRUE_FATAL(note_parse(&a, bytes, &n, &e));
    enum note_verdict v = note_verify(&n, &k, time);
    arena_close(&a);
    return v;
}

static void assert_refused(struct span bytes, enum err_kind kind, const char *what)
{
    struct arena a = {0};
    struct note n = {.count = 77};
    struct err e = {0};
    CU_ASSERT_FALSE(note_parse(&a, bytes, &n, &e));
    CU_ASSERT_EQUAL(n.count, 77);
    CU_ASSERT_EQUAL(e.kind, kind);
    bool said = strstr(e.text, what) != NULL;
    CU_ASSERT_TRUE(said);
    if (!said)
        printf("  said \"%s\" instead of \"%s\"\n", e.text, what);
    arena_close(&a);
}

static void test_note__refuses_a_note_without_text_or_signatures(void)
{
    assert_refused(SPAN(""), ERR_FORMAT, "no empty line");
    assert_refused(SPAN("\n"), ERR_FORMAT, "no empty line");
    assert_refused(SPAN("text\n" OTHER_LINE), ERR_FORMAT, "no empty line");
    assert_refused(SPAN("\n" OTHER_LINE), ERR_FORMAT, "no empty line");
    assert_refused(SPAN("text\n\n"), ERR_FORMAT, "signature line");
    assert_refused(SPAN("text\n\n" DASH "other.example AQIDBAU="), ERR_FORMAT, "signature line");
    assert_refused(SPAN("text\n\n" OTHER_LINE "\n"), ERR_FORMAT, "signature line");
    assert_refused(SPAN("text\n\n" OTHER_LINE "tail"), ERR_FORMAT, "signature line");
}

static void test_note__refuses_a_signature_line_without_a_key_id(void)
{
    assert_refused(SPAN("text\n\n" DASH "a \n"), ERR_FORMAT, "line 3: the signature has no bytes");
    assert_refused(SPAN("text\n\n" DASH "a AQID\n"), ERR_FORMAT, "line 3");
    assert_refused(SPAN("text\n\n" DASH "a AQIDBA==\n"), ERR_FORMAT, "line 3");
}

static void test_note__refuses_malformed_signature_lines_by_number(void)
{
    assert_refused(SPAN("text\n\n- a AQIDBAU=\n"), ERR_FORMAT, "line 3: a signature line begins");
    assert_refused(SPAN("text\n\n\xe2\x80\x94"
                        "a AQIDBAU=\n"),
                   ERR_FORMAT, "line 3");
    assert_refused(SPAN("text\n\n\xe2\x80\x93 a AQIDBAU=\n"), ERR_FORMAT, "line 3");
    assert_refused(SPAN("text\n\n" DASH "a\n"), ERR_FORMAT, "line 3: the key name");
    assert_refused(SPAN("text\n\n" DASH " AQIDBAU=\n"), ERR_FORMAT, "line 3: the key name");
    assert_refused(SPAN("text\n\n" DASH "a+b AQIDBAU=\n"), ERR_FORMAT, "line 3: the key name");
    assert_refused(SPAN("1\n2\n\n" OTHER_LINE DASH "a AQIDBAV=\n"), ERR_FORMAT, "line 5: the sig");
    assert_refused(SPAN("text\n\n" DASH "a AQIDBAU=\x20\n"), ERR_FORMAT, "not canonical base64");
    assert_refused(SPAN("text\n\n" DASH "a  AQIDBAU=\n"), ERR_FORMAT, "not canonical base64");
    assert_refused(SPAN("text\n\n" DASH "a AQIDBAU\n"), ERR_FORMAT, "not canonical base64");
}

static void test_note__refuses_control_bytes_and_malformed_utf8(void)
{
    assert_refused(SPAN("te\txt\n\n" OTHER_LINE), ERR_FORMAT, "UTF-8");
    assert_refused(SPAN("text\r\n\r\n" OTHER_LINE), ERR_FORMAT, "UTF-8");
    assert_refused(SPAN("te\0xt\n\n" OTHER_LINE), ERR_FORMAT, "UTF-8");
    assert_refused(SPAN("te\xffxt\n\n" OTHER_LINE), ERR_FORMAT, "UTF-8");
}

static void test_note__refuses_names_with_unicode_spaces(void)
{
    static const char *const bad[] = {
        "",
        " ",
        "a b",
        "a+b",
        "a\tb",
        "a\nb",
        "a\xc2\x85",
        "\xc2\xa0",
        "a\xe1\x9a\x80",
        "a\xe2\x80\x80",
        "a\xe2\x80\x8a",
        "a\xe2\x80\xa8",
        "a\xe2\x80\xa9",
        "a\xe2\x80\xaf",
        "a\xe2\x81\x9f",
        "a\xe3\x80\x80",
        "a\xff",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(note_name_check(span_str(bad[i])));
    CU_ASSERT_TRUE(note_name_check(SPAN("caf\xc3\xa9.example/\xe2\x80\x8b")));
    static uint8_t name[NOTE_NAME_MAX + 1];
    memset(name, 'a', sizeof name);
    CU_ASSERT_FALSE(note_name_check(span_of(name, sizeof name)));
    CU_ASSERT_TRUE(note_name_check(span_of(name, sizeof name - 1)));
}

static void test_note__refuses_more_signatures_or_bytes_than_the_limits(void)
{
    struct buf b = {0};
    buf_str(&b, "text\n\n");
    for (size_t i = 0; i < NOTE_SIGNATURES_MAX; i++)
        buf_str(&b, OTHER_LINE);
    CU_ASSERT_EQUAL(verdict_of(buf_span(&b), SPAN(EXAMPLE_KEY), NULL), NOTE_ABSENT);
    buf_str(&b, OTHER_LINE);
    assert_refused(buf_span(&b), ERR_LIMIT, "more than 64 signatures");
    while (b.n <= NOTE_MAX)
        buf_byte(&b, 'x');
    assert_refused(buf_span(&b), ERR_LIMIT, "larger than");
    buf_close(&b);
}

static void test_note__refuses_malformed_verifier_keys(void)
{
    static const char *const bad[] = {
        "",
        "example.com/foo",
        "bananas.sigstore.dev+12344556",
        "rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!",
        "rekor.sigstore.dev+12345678+AwEB", /* id of another key */
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2l",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k+",
        "example.com /foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+AQ==",
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct note_key k;
        struct err e = {0};
        CU_ASSERT_FALSE(note_key_parse(&a, span_str(bad[i]), &k, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    }
    arena_close(&a);
}

/* The id fits, but what it names is no Ed25519 key. */
static void test_note__refuses_an_ed25519_key_of_31_bytes(void)
{
    struct arena a = {0};
    struct buf b = {0};
    struct note_key k;
    struct err e = {0};
    struct span raw = SPAN("\x01"
                           "1234567890123456789012345678901");
    struct buf hashed = {0};
    buf_str(&hashed, "short.example\n");
    buf_add(&hashed, raw);
    struct hash h = sha256_of(buf_span(&hashed));
    buf_str(&b, "short.example+");
    buf_hex(&b, span_of(h.b, 4));
    buf_byte(&b, '+');
    base64_write(&b, raw);
    CU_ASSERT_FALSE(note_key_parse(&a, buf_span(&b), &k, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "has 32 bytes, not 31"));
    buf_close(&b);
    buf_close(&hashed);
    arena_close(&a);
}

static void test_note__refuses_the_whole_note_for_one_bad_line_of_a_known_key(void)
{
    /* the same key, an altered signature; before and after a good one */
    static const char bad[] = DASH "example.com/foo "
                                   "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsY"
                                   "jOBH3mFXmRKuwHjG1Yu72IneyaQQ=\n";
    const char *const notes[][2] = {{bad, ""}, {bad, EXAMPLE_LINE}, {EXAMPLE_LINE, bad}};
    for (size_t i = 0; i < 3; i++) {
        struct buf b = {0};
        buf_str(&b, EXAMPLE_TEXT "\n");
        buf_str(&b, notes[i][0]);
        buf_str(&b, notes[i][1]);
        CU_ASSERT_EQUAL(verdict_of(buf_span(&b), SPAN(EXAMPLE_KEY), NULL), NOTE_BAD);
        buf_close(&b);
    }
    /* a known key with too few or too many bytes */
    CU_ASSERT_EQUAL(verdict_of(SPAN(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2QOkn8\n"),
                               SPAN(EXAMPLE_KEY), NULL),
                    NOTE_BAD);
    /* a changed text, also by one more empty line */
    CU_ASSERT_EQUAL(verdict_of(SPAN("That" EXAMPLE), SPAN(EXAMPLE_KEY), NULL), NOTE_BAD);
    CU_ASSERT_EQUAL(verdict_of(SPAN(EXAMPLE_TEXT "\n\n" EXAMPLE_LINE), SPAN(EXAMPLE_KEY), NULL),
                    NOTE_BAD);
}

static void test_note__ignores_lines_of_unknown_keys(void)
{
    CU_ASSERT_EQUAL(verdict_of(SPAN(EXAMPLE_TEXT "\n" OTHER_LINE), SPAN(EXAMPLE_KEY), NULL),
                    NOTE_ABSENT);
    /* the name alone or the id alone do not make it known */
    CU_ASSERT_EQUAL(verdict_of(SPAN(EXAMPLE_TEXT "\n" DASH "example.com/foo AQIDBAU=\n"),
                               SPAN(EXAMPLE_KEY), NULL),
                    NOTE_ABSENT);
    CU_ASSERT_EQUAL(verdict_of(SPAN(EXAMPLE_TEXT "\n" DASH "example.com/bar Uw2QOkn8\n"),
                               SPAN(EXAMPLE_KEY), NULL),
                    NOTE_ABSENT);
    CU_ASSERT_EQUAL(verdict_of(SPAN(EXAMPLE_TEXT "\n" OTHER_LINE EXAMPLE_LINE OTHER_LINE),
                               SPAN(EXAMPLE_KEY), NULL),
                    NOTE_GOOD);
}

/* What a cosignature line holds behind the time, and times as base64 of their low bytes. */
#define W1_REST                                                                                    \
    "om7gKJF9/AKMmcAlyFSGgIQtSr40EsjwFzhKLBOEazDcLb1hbksoviP/uBPcd242WyJ7edgs4urWfYZc5qyLBA==\n"
#define W1_AT(time) TEXT_257 "\n" DASH W1_NAME " 2qMIG" time W1_REST

static void test_note__refuses_a_cosignature_with_another_time_or_size(void)
{
    static const char *const bad[] = {
        W1_AT("QAAAABpVGeB"),                             /* one second later */
        W1_AT("QAAAABpVGd/"),                             /* one second earlier */
        W1_AT("YAAAABpVGeA"),                             /* time of 2^63 and more */
        TEXT_257 "\n" DASH W1_NAME " 2qMIGQAAAABpVGeA\n", /* a time and no signature */
    };
    CU_ASSERT_EQUAL(verdict_of(SPAN(W1_AT("QAAAABpVGeA")), SPAN(W1_KEY), NULL), NOTE_GOOD);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(verdict_of(span_str(bad[i]), SPAN(W1_KEY), NULL), NOTE_BAD);
}

static void test_note__splits_at_the_last_empty_line(void)
{
    struct arena a = {0};
    struct note n;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(
        note_parse(&a, SPAN("one\n\ntwo\n\n" DASH "in.text AQIDBAU=\n\n\n" OTHER_LINE), &n, &e));
    ASSERT_SPAN(n.text, SPAN("one\n\ntwo\n\n" DASH "in.text AQIDBAU=\n\n"));
    CU_ASSERT_EQUAL(n.count, 1);
    ASSERT_SPAN(n.signature[0].name, SPAN("other.example"));
    ASSERT_SPAN(span_of(n.signature[0].id, 4), SPAN("\1\2\3\4"));
    ASSERT_SPAN(n.signature[0].blob, SPAN("\5"));
    arena_close(&a);
}

struct known {
    const char *vkey, *note;
    uint64_t time;
};

/* Published or independently made; see the comments above and beside them. */
static const struct known known[] = {
    {EXAMPLE_KEY, EXAMPLE, 0},
    {LOG_KEY, NOTE_257, 0},
    {W1_KEY, NOTE_257, W1_TIME},
    /* sum.golang.org */
    {"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
     "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" DASH
     "sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
     "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n",
     0},
    /* a sigsum log, C2SP issue 99 */
    {"sigsum.org/v1/tree/e796172b92befd62d9dc67e41c2f5bc9d3100a3023b20b1ca40288dd1c679e69+809da1a3+"
     "AWbguFjkYqYJ5m/nE3DIFtiEb/ED1UmaIqf+w3/bxCSn",
     "sigsum.org/v1/tree/e796172b92befd62d9dc67e41c2f5bc9d3100a3023b20b1ca40288dd1c679e69\n10\n"
     "HA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" DASH
     "sigsum.org/v1/tree/e796172b92befd62d9dc67e41c2f5bc9d3100a3023b20b1ca40288dd1c679e69 "
     "gJ2ho0n8F8olcerUF1FFdv235A/5as/coWrpLrtE7ovMeP5whgwouYExowG/lTznxu6OUGjjt5yJQ6bXtTcf718MqAQ="
     "\n",
     0},
    /* two cosigners of Sunlight's tests */
    {"witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN",
     "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n\n" DASH
     "witness.example.org uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq4LGvqKq"
     "LX8jWlwLKasxEGTLIqAVusneCBmBw==\n",
     1767139200},
    {"witness2.example.org+2e55b896+BIZ7fpceQWd60IfqQeS9IAnmNOCZjMDne8lZuguz/bi9",
     "milan2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n\n" DASH
     "witness2.example.org LlW4lgAAAABpVGeAN/uFWqfjdU94rrKxFycCggM0Sa1L5tOJCJdYBwJ41CQsgKWA6B0+"
     "vywok3cPI3JIzuPeR+VotuYe/eNy0+30Dw==\n",
     1767139200},
};

static void test_note__verifies_known_notes(void)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint64_t time = 7;
        CU_ASSERT_EQUAL(verdict_of(span_str(known[i].note), span_str(known[i].vkey), &time),
                        NOTE_GOOD);
        CU_ASSERT_EQUAL(time, known[i].time);
    }
}

static void test_note__writes_a_known_note_byte_for_byte(void)
{
    struct secret_key log = secret_of(LOG_SEED), w1 = secret_of(W1_SEED);
    struct buf b = {0};
    note_write(&b, SPAN(TEXT_257), SPAN(LOG_NAME), &log);
    note_write_cosignature(&b, SPAN(TEXT_257), SPAN(W1_NAME), &w1, W1_TIME);
    ASSERT_SPAN(buf_span(&b), SPAN(NOTE_257));
    buf_close(&b);
}

static void test_note__writes_known_verifier_keys(void)
{
    struct secret_key log = secret_of(LOG_SEED), w1 = secret_of(W1_SEED);
    struct buf b = {0};
    note_key_write(&b, SPAN(LOG_NAME), NOTE_ED25519, &log.public);
    ASSERT_SPAN(buf_span(&b), SPAN(LOG_KEY));
    buf_clear(&b);
    note_key_write(&b, SPAN(W1_NAME), NOTE_COSIGNATURE, &w1.public);
    ASSERT_SPAN(buf_span(&b), SPAN(W1_KEY));
    buf_close(&b);
}

/* transparency-dev/formats: keyid of "testkey". */
static void test_note__computes_a_known_key_id(void)
{
    struct public_key k;
    uint8_t id[4];
    memcpy(k.b, test_hex("444bc9c8d6468d7e81dc3008b83dc14e0f6b230574d0663c5e0e4553e2050d44").p, 32);
    note_key_id(SPAN("testkey"), NOTE_ED25519, &k, id);
    ASSERT_SPAN(span_of(id, 4), test_hex("e4de82e3"));
}

static void test_note__splits_verifier_keys_at_the_first_two_plus_signs(void)
{
    struct arena a = {0};
    struct note_key k = key_of(&a, SPAN(W1_KEY)); /* its base64 holds two more */
    ASSERT_SPAN(k.name, SPAN(W1_NAME));
    CU_ASSERT_EQUAL(k.algorithm, NOTE_COSIGNATURE);
    ASSERT_SPAN(span_of(k.id, 4), test_hex("daa30819"));
    ASSERT_SPAN(span_of(k.key.b, 32),
                test_hex("6a92969d40ba31fa1dd66bb7f865f9000ffa649ba7ae75e2da5e3d5957bbda11"));
    arena_close(&a);
}

static void test_note__takes_other_algorithms_as_raw_and_never_counts_them(void)
{
    /* algorithm 0x06 with a made-up key "x"; id by the common rule */
    struct arena a = {0};
    struct hash h = sha256_of(SPAN("pq.example\n\x06x"));
    struct buf b = {0};
    buf_str(&b, "pq.example+");
    buf_hex(&b, span_of(h.b, 4));
    buf_str(&b, "+Bng=");
    struct note_key k = key_of(&a, buf_span(&b));
    CU_ASSERT_EQUAL(k.algorithm, 6);
    ASSERT_SPAN(k.raw, SPAN("\x06x"));
    buf_clear(&b);
    buf_str(&b, "text\n\n" DASH "pq.example ");
    uint8_t blob[5] = {h.b[0], h.b[1], h.b[2], h.b[3], 1};
    base64_write(&b, span_of(blob, sizeof blob));
    buf_byte(&b, '\n');
    struct note n;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(note_parse(&a, buf_span(&b), &n, &e));
    CU_ASSERT_EQUAL(note_verify(&n, &k, NULL), NOTE_ABSENT);
    buf_close(&b);
    arena_close(&a);
}

/* ECDSA keys are identified by their SPKI alone, whatever the name. */
static void test_note__computes_ecdsa_key_ids_from_the_spki(void)
{
    struct arena a = {0};
    struct hash h = sha256_of(SPAN("spki"));
    struct buf b = {0};
    buf_str(&b, "ecdsa.example+");
    buf_hex(&b, span_of(h.b, 4));
    buf_str(&b, "+AnNwa2k=");
    struct note_key k = key_of(&a, buf_span(&b));
    CU_ASSERT_EQUAL(k.algorithm, 2);
    buf_close(&b);
    arena_close(&a);
}

static struct span first_line(struct span file)
{
    struct span line = {0};
    span_line(&file, &line);
    return line;
}

static void test_note__verifies_the_published_vectors(void)
{
    static const char *const files[][2] = {
        {"c2sp/signed-note-example.note", "c2sp/signed-note-example.vkey"},
        {"c2sp/sumdb-20852163.note", "c2sp/sumdb.vkey"},
        {"c2sp/sumdb-35225469.note", "c2sp/sumdb.vkey"},
        {"c2sp/issue99-sigsum.note", "c2sp/issue99-sigsum.vkey"},
    };
    if (test_file("../shared/vectors/README.md").p == NULL)
        SKIP("no ../shared/vectors");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char note[128], vkey[128];
        snprintf(note, sizeof note, "../shared/vectors/%s", files[i][0]);
        snprintf(vkey, sizeof vkey, "../shared/vectors/%s", files[i][1]);
        struct span key = test_file(vkey), line = first_line(key);
        CU_ASSERT_EQUAL(verdict_of(test_file(note), line.n > 0 ? line : key, NULL), NOTE_GOOD);
    }
}

#define SUNLIGHT "../shared/vectors/sunlight/cmd/skylight/testdata/"
#define ROME     "000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706/checkpoint"

static void test_note__verifies_the_cosignatures_of_sunlight(void)
{
    static const char *const cosigned[][2] = {
        {SUNLIGHT "witness/" ROME,
         "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN"},
        {SUNLIGHT "witness/mirror/" ROME,
         "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O"},
        {SUNLIGHT "witness2/88ad7a28caeb0b2aa890fdf0304c2fcaf59fca2ee140134ff8c1300bac493482/"
                  "checkpoint",
         "witness2.example.org+2e55b896+BIZ7fpceQWd60IfqQeS9IAnmNOCZjMDne8lZuguz/bi9"},
    };
    for (size_t i = 0; i < sizeof cosigned / sizeof cosigned[0]; i++) {
        struct span note = test_file(cosigned[i][0]);
        uint64_t time = 0;
        if (note.p == NULL)
            SKIP("no ../shared/vectors");
        CU_ASSERT_EQUAL(verdict_of(note, span_str(cosigned[i][1]), &time), NOTE_GOOD);
        CU_ASSERT_EQUAL(time, 1767139200);
    }
}

static void test_note__verifies_every_checkpoint_of_tessera(void)
{
    for (size_t size = 0; size <= 15; size++) {
        char path[128];
        snprintf(path, sizeof path, "../shared/vectors/tessera/testdata/log/checkpoint.%zu", size);
        struct span note = test_file(path);
        if (note.p == NULL)
            SKIP("no ../shared/vectors");
        CU_ASSERT_EQUAL(verdict_of(note,
                                   SPAN("example.com/log/testdata+33d7b496+"
                                        "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"),
                                   NULL),
                        NOTE_GOOD);
    }
}

static void test_note__verifies_the_generated_checkpoints(void)
{
    static const struct {
        const char *vkey;
        uint64_t time;
    } by[] = {
        {LOG_KEY, 0},
        {W1_KEY, W1_TIME},
        {"witness.example/w2+728655bf+BLqNn6qJwNXZiqg96vr8dL/ONeAu033Wy7H3O6dL+zyx", W1_TIME + 1},
        {"mirror.example/m1+243ee7a5+BNN2ammfrENKbe5TU0351YUEwkOFSJPgz96LXanwYcPA", W1_TIME + 5},
    };
    static const char *const sizes[] = {"0", "1", "257", "70000", "70000.pq"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "../shared/vectors/generated/checkpoint.%s", sizes[i]);
        struct span note = test_file(path);
        if (note.p == NULL)
            SKIP("no ../shared/vectors");
        for (size_t k = 0; k < sizeof by / sizeof by[0]; k++) {
            uint64_t time = 7;
            CU_ASSERT_EQUAL(verdict_of(note, span_str(by[k].vkey), &time), NOTE_GOOD);
            CU_ASSERT_EQUAL(time, by[k].time);
        }
    }
}

/* The strings of one list of cases.json that need no unescaping. */
static bool next_string(struct span *rest, struct span *out)
{
    size_t open = span_find(*rest, 0, '"'), end = span_find(*rest, 0, ']');
    if (open > end)
        return false;
    size_t close = span_find(*rest, open + 1, '"');
    *out = span_of(rest->p + open + 1, close - open - 1);
    *rest = span_skip(*rest, close + 1);
    return true;
}

static struct span list_of(struct span json, const char *name)
{
    struct span key = span_str(name);
    while (json.n > 0 && !span_starts(json, key))
        json = span_skip(json, 1);
    return span_skip(json, json.n == 0 ? 0 : key.n);
}

static void test_note__judges_verifier_keys_as_transparency_dev_does(void)
{
    struct span json = test_file("../shared/vectors/transparency-dev-formats/cases.json"), text;
    struct arena a = {0};
    struct note_key k;
    if (json.p == NULL)
        SKIP("no ../shared/vectors");
    size_t good = 0, bad = 0;
    for (struct span list = list_of(json, "\"vkeys_ok\":"); next_string(&list, &text); good++)
        CU_ASSERT_TRUE(note_key_parse(&a, text, &k, NULL));
    for (struct span list = list_of(json, "\"vkeys_bad\":"); next_string(&list, &text); bad++)
        CU_ASSERT_FALSE(note_key_parse(&a, text, &k, NULL));
    CU_ASSERT(good == 3 && bad == 3);
    arena_close(&a);
}

SUITE(note, TEST(test_note__refuses_a_note_without_text_or_signatures),
      TEST(test_note__refuses_a_signature_line_without_a_key_id),
      TEST(test_note__refuses_malformed_signature_lines_by_number),
      TEST(test_note__refuses_control_bytes_and_malformed_utf8),
      TEST(test_note__refuses_names_with_unicode_spaces),
      TEST(test_note__refuses_more_signatures_or_bytes_than_the_limits),
      TEST(test_note__refuses_malformed_verifier_keys),
      TEST(test_note__refuses_an_ed25519_key_of_31_bytes),
      TEST(test_note__refuses_the_whole_note_for_one_bad_line_of_a_known_key),
      TEST(test_note__refuses_a_cosignature_with_another_time_or_size),
      TEST(test_note__ignores_lines_of_unknown_keys),
      TEST(test_note__splits_at_the_last_empty_line), TEST(test_note__verifies_known_notes),
      TEST(test_note__writes_a_known_note_byte_for_byte),
      TEST(test_note__writes_known_verifier_keys), TEST(test_note__computes_a_known_key_id),
      TEST(test_note__splits_verifier_keys_at_the_first_two_plus_signs),
      TEST(test_note__takes_other_algorithms_as_raw_and_never_counts_them),
      TEST(test_note__computes_ecdsa_key_ids_from_the_spki),
      TEST(test_note__verifies_the_published_vectors),
      TEST(test_note__verifies_the_cosignatures_of_sunlight),
      TEST(test_note__verifies_every_checkpoint_of_tessera),
      TEST(test_note__verifies_the_generated_checkpoints),
      TEST(test_note__judges_verifier_keys_as_transparency_dev_does))
