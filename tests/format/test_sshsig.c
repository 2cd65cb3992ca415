#include "format/sshsig.h"

#include "format/base64.h"
#include "format/ssh_key.h"
#include "tests/format/ssh_keygen.h"
#include "tests/test.h"

#define SEED    "6d7686d8b9496ecb49c4604a63b44eead139ab5f432c03391e33803303332a59"
#define SPACE   "trialseal-bundle"
#define MESSAGE "A message.\n"

/* What `ssh-keygen -Y sign -n trialseal-bundle` (9.2) makes of MESSAGE with this key. */
#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END   "-----END SSH SIGNATURE-----\n"
#define SIGNATURE                                                                                  \
    BEGIN "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgyVncA4msz9o40KEpZ/nkrvx5yY\n"               \
          "SPS3JrOtGd8vK7H2gAAAAQdHJpYWxzZWFsLWJ1bmRsZQAAAAAAAAAGc2hhNTEyAAAAUwAA\n"               \
          "AAtzc2gtZWQyNTUxOQAAAEAVme3q2IA2vhhzjLH0nPZPnugpopiG4721WoOze+DE/XpnpX\n"               \
          "VWjt/Ol4uARnrVDpQmk14XdWNALFYNevFmvqoB\n" END

/* The same with -O hashalg=sha256. */
#define SIGNATURE_SHA256                                                                           \
    BEGIN "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgyVncA4msz9o40KEpZ/nkrvx5yY\n"               \
          "SPS3JrOtGd8vK7H2gAAAAQdHJpYWxzZWFsLWJ1bmRsZQAAAAAAAAAGc2hhMjU2AAAAUwAA\n"               \
          "AAtzc2gtZWQyNTUxOQAAAEA1eGrLhfLGVdQRODiyW2ncsJalkrGpM2WSMc0tfBmfz8kNeq\n"               \
          "2qXJFgdbA6stv47D1Mu3/FkNmi3VaLZfaTUAgK\n" END

static struct secret_key test_key(void)
{
    struct secret_key k;
    secret_key_from_seed(test_hex(SEED).p, &k);
    return k;
}

static void assert_refused(struct span armour, enum err_kind kind, const char *what)
{
    struct arena a = {0};
    struct sshsig s = {.sha256 = true};
    struct err e = {0};
    CU_ASSERT_FALSE(sshsig_parse(&a, armour, &s, &e));
    CU_ASSERT_EQUAL(e.kind, kind);
    CU_ASSERT_TRUE(s.sha256);
    bool said = strstr(e.text, what) != NULL;
    CU_ASSERT_TRUE(said);
    if (!said)
        printf("  said \"%s\" instead of \"%s\"\n", e.text, what);
    arena_close(&a);
}

/* One signature has one text: other borders, line lengths and line ends are refused. */
static void test_sshsig__refuses_any_other_armour(void)
{
    static const char digits[] =
        "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgyVncA4msz9o40KEpZ/nkrvx5yY";
    struct buf b = {0};
    assert_refused(SPAN(""), ERR_FORMAT, "line 1");
    assert_refused(SPAN(" " SIGNATURE), ERR_FORMAT, "line 1");
    assert_refused(SPAN("-----BEGIN SSH SIGNATURE----\n"), ERR_FORMAT, "line 1");
    assert_refused(SPAN("-----BEGIN SSH SIGNATURE-----\r\n"), ERR_FORMAT, "line 1");
    assert_refused(SPAN(BEGIN), ERR_FORMAT, "line 2");
    assert_refused(SPAN(BEGIN END), ERR_FORMAT, "not an SSH signature");
    assert_refused(span_of(SIGNATURE, sizeof SIGNATURE - 2), ERR_FORMAT, "line 6: not");
    assert_refused(SPAN(SIGNATURE "\n"), ERR_FORMAT, "line 7: something follows");
    assert_refused(SPAN(SIGNATURE SIGNATURE), ERR_FORMAT, "line 7: something follows");
    buf_str(&b, BEGIN);
    buf_str(&b, digits);
    buf_str(&b, "A\n" END);
    assert_refused(buf_span(&b), ERR_FORMAT, "line 2: base64 is not in lines of 70");
    buf_clear(&b);
    buf_str(&b, BEGIN "U1NI\nU0lH\n" END);
    assert_refused(buf_span(&b), ERR_FORMAT, "line 3: base64 is not in lines of 70");
    buf_clear(&b);
    buf_str(&b, BEGIN);
    buf_str(&b, digits);
    buf_str(&b, "\n\n" END);
    assert_refused(buf_span(&b), ERR_FORMAT, "line 3: base64");
    assert_refused(SPAN(BEGIN "U1NI\r\n" END), ERR_FORMAT, "not canonical base64");
    buf_clear(&b);
    while (b.n <= SSHSIG_MAX)
        buf_str(&b, SIGNATURE);
    assert_refused(buf_span(&b), ERR_LIMIT, "larger than");
    buf_close(&b);
}

