/* The inbox of a study: what is complete is claimed, taken in and put away. */
#include <unistd.h>

#include "bundle/layout.h"
#include "job/transfer_take.h"
#include "os/publish.h"
#include "study/receipt.h"

enum { SECONDS_OF_HOUR = 3600 };

/* --- claiming --- */

struct inbox {
    struct session *session;
    int folder, claimed, held, refused;
};

/* Who owns the folder of what is claimed could exchange it once it is. */
static bool check_ours(struct inbox *b, const char *name, struct err *e)
{
    struct file_info info;
    if (!file_stat(b->folder, name, &info, e))
        return false;
    if (info.owner == geteuid() && (info.mode & 022) == 0)
        return true;
    err_set(e, ERR_STATE, "inbox/%s/%s has mode %04o and owner %u: only we may write to it",
            b->session->study, name, info.mode, info.owner);
    return err_hint(e, "find out who made it, look at what lies there, and remove it");
}

static bool inbox_open(struct inbox *b, struct session *s, struct err *e)
{
    *b = (struct inbox){s, -1, -1, -1, -1};
    return dir_open(s->home->inbox, s->study, &b->folder, e) &&
           dir_make(b->folder, INBOX_CLAIMED, DIR_PRIVATE, e) &&
           dir_make(b->folder, INBOX_HELD, DIR_PRIVATE, e) &&
           dir_make(b->folder, INBOX_REFUSED, DIR_PRIVATE, e) && check_ours(b, INBOX_CLAIMED, e) &&
           check_ours(b, INBOX_HELD, e) && check_ours(b, INBOX_REFUSED, e) &&
           dir_open(b->folder, INBOX_CLAIMED, &b->claimed, e) &&
           dir_open(b->folder, INBOX_HELD, &b->held, e) &&
           dir_open(b->folder, INBOX_REFUSED, &b->refused, e);
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

/* --- what is done with the files afterwards --- */

/* As its receipt is called. */
static const char *numbered(struct arena *a, uint64_t entry, const char *name)
{
    return receipt_folder(a, entry, span_str(name));
}

/*
 * A folder is removed under a name that says so: what a run that is killed halfway leaves of it
 * must not be taken for a transfer. dir_sweep removes that.
 */
static bool remove_claimed(const struct inbox *b, const char *name, uint64_t entry, struct err *e)
{
    char doomed[sizeof PUBLISH_TEMP + BUNDLE_INDEX_DIGITS + 8];
    text_format(doomed, sizeof doomed, PUBLISH_TEMP "%llu", (unsigned long long)entry);
    return file_rename(b->claimed, name, b->claimed, doomed, e) &&
           dir_sync(b->claimed, INBOX_CLAIMED, e) && dir_remove_tree(b->claimed, doomed, e);
}

/* Where a transfer that is kept back goes; -1 if it is not. */
static int kept_back_in(const struct inbox *b, const struct transfer_result *r)
{
    if (r->outcome == TRANSFER_REFUSED)
        return b->refused;
    return r->held > 0 ? b->held : -1;
}

/* Is the whole transfer where it is kept back? True also where it need not be. */
static bool is_kept_back(const struct inbox *b, const char *name, const struct transfer_result *r,
                         bool *out, struct err *e)
{
    struct arena a = {0};
    struct file_info there = {.kind = FILE_FOLDER};
    int target = kept_back_in(b, r);
    bool good = target < 0 || file_stat(target, numbered(&a, r->entry, name), &there, e);
    *out = there.kind != FILE_ABSENT;
    arena_close(&a);
    return good;
}

static bool put_away(const struct inbox *b, const char *name, const struct transfer_result *r,
                     struct err *e)
{
    struct arena a = {0};
    bool there;
    bool good = is_kept_back(b, name, r, &there, e);
    if (good)
        good =
            there ? remove_claimed(b, name, r->entry, e)
                  : dir_move(b->claimed, name, kept_back_in(b, r), numbered(&a, r->entry, name), e);
    arena_close(&a);
    return good;
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
    struct session unshared = *s;
    bool good = inbox_open(&b, &unshared, e) && put_away(&b, p->name, r, e);
    if (good && p->sums != NULL)
        good = dir_remove_tree(b.claimed, p->sums, e);
    inbox_close(&b);
    return good;
}

static bool is_put_away(const struct session *s, const struct place *p,
                        const struct transfer_result *r, bool *out, struct err *e)
{
    struct inbox b;
    struct session unshared = *s;
    bool good = inbox_open(&b, &unshared, e) && is_kept_back(&b, p->name, r, out, e);
    inbox_close(&b);
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
    return (dispose(s, p, r, e) || transfer_tell_denied(s, p->name, e)) &&
           (r->outcome != TRANSFER_NOTARIZED || deflate_files(s, in, e));
}

/* --- what lies there --- */

static bool take_claimed_folder(struct inbox *b, const char *name, struct err *e)
{
    struct place p = {
        .take = transfer_take_folder, .name = name, .folder = -1, .put_away = is_put_away};
    bool good = dir_open(b->claimed, name, &p.folder, e)
                    ? transfer_take(b->session, &p, finish, e)
                    : transfer_tell_denied(b->session, name, e);
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
    struct place p = {.take = transfer_take_archive,
                      .folder = b->claimed,
                      .name = name,
                      .sums = sums,
                      .put_away = is_put_away};
    return transfer_take(b->session, &p, finish, e);
}

/*
 * What an earlier run claimed and did not finish. In order of name: sums that are met here, behind
 * their archive, belong to one that is put away, and must not be taken for those of its successor.
 * What is neither folder nor file was exchanged between being listed and being claimed.
 */
static bool take_claimed(struct inbox *b, struct err *e)
{
    struct dir_list list;
    if (!dir_sweep(b->claimed, INBOX_CLAIMED, e) ||
        !dir_list(b->claimed, ".", &b->session->arena, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.entry[i].name;
        bool good = true;
        if (list.entry[i].kind == FILE_FOLDER)
            good = take_claimed_folder(b, name, e);
        else if (list.entry[i].kind == FILE_REGULAR && incoming_archive_check(span_str(name)))
            good = take_claimed_archive(b, name, e);
        else
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
    transfer_tell(s->options, &r);
    issues_close(&issues);
}

static bool claim(struct inbox *b, const char *name, struct err *e)
{
    return dir_move(b->folder, name, b->claimed, name, e);
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
        return transfer_tell_denied(b->session, name, e);
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
    return claim(b, name, e) ? take_claimed_folder(b, name, e)
                             : transfer_tell_denied(b->session, name, e);
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
    return claim(b, name, e) ? take_claimed_archive(b, name, e)
                             : transfer_tell_denied(b->session, name, e);
}

/* Looked at again: sums, whatever they are, went with their archive. */
static bool take_one(struct inbox *b, const char *name, struct err *e)
{
    struct file_info info;
    if (!file_stat(b->folder, name, &info, e))
        return false;
    if (info.kind == FILE_FOLDER)
        return claim_folder(b, name, e);
    if (info.kind == FILE_REGULAR && incoming_archive_check(span_str(name)))
        return claim_archive(b, name, e);
    if (info.kind != FILE_ABSENT) /* a loose file, a link: nobody may wait for it unheard */
        tell_waiting(b, name, info.modified);
    return true;
}

static bool take_waiting(struct inbox *b, struct err *e)
{
    struct dir_list list;
    if (!dir_list(b->folder, ".", &b->session->arena, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (list.entry[i].name[0] != '.' && !take_one(b, list.entry[i].name, e))
            return false;
    return true;
}

bool transfer_inbox(struct home *h, struct catalog *c, struct span study,
                    const struct transfer_options *o, struct err *e)
{
    struct session s;
    struct inbox b = {.folder = -1, .claimed = -1, .held = -1, .refused = -1};
    bool good = transfer_open(&s, h, c, study, o, e) && inbox_open(&b, &s, e) &&
                take_claimed(&b, e) && take_waiting(&b, e);
    inbox_close(&b);
    transfer_close(&s);
    return good;
}
