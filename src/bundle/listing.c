#include "bundle/listing.h"

enum { HEX = 64, LINE_LONGEST = HEX + 2 + 1024, PLACE_LONGEST = 1100 };

static void report(struct listing *l, enum issue_id id, struct span path)
{
    char place[PLACE_LONGEST];
    text_format(place, sizeof place, "%.*s", SPAN_ARGS(path));
    issues_add(l->issues, id, place, "according to %s", l->name);
}

static void expect_next(struct listing *l)
{
    l->pending = l->next(l->ctx, &l->path, &l->hash);
}

/*
 * One line: everything that must come before it is unlisted; then it is the expected
 * one or has no file.
 */
static void check_line(struct listing *l, struct span path, struct hash hash)
{
    while (l->pending && span_cmp(l->path, path) < 0) {
        report(l, l->unlisted, l->path);
        expect_next(l);
    }
    if (!l->pending || !span_eq(l->path, path)) {
        report(l, l->missing, path);
        return;
    }
    if (!hash_eq(l->hash, hash))
        report(l, l->altered, path);
    expect_next(l);
}

static void take_line(struct listing *l)
{
    struct span line = buf_span(&l->line);
    struct hash hash;
    l->lines++;
    if (line.n <= HEX + 2 || !hash_parse(span_of(line.p, HEX), &hash) || line.p[HEX] != ' ' ||
        line.p[HEX + 1] != ' ') {
        issues_add(l->issues, ISSUE_BUNDLE_TAG_FILE, l->name, "line %llu is not a hash and a path",
                   (unsigned long long)l->lines);
        l->malformed = true;
        return;
    }
    check_line(l, span_skip(line, HEX + 2), hash);
}

static bool feed(void *ctx, struct span s, struct err *e)
{
    struct listing *l = ctx;
    (void)e;
    while (s.n > 0 && !l->malformed) {
        size_t lf = span_find(s, 0, '\n');
        if (l->line.n + lf > LINE_LONGEST) {
            issues_add(l->issues, ISSUE_BUNDLE_TAG_FILE, l->name, "line %llu is too long",
                       (unsigned long long)l->lines + 1);
            l->malformed = true;
            break;
        }
        buf_add(&l->line, span_of(s.p, lf));
        if (lf == s.n)
            break;
        take_line(l);
        buf_clear(&l->line);
        s = span_skip(s, lf + 1);
    }
    return true;
}

void listing_begin(struct listing *l)
{
    l->line = (struct buf){0};
    l->malformed = false;
    l->lines = 0;
    expect_next(l);
}

struct sink listing_sink(struct listing *l)
{
    return (struct sink){feed, l};
}

void listing_end(struct listing *l)
{
    if (!l->malformed && l->line.n > 0)
        issues_add(l->issues, ISSUE_BUNDLE_TAG_FILE, l->name, "the last line has no end");
    for (; !l->malformed && l->pending; expect_next(l))
        report(l, l->unlisted, l->path);
    buf_close(&l->line);
}
