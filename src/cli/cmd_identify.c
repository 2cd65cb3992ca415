/*
 * Which notarized revision is a file in hand? By its bytes; else by what it holds: revisions of
 * datasets that are called like it are read, the newest first, and compared.
 */
#include <string.h>

#include "base/name_map.h"
#include "cli/data_file.h"
#include "cli/place.h"
#include "dataset/compare.h"
#include "ledger/revision_words.h"
#include "os/dir.h"
#include "store/objects.h"

enum { CANDIDATES_MAX = 200 }; /* revisions that are read for a dataset of the file */

struct candidate {
    struct span study;
    struct catalog_revision revision;
};

struct search {
    struct cli *c;
    struct data_file *file;
    const struct data_options *options;
    int folder;
    struct span study;  /* that is looked at */
    struct span member; /* of the file */
    struct candidate *candidate;
    size_t candidates, cap;
    bool found; /* bytes, or data */

    /* The one that has the most records in common with it. */
    const struct candidate *nearest;
    struct comparison nearest_is;
};

/* --- what is said --- */

static void say_identity(const struct search *s, const struct candidate *x, enum change change,
                         const struct content_difference *r)
{
    struct line l;
    if (s->c->quiet && !s->c->json)
        return;
    if (!s->c->json) {
        printf("%.*s/%.*s@%llu, entry #%llu%s: %s\n", SPAN_ARGS(x->study),
               SPAN_ARGS(x->revision.dataset), (unsigned long long)x->revision.number,
               (unsigned long long)x->revision.index,
               x->revision.withdrawn == CATALOG_NONE ? "" : ", withdrawn", change_words(change));
        return;
    }
    line_begin(&l);
    line_number_or_null(&l, "both", r != NULL, r != NULL ? r->both : 0);
    line_text(&l, "change", span_str(change_name(change)));
    line_text(&l, "dataset", x->revision.dataset);
    line_number(&l, "entry", x->revision.index);
    line_number_or_null(&l, "only_file", r != NULL, r != NULL ? r->only_b : 0);
    line_number_or_null(&l, "only_revision", r != NULL, r != NULL ? r->only_a : 0);
    line_number(&l, "revision", x->revision.number);
    json_out_bool(&l.o, "same", !change_is_data(change));
    line_text(&l, "study", x->study);
    line_type(&l, "identity");
    line_end(&l);
}

static void say_nearest(const struct search *s)
{
    const struct candidate *x = s->nearest;
    const struct content_difference *r = &s->nearest_is.records;
    if (x != NULL && (s->c->json || s->nearest_is.change == CHANGE_FUZZ)) {
        say_identity(s, x, s->nearest_is.change, r);
        return;
    }
    if (s->c->json || s->c->quiet)
        return;
    put_text(stdout, s->member.n > 0 ? s->member : data_file_stem(s->file->path));
    if (x == NULL) {
        printf(": no revision is like it\n");
        return;
    }
    printf(": no revision has this data; the nearest is %.*s/%.*s@%llu, entry #%llu:\n"
           "  %s in both, %llu only there, %llu only here\n",
           SPAN_ARGS(x->study), SPAN_ARGS(x->revision.dataset),
           (unsigned long long)x->revision.number, (unsigned long long)x->revision.index,
           counted(&s->c->arena, r->both, "record", "records"), (unsigned long long)r->only_a,
           (unsigned long long)r->only_b);
}

/* --- by bytes --- */

static bool say_same_bytes(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct search *s = ctx;
    struct candidate found = {s->study, *x};
    (void)e;
    s->found = true;
    say_identity(s, &found, CHANGE_NONE, NULL);
    return true;
}

static bool search_bytes(void *ctx, struct span name, struct err *e)
{
    struct search *s = ctx;
    s->study = arena_copy(&s->c->arena, name);
    return catalog_each_revision_of(s->c->catalog, s->study, s->file->sha256, say_same_bytes, s, e);
}

