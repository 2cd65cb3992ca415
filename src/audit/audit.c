#include "audit/auditing.h"

#include "store/keys.h"

bool auditing_note(struct auditing *a, enum issue_id id, const char *place, struct err *e)
{
    if (e->kind == ERR_IO)
        return false;
    issues_add(a->issues, id, place, "%s", e->text);
    *e = (struct err){0};
    return true;
}

void auditing_tell(const struct auditing *a, const char *what, uint64_t done, uint64_t total)
{
    char text[AUDIT_PLACE_MAX];
    if (a->options.progress.tell == NULL)
        return;
    text_format(text, sizeof text, "%s: %s", a->study, what);
    a->options.progress.tell(a->options.progress.ctx, text, done, total);
}

/* --- checkpoints --- */

static bool read_checkpoint(struct auditing *a, bool *found, struct err *e)
{
    struct span bytes;
    if (!log_checkpoint(a->log, &a->arena, &bytes, e))
        return false;
    *found = false;
    if (bytes.n == 0)
        issues_add(a->issues, ISSUE_LEDGER_EMPTY, a->study, "no checkpoint is published");
    else if (!signed_checkpoint(&a->arena, bytes, &a->log_key, &a->checkpoint, e))
        return auditing_note(a, ISSUE_CHECKPOINT_SIGNATURE, a->study, e);
    else
        *found = true;
    return true;
}

static bool compare_anchor(struct auditing *a, size_t i, struct err *e)
{
    struct span bytes;
    struct checkpoint c;
    const char *place = a->home->conf.anchor[i];
    if (!log_anchor_read(a->home, i, a->checkpoint.origin, &a->arena, &bytes, e))
        return auditing_note(a, ISSUE_ANCHOR_UNREACHABLE, place, e);
    if (bytes.n == 0)
        return true;
    if (!signed_checkpoint(&a->arena, bytes, &a->log_key, &c, e))
        return auditing_note(a, ISSUE_ANCHOR_AHEAD, place, e);
    struct hash root = {{0}};
    if (c.size <= a->checkpoint.size && !log_root(a->log, a->checkpoint.size, c.size, &root, e))
        return auditing_note(a, ISSUE_TILE_ALTERED, a->study, e);
    if (c.size > a->checkpoint.size || !hash_eq(root, c.root))
        issues_add(a->issues, ISSUE_ANCHOR_AHEAD, place, "%s: %llu entries there, %llu here",
                   a->study, (unsigned long long)c.size, (unsigned long long)a->checkpoint.size);
    return true;
}

/* --- keys and studies --- */

/* It is there, only we can read it, and it is the one whose public half lies beside it. */
static bool check_private_key(struct auditing *a, const char *name, struct err *e)
{
    struct secret_key secret = {0};
    if (!keys_load(a->home, name, &secret, e))
        return auditing_note(a, ISSUE_KEY_MISSING, name, e);
    secret_key_wipe(&secret);
    return true;
}

static bool check_study(struct auditing *a, struct err *e)
{
    bool found = false;
    a->out->studies++;
    if (!log_open(a->home, span_str(a->study), &a->log, e))
        return auditing_note(a, ISSUE_TILE_MISSING, a->study, e);
    bool good = check_private_key(a, keys_log(&a->arena, span_str(a->study)), e) &&
                signed_key(a->home, span_str(a->study), &a->arena, &a->log_key, e) &&
                read_checkpoint(a, &found, e);
    if (good && found)
        good = auditing_entries(a, e);
    for (size_t i = 0; good && found && i < a->home->conf.anchors; i++)
        good = compare_anchor(a, i, e);
    log_close(a->log);
    arena_close(&a->arena);
    return good;
}

bool audit_is_whole(const struct issues *found)
{
    return issues_count(found, SEVERITY_BAD) == found->count[ISSUE_SECRET_MISSING];
}

bool audit_home(struct home *h, const struct audit_options *o, struct issues *issues,
                struct audit *out, struct err *e)
{
    struct auditing a = {.home = h, .issues = issues, .out = out, .options = *o};
    struct arena arena = {0};
    struct home_studies studies;
    *out = (struct audit){0};
    bool good = home_studies(h, &arena, &studies, e) && home_tsa(h, &arena, &a.roots, e) &&
                check_private_key(&a, KEYS_NOTARY, e);
    for (size_t i = 0; good && i < studies.count; i++) {
        a.study = studies.name[i];
        good = check_study(&a, e);
    }
    if (good && !o->ledgers && audit_is_whole(issues))
        good = auditing_catalog(&a, e);
    if (good && h->conf.anchors == 0)
        issues_add(issues, ISSUE_HOME_ANCHOR_NONE, HOME_CONF, "set anchor in [home]");
    arena_close(&arena);
    return good;
}
