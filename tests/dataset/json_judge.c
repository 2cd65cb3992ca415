#include "tests/dataset/json_judge.h"

#include <string.h>

#include "base/arena.h"
#include "format/json.h"

enum { ROW_MAX = 64, TRIED = 20 }; /* values */

/* The bytes of the array at the front of `text`, and its values; 0 where it is malformed. */
static size_t array_length(struct span text, size_t *values)
{
    struct json_reader *json = json_open_text(text);
    enum json_token token = JSON_END;
    struct span ignored;
    struct err e = {0};
    size_t depth = 0;
    bool good;
    *values = 0;
    do {
        good = json_next(json, &token, &ignored, &e) && token != JSON_END;
        bool closes = token == JSON_ARRAY_END || token == JSON_OBJECT_END;
        *values += good && depth == 1 && !closes;
        depth += token == JSON_ARRAY || token == JSON_OBJECT;
        depth -= closes && good;
    } while (good && depth > 0);
    size_t n = good && token == JSON_ARRAY_END ? (size_t)json_offset(json) + 1 : 0;
    json_close(json);
    return n;
}

static bool is_next(struct json_reader *json, enum json_token wanted, struct span text)
{
    enum json_token token;
    struct span got;
    struct err e = {0};
    return json_next(json, &token, &got, &e) && token == wanted && span_eq(got, text);
}

static bool is_cell(struct json_reader *json, const struct cell *c)
{
    bool is_true = span_eq(c->bytes, SPAN("true"));
    switch (c->kind) {
    case CELL_TEXT:
        return is_next(json, JSON_STRING, c->bytes);
    case CELL_NUMBER:
        return is_next(json, JSON_NUMBER, c->bytes);
    case CELL_NULL:
        return is_next(json, JSON_NULL, c->bytes);
    default:
        return (is_true || span_eq(c->bytes, SPAN("false"))) &&
               is_next(json, is_true ? JSON_TRUE : JSON_FALSE, SPAN(""));
    }
}

static bool same_cells(struct span row, const struct cell *cell, size_t cells)
{
    struct json_reader *json = json_open_text(row);
    bool same = is_next(json, JSON_ARRAY, SPAN(""));
    for (size_t i = 0; i < cells; i++)
        same = same && !cell[i].quoted && is_cell(json, &cell[i]);
    same = same && is_next(json, JSON_ARRAY_END, SPAN("")) && is_next(json, JSON_END, SPAN(""));
    json_close(json);
    return same;
}

/* First `alone`, as a row of any number of values. *n is 0 where nothing can be read behind it. */
static bool judge_row(struct dataset_json_scan *s, struct dataset_json_scan *alone,
                      struct span file, size_t at, struct json_judged *out, size_t *n)
{
    struct cell cell[ROW_MAX + 1 + MARK_CUT_ROOM];
    struct span ahead = span_skip(file, at);
    size_t values;
    bool good = true, ascii;
    *n = array_length(ahead, &values);
    for (size_t cells = 0; cells <= TRIED && good; cells++) {
        dataset_json_scan_forget(alone);
        size_t took =
            dataset_json_scan_take(alone, ahead, at, &rows_limits_default, cell, cells, &ascii);
        good = took == 0 || (took == *n && cells == values);
    }
    if (!good || *n == 0 || values > ROW_MAX)
        return good;
    uint64_t looked_at = s->n > 0 ? s->at : at;
    size_t took = dataset_json_scan_take(s, ahead, at, &rows_limits_default, cell, values, &ascii);
    out->looks += s->at != looked_at;
    out->taken += took > 0;
    out->passed += took == 0;
    struct span row = span_of(ahead.p, took);
    return took == 0 || (took == *n && ascii == span_ascii(row) && same_cells(row, cell, values));
}

bool json_judge(struct span file, const struct mark_way *way, struct json_judged *out)
{
    struct dataset_json_scan s, alone;
    uint8_t *exact = mem_new(1 + file.n + ROW_ROOM); /* what reads further meets a sanitizer */
    if (file.n > 0)
        memcpy(exact + 1, file.p, file.n);
    file.p = exact + 1;
    *out = (struct json_judged){0};
    dataset_json_scan_open(&s, way);
    dataset_json_scan_open(&alone, way);
    bool good = true;
    for (size_t n = 1, at = span_find(file, 0, '['); good && n > 0 && at < file.n;
         at = span_find(file, at + n, '['))
        good = judge_row(&s, &alone, file, at, out, &n);
    dataset_json_scan_close(&s);
    dataset_json_scan_close(&alone);
    mem_free(exact);
    return good;
}
