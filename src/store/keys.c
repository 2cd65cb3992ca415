#include "store/keys.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "format/ssh_key.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/home_file.h"

static const char *with_suffix(struct arena *a, const char *name)
{
    struct buf b = {0};
    buf_str(&b, name);
    buf_str(&b, ".pub");
    const char *s = arena_str(a, buf_span(&b));
    buf_close(&b);
    return s;
}

const char *keys_log(struct arena *a, struct span study)
{
    struct buf b = {0};
    buf_str(&b, "log-");
    buf_add(&b, study);
    const char *s = arena_str(a, buf_span(&b));
    buf_close(&b);
    return s;
}

/* --- making --- */

static bool write_private(struct home *h, const char *name, const struct secret_key *k,
                          struct err *e)
{
    struct buf b = {0};
    ssh_private_write(&b, k, span_str(name));
    bool ok = publish_new(h->keys, name, buf_span(&b), FILE_SECRET, e);
    mem_wipe_free(b.p, b.cap);
    return ok;
}

static bool write_public(struct home *h, const char *name, const struct public_key *k,
                         struct err *e)
{
    struct arena a = {0};
    struct buf b = {0};
    ssh_key_write(&b, k);
    buf_byte(&b, ' ');
    buf_str(&b, name);
    buf_byte(&b, '\n');
    bool ok = publish(h->keys, with_suffix(&a, name), buf_span(&b), FILE_SHARED, e);
    buf_close(&b);
    arena_close(&a);
    return ok;
}

bool keys_make(struct home *h, const char *name, struct err *e)
{
    uint8_t seed[SIGN_SEED];
    struct secret_key k;
    if (!home_random(h, span_str(name), 0, "key", seed, e))
        return false;
    secret_key_from_seed(seed, &k);
    explicit_bzero(seed, sizeof seed);
    bool ok = write_private(h, name, &k, e) && write_public(h, name, &k.public, e);
    secret_key_wipe(&k);
    return ok || err_at(e, "keys");
}

/* --- reading --- */

static bool check_secret(const struct home *h, const char *name, struct err *e)
{
    struct file_info info;
    if (!file_stat(h->keys, name, &info, e))
        return err_at(e, "keys");
    if (info.kind == FILE_ABSENT) {
        err_set(e, ERR_STATE, "keys/%s is missing", name);
        return err_hint(e, "restore it from the backup of keys/; nothing can be signed without it");
    }
    if ((info.mode & 077) != 0 || info.owner != geteuid()) {
        err_set(e, ERR_STATE, "keys/%s has mode %04o and owner %u: it must be ours alone", name,
                info.mode, info.owner);
        return err_hint(e, "if nobody else can have read it: chmod 600 keys/%s", name);
    }
    return true;
}

/* Reads into a buffer of our own, not an arena, so that no copy outlives the wipe. */
static bool read_private(const struct home *h, const char *name, struct secret_key *out,
                         struct err *e)
{
    uint8_t bytes[SSH_PRIVATE_MAX];
    struct file f;
    size_t n = 0;
    if (!check_secret(h, name, e))
        return false;
    if (!file_open(h->keys, name, &f, e))
        return err_at(e, "keys");
    bool ok = file_read_at(&f, 0, bytes, sizeof bytes, &n, e) &&
              ssh_private_parse(span_of(bytes, n), out, e);
    file_close(&f);
    explicit_bzero(bytes, sizeof bytes);
    return ok || err_at(e, "keys/%s", name);
}

bool keys_public(const struct home *h, const char *name, struct public_key *out, struct err *e)
{
    struct arena a = {0};
    struct span text, line;
    bool ok = file_read_all(h->keys, with_suffix(&a, name), SSH_PRIVATE_MAX, &a, &text, e);
    if (ok && (!span_line(&text, &line) || text.n > 0))
        ok = err_set(e, ERR_FORMAT, "not one line");
    ok = ok && ssh_key_parse(line, out, e);
    arena_close(&a);
    if (ok)
        return true;
    err_at(e, "keys/%s.pub", name);
    return err_hint(e, "in keys/: ssh-keygen -y -f %s > %s.pub", name, name);
}

bool keys_check_notary(const struct home *h, struct span named, struct err *e)
{
    struct public_key here, first;
    if (!keys_public(h, KEYS_NOTARY, &here, e))
        return false;
    if (ssh_key_parse(named, &first, NULL) && public_key_eq(&here, &first))
        return true;
    err_set(e, ERR_STATE, "keys/%s is not the key that entry 0 of the ledger names", KEYS_NOTARY);
    return err_hint(e, "restore it from the backup of keys/; nobody would believe this one");
}

bool keys_ensure(struct home *h, const char *name, struct err *e)
{
    struct arena a = {0};
    struct file_info private, public;
    struct secret_key k;
    bool ok = file_stat(h->keys, name, &private, e) &&
              file_stat(h->keys, with_suffix(&a, name), &public, e);
    arena_close(&a);
    if (!ok)
        return err_at(e, "keys");
    if (private.kind == FILE_ABSENT)
        return keys_make(h, name, e);
    if (public.kind != FILE_ABSENT)
        return true;
    if (!read_private(h, name, &k, e))
        return false;
    ok = write_public(h, name, &k.public, e);
    secret_key_wipe(&k);
    return ok;
}

/* Signing with another key than the one that everybody knows could never be taken back. */
bool keys_load(const struct home *h, const char *name, struct secret_key *out, struct err *e)
{
    struct public_key known;
    if (!keys_public(h, name, &known, e) || !read_private(h, name, out, e))
        return false;
    if (public_key_eq(&out->public, &known))
        return true;
    secret_key_wipe(out);
    err_set(e, ERR_STATE, "keys/%s: its .pub file is of another key", name);
    return err_hint(e, "restore both from the backup of keys/; nothing was signed");
}

bool keys_passwords(const struct home *h, struct arena *a, const char **out, struct err *e)
{
    struct file_info info;
    *out = NULL;
    if (!file_stat(h->keys, KEYS_PASSWORDS, &info, e))
        return err_at(e, "keys");
    if (info.kind == FILE_ABSENT)
        return true;
    if (info.kind != FILE_REGULAR)
        return err_set(e, ERR_STATE, "keys/" KEYS_PASSWORDS " is not a regular file");
    if (!check_secret(h, KEYS_PASSWORDS, e))
        return false;
    *out = home_join(a, home_join(a, h->path, "keys"), KEYS_PASSWORDS);
    return true;
}

bool keys_list(const struct home *h, struct arena *a, struct keys_list *out, struct err *e)
{
    struct dir_list l;
    *out = (struct keys_list){0};
    if (!dir_list(h->keys, ".", a, &l, e))
        return err_at(e, "keys");
    out->entry = arena_array(a, l.count, sizeof out->entry[0]);
    for (size_t i = 0; i < l.count; i++) {
        struct keys_entry *x = &out->entry[out->count];
        struct span name = span_str(l.entry[i].name);
        if (!span_ends(name, SPAN(".pub")))
            continue;
        x->name = arena_str(a, span_of(name.p, name.n - 4));
        if (!keys_public(h, x->name, &x->key, e))
            return false;
        out->count++;
    }
    return true;
}
