#include "report/chart.h"

#include "report/html.h"

struct extremes {
    uint64_t least, most;
};

static struct extremes extremes_of(const struct chart_point *p, size_t n)
{
    struct extremes x = {UINT64_MAX, 0};
    for (size_t i = 0; i < n; i++) {
        x.least = p[i].value < x.least ? p[i].value : x.least;
        x.most = p[i].value > x.most ? p[i].value : x.most;
    }
    return x;
}

/* --- where a point is --- */

struct scale {
    int64_t first;
    uint64_t seconds;   /* at least 1 */
    uint64_t low, high; /* what the lower and upper edge stand for; low < high */
    unsigned width, height;
};

/* From zero on, but where that would make a flat line of what changes little. */
static void set_edges(struct scale *s, struct extremes x)
{
    s->low = x.least < x.most && x.least > x.most / 2 ? x.least : 0;
    s->high = x.most > s->low ? x.most : s->low + 1;
}

static struct scale scale_of(const struct chart_point *p, size_t n, unsigned width, unsigned height)
{
    struct scale s = {.first = p[0].at, .width = width, .height = height};
    s.seconds = (uint64_t)(p[n - 1].at - p[0].at);
    s.seconds += s.seconds == 0;
    set_edges(&s, extremes_of(p, n));
    return s;
}

/* part / whole * span; both were counted, so they are far below 2^53 or rounding does not matter.
 */
static unsigned share(uint64_t part, uint64_t whole, unsigned span)
{
    return (unsigned)((double)part / (double)whole * span + 0.5);
}

static unsigned x_of(const struct scale *s, const struct chart_point *p)
{
    return share((uint64_t)(p->at - s->first), s->seconds, s->width);
}

static unsigned y_of(const struct scale *s, const struct chart_point *p)
{
    return s->height - share(p->value - s->low, s->high - s->low, s->height);
}

/* --- lines --- */

static void step_to(struct buf *b, const struct scale *s, const struct chart_point *p)
{
    html_format(b, "H%uV%u", x_of(s, p), y_of(s, p));
}

/* The points from..to-1 as one bucket: the least and the most, in their order. */
static void bucket_to(struct buf *b, const struct scale *s, const struct chart_point *p,
                      size_t from, size_t to)
{
    size_t least = from, most = from;
    for (size_t i = from; i < to; i++) {
        least = p[i].value < p[least].value ? i : least;
        most = p[i].value > p[most].value ? i : most;
    }
    step_to(b, s, &p[least < most ? least : most]);
    step_to(b, s, &p[least < most ? most : least]);
    step_to(b, s, &p[to - 1]);
}

static void add_line(struct buf *b, const struct scale *s, const struct chart_point *p, size_t n)
{
    html_format(b, "M0 %u", y_of(s, &p[0]));
    if (n <= 2 * CHART_BUCKETS)
        for (size_t i = 1; i < n; i++)
            step_to(b, s, &p[i]);
    else
        for (size_t i = 0; i < CHART_BUCKETS; i++)
            bucket_to(b, s, p, i * n / CHART_BUCKETS, (i + 1) * n / CHART_BUCKETS);
}

static void add_drawing(struct buf *b, const struct scale *s, const struct chart_point *p, size_t n)
{
    html_raw(b, " preserveAspectRatio=\"none\"><path d=\"");
    add_line(b, s, p, n);
    html_raw(b, "\"/>");
    for (size_t i = 0; i < n; i++) {
        if (!p[i].gone)
            continue;
        html_raw(b, "<path class=\"gone\" d=\"");
        html_format(b, "M%u 0V%u", x_of(s, &p[i]), s->height);
        html_raw(b, "\"/>");
    }
    html_raw(b, "</svg>");
}

/* --- the figure --- */

static void add_caption(struct buf *b, const char *title, const struct chart_point *p, size_t n)
{
    struct extremes x = extremes_of(p, n);
    bool gone = false;
    for (size_t i = 0; i < n; i++)
        gone = gone || p[i].gone;
    html_raw(b, "<figure><figcaption>");
    html_format(b, "%s of each revision: first ", title);
    html_number(b, p[0].value);
    html_raw(b, ", last ");
    html_number(b, p[n - 1].value);
    html_raw(b, ", least ");
    html_number(b, x.least);
    html_raw(b, ", most ");
    html_number(b, x.most);
    html_raw(b, gone ? ". A dashed line: withdrawn.</figcaption>\n" : ".</figcaption>\n");
}

void chart_write(struct buf *b, const char *title, const struct chart_point *p, size_t n)
{
    if (n < 2)
        return;
    struct scale s = scale_of(p, n, CHART_WIDTH, CHART_HEIGHT);
    add_caption(b, title, p, n);
    html_raw(b, "<div class=\"plot\"><div class=\"y\" aria-hidden=\"true\"><span>");
    html_number(b, s.high);
    html_raw(b, "</span><span>");
    html_number(b, s.low);
    html_raw(b, "</span></div>\n<svg role=\"img\" aria-label=\"");
    html_format(b, "%s over time, as said above", title);
    html_raw(b, "\"");
    html_raw(b, " viewBox=\"");
    html_format(b, "0 0 %d %d", CHART_WIDTH, CHART_HEIGHT);
    html_raw(b, "\"");
    add_drawing(b, &s, p, n);
    html_raw(b, "\n<div class=\"x\" aria-hidden=\"true\"><span>");
    html_day(b, p[0].at);
    html_raw(b, "</span><span>");
    html_day(b, p[n - 1].at);
    html_raw(b, "</span></div></div></figure>\n");
}

void chart_spark(struct buf *b, const struct chart_point *p, size_t n)
{
    enum { WIDTH = 112, HEIGHT = 20 };
    if (n < 2)
        return;
    if (n > SPARK_POINTS) {
        p += n - SPARK_POINTS;
        n = SPARK_POINTS;
    }
    struct scale s = scale_of(p, n, WIDTH, HEIGHT);
    html_raw(b, "<svg class=\"spark\" aria-hidden=\"true\" viewBox=\"");
    html_format(b, "0 0 %d %d", WIDTH, HEIGHT);
    html_raw(b, "\"");
    add_drawing(b, &s, p, n);
}
