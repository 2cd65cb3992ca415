#include "base/time.h"

#include <assert.h>
#include <string.h>

enum { SECONDS_OF_DAY = 86400 };

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to the first day of the year. */
static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;
    return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static void write_digits(char *at, int count, int64_t v)
{
    while (count-- > 0) {
        at[count] = (char)('0' + v % 10);
        v /= 10;
    }
}

char *time_write(int64_t seconds, char text[TIME_TEXT + 1])
{
    assert(seconds >= 0 && seconds <= TIME_LAST);
    int64_t days = seconds / SECONDS_OF_DAY, of_day = seconds % SECONDS_OF_DAY;
    int64_t year = 1970 + days / 366, month = 1;
    while (days_before_year(year + 1) <= days)
        year++;
    days -= days_before_year(year);
    while (days >= days_of_month(year, month))
        days -= days_of_month(year, month++);
    memcpy(text, "YYYY-MM-DDTHH:MM:SSZ", TIME_TEXT + 1);
    write_digits(text, 4, year);
    write_digits(text + 5, 2, month);
    write_digits(text + 8, 2, days + 1);
    write_digits(text + 11, 2, of_day / 3600);
    write_digits(text + 14, 2, of_day / 60 % 60);
    write_digits(text + 17, 2, of_day % 60);
    return text;
}

static bool read_digits(struct span s, size_t at, size_t count, int64_t *out)
{
    *out = 0;
    for (size_t i = at; i < at + count; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

/* Days from 1970-01-01 to the date at the front of s, which has at least DATE_TEXT bytes. */
static bool read_date(struct span s, int64_t *days)
{
    int64_t year, month, day;
    if (!read_digits(s, 0, 4, &year) || !read_digits(s, 5, 2, &month) ||
        !read_digits(s, 8, 2, &day) || s.p[4] != '-' || s.p[7] != '-')
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    *days = days_before_year(year) + day - 1;
    for (int64_t m = 1; m < month; m++)
        *days += days_of_month(year, m);
    return true;
}

bool time_parse(struct span text, int64_t *out)
{
    int64_t days, hour, minute, second;
    if (text.n != TIME_TEXT || !read_date(text, &days) || days < 0)
        return false;
    if (!read_digits(text, 11, 2, &hour) || !read_digits(text, 14, 2, &minute) ||
        !read_digits(text, 17, 2, &second))
        return false;
    if (text.p[10] != 'T' || text.p[13] != ':' || text.p[16] != ':' || text.p[19] != 'Z' ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    *out = days * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second;
    return true;
}

bool date_parse(struct span text, int64_t *days)
{
    return text.n == DATE_TEXT && read_date(text, days);
}

bool date_check(struct span text)
{
    int64_t days;
    return date_parse(text, &days);
}
