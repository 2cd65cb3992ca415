#include "cli/describe.h"

#include "ledger/detached.h"
#include "ledger/revision_words.h"
#include "store/objects.h"

/* --- entries in a few words --- */

struct span entry_said(const struct cli *c, const struct entry *x, const char *member,
                       struct arena *a)
{
    struct hash name;
    struct span text, out = SPAN("");
    struct arena scratch = {0};
    if (entry_details(x, &name) &&
        objects_read_all(c->home, name, DETACHED_MAX, &scratch, &text, NULL) &&
        detached_string(&scratch, text, member, &out, NULL))
        out = arena_copy(a, out);
    arena_close(&scratch);
    return out;
}

/* "NAME: " where the detached text is there. */
static const char *said_before(const struct cli *c, const struct entry *x, const char *member,
                               struct arena *a)
{
    struct span s = entry_said(c, x, member, a);
    return s.n == 0 ? "" : words(a, "%.*s: ", SPAN_ARGS(s));
}

static const char *study_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    (void)c;
    return words(a, "%.*s%s", SPAN_ARGS(x->study.origin), x->study.test ? ", a test home" : "");
}

static const char *system_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    (void)c;
    static const char *const events[] = {"started", "new version", "new configuration", "restored"};
    return words(a, "%s, trialseal %.*s", events[x->system.event], SPAN_ARGS(x->system.version));
}

static const char *transfer_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    return words(a, "%s%s, %llu new, %llu unchanged, %llu held", said_before(c, x, "name", a),
                 counted(a, x->transfer.received, "file", "files"),
                 (unsigned long long)x->transfer.new, (unsigned long long)x->transfer.unchanged,
                 (unsigned long long)x->transfer.held);
}

/* What is known against the one before; an earlier one by its entry, as all else in a log. */
static const char *change_clause(const struct entry *x, struct arena *a)
{
    const struct revision_change *change = &x->revision.against;
    struct buf b = {0};
    if (change->change == CHANGE_UNKNOWN)
        return "";
    buf_str(&b, ": ");
    revision_change_words(&b, x->revision.revision, true, change,
                          words(a, "entry %llu", (unsigned long long)change->reverted));
    const char *clause = arena_str(a, buf_span(&b));
    buf_close(&b);
    return clause;
}

static const char *revision_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    (void)c;
    const char *records =
        x->revision.records == ENTRY_NONE
            ? ""
            : words(a, ", %s", counted(a, x->revision.records, "record", "records"));
    return words(a, "%.*s@%llu, %s%s, %s%s", SPAN_ARGS(x->revision.dataset),
                 (unsigned long long)x->revision.revision,
                 data_format_name((enum data_format)x->revision.format), records,
                 counted(a, x->revision.size, "byte", "bytes"), change_clause(x, a));
}

static const char *refusal_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    return words(a, "%s%s, %.*s%s", said_before(c, x, "file", a),
                 x->refusal.of == REFUSED_FILE ? "held" : "transfer refused",
                 SPAN_ARGS(x->refusal.issue), x->refusal.issues > 1 ? " and more" : "");
}

static const char *withdrawal_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    (void)c;
    return words(a, "of entry %llu", (unsigned long long)x->withdrawal.revision);
}

static const char *seal_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    (void)c;
    return words(a, "%s existed before %s", counted(a, x->seal.size, "entry", "entries"),
                 shown_time(a, x->seal.time));
}

static const char *erasure_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    (void)c;
    return words(a, "of the %s that entry %llu names",
                 x->erasure.of == ERASED_FILE ? "file" : "text",
                 (unsigned long long)x->erasure.entry);
}

static const char *issued_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    (void)c;
    return words(a, "bundle of %s, data: %.*s, %s", counted(a, x->issued.size, "entry", "entries"),
                 SPAN_ARGS(x->issued.scope), counted(a, x->issued.bytes, "byte", "bytes"));
}

const char *entry_words(const struct cli *c, const struct entry *x, struct arena *a)
{
    static const char *(*const by_kind[ENTRY_KINDS])(const struct cli *, const struct entry *,
                                                     struct arena *) = {
        [ENTRY_STUDY] = study_words,       [ENTRY_SYSTEM] = system_words,
        [ENTRY_TRANSFER] = transfer_words, [ENTRY_REVISION] = revision_words,
        [ENTRY_REFUSAL] = refusal_words,   [ENTRY_WITHDRAWAL] = withdrawal_words,
        [ENTRY_ISSUED] = issued_words,     [ENTRY_SEAL] = seal_words,
        [ENTRY_ERASURE] = erasure_words,
    };
    return by_kind[x->kind](c, x, a);
}

/* --- JSON for people --- */

/* For texts as ours are: lists hold objects. */
struct printer {
    FILE *to;
    int depth;  /* of objects */
    bool named; /* a name stands at the beginning of this line ... */
    bool owed;  /* ... and what it opened has nothing in it so far */
    bool dash;  /* the next line begins an element of a list */
};

static void begin_line(struct printer *p)
{
    if (p->owed)
        putc('\n', p->to);
    p->owed = false;
    for (int i = p->dash ? 1 : 0; i < p->depth; i++)
        fputs("  ", p->to);
    if (p->dash)
        fputs("- ", p->to);
    p->dash = false;
}

/* A text of several lines gets lines of its own. */
static void print_text(struct printer *p, struct span text)
{
    struct span line;
    if (span_find(text, 0, '\n') == text.n) {
        putc(' ', p->to);
        put_text(p->to, text.n > 0 ? text : SPAN("\"\""));
        putc('\n', p->to);
        return;
    }
    p->owed = true;
    p->depth++;
    while (text.n > 0) {
        if (!span_line(&text, &line)) {
            line = text;
            text.n = 0;
        }
        if (line.n > 0 || p->owed)
            begin_line(p);
        put_text(p->to, line);
        putc('\n', p->to);
    }
    p->depth--;
}

static void print_object(struct printer *p)
{
    if (p->named)
        p->owed = true;
    else if (p->depth > 0)
        p->dash = true;
    p->depth++;
}

static void print_end(struct printer *p, enum json_token t)
{
    if (p->owed)
        fputs(" none\n", p->to);
    p->owed = false;
    p->depth -= t == JSON_OBJECT_END;
}

static void print_token(struct printer *p, enum json_token t, struct span text)
{
    switch (t) {
    case JSON_NAME:
        begin_line(p);
        put_text(p->to, text);
        putc(':', p->to);
        break;
    case JSON_OBJECT:
        print_object(p);
        break;
    case JSON_ARRAY:
        p->owed = true;
        break;
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        print_end(p, t);
        break;
    case JSON_STRING:
    case JSON_NUMBER:
        print_text(p, text);
        break;
    default:
        fprintf(p->to, " %s\n", t == JSON_TRUE ? "yes" : t == JSON_FALSE ? "no" : "-");
    }
    p->named = t == JSON_NAME;
}

bool json_print(struct span text, FILE *to, struct err *e)
{
    struct printer p = {.to = to};
    struct json_reader *in = json_open_text(text);
    enum json_token t = JSON_NULL;
    struct span value;
    bool good;
    while ((good = json_next(in, &t, &value, e)) && t != JSON_END)
        print_token(&p, t, value);
    json_close(in);
    return good;
}

/* --- JSON lines --- */

void entry_line(struct span study, uint64_t index, struct span bytes)
{
    struct line l;
    line_begin(&l);
    json_out_canonical(&l.o, "entry", bytes);
    line_number(&l, "index", index);
    line_text(&l, "study", study);
    line_type(&l, "entry");
    line_end(&l);
}
