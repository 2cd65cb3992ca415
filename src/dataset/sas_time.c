#include "dataset/sas_time.h"

#include <string.h>

#include "base/time.h"

enum { DAYS_1960_TO_1970 = 3653, DAY = 86400, CLOCK_TEXT = 8, FRACTION_MAX = 20 };

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
    struct span rest = span_skip(name, name.n < known.n ? 0 : known.n);
    if (name.n < known.n)
        return false;
    for (size_t i = 0; i < known.n; i++) {
        uint8_t c = name.p[i];
        if ((c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c) != known.p[i])
            return false;
    }
    return rest.n == 0 || (separated && rest.n == 1 && memchr("BCDNPSbcdnps", rest.p[0], 12));
}

enum column_class sas_format_class(struct span name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (is_format(name, span_str(formats[i].name), formats[i].separated))
            return formats[i].class;
    return CLASS_NUMBER;
}

/* --- numbers --- */

struct count {
    bool negative;
    int64_t whole;
    struct span fraction; /* digits behind the point */
};

static bool only_digits(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* A canonical number that is written without exponent. */
static bool parse_count(struct span s, struct count *out)
{
    uint64_t whole;
    out->negative = span_take(&s, SPAN("-"));
    size_t point = span_find(s, 0, '.');
    if (!span_u64(span_of(s.p, point), &whole) || whole > INT64_MAX)
        return false;
    out->whole = (int64_t)whole;
    out->fraction = span_skip(s, point == s.n ? point : point + 1);
    return only_digits(out->fraction);
}

static void write_two(char *to, int64_t v)
{
    to[0] = (char)('0' + v / 10);
    to[1] = (char)('0' + v % 10);
}

static size_t write_clock(int64_t seconds, struct span fraction, char *to)
{
    memcpy(to, "HH:MM:SS", CLOCK_TEXT);
    write_two(to, seconds / 3600);
    write_two(to + 3, seconds / 60 % 60);
    write_two(to + 6, seconds % 60);
    if (fraction.n == 0)
        return CLOCK_TEXT;
    to[CLOCK_TEXT] = '.';
    memcpy(to + CLOCK_TEXT + 1, fraction.p, fraction.n);
    return CLOCK_TEXT + 1 + fraction.n;
}

static size_t write_datetime(const struct count *c, char *to)
{
    int64_t seconds = c->negative ? -c->whole : c->whole;
    int64_t days = seconds / DAY - (seconds % DAY < 0), of_day = seconds - days * DAY;
    if ((c->negative && c->fraction.n > 0) || !date_write(days - DAYS_1960_TO_1970, to))
        return 0;
    to[DATE_TEXT] = 'T';
    return DATE_TEXT + 1 + write_clock(of_day, c->fraction, to + DATE_TEXT + 1);
}

size_t sas_time_of_number(enum column_class c, struct span number, char out[SAS_TIME_MAX])
{
    struct count x;
    if (!parse_count(number, &x) || x.fraction.n > FRACTION_MAX)
        return 0;
    switch (c) {
    case CLASS_DATE:
        return x.fraction.n == 0 &&
                       date_write((x.negative ? -x.whole : x.whole) - DAYS_1960_TO_1970, out)
                   ? DATE_TEXT
                   : 0;
    case CLASS_DATETIME:
        return write_datetime(&x, out);
    case CLASS_TIME:
        return !x.negative && x.whole < DAY ? write_clock(x.whole, x.fraction, out) : 0;
    default:
        return 0;
    }
}

/* --- texts --- */

static bool two_digits(struct span s, size_t at, int most)
{
    if (s.n < at + 2 || s.p[at] < '0' || s.p[at] > '9' || s.p[at + 1] < '0' || s.p[at + 1] > '9')
        return false;
    return (s.p[at] - '0') * 10 + s.p[at + 1] - '0' <= most;
}

/* HH:MM, HH:MM:SS, HH:MM:SS.f: seconds that are not there are 0, zeroes at the end go. */
static size_t write_clock_text(struct span s, char *to)
{
    if (!two_digits(s, 0, 23) || s.n < 5 || s.p[2] != ':' || !two_digits(s, 3, 59))
        return 0;
    memcpy(to, s.p, 5);
    memcpy(to + 5, ":00", 3);
    if (s.n == 5)
        return CLOCK_TEXT;
    if (s.p[5] != ':' || !two_digits(s, 6, 59))
        return 0;
    memcpy(to, s.p, CLOCK_TEXT);
    if (s.n == CLOCK_TEXT)
        return CLOCK_TEXT;
    struct span fraction = span_skip(s, CLOCK_TEXT + 1);
    if (s.p[CLOCK_TEXT] != '.' || fraction.n == 0 || fraction.n > FRACTION_MAX ||
        !only_digits(fraction))
        return 0;
    while (s.p[s.n - 1] == '0')
        s.n--;
    s.n -= s.p[s.n - 1] == '.';
    memcpy(to, s.p, s.n);
    return s.n;
}

size_t sas_time_of_text(enum column_class c, struct span text, char out[SAS_TIME_MAX])
{
    if (c == CLASS_TIME)
        return write_clock_text(text, out);
    if (text.n < DATE_TEXT || !date_check(span_of(text.p, DATE_TEXT)))
        return 0;
    memcpy(out, text.p, DATE_TEXT);
    if (c == CLASS_DATE)
        return text.n == DATE_TEXT ? DATE_TEXT : 0;
    if (text.n == DATE_TEXT || text.p[DATE_TEXT] != 'T')
        return 0;
    out[DATE_TEXT] = 'T';
    size_t n = write_clock_text(span_skip(text, DATE_TEXT + 1), out + DATE_TEXT + 1);
    return n == 0 ? 0 : DATE_TEXT + 1 + n;
}
