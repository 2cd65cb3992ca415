/*
 * The integrity alarm that lasts: HOME/alarm. Whoever works in a home (HOME_WORK) and finds that
 * what was signed and what is there contradict each other raises it; from then on home_open refuses
 * HOME_WORK, until an audit that finds nothing bad lifts it. What mends opens with HOME_MEND, and
 * readers may read.
 *
 * The file is one line of canonical JSON (schemas/alarm.json): issue ids and places, no text of
 * anybody. It is not evidence and is never believed to be good: a file that cannot be read is an
 * alarm all the same.
 */
#ifndef STORE_ALARM_H
#define STORE_ALARM_H

#include "base/issue.h"
#include "store/home.h"

enum { ALARM_PLACES_MAX = ISSUE_SAMPLES, ALARM_MAX = 64 * 1024 };

struct alarm {
    int64_t since;       /* seconds since 1970; HOME_NO_TIME where the file does not say it */
    struct span by;      /* the command that found it */
    size_t count;        /* of what it found, at most ALARM_PLACES_MAX */
    struct issue *found; /* .id, .place */
};

/* *out lives in a; *stands: there is one. */
bool alarm_read(const struct home *h, struct arena *a, struct alarm *out, bool *stands,
                struct err *e);

/*
 * Makes it durable. One that stands keeps its `since`; what was found takes the place of what
 * was. `found` may be NULL: an error ended the command, which told it.
 */
bool alarm_raise(struct home *h, int64_t now, const char *by, const struct issues *found,
                 struct err *e);

/* The issues that raise it: what was signed and what is there contradict each other. */
bool alarm_is(enum issue_id id);
bool alarm_in(const struct issues *found);

/* Durably gone. One that is not there is fine. */
bool alarm_lift(struct home *h, struct err *e);

#endif
