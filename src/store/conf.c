#include "store/conf.h"

#include <ini.h>
#include <string.h>

#include "base/name_map.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"

/* --- names --- */

/* A part of an origin becomes part of a folder's name at an anchor. */
bool conf_origin_check(struct span origin)
{
    if (!origin_check(origin) || origin.n + 1 + STUDY_NAME_MAX > ORIGIN_MAX ||
        !span_alnum(origin, "._-/"))
        return false;
    for (size_t at = 0; at <= origin.n;) {
        size_t end = span_find(origin, at, '/');
        if (end == at || origin.p[at] == '.')
            return false;
        at = end + 1;
    }
    return true;
}

/* --- what a file may say --- */

struct reading {
    struct arena *a;
    struct conf_home *home; /* exactly one of the two */
    struct conf_study *study;
    struct conf_limits *limits;
    struct span rest; /* lines not yet given to the library */
    unsigned line;    /* number of the last one given */
    unsigned section_line;
    uint64_t seen;    /* bit i: key i of the table was given */
    struct buf rules; /* of struct conf_rule */
    struct buf keys;  /* of struct conf_key */
    struct err *e;
    bool failed;
};

typedef bool take_value(struct reading *r, struct span name, struct span value);

static bool refuse(struct reading *r, const char *what, struct span about)
{
    if (!r->failed)
        err_set(r->e, ERR_FORMAT, "line %u: %s: %.*s", r->line, what, SPAN_ARGS(about));
    r->failed = true;
    return false;
}

static bool take_origin(struct reading *r, struct span name, struct span value)
{
    (void)name;
    r->home->origin = value;
    return conf_origin_check(value) || refuse(r, "not an origin", value);
}

static bool take_test(struct reading *r, struct span name, struct span value)
{
    (void)name;
    r->home->test = span_eq(value, SPAN("yes"));
    return r->home->test || span_eq(value, SPAN("no")) || refuse(r, "neither yes nor no", value);
}

static bool take_anchor(struct reading *r, struct span name, struct span value)
{
    (void)name;
    struct conf_home *h = r->home;
    if (value.n == 0 || value.p[0] != '/')
        return refuse(r, "not an absolute path", value);
    if (h->anchors == CONF_ANCHORS_MAX)
        return refuse(r, "too many anchors", value);
    for (size_t i = 0; i < h->anchors; i++)
        if (span_eq(span_str(h->anchor[i]), value))
            return refuse(r, "this anchor is given twice", value);
    h->anchor[h->anchors++] = arena_str(r->a, value);
    return true;
}

static bool take_id(struct reading *r, struct span name, struct span value)
{
    (void)name;
    r->study->id = value;
    return study_name_check(value) || refuse(r, "not a study's name", value);
}

static bool take_title(struct reading *r, struct span name, struct span value)
{
    (void)name;
    r->study->title = value;
    return value.n > 0 || refuse(r, "empty", SPAN("title"));
}

static bool take_studyid(struct reading *r, struct span name, struct span value)
{
    (void)name;
    r->study->studyid = value;
    return value.n > 0 || refuse(r, "empty", SPAN("studyid"));
}

static bool take_report(struct reading *r, struct span name, struct span value)
{
    struct conf_report *c = &r->study->report;
    const struct {
        const char *name;
        bool *out;
    } known[] = {
        {"names", &c->names}, {"reasons", &c->reasons}, {"nightly", &c->nightly}, {"pdf", &c->pdf}};
    bool yes = span_eq(value, SPAN("yes"));
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (span_eq(name, span_str(known[i].name)))
            *known[i].out = yes;
    return yes || span_eq(value, SPAN("no")) || refuse(r, "neither yes nor no", value);
}

static bool take_limit(struct reading *r, struct span name, struct span value)
{
    struct conf_limits *l = r->limits;
    const struct {
        const char *name;
        uint64_t *out;
    } known[] = {
        {"transfer-files", &l->transfer_files},
        {"transfer-bytes", &l->transfer_bytes},
        {"file-bytes", &l->file_bytes},
        {"stale-hours", &l->stale_hours},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (span_eq(name, span_str(known[i].name)))
            return (span_u64(value, known[i].out) && *known[i].out > 0) ||
                   refuse(r, "not a whole number above 0", value);
    return refuse(r, "unknown limit", name);
}

/* --- [seal] --- */

static bool is_url(struct span s)
{
    struct span rest = s;
    if (!span_take(&rest, SPAN("http://")) && !span_take(&rest, SPAN("https://")))
        return false;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] <= ' ' || rest.p[i] > '~')
            return false;
    return rest.n > 0 && rest.p[0] != '/';
}

