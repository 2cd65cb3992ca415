/*
 * Dataset-JSON (CDISC), versions 1.0 and 1.1: one JSON text; or, 1.1 only, lines: the
 * head, then a row a line; plain or in gzip or zlib. Members of an object may come
 * in any order, so rows may stand before their columns: such rows are read over, and
 * read again once the columns are known.
 *
 * A row has one value for each column: string, number, boolean or null. A value of a
 * kind that its column does not declare is data all the same; it is noted. Version 1.0
 * puts a column ITEMGROUPDATASEQ before the others, which counts the rows: it belongs
 * to the format, not to the data, so it is checked and left out.
 */
#include "dataset/dataset_json_part.h"

static bool dataset_json_open(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state = mem_new(sizeof *d);
    dataset_json_scan_open(&d->scan, mark_way(0));
    enum json_token token;
    struct span text;
    d->blocks = r->in.format == FILE_DSJC ? blocks_open_inflated(r->in.source)
                                          : blocks_open(r->in.source, 0);
    d->json = json_open((struct json_input){blocks_next, d->blocks});
    d->head = (struct dataset_json_head){.json = d->json,
                                         .arena = &r->file,
                                         .rows = r,
                                         .versions = DATASET_JSON_1_0 | DATASET_JSON_1_1};
    dataset_json_begin(&d->object[IN_FILE], PLACE_FILE);
    if (!json_next(d->json, &token, &text, e))
        return false;
    if (token == JSON_ARRAY)
        return dataset_json_refuse(d->json, e, "a plain JSON array, which is not Dataset-JSON");
    return token == JSON_OBJECT || dataset_json_refuse(d->json, e, "not an object");
}

static void close_rows(struct dataset_json *d)
{
    json_close(d->late);
    blocks_close(d->late_blocks);
    mem_free(d->noted);
    mem_free(d->fine);
    mem_free(d->cell);
    mem_free(d->head.column);
    dataset_json_scan_forget(&d->scan);
    d->late = d->rows = NULL;
    d->late_blocks = NULL;
    d->noted = NULL;
    d->fine = NULL;
    d->cell = NULL;
    d->head.column = NULL;
    d->head.columns = d->head.column_cap = 0;
}

static void dataset_json_close(struct rows *r)
{
    struct dataset_json *d = r->state;
    close_rows(d);
    for (size_t i = 0; i <= PLACE_GROUP; i++)
        dataset_json_end(&d->object[i]);
    name_set_close(&d->groups);
    json_close(d->json);
    blocks_close(d->blocks);
    dataset_json_scan_close(&d->scan);
    buf_close(&d->text);
    mem_free(d);
}

/* --- where the rows are --- */

static bool pass_rows(struct dataset_json *d, struct err *e)
{
    enum json_token token;
    struct span text;
    if (!json_next(d->json, &token, &text, e))
        return false;
    d->rows_passed = true;
    d->rows_at = json_offset(d->json);
    d->rows_line = json_line(d->json);
    return dataset_json_skip(&d->head, token, e);
}

/* Rows come next; *now: their columns are known. */
static bool take_rows(struct dataset_json *d, bool *now, struct err *e)
{
    *now = dataset_json_ready(&d->head, &d->object[d->level]);
    if (!*now)
        return pass_rows(d, e);
    d->rows = d->json;
    return dataset_json_expect(d->rows, JSON_ARRAY, "rows that are no array", e);
}

static bool go_back_to_rows(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    if (r->in.format == FILE_DSJC)
        return dataset_json_refuse(d->json, e, "rows before their columns, in a compressed file");
    d->late_blocks = blocks_open(r->in.source, d->rows_at);
    d->late =
        json_open_at((struct json_input){blocks_next, d->late_blocks}, d->rows_at, d->rows_line);
    d->rows = d->late;
    return dataset_json_expect(d->rows, JSON_ARRAY, "rows that are no array", e);
}

/* The head of version 1.1 has ended, without rows or behind them. */
static bool end_head(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    if (d->rows_passed)
        return go_back_to_rows(r, e);
    bool one_line = json_line(d->json) == 1;
    if (!json_next_line(d->json, &d->lines, e))
        return false;
    if (d->lines && !one_line)
        return dataset_json_refuse(d->json, e, "lines behind a head that is not one line");
    d->rows = d->lines ? d->json : NULL;
    return true;
}

/* --- from dataset to dataset --- */

static bool is_old(const struct dataset_json *d)
{
    return (d->head.versions & DATASET_JSON_1_1) == 0;
}

static bool enter(struct dataset_json *d, enum dataset_json_level level, const char *what,
                  struct err *e)
{
    if (level <= IN_GROUP) {
        dataset_json_end(&d->object[level]);
        dataset_json_begin(&d->object[level], (enum dataset_json_place)level);
    }
    d->level = level;
    return dataset_json_expect(d->json, JSON_OBJECT, what, e);
}

/* The next dataset of version 1.0, or the end of the object that holds them. */
static bool next_group(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    enum json_token token;
    struct span oid;
    if (!json_next(d->json, &token, &oid, e))
        return false;
    if (token == JSON_OBJECT_END) {
        d->level = IN_DATA;
        return true;
    }
    if (!name_set_add(&d->groups, oid))
        return dataset_json_refuse(d->json, e, "a dataset twice");
    if (d->groups.used > r->in.limits->members)
        return err_set(e, ERR_LIMIT, "more than %zu members", r->in.limits->members);
    d->pending = true;
    d->rows_passed = false;
    return enter(d, IN_GROUP, "a dataset that is no object", e);
}

