/* How each study is, from what is published; nothing is proved here: that is what `check` does. */
#include "cli/describe.h"
#include "format/note.h"
#include "job/seal.h"
#include "os/dir.h"
#include "store/alarm.h"

struct study_state {
    const char *name;
    struct span study;
    uint64_t size;   /* entries */
    int64_t last_at; /* of the last entry, if size > 0 */
    bool has_transfer;
    uint64_t transfer_entry;
    struct entry transfer;
    uint64_t erased; /* objects */
    size_t waiting;  /* transfers in the inbox */
    size_t anchored; /* anchors that hold the published checkpoint */
    bool seals;      /* it has seals, or can get them */
    struct seal_state seal;
    bool seal_good;          /* the last one, under tsa.pem: */
    struct sealed seal_last; /* ... this */
};

/* --- what is there --- */

static bool keep_last(void *ctx, const struct catalog_transfer *x, struct err *e)
{
    struct study_state *s = ctx;
    (void)e;
    s->has_transfer = true;
    s->transfer_entry = x->index;
    return true;
}

static bool count_erased(void *ctx, const struct catalog_erased *x, struct err *e)
{
    struct study_state *s = ctx;
    (void)e;
    s->erased += x->index < s->size;
    return true;
}

static bool look_at_ledger(struct cli *c, struct study_state *s, struct ledger *l, struct err *e)
{
    struct entry last;
    struct span bytes;
    s->size = l->checkpoint.size;
    if (s->size == 0)
        return true;
    if (!ledger_entry(c, l, s->size - 1, &bytes, &last, e) ||
        !catalog_each_transfer(c->catalog, s->study, keep_last, s, e) ||
        !catalog_each_erased(c->catalog, s->study, count_erased, s, e))
        return false;
    s->last_at = last.at;
    /* Signed for, but a killed run did not publish it: the next run does. */
    if (s->transfer_entry >= s->size)
        s->has_transfer = false;
    return !s->has_transfer || ledger_entry(c, l, s->transfer_entry, &bytes, &s->transfer, e);
}

