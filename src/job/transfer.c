#include "job/transfer.h"

#include <string.h>

#include "bundle/layout.h"
#include "format/json_write.h"
#include "job/details.h"
#include "job/notarize.h"
#include "job/receipt.h"
#include "job/study.h"
#include "ledger/detached.h"

#define CLAIMED ".claimed"
#define HELD    ".held"
#define REFUSED ".refused"

enum { SECONDS_OF_HOUR = 3600 };

struct session {
    struct home *home;
    struct catalog *catalog;
    const char *study;
    const struct transfer_options *options;
    struct conf_study conf;
    struct arena arena;
};

static bool session_open(struct session *s, struct home *h, struct catalog *c, struct span study,
                         const struct transfer_options *o, struct err *e)
{
    *s = (struct session){.home = h, .catalog = c, .options = o};
    s->study = arena_str(&s->arena, study);
    return home_study_conf(h, study, &s->arena, &s->conf, e);
}

static void session_close(struct session *s)
{
    arena_close(&s->arena);
}

static void tell(const struct transfer_options *o, const struct transfer_result *r)
{
    if (o->done != NULL)
        o->done(o->ctx, r);
}

/* --- one transfer, wherever it lies --- */

/* How to take one in; the bytes go to *put. */
struct place {
    bool (*take)(const struct session *s, const struct place *p, struct objects_put *put,
                 const struct incoming_progress *progress, struct incoming *in, struct err *e);
    int folder;
    const char *name, *sums;
    size_t paths;
    char *const *path;
};

/* What to do with the place once all is durable. */
typedef bool (*after_fn)(const struct session *s, const struct place *p,
                         const struct transfer_result *r, const struct incoming *in, struct err *e);

/* Told before the files are put away, and owed until it was told: a killed run tells it again. */
static bool conclude(const struct session *s, const struct place *p,
                     const struct transfer_result *r, const struct incoming *in, after_fn after,
                     struct err *e)
{
    bool owed = r->outcome == TRANSFER_NOTARIZED || r->outcome == TRANSFER_REFUSED;
    tell(s->options, r);
    return (!owed || receipt_done(s->catalog, r->study, r->entry, e)) &&
           (after == NULL || after(s, p, r, in, e));
}

/* `after` may be NULL. */
static bool take_in(const struct session *s, const struct place *p, after_fn after, struct err *e)
{
    const struct incoming_progress progress = {s->options->progress, s->options->ctx};
    struct objects_put *put = objects_put_open(s->home);
    struct incoming in = {0};
    struct arena a = {0};
    struct transfer_result r;
    bool good = p->take(s, p, put, &progress, &in, e) && objects_put_commit(put, e);
    objects_put_close(put);
    if (good) {
        struct notarization n = {s->home, s->catalog, s->study, s->options, &in};
        good = notarize(&n, &a, &r, e) && conclude(s, p, &r, &in, after, e);
    }
    incoming_close(&in);
    arena_close(&a);
    return good || err_at(e, "%s", p->name == NULL ? "transfer" : p->name);
}

static bool take_folder(const struct session *s, const struct place *p, struct objects_put *put,
                        const struct incoming_progress *progress, struct incoming *in,
                        struct err *e)
{
    return incoming_folder(p->folder, span_str(p->name), &s->conf.limits, put, progress, in, e);
}

static bool take_archive(const struct session *s, const struct place *p, struct objects_put *put,
                         const struct incoming_progress *progress, struct incoming *in,
                         struct err *e)
{
    return incoming_archive(p->folder, p->name, p->sums, &s->conf.limits, put, progress, in, e);
}

static bool take_files(const struct session *s, const struct place *p, struct objects_put *put,
                       const struct incoming_progress *progress, struct incoming *in, struct err *e)
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
    struct place p = {.take = take_folder, .name = name, .folder = -1};
    bool good = dir_open(parent, name, &p.folder, e) && take_in(s, &p, NULL, e);
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
        good = take_in(s, &(struct place){.take = take_archive, .folder = parent, .name = name},
                       NULL, e);
    else if (good)
        good =
            take_in(s, &(struct place){.take = take_files, .name = name, .paths = 1, .path = path},
                    NULL, e);
    dir_close(parent);
    return good;
}

bool transfer_submit(struct home *h, struct catalog *c, struct span study, size_t paths,
                     char *const path[], const struct transfer_options *o, struct err *e)
{
    struct session s;
    bool good = session_open(&s, h, c, study, o, e);
    if (good && paths == 1)
        good = submit_one(&s, path, e);
    else if (good)
        good = take_in(
            &s, &(struct place){.take = take_files, .name = "files", .paths = paths, .path = path},
            NULL, e);
    session_close(&s);
    return good;
}

/* --- inbox: claiming --- */

