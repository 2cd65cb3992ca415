/*
 * Charts as inline SVG without script: a line over time that holds each value until the next.
 * What they show stands in a table beside them too.
 */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include "base/buf.h"

enum {
    CHART_WIDTH = 640, /* units of the drawing, which is stretched */
    CHART_HEIGHT = 160,
    CHART_BUCKETS = 320, /* of more points, the least and the most of each bucket are drawn */
    SPARK_POINTS = 30,   /* the last ones */
};

struct chart_point {
    int64_t at; /* not before the one before */
    uint64_t value;
    bool gone; /* withdrawn: a dashed line marks it */
};

/* A figure with its scales. title: "Records". Nothing for less than two points. */
void chart_write(struct buf *b, const char *title, const struct chart_point *p, size_t n);

/* The last points, small, for a cell of a table; nothing for less than two. */
void chart_spark(struct buf *b, const struct chart_point *p, size_t n);

#endif
