#include <string.h>

#include "cli/data_file.h"
#include "content/compare.h"
#include "ledger/revision_words.h"
#include "os/dir.h"

enum {
    COLUMNS_SAID = 10, /* of those that are, or are text, in one file only */
    FEW_MEMBERS = 4,   /* that keep their hashes in memory */
};

/* A dataset of a file. */
struct member {
    struct span name;
    struct content *content; /* read to its end; NULL where it was read in step with the other */
    struct content_order order;
};

struct side {
    struct data_file file;
    struct member *member;
    size_t members, cap;
};

static struct member *find(const struct side *s, struct span name)
{
    for (size_t i = 0; i < s->members; i++)
        if (span_eq(s->member[i].name, name))
            return &s->member[i];
    return NULL;
}

/* The dataset that is compared with the one of that name: what is alone, whatever it is called. */
static const struct member *counterpart(const struct side *s, struct span name)
{
    const struct member *m = find(s, name);
    return m == NULL && s->members == 1 ? &s->member[0] : m;
}

/* The reader is at a member that was not there yet. */
static bool add_member(struct cli *c, struct side *s, struct member **out, struct err *e)
{
    struct span name = arena_copy(&c->arena, rows_info(s->file.rows)->name);
    if (find(s, name) != NULL)
        return err_set(e, ERR_FORMAT, "%s: two datasets of one name", s->file.path);
    s->member = mem_room(s->member, s->members, &s->cap, sizeof *s->member);
    *out = &s->member[s->members++];
    **out = (struct member){.name = name};
    return true;
}

/* like: the side whose keys are taken, or NULL. */
static bool read_members(struct cli *c, struct side *s, const struct side *like, int folder,
                         struct err *e)
{
    enum rows_step more;
    struct member *m;
    while ((more = rows_member(s->file.rows, e)) == ROWS_MORE) {
        if (!add_member(c, s, &m, e))
            return false;
        const struct member *other = like != NULL ? counterpart(like, m->name) : NULL;
        if (!data_file_content(&s->file, other != NULL ? &other->order : NULL, folder, &m->content,
                               e))
            return err_at(e, "%s", s->file.path);
        m->order = content_order(m->content);
        if (s->members > FEW_MEMBERS && !content_park(m->content, e))
            return false;
    }
    return more == ROWS_END || err_at(e, "%s", s->file.path);
}

static void close_side(struct side *s)
{
    for (size_t i = 0; i < s->members; i++)
        content_close(s->member[i].content);
    mem_free(s->member);
    data_file_close(&s->file);
}

/* --- what is said --- */

/* The place of that column in x, or as many as x has. */
static size_t place_of(const struct content_order *x, struct span name)
{
    size_t i = 0;
    while (i < x->column_count && !span_eq(x->name[i], name))
        i++;
    return i;
}

static bool only_there(const struct content_order *x, size_t i, const struct content_order *y)
{
    return place_of(y, x->name[i]) == y->column_count;
}

/* 2014-01-02 and 8.5 as text are never the date or the number that they look like. */
static bool text_only_there(const struct content_order *x, size_t i, const struct content_order *y)
{
    size_t j = place_of(y, x->name[i]);
    return x->is_text[i] && j < y->column_count && !y->is_text[j];
}

/* of_x: which columns of x are said. */
static void say_columns(const char *what, const char *where, const struct content_order *x,
                        const struct content_order *y,
                        bool (*of_x)(const struct content_order *, size_t,
                                     const struct content_order *))
{
    size_t said = 0;
    for (size_t i = 0; i < x->column_count; i++) {
        if (!of_x(x, i, y) || said++ >= COLUMNS_SAID)
            continue;
        if (said == 1)
            printf("; %s only in %s: ", what, where);
        else
            printf(", ");
        put_text(stdout, x->name[i].n > 0 ? x->name[i] : SPAN("(no name)"));
    }
    if (said > COLUMNS_SAID)
        printf(" and %zu more", said - COLUMNS_SAID);
}

static void say_both(const char *what, const struct side *a, const struct side *b,
                     const struct member *x, const struct member *y,
                     bool (*of_x)(const struct content_order *, size_t,
                                  const struct content_order *))
{
    say_columns(what, a->file.path, &x->order, &y->order, of_x);
    say_columns(what, b->file.path, &y->order, &x->order, of_x);
}

static void say_changes(struct cli *c, const struct content_order *before,
                        const struct content_order *after, const struct content_changes *x)
{
    uint64_t same = after->records - x->added - x->changed;
    printf("%s the same, %llu changed, %llu added, %llu removed (by ",
           counted(&c->arena, same, "record", "records"), (unsigned long long)x->changed,
           (unsigned long long)x->added, (unsigned long long)x->removed);
    print_key_columns(after);
    printf("%s)", before->duplicates + after->duplicates > 0 ? ", which is not unique" : "");
}