/* One more of a list without repetitions. A URL may hold a password: messages say the key. */
static bool take_one(struct reading *r, struct span name, struct span value, const char **list,
                     size_t *count, size_t max)
{
    if (*count == max)
        return refuse(r, "too many of them", name);
    for (size_t i = 0; i < *count; i++)
        if (span_eq(span_str(list[i]), value))
            return refuse(r, "given twice", name);
    list[(*count)++] = arena_str(r->a, value);
    return true;
}

static bool take_authority(struct reading *r, struct span name, struct span value)
{
    struct conf_seal *s = &r->home->seal;
    return is_url(value)
               ? take_one(r, name, value, s->authority, &s->authorities, CONF_AUTHORITIES_MAX)
               : refuse(r, "neither http:// nor https://", name);
}

static bool take_crl(struct reading *r, struct span name, struct span value)
{
    struct conf_seal *s = &r->home->seal;
    return is_url(value) || (value.n > 0 && value.p[0] == '/')
               ? take_one(r, name, value, s->crl, &s->crls, CONF_CRLS_MAX)
               : refuse(r, "neither a URL nor an absolute path", name);
}

static bool take_proxy(struct reading *r, struct span name, struct span value)
{
    r->home->seal.proxy = arena_str(r->a, value);
    return is_url(value) || refuse(r, "neither http:// nor https://", name);
}

static bool take_hash(struct reading *r, struct span name, struct span value)
{
    (void)name;
    static const unsigned known[] = {256, 384, 512};
    uint64_t bits;
    struct span digits = value;
    if (!span_take(&digits, SPAN("sha")) || !span_u64(digits, &bits))
        return refuse(r, "none of sha256, sha384, sha512", value);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (bits == known[i]) {
            r->home->seal.hash_bits = known[i];
            return true;
        }
    return refuse(r, "none of sha256, sha384, sha512", value);
}

/* Numbers joined by dots, two or more. */
static bool take_policy(struct reading *r, struct span name, struct span value)
{
    (void)name;
    struct span rest = value;
    size_t parts = 0;
    for (uint64_t ignored; rest.n > 0; parts++) {
        size_t dot = span_find(rest, 0, '.');
        if (!span_u64(span_of(rest.p, dot), &ignored) || dot + 1 == rest.n)
            return refuse(r, "not numbers joined by dots", value);
        rest = span_skip(rest, dot < rest.n ? dot + 1 : dot);
    }
    r->home->seal.policy = value;
    return parts > 1 || refuse(r, "not numbers joined by dots", value);
}

static bool take_seal_number(struct reading *r, struct span name, struct span value)
{
    struct conf_seal *s = &r->home->seal;
    const struct {
        const char *name;
        uint64_t *out, max;
        const char *refusal;
    } known[] = {
        {"timeout", &s->timeout, 600, "not a number of seconds from 1 to 600"},
        {"stale-hours", &s->stale_hours, 87600, "not a number of hours from 1 to 87600"},
        {"renew-days", &s->renew_days, 3650, "not a number of days from 1 to 3650"},
    };
    size_t i = 0, last = sizeof known / sizeof known[0] - 1;
    while (i < last && !span_eq(name, span_str(known[i].name)))
        i++;
    return (span_u64(value, known[i].out) && *known[i].out > 0 && *known[i].out <= known[i].max) ||
           refuse(r, known[i].refusal, value);
}

static size_t stars(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '*';
    return n;
}

/* The name with `star` in place of '*', in upper case. */
static struct span fill_star(struct arena *a, struct span name, struct span star)
{
    size_t at = span_find(name, 0, '*');
    if (at == name.n)
        return name;
    struct buf b = {0};
    buf_add(&b, span_of(name.p, at));
    for (size_t i = 0; i < star.n; i++)
        buf_byte(&b, (uint8_t)(star.p[i] >= 'a' && star.p[i] <= 'z' ? star.p[i] - 'a' + 'A'
                                                                    : star.p[i]));
    buf_add(&b, span_skip(name, at + 1));
    struct span filled = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return filled;
}

static bool take_rule(struct reading *r, struct span pattern, struct span value)
{
    struct conf_rule rule = {.pattern = pattern, .dataset = value};
    rule.opaque = span_take(&rule.dataset, SPAN("opaque:"));
    if (stars(pattern) > 1 || pattern.p[0] == '/')
        return refuse(r, "a pattern has at most one '*' and does not begin with '/'", pattern);
    if (stars(rule.dataset) > stars(pattern) ||
        !dataset_name_check(fill_star(r->a, rule.dataset, SPAN("X"))))
        return refuse(r, "not a dataset's name", value);
    if (r->rules.n / sizeof rule == CONF_RULES_MAX)
        return refuse(r, "too many patterns", pattern);
    const struct conf_rule *known = (const void *)r->rules.p;
    for (size_t i = 0; i < r->rules.n / sizeof rule; i++)
        if (span_eq(known[i].pattern, pattern))
            return refuse(r, "given twice", pattern);
    buf_add(&r->rules, span_of(&rule, sizeof rule));
    return true;
}

