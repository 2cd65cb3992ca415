#include "job/examine.h"

#include <string.h>

#include "job/examine_part.h"
#include "store/objects.h"

struct examination {
    const struct examine_with *with;
    const struct examine_of *of;
    struct arena *a;
    struct issues *issues;
    const char *place;
    size_t cap;
    struct examined *out;
};

bool examine_folder_check(struct span name)
{
    static const char *const known[] = {"sdtm", "adam", "send", "raw", "external"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct span k = span_str(known[i]);
        bool same = name.n == k.n;
        for (size_t j = 0; same && j < k.n; j++)
            same = (name.p[j] | 0x20) == k.p[j];
        if (same)
            return true;
    }
    return false;
}

struct span examine_text(struct arena *a, struct span s)
{
    struct buf b = {0};
    bool utf8 = span_utf8(s);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 0x80 && !utf8)
            buf_str(&b, "\xef\xbf\xbd");
        else if (s.p[i] != 0)
            buf_byte(&b, s.p[i]);
    }
    struct span clean = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return clean;
}

/* --- which dataset --- */

/* The file's name with the folder before it, as the rules of study.conf see it. */
static struct span rule_name(struct arena *a, struct span folder, struct span file)
{
    if (folder.n == 0)
        return file;
    struct buf b = {0};
    buf_add(&b, folder);
    buf_byte(&b, '/');
    buf_add(&b, file);
    struct span name = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return name;
}

struct conf_match examine_match(const struct examine_with *with, struct arena *a, struct span file,
                                struct span member, bool several)
{
    return conf_study_match(with->conf, a, rule_name(a, with->folder, file), member, several);
}

bool examine_is_opaque(const struct conf_study *conf, struct arena *a, struct span folder,
                       struct span file)
{
    struct conf_match m = conf_study_match(conf, a, rule_name(a, folder, file), SPAN(""), false);
    return m.by_rule && m.opaque;
}

static struct examined_member *new_member(struct examination *x)
{
    struct examined *o = x->out;
    if (o->members == x->cap) {
        size_t cap = x->cap == 0 ? 1 : x->cap * 2;
        struct examined_member *grown = arena_array(x->a, cap, sizeof *grown);
        if (o->members > 0)
            memcpy(grown, o->member, o->members * sizeof *grown);
        o->member = grown;
        x->cap = cap;
    }
    struct examined_member *m = &o->member[o->members++];
    *m = (struct examined_member){.records = ENTRY_NONE, .data = revision_data_none};
    return m;
}

/* LB.schema.json is called like LB-SCHEMA.json, if rules for its own name make none of it. */
static struct conf_match match_schema(const struct examination *x, struct span stem)
{
    struct buf b = {0};
    buf_add(&b, stem);
    buf_str(&b, "-schema.json");
    struct conf_match match =
        examine_match(x->with, x->a, arena_copy(x->a, buf_span(&b)), SPAN(""), false);
    buf_close(&b);
    return match;
}

static bool name_member(struct examination *x, struct examined_member *m, bool several)
{
    struct span stem, member = dataset_name_check(m->name) ? m->name : SPAN("");
    struct conf_match match = examine_match(x->with, x->a, x->of->file, member, several);
    if (match.dataset.n == 0 && typing_schema_name(x->of->file, &stem))
        match = match_schema(x, stem);
    if (match.dataset.n == 0) {
        issues_add(x->issues, ISSUE_DATASET_UNKNOWN, x->place,
                   "name it in [datasets] of study.conf");
        return false;
    }
    m->dataset = match.dataset;
    return true;
}

/* --- members that are read --- */

static const char *type_name(enum column_type t)
{
    static const char *const names[] = {
        [COLUMN_UNDECLARED] = "undeclared", [COLUMN_TEXT] = "text", [COLUMN_NUMBER] = "number"};
    return names[t];
}

static struct span describe_writer(struct arena *a, const struct dataset_info *info)
{
    struct span format =
        info->standard.n > 0 ? info->standard : span_str(file_format_name(info->format));
    const struct span parts[] = {format, info->file.version, info->file.system,
                                 info->member.created};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].n > 0 && b.n > 0)
            buf_str(&b, ", ");
        buf_add(&b, parts[i]);
    }
    struct span s = examine_text(a, buf_span(&b));
    buf_close(&b);
    return s;
}

