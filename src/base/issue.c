#include "base/issue.h"

#include "base/err.h"

enum { LONGEST_DETAIL = 512 };

static const struct {
    const char *name;
    enum severity severity;
    const char *text;
} table[] = {
#define ISSUE(ID, severity, id, text) [ISSUE_##ID] = {id, SEVERITY_##severity, text},
#include "base/issue.def"
#undef ISSUE
};

const char *issue_name(enum issue_id id)
{
    return table[id].name;
}

enum severity issue_severity(enum issue_id id)
{
    return table[id].severity;
}

const char *issue_text(enum issue_id id)
{
    return table[id].text;
}

const char *severity_name(enum severity s)
{
    static const char *const name[] = {"note", "warning", "bad"};
    return name[s];
}

enum issue_id issue_find(struct span name)
{
    enum issue_id id = 0;
    while (id < ISSUE_COUNT && !span_eq(span_str(table[id].name), name))
        id++;
    return id;
}

static void keep_sample(struct issues *l, enum issue_id id, const char *place, const char *detail)
{
    l->sample = mem_room(l->sample, l->samples, &l->cap, sizeof *l->sample);
    l->sample[l->samples++] = (struct issue){
        id,
        arena_str(&l->arena, span_str(place)),
        arena_str(&l->arena, span_str(detail)),
    };
}

void issues_add(struct issues *l, enum issue_id id, const char *place, const char *fmt, ...)
{
    if (l->count[id]++ >= ISSUE_SAMPLES)
        return;
    char detail[LONGEST_DETAIL], printable[LONGEST_DETAIL];
    va_list ap;
    va_start(ap, fmt);
    text_vformat(detail, sizeof detail, fmt, ap);
    va_end(ap);
    text_format(printable, sizeof printable, "%s", place);
    keep_sample(l, id, printable, detail);
}

uint64_t issues_count(const struct issues *l, enum severity at_least)
{
    uint64_t n = 0;
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++)
        if (table[id].severity >= at_least)
            n += l->count[id];
    return n;
}

void issues_join(struct issues *l, const struct issues *from)
{
    for (size_t i = 0; i < from->samples; i++) {
        const struct issue *s = &from->sample[i];
        if (l->count[s->id] < ISSUE_SAMPLES)
            keep_sample(l, s->id, s->place, s->detail);
        l->count[s->id]++;
    }
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++)
        if (from->count[id] > ISSUE_SAMPLES)
            l->count[id] += from->count[id] - ISSUE_SAMPLES;
}

void issues_close(struct issues *l)
{
    arena_close(&l->arena);
    mem_free(l->sample);
    *l = (struct issues){0};
}
