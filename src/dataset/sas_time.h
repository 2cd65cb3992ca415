/*
 * Dates and times: SAS counts days and seconds from 1960-01-01 and shows them by a
 * format; elsewhere they are ISO 8601 texts. The canonical form is the text (FORMAT 12.1).
 */
#ifndef DATASET_SAS_TIME_H
#define DATASET_SAS_TIME_H

#include "dataset/canonical.h"

enum { SAS_TIME_MAX = 48 };

/* CLASS_NUMBER where the format is none of dates and times. */
enum column_class sas_format_class(struct span name);

/*
 * Both write to out, and return how many bytes; 0 where it is none: a fraction of a day,
 * before 1960 with a fraction of a second, a year outside 1 to 9999, a time of day outside
 * 0 to 24 hours; a text that is not complete, or has a zone.
 */
size_t sas_time_of_number(enum column_class c, struct span number, char out[SAS_TIME_MAX]);
size_t sas_time_of_text(enum column_class c, struct span text, char out[SAS_TIME_MAX]);

#endif