/* In two ODM files metadata are all that is no audit record: values, too. */
static const char *words_of(const struct side *a, const struct side *b, enum change change)
{
    bool odm = a->file.format == FILE_ODM && b->file.format == FILE_ODM;
    return odm && change == CHANGE_METADATA
               ? "metadata only: the same audit records; something else in the files differs"
               : change_words(change);
}

static void say(struct cli *c, const struct side *a, const struct side *b, const struct member *x,
                const struct member *y, const struct comparison *found)
{
    const struct content_difference *r = &found->records;
    if (a->members > 1 || b->members > 1) {
        put_text(stdout, x->name);
        printf(": ");
    }
    printf("%s", words_of(a, b, found->change));
    if (found->names_differ)
        say_both("columns", a, b, x, y, only_there);
    if (found->change == CHANGE_DATA)
        say_both("columns that are text", a, b, x, y, text_only_there);
    if (!change_is_data(found->change)) {
        printf(" (%s)", counted(&c->arena, r->both, "record", "records"));
    } else if (found->keyed) {
        printf(": ");
        say_changes(c, &x->order, &y->order, &found->changes);
    } else if (!found->names_differ) {
        printf(": %s in both, %llu only in %s, %llu only in %s",
               counted(&c->arena, r->both, "record", "records"), (unsigned long long)r->only_a,
               a->file.path, (unsigned long long)r->only_b, b->file.path);
    }
    putchar('\n');
}

static void line_count(struct line *l, const char *name, const uint64_t *count)
{
    line_number_or_null(l, name, count != NULL, count != NULL ? *count : 0);
}

/*
 * found: NULL where only `change` can be said. order: of the records in b, by whose key
 * changes are counted; NULL like found.
 */
static void comparison_line(const struct side *a, const struct side *b, struct span name,
                            enum change change, const struct comparison *found,
                            const struct content_order *order)
{
    struct line l;
    const struct content_difference *r =
        found != NULL && !found->names_differ ? &found->records : NULL;
    const struct content_changes *x = found != NULL && found->keyed ? &found->changes : NULL;
    line_begin(&l);
    line_text(&l, "a", span_str(a->file.path));
    line_count(&l, "added", x != NULL ? &x->added : NULL);
    line_text(&l, "b", span_str(b->file.path));
    line_count(&l, "both", r != NULL ? &r->both : NULL);
    line_text(&l, "change", span_str(change_name(change)));
    line_count(&l, "changed", x != NULL ? &x->changed : NULL);
    line_text_or_null(&l, "dataset", name);
    key_members(&l, x != NULL ? order : NULL);
    line_count(&l, "only_a", r != NULL ? &r->only_a : NULL);
    line_count(&l, "only_b", r != NULL ? &r->only_b : NULL);
    line_count(&l, "removed", x != NULL ? &x->removed : NULL);
    json_out_bool(&l.o, "same", !change_is_data(change));
    line_type(&l, "comparison");
    line_end(&l);
}

/* --- pairs --- */

static void tell(struct cli *c, const struct side *a, const struct side *b, const struct member *x,
                 const struct member *y, const struct comparison *found)
{
    c->bad = c->bad || change_is_data(found->change);
    if (c->json)
        comparison_line(a, b, x->name, found->change, found, &y->order);
    else if (!c->quiet)
        say(c, a, b, x, y, found);
}

static bool compare_pair(struct cli *c, const struct side *a, const struct side *b,
                         const struct member *x, const struct member *y, struct err *e)
{
    struct comparison found;
    if (!compare_contents(x->content, y->content, &found, e))
        return false;
    tell(c, a, b, x, y, &found);
    return true;
}

/* A dataset that the other file does not have. */
static void only_in(struct cli *c, const struct side *a, const struct side *b,
                    const struct member *m, const struct side *where)
{
    c->bad = true;
    if (c->json) {
        comparison_line(a, b, m->name, CHANGE_DATA, NULL, NULL);
    } else if (!c->quiet) {
        put_text(stdout, m->name);
        printf(": only in %s\n", where->file.path);
    }
}

/* Files of one dataset are compared whatever it is called; others name by name. */
static bool compare_members(struct cli *c, struct side *a, struct side *b, struct err *e)
{
    if (a->members == 1 && b->members == 1)
        return compare_pair(c, a, b, &a->member[0], &b->member[0], e);
    for (size_t i = 0; i < a->members; i++) {
        struct member *other = find(b, a->member[i].name);
        if (other == NULL)
            only_in(c, a, b, &a->member[i], a);
        else if (!compare_pair(c, a, b, &a->member[i], other, e))
            return false;
    }
    for (size_t i = 0; i < b->members; i++)
        if (find(a, b->member[i].name) == NULL)
            only_in(c, a, b, &b->member[i], b);
    return true;
}

