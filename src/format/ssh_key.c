#include "format/ssh_key.h"

#include <assert.h>

#include "base/arena.h"
#include "crypto/sha256.h"
#include "format/base64.h"
#include "format/ssh_wire.h"

enum { BLOCK = 8, SEED_AND_PUBLIC = SIGN_SEED + SIGN_PUBLIC };

#define MAGIC SPAN("openssh-key-v1\0")
#define LABEL SPAN("OPENSSH PRIVATE KEY")

/* --- public --- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

bool ssh_key_parse(struct span line, struct public_key *out, struct err *e)
{
    uint8_t blob[SSH_KEY_BLOB];
    struct public_key k;
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] < ' ' && line.p[i] != '\t')
            return err_set(e, ERR_FORMAT, "a control byte in the public key line");
    if (!span_take(&line, SSH_ED25519) || line.n == 0 || !is_blank(line.p[0]))
        return err_set(e, ERR_FORMAT, "not an ssh-ed25519 public key");
    while (line.n > 0 && is_blank(line.p[0]))
        line = span_skip(line, 1);
    size_t n = 0;
    while (n < line.n && !is_blank(line.p[n]))
        n++;
    if (!base64_bytes(span_of(line.p, n), blob, sizeof blob) ||
        !ssh_wire_parse_key(span_of(blob, sizeof blob), &k))
        return err_set(e, ERR_FORMAT, "the ssh-ed25519 public key is malformed");
    *out = k;
    return true;
}

void ssh_key_write(struct buf *b, const struct public_key *k)
{
    struct buf blob = {0};
    ssh_wire_key(&blob, k);
    buf_add(b, SSH_ED25519);
    buf_byte(b, ' ');
    base64_write(b, buf_span(&blob));
    buf_close(&blob);
}

void ssh_fingerprint(struct buf *b, const struct public_key *k)
{
    struct buf blob = {0};
    ssh_wire_key(&blob, k);
    struct hash h = sha256_of(buf_span(&blob));
    buf_str(b, "SHA256:");
    base64_write(b, hash_span(&h));
    b->n--; /* 32 bytes leave one '=', which ssh-keygen does not print */
    buf_close(&blob);
}

/* --- private --- */

/* 1, 2, 3 ... up to the next whole block. */
static bool check_padding(struct span padding)
{
    for (size_t i = 0; i < padding.n; i++)
        if (padding.p[i] != i + 1)
            return false;
    return padding.n < BLOCK;
}

/* The part that a passphrase would encrypt. */
static bool parse_secret_part(struct span part, struct secret_key *out, struct public_key *again,
                              struct err *e)
{
    struct span rest = part, type, both, comment;
    uint32_t check, check_again;
    if (part.n % BLOCK != 0 || !ssh_wire_take_u32(&rest, &check) ||
        !ssh_wire_take_u32(&rest, &check_again) || check != check_again)
        return err_set(e, ERR_FORMAT, "the private key's check numbers differ or are cut off");
    if (!ssh_wire_take_string(&rest, &type) || !span_eq(type, SSH_ED25519))
        return err_set(e, ERR_FORMAT, "the private key is not an ssh-ed25519 key");
    if (!ssh_wire_take_bytes(&rest, again->b, sizeof again->b) ||
        !ssh_wire_take_string(&rest, &both) || both.n != SEED_AND_PUBLIC ||
        !ssh_wire_take_string(&rest, &comment) || !check_padding(rest))
        return err_set(e, ERR_FORMAT, "the private key is malformed");
    secret_key_from_seed(both.p, out);
    if (!span_eq(span_skip(both, SIGN_SEED), span_of(out->public.b, sizeof out->public.b)))
        return err_set(e, ERR_FORMAT, "the private key is not that of its public key");
    return true;
}

static bool parse_cipher(struct span *rest, struct err *e)
{
    struct span cipher, kdf, options;
    if (!span_take(rest, MAGIC) || !ssh_wire_take_string(rest, &cipher) ||
        !ssh_wire_take_string(rest, &kdf) || !ssh_wire_take_string(rest, &options))
        return err_set(e, ERR_FORMAT, "not an openssh-key-v1 private key");
    if (!span_eq(cipher, SPAN("none"))) {
        err_set(e, ERR_FORMAT, "the private key is encrypted with a passphrase (%.*s)",
                SPAN_ARGS(cipher));
        return err_hint(e, "remove the passphrase with ssh-keygen -p -N '' -f FILE and protect the "
                           "file by its permissions");
    }
    if (!span_eq(kdf, SPAN("none")) || options.n != 0)
        return err_set(e, ERR_FORMAT, "an unencrypted private key names a key derivation");
    return true;
}