/* A blob made of what is given, in armour; until the next call. */
struct parts {
    const char *magic;
    uint32_t version;
    const char *type, *space, *reserved, *hash, *signature_type, *tail;
    size_t key_size, signature_size;
};

static const struct parts good_parts = {
    .magic = "SSHSIG",
    .version = 1,
    .type = "ssh-ed25519",
    .space = SPACE,
    .reserved = "",
    .hash = "sha512",
    .signature_type = "ssh-ed25519",
    .tail = "",
    .key_size = 32,
    .signature_size = 64,
};

static void add_string(struct buf *b, struct span s)
{
    buf_be32(b, (uint32_t)s.n);
    buf_add(b, s);
}

static void add_typed(struct buf *b, const char *type, size_t zeroes)
{
    static const uint8_t zero[65];
    struct buf inner = {0};
    add_string(&inner, span_str(type));
    add_string(&inner, span_of(zero, zeroes));
    add_string(b, buf_span(&inner));
    buf_close(&inner);
}

static struct span armour_of(const struct parts *p)
{
    static struct buf armour;
    struct buf blob = {0}, digits = {0};
    buf_str(&blob, p->magic);
    buf_be32(&blob, p->version);
    add_typed(&blob, p->type, p->key_size);
    add_string(&blob, span_str(p->space));
    add_string(&blob, span_str(p->reserved));
    add_string(&blob, span_str(p->hash));
    add_typed(&blob, p->signature_type, p->signature_size);
    buf_str(&blob, p->tail);
    base64_write(&digits, buf_span(&blob));
    buf_clear(&armour);
    buf_str(&armour, BEGIN);
    for (size_t i = 0; i < digits.n; i += 70) {
        buf_add(&armour, span_of(digits.p + i, digits.n - i < 70 ? digits.n - i : 70));
        buf_byte(&armour, '\n');
    }
    buf_str(&armour, END);
    buf_close(&blob);
    buf_close(&digits);
    return buf_span(&armour);
}

static void test_sshsig__refuses_any_other_blob(void)
{
    struct parts p = good_parts;
    struct arena a = {0};
    struct sshsig s;
    CU_ASSERT_TRUE(sshsig_parse(&a, armour_of(&p), &s, NULL));
    arena_close(&a);
#define REFUSED_WITH(change, what)                                                                 \
    p = good_parts;                                                                                \
    p.change;                                                                                      \
    assert_refused(armour_of(&p), ERR_FORMAT, what)
    REFUSED_WITH(magic = "SSHSIH", "version 1");
    REFUSED_WITH(version = 2, "version 1");
    REFUSED_WITH(version = 0, "version 1");
    REFUSED_WITH(type = "ssh-rsa", "not by an ssh-ed25519 key");
    REFUSED_WITH(key_size = 31, "not by an ssh-ed25519 key");
    REFUSED_WITH(key_size = 33, "not by an ssh-ed25519 key");
    REFUSED_WITH(space = "", "namespace is empty");
    REFUSED_WITH(reserved = "x", "reserved field");
    REFUSED_WITH(hash = "sha384", "sha256 or sha512");
    REFUSED_WITH(hash = "SHA512", "sha256 or sha512");
    REFUSED_WITH(hash = "", "sha256 or sha512");
    REFUSED_WITH(signature_type = "ssh-ed448", "not an ssh-ed25519 signature");
    REFUSED_WITH(signature_size = 63, "not an ssh-ed25519 signature");
    REFUSED_WITH(signature_size = 65, "not an ssh-ed25519 signature");
    REFUSED_WITH(tail = "x", "bytes behind it");
#undef REFUSED_WITH
}

static struct sshsig parsed(struct arena *a, struct span armour)
{
    struct sshsig s = {0};
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(sshsig_parse(a, armour, &s, &e));
    return s;
}

