#include "keep/restore.h"

#include <fcntl.h>

#include "base/buf.h"
#include "keep/restore_part.h"
#include "os/dir.h"
#include "store/keys.h"
#include "study/needed.h"
#include "study/restored.h"
#include "study/study.h"

/* --- the home, beside its place --- */

static bool copy_files(struct restoring *r, struct err *e)
{
    return restoring_copy(r, r->data, HOME_CONF, e) && restoring_copy(r, r->data, HOME_TSA, e) &&
           restoring_copy(r, r->data, "studies", e) && restoring_copy(r, r->data, "outbox", e) &&
           restoring_copy(r, r->secrets, "keys", e);
}

static bool put_files(struct restoring *r, struct home *h, struct err *e)
{
    r->home = h;
    r->batch = batch_open();
    bool ok = copy_files(r, e) && batch_commit(r->batch, e) && home_load(h, e) &&
              restoring_missing(r, r->data, e) && restoring_missing(r, r->secrets, e);
    batch_close(r->batch);
    return ok;
}

static bool check_notary(struct restoring *r, struct err *e)
{
    struct public_key notary;
    return keys_public(r->home, KEYS_NOTARY, &notary, e) ||
           err_hint(e, "is %s the backup of keys of this home?", r->options->secrets);
}

static bool contradicted(const struct issues *found)
{
    return found->count[ISSUE_BACKUP_BEHIND] > 0 || found->count[ISSUE_LEDGER_FORK] > 0;
}

static bool refuse_backup(const struct issues *found, struct err *e)
{
    if (!contradicted(found))
        return true;
    err_set(e, ERR_INTEGRITY,
            found->count[ISSUE_LEDGER_FORK] > 0 ? "others hold another history than this backup"
                                                : "others hold entries that this backup lacks");
    return err_hint(e, "nothing was restored; see RUNBOOK, chapter 11");
}

static bool put_ledgers(struct restoring *r, struct err *e)
{
    struct arena a = {0};
    struct home_studies studies;
    struct buf lines = {0};
    bool ok = home_studies(r->home, &a, &studies, e);
    for (size_t i = 0; ok && i < studies.count; i++)
        ok = restoring_ledger(r, studies.name[i], &lines, e);
    ok = ok && seen_all_used(r->seen, e) && refuse_backup(r->issues, e) &&
         restored_write(r->home, buf_span(&lines), e);
    buf_close(&lines);
    arena_close(&a);
    return ok;
}

static bool fill(void *ctx, struct home *h, struct err *e)
{
    struct restoring *r = ctx;
    struct audit ignored;
    return put_files(r, h, e) && check_notary(r, e) && put_ledgers(r, e) &&
           restoring_objects(r, e) && restoring_secrets(r, e) &&
           rebuild_catalog(h, 0, NULL, (struct audit_progress){0}, &ignored, e);
}

/* --- what is asked for --- */

static bool add_given(struct seen *s, const struct restore_options *o, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < o->known; i++)
        ok = seen_add_known(s, o->known_path[i], e);
    for (size_t i = 0; ok && i < o->receipts; i++)
        ok = seen_add_receipt(s, o->receipt_path[i], e);
    for (size_t i = 0; ok && i < o->bundles; i++)
        ok = seen_add_bundle(s, o->bundle_path[i], e);
    return ok;
}

static bool check_place(const char *path, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    struct file_info info;
    int fd;
    if (!file_stat(AT_FDCWD, path, &info, e))
        return false;
    if (info.kind == FILE_ABSENT)
        return true;
    if (!dir_open_path(path, &fd, e))
        return false;
    bool ok = dir_list(fd, ".", &a, &l, e) &&
              (l.count == 0 ||
               err_set(e, ERR_USAGE, "%s: it must not exist, or be an empty folder", path));
    dir_close(fd);
    arena_close(&a);
    return ok;
}

static bool open_backups(struct restoring *r, struct err *e)
{
    int64_t now;
    return mirror_open(r->options->folder, MIRROR_DATA, &r->data, e) &&
           mirror_open(r->options->secrets, MIRROR_SECRETS, &r->secrets, e) &&
           home_now(r->data->home, r->options->now, &now, e);
}

bool restore_home(const char *path, const struct restore_options *o,
                  struct backup_progress progress, struct issues *issues, struct backup *out,
                  struct err *e)
{
    struct restoring r = {.options = o, .issues = issues, .out = out, .progress = progress};
    *out = (struct backup){0};
    if (!check_place(path, e))
        return false;
    r.seen = seen_open();
    bool ok = open_backups(&r, e) && add_given(r.seen, o, e);
    if (ok && (r.data->unfinished || r.secrets->unfinished))
        issues_add(issues, ISSUE_BACKUP_UNFINISHED, r.data->unfinished ? o->folder : o->secrets,
                   "its configuration may be of an earlier day than its ledgers, or later");
    ok = ok && home_make(path, fill, &r, e);
    needed_close(&r.needed);
    seen_close(r.seen);
    mirror_close(r.data);
    mirror_close(r.secrets);
    return ok;
}

/* --- a home that a killed one made --- */

bool restore_made(const char *path, bool *out, struct err *e)
{
    struct file_info info;
    int fd;
    *out = false;
    if (!file_stat(AT_FDCWD, path, &info, e))
        return false;
    if (info.kind != FILE_FOLDER)
        return true;
    bool ok = dir_open_path(path, &fd, e) && file_stat(fd, RESTORED, &info, e);
    *out = ok && info.kind != FILE_ABSENT;
    dir_close(fd);
    return ok;
}

static bool refuse_home(const struct issues *found, struct err *e)
{
    if (!contradicted(found))
        return true;
    err_set(e, ERR_INTEGRITY,
            found->count[ISSUE_LEDGER_FORK] > 0 ? "others hold another history than this home"
                                                : "others hold entries that this home lacks");
    return err_hint(e, "it was restored from a backup that is too old; see RUNBOOK, chapter 9");
}

bool restore_compare(struct home *h, const struct restore_options *o, struct issues *issues,
                     struct err *e)
{
    struct restoring r = {.options = o, .home = h, .issues = issues, .seen = seen_open()};
    struct arena a = {0};
    struct home_studies studies;
    bool ok = add_given(r.seen, o, e) && home_studies(h, &a, &studies, e);
    for (size_t i = 0; ok && i < studies.count; i++)
        ok = restoring_compare(&r, studies.name[i], e);
    ok = ok && seen_all_used(r.seen, e) && refuse_home(issues, e);
    seen_close(r.seen);
    arena_close(&a);
    return ok;
}

/* --- telling --- */

static bool tell_study(struct home *h, struct catalog *c, const char *study, int64_t now,
                       struct err *e)
{
    struct append *a = NULL;
    struct span name = span_str(study);
    bool ok = append_open(h, c, name, now, &a, e);
    if (ok && append_size(a) > 0)
        ok = study_note_system(h, c, name, a, e) && append_commit(a, e);
    append_close(a);
    return ok;
}

bool restore_tell(struct home *h, struct catalog *c, int64_t now, struct err *e)
{
    struct arena a = {0};
    struct home_studies studies;
    bool ok = home_studies(h, &a, &studies, e);
    for (size_t i = 0; ok && i < studies.count; i++)
        ok = tell_study(h, c, studies.name[i], now, e);
    arena_close(&a);
    return ok && restored_clear(h, e);
}
