#include <string.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/home_file.h"
#include "store/keys.h"

struct span home_study_origin(const struct home *h, struct arena *a, struct span study)
{
    struct buf b = {0};
    buf_add(&b, h->conf.origin);
    buf_byte(&b, '/');
    buf_add(&b, study);
    struct span origin = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return origin;
}

static bool has_conf(const struct home *h, struct arena *a, const char *study, bool *out,
                     struct err *e)
{
    struct file_info info;
    if (!file_stat(h->studies, home_join(a, study, "study.conf"), &info, e))
        return false;
    *out = info.kind != FILE_ABSENT;
    return true;
}

/* A study whose ledger is there must not be left out without a word. */
static bool check_ledgers(const struct home *h, struct arena *a, struct err *e)
{
    struct dir_list l;
    if (!dir_list(h->ledger, ".", a, &l, e))
        return err_at(e, "ledger");
    for (size_t i = 0; i < l.count; i++) {
        const char *name = l.entry[i].name;
        struct file_info checkpoint;
        bool known = false;
        if (l.entry[i].kind != FILE_FOLDER || !study_name_check(span_str(name)))
            continue;
        if (!file_stat(h->ledger, home_join(a, name, "checkpoint"), &checkpoint, e) ||
            !has_conf(h, a, name, &known, e))
            return false;
        if (checkpoint.kind == FILE_ABSENT || known)
            continue;
        err_set(e, ERR_STATE, "studies/%s/study.conf is missing, but ledger/%s is there", name,
                name);
        return err_hint(e, "restore it from the backup; see RUNBOOK, chapter 8");
    }
    return true;
}

bool home_studies(const struct home *h, struct arena *a, struct home_studies *out, struct err *e)
{
    struct dir_list l;
    *out = (struct home_studies){0};
    if (!dir_list(h->studies, ".", a, &l, e))
        return err_at(e, "studies");
    out->name = arena_array(a, l.count, sizeof(char *));
    for (size_t i = 0; i < l.count; i++) {
        bool known = false;
        if (l.entry[i].kind != FILE_FOLDER || !study_name_check(span_str(l.entry[i].name)))
            continue;
        if (!has_conf(h, a, l.entry[i].name, &known, e))
            return false;
        if (known)
            out->name[out->count++] = l.entry[i].name;
    }
    return check_ledgers(h, a, e);
}

bool home_study_conf(const struct home *h, struct span study, struct arena *a,
                     struct conf_study *out, struct err *e)
{
    struct span text;
    bool known = false;
    if (study_name_check(study) && !has_conf(h, a, arena_str(a, study), &known, e))
        return false;
    if (!known) {
        err_set(e, ERR_USAGE, "there is no study %.*s", SPAN_ARGS(study));
        return err_hint(e, "`trialseal study list` shows those that there are");
    }
    const char *path = home_join(a, arena_str(a, study), "study.conf");
    if (!file_read_all(h->studies, path, CONF_MAX, a, &text, e))
        return err_at(e, "studies");
    if (!conf_study_parse(a, text, &h->conf.limits, out, e))
        return err_at(e, "studies/%s", path);
    if (!span_eq(out->id, study))
        return err_set(e, ERR_STATE, "studies/%s: its id is %.*s", path, SPAN_ARGS(out->id));
    return true;
}

static bool check_new_name(const struct home *h, struct span study, struct err *e)
{
    struct arena a = {0};
    struct home_studies l;
    /* keys/log-<study>.pub must not be another study's private key. */
    bool ok = (study_name_check(study) && !span_ends(study, SPAN(".pub"))) ||
              err_set(e, ERR_USAGE, "\"%.*s\" cannot be a study's name", SPAN_ARGS(study));
    ok = ok && home_studies(h, &a, &l, e);
    const char *name = arena_str(&a, study);
    for (size_t i = 0; ok && i < l.count; i++)
        if (strcmp(l.name[i], name) != 0 && strcasecmp(l.name[i], name) == 0)
            ok =
                err_set(e, ERR_USAGE, "%s differs from the study %s in case only", name, l.name[i]);
    arena_close(&a);
    return ok;
}

static bool make_conf(struct home *h, struct arena *a, const char *study, struct err *e)
{
    bool known;
    struct buf b = {0};
    conf_study_write(&b, span_str(study));
    bool ok = has_conf(h, a, study, &known, e) &&
              (known || publish_new(h->studies, home_join(a, study, "study.conf"), buf_span(&b),
                                    FILE_PRIVATE, e));
    buf_close(&b);
    return ok;
}

/* As long as it has no study.conf, nobody else sweeps it. */
static bool make_folder(struct home *h, const char *study, struct err *e)
{
    int fd = -1;
    bool ok = dir_make(h->studies, study, DIR_PRIVATE, e) && dir_open(h->studies, study, &fd, e) &&
              dir_sweep(fd, study, e);
    dir_close(fd);
    return ok;
}

/* study.conf comes last: a study is there when that is. */
bool home_study_make(struct home *h, struct span study, struct err *e)
{
    struct arena a = {0};
    const char *name = arena_str(&a, study);
    bool ok =
        check_new_name(h, study, e) && make_folder(h, name, e) &&
        dir_make(h->inbox, name, DIR_PRIVATE, e) && dir_make(h->outbox, name, DIR_PRIVATE, e) &&
        dir_make(h->ledger, name, DIR_PRIVATE, e) && dir_make(h->secrets, name, DIR_PRIVATE, e) &&
        keys_ensure(h, keys_log(&a, study), e) && make_conf(h, &a, name, e);
    arena_close(&a);
    return ok;
}