/* Folders and archives; an archive's .sha256 goes with it. */
static bool count_waiting(struct cli *c, struct study_state *s, struct err *e)
{
    struct dir_list list;
    if (!dir_list(c->home->inbox, s->name, &c->arena, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *name = list.entry[i].name;
        s->waiting += name[0] != '.' && !span_ends(span_str(name), SPAN(".sha256"));
    }
    return true;
}

/* --- anchors --- */

static void compare_anchor(struct study_state *s, const char *path, const struct checkpoint *here,
                           const struct checkpoint *there, struct issues *found)
{
    if (there->size > here->size)
        issues_add(found, ISSUE_ANCHOR_AHEAD, path, "%s: it has %llu entries, the home %llu",
                   s->name, (unsigned long long)there->size, (unsigned long long)here->size);
    else if (there->size == here->size && !hash_eq(there->root, here->root))
        issues_add(found, ISSUE_ANCHOR_AHEAD, path, "%s: another root of the same size", s->name);
    else
        s->anchored += there->size == here->size;
}

/* --- seals --- */

enum { HOUR = 3600 };

static void tell_seal(struct cli *c, const struct study_state *s, struct issues *found)
{
    if (s->seal.pending && c->now - s->seal.since >= (int64_t)c->home->conf.seal.stale_hours * HOUR)
        issues_add(found, ISSUE_SEAL_PENDING, s->name, "since %s; trialseal seal tries now",
                   shown_time(&c->arena, s->seal.since));
    if (s->seal_good)
        seal_check_end(&c->home->conf.seal, s->name, &s->seal_last, c->now, found);
}

static bool look_at_seals(struct cli *c, struct study_state *s, const struct ledger *l,
                          struct issues *found, struct err *e)
{
    struct span roots;
    if (!home_tsa(c->home, &c->arena, &roots, e) ||
        !seal_state(c->catalog, l->log, l->checkpoint.size, s->study, &s->seal, e))
        return false;
    s->seals = roots.p != NULL || s->seal.has_last;
    if (roots.p != NULL && s->seal.has_last) {
        if (!seal_last_check(c->home, &s->seal, roots, &c->arena, &s->seal_last, found, s->name, e))
            return false;
        s->seal_good = s->seal_last.until != 0;
    }
    if (s->seals)
        tell_seal(c, s, found);
    return true;
}

/* An anchor that is not mounted or cannot be read is told as the error that it is. */
static bool look_at_anchor(struct cli *c, struct study_state *s, size_t i, const struct ledger *l,
                           struct issues *found, struct err *e)
{
    struct span bytes;
    struct note n;
    struct checkpoint there = {0};
    const char *path = c->home->conf.anchor[i];
    if (!log_anchor_read(c->home, i, home_study_origin(c->home, &c->arena, s->study), &c->arena,
                         &bytes, e))
        return false;
    if (bytes.n == 0)
        return true;
    if (!note_parse(&c->arena, bytes, &n, e) || !checkpoint_parse(n.text, &there, e))
        return err_at(e, "anchor %s, study %s", path, s->name);
    compare_anchor(s, path, &l->checkpoint, &there, found);
    return true;
}

static bool look_at_study(struct cli *c, struct study_state *s, struct issues *found, struct err *e)
{
    struct ledger l;
    if (!ledger_open(c, s->study, &l, e))
        return false;
    bool good = look_at_ledger(c, s, &l, e) && count_waiting(c, s, e) &&
                (s->size == 0 || look_at_seals(c, s, &l, found, e));
    for (size_t i = 0; good && i < c->home->conf.anchors; i++)
        good = look_at_anchor(c, s, i, &l, found, e);
    log_close(l.log);
    return good;
}

/* --- secrets --- */

enum { MODE_OF_OTHERS = 0077 };

static bool look_at_files(struct cli *c, int folder, const char *name, struct issues *found,
                          struct err *e)
{
    struct dir_list list;
    struct file_info info;
    if (!dir_list(folder, ".", &c->arena, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *file = list.entry[i].name;
        if (span_ends(span_str(file), SPAN(".pub")))
            continue;
        if (!file_stat(folder, file, &info, e))
            return false;
        if ((info.mode & MODE_OF_OTHERS) != 0)
            issues_add(found, ISSUE_HOME_PERMISSIONS, words(&c->arena, "%s/%s", name, file),
                       "its mode is %04o; it must be 0600", info.mode);
    }
    return true;
}

static bool look_at_home(struct cli *c, struct issues *found, struct err *e)
{
    if (c->home->conf.anchors == 0)
        issues_add(found, ISSUE_HOME_ANCHOR_NONE, "trialseal.conf",
                   "add anchor = FOLDER, on another disk or machine, to [home]");
    if (c->home->conf.test)
        issues_add(found, ISSUE_HOME_TEST, "trialseal.conf", "it is evidence of nothing");
    return look_at_files(c, c->home->keys, "keys", found, e) &&
           look_at_files(c, c->home->secrets, "secrets", found, e);
}

/* --- saying it --- */

static void time_or_null(struct line *l, const char *name, bool there, int64_t time)
{
    if (there)
        line_time(l, name, time);
    else
        json_out_null(&l->o, name);
}

static void seal_member(struct line *l, const struct study_state *s)
{
    if (!s->seals) {
        json_out_null(&l->o, "seal");
        return;
    }
    json_out_object(&l->o, "seal");
    line_number_or_null(l, "entry", s->seal.has_last, s->seal.last_entry);
    time_or_null(l, "pending_since", s->seal.pending, s->seal.since);
    line_number_or_null(l, "size", s->seal.has_last, s->seal.last_size);
    time_or_null(l, "time", s->seal.has_last, s->seal.last_time);
    time_or_null(l, "until", s->seal_good, s->seal_last.until);
    json_out_object_end(&l->o);
}

static void state_line(struct cli *c, const struct study_state *s)
{
    struct line l;
    line_begin(&l);
    line_number(&l, "anchored", s->anchored);
    line_number(&l, "anchors", c->home->conf.anchors);
    line_number(&l, "erased", s->erased);
    line_number_or_null(&l, "held", s->has_transfer, s->transfer.transfer.held);
    if (s->size > 0)
        line_time(&l, "last_entry", s->last_at);
    else
        json_out_null(&l.o, "last_entry");
    line_number_or_null(&l, "last_transfer", s->has_transfer, s->transfer_entry);
    seal_member(&l, s);
    line_number(&l, "size", s->size);
    line_text(&l, "study", s->study);
    line_type(&l, "status");
    line_number(&l, "waiting", s->waiting);
    line_end(&l);
}

static void say_seal(struct cli *c, const struct study_state *s)
{
    if (s->seal.has_last)
        printf("  sealed: the first %s, before %s\n",
               counted(&c->arena, s->seal.last_size, "entry", "entries"),
               shown_time(&c->arena, s->seal.last_time));
    else
        puts("  sealed: nothing yet");
    if (s->seal_good)
        printf("  the seal's certificate ends on %s\n", shown_time(&c->arena, s->seal_last.until));
    if (s->seal.pending)
        printf("  not sealed: what came from %s on\n", shown_time(&c->arena, s->seal.since));
}

static void say_state(struct cli *c, const struct study_state *s)
{
    printf("%s: %s", s->name, counted(&c->arena, s->size, "entry", "entries"));
    if (s->size > 0)
        printf(", the last one at %s", shown_time(&c->arena, s->last_at));
    putchar('\n');
    if (s->has_transfer) {
        printf("  last transfer: entry %llu, %s, ", (unsigned long long)s->transfer_entry,
               shown_time(&c->arena, s->transfer.at));
        printf("%s\n", entry_words(c, &s->transfer, &c->arena));
    } else {
        puts("  no transfer yet");
    }
    printf("  waiting in the inbox: %zu\n", s->waiting);
    if (s->erased > 0)
        printf("  erased: %s\n", counted(&c->arena, s->erased, "file or text", "files and texts"));
    if (s->seals)
        say_seal(c, s);
    if (c->home->conf.anchors > 0)
        printf("  anchors that are up to date: %zu of %zu\n", s->anchored, c->home->conf.anchors);
}

static bool say_study(struct cli *c, const char *name, struct issues *found, struct err *e)
{
    struct study_state s = {.name = name, .study = span_str(name)};
    if (!look_at_study(c, &s, found, e))
        return false;
    if (c->json)
        state_line(c, &s);
    else if (!c->quiet)
        say_state(c, &s);
    return true;
}

static bool look_at_alarm(struct cli *c, struct issues *found, struct err *e)
{
    struct alarm alarm;
    bool stands;
    if (!alarm_read(c->home, &c->arena, &alarm, &stands, e))
        return false;
    if (stands && alarm.since != HOME_NO_TIME)
        issues_add(found, ISSUE_HOME_ALARM, HOME_ALARM, "since %s, found by %.*s",
                   shown_time(&c->arena, alarm.since), SPAN_ARGS(alarm.by));
    else if (stands)
        issues_add(found, ISSUE_HOME_ALARM, HOME_ALARM, "the file cannot be read");
    for (size_t i = 0; i < alarm.count; i++)
        issues_add(found, alarm.found[i].id, alarm.found[i].place, "as it was found then");
    return true;
}

bool status_run(struct cli *c, struct err *e)
{
    struct home_studies studies;
    struct issues found = {0};
    if (!cli_home(c, HOME_READ, e) || !cli_catalog(c, e) ||
        !home_studies(c->home, &c->arena, &studies, e))
        return false;
    bool good = look_at_alarm(c, &found, e) && look_at_home(c, &found, e);
    for (size_t i = 0; good && i < studies.count; i++)
        good = say_study(c, studies.name[i], &found, e);
    if (studies.count == 0 && !c->json && !c->quiet)
        puts("There is no study yet.");
    c->alarm = found.count[ISSUE_HOME_ALARM] > 0 || alarm_in(&found);
    cli_issues(c, &found, SPAN(""), SPAN(""), NULL);
    issues_close(&found);
    return good;
}
