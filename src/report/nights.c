#include "report/nights.h"

#include "base/time.h"

enum { DAY = 24 * 3600 };

struct nights nights_begin(const struct model *m)
{
    return (struct nights){m, m->transfers, m->withdrawals};
}

static int64_t last_day(const struct nights *n)
{
    const struct model *m = n->m;
    int64_t t = n->transfers > 0 ? m->transfer[n->transfers - 1].at / DAY : -1;
    int64_t w = n->withdrawals > 0 ? m->withdrawal[n->withdrawals - 1].at / DAY : -1;
    return t > w ? t : w;
}

static void add_transfer(const struct model *m, const struct model_transfer *t, struct night *out)
{
    out->unchanged += t->unchanged;
    out->held += t->held;
    out->refused += t->refused;
    for (size_t i = 0; i < t->revisions; i++) {
        const struct model_revision *r = &m->revision[t->first_revision + i];
        if (r->previous == MODEL_NONE)
            out->new ++;
        else if (model_same_data(r))
            out->same++;
        else
            out->changed++;
    }
}

bool nights_back(struct nights *n, struct night *out)
{
    const struct model *m = n->m;
    int64_t day = last_day(n);
    if (day < 0)
        return false;
    *out = (struct night){.at = day * DAY, .end_transfer = n->transfers};
    while (n->transfers > 0 && m->transfer[n->transfers - 1].at / DAY == day)
        add_transfer(m, &m->transfer[--n->transfers], out);
    for (; n->withdrawals > 0 && m->withdrawal[n->withdrawals - 1].at / DAY == day;
         n->withdrawals--)
        out->withdrawals++;
    out->first_transfer = n->transfers;
    if (n->transfers > 0 && out->end_transfer > out->first_transfer)
        out->gap = day - m->transfer[n->transfers - 1].at / DAY - 1;
    return true;
}

int64_t night_month(int64_t at)
{
    char text[TIME_TEXT + 1];
    uint64_t year = 0, month = 0;
    time_write(at, text);
    span_u64(span_of(text, 4), &year);
    span_u64(span_of(text + (text[5] == '0' ? 6 : 5), text[5] == '0' ? 1 : 2), &month);
    return (int64_t)(year * 12 + month);
}
