/* Seals of bundles; the file is replaced whole. */
#include <string.h>

#include "job/reseal.h"
#include "job/seal.h"
#include "job/seal_files.h"
#include "os/dir.h"
#include "os/publish.h"

struct bundle_file {
    int folder;
    const char *name;
    struct file file;
    unsigned mode;
    struct reseal *reseal;
};

static void close_bundle(struct bundle_file *b)
{
    reseal_close(b->reseal);
    file_close(&b->file);
    dir_close(b->folder);
}

static bool open_bundle(const char *path, struct arena *a, struct bundle_file *b, struct err *e)
{
    char *folder = arena_str(a, span_str(path));
    char *slash = strrchr(folder, '/');
    struct file_info info;
    *b = (struct bundle_file){.folder = -1, .file.fd = -1};
    b->name = slash == NULL ? path : arena_str(a, span_str(slash + 1));
    if (slash != NULL)
        *slash = '\0';
    if (!dir_open_path(slash == NULL     ? "."
                       : slash == folder ? "/"
                                         : folder,
                       &b->folder, e) ||
        !file_open(b->folder, b->name, &b->file, e) || !file_stat(b->folder, b->name, &info, e))
        return false;
    b->mode = info.mode & 0666; /* as it was, but never to be run */
    return reseal_open(&b->file, &b->reseal, e);
}

/* What was written is read again before it takes the place of what may be the only copy. */
static bool check_written(struct temp *t, unsigned seals, struct hash *hash, struct err *e)
{
    struct reseal *again = NULL;
    struct sha256 sha;
    sha256_begin(&sha);
    bool good = reseal_open(&t->file, &again, e) &&
                source_copy(file_source(&t->file), sha256_sink(&sha), e);
    if (good && reseal_verdict(again)->seals != seals)
        good = err_set(e, ERR_IO, "the bundle was not written as it should be");
    reseal_close(again);
    *hash = sha256_end(&sha);
    return good;
}

struct counted_sink {
    struct sink to;
    uint64_t written;
};

static bool write_counted(void *ctx, struct span s, struct err *e)
{
    struct counted_sink *c = ctx;
    c->written += s.n;
    return c->to.write(c->to.ctx, s, e);
}

static bool replace(struct bundle_file *b, struct span token, struct span crls,
                    struct seal_result *out, struct err *e)
{
    struct temp t;
    if (!temp_open(b->folder, b->mode, &t, e))
        return false;
    struct counted_sink sink = {file_sink(&t.file), 0};
    out->number = reseal_verdict(b->reseal)->seals + 1;
    bool good = reseal_write(b->reseal, token, crls, (struct sink){write_counted, &sink}, e);
    t.file.size = sink.written;
    good = good && check_written(&t, out->number, &out->hash, e) &&
           temp_publish(&t, b->folder, b->name, e);
    temp_drop(&t);
    out->outcome = SEAL_MADE;
    return good;
}

/*
 * A chain of seals must not get weaker (FORMAT 6.5): the hash is at least that of the last seal.
 * One that is not good here can be covered by a new one all the same, for those who believe it.
 */
static bool keep_strength(struct bundle_file *b, struct authorities *t, struct arena *a,
                          struct err *e)
{
    struct span token, list;
    struct sealed last;
    struct err ignored = {0};
    const struct seal_checker *c = &authority_checker;
    if (!reseal_last(b->reseal, a, &token, &list, e))
        return false;
    if (token.n > 0 && c->check(c->ctx, token, list, t->roots, SPAN(""), a, &last, &ignored) &&
        last.bits > t->conf.hash_bits)
        t->conf.hash_bits = last.bits;
    return true;
}

static bool ask(struct bundle_file *b, struct authorities *t, bool sha512, struct arena *a,
                struct seal_result *out, struct err *e)
{
    struct span list, token;
    bool found;
    if (!keep_strength(b, t, a, e) || !reseal_list(b->reseal, sha512, &list, e) ||
        !authority_ask(t, list, span_str(b->name), reseal_verdict(b->reseal)->seals + 1, a, &token,
                       &out->token, &found, e))
        return false;
    if (found)
        return replace(b, token, t->crls, out, e);
    seal_wait(out, b->name, t);
    return true;
}

bool seal_bundle(const char *path, struct authorities *t, bool renew, bool sha512, int64_t now,
                 struct arena *a, struct seal_result *out, struct err *e)
{
    struct bundle_file b;
    *out = (struct seal_result){0};
    bool good = open_bundle(path, a, &b, e);
    if (good && (renew || reseal_verdict(b.reseal)->seals == 0))
        good = ask(&b, t, sha512, a, out, e);
    if (good && out->outcome == SEAL_MADE)
        seal_check_clock(out, path, now);
    close_bundle(&b);
    return good;
}

/* --- by files --- */

bool seal_request_bundle(const char *path, struct authorities *t, bool sha512, const char *folder,
                         struct arena *a, const char **name, struct err *e)
{
    struct bundle_file b;
    struct span list;
    struct buf request = {0}, file = {0};
    bool good = open_bundle(path, a, &b, e) && keep_strength(&b, t, a, e) &&
                reseal_list(b.reseal, sha512, &list, e);
    if (good) {
        unsigned number = reseal_verdict(b.reseal)->seals + 1;
        struct span stem = span_str(b.name);
        stem.n -= span_ends(stem, SPAN(".zip")) ? 4 : 0;
        buf_add(&file, stem);
        buf_str(&file, "-seal-");
        layout_index(&file, number, BUNDLE_SEAL_DIGITS);
        *name = arena_str(a, buf_span(&file));
        good = authority_request(t, list, stem, number, &request, e) &&
               seal_files_write(folder, *name, buf_span(&request), list, e);
    }
    buf_close(&request);
    buf_close(&file);
    close_bundle(&b);
    return good;
}

/* Whether the list was to have SHA-512 shows in what the answer is over. */
static bool match_list(struct bundle_file *b, const struct seal_answer *x,
                       const struct authorities *t, struct arena *a, struct seal_token *out,
                       struct err *e)
{
    struct span list;
    struct err first = {0};
    if (!reseal_list(b->reseal, false, &list, e))
        return false;
    if (seal_reply_check(x->token, x->request, list, t->roots, t->crls, a, out, &first))
        return true;
    if (first.kind == ERR_FORMAT && reseal_list(b->reseal, true, &list, e) &&
        seal_reply_check(x->token, x->request, list, t->roots, t->crls, a, out, e))
        return true;
    *e = first;
    return err_hint(e, "a seal is asked for again when the bundle got another one meanwhile");
}

bool seal_import_bundle(const char *path, const struct seal_answer *x, const struct authorities *t,
                        struct arena *a, struct seal_result *out, struct err *e)
{
    struct bundle_file b;
    *out = (struct seal_result){0};
    bool good = open_bundle(path, a, &b, e) && match_list(&b, x, t, a, &out->token, e) &&
                replace(&b, x->token, t->crls, out, e);
    close_bundle(&b);
    return good;
}
