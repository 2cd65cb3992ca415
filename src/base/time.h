/*
 * Times of FORMAT chapter 1: UTC, whole seconds since 1970, "YYYY-MM-DDTHH:MM:SSZ". No
 * clock here.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/span.h"

enum { TIME_TEXT = 20, DATE_TEXT = 10 };
#define TIME_LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* 0 <= seconds <= TIME_LAST; NUL-terminated; returns text. */
char *time_write(int64_t seconds, char text[TIME_TEXT + 1]);
bool time_parse(struct span text, int64_t *out);

/* "YYYY-MM-DD" alone, a day that exists; *days: since 1970-01-01, or before it. */
bool date_parse(struct span text, int64_t *days);
bool date_check(struct span text);

#endif
