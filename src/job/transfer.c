#include "job/transfer_take.h"

#include <string.h>

#include "format/json_write.h"
#include "job/notarize.h"
#include "job/statement.h"
#include "ledger/detached.h"
#include "study/receipt.h"
#include "study/study.h"
#include "study/unnamed.h"

bool transfer_open(struct session *s, struct home *h, struct catalog *c, struct span study,
                   const struct transfer_options *o, struct err *e)
{
    *s = (struct session){.home = h, .catalog = c, .options = o};
    s->study = arena_str(&s->arena, study);
    return home_study_conf(h, study, &s->arena, &s->conf, e) &&
           typing_of_study(h, study, &s->conf, &s->typing, e);
}

void transfer_close(struct session *s)
{
    typing_close(&s->typing);
    arena_close(&s->arena);
}

bool transfer_tell(const struct transfer_options *o, const struct transfer_result *r)
{
    return o->done == NULL || o->done(o->ctx, r);
}

/* --- one transfer, wherever it lies --- */

/* Told before the files are put away, and owed until it was told: a killed run tells it again. */
static bool tell(const struct session *s, const struct transfer_result *r, struct err *e)
{
    bool owed = r->outcome == TRANSFER_NOTARIZED || r->outcome == TRANSFER_REFUSED;
    bool told = transfer_tell(s->options, r);
    return !owed || !told || receipt_done(s->catalog, r->study, r->entry, e);
}

static bool pay(const struct session *s, const struct transfer_result *r, struct err *e)
{
    struct log *l;
    if (!log_open(s->home, r->study, &l, e))
        return false;
    bool good = transfer_pay(s->home, s->catalog, l, r->study, r->entry, s->options, e);
    log_close(l);
    return good;
}

/* Of one that is known, perhaps nobody was told: the catalog may be a new one. */
static bool is_paid(const struct session *s, const struct place *p, const struct transfer_result *r,
                    bool *out, struct err *e)
{
    if (!receipt_there(s->home, r->study, r->receipt, out, e))
        return false;
    if (*out && r->outcome == TRANSFER_KNOWN && p->put_away != NULL)
        return p->put_away(s, p, r, out, e);
    return true;
}

static bool conclude(const struct session *s, const struct place *p,
                     const struct transfer_result *r, const struct incoming *in,
                     transfer_after after, struct err *e)
{
    bool paid;
    return is_paid(s, p, r, &paid, e) && (paid ? tell(s, r, e) : pay(s, r, e)) &&
           (after == NULL || after(s, p, r, in, e));
}

bool transfer_tell_denied(const struct session *s, const char *name, struct err *e)
{
    struct issues issues = {0};
    struct transfer_result r = {.study = span_str(s->study),
                                .name = span_str(name),
                                .outcome = TRANSFER_WAITING,
                                .entry = ENTRY_NONE,
                                .issues = &issues};
    if (e->kind != ERR_STATE)
        return false;
    issues_add(&issues, ISSUE_TRANSFER_MALFORMED, name,
               "%s; the sender must let the group of the inbox read and write it", e->text);
    *e = (struct err){0};
    transfer_tell(s->options, &r);
    issues_close(&issues);
    return true;
}

struct taking {
    const struct session *session;
    const struct place *place;
};

static bool is_put_away(const void *ctx, const struct transfer_result *r, bool *out, struct err *e)
{
    const struct taking *t = ctx;
    return t->place->put_away(t->session, t->place, r, out, e);
}

/*
 * What no entry names is not kept, or no erasure would reach it: TRANSFER.json, which the text of
 * the transfer has, and all files of one that is refused as a whole.
 */
static bool forget_files(const struct session *s, const struct transfer_result *r,
                         const struct incoming *in, struct err *e)
{
    struct arena a = {0};
    struct hash *name = arena_array(&a, in->count, sizeof *name);
    bool refused = r->outcome == TRANSFER_REFUSED;
    size_t n = 0;
    for (size_t i = 0; i < in->count; i++)
        if (in->file[i].kept && (refused || span_eq(in->file[i].name, SPAN(STATEMENT_FILE))))
            name[n++] = in->file[i].hash;
    bool good = n == 0 || unnamed_destroy(s->home, s->catalog, name, n, e);
    arena_close(&a);
    return good;
}

bool transfer_take(const struct session *s, const struct place *p, transfer_after after,
                   struct err *e)
{
    const struct incoming_context context = {s->options->progress, s->options->ctx, s->catalog,
                                             span_str(s->study)};
    struct objects_put *put = objects_put_open(s->home);
    struct incoming in = {0};
    struct arena a = {0};
    struct transfer_result r;
    bool taken = p->take(s, p, put, &context, &in, e);
    bool good = taken && objects_put_commit(put, e);
    objects_put_close(put);
    if (good) {
        struct taking t = {s, p};
        struct notarization n = {.home = s->home,
                                 .catalog = s->catalog,
                                 .study = s->study,
                                 .typing = &s->typing,
                                 .options = s->options,
                                 .in = &in,
                                 .put_away = p->put_away != NULL ? is_put_away : NULL,
                                 .ctx = &t};
        good = notarize(&n, &a, &r, e) && conclude(s, p, &r, &in, after, e) &&
               forget_files(s, &r, &in, e);
    } else if (!taken && after != NULL) {
        good = transfer_tell_denied(s, p->name, e);
    }
    incoming_close(&in);
    arena_close(&a);
    return good || err_at(e, "%s", p->name == NULL ? "transfer" : p->name);
}

