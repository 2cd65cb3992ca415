#include "dataset/rows.h"

#include <assert.h>

#include "base/bytes.h"
#include "base/name_map.h"
#include "dataset/names.h"
#include "dataset/reader.h"

const struct rows_limits rows_limits_default = {
    .members = 1000,
    .columns = 10000,
    .cell = 1 << 20,
    .row = 16 << 20,
};

static const struct rows_reader *const readers[] = {&rows_csv, &rows_xpt, &rows_dataset_json,
                                                    &rows_odm};

static const struct rows_reader *reader_for(enum file_format f)
{
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if ((readers[i]->formats >> f & 1) != 0)
            return readers[i];
    return NULL;
}

bool rows_readable(enum file_format f)
{
    return reader_for(f) != NULL;
}

bool rows_open(const struct rows_input *in, struct rows **out, struct err *e)
{
    const struct rows_reader *reader = reader_for(in->format);
    if (reader == NULL)
        return err_set(e, ERR_USAGE, "no reader for %s", file_format_name(in->format));
    struct rows *r = mem_new(sizeof *r);
    r->reader = reader;
    r->in = *in;
    if (r->in.limits == NULL)
        r->in.limits = &rows_limits_default;
    r->step = ROWS_END;
    window_open(&r->window, in->source);
    if (!reader->open(r, e)) {
        rows_close(r);
        return false;
    }
    *out = r;
    if (r->nothing) {
        rows_close(r);
        *out = NULL;
    }
    return true;
}

struct column_format column_format_parse(struct span s)
{
    struct column_format f = {.name = s};
    uint64_t width = 0, decimals = 0;
    size_t dot = span_find(s, 0, '.'), name = dot;
    while (name > 0 && s.p[name - 1] >= '0' && s.p[name - 1] <= '9')
        name--;
    struct span behind = span_skip(s, dot == s.n ? dot : dot + 1);
    if (dot == s.n || (name < dot && !span_u64(span_of(s.p + name, dot - name), &width)) ||
        (behind.n > 0 && !span_u64(behind, &decimals)) || width > 0xffff || decimals > 0xffff)
        return f;
    return (struct column_format){span_of(s.p, name), (unsigned)width, (unsigned)decimals};
}

/* --- what is said elsewhere --- */

static bool is_number(const struct define_item *item)
{
    static const char *const types[] = {"integer", "decimal", "float", "double"};
    bool number = item->target.n > 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        number = number || span_eq(item->type, span_str(types[i]));
    return number;
}

/* Types, labels and formats are taken where the file has no types, a key where it says none. */
static bool take_item(const struct define_item *item, struct column *c)
{
    if (c->type != COLUMN_UNDECLARED)
        return false;
    c->type = is_number(item) ? COLUMN_NUMBER : COLUMN_TEXT;
    c->type_name = item->type;
    c->target_type = item->target;
    c->label = item->label;
    c->length = item->length > UINT32_MAX ? 0 : (unsigned)item->length;
    c->format = column_format_parse(item->format);
    return true;
}

static bool has_key(const struct dataset_info *info)
{
    for (size_t i = 0; i < info->columns; i++)
        if (info->column[i].key > 0)
            return true;
    return false;
}

/* The columns of x by name; of two of one name the first. */
static void map_refs(const struct define *d, const struct define_dataset *x, struct name_map *out)
{
    for (size_t i = 0; i < x->refs; i++) {
        size_t *at = name_map_at(out, define_item(d, x->ref[i].item)->name);
        if (*at == NAME_MAP_NEW)
            *at = i;
    }
}

static void apply_columns(struct rows *r, const struct define *d, const struct define_dataset *x)
{
    struct dataset_info *info = &r->info;
    info->defined_keys = define_keys(x);
    struct column *column = arena_array(&r->member, info->columns, sizeof *column);
    struct name_map refs = {0};
    map_refs(d, x, &refs);
    for (size_t i = 0; i < info->columns; i++) {
        column[i] = info->column[i];
        size_t at = *name_map_at(&refs, column[i].name);
        if (at == NAME_MAP_NEW)
            continue;
        info->defined |= take_item(define_item(d, x->ref[at].item), &column[i]);
        column[i].defined_key = define_ref_key(d, x, at);
        info->defined |= column[i].defined_key > 0;
        if (!info->keyed)
            column[i].key = (unsigned)column[i].defined_key;
    }
    name_map_close(&refs);
    info->column = column;
}

bool rows_define(struct rows *r, const struct define *d, struct span dataset)
{
    struct dataset_info *info = &r->info;
    const struct define_dataset *x = define_dataset(d, dataset);
    if (x == NULL)
        return false;
    apply_columns(r, d, x);
    if (info->format == FILE_CSV)
        info->label = x->label;
    if (x->missings > 0) {
        r->in.missing = x->missing;
        r->in.missings = x->missings;
    }
    return info->defined;
}