struct inbox {
    struct session *session;
    int folder, claimed, held, refused;
};

static bool inbox_open(struct inbox *b, struct session *s, struct err *e)
{
    *b = (struct inbox){s, -1, -1, -1, -1};
    return dir_open(s->home->inbox, s->study, &b->folder, e) &&
           dir_make(b->folder, CLAIMED, DIR_PRIVATE, e) &&
           dir_make(b->folder, HELD, DIR_PRIVATE, e) &&
           dir_make(b->folder, REFUSED, DIR_PRIVATE, e) &&
           dir_open(b->folder, CLAIMED, &b->claimed, e) && dir_open(b->folder, HELD, &b->held, e) &&
           dir_open(b->folder, REFUSED, &b->refused, e);
}

static void inbox_close(struct inbox *b)
{
    dir_close(b->folder);
    dir_close(b->claimed);
    dir_close(b->held);
    dir_close(b->refused);
}

static const char *sums_of(struct arena *a, const char *archive)
{
    struct buf b = {0};
    buf_str(&b, archive);
    buf_str(&b, ".sha256");
    const char *name = arena_str(a, buf_span(&b));
    buf_close(&b);
    return name;
}

/* --- inbox: what is done with the files afterwards --- */

/* "000000000042-NAME" */
static const char *numbered(struct arena *a, uint64_t entry, const char *name)
{
    struct buf b = {0};
    layout_index(&b, entry, BUNDLE_INDEX_DIGITS);
    buf_byte(&b, '-');
    buf_str(&b, name);
    const char *text = arena_str(a, buf_span(&b));
    buf_close(&b);
    return text;
}

/* Moves the whole transfer; where a killed run did so already, what is left is removed. */
static bool put_away(int from, const char *name, int to, const char *new_name, struct err *e)
{
    struct file_info there;
    if (!file_stat(to, new_name, &there, e))
        return false;
    return there.kind == FILE_ABSENT ? dir_move(from, name, to, new_name, e)
                                     : dir_remove_tree(from, name, e);
}

/* Where a transfer that is kept back goes; -1 if it is not. */
static int kept_back_in(const struct inbox *b, const struct transfer_result *r)
{
    if (r->outcome == TRANSFER_REFUSED)
        return b->refused;
    return r->held > 0 ? b->held : -1;
}

/*
 * Everything good is in objects: what was claimed can go. A transfer with held files is kept as
 * it came, below .held, also where a killed run had notarized it; one that was refused, below
 * .refused.
 */
static bool dispose(const struct session *s, const struct place *p, const struct transfer_result *r,
                    struct err *e)
{
    struct inbox b;
    struct arena a = {0};
    struct session unshared = *s;
    bool good = inbox_open(&b, &unshared, e);
    int target = kept_back_in(&b, r);
    if (good && target >= 0)
        good = put_away(b.claimed, p->name, target, numbered(&a, r->entry, p->name), e);
    else if (good)
        good = dir_remove_tree(b.claimed, p->name, e);
    if (good && p->sums != NULL)
        good = dir_remove_tree(b.claimed, p->sums, e);
    inbox_close(&b);
    arena_close(&a);
    return good;
}

/* Once, after the commit: the night has time for it, and bundles then never change. */
static bool deflate_files(const struct session *s, const struct incoming *in, struct err *e)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->file[i].kept && !objects_deflate(s->home, in->file[i].hash, e))
            return false;
    return true;
}

static bool finish(const struct session *s, const struct place *p, const struct transfer_result *r,
                   const struct incoming *in, struct err *e)
{
    return dispose(s, p, r, e) && (r->outcome != TRANSFER_NOTARIZED || deflate_files(s, in, e));
}

/* --- inbox: what lies there --- */

static bool take_claimed_folder(struct inbox *b, const char *name, struct err *e)
{
    struct place p = {.take = take_folder, .name = name, .folder = -1};
    bool good = dir_open(b->claimed, name, &p.folder, e) && take_in(b->session, &p, finish, e);
    dir_close(p.folder);
    return good;
}

static bool take_claimed_archive(struct inbox *b, const char *name, struct err *e)
{
    const char *sums = sums_of(&b->session->arena, name);
    struct file_info there;
    /* Killed between the two moves: the sums still lie in the inbox. */
    if (!file_stat(b->claimed, sums, &there, e))
        return false;
    if (there.kind == FILE_ABSENT && !dir_move(b->folder, sums, b->claimed, sums, e))
        return false;
    struct place p = {.take = take_archive, .folder = b->claimed, .name = name, .sums = sums};
    return take_in(b->session, &p, finish, e);
}