static void test_sshsig__verifies_neither_another_message_nor_namespace(void)
{
    struct arena a = {0};
    struct sshsig s = parsed(&a, SPAN(SIGNATURE));
    CU_ASSERT_FALSE(sshsig_verify(&s, SPAN(SPACE), SPAN("A message")));
    CU_ASSERT_FALSE(sshsig_verify(&s, SPAN(SPACE), SPAN("")));
    CU_ASSERT_FALSE(sshsig_verify(&s, SPAN("trialseal-policy"), SPAN(MESSAGE)));
    s.space = SPAN("trialseal-policy");
    CU_ASSERT_FALSE(sshsig_verify(&s, SPAN("trialseal-policy"), SPAN(MESSAGE)));
    s = parsed(&a, SPAN(SIGNATURE));
    s.sha256 = true;
    CU_ASSERT_FALSE(sshsig_verify(&s, SPAN(SPACE), SPAN(MESSAGE)));
    s = parsed(&a, SPAN(SIGNATURE));
    s.signature.b[63] ^= 1;
    CU_ASSERT_FALSE(sshsig_verify(&s, SPAN(SPACE), SPAN(MESSAGE)));
    s = parsed(&a, SPAN(SIGNATURE));
    s.key.b[0] ^= 1;
    CU_ASSERT_FALSE(sshsig_verify(&s, SPAN(SPACE), SPAN(MESSAGE)));
    arena_close(&a);
}

static void test_sshsig__verifies_what_ssh_keygen_signed(void)
{
    struct arena a = {0};
    struct secret_key k = test_key();
    struct sshsig s = parsed(&a, SPAN(SIGNATURE));
    ASSERT_SPAN(s.space, SPAN(SPACE));
    CU_ASSERT_TRUE(public_key_eq(&s.key, &k.public));
    CU_ASSERT_FALSE(s.sha256);
    CU_ASSERT_TRUE(sshsig_verify(&s, SPAN(SPACE), SPAN(MESSAGE)));
    s = parsed(&a, SPAN(SIGNATURE_SHA256));
    CU_ASSERT_TRUE(s.sha256);
    CU_ASSERT_TRUE(sshsig_verify(&s, SPAN(SPACE), SPAN(MESSAGE)));
    arena_close(&a);
}

static void test_sshsig__writes_what_ssh_keygen_writes(void)
{
    struct secret_key k = test_key();
    struct buf b = {0};
    sshsig_write(&b, &k, SPAN(SPACE), SPAN(MESSAGE));
    ASSERT_SPAN(buf_span(&b), SPAN(SIGNATURE));
    buf_close(&b);
}

/* Namespaces of 1 to 60 bytes give every length of the last line, a full one included. */
static void test_sshsig__agrees_with_ssh_keygen_on_every_line_length(void)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh";
    if (!ssh_keygen_is_there())
        SKIP("no ssh-keygen");
    struct ssh_dir d = ssh_dir_open();
    struct secret_key k = test_key();
    struct buf b = {0};
    ssh_private_write(&b, &k, SPAN(""));
    ssh_dir_write(&d, "key", buf_span(&b));
    ssh_dir_write(&d, "message", SPAN(MESSAGE));
    for (size_t n = 1; n <= 60; n++) {
        char command[256];
        struct arena a = {0};
        snprintf(command, sizeof command,
                 "rm -f message.sig; ssh-keygen -q -Y sign -f key -n %.*s message", (int)n,
                 letters);
        CU_ASSERT_TRUE_FATAL(ssh_dir_run(&d, command));
        buf_clear(&b);
        sshsig_write(&b, &k, span_of(letters, n), SPAN(MESSAGE));
        ASSERT_SPAN(buf_span(&b), ssh_dir_read(&d, "message.sig"));
        struct sshsig s = parsed(&a, buf_span(&b));
        CU_ASSERT_TRUE(sshsig_verify(&s, span_of(letters, n), SPAN(MESSAGE)));
        arena_close(&a);
    }
    buf_close(&b);
    ssh_dir_close(&d);
}

SUITE(sshsig, TEST(test_sshsig__refuses_any_other_armour),
      TEST(test_sshsig__refuses_any_other_blob),
      TEST(test_sshsig__verifies_neither_another_message_nor_namespace),
      TEST(test_sshsig__verifies_what_ssh_keygen_signed),
      TEST(test_sshsig__writes_what_ssh_keygen_writes),
      TEST(test_sshsig__agrees_with_ssh_keygen_on_every_line_length))
