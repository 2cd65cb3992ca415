#include <string.h>

#include "cli/data_file.h"
#include "dataset/compare.h"
#include "os/dir.h"

enum {
    COLUMNS_SAID = 10, /* of those that are in one file only */
    FEW_MEMBERS = 4,   /* that keep their hashes in memory */
};

/* A dataset of a file, read to its end. */
struct member {
    struct span name;
    struct content *content;
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

static bool read_members(struct cli *c, struct side *s, int folder, struct err *e)
{
    enum rows_step more;
    while ((more = rows_member(s->file.rows, e)) == ROWS_MORE) {
        s->member = mem_room(s->member, s->members, &s->cap, sizeof *s->member);
        struct member *m = &s->member[s->members];
        m->name = arena_copy(&c->arena, rows_info(s->file.rows)->name);
        if (find(s, m->name) != NULL)
            return err_set(e, ERR_FORMAT, "%s: two datasets of one name", s->file.path);
        if (!content_read(s->file.rows, folder, &s->file.notes, s->file.path, &m->content, e))
            return err_at(e, "%s", s->file.path);
        if (++s->members > FEW_MEMBERS && !content_park(m->content, e))
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

static void say_columns(const char *where, const struct content_order *x,
                        const struct content_order *y)
{
    size_t said = 0;
    for (size_t i = 0; i < x->column_count; i++) {
        size_t j = 0;
        while (j < y->column_count && !span_eq(x->name[i], y->name[j]))
            j++;
        if (j < y->column_count || said++ >= COLUMNS_SAID)
            continue;
        if (said == 1)
            printf("; columns only in %s: ", where);
        else
            printf(", ");
        put_text(stdout, x->name[i]);
    }
    if (said > COLUMNS_SAID)
        printf(" and %zu more", said - COLUMNS_SAID);
}

static void say(struct cli *c, const struct side *a, const struct side *b, const struct member *x,
                const struct member *y, const struct comparison *found)
{
    const struct content_difference *r = &found->records;
    if (a->members > 1 || b->members > 1) {
        put_text(stdout, x->name);
        printf(": ");
    }
    printf("%s", change_words(found->change));
    if (found->names_differ) {
        struct content_order p = content_order(x->content), q = content_order(y->content);
        say_columns(a->file.path, &p, &q);
        say_columns(b->file.path, &q, &p);
    } else if (found->change == CHANGE_DATA) {
        printf(": %s in both, %llu only in %s, %llu only in %s",
               counted(&c->arena, r->both, "record", "records"), (unsigned long long)r->only_a,
               a->file.path, (unsigned long long)r->only_b, b->file.path);
    } else {
        printf(" (%s)", counted(&c->arena, r->both, "record", "records"));
    }
    putchar('\n');
}

/* r: NULL where records cannot be told from each other. */
static void comparison_line(const struct side *a, const struct side *b, struct span name,
                            enum change change, const struct content_difference *r)
{
    struct line l;
    line_begin(&l);
    line_text(&l, "a", span_str(a->file.path));
    line_text(&l, "b", span_str(b->file.path));
    line_number_or_null(&l, "both", r != NULL, r != NULL ? r->both : 0);
    line_text(&l, "change", span_str(change_name(change)));
    line_text_or_null(&l, "dataset", name);
    line_number_or_null(&l, "only_a", r != NULL, r != NULL ? r->only_a : 0);
    line_number_or_null(&l, "only_b", r != NULL, r != NULL ? r->only_b : 0);
    json_out_bool(&l.o, "same", !change_is_data(change));
    line_type(&l, "comparison");
    line_end(&l);
}

/* --- pairs --- */

static bool compare_pair(struct cli *c, const struct side *a, const struct side *b,
                         struct member *x, struct member *y, struct err *e)
{
    struct comparison found;
    if (!compare_contents(x->content, y->content, &found, e))
        return false;
    c->bad = c->bad || change_is_data(found.change);
    if (c->json)
        comparison_line(a, b, x->name, found.change, found.names_differ ? NULL : &found.records);
    else if (!c->quiet)
        say(c, a, b, x, y, &found);
    return true;
}

/* A dataset that the other file does not have. */
static void only_in(struct cli *c, const struct side *a, const struct side *b,
                    const struct member *m, const struct side *where)
{
    c->bad = true;
    if (c->json) {
        comparison_line(a, b, m->name, CHANGE_DATA, NULL);
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

static void same_bytes(struct cli *c, const struct side *a, const struct side *b)
{
    if (c->json)
        comparison_line(a, b, SPAN(""), CHANGE_NONE, NULL);
    else if (!c->quiet)
        puts(change_words(CHANGE_NONE));
}

/* Bytes that nobody reads: that they differ is all that can be said. */
static bool unread(const struct side *a, const struct side *b, struct err *e)
{
    const struct side *s = a->file.rows == NULL ? a : b;
    err_set(e, ERR_FORMAT, "%s: no reader for %s, and the bytes of both files differ", s->file.path,
            file_format_name(s->file.format));
    return err_hint(e, "CSV, SAS transport files and Dataset-JSON can be compared");
}

static bool compare_sides(struct cli *c, struct side *a, struct side *b,
                          const struct data_options *o, int folder, struct err *e)
{
    if (!data_file_open(c, cli_operand(c, 0), o, &a->file, e) ||
        !data_file_open(c, cli_operand(c, 1), o, &b->file, e))
        return false;
    if (hash_eq(a->file.sha256, b->file.sha256)) {
        same_bytes(c, a, b);
        return true;
    }
    if (a->file.rows == NULL || b->file.rows == NULL)
        return unread(a, b, e);
    return read_members(c, a, folder, e) && read_members(c, b, folder, e) &&
           compare_members(c, a, b, e);
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
