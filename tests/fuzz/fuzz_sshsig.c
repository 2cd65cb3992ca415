/* Signatures, keys and allowed_signers of OpenSSH: what is read is written back as it was. */
#include <stdlib.h>

#include "format/base64.h"
#include "format/ssh_key.h"
#include "format/ssh_signers.h"
#include "format/ssh_wire.h"
#include "format/sshsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void string(struct buf *b, struct buf *inner)
{
    ssh_wire_string(b, buf_span(inner));
    buf_close(inner);
}

/* The armour of a signature that was read; sshsig_write needs the key to make one. */
static void rewrite(struct buf *b, const struct sshsig *s)
{
    struct buf blob = {0}, key = {0}, signature = {0};
    ssh_wire_key(&key, &s->key);
    ssh_wire_string(&signature, SSH_ED25519);
    ssh_wire_string(&signature, span_of(s->signature.b, sizeof s->signature.b));
    buf_str(&blob, "SSHSIG");
    buf_be32(&blob, 1);
    string(&blob, &key);
    ssh_wire_string(&blob, s->space);
    ssh_wire_string(&blob, SPAN(""));
    ssh_wire_string(&blob, s->sha256 ? SPAN("sha256") : SPAN("sha512"));
    string(&blob, &signature);
    ssh_armour_write(b, SPAN("SSH SIGNATURE"), buf_span(&blob));
    buf_close(&blob);
}

static void try_signature(struct arena *a, struct span text)
{
    struct sshsig s;
    struct buf b = {0};
    if (!sshsig_parse(a, text, &s, NULL))
        return;
    rewrite(&b, &s);
    must(span_eq(buf_span(&b), text));
    must(!sshsig_verify(&s, SPAN("never"), SPAN("signed")));
    buf_close(&b);
}

static void try_keys(struct span text)
{
    struct public_key public;
    struct secret_key secret, again;
    struct buf b = {0};
    if (ssh_key_parse(text, &public, NULL)) {
        ssh_key_write(&b, &public);
        must(ssh_key_parse(buf_span(&b), &again.public, NULL));
        must(public_key_eq(&public, &again.public));
    }
    buf_clear(&b);
    if (ssh_private_parse(text, &secret, NULL)) {
        ssh_private_write(&b, &secret, SPAN("comment"));
        must(ssh_private_parse(buf_span(&b), &again, NULL));
        must(public_key_eq(&secret.public, &again.public));
    }
    buf_close(&b);
}

static void try_signers(struct arena *a, struct span text)
{
    struct ssh_signers s;
    if (!ssh_signers_parse(a, text, &s, NULL))
        return;
    must(s.count <= SSH_SIGNERS_MAX);
    for (size_t i = 0; i < s.count; i++) {
        const struct ssh_signer *one = &s.signer[i];
        must(one->principals.n > 0 && one->valid_after < one->valid_before);
        const struct ssh_signer *found =
            ssh_signers_find(&s, &one->key, SPAN("trialseal-bundle"), one->valid_after);
        must(found == NULL || !found->authority);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct span text = span_of(data, size);
    try_signature(&a, text);
    try_keys(text);
    try_signers(&a, text);
    arena_close(&a);
    return 0;
}
