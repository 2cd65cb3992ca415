#include "content/sas_time.h"

#include <string.h>

#include "base/name_map.h"
#include "base/time.h"

enum { DAYS_1960_TO_1970 = 3653, DAY = 86400, FRACTION_MAX = 20 };

/* Without the letter that says how the parts are separated: DDMMYYB, YYMMDDN. */
static const struct {
    const char *name;
    enum column_class class;
    bool separated;
} formats[] = {
    {"DATE", CLASS_DATE, false},         {"DDMMYY", CLASS_DATE, true},
    {"MMDDYY", CLASS_DATE, true},        {"YYMMDD", CLASS_DATE, true},
    {"E8601DA", CLASS_DATE, false},      {"B8601DA", CLASS_DATE, false},
    {"IS8601DA", CLASS_DATE, false},     {"JULIAN", CLASS_DATE, false},
    {"WORDDATE", CLASS_DATE, false},     {"WEEKDATE", CLASS_DATE, false},
    {"DATETIME", CLASS_DATETIME, false}, {"E8601DT", CLASS_DATETIME, false},
    {"B8601DT", CLASS_DATETIME, false},  {"IS8601DT", CLASS_DATETIME, false},
    {"DATEAMPM", CLASS_DATETIME, false}, {"TIME", CLASS_TIME, false},
    {"TOD", CLASS_TIME, false},          {"HHMM", CLASS_TIME, false},
    {"TIMEAMPM", CLASS_TIME, false},     {"E8601TM", CLASS_TIME, false},
    {"B8601TM", CLASS_TIME, false},      {"IS8601TM", CLASS_TIME, false},
};

static bool is_format(struct span name, struct span known, bool separated)
{
    if (name.n < known.n || !name_same(span_of(name.p, known.n), known))
        return false;
    struct span rest = span_skip(name, known.n);
    return rest.n == 0 || (separated && rest.n == 1 && memchr("BCDNPSbcdnps", rest.p[0], 12));
}

enum column_class sas_format_class(struct span name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (is_format(name, span_str(formats[i].name), formats[i].separated))
            return formats[i].class;
    return CLASS_NUMBER;
}

static bool only_digits(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* Two digits, up to `most`; *out becomes *out * base and these. */
static bool take_two(struct span *s, int64_t base, int64_t most, int64_t *out)
{
    if (s->n < 2 || !only_digits(span_of(s->p, 2)))
        return false;
    int64_t v = (s->p[0] - '0') * 10 + (s->p[1] - '0');
    *s = span_skip(*s, 2);
    *out = *out * base + v;
    return v <= most;
}

/* HH:MM, HH:MM:SS or HH:MM:SS.f, all of s; seconds that are not there are 0. */
static bool parse_clock(struct span s, int64_t *seconds, struct span *fraction)
{
    *seconds = 0;
    *fraction = span_of(NULL, 0);
    if (!take_two(&s, 1, 23, seconds) || !span_take(&s, SPAN(":")) ||
        !take_two(&s, 60, 59, seconds))
        return false;
    if (s.n == 0) {
        *seconds *= 60;
        return true;
    }
    if (!span_take(&s, SPAN(":")) || !take_two(&s, 60, 59, seconds))
        return false;
    if (s.n == 0)
        return true;
    *fraction = span_skip(s, 1);
    return s.p[0] == '.' && fraction->n > 0 && fraction->n <= FRACTION_MAX &&
           only_digits(*fraction);
}

static struct span without_zeroes(struct span s)
{
    while (s.n > 0 && s.p[s.n - 1] == '0')
        s.n--;
    return s;
}

static size_t write_whole(uint64_t v, char *out)
{
    size_t n = 1;
    for (uint64_t rest = v; rest > 9; rest /= 10)
        n++;
    for (size_t i = n; i-- > 0; v /= 10)
        out[i] = (char)('0' + v % 10);
    return n;
}

/*
 * Below zero the fraction goes towards it: -2 and .25 are -1.75, so digits give way to what
 * is left of them to 9, the last one to 10.
 */
static size_t write_number(int64_t whole, struct span fraction, char *out)
{
    size_t n = 0;
    fraction = without_zeroes(fraction);
    bool negative = whole < 0, turned = negative && fraction.n > 0;
    if (negative)
        out[n++] = '-';
    n += write_whole((uint64_t)(negative ? -(whole + turned) : whole), out + n);
    if (fraction.n > 0)
        out[n++] = '.';
    for (size_t i = 0; i < fraction.n; i++) {
        int digit = fraction.p[i] - '0', to = i + 1 == fraction.n ? 10 : 9;
        out[n++] = (char)('0' + (turned ? to - digit : digit));
    }
    return n;
}

static bool parse_days(struct span text, int64_t *days)
{
    if (!date_parse(text, days))
        return false;
    *days += DAYS_1960_TO_1970;
    return true;
}

size_t sas_time_number(enum column_class c, struct span text, char out[SAS_TIME_MAX])
{
    int64_t days = 0, seconds = 0;
    struct span date = span_of(text.p, text.n < DATE_TEXT ? text.n : DATE_TEXT);
    struct span clock = span_skip(text, date.n), fraction = span_of(NULL, 0);
    switch (c) {
    case CLASS_DATE:
        return parse_days(text, &days) ? write_number(days, fraction, out) : 0;
    case CLASS_DATETIME:
        if (!parse_days(date, &days) || !span_take(&clock, SPAN("T")) ||
            !parse_clock(clock, &seconds, &fraction))
            return 0;
        return write_number(days * DAY + seconds, fraction, out);
    case CLASS_TIME:
        return parse_clock(text, &seconds, &fraction) ? write_number(seconds, fraction, out) : 0;
    default:
        return 0;
    }
}
