#include "format/sshsig.h"

#include <assert.h>
#include <string.h>

#include "crypto/sha256.h"
#include "crypto/sha512.h"
#include "format/base64.h"
#include "format/ssh_wire.h"

enum { VERSION = 1 };

#define MAGIC SPAN("SSHSIG")
#define LABEL SPAN("SSH SIGNATURE")

static struct span hash_name(bool sha256)
{
    return sha256 ? SPAN("sha256") : SPAN("sha512");
}

/* What both the blob and the signed data hold: namespace, reserved, hash. */
static void write_middle(struct buf *b, struct span space, bool sha256)
{
    ssh_wire_string(b, space);
    ssh_wire_string(b, SPAN(""));
    ssh_wire_string(b, hash_name(sha256));
}

/* The signed data (section 3). */
static void write_signed(struct buf *b, struct span space, bool sha256, struct span message)
{
    buf_add(b, MAGIC);
    write_middle(b, space, sha256);
    if (sha256) {
        struct hash h = sha256_of(message);
        ssh_wire_string(b, hash_span(&h));
    } else {
        uint8_t h[SHA512_SIZE];
        sha512_of(message, h);
        ssh_wire_string(b, span_of(h, sizeof h));
    }
}

static bool parse_hash(struct span name, bool *sha256)
{
    *sha256 = span_eq(name, hash_name(true));
    return *sha256 || span_eq(name, hash_name(false));
}

static bool parse_signature(struct span blob, struct signature *out)
{
    struct span type;
    return ssh_wire_take_string(&blob, &type) && span_eq(type, SSH_ED25519) &&
           ssh_wire_take_bytes(&blob, out->b, sizeof out->b) && blob.n == 0;
}

/* The blob (section 2). */
static bool parse_blob(struct span rest, struct sshsig *out, struct err *e)
{
    struct span key, reserved, hash, signature;
    uint32_t version;
    if (!span_take(&rest, MAGIC) || !ssh_wire_take_u32(&rest, &version) || version != VERSION)
        return err_set(e, ERR_FORMAT, "not an SSH signature of version 1");
    if (!ssh_wire_take_string(&rest, &key) || !ssh_wire_take_string(&rest, &out->space) ||
        !ssh_wire_take_string(&rest, &reserved) || !ssh_wire_take_string(&rest, &hash) ||
        !ssh_wire_take_string(&rest, &signature) || rest.n != 0)
        return err_set(e, ERR_FORMAT, "the SSH signature is cut off or has bytes behind it");
    if (!ssh_wire_parse_key(key, &out->key))
        return err_set(e, ERR_FORMAT, "the SSH signature is not by an ssh-ed25519 key");
    /* ssh-keygen holds namespaces as C strings */
    if (out->space.n == 0 || span_find(out->space, 0, '\0') != out->space.n)
        return err_set(e, ERR_FORMAT, "the SSH signature's namespace is empty or has a NUL");
    if (reserved.n != 0)
        return err_set(e, ERR_FORMAT, "the SSH signature's reserved field is not empty");
    if (!parse_hash(hash, &out->sha256))
        return err_set(e, ERR_FORMAT, "the SSH signature's hash is not sha256 or sha512");
    if (!parse_signature(signature, &out->signature))
        return err_set(e, ERR_FORMAT, "the SSH signature is not an ssh-ed25519 signature");
    return true;
}

bool sshsig_parse(struct arena *a, struct span armour, struct sshsig *out, struct err *e)
{
    struct buf digits = {0};
    struct span blob;
    struct sshsig s = {0};
    if (armour.n > SSHSIG_MAX)
        return err_set(e, ERR_LIMIT, "the SSH signature is larger than %d bytes", SSHSIG_MAX);
    bool good = ssh_armour_parse(armour, LABEL, &digits, e);
    if (good && !base64_parse(a, buf_span(&digits), &blob))
        good = err_set(e, ERR_FORMAT, "the SSH signature is not canonical base64");
    buf_close(&digits);
    if (!good || !parse_blob(blob, &s, e))
        return false;
    *out = s;
    return true;
}

bool sshsig_verify(const struct sshsig *s, struct span space, struct span message)
{
    struct buf b = {0};
    write_signed(&b, s->space, s->sha256, message);
    bool good = span_eq(s->space, space) && sign_verify(&s->key, buf_span(&b), &s->signature);
    buf_close(&b);
    return good;
}

/* string(string("ssh-ed25519") || string(signature)) */
static void write_signature(struct buf *b, struct signature s)
{
    struct buf inner = {0};
    ssh_wire_string(&inner, SSH_ED25519);
    ssh_wire_string(&inner, span_of(s.b, sizeof s.b));
    ssh_wire_string(b, buf_span(&inner));
    buf_close(&inner);
}

void sshsig_write(struct buf *b, const struct secret_key *k, struct span space, struct span message)
{
    struct buf data = {0}, blob = {0}, key = {0};
    assert(space.n > 0 && span_find(space, 0, '\0') == space.n);
    write_signed(&data, space, false, message);
    ssh_wire_key(&key, &k->public);
    buf_add(&blob, MAGIC);
    buf_be32(&blob, VERSION);
    ssh_wire_string(&blob, buf_span(&key));
    write_middle(&blob, space, false);
    write_signature(&blob, sign_message(k, buf_span(&data)));
    ssh_armour_write(b, LABEL, buf_span(&blob));
    buf_close(&data);
    buf_close(&blob);
    buf_close(&key);
}
