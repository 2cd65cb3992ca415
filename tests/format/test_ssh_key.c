#include "format/ssh_key.h"

#include "base/arena.h"
#include "format/base64.h"
#include "tests/format/ssh_keygen.h"
#include "tests/test.h"

/* A key with a public seed, and what ssh-keygen 9.2 says of it. */
#define SEED        "6d7686d8b9496ecb49c4604a63b44eead139ab5f432c03391e33803303332a59"
#define BLOB        "AAAAC3NzaC1lZDI1NTE5AAAAIMlZ3AOJrM/aONChKWf55K78ecmEj0tyazrRnfLyux9o"
#define LINE        "ssh-ed25519 " BLOB
#define FINGERPRINT "SHA256:FE+8x1V51SC2V3deqL8YdJm6LzKVlX0KgG/padWWvb0"

/* ssh-keygen reads this file and gives LINE and the comment; the check number is ours. */
#define PRIVATE                                                                                    \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                        \
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"                     \
    "QyNTUxOQAAACDJWdwDiazP2jjQoSln+eSu/HnJhI9Lcms60Z3y8rsfaAAAAJgZSu2VGUrt\n"                     \
    "lQAAAAtzc2gtZWQyNTUxOQAAACDJWdwDiazP2jjQoSln+eSu/HnJhI9Lcms60Z3y8rsfaA\n"                     \
    "AAAEBtdobYuUluy0nEYEpjtE7q0TmrX0MsAzkeM4AzAzMqWclZ3AOJrM/aONChKWf55K78\n"                     \
    "ecmEj0tyazrRnfLyux9oAAAADnRyaWFsc2VhbCB0ZXN0AQIDBAUGBw==\n"                                   \
    "-----END OPENSSH PRIVATE KEY-----\n"

/* The same key with the passphrase "secret". */
#define ENCRYPTED                                                                                  \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                        \
    "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDbGHZUVF\n"                     \
    "/dK41DqL0Y4P8DAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIMlZ3AOJrM/aONCh\n"                     \
    "KWf55K78ecmEj0tyazrRnfLyux9oAAAAoG/uR0zCCxYnF6SVbCMDJWkXLchOBw7AybgkDl\n"                     \
    "sBv4pz7yKbmUbuMHtN3zWFcWwYHhufwkAu8RTA3jk3FXu0f8yncNNc85iBPyGZMhOvIRmt\n"                     \
    "lz4bFACm8JZkPmoMFKqICcHeRO2JF97wtZZmyTGHOeYsWAOZyp3Ct5Dz0ku29rlEKqQZS1\n"                     \
    "uGwYHie0BOfbqOsZIUPxpDU55/yXakESVTUU8=\n"                                                     \
    "-----END OPENSSH PRIVATE KEY-----\n"

static struct secret_key test_key(void)
{
    struct secret_key k;
    secret_key_from_seed(test_hex(SEED).p, &k);
    return k;
}

