#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/ssh_key.h"

enum { WORDS_MAX = 2048, COLUMN_GAP = 2 };

/* --- text --- */

/* As many bytes as fit, but no part of a character. */
static size_t whole_characters(struct span s, size_t most)
{
    if (s.n <= most)
        return s.n;
    while (most > 1 && (s.p[most] & 0xc0) == 0x80)
        most--;
    return most;
}

void put_text(FILE *to, struct span s)
{
    char raw[512], printable[sizeof raw];
    bool utf8 = span_utf8(s);
    while (s.n > 0) {
        size_t n = whole_characters(s, sizeof raw - 1);
        for (size_t i = 0; i < n; i++)
            raw[i] = (char)(s.p[i] == '\0' || (!utf8 && s.p[i] >= 0x80) ? '?' : s.p[i]);
        raw[n] = '\0';
        text_format(printable, sizeof printable, "%s", raw);
        fputs(printable, to);
        s = span_skip(s, n);
    }
}

static const char *words_of(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static const char *words_of(struct arena *a, const char *fmt, va_list ap)
{
    char text[WORDS_MAX];
    size_t n = text_vformat(text, sizeof text, fmt, ap);
    return arena_str(a, span_of(text, n));
}

const char *words(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = words_of(a, fmt, ap);
    va_end(ap);
    return text;
}

const char *counted(struct arena *a, uint64_t n, const char *one, const char *many)
{
    return words(a, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

const char *shown_time(struct arena *a, int64_t seconds)
{
    char text[TIME_TEXT + 1];
    return arena_str(a, span_str(time_write(seconds, text)));
}

const char *shown_key(struct arena *a, const struct public_key *k)
{
    struct buf b = {0};
    ssh_fingerprint(&b, k);
    const char *text = arena_str(a, buf_span(&b));
    buf_close(&b);
    return text;
}

/* --- tables --- */

void table_cell(struct table *t, struct span text)
{
    struct span cell = arena_copy(&t->arena, text);
    buf_add(&t->cells, span_of(&cell, sizeof cell));
}

void table_text(struct table *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct span cell = span_str(words_of(&t->arena, fmt, ap));
    va_end(ap);
    buf_add(&t->cells, span_of(&cell, sizeof cell));
}

/* In characters, not bytes; wide ones count as one. */
static size_t width_of(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += (s.p[i] & 0xc0) != 0x80;
    return n;
}

static struct span cell_at(const struct table *t, size_t i)
{
    struct span s;
    memcpy(&s, t->cells.p + i * sizeof s, sizeof s);
    return s;
}

/* *owed: blanks that go before what comes next in the line, if anything does. */
static void print_cell(const struct table *t, size_t i, size_t width, size_t *owed, FILE *to)
{
    struct span s = cell_at(t, i);
    size_t column = i % t->columns, blanks = width - width_of(s);
    if (s.n > 0) {
        fprintf(to, "%*s", (int)(*owed + (t->right[column] ? blanks : 0)), "");
        put_text(to, s);
        *owed = t->right[column] ? 0 : blanks;
    } else {
        *owed += blanks;
    }
    *owed += COLUMN_GAP;
    if (column + 1 == t->columns) {
        putc('\n', to);
        *owed = 0;
    }
}

void table_print(struct table *t, FILE *to)
{
    size_t cells = t->cells.n / sizeof(struct span), width[TABLE_COLUMNS_MAX] = {0}, owed = 0;
    for (size_t i = 0; i < cells; i++) {
        size_t w = width_of(cell_at(t, i));
        if (w > width[i % t->columns])
            width[i % t->columns] = w;
    }
    for (size_t i = 0; i < cells; i++)
        print_cell(t, i, width[i % t->columns], &owed, to);
    arena_close(&t->arena);
    buf_close(&t->cells);
}

/* --- issues --- */

static void print_issue(FILE *to, const char *indent, const struct issue *x)
{
    fprintf(to, "%s", indent);
    if (x->place[0] != '\0')
        fprintf(to, "%s: ", x->place);
    fprintf(to, "%s", issue_text(x->id));
    if (x->detail[0] != '\0')
        fprintf(to, ": %s", x->detail);
    fprintf(to, " (%s)\n", issue_name(x->id));
}

void issues_print(FILE *to, const char *indent, const struct issues *l, enum severity least)
{
    for (size_t i = 0; i < l->samples; i++)
        if (issue_severity(l->sample[i].id) >= least)
            print_issue(to, indent, &l->sample[i]);
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++)
        if (l->count[id] > ISSUE_SAMPLES && issue_severity(id) >= least)
            fprintf(to, "%sand %llu more of %s\n", indent,
                    (unsigned long long)(l->count[id] - ISSUE_SAMPLES), issue_name(id));
}

/* --- JSON lines --- */

void line_begin(struct line *l)
{
    *l = (struct line){0};
    l->o.b = &l->b;
    json_out_object(&l->o, NULL);
}

void line_end(struct line *l)
{
    json_out_object_end(&l->o);
    buf_byte(&l->b, '\n');
    fwrite(l->b.p, 1, l->b.n, stdout);
    buf_close(&l->b);
}

void line_text(struct line *l, const char *name, struct span s)
{
    if (span_utf8(s)) {
        json_out_string(&l->o, name, s);
        return;
    }
    struct buf ascii = {0};
    for (size_t i = 0; i < s.n; i++)
        buf_byte(&ascii, s.p[i] < 0x80 ? s.p[i] : '?');
    json_out_string(&l->o, name, buf_span(&ascii));
    buf_close(&ascii);
}

void line_time(struct line *l, const char *name, int64_t seconds)
{
    char text[TIME_TEXT + 1];
    json_out_string(&l->o, name, span_str(time_write(seconds, text)));
}

void line_hash(struct line *l, const char *name, struct hash h)
{
    json_out_hex(&l->o, name, hash_span(&h));
}

void line_number(struct line *l, const char *name, uint64_t v)
{
    json_out_integer(&l->o, name, v > (uint64_t)JSON_INTEGER_MAX ? JSON_INTEGER_MAX : (int64_t)v);
}

void line_number_or_null(struct line *l, const char *name, bool there, uint64_t v)
{
    if (there)
        line_number(l, name, v);
    else
        json_out_null(&l->o, name);
}

void line_text_or_null(struct line *l, const char *name, struct span s)
{
    if (s.n > 0)
        line_text(l, name, s);
    else
        json_out_null(&l->o, name);
}

void line_type(struct line *l, const char *type)
{
    json_out_string(&l->o, "type", span_str(type));
}

void issues_lines(const struct issues *l, struct span study, struct span transfer)
{
    for (size_t i = 0; i < l->samples; i++) {
        const struct issue *x = &l->sample[i];
        struct line line;
        line_begin(&line);
        line_text(&line, "detail", span_str(x->detail));
        line_text(&line, "id", span_str(issue_name(x->id)));
        line_text(&line, "place", span_str(x->place));
        line_text(&line, "severity", span_str(severity_name(issue_severity(x->id))));
        line_text_or_null(&line, "study", study);
        line_text(&line, "text", span_str(issue_text(x->id)));
        line_text_or_null(&line, "transfer", transfer);
        line_type(&line, "issue");
        line_end(&line);
    }
}

static void error_member(struct line *l, const struct err *error)
{
    if (error == NULL) {
        json_out_null(&l->o, "error");
        return;
    }
    json_out_object(&l->o, "error");
    line_text_or_null(l, "hint", span_str(error->hint));
    line_text(l, "text", span_str(error->text));
    json_out_object_end(&l->o);
}

void summary_line(const char *command, enum exit_status status, const struct err *error,
                  const struct issues *l)
{
    struct line line;
    line_begin(&line);
    line_text(&line, "command", span_str(command));
    error_member(&line, error);
    json_out_integer(&line.o, "exit", (int64_t)status);
    json_out_array(&line.o, "issues");
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++) {
        if (l->count[id] == 0)
            continue;
        json_out_object(&line.o, NULL);
        line_number(&line, "count", l->count[id]);
        line_text(&line, "id", span_str(issue_name(id)));
        line_text(&line, "severity", span_str(severity_name(issue_severity(id))));
        json_out_object_end(&line.o);
    }
    json_out_array_end(&line.o);
    line_type(&line, "summary");
    line_end(&line);
}

/* --- the end --- */

void error_print(const char *program, const struct err *e)
{
    fprintf(stderr, "%s: error: %s\n", program, e->text);
    if (e->hint[0] != '\0')
        fprintf(stderr, "%s: hint: %s\n", program, e->hint);
}

enum exit_status error_status(const struct err *e)
{
    return e->kind == ERR_BUSY        ? STATUS_BUSY
           : e->kind == ERR_INTEGRITY ? STATUS_ALARM
                                      : STATUS_CANNOT;
}

bool output_good(void)
{
    return fflush(stdout) == 0 && !ferror(stdout) && !ferror(stderr);
}

bool output_finish(struct err *e)
{
    errno = 0;
    if (output_good())
        return true;
    int why = errno;
    return err_set(e, ERR_IO, "cannot write to standard %s: %s",
                   ferror(stdout) ? "output" : "error",
                   why != 0 ? strerror(why) : "an earlier write failed");
}