static void copy_columns(struct examination *x, struct examined_member *m,
                         const struct dataset_info *info)
{
    m->columns = info->columns;
    m->column = arena_array(x->a, info->columns, sizeof *m->column);
    for (size_t i = 0; i < info->columns; i++) {
        const struct column *c = &info->column[i];
        m->column[i] = (struct examined_column){
            .name = examine_text(x->a, c->name),
            .label = examine_text(x->a, c->label),
            .type = type_name(c->type),
            .length = c->length == 0 ? ENTRY_NONE : c->length,
        };
    }
}

static size_t find_study_column(const struct dataset_info *info)
{
    size_t i = 0;
    while (i < info->columns && !span_eq(info->column[i].name, SPAN("STUDYID")))
        i++;
    return i;
}

static struct span without_trailing_blanks(struct span s)
{
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
        s.n--;
    return s;
}

/* Rows of another study: one issue a member, that never repeats the value. */
static bool gate(struct examination *x, const struct row *row, size_t column)
{
    struct span studyid = x->with->conf->studyid;
    if (studyid.n == 0 || column >= row->cells ||
        span_eq(without_trailing_blanks(row->cell[column].bytes), studyid))
        return true;
    issues_add(x->issues, ISSUE_STUDY_OTHER, x->place,
               "STUDYID of record %llu is not the one that study.conf names",
               (unsigned long long)row->number);
    return false;
}

/* The rows of a member, as they go by. */
struct passing {
    struct examination *x;
    size_t study_column;
    bool of_this_study;
};

static void see_row(void *ctx, const struct row *row)
{
    struct passing *p = ctx;
    p->of_this_study = p->of_this_study && gate(p->x, row, p->study_column);
}

static bool read_rows(struct rows *rows, struct passing *p, struct err *e)
{
    struct row row;
    enum rows_step step;
    while ((step = rows_next(rows, &row, e)) == ROWS_MORE)
        see_row(p, &row);
    return step == ROWS_END;
}

static void mark_key(struct examined_member *m, const struct dataset_key *key)
{
    for (size_t i = 0; i < key->count && key->from != KEY_ALL; i++)
        m->column[key->column[i]].key = i + 1;
}

/* Fresh, also among the members of all files of the transfer. */
static bool make_secret(const struct examination *x, size_t member, uint8_t *out, struct err *e)
{
    char purpose[128], hex[65];
    text_format(purpose, sizeof purpose, "records of %s, member %zu",
                hash_hex(sha256_of(x->of->file), hex), member);
    return home_random(x->with->home, x->with->study, x->with->entry, purpose, out, e);
}

static bool digest(struct content *c, struct hash schema, struct examined_member *m, struct err *e)
{
    struct content_digests d;
    struct hash root;
    if (!content_digests_and_tree(c, &d, &root, e))
        return false;
    examine_say(c, &d, schema, &m->data);
    m->data.secret = sha256_of(span_of(m->secret, CHACHA20_KEY));
    m->data.root = root;
    return true;
}

static bool read_digests(struct examination *x, struct rows *rows, struct examined_member *m,
                         struct hash schema, struct passing *p, struct err *e)
{
    struct dataset_key key;
    struct content *c = NULL;
    examine_key(x->with, x->of->file, rows, x->issues, x->place, x->a, &key);
    mark_key(m, &key);
    m->secret = mem_new(CHACHA20_KEY);
    struct content_input in = {.records = {.rows = rows,
                                           .notes = x->issues,
                                           .place = x->place,
                                           .key = &key,
                                           .see = see_row,
                                           .ctx = p},
                               .folder = x->with->home->objects,
                               .secret = m->secret};
    bool good = make_secret(x, x->out->members, m->secret, e) && content_read(&in, &c, e) &&
                digest(c, schema, m, e);
    content_close(c);
    return good;
}

static bool read_member(struct examination *x, struct rows *rows, struct examined_member *m,
                        struct err *e)
{
    struct hash schema;
    examine_type(x->with, x->of->file, rows, x->issues, x->place, &schema);
    const struct dataset_info *info = rows_info(rows);
    m->name = examine_text(x->a, info->name);
    m->label = examine_text(x->a, info->label);
    m->writer = describe_writer(x->a, info);
    copy_columns(x, m, info);
    struct passing p = {x, find_study_column(info), true};
    bool good = x->of->digests ? read_digests(x, rows, m, schema, &p, e) : read_rows(rows, &p, e);
    m->records = rows_info(rows)->records;
    m->read = true;
    return good;
}

