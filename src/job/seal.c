#include "job/seal.h"

#include "job/seal_files.h"
#include "store/objects.h"
#include "study/study.h"

void seal_result_close(struct seal_result *r)
{
    issues_close(&r->issues);
}

/* --- what there is --- */

static bool read_last(struct log *log, uint64_t size, uint64_t index, struct seal_state *out,
                      struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    struct entry x;
    bool good = log_entry(log, index, size, &a, &bytes, e) && entry_parse(&a, bytes, &x, e);
    if (good && x.kind != ENTRY_SEAL)
        good = err_set(e, ERR_INTEGRITY, "the catalog says that entry %llu is a seal",
                       (unsigned long long)index);
    if (good) {
        out->has_last = true;
        out->last_entry = index;
        out->last_size = x.seal.size;
        out->last_time = x.seal.time;
        out->token = x.subject;
        out->checkpoint = x.seal.checkpoint;
    }
    arena_close(&a);
    return good;
}

bool seal_state(struct catalog *c, struct log *log, uint64_t signed_size, struct span study,
                struct seal_state *out, struct err *e)
{
    struct arena a = {0};
    struct catalog_entry last, first;
    bool found = false;
    *out = (struct seal_state){0};
    bool good =
        catalog_last_of_kind(c, study, span_str(entry_kind_name(ENTRY_SEAL)), &a, &last, &found,
                             e) &&
        (!found || last.index >= signed_size || read_last(log, signed_size, last.index, out, e)) &&
        catalog_first_unsealed(c, study, out->last_size, &a, &first, &found, e);
    if (good && found) {
        out->pending = true;
        out->since = first.at;
    }
    arena_close(&a);
    return good;
}

bool seal_last_check(const struct home *h, const struct seal_state *s, struct span roots,
                     struct arena *a, struct sealed *out, struct issues *issues, const char *place,
                     struct err *e)
{
    struct span token, note;
    struct err why = {0};
    const struct seal_checker *c = &authority_checker;
    *out = (struct sealed){0};
    if (!objects_read_all(h, s->token, BUNDLE_TOKEN_MAX, a, &token, e) ||
        !objects_read_all(h, s->checkpoint, CHECKPOINT_MAX, a, &note, e))
        return false;
    if (!c->check(c->ctx, token, note, roots, SPAN(""), a, out, &why)) {
        issues_add(issues, why.kind == ERR_STATE ? ISSUE_SEAL_UNCOUNTED : ISSUE_SEAL_WRONG, place,
                   "%s", why.text);
        *out = (struct sealed){0};
    }
    return true;
}

/* --- one seal of a ledger --- */

struct sealing {
    struct home *home;
    struct catalog *catalog;
    struct append *append;
    struct authorities *authorities;
    struct span study;
    int64_t now;
    struct arena *a;
    uint64_t size;
    struct span note; /* the signed checkpoint of that size */
};

void seal_check_clock(struct seal_result *r, const char *place, int64_t now)
{
    int64_t off = r->token.time - now;
    if (off > AUTHORITY_CLOCK_SECONDS || off < -(int64_t)AUTHORITY_CLOCK_SECONDS)
        issues_add(&r->issues, ISSUE_CLOCK_DIFFERS, place,
                   "our clock is %lld seconds %s that of %.*s", (long long)(off > 0 ? off : -off),
                   off > 0 ? "behind" : "ahead of", SPAN_ARGS(r->token.authority));
}

/* Objects first, then the entry that names them. */
static bool commit(struct sealing *s, struct span token, struct seal_result *out, struct err *e)
{
    struct entry x = {.kind = ENTRY_SEAL};
    struct objects_put *put = objects_put_open(s->home);
    bool good = objects_put_bytes(put, s->note, &x.seal.checkpoint, e) &&
                objects_put_bytes(put, token, &x.subject, e) && objects_put_commit(put, e);
    objects_put_close(put);
    if (!good)
        return false;
    x.seal.size = s->size;
    x.seal.time = out->token.time;
    out->outcome = SEAL_MADE;
    out->entry = append_size(s->append);
    out->size = s->size;
    return append_add(s->append, &x, e) && append_commit(s->append, e);
}

static bool take_note(struct sealing *s, uint64_t size, struct err *e)
{
    struct buf note = {0};
    bool good = append_checkpoint_at(s->append, size, &note, e);
    s->size = size;
    s->note = arena_copy(s->a, buf_span(&note));
    buf_close(&note);
    return good;
}

static bool open_sealing(struct sealing *s, struct seal_state *state, struct err *e)
{
    return append_open(s->home, s->catalog, s->study, s->now, &s->append, e) &&
           seal_state(s->catalog, append_log(s->append), append_signed(s->append), s->study, state,
                      e);
}

/* A new configuration is recorded before the seal, so that this one covers it. */
static bool note_system(struct sealing *s, struct err *e)
{
    return study_note_system(s->home, s->catalog, s->study, s->append, e) &&
           append_commit(s->append, e);
}

void seal_wait(struct seal_result *r, const char *place, const struct authorities *t)
{
    const struct issues *tried = &t->tried;
    r->outcome = SEAL_WAITS;
    if (tried->samples == 0)
        issues_add(&r->issues, ISSUE_SEAL_PENDING, place,
                   "no authority is configured; trialseal seal request");
    else
        issues_add(&r->issues, ISSUE_SEAL_PENDING, place, "%s%s", tried->sample[0].detail,
                   tried->samples > 1 ? "; and others" : "");
}