static bool parse_private(struct span blob, struct secret_key *out, struct err *e)
{
    struct span public_blob, part;
    struct public_key outer, inner;
    uint32_t keys;
    if (!parse_cipher(&blob, e))
        return false;
    if (!ssh_wire_take_u32(&blob, &keys) || keys != 1)
        return err_set(e, ERR_FORMAT, "the private key file does not hold exactly one key");
    if (!ssh_wire_take_string(&blob, &public_blob) || !ssh_wire_take_string(&blob, &part) ||
        blob.n != 0)
        return err_set(e, ERR_FORMAT, "the private key is cut off or has bytes behind it");
    if (!ssh_wire_parse_key(public_blob, &outer))
        return err_set(e, ERR_FORMAT, "the private key is not an ssh-ed25519 key");
    if (!parse_secret_part(part, out, &inner, e))
        return false;
    if (!public_key_eq(&outer, &out->public) || !public_key_eq(&inner, &out->public))
        return err_set(e, ERR_FORMAT, "the private key is not that of its public key");
    return true;
}

bool ssh_private_parse(struct span file, struct secret_key *out, struct err *e)
{
    struct buf digits = {0};
    struct secret_key k = {0};
    if (file.n > SSH_PRIVATE_MAX)
        return err_set(e, ERR_LIMIT, "the private key is larger than %d bytes", SSH_PRIVATE_MAX);
    bool good = ssh_armour_parse(file, LABEL, &digits, e);
    size_t n = good ? base64_size(buf_span(&digits)) : 0;
    uint8_t *blob = mem_new(n);
    if (good && !base64_bytes(buf_span(&digits), blob, n))
        good = err_set(e, ERR_FORMAT, "the private key is not canonical base64");
    if (good)
        good = parse_private(span_of(blob, n), &k, e);
    if (good)
        *out = k;
    mem_wipe_free(blob, n);
    mem_wipe_free(digits.p, digits.cap);
    secret_key_wipe(&k);
    return good;
}

/*
 * ssh-keygen puts the same random number twice in front, to recognise a wrong
 * passphrase. Without one it has no use, so it is made from the public key.
 */
static void write_check_numbers(struct buf *b, const struct public_key *k)
{
    struct hash h = sha256_of(span_of(k->b, sizeof k->b));
    buf_add(b, span_of(h.b, 4));
    buf_add(b, span_of(h.b, 4));
}

static void write_secret_part(struct buf *b, const struct secret_key *k, struct span comment)
{
    size_t start = b->n;
    write_check_numbers(b, &k->public);
    ssh_wire_key(b, &k->public);
    buf_be32(b, SEED_AND_PUBLIC);
    buf_add(b, span_of(k->seed, sizeof k->seed));
    buf_add(b, span_of(k->public.b, sizeof k->public.b));
    ssh_wire_string(b, comment);
    for (uint8_t i = 1; (b->n - start) % BLOCK != 0; i++)
        buf_byte(b, i);
}

void ssh_private_write(struct buf *b, const struct secret_key *k, struct span comment)
{
    enum { MOST = 512 + SSH_COMMENT_MAX }; /* so that no buffer with the seed moves as it grows */
    struct buf blob = {0}, part = {0}, key = {0};
    assert(comment.n <= SSH_COMMENT_MAX);
    buf_room(&part, MOST);
    buf_room(&blob, MOST);
    write_secret_part(&part, k, comment);
    ssh_wire_key(&key, &k->public);
    buf_add(&blob, MAGIC);
    ssh_wire_string(&blob, SPAN("none"));
    ssh_wire_string(&blob, SPAN("none"));
    ssh_wire_string(&blob, SPAN(""));
    buf_be32(&blob, 1);
    ssh_wire_string(&blob, buf_span(&key));
    ssh_wire_string(&blob, buf_span(&part));
    assert(part.n <= MOST && blob.n <= MOST);
    ssh_armour_write(b, LABEL, buf_span(&blob));
    mem_wipe_free(part.p, part.cap);
    mem_wipe_free(blob.p, blob.cap);
    buf_close(&key);
}
