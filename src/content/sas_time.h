/*
 * Dates and times: SAS counts days and seconds from 1960-01-01 and shows them by a format;
 * elsewhere they are ISO 8601 texts. The canonical form is the number (FORMAT 12.1), so that
 * a format, which says how a value looks, does not say what it is.
 */
#ifndef CONTENT_SAS_TIME_H
#define CONTENT_SAS_TIME_H

#include "content/canonical.h"

enum { SAS_TIME_MAX = 48 };

/* CLASS_NUMBER where the format is none of dates and times. */
enum column_class sas_format_class(struct span name);

/*
 * The days or seconds that a text says, as a lexeme, and how many bytes that has; 0 where it is no
 * date, datetime or time of day: not complete, or with a zone.
 */
size_t sas_time_number(enum column_class c, struct span text, char out[SAS_TIME_MAX]);

#endif
