#include "report/html.h"

#include <assert.h>
#include <stdarg.h>

#include "base/err.h"
#include "base/time.h"

void html_raw(struct buf *b, const char *markup)
{
    buf_str(b, markup);
}

/* --- text --- */

/* Bytes of the UTF-8 character that s begins with; 0 where it begins with none. */
static size_t character(struct span s)
{
    size_t n = s.p[0] < 0x80 ? 1 : s.p[0] < 0xe0 ? 2 : s.p[0] < 0xf0 ? 3 : 4;
    return n <= s.n && span_utf8(span_of(s.p, n)) ? n : 0;
}

/* Controls (C0, DEL, C1), marks and overrides of direction, separators of lines. */
static bool is_unsafe(struct span c)
{
    if (c.n == 1)
        return c.p[0] < ' ' || c.p[0] == 0x7f;
    if (c.n == 2)
        return c.p[0] == 0xc2 && c.p[1] < 0xa0;
    if (c.n != 3 || c.p[0] != 0xe2)
        return false;
    return (c.p[1] == 0x80 &&
            ((c.p[2] >= 0xa8 && c.p[2] <= 0xae) || c.p[2] == 0x8e || c.p[2] == 0x8f)) ||
           (c.p[1] == 0x81 && c.p[2] >= 0xa6 && c.p[2] <= 0xa9);
}

static void add_character(struct buf *b, struct span c)
{
    static const struct {
        uint8_t c;
        const char *as;
    } marks[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; c.n == 1 && i < sizeof marks / sizeof marks[0]; i++)
        if (c.p[0] == marks[i].c) {
            buf_str(b, marks[i].as);
            return;
        }
    buf_add(b, is_unsafe(c) ? SPAN("?") : c);
}

void html_text(struct buf *b, struct span s)
{
    while (s.n > 0) {
        size_t n = character(s);
        if (n > 0)
            add_character(b, span_of(s.p, n));
        else
            buf_byte(b, '?');
        s = span_skip(s, n > 0 ? n : 1);
    }
}

void html_said(struct buf *b, struct span s)
{
    html_raw(b, "<bdi>");
    html_text(b, s);
    html_raw(b, "</bdi>");
}

void html_format(struct buf *b, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    size_t n = text_vformat(text, sizeof text, fmt, ap);
    va_end(ap);
    html_text(b, span_of(text, n));
}

/* --- numbers, hashes, times --- */

void html_number(struct buf *b, uint64_t v)
{
    if (v >= 1000) {
        html_number(b, v / 1000);
        html_format(b, ",%03u", (unsigned)(v % 1000));
    } else {
        buf_u64(b, v);
    }
}

void html_counted(struct buf *b, uint64_t n, const char *one, const char *many)
{
    html_number(b, n);
    html_format(b, " %s", n == 1 ? one : many);
}

void html_hash(struct buf *b, struct hash h)
{
    html_raw(b, "<code>");
    buf_hex(b, hash_span(&h));
    html_raw(b, "</code>");
}

struct span html_day_text(int64_t s, char *text)
{
    return span_of(time_write(s, text), DATE_TEXT);
}

struct span html_month_text(int64_t s, char *out)
{
    return span_of(time_write(s, out), sizeof "2026-01" - 1);
}

static void time_element(struct buf *b, int64_t seconds, bool day)
{
    char text[TIME_TEXT + 1];
    time_write(seconds, text);
    html_raw(b, "<time datetime=\"");
    buf_str(b, text);
    html_raw(b, "\">");
    buf_add(b, span_of(text, DATE_TEXT));
    if (!day) {
        buf_byte(b, ' ');
        buf_add(b, span_of(text + DATE_TEXT + 1, sizeof "22:00:03" - 1));
    }
    html_raw(b, "</time>");
}

void html_time(struct buf *b, int64_t seconds)
{
    time_element(b, seconds, false);
}

void html_day(struct buf *b, int64_t seconds)
{
    time_element(b, seconds, true);
}

void html_link(struct buf *b, struct span href)
{
    html_raw(b, "<a href=\"");
    html_text(b, href);
    html_raw(b, "\">");
}

/* --- facts, tables --- */

void html_fact(struct buf *b, const char *name)
{
    html_raw(b, "<div><dt>");
    html_raw(b, name);
    html_raw(b, "</dt><dd>");
}

void html_fact_end(struct buf *b)
{
    html_raw(b, "</dd></div>\n");
}

struct html_table html_table(struct buf *b, const char *label, const char *kind,
                             const struct html_column *c, size_t columns)
{
    html_raw(b, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"");
    html_raw(b, label);
    html_raw(b, "\"><table class=\"");
    html_raw(b, kind != NULL ? kind : "plain");
    html_raw(b, "\">\n<thead><tr>");
    for (size_t i = 0; i < columns; i++) {
        html_raw(b, c[i].number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        html_raw(b, c[i].name);
        html_raw(b, "</th>");
    }
    html_raw(b, "</tr></thead>\n<tbody>\n");
    return (struct html_table){b, c, columns, 0};
}

void html_table_end(struct html_table *t)
{
    html_raw(t->b, "</tbody></table></div>\n");
}

static void end_cell(struct html_table *t)
{
    if (t->at > 0)
        html_raw(t->b, t->at == 1 ? "</th>" : "</td>");
}

void html_row(struct html_table *t, const char *id)
{
    html_raw(t->b, "<tr");
    if (id != NULL) {
        html_raw(t->b, " id=\"");
        html_text(t->b, span_str(id));
        html_raw(t->b, "\"");
    }
    html_raw(t->b, ">");
    t->at = 0;
}

void html_cell(struct html_table *t)
{
    bool number = t->column[t->at].number;
    assert(t->at < t->columns);
    end_cell(t);
    html_raw(t->b, t->at == 0 ? "<th scope=\"row\"" : "<td");
    html_raw(t->b, number ? " class=\"n\">" : ">");
    t->at++;
}

void html_row_end(struct html_table *t)
{
    while (t->at < t->columns)
        html_cell(t);
    end_cell(t);
    html_raw(t->b, "</tr>\n");
}

void html_count_cell(struct html_table *t, uint64_t n)
{
    html_cell(t);
    if (n > 0)
        html_number(t->b, n);
}