/* --- in step --- */

/* What was found of each pair of members. */
struct found {
    struct comparison *pair;
    size_t pairs, cap;
};

/* The readers are at the next member each. */
static bool read_pair(struct cli *c, struct side *a, struct side *b, struct found *f)
{
    struct member *x, *y;
    struct dataset_key key;
    struct record_input in_b, in_a = {.rows = a->file.rows, .notes = &a->file.notes};
    if (!add_member(c, a, &x, NULL) || !add_member(c, b, &y, NULL))
        return false;
    in_a.place = a->file.path;
    data_file_records(&b->file, NULL, &c->arena, &key, &in_b);
    f->pair = mem_room(f->pair, f->pairs, &f->cap, sizeof *f->pair);
    return compare_in_step(&in_a, &in_b, &c->arena, &f->pair[f->pairs++], &x->order, &y->order);
}

/* Names count only where there are more datasets than one. */
static bool same_names(const struct side *a, const struct side *b)
{
    for (size_t i = 0; a->members > 1 && i < a->members; i++)
        if (!span_eq(a->member[i].name, b->member[i].name))
            return false;
    return true;
}

/* Both files are read at once, as long as nothing must be sorted. What is wrong with one, reading
 * it on its own will say. */
static bool read_in_step(struct cli *c, struct side *a, struct side *b, struct found *f)
{
    for (;;) {
        enum rows_step x = rows_member(a->file.rows, NULL), y = rows_member(b->file.rows, NULL);
        if (x != ROWS_MORE || y != ROWS_MORE)
            return x == ROWS_END && y == ROWS_END && same_names(a, b);
        if (!read_pair(c, a, b, f))
            return false;
    }
}

static bool compare_both(struct cli *c, struct side *a, struct side *b)
{
    struct found f = {0};
    bool good = read_in_step(c, a, b, &f);
    for (size_t i = 0; good && i < f.pairs; i++)
        tell(c, a, b, &a->member[i], &b->member[i], &f.pair[i]);
    mem_free(f.pair);
    return good;
}

static bool begin_again(struct side *s, const struct data_options *o, struct err *e)
{
    s->members = 0;
    return data_file_rewind(&s->file, o, e);
}

static void same_bytes(struct cli *c, const struct side *a, const struct side *b)
{
    if (c->json)
        comparison_line(a, b, SPAN(""), CHANGE_NONE, NULL, NULL);
    else if (!c->quiet)
        puts(change_words(CHANGE_NONE));
}

/* Bytes that nobody reads: that they differ is all that can be said. */
static bool unread(const struct side *a, const struct side *b, struct err *e)
{
    const struct side *s = a->file.rows == NULL ? a : b;
    err_set(e, ERR_FORMAT, "%s: no reader for %s, and the bytes of both files differ", s->file.path,
            file_format_name(s->file.format));
    return err_hint(e, "CSV, SAS transport files, Dataset-JSON and the audit records of ODM can be "
                       "compared");
}

static bool compare_sides(struct cli *c, struct side *a, struct side *b,
                          const struct data_options *o, int folder, struct err *e)
{
    bool equal;
    if (!data_file_open(c, cli_operand(c, 0), o, &a->file, e) ||
        !data_file_open(c, cli_operand(c, 1), o, &b->file, e) ||
        !source_equal(file_source(&a->file.file), file_source(&b->file.file), &equal, e))
        return false;
    if (equal) {
        same_bytes(c, a, b);
        return true;
    }
    if (a->file.rows == NULL || b->file.rows == NULL)
        return unread(a, b, e);
    return compare_both(c, a, b) ||
           (begin_again(a, o, e) && begin_again(b, o, e) && read_members(c, b, NULL, folder, e) &&
            read_members(c, a, b, folder, e) && compare_members(c, a, b, e));
}

bool compare_run(struct cli *c, struct err *e)
{
    struct side a = {.file.file.fd = -1}, b = {.file.file.fd = -1};
    struct data_options o;
    int folder = -1;
    bool good = data_options_read(c, &o, e) && scratch_open(&folder, e) &&
                compare_sides(c, &a, &b, &o, folder, e);
    if (good && !c->quiet && !c->json) {
        issues_print(stdout, "  ", &a.file.notes, SEVERITY_NOTE);
        issues_print(stdout, "  ", &b.file.notes, SEVERITY_NOTE);
    }
    close_side(&a);
    close_side(&b);
    data_options_close(&o);
    dir_close(folder);
    return good;
}