/* What an earlier run claimed and did not finish, or this one has just claimed. */
static bool take_claimed(struct inbox *b, struct err *e)
{
    struct dir_list list;
    if (!dir_list(b->claimed, ".", &b->session->arena, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.entry[i].name;
        bool good = true;
        if (list.entry[i].kind == FILE_FOLDER)
            good = take_claimed_folder(b, name, e);
        else if (incoming_archive_check(span_str(name)))
            good = take_claimed_archive(b, name, e);
        else if (!span_ends(span_str(name), SPAN(".sha256")))
            good = dir_remove_tree(b->claimed, name, e);
        if (!good)
            return false;
    }
    return true;
}

static void tell_waiting(struct inbox *b, const char *name, int64_t since)
{
    const struct session *s = b->session;
    struct issues issues = {0};
    uint64_t hours =
        s->options->now > since ? (uint64_t)(s->options->now - since) / SECONDS_OF_HOUR : 0;
    bool stale = hours >= s->conf.limits.stale_hours;
    issues_add(&issues, stale ? ISSUE_TRANSFER_STALE : ISSUE_TRANSFER_INCOMPLETE, name,
               "for %llu hours; its manifest, or a file that belongs to it, is missing",
               (unsigned long long)hours);
    struct transfer_result r = {.study = span_str(s->study),
                                .name = span_str(name),
                                .outcome = TRANSFER_WAITING,
                                .entry = ENTRY_NONE,
                                .issues = &issues};
    tell(s->options, &r);
    issues_close(&issues);
}

static bool claim(struct inbox *b, const char *name, struct err *e)
{
    return dir_move(b->folder, name, b->claimed, name, e);
}

/* A sender's permissions must not cost the others their night. */
static bool tell_unclaimed(struct inbox *b, const char *name, struct err *e)
{
    struct issues issues = {0};
    struct transfer_result r = {.study = span_str(b->session->study),
                                .name = span_str(name),
                                .outcome = TRANSFER_WAITING,
                                .entry = ENTRY_NONE,
                                .issues = &issues};
    if (e->kind != ERR_STATE)
        return false;
    issues_add(&issues, ISSUE_TRANSFER_MALFORMED, name,
               "%s; the sender must let the group of the inbox write to it", e->text);
    *e = (struct err){0};
    tell(b->session->options, &r);
    issues_close(&issues);
    return true;
}

static bool is_stale(const struct session *s, int64_t since)
{
    return s->options->now - since >= (int64_t)s->conf.limits.stale_hours * SECONDS_OF_HOUR;
}

/*
 * An incomplete transfer waits. One whose manifest came and that still lacks
 * files after the limit is taken in all the same: the missing ones are held.
 */
static bool claim_folder(struct inbox *b, const char *name, struct err *e)
{
    enum incoming_state state;
    int64_t since;
    struct buf manifest = {0};
    struct file_info info;
    if (!incoming_folder_state(b->folder, name, &state, &since, e))
        return false;
    buf_str(&manifest, name);
    buf_str(&manifest, "/" MANIFEST_FILE);
    buf_byte(&manifest, '\0');
    bool good = file_stat(b->folder, (const char *)manifest.p, &info, e);
    buf_close(&manifest);
    if (!good)
        return false;
    if (state == INCOMING_INCOMPLETE &&
        !(info.kind != FILE_ABSENT && is_stale(b->session, since))) {
        tell_waiting(b, name, since);
        return true;
    }
    return claim(b, name, e) ? take_claimed_folder(b, name, e) : tell_unclaimed(b, name, e);
}

static bool claim_archive(struct inbox *b, const char *name, struct err *e)
{
    const char *sums = sums_of(&b->session->arena, name);
    struct file_info archive, there;
    if (!file_stat(b->folder, name, &archive, e) || !file_stat(b->folder, sums, &there, e))
        return false;
    if (there.kind == FILE_ABSENT) {
        tell_waiting(b, name, archive.modified);
        return true;
    }
    return claim(b, name, e) ? take_claimed_archive(b, name, e) : tell_unclaimed(b, name, e);
}

/* A loose file, a link, sums without their archive: nobody may wait for it unheard. */
static bool tell_stray(struct inbox *b, const char *name, struct err *e)
{
    struct file_info info;
    if (!file_stat(b->folder, name, &info, e))
        return false;
    if (info.kind != FILE_ABSENT) /* sums went with their archive */
        tell_waiting(b, name, info.modified);
    return true;
}

static bool take_waiting(struct inbox *b, struct err *e)
{
    struct dir_list list;
    if (!dir_list(b->folder, ".", &b->session->arena, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.entry[i].name;
        bool good = true;
        if (name[0] == '.')
            continue;
        if (list.entry[i].kind == FILE_FOLDER)
            good = claim_folder(b, name, e);
        else if (list.entry[i].kind == FILE_REGULAR && incoming_archive_check(span_str(name)))
            good = claim_archive(b, name, e);
        else
            good = tell_stray(b, name, e);
        if (!good)
            return false;
    }
    return true;
}

bool transfer_inbox(struct home *h, struct catalog *c, struct span study,
                    const struct transfer_options *o, struct err *e)
{
    struct session s;
    struct inbox b = {.folder = -1, .claimed = -1, .held = -1, .refused = -1};
    bool good = session_open(&s, h, c, study, o, e) && inbox_open(&b, &s, e) &&
                take_claimed(&b, e) && take_waiting(&b, e);
    inbox_close(&b);
    session_close(&s);
    return good;
}

/* --- receipts that are owed --- */

struct owed {
    uint64_t *entry;
    size_t count, cap;
};

static bool note_owed(void *ctx, uint64_t transfer, struct err *e)
{
    struct owed *o = ctx;
    (void)e;
    o->entry = mem_room(o->entry, o->count, &o->cap, sizeof *o->entry);
    o->entry[o->count++] = transfer;
    return true;
}

/* The issues that a receipt repeats. */
static void collect_issues(const struct receipt *r, struct arena *a, struct issues *out)
{
    for (size_t i = 0; i < r->details.files; i++) {
        const struct details_file *f = &r->details.file[i];
        for (size_t k = 0; k < f->issues; k++) {
            enum issue_id id = issue_find(f->issue[k].id);
            if (id < ISSUE_COUNT)
                issues_add(out, id, arena_str(a, f->issue[k].place), "%.*s",
                           SPAN_ARGS(f->issue[k].detail));
        }
    }
}

static void tell_receipt(const struct receipt *r, const struct transfer_options *o, struct arena *a)
{
    struct issues issues = {0};
    struct transfer_result result = {.study = r->study,
                                     .name = r->name,
                                     .outcome = TRANSFER_REFUSED,
                                     .entry = r->index,
                                     .receipt = r->folder,
                                     .issues = &issues};
    if (r->entry.kind == ENTRY_TRANSFER) {
        result.outcome = TRANSFER_NOTARIZED;
        result.received = r->entry.transfer.received;
        result.new = r->entry.transfer.new;
        result.unchanged = r->entry.transfer.unchanged;
        result.held = r->entry.transfer.held;
        result.revisions = r->entry.transfer.revisions;
    }
    collect_issues(r, a, &issues);
    tell(o, &result);
    issues_close(&issues);
}

bool transfer_recover(struct home *h, struct catalog *c, struct span study,
                      const struct transfer_options *o, struct err *e)
{
    struct owed owed = {0};
    struct append *a = NULL; /* opening it publishes what a killed run had signed */
    bool good = append_open(h, c, study, o->now, &a, e) &&
                catalog_each_pending(c, study, note_owed, &owed, e);
    for (size_t i = 0; good && i < owed.count; i++) {
        struct arena arena = {0};
        struct receipt r;
        good = receipt_write(h, c, append_log(a), study, owed.entry[i], &arena, &r, e);
        if (good) {
            tell_receipt(&r, o, &arena);
            good = receipt_done(c, study, owed.entry[i], e);
        }
        arena_close(&arena);
    }
    append_close(a);
    mem_free(owed.entry);
    return good;
}

/* --- withdrawal --- */

static bool put_reason(struct home *h, struct span study, uint64_t index, struct span reason,
                       struct hash *out, struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    struct hash salt;
    if (!home_random(h, study, index, "withdrawal", salt.b, e))
        return false;
    detached_begin(&o, ENTRY_WITHDRAWAL, salt);
    json_out_string(&o, "reason", reason);
    json_out_object_end(&o);
    bool good = objects_put_one(h, buf_span(&text), out, e);
    buf_close(&text);
    return good;
}

bool transfer_withdraw(struct home *h, struct catalog *c, struct span study,
                       const struct catalog_revision *revision, struct span reason, int64_t now,
                       uint64_t *entry, struct err *e)
{
    struct append *a = NULL;
    struct entry x = {.kind = ENTRY_WITHDRAWAL, .subject = revision->sha256};
    if (revision->withdrawn != CATALOG_NONE)
        return err_set(e, ERR_USAGE, "it was withdrawn before, by entry %llu",
                       (unsigned long long)revision->withdrawn);
    if (!span_utf8(reason) || reason.n == 0)
        return err_set(e, ERR_USAGE, "a withdrawal needs a reason, in UTF-8");
    bool good = append_open(h, c, study, now, &a, e) && study_note_system(h, c, study, a, e);
    if (good) {
        *entry = append_size(a);
        x.withdrawal.revision = revision->index;
        good = put_reason(h, study, *entry, reason, &x.withdrawal.details, e) &&
               append_add(a, &x, e) && append_commit(a, e);
    }
    append_close(a);
    return good;
}