bool transfer_take_folder(const struct session *s, const struct place *p, struct objects_put *put,
                          const struct incoming_context *progress, struct incoming *in,
                          struct err *e)
{
    return incoming_folder(p->folder, span_str(p->name), &s->conf.limits, put, progress, in, e);
}

bool transfer_take_archive(const struct session *s, const struct place *p, struct objects_put *put,
                           const struct incoming_context *progress, struct incoming *in,
                           struct err *e)
{
    return incoming_archive(p->folder, p->name, p->sums, &s->conf.limits, put, progress, in, e);
}

static bool take_files(const struct session *s, const struct place *p, struct objects_put *put,
                       const struct incoming_context *progress, struct incoming *in, struct err *e)
{
    return incoming_files(p->paths, p->path, span_str(p->name), &s->conf.limits, put, progress, in,
                          e);
}

/* --- submit --- */

/* The folder that holds what `path` names, and the last part of it; "a/b/" is "a/b". */
static bool split_path(struct session *s, const char *path, int *folder, const char **name,
                       struct err *e)
{
    char *copy = arena_str(&s->arena, span_str(path));
    size_t n = strlen(copy);
    while (n > 1 && copy[n - 1] == '/')
        copy[--n] = '\0';
    char *slash = strrchr(copy, '/');
    *name = slash == NULL ? copy : slash + 1;
    if (slash == NULL)
        return dir_open_path(".", folder, e);
    *slash = '\0';
    return dir_open_path(slash == copy ? "/" : copy, folder, e);
}

static bool submit_folder(struct session *s, int parent, const char *name, struct err *e)
{
    struct place p = {.take = transfer_take_folder, .name = name, .folder = -1};
    bool good = dir_open(parent, name, &p.folder, e) && transfer_take(s, &p, NULL, e);
    dir_close(p.folder);
    return good;
}

static bool submit_one(struct session *s, char *const path[], struct err *e)
{
    struct file_info info = {0};
    const char *name = NULL;
    int parent = -1;
    bool good = split_path(s, path[0], &parent, &name, e) && file_stat(parent, name, &info, e);
    if (good && info.kind == FILE_ABSENT)
        good = err_set(e, ERR_USAGE, "%s: there is no such file or folder", path[0]);
    else if (good && info.kind == FILE_FOLDER)
        good = submit_folder(s, parent, name, e);
    else if (good && incoming_archive_check(span_str(name)))
        good = transfer_take(
            s, &(struct place){.take = transfer_take_archive, .folder = parent, .name = name}, NULL,
            e);
    else if (good)
        good = transfer_take(
            s, &(struct place){.take = take_files, .name = name, .paths = 1, .path = path}, NULL,
            e);
    dir_close(parent);
    return good;
}

static bool check_said(const char *text, const char *what, struct err *e)
{
    return text == NULL || span_utf8(span_str(text)) ||
           err_set(e, ERR_USAGE, "the %s is not UTF-8", what);
}

bool transfer_submit(struct home *h, struct catalog *c, struct span study, size_t paths,
                     char *const path[], const struct transfer_options *o, struct err *e)
{
    struct session s;
    if (!check_said(o->id, "id", e) || !check_said(o->reason, "reason", e))
        return false;
    bool good = transfer_open(&s, h, c, study, o, e);
    if (good && paths == 1)
        good = submit_one(&s, path, e);
    else if (good)
        good = transfer_take(
            &s, &(struct place){.take = take_files, .name = "files", .paths = paths, .path = path},
            NULL, e);
    transfer_close(&s);
    return good;
}

/* --- withdrawal --- */

static bool put_reason(struct home *h, struct span study, uint64_t index, struct span reason,
                       struct hash *out, struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    struct hash salt = {{0}};
    if (!home_random(h, study, index, "withdrawal", salt.b, e))
        return false;
    detached_begin(&o, ENTRY_WITHDRAWAL, salt);
    json_out_string(&o, "reason", reason);
    json_out_object_end(&o);
    bool good = objects_put_one(h, buf_span(&text), out, e);
    buf_close(&text);
    return good;
}

static bool check_not_withdrawn(const struct catalog_revision *revision, struct err *e)
{
    return revision->withdrawn == CATALOG_NONE ||
           err_set(e, ERR_USAGE, "it was withdrawn before, by entry %llu",
                   (unsigned long long)revision->withdrawn);
}

bool transfer_withdraw(struct home *h, struct catalog *c, struct span study,
                       const struct catalog_revision *revision, struct span reason, int64_t now,
                       uint64_t *entry, struct err *e)
{
    struct append *a = NULL;
    struct entry x = {.kind = ENTRY_WITHDRAWAL, .subject = revision->sha256};
    if (!span_utf8(reason) || reason.n == 0)
        return err_set(e, ERR_USAGE, "a withdrawal needs a reason, in UTF-8");
    /* Opening comes first: it publishes the withdrawal that a killed run had signed. */
    bool good = append_open(h, c, study, now, &a, e) && check_not_withdrawn(revision, e) &&
                study_note_system(h, c, study, a, e);
    if (good) {
        *entry = append_size(a);
        x.withdrawal.revision = revision->index;
        good = put_reason(h, study, *entry, reason, &x.withdrawal.details, e) &&
               append_add(a, &x, e) && append_commit(a, e);
    }
    append_close(a);
    return good;
}
