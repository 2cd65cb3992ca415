#include "ledger/scope.h"

#include "ledger/entry.h"

static bool parse_dataset(struct span *rest, struct scope *out)
{
    size_t end = span_find(*rest, 0, ' ');
    out->dataset = span_of(rest->p, end);
    *rest = span_skip(*rest, end);
    return dataset_name_check(out->dataset);
}

static bool parse_since(struct span text, struct scope *out)
{
    return span_take(&text, SPAN("since=")) && span_u64(text, &out->since) && out->since > 0 &&
           out->since <= ENTRY_INDEX_MAX;
}

static bool parse_parts(struct span text, struct scope *out)
{
    if (!span_take(&text, SPAN("dataset=")))
        return parse_since(text, out);
    return parse_dataset(&text, out) &&
           (text.n == 0 || (span_take(&text, SPAN(" ")) && parse_since(text, out)));
}

bool scope_parse(struct span text, struct scope *out)
{
    struct scope s = {.none = span_eq(text, SPAN("none"))};
    if (!s.none && !span_eq(text, SPAN("all")) && !parse_parts(text, &s))
        return false;
    *out = s;
    return true;
}

void scope_write(struct buf *b, const struct scope *s)
{
    if (s->none) {
        buf_str(b, "none");
        return;
    }
    if (s->dataset.n == 0 && s->since == 0)
        buf_str(b, "all");
    if (s->dataset.n > 0) {
        buf_str(b, "dataset=");
        buf_add(b, s->dataset);
    }
    if (s->since > 0) {
        buf_str(b, s->dataset.n > 0 ? " since=" : "since=");
        buf_u64(b, s->since);
    }
}

bool scope_contains(const struct scope *s, struct span dataset, uint64_t entry)
{
    return !s->none && entry >= s->since && (s->dataset.n == 0 || span_eq(s->dataset, dataset));
}