/* Names with blanks between. */
static bool take_key(struct reading *r, struct span dataset, struct span value)
{
    struct conf_key key = {.dataset = dataset};
    struct span column[CONF_KEY_COLUMNS_MAX];
    if (!dataset_name_check(dataset))
        return refuse(r, "not a dataset's name", dataset);
    const struct conf_key *known = (const void *)r->keys.p;
    for (size_t i = 0; i < r->keys.n / sizeof key; i++)
        if (name_same(known[i].dataset, dataset))
            return refuse(r, "given twice", dataset);
    for (size_t at = 0, end; at < value.n; at = end + 1) {
        end = span_find(value, at, ' ');
        if (end == at)
            continue;
        if (key.columns == CONF_KEY_COLUMNS_MAX)
            return refuse(r, "too many columns", dataset);
        column[key.columns++] = span_of(value.p + at, end - at);
    }
    if (key.columns == 0)
        return refuse(r, "no column", dataset);
    if (r->keys.n / sizeof key == CONF_KEYS_MAX)
        return refuse(r, "too many keys", dataset);
    key.column = arena_array(r->a, key.columns, sizeof *key.column);
    memcpy(key.column, column, key.columns * sizeof *key.column);
    buf_add(&r->keys, span_of(&key, sizeof key));
    return true;
}

static bool take_missing(struct reading *r, struct span name, struct span value)
{
    struct conf_study *c = r->study;
    if (value.n == 0)
        return refuse(r, "empty", name);
    if (c->missings == CONF_MISSINGS_MAX)
        return refuse(r, "too many of them", name);
    c->missing[c->missings++] = value;
    return true;
}

static bool take_encoding(struct reading *r, struct span name, struct span value)
{
    (void)name;
    r->study->encoding = value;
    return (value.n > 0 && span_alnum(value, "-_")) || refuse(r, "not an encoding", value);
}

/* --- sections and keys --- */

enum { IN_HOME = 1, IN_STUDY = 2 };

static const struct {
    const char *section, *name; /* name NULL: any */
    unsigned where;
    bool often, needed;
    take_value *take;
} keys[] = {
    {"home", "origin", IN_HOME, false, true, take_origin},
    {"home", "test", IN_HOME, false, true, take_test},
    {"home", "anchor", IN_HOME, true, false, take_anchor},
    {"seal", "authority", IN_HOME, true, false, take_authority},
    {"seal", "hash", IN_HOME, false, false, take_hash},
    {"seal", "policy", IN_HOME, false, false, take_policy},
    {"seal", "timeout", IN_HOME, false, false, take_seal_number},
    {"seal", "proxy", IN_HOME, false, false, take_proxy},
    {"seal", "crl", IN_HOME, true, false, take_crl},
    {"seal", "stale-hours", IN_HOME, false, false, take_seal_number},
    {"seal", "renew-days", IN_HOME, false, false, take_seal_number},
    {"study", "id", IN_STUDY, false, true, take_id},
    {"study", "title", IN_STUDY, false, false, take_title},
    {"study", "studyid", IN_STUDY, false, false, take_studyid},
    {"limits", "transfer-files", IN_HOME | IN_STUDY, false, false, take_limit},
    {"limits", "transfer-bytes", IN_HOME | IN_STUDY, false, false, take_limit},
    {"limits", "file-bytes", IN_HOME | IN_STUDY, false, false, take_limit},
    {"limits", "stale-hours", IN_HOME | IN_STUDY, false, false, take_limit},
    {"datasets", NULL, IN_STUDY, true, false, take_rule},
    {"report", "names", IN_STUDY, false, false, take_report},
    {"report", "reasons", IN_STUDY, false, false, take_report},
    {"report", "nightly", IN_STUDY, false, false, take_report},
    {"report", "pdf", IN_STUDY, false, false, take_report},
    {"keys", NULL, IN_STUDY, true, false, take_key},
    {"csv", "missing", IN_STUDY, true, false, take_missing},
    {"text", "encoding", IN_STUDY, false, false, take_encoding},
};

enum { KEYS = sizeof keys / sizeof keys[0] };

static unsigned where(const struct reading *r)
{
    return r->home != NULL ? IN_HOME : IN_STUDY;
}

