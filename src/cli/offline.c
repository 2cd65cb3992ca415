#include "cli/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- reading --- */

struct input {
    int fd;
    const char *path;
    uint64_t size;
};

static bool failed(struct err *e, const char *verb, const char *path)
{
    return err_set(e, errno == ENOENT ? ERR_USAGE : ERR_IO, "cannot %s %s: %s", verb, path,
                   strerror(errno));
}

static bool input_read_at(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    const struct input *in = ctx;
    uint8_t *to = p;
    while (n > 0) {
        ssize_t got = pread(in->fd, to, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(e, "read", in->path);
        if (got == 0)
            return err_set(e, ERR_IO, "%s became shorter while it was read", in->path);
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

/* O_NONBLOCK: opening a FIFO must not wait for ever. */
static bool input_open(int folder, const char *path, struct input *in, struct err *e)
{
    struct stat st;
    *in = (struct input){openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), path, 0};
    if (in->fd < 0)
        return failed(e, "open", path);
    if (fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode)) {
        in->size = (uint64_t)st.st_size;
        return true;
    }
    close(in->fd);
    in->fd = -1;
    return err_set(e, ERR_USAGE, "%s is not a file", path);
}

static struct source input_source(struct input *in)
{
    return (struct source){input_read_at, in, in->size};
}

static void input_close(struct input *in)
{
    if (in->fd >= 0)
        close(in->fd);
}

static bool read_small(int folder, const char *path, size_t max, struct arena *a, struct span *out,
                       struct err *e)
{
    struct input in;
    if (!input_open(folder, path, &in, e))
        return false;
    bool good = in.size <= max || err_set(e, ERR_LIMIT, "%s is larger than %zu bytes", path, max);
    if (good) {
        uint8_t *p = arena_new(a, (size_t)in.size + 1);
        good = input_read_at(&in, 0, p, (size_t)in.size, e);
        *out = span_of(p, (size_t)in.size);
    }
    input_close(&in);
    return good;
}

/* --- the trust folder --- */

/* A tsa.pem may be absent: then *out stays empty. Anything else that keeps it from being read is
 * an error: it must not look absent. */
static bool read_authorities(int folder, struct arena *a, struct span *out, struct err *e)
{
    *out = span_of(NULL, 0);
    if (faccessat(folder, "tsa.pem", F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        return true;
    return read_small(folder, "tsa.pem", BUNDLE_TSA_MAX, a, out, e);
}

static bool read_trust(int folder, struct arena *a, struct trust *out, struct err *e)
{
    struct span policy, signers, authorities;
    return read_small(folder, "policy", POLICY_MAX, a, &policy, e) &&
           read_small(folder, "allowed_signers", SSH_FILE_MAX, a, &signers, e) &&
           read_authorities(folder, a, &authorities, e) &&
           trust_parse(a, policy, signers, authorities, out, e);
}

static bool open_trust(const char *path, struct arena *a, struct trust *out, struct err *e)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 ? read_trust(folder, a, out, e) : failed(e, "open", path);
    if (folder >= 0)
        close(folder);
    if (good)
        return true;
    err_at(e, "trust folder");
    return err_hint(e, "it holds the files policy and allowed_signers, which you got separately "
                       "from the bundle");
}

/* --- with an earlier bundle --- */

struct job {
    const struct offline *o;
    const struct trust *trust;
    struct arena *a;
    struct issues *issues;
    struct offline_result *out;
};

static bool verify_with(const struct job *j, struct source in, const struct checkpoint *known,
                        struct issues *issues, struct verdict *out, struct err *e)
{
    struct known_state state = {0};
    struct verify_options options = {.trust = j->trust,
                                     .checker = j->o->checker,
                                     .now = j->o->now,
                                     .progress = j->o->progress,
                                     .ctx = j->o->ctx};
    if (known != NULL) {
        state = (struct known_state){known->size, known->root};
        options.known = &state;
    }
    return bundle_verify(in, &options, j->a, issues, out, e);
}

/* The earlier bundle turns out to be the later one: it must contain what the bundle shows. */
static bool verify_later(const struct job *j, struct source later, const struct checkpoint *known,
                         struct err *e)
{
    struct issues found = {0};
    struct verdict ignored = {0};
    bool done = verify_with(j, later, known, &found, &ignored, e);
    j->out->compared = ignored.compared;
    for (size_t i = 0; i < found.samples; i++) {
        const struct issue *x = &found.sample[i];
        issues_add(j->issues, x->id, j->o->previous, "%s%s%s", x->place,
                   x->place[0] != '\0' ? ": " : "", x->detail);
    }
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++)
        if (found.count[id] > ISSUE_SAMPLES)
            j->issues->count[id] += found.count[id] - ISSUE_SAMPLES;
    issues_close(&found);
    return done;
}

/* A checkpoint, and the log key that signed it. */
struct state {
    struct checkpoint checkpoint;
    struct public_key key;
};

static bool same_ledger(const struct job *j, const struct state *here, const struct state *there)
{
    if (!span_eq(here->checkpoint.origin, there->checkpoint.origin))
        issues_add(j->issues, ISSUE_LEDGER_OTHER, j->o->previous, "it is of %.*s",
                   SPAN_ARGS(there->checkpoint.origin));
    else if (!public_key_eq(&here->key, &there->key))
        issues_add(j->issues, ISSUE_LEDGER_OTHER, j->o->previous, "another log key signed it");
    else
        return true;
    return false;
}

static bool compare(const struct job *j, struct source in, struct source previous,
                    const struct checkpoint *here, const struct checkpoint *there, struct err *e)
{
    struct offline_result *out = j->out;
    out->compared_size = there->size;
    out->older = there->size > here->size;
    if (out->older)
        return verify_with(j, in, NULL, j->issues, &out->verdict, e) &&
               verify_later(j, previous, here, e);
    bool done = verify_with(j, in, there, j->issues, &out->verdict, e);
    out->compared = out->verdict.compared;
    return done;
}

static bool verify_and_compare(const struct job *j, struct source in, struct err *e)
{
    struct input file;
    struct state here = {0}, there = {0};
    struct issues of_here = {0}, of_there = {0};
    if (!input_open(AT_FDCWD, j->o->previous, &file, e))
        return false;
    struct source previous = input_source(&file);
    bool done = bundle_checkpoint(previous, j->trust, j->o->previous, j->a, &of_there,
                                  &there.checkpoint, &there.key, e) &&
                bundle_checkpoint(in, j->trust, j->o->bundle, j->a, &of_here, &here.checkpoint,
                                  &here.key, e);
    bool comparable =
        issues_count(&of_there, SEVERITY_BAD) == 0 && issues_count(&of_here, SEVERITY_BAD) == 0;
    issues_join(j->issues, &of_there);
    if (done)
        done = comparable && same_ledger(j, &here, &there)
                   ? compare(j, in, previous, &here.checkpoint, &there.checkpoint, e)
                   : verify_with(j, in, NULL, j->issues, &j->out->verdict, e);
    issues_close(&of_there);
    issues_close(&of_here);
    input_close(&file);
    return done;
}

/* --- the job --- */

bool offline_verify(const struct offline *o, struct arena *a, struct issues *issues,
                    struct offline_result *out, struct err *e)
{
    struct trust trust;
    struct input file;
    struct job j = {o, NULL, a, issues, out};
    *out = (struct offline_result){0};
    if (o->trust != NULL) {
        if (!open_trust(o->trust, a, &trust, e))
            return false;
        j.trust = &trust;
        out->trusted = true;
        out->folder = trust.fingerprint;
    }
    if (!input_open(AT_FDCWD, o->bundle, &file, e))
        return false;
    struct source in = input_source(&file);
    bool done = o->previous != NULL ? verify_and_compare(&j, in, e)
                                    : verify_with(&j, in, NULL, issues, &out->verdict, e);
    input_close(&file);
    /* Whoever asks for a comparison must not get silence for an answer. */
    if (o->previous != NULL && !out->compared && issues_count(issues, SEVERITY_BAD) == 0)
        issues_add(issues, ISSUE_LEDGER_OTHER, o->previous, "the two could not be compared");
    const struct verdict *v = &out->verdict;
    out->verified = done && out->trusted && issues_count(issues, SEVERITY_BAD) == 0 &&
                    v->notary_good && v->log_good && v->root_good;
    return done;
}