/* --- by data: which revisions --- */

static enum file_format format_of(struct span word)
{
    return span_eq(word, SPAN("csv"))    ? FILE_CSV
           : span_eq(word, SPAN("xpt"))  ? FILE_XPT5
           : span_eq(word, SPAN("json")) ? FILE_JSON
                                         : FILE_BINARY;
}

static bool add_candidate(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct search *s = ctx;
    (void)e;
    struct arena *a = &s->c->arena;
    struct span called = s->member.n > 0 ? s->member : data_file_stem(s->file->path);
    /* Datasets are called like files, but for what tells formats apart; some were never read. */
    if (!name_same(dataset_last_part(x->dataset), called) || x->records == CATALOG_NONE ||
        format_of(x->format) == FILE_BINARY)
        return true;
    s->candidate = mem_room(s->candidate, s->candidates, &s->cap, sizeof *s->candidate);
    struct candidate *to = &s->candidate[s->candidates++];
    *to = (struct candidate){s->study, *x};
    to->revision.dataset = arena_copy(a, x->dataset);
    to->revision.format = arena_copy(a, x->format);
    to->revision.member = arena_copy(a, x->member);
    return true;
}

static bool search_names(void *ctx, struct span name, struct err *e)
{
    struct search *s = ctx;
    s->study = arena_copy(&s->c->arena, name);
    return catalog_each_revision(s->c->catalog, s->study, SPAN(""), add_candidate, s, e);
}

/* --- by data: comparing --- */

/* The dataset of that name, or the only one: read to its end. */
static bool read_member(struct search *s, struct rows *rows, struct span name, struct issues *notes,
                        struct content **out, struct err *e)
{
    struct content_input in = {.rows = rows, .folder = s->folder, .notes = notes, .place = ""};
    enum rows_step more;
    *out = NULL;
    while ((more = rows_member(rows, e)) == ROWS_MORE)
        if (name.n == 0 || span_eq(rows_info(rows)->name, name))
            return content_read(&in, out, e);
    return more == ROWS_END;
}

static bool read_source(struct search *s, struct file *f, enum file_format format, struct span name,
                        struct content **out, struct err *e)
{
    struct issues notes = {0};
    struct rows *rows = NULL;
    uint8_t head[FILE_HEAD];
    size_t n;
    if (!file_read_at(f, 0, head, sizeof head, &n, e))
        return false;
    enum file_format found = file_identify(span_of(head, n));
    if (format == FILE_XPT5)
        format = found;
    if (format == FILE_JSON && found != FILE_JSON)
        format = FILE_DSJC;
    struct rows_input in = {.source = file_source(f),
                            .format = format,
                            .name = "",
                            .notes = &notes,
                            .define = s->options->define,
                            .missing = s->options->missing,
                            .missings = s->options->missings,
                            .encoding = s->options->encoding,
                            .dataset = data_file_stem(s->file->path)};
    bool good = rows_open(&in, &rows, e) && read_member(s, rows, name, &notes, out, e);
    rows_close(rows);
    issues_close(&notes);
    return good;
}

static bool read_candidate(struct search *s, const struct candidate *x, struct content **out,
                           struct err *e)
{
    struct file plain;
    bool there;
    *out = NULL;
    if (!objects_has(s->c->home, x->revision.sha256, &there, e) || !there)
        return there == false;
    if (!objects_open_plain(s->c->home, x->revision.sha256, &plain, e))
        return false;
    bool good = read_source(s, &plain, format_of(x->revision.format), x->revision.member, out, e);
    file_close(&plain);
    return good;
}

static void take(struct search *s, const struct candidate *x, const struct comparison *found)
{
    if (!change_is_data(found->change)) {
        s->found = true;
        say_identity(s, x, found->change, &found->records);
    } else if (!found->names_differ && found->records.both > 0 &&
               (s->nearest == NULL || found->records.both > s->nearest_is.records.both)) {
        s->nearest = x;
        s->nearest_is = *found;
    }
}