/* --- members and rows --- */

static enum rows_step read_over(struct rows *r, struct err *e)
{
    struct row ignored;
    while (r->step == ROWS_MORE)
        rows_next(r, &ignored, e);
    return r->step;
}

enum rows_step rows_member(struct rows *r, struct err *e)
{
    if (read_over(r, e) == ROWS_FAILED)
        return ROWS_FAILED;
    struct provenance file = r->info.file;
    arena_close(&r->member);
    r->decoded_cell = NULL;
    r->info = (struct dataset_info){.format = r->in.format, .file = file};
    enum rows_step step = r->reader->member(r, e);
    if (step == ROWS_MORE && ++r->members > r->in.limits->members) {
        err_set(e, ERR_LIMIT, "more than %zu members", r->in.limits->members);
        step = ROWS_FAILED;
    }
    if (step == ROWS_MORE && !rows_decode_member(r, e))
        step = ROWS_FAILED;
    r->info.keyed = has_key(&r->info);
    if (step == ROWS_MORE && r->in.define != NULL)
        rows_define(r, r->in.define, r->info.name.n > 0 ? r->info.name : r->in.dataset);
    r->step = step;
    return step;
}

const struct dataset_info *rows_info(const struct rows *r)
{
    return &r->info;
}

enum rows_step rows_next(struct rows *r, struct row *out, struct err *e)
{
    assert(r->members > 0);
    if (r->step != ROWS_MORE)
        return r->step;
    r->step = r->reader->next(r, out, e);
    if (r->step == ROWS_MORE) {
        out->number = ++r->info.records;
        if (r->in.encoding != NULL && !rows_decode_row(r, out, e))
            r->step = ROWS_FAILED;
    }
    return r->step;
}

void rows_close(struct rows *r)
{
    if (r == NULL)
        return;
    r->reader->close(r);
    window_close(&r->window);
    buf_close(&r->decoded);
    arena_close(&r->file);
    arena_close(&r->member);
    mem_free(r);
}

void rows_note(struct rows *r, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    text_vformat(text, sizeof text, fmt, ap);
    va_end(ap);
    issues_add(r->in.notes, ISSUE_FORMAT_NOTE, r->in.name, "%s", text);
}

void rows_saw_text(struct rows *r, struct span text, uint64_t row)
{
    if (r->info.encoding == TEXT_OTHER || span_ascii(text))
        return;
    r->info.encoding = span_utf8(text) ? TEXT_UTF8 : TEXT_OTHER;
    if (r->info.encoding == TEXT_UTF8 || r->in.encoding != NULL)
        return;
    if (row == 0)
        rows_note(r, "names or labels that are not UTF-8");
    else
        rows_note(r, "text that is not UTF-8, first in row %llu", (unsigned long long)row);
}

/* The first byte above 0x7F, or the end. */
static const uint8_t *find_high(const uint8_t *p, const uint8_t *end)
{
    const uint64_t high_bits = 0x8080808080808080u;
    for (; end - p >= 8; p += 8) {
        uint64_t high = bytes_eight_lowest_first(p) & high_bits;
        if (high != 0)
            return p + __builtin_ctzll(high) / 8;
    }
    while (p < end && *p < 0x80)
        p++;
    return p;
}

/* Most texts are ASCII, so only those are looked at that are not. */
void rows_saw_cells(struct rows *r, const struct cell *cell, size_t cells)
{
    const struct span *last = &cell[cells - 1].bytes;
    const uint8_t *end = last->p + last->n, *high = cell->bytes.p;
    for (size_t i = 0; i < cells && high < end; i++) {
        const struct span *s = &cell[i].bytes;
        if (high <= s->p)
            high = find_high(s->p, end);
        if (high < s->p + s->n && cell[i].kind == CELL_TEXT)
            rows_saw_text(r, *s, r->info.records + 1);
    }
}

void rows_point_cells(struct buf *text, struct cell *cell, size_t cells)
{
    size_t at = 0;
    memset(buf_room(text, ROW_ROOM), 0, ROW_ROOM);
    for (size_t i = 0; i < cells; i++) {
        cell[i].bytes.p = text->p + at;
        at += cell[i].bytes.n;
    }
}

void rows_note_names(struct rows *r)
{
    struct name_set seen = {0};
    for (size_t i = 0; i < r->info.columns; i++) {
        struct span name = r->info.column[i].name;
        if (name.n == 0)
            rows_note(r, "column %zu has no name", i + 1);
        else if (!name_set_add(&seen, name))
            rows_note(r, "column %zu: the name %.*s was there before", i + 1, SPAN_ARGS(name));
    }
    name_set_close(&seen);
}