/* An object has ended. */
static bool leave(struct rows *r, bool *now, struct err *e)
{
    struct dataset_json *d = r->state;
    enum dataset_json_level from = d->level;
    *now = d->pending && (from == IN_GROUP || (from == IN_FILE && !is_old(d)));
    d->ended = from == IN_FILE;
    d->level = from == IN_GROUP ? IN_GROUPS : IN_FILE;
    if (!*now)
        return true;
    return from == IN_FILE ? end_head(r, e) : !d->rows_passed || go_back_to_rows(r, e);
}

/* One step towards the next dataset (*now: it may be given) or the end of the file's object. */
static bool step(struct rows *r, bool *now, struct err *e)
{
    struct dataset_json *d = r->state;
    enum dataset_json_stop stop;
    if (d->level == IN_GROUPS)
        return next_group(r, e);
    if (!dataset_json_read(&d->head, &d->object[d->level], &stop, e))
        return false;
    switch (stop) {
    case STOP_DATA:
        return enter(d, IN_DATA, "the data are no object", e);
    case STOP_GROUPS:
        return enter(d, IN_GROUPS, "itemGroupData is no object", e);
    case STOP_ROWS:
        return take_rows(d, now, e);
    default:
        return leave(r, now, e);
    }
}

/* --- columns --- */

static bool take_column(const struct dataset_json *d, const struct dataset_json_column *from,
                        struct column *to, struct err *e)
{
    if (from->length > UINT32_MAX || from->key > UINT32_MAX)
        return dataset_json_refuse(d->json, e, "a length or keySequence of a column is too large");
    *to = (struct column){
        .name = from->name,
        .label = from->label,
        .type = from->declared->type,
        .length = (unsigned)from->length,
        .key = (unsigned)from->key,
        .type_name = from->type,
        .target_type = from->target,
    };
    if (span_eq(from->target, SPAN("integer")) || span_eq(from->target, SPAN("decimal")))
        to->type = COLUMN_NUMBER;
    if (from->format.n > 0)
        to->format = column_format_parse(from->format);
    return true;
}

/* Integers need a look at each. */
static uint8_t fine_kinds(const struct dataset_json_column *c)
{
    unsigned tokens = c->declared->tokens, fine = 1u << CELL_NULL;
    if ((tokens >> JSON_STRING & 1) != 0)
        fine |= 1u << CELL_TEXT;
    if ((tokens >> JSON_NUMBER & 1) != 0 && !span_eq(c->type, SPAN("integer")))
        fine |= 1u << CELL_NUMBER;
    if ((tokens >> JSON_TRUE & 1) != 0 && (tokens >> JSON_FALSE & 1) != 0)
        fine |= 1u << CELL_BOOLEAN;
    return (uint8_t)fine;
}

static bool take_columns(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    const struct dataset_json_head *h = &d->head;
    struct column *column = arena_array(&r->member, h->columns, sizeof *column);
    d->counted = is_old(d) && span_eq(h->column[0].name, SPAN("ITEMGROUPDATASEQ"));
    for (size_t i = d->counted; i < h->columns; i++) {
        rows_saw_text(r, h->column[i].name, 0);
        rows_saw_text(r, h->column[i].label, 0);
        if (!take_column(d, &h->column[i], &column[i - d->counted], e))
            return false;
    }
    r->info.column = column;
    r->info.columns = h->columns - d->counted;
    d->cell = mem_new((h->columns + MARK_CUT_ROOM) * sizeof *d->cell);
    d->noted = mem_new(h->columns * sizeof *d->noted);
    d->fine = mem_new(h->columns * sizeof *d->fine);
    for (size_t i = 0; i < h->columns; i++)
        d->fine[i] = fine_kinds(&h->column[i]);
    rows_note_names(r);
    return true;
}

/* Version 1.0 may be named behind the datasets; what they stand in shows it before. */
static struct span describe(struct rows *r, const struct dataset_json *d)
{
    struct buf b = {0};
    buf_str(&b, "Dataset-JSON ");
    buf_add(&b, d->head.version.n > 0 ? d->head.version : SPAN("1.0"));
    if (d->lines)
        buf_str(&b, ", a row a line");
    struct span s = arena_copy(&r->member, buf_span(&b));
    buf_close(&b);
    return s;
}

static bool give(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    const struct dataset_json_head *h = &d->head;
    struct dataset_info *info = &r->info;
    d->pending = false;
    info->standard = describe(r, d);
    info->name = h->name;
    info->label = h->label;
    info->records_declared = true;
    info->records_said = h->records;
    info->file = info->member = (struct provenance){.version = h->system_version,
                                                    .system = h->system,
                                                    .created = h->created,
                                                    .modified = h->modified};
    rows_saw_text(r, h->name, 0);
    rows_saw_text(r, h->label, 0);
    return take_columns(r, e);
}

/* What ends a file after its last dataset. */
static bool end_file(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    if (r->members == 0)
        return dataset_json_refuse(d->json, e, "no dataset");
    return dataset_json_expect(d->json, JSON_END, "something behind the end", e);
}

static enum rows_step dataset_json_member(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    bool now = false;
    if (r->members == 0)
        d->pending = true; /* version 1.1: the file itself */
    close_rows(d);
    while (!now && !d->ended)
        if (!step(r, &now, e))
            return ROWS_FAILED;
    if (now)
        return give(r, e) ? ROWS_MORE : ROWS_FAILED;
    return end_file(r, e) ? ROWS_END : ROWS_FAILED;
}

const struct rows_reader rows_dataset_json = {
    .formats = 1u << FILE_JSON | 1u << FILE_DSJC,
    .open = dataset_json_open,
    .member = dataset_json_member,
    .next = dataset_json_next,
    .close = dataset_json_close,
};