/* An authority that is down for one night is nobody's business. */
static void tell_waiting(const struct sealing *s, const struct seal_state *state,
                         struct seal_result *out)
{
    enum { HOUR = 3600 };
    seal_wait(out, arena_str(s->a, s->study), s->authorities);
    out->stale =
        state->pending && s->now - state->since >= (int64_t)s->authorities->conf.stale_hours * HOUR;
}

static bool ask(struct sealing *s, const struct seal_state *state, struct seal_result *out,
                struct err *e)
{
    struct span token;
    bool found;
    if (!note_system(s, e) || !take_note(s, append_signed(s->append), e) ||
        !authority_ask(s->authorities, s->note, s->study, s->size, s->a, &token, &out->token,
                       &found, e))
        return false;
    if (!found) {
        tell_waiting(s, state, out);
        return true;
    }
    seal_check_clock(out, arena_str(s->a, s->study), s->now);
    return commit(s, token, out, e);
}

/* --- does it end soon? --- */

void seal_check_end(const struct conf_seal *conf, const char *study, const struct sealed *last,
                    int64_t now, struct issues *issues)
{
    char how[sizeof "trialseal seal renew " + STUDY_NAME_MAX];
    text_format(how, sizeof how, "trialseal seal renew %s", study);
    sealed_check_end(last, now, conf->renew_days, study, how, issues);
}

static bool is_told_tonight(const struct conf_seal *conf, int64_t end, int64_t now)
{
    enum { DAY = 24 * 3600, MONTH = 30, WEEK = 7 };
    int64_t days = end > now ? (end - now + DAY - 1) / DAY : 0;
    return days <= WEEK || days % MONTH == 0 || (uint64_t)days == conf->renew_days;
}

/* Of the newest seal that there is now; one that is not good is for `status` and `check` to say. */
static bool look_at_end(struct sealing *s, const struct seal_state *before, struct seal_result *out,
                        struct err *e)
{
    struct sealed last = {0};
    struct issues ignored = {0};
    const char *place = arena_str(s->a, s->study);
    bool good = true;
    if (out->outcome == SEAL_MADE)
        authority_sealed(&out->token, &last);
    else if (before->has_last)
        good = seal_last_check(s->home, before, s->authorities->roots, s->a, &last, &ignored, place,
                               e);
    issues_close(&ignored);
    if (!good || last.until == 0)
        return good;
    seal_check_end(&s->authorities->conf, place, &last, s->now, &out->issues);
    out->ends_tonight = out->issues.count[ISSUE_SEAL_ENDS] > 0 &&
                        is_told_tonight(&s->authorities->conf, sealed_end(&last), s->now);
    return true;
}

bool seal_study(struct home *h, struct catalog *c, struct span study, struct authorities *t,
                bool renew, int64_t now, struct arena *a, struct seal_result *out, struct err *e)
{
    struct sealing s = {
        .home = h, .catalog = c, .authorities = t, .study = study, .now = now, .a = a};
    struct seal_state state;
    *out = (struct seal_result){0};
    bool good = open_sealing(&s, &state, e);
    if (good && (state.pending || renew))
        good = ask(&s, &state, out, e);
    good = good && look_at_end(&s, &state, out, e);
    append_close(s.append);
    return good;
}

/* --- by files --- */

bool seal_request_study(struct home *h, struct catalog *c, struct span study,
                        const struct authorities *t, const char *folder, int64_t now,
                        struct arena *a, const char **name, struct err *e)
{
    struct sealing s = {.home = h, .catalog = c, .study = study, .now = now, .a = a};
    struct seal_state ignored;
    struct buf request = {0}, file = {0};
    bool good = open_sealing(&s, &ignored, e) && note_system(&s, e) &&
                take_note(&s, append_signed(s.append), e) &&
                authority_request(t, s.note, study, s.size, &request, e);
    if (good) {
        layout_folder(&file, study, s.size);
        *name = arena_str(a, buf_span(&file));
        good = seal_files_write(folder, *name, buf_span(&request), s.note, e);
    }
    buf_close(&request);
    buf_close(&file);
    append_close(s.append);
    return good;
}

bool seal_import_study(struct home *h, struct catalog *c, const struct seal_answer *x,
                       const struct authorities *t, int64_t now, struct arena *a,
                       struct seal_result *out, struct err *e)
{
    struct sealing s = {.home = h, .catalog = c, .study = x->study, .now = now, .a = a};
    struct seal_state state;
    *out = (struct seal_result){0};
    bool good = open_sealing(&s, &state, e);
    if (good && (x->size == 0 || x->size > append_signed(s.append)))
        good = err_set(e, ERR_USAGE, "the ledger of %.*s has no %llu entries", SPAN_ARGS(x->study),
                       (unsigned long long)x->size);
    if (good && x->size < state.last_size) {
        err_set(e, ERR_USAGE, "entry %llu has a later seal already",
                (unsigned long long)state.last_entry);
        good = err_hint(e, "nothing is lost: the later one covers what this one does");
    }
    good = good && take_note(&s, x->size, e) &&
           seal_reply_check(x->token, x->request, s.note, t->roots, t->crls, a, &out->token, e);
    /* Killed behind its entry, or told twice. */
    bool known = good && state.has_last && hash_eq(state.token, sha256_of(x->token));
    good = good && note_system(&s, e) && (known || commit(&s, x->token, out, e));
    append_close(s.append);
    return good;
}