static bool read_members(struct examination *x, struct rows *rows, struct err *e)
{
    enum rows_step step;
    while ((step = rows_member(rows, e)) == ROWS_MORE)
        if (!read_member(x, rows, new_member(x), e))
            return false;
    return step == ROWS_END;
}

/* Two members of one file that would be the same dataset. */
static void refuse_twins(struct examination *x)
{
    for (size_t i = 1; i < x->out->members; i++)
        for (size_t j = 0; j < i; j++)
            if (span_eq(x->out->member[i].dataset, x->out->member[j].dataset)) {
                issues_add(x->issues, ISSUE_DATASET_TWICE, x->place,
                           "members %zu and %zu of the file", j + 1, i + 1);
                return;
            }
}

/* Of which nothing is read: the file as a whole is the dataset. */
static void take_whole(struct examination *x, enum file_format found)
{
    struct examined_member *m = new_member(x);
    m->writer = span_str(file_format_name(found));
    name_member(x, m, false);
}

static bool read_file(struct examination *x, struct source source, enum file_format format,
                      struct err *e)
{
    struct rows *rows = NULL;
    bool good = examine_open(x->with, source, format, x->with->of_study->encoding, x->place,
                             x->issues, &rows, e);
    if (good && rows == NULL) {
        take_whole(x, format);
        return true;
    }
    good = good && read_members(x, rows, e);
    rows_close(rows);
    if (!good) {
        if (!examine_is_of_file(e))
            return false;
        issues_add(x->issues, e->kind == ERR_LIMIT ? ISSUE_FORMAT_LIMIT : ISSUE_FORMAT_MALFORMED,
                   x->place, "%s", e->text);
        *e = (struct err){0};
        return true;
    }
    for (size_t i = 0; i < x->out->members; i++)
        if (!name_member(x, &x->out->member[i], x->out->members > 1))
            return true;
    refuse_twins(x);
    return true;
}

/* --- all formats --- */

static enum data_format data_format_of(enum file_format f)
{
    switch (f) {
    case FILE_XPT5:
    case FILE_XPT8:
        return FORMAT_XPT;
    case FILE_CSV:
        return FORMAT_CSV;
    case FILE_JSON:
    case FILE_DSJC:
        return FORMAT_JSON;
    case FILE_XML:
    case FILE_ODM:
        return FORMAT_XML;
    default:
        return FORMAT_OPAQUE;
    }
}

static bool examine_source(struct examination *x, struct source source, struct err *e)
{
    uint8_t head[FILE_HEAD];
    size_t n = source.size < sizeof head ? (size_t)source.size : sizeof head;
    char why[256];
    if (n == 0) {
        issues_add(x->issues, ISSUE_FILE_EMPTY, x->place, "it has no bytes");
        return true;
    }
    if (!source.read_at(source.ctx, 0, head, n, e))
        return false;
    enum file_format found = file_identify(span_of(head, n));
    const struct file_claim *claim = file_claim(x->of->file);
    struct span stem;
    bool opaque = examine_is_opaque(x->with->conf, x->a, x->with->folder, x->of->file);
    if (!opaque && !file_check(claim, found, why, sizeof why)) {
        issues_add(x->issues, ISSUE_FORMAT_MISMATCH, x->place, "%s", why);
        return true;
    }
    enum file_format format = file_decide(claim, found);
    x->out->format = opaque ? FORMAT_OPAQUE : data_format_of(format);
    if (!opaque && rows_readable(format) && !typing_schema_name(x->of->file, &stem))
        return read_file(x, source, format, e);
    take_whole(x, found);
    return true;
}

bool examine_file(const struct examine_with *with, const struct examine_of *of, struct arena *a,
                  struct issues *issues, struct examined *out, struct err *e)
{
    struct file plain;
    struct examination x = {.with = with, .of = of, .a = a, .issues = issues, .out = out};
    *out = (struct examined){0};
    x.place = arena_str(a, of->file);
    if (!objects_open_plain(with->home, of->object, &plain, e))
        return false;
    bool good = examine_source(&x, file_source(&plain), e);
    file_close(&plain);
    if (issues_count(issues, SEVERITY_BAD) > 0)
        examine_close(out);
    return good;
}

void examine_close(struct examined *x)
{
    for (size_t i = 0; i < x->members; i++)
        mem_wipe_free(x->member[i].secret, CHACHA20_KEY);
    x->members = 0;
}