/* Both are read again for each pair: the sorted records of a content can be taken once. */
static bool compare_candidate(struct search *s, const struct candidate *x, struct err *e)
{
    struct content *theirs = NULL, *ours = NULL;
    struct comparison found;
    bool good = read_candidate(s, x, &theirs, e);
    if (good && theirs != NULL)
        good = read_source(s, &s->file->file, s->file->format, s->member, &ours, e) &&
               compare_contents(theirs, ours, &found, e);
    if (good && ours != NULL)
        take(s, x, &found);
    content_close(theirs);
    content_close(ours);
    return good;
}

static bool each_study(struct search *s, bool (*each)(void *, struct span, struct err *),
                       struct err *e)
{
    if (s->c->options.operands < 2)
        return catalog_each_study(s->c->catalog, each, s, e);
    return place_study(s->c, cli_operand(s->c, 1), e) && each(s, cli_operand(s->c, 1), e);
}

/* One dataset of the file: the newest revisions first, up to the first that is the same data. */
static bool search_data(struct search *s, struct span member, struct err *e)
{
    bool found_before = s->found;
    s->member = member;
    s->candidates = 0;
    s->nearest = NULL;
    s->found = false;
    if (!each_study(s, search_names, e))
        return false;
    for (size_t i = 0; i < s->candidates && i < CANDIDATES_MAX && !s->found; i++) {
        cli_progress(s->c, "comparing revisions", i, s->candidates);
        if (!compare_candidate(s, &s->candidate[s->candidates - 1 - i], e))
            return false;
    }
    cli_progress_end(s->c);
    if (!s->found) {
        s->c->bad = true;
        say_nearest(s);
    }
    s->found = s->found || found_before;
    return true;
}

static bool member_names(struct search *s, struct span **out, size_t *n, struct err *e)
{
    enum rows_step more;
    size_t cap = 0;
    while ((more = rows_member(s->file->rows, e)) == ROWS_MORE) {
        for (size_t i = 0; i < *n; i++)
            if (span_eq((*out)[i], rows_info(s->file->rows)->name))
                return err_set(e, ERR_FORMAT, "%s: two datasets of one name", s->file->path);
        *out = mem_room(*out, *n, &cap, sizeof **out);
        (*out)[(*n)++] = arena_copy(&s->c->arena, rows_info(s->file->rows)->name);
    }
    return more == ROWS_END || err_at(e, "%s", s->file->path);
}

static bool search_all_data(struct search *s, struct err *e)
{
    struct span *member = NULL;
    size_t members = 0;
    bool good = member_names(s, &member, &members, e);
    for (size_t i = 0; good && i < members; i++)
        good = search_data(s, member[i], e);
    mem_free(member);
    return good;
}

static bool search_all(struct search *s, struct err *e)
{
    struct cli *c = s->c;
    if (!data_file_open(c, cli_operand(c, 0), s->options, s->file, e) ||
        !cli_home(c, HOME_READ, e) || !cli_catalog(c, e) || !each_study(s, search_bytes, e))
        return false;
    if (s->found)
        return true;
    if (s->file->rows != NULL)
        return search_all_data(s, e);
    c->bad = true;
    if (!c->json && !c->quiet)
        printf("%s: no revision has these bytes; the data of %s cannot be compared\n",
               s->file->path, file_format_name(s->file->format));
    return true;
}

bool identify_run(struct cli *c, struct err *e)
{
    struct data_options options;
    struct data_file file = {.file.fd = -1};
    struct search s = {.c = c, .file = &file, .options = &options, .folder = -1};
    bool good =
        data_options_read(c, &options, e) && scratch_open(&s.folder, e) && search_all(&s, e);
    mem_free(s.candidate);
    data_file_close(&file);
    data_options_close(&options);
    dir_close(s.folder);
    return good;
}