static void test_ssh_key__refuses_malformed_public_keys(void)
{
    static const char *const bad[] = {
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519" BLOB,
        " " LINE,
        "ssh-rsa " BLOB,
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMlZ3AOJrM/aONChKWf55K78ecmEj0tyazrRnfLyux9",
        LINE "A",
        LINE "=",
        LINE "\n",
        LINE " comment\r",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIclZ3AOJrM/aONChKWf55K78ecmEj0tyazrRnfLyux9o",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE4AAAAIMlZ3AOJrM/aONChKWf55K78ecmEj0tyazrRnfLyux9o",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct public_key k;
        struct err e = {0};
        CU_ASSERT_FALSE(ssh_key_parse(span_str(bad[i]), &k, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    }
}

static void test_ssh_key__reads_and_writes_a_public_key(void)
{
    static const char *const good[] = {LINE, LINE " ", LINE " me@example.org, at work",
                                       "ssh-ed25519 \t" BLOB "\tcomment"};
    struct secret_key secret = test_key();
    struct buf b = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct public_key k;
        CU_ASSERT_TRUE_FATAL(ssh_key_parse(span_str(good[i]), &k, NULL));
        CU_ASSERT_TRUE(public_key_eq(&k, &secret.public));
    }
    ssh_key_write(&b, &secret.public);
    ASSERT_SPAN(buf_span(&b), SPAN(LINE));
    buf_close(&b);
}

static void test_ssh_key__prints_the_fingerprint_that_ssh_keygen_prints(void)
{
    struct secret_key k = test_key();
    struct buf b = {0};
    ssh_fingerprint(&b, &k.public);
    ASSERT_SPAN(buf_span(&b), SPAN(FINGERPRINT));
    buf_close(&b);
}

static void assert_private_refused(struct span file, const char *what)
{
    struct secret_key k = {.seed = {7}};
    struct err e = {0};
    CU_ASSERT_FALSE(ssh_private_parse(file, &k, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    bool said = strstr(e.text, what) != NULL;
    CU_ASSERT_TRUE(said);
    if (!said)
        printf("  said \"%s\" instead of \"%s\"\n", e.text, what);
    CU_ASSERT_EQUAL(k.seed[0], 7);
}

static void test_ssh_key__refuses_a_private_key_with_a_passphrase(void)
{
    struct secret_key k;
    struct err e = {0};
    assert_private_refused(SPAN(ENCRYPTED), "encrypted with a passphrase (aes256-ctr)");
    CU_ASSERT_FALSE(ssh_private_parse(SPAN(ENCRYPTED), &k, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.hint, "ssh-keygen -p"));
}

static void test_ssh_key__refuses_other_armour(void)
{
    struct buf b = {0};
    assert_private_refused(SPAN(""), "line 1");
    assert_private_refused(SPAN(LINE "\n"), "line 1");
    assert_private_refused(SPAN("\n" PRIVATE), "line 1");
    assert_private_refused(SPAN(PRIVATE "\n"), "line 8: something follows");
    assert_private_refused(span_of(PRIVATE, sizeof PRIVATE - 2), "line 7");
    assert_private_refused(SPAN("-----BEGIN OPENSSH PRIVATE KEY-----\n"
                                "-----END OPENSSH PRIVATE KEY-----\n"),
                           "not an openssh-key-v1");
    assert_private_refused(SPAN("-----BEGIN OPENSSH PRIVATE KEY-----\nAA=A\n"
                                "-----END OPENSSH PRIVATE KEY-----\n"),
                           "not canonical base64");
    while (b.n <= SSH_PRIVATE_MAX)
        buf_str(&b, PRIVATE);
    CU_ASSERT_FALSE(ssh_private_parse(buf_span(&b), &(struct secret_key){.seed = {0}}, NULL));
    buf_close(&b);
}

/* PRIVATE with n bytes of its blob replaced and the blob cut to `length`; until the next call. */
static struct span altered(size_t at, const void *bytes, size_t n, size_t length)
{
    static struct buf b;
    struct buf digits = {0};
    struct arena a = {0};
    struct span rest = SPAN(PRIVATE), line, blob;
    span_line(&rest, &line);
    while (span_line(&rest, &line) && line.p[0] != '-')
        buf_add(&digits, line);
    CU_ASSERT_TRUE_FATAL(base64_parse(&a, buf_span(&digits), &blob));
    CU_ASSERT_TRUE_FATAL(length <= blob.n && at + n <= blob.n);
    uint8_t *p = arena_new(&a, blob.n);
    memcpy(p, blob.p, blob.n);
    memcpy(p + at, bytes, n);
    buf_clear(&digits);
    base64_write(&digits, span_of(p, length));
    buf_clear(&b);
    buf_str(&b, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    for (size_t i = 0; i < digits.n; i += 70) {
        buf_add(&b, span_of(digits.p + i, digits.n - i < 70 ? digits.n - i : 70));
        buf_byte(&b, '\n');
    }
    buf_str(&b, "-----END OPENSSH PRIVATE KEY-----\n");
    buf_close(&digits);
    arena_close(&a);
    return buf_span(&b);
}

/* Offsets in the blob of PRIVATE, counted by hand from PROTOCOL.key. */
enum {
    AT_CIPHER = 15 + 4,
    AT_KDF = AT_CIPHER + 4 + 4,
    AT_OPTIONS = AT_KDF + 4,
    AT_KEYS = AT_OPTIONS + 4,
    AT_PUBLIC = AT_KEYS + 4 + 4 + 4 + 11 + 4,
    AT_CHECK = AT_PUBLIC + 32 + 4,
    AT_TYPE = AT_CHECK + 8 + 4,
    AT_PUBLIC_AGAIN = AT_TYPE + 11 + 4,
    AT_SEED = AT_PUBLIC_AGAIN + 32 + 4,
    AT_PUBLIC_LAST = AT_SEED + 32,
    AT_COMMENT = AT_PUBLIC_LAST + 32 + 4,
    AT_PADDING = AT_COMMENT + 14,
    BLOB_SIZE = AT_PADDING + 7,
};

static void test_ssh_key__refuses_a_private_key_that_contradicts_itself(void)
{
    static const struct {
        size_t at;
        const char *bytes;
        const char *what;
    } bad[] = {
        {0, "O", "not an openssh-key-v1"},
        {AT_KDF, "some", "names a key derivation"},
        {AT_KEYS + 3, "\2", "exactly one key"},
        {AT_PUBLIC, "x", "not that of its public key"},
        {AT_PUBLIC - 7, "x", "not an ssh-ed25519 key"},
        {AT_CHECK, "x", "check numbers"},
        {AT_TYPE, "x", "not an ssh-ed25519 key"},
        {AT_PUBLIC_AGAIN, "x", "not that of its public key"},
        {AT_SEED, "x", "not that of its public key"},
        {AT_PUBLIC_LAST, "x", "not that of its public key"},
        {AT_SEED - 1, "\x3f", "malformed"},
        {AT_COMMENT - 1, "\x0d", "malformed"},
        {AT_PADDING, "\7", "malformed"},
        {AT_PADDING + 6, "\6", "malformed"},
    };
    struct secret_key k;
    CU_ASSERT_TRUE(ssh_private_parse(altered(0, "o", 1, BLOB_SIZE), &k, NULL));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_private_refused(altered(bad[i].at, bad[i].bytes, strlen(bad[i].bytes), BLOB_SIZE),
                               bad[i].what);
}

static void test_ssh_key__refuses_a_private_key_cut_anywhere(void)
{
    for (size_t n = 0; n < BLOB_SIZE; n++) {
        struct secret_key k;
        CU_ASSERT_FALSE(ssh_private_parse(altered(0, "o", 1, n), &k, NULL));
    }
}

static void test_ssh_key__reads_and_writes_a_private_key(void)
{
    struct secret_key k = test_key(), read;
    struct buf b = {0};
    struct err e = {0};
    ssh_private_write(&b, &k, SPAN("trialseal test"));
    ASSERT_SPAN(buf_span(&b), SPAN(PRIVATE));
    CU_ASSERT_TRUE_FATAL(ssh_private_parse(buf_span(&b), &read, &e));
    ASSERT_SPAN(span_of(read.seed, SIGN_SEED), test_hex(SEED));
    CU_ASSERT_TRUE(public_key_eq(&read.public, &k.public));
    mem_wipe_free(b.p, b.cap);
}

/* Every length of padding. */
static void test_ssh_key__reads_what_it_writes_for_any_comment(void)
{
    static const char comment[] = "a comment of some length";
    struct secret_key k = test_key();
    for (size_t n = 0; n < sizeof comment; n++) {
        struct secret_key read;
        struct buf b = {0};
        ssh_private_write(&b, &k, span_of(comment, n));
        CU_ASSERT_TRUE(ssh_private_parse(buf_span(&b), &read, NULL));
        CU_ASSERT_TRUE(public_key_eq(&read.public, &k.public));
        mem_wipe_free(b.p, b.cap);
    }
}

static void test_ssh_key__writes_private_keys_that_ssh_keygen_reads(void)
{
    if (!ssh_keygen_is_there())
        SKIP("no ssh-keygen");
    struct ssh_dir d = ssh_dir_open();
    struct secret_key k = test_key();
    for (size_t n = 0; n < 9; n++) {
        struct buf b = {0};
        ssh_private_write(&b, &k, span_of("comments", n < 8 ? n : 8));
        ssh_dir_write(&d, "key", buf_span(&b));
        CU_ASSERT_TRUE(ssh_dir_run(&d, "ssh-keygen -y -f key"));
        CU_ASSERT_TRUE(span_starts(ssh_dir_read(&d, "out"), SPAN(LINE)));
        mem_wipe_free(b.p, b.cap);
    }
    ssh_dir_close(&d);
}

static void test_ssh_key__reads_private_keys_that_ssh_keygen_writes(void)
{
    if (!ssh_keygen_is_there())
        SKIP("no ssh-keygen");
    static const char *const comments[] = {"", "a", "me@example.org", "caf\xc3\xa9 and more"};
    for (size_t i = 0; i < sizeof comments / sizeof comments[0]; i++) {
        struct ssh_dir d = ssh_dir_open();
        struct secret_key k;
        struct public_key public;
        char command[128];
        snprintf(command, sizeof command, "ssh-keygen -q -t ed25519 -N '' -C '%s' -f key",
                 comments[i]);
        CU_ASSERT_TRUE_FATAL(ssh_dir_run(&d, command));
        struct span file = ssh_dir_read(&d, "key.pub"), line = {0};
        CU_ASSERT_TRUE(span_line(&file, &line));
        CU_ASSERT_TRUE_FATAL(ssh_private_parse(ssh_dir_read(&d, "key"), &k, NULL));
        CU_ASSERT_TRUE_FATAL(ssh_key_parse(line, &public, NULL));
        CU_ASSERT_TRUE(public_key_eq(&k.public, &public));
        ssh_dir_close(&d);
    }
}

SUITE(ssh_key, TEST(test_ssh_key__refuses_malformed_public_keys),
      TEST(test_ssh_key__reads_and_writes_a_public_key),
      TEST(test_ssh_key__prints_the_fingerprint_that_ssh_keygen_prints),
      TEST(test_ssh_key__refuses_a_private_key_with_a_passphrase),
      TEST(test_ssh_key__refuses_other_armour),
      TEST(test_ssh_key__refuses_a_private_key_that_contradicts_itself),
      TEST(test_ssh_key__refuses_a_private_key_cut_anywhere),
      TEST(test_ssh_key__reads_and_writes_a_private_key),
      TEST(test_ssh_key__reads_what_it_writes_for_any_comment),
      TEST(test_ssh_key__writes_private_keys_that_ssh_keygen_reads),
      TEST(test_ssh_key__reads_private_keys_that_ssh_keygen_writes))