static int take_pair(void *ctx, const char *section, const char *name, const char *value)
{
    struct reading *r = ctx;
    if (r->failed)
        return 0;
    struct span n = arena_copy(r->a, span_str(name)), v = arena_copy(r->a, span_str(value));
    for (size_t i = 0; i < KEYS; i++) {
        if ((keys[i].where & where(r)) == 0 || strcmp(keys[i].section, section) != 0 ||
            (keys[i].name != NULL && strcmp(keys[i].name, name) != 0))
            continue;
        if (!keys[i].often && (r->seen >> i & 1) != 0)
            return refuse(r, "given twice", n);
        r->seen |= UINT64_C(1) << i;
        return keys[i].take(r, n, v);
    }
    return refuse(r, section[0] == '\0' ? "a key before the first section" : "unknown key", n);
}

static bool check_section(struct reading *r, struct span line)
{
    struct span name = span_of(line.p + 1, line.n - 2);
    if (line.p[line.n - 1] != ']')
        return refuse(r, "not a section", line);
    for (size_t i = 0; i < KEYS; i++)
        if ((keys[i].where & where(r)) != 0 && span_eq(span_str(keys[i].section), name))
            return true;
    return refuse(r, "unknown section", name);
}

/* --- lines --- */

/* The library forgives what we do not: long lines, continuations, comments behind values. */
static bool check_line(struct reading *r, struct span line)
{
    if (line.n > CONF_LINE_MAX - 1) /* its buffer holds LF and NUL besides */
        return refuse(r, "longer than 198 bytes", span_of(line.p, 20));
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] < ' ' || line.p[i] == 0x7f)
            return refuse(r, "a tab or another control byte", span_of(line.p, i));
    if (!span_utf8(line) || span_starts(line, SPAN("\xef\xbb\xbf")))
        return refuse(r, "not plain UTF-8", SPAN("the line"));
    if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
        return true;
    if (line.p[0] == ' ' || line.p[line.n - 1] == ' ')
        return refuse(r, "begins or ends with a blank", line);
    for (size_t i = 0; i + 1 < line.n; i++)
        if (line.p[i] == ' ' && line.p[i + 1] == ';')
            return refuse(r, "a comment must have a line of its own", line);
    return line.p[0] != '[' || check_section(r, line);
}

/* Gives the library the next line, as fgets would. */
static char *next_line(char *out, int cap, void *ctx)
{
    struct reading *r = ctx;
    struct span line;
    if (r->failed || r->rest.n == 0)
        return NULL;
    r->line++;
    if (!span_line(&r->rest, &line)) {
        refuse(r, "the last line does not end", SPAN("a line feed is missing"));
        return NULL;
    }
    if (!check_line(r, line) || line.n + 2 > (size_t)cap)
        return refuse(r, "too long", SPAN("the line")), NULL;
    memcpy(out, line.p, line.n);
    memcpy(out + line.n, "\n", 2);
    return out;
}

static bool read_all(struct reading *r, struct span text)
{
    if (text.n > CONF_MAX)
        return err_set(r->e, ERR_LIMIT, "more than %d bytes", CONF_MAX);
    r->rest = text;
    int bad_line = ini_parse_stream(next_line, r, take_pair, r);
    if (r->failed)
        return false;
    if (bad_line != 0)
        return err_set(r->e, ERR_FORMAT, "line %d: neither comment, [section] nor key = value",
                       bad_line);
    for (size_t i = 0; i < KEYS; i++)
        if (keys[i].needed && (keys[i].where & where(r)) != 0 && (r->seen >> i & 1) == 0)
            return err_set(r->e, ERR_FORMAT, "[%s] %s is missing", keys[i].section, keys[i].name);
    return true;
}

/* --- the two files --- */

static const struct conf_limits default_limits = {
    .transfer_files = 20000,
    .transfer_bytes = UINT64_C(1) << 40,
    .file_bytes = UINT64_C(1) << 39,
    .stale_hours = 24,
};

static const struct conf_seal default_seal = {
    .hash_bits = 256,
    .timeout = 30,
    .stale_hours = 36,
    .renew_days = 90,
};

bool conf_home_parse(struct arena *a, struct span text, struct conf_home *out, struct err *e)
{
    *out = (struct conf_home){.limits = default_limits, .seal = default_seal};
    struct reading r = {.a = a, .home = out, .limits = &out->limits, .e = e};
    return read_all(&r, text);
}

static void *keep_list(struct arena *a, struct buf *list)
{
    void *kept = arena_new(a, list->n);
    if (list->n > 0)
        memcpy(kept, list->p, list->n);
    buf_close(list);
    return kept;
}

bool conf_study_parse(struct arena *a, struct span text, const struct conf_limits *home,
                      struct conf_study *out, struct err *e)
{
    *out = (struct conf_study){.limits = home == NULL ? default_limits : *home,
                               .report = {.nightly = true}};
    struct reading r = {.a = a, .study = out, .limits = &out->limits, .e = e};
    bool ok = read_all(&r, text);
    out->rules = r.rules.n / sizeof(struct conf_rule);
    out->rule = keep_list(a, &r.rules);
    out->keys = r.keys.n / sizeof(struct conf_key);
    out->key = keep_list(a, &r.keys);
    return ok;
}

void conf_home_write(struct buf *b, struct span origin, bool test)
{
    buf_str(b, "# What this home is called in every checkpoint; it can never change.\n"
               "[home]\norigin = ");
    buf_add(b, origin);
    buf_str(b, test ? "\ntest = yes\n" : "\ntest = no\n");
    buf_str(b, "# A folder on another disk or host that gets a copy of every checkpoint:\n"
               "# anchor = /mnt/anchor\n");
}

void conf_study_write(struct buf *b, struct span id)
{
    buf_str(b, "[study]\nid = ");
    buf_add(b, id);
    buf_str(
        b, "\n# title = what people call it\n"
           "# Data whose STUDYID is another one is held:\n"
           "# studyid = ABC-123\n\n"
           "# file name = dataset; the first line that matches wins; '*' is any text without '/'.\n"
           "# Other files are named after their folder and what they hold: sdtm/AE.\n"
           "[datasets]\n"
           "# adam/*.xpt = adam/*\n"
           "# *.pdf = opaque:docs/*\n");
}

/* --- matching --- */

/* *star: what '*' stands for. */
static bool matches(struct span pattern, struct span file, struct span *star)
{
    size_t at = span_find(pattern, 0, '*');
    *star = span_of(NULL, 0);
    if (at == pattern.n)
        return name_same(pattern, file);
    struct span tail = span_skip(pattern, at + 1);
    if (file.n < at + tail.n || !name_same(span_of(pattern.p, at), span_of(file.p, at)) ||
        !name_same(tail, span_skip(file, file.n - tail.n)))
        return false;
    *star = span_of(file.p + at, file.n - at - tail.n);
    return span_find(*star, 0, '/') == star->n;
}

/* Splits "a/b/file.xpt" into its last folder "b" and the stem "file". */
static void split_file(struct span file, struct span *folder, struct span *stem)
{
    size_t name = file.n, parent;
    while (name > 0 && file.p[name - 1] != '/')
        name--;
    for (parent = name > 0 ? name - 1 : 0; parent > 0 && file.p[parent - 1] != '/';)
        parent--;
    *folder = span_of(file.p + parent, name > 0 ? name - 1 - parent : 0);
    *stem = span_skip(file, name);
    for (size_t dot = stem->n; dot > 0; dot--)
        if (stem->p[dot - 1] == '.') {
            stem->n = dot - 1;
            return;
        }
}

static struct span default_name(struct arena *a, struct span file, struct span member)
{
    struct span folder, stem;
    split_file(file, &folder, &stem);
    struct buf b = {0};
    buf_add(&b, folder);
    buf_str(&b, folder.n > 0 ? "/*" : "*");
    struct span name = fill_star(a, arena_copy(a, buf_span(&b)), member.n > 0 ? member : stem);
    buf_close(&b);
    return name;
}

struct conf_match conf_study_match(const struct conf_study *c, struct arena *a, struct span file,
                                   struct span member, bool several)
{
    struct conf_match m = {0};
    struct span star;
    for (size_t i = 0; i < c->rules && !m.by_rule; i++) {
        if (!matches(c->rule[i].pattern, file, &star))
            continue;
        m.by_rule = true;
        m.opaque = c->rule[i].opaque;
        m.dataset = fill_star(a, c->rule[i].dataset, several ? member : star);
    }
    if (!m.by_rule)
        m.dataset = default_name(a, file, member);
    if (!dataset_name_check(m.dataset))
        m.dataset = span_of(NULL, 0);
    return m;
}

/* --- keys --- */

static const struct conf_key *find_key(const struct conf_study *c, struct span name)
{
    for (size_t i = 0; i < c->keys; i++)
        if (name_same(c->key[i].dataset, name))
            return &c->key[i];
    return NULL;
}

const struct conf_key *conf_study_key(const struct conf_study *c, struct span dataset)
{
    const struct conf_key *whole = find_key(c, dataset);
    return whole != NULL ? whole : find_key(c, dataset_last_part(dataset));
}
