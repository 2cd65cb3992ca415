#include "store/alarm.h"

#include <string.h>

#include "base/time.h"
#include "format/json_write.h"
#include "os/dir.h"
#include "os/publish.h"

enum { ALARM_VERSION = 1 };

static const enum issue_id alarms[] = {
    ISSUE_CHECKPOINT_MALFORMED, ISSUE_CHECKPOINT_ORIGIN, ISSUE_CHECKPOINT_SIGNATURE,
    ISSUE_LEDGER_ROOT,          ISSUE_LEDGER_EMPTY,      ISSUE_LEDGER_FORK,
    ISSUE_ENTRY_MALFORMED,      ISSUE_ENTRY_UNKNOWN,     ISSUE_ENTRY_TIME,
    ISSUE_ENTRY_CHAIN,          ISSUE_OBJECT_MALFORMED,  ISSUE_TILE_ALTERED,
    ISSUE_TILE_MISSING,         ISSUE_STORE_MISSING,     ISSUE_STORE_ALTERED,
    ISSUE_SECRET_ALTERED,       ISSUE_ANCHOR_AHEAD,      ISSUE_SEAL_WRONG,
    ISSUE_CATALOG_DIFFERS,      ISSUE_KEY_MISSING,
};

bool alarm_is(enum issue_id id)
{
    for (size_t i = 0; i < sizeof alarms / sizeof alarms[0]; i++)
        if (alarms[i] == id)
            return true;
    return false;
}

bool alarm_in(const struct issues *found)
{
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++)
        if (found->count[id] > 0 && alarm_is(id))
            return true;
    return false;
}

/* --- reading --- */

static void read_found(struct arena *a, const struct json *list, struct alarm *out)
{
    if (list == NULL || list->kind != JSON_IS_ARRAY || list->count > ALARM_PLACES_MAX)
        return;
    out->found = arena_array(a, list->count, sizeof *out->found);
    for (const struct json *one = list->child; one != NULL; one = one->next) {
        struct span id, place;
        if (!json_string(one, "id", &id) || !json_string(one, "place", &place) ||
            issue_find(id) == ISSUE_COUNT)
            continue;
        out->found[out->count++] =
            (struct issue){.id = issue_find(id), .place = arena_str(a, place), .detail = ""};
    }
}

/* What it says as far as it can be read. */
static void parse(struct arena *a, struct span text, struct alarm *out)
{
    struct json *top;
    struct span line, since;
    int64_t version;
    if (!span_line(&text, &line) || text.n > 0 || !json_parse_canonical(a, line, &top, NULL) ||
        !json_integer(top, "version", &version) || version != ALARM_VERSION ||
        !json_string(top, "since", &since))
        return;
    json_string(top, "by", &out->by);
    if (!time_parse(since, &out->since))
        out->since = HOME_NO_TIME;
    read_found(a, json_member(top, "found"), out);
}

bool alarm_read(const struct home *h, struct arena *a, struct alarm *out, bool *stands,
                struct err *e)
{
    struct file_info info;
    struct span text;
    struct err why = {0};
    *out = (struct alarm){.since = HOME_NO_TIME};
    if (!file_stat(h->root, HOME_ALARM, &info, e))
        return false;
    *stands = info.kind != FILE_ABSENT;
    if (!*stands)
        return true;
    if (file_read_all(h->root, HOME_ALARM, ALARM_MAX, a, &text, &why))
        parse(a, text, out);
    else if (why.kind == ERR_IO)
        return err_set(e, ERR_IO, "%s", why.text);
    return true;
}

/* --- raising and lifting --- */

static void write_place(struct json_out *o, const char *place)
{
    struct span s = span_str(place);
    struct buf ascii = {0};
    for (size_t i = 0; i < s.n; i++)
        buf_byte(&ascii, s.p[i] < 0x80 ? s.p[i] : '?');
    json_out_string(o, "place", span_utf8(s) ? s : buf_span(&ascii));
    buf_close(&ascii);
}

static void write_found(struct json_out *o, const struct issues *found)
{
    size_t n = 0;
    json_out_array(o, "found");
    for (size_t i = 0; found != NULL && i < found->samples && n < ALARM_PLACES_MAX; i++) {
        const struct issue *x = &found->sample[i];
        if (!alarm_is(x->id))
            continue;
        json_out_object(o, NULL);
        json_out_string(o, "id", span_str(issue_name(x->id)));
        write_place(o, x->place);
        json_out_object_end(o);
        n++;
    }
    json_out_array_end(o);
}

static void write(struct buf *b, int64_t since, const char *by, const struct issues *found)
{
    char text[TIME_TEXT + 1];
    struct json_out o = {.b = b};
    json_out_object(&o, NULL);
    json_out_string(&o, "by", span_str(by));
    write_found(&o, found);
    json_out_string(&o, "since", span_str(time_write(since, text)));
    json_out_integer(&o, "version", ALARM_VERSION);
    json_out_object_end(&o);
    buf_byte(b, '\n');
}

bool alarm_raise(struct home *h, int64_t now, const char *by, const struct issues *found,
                 struct err *e)
{
    struct arena a = {0};
    struct buf b = {0};
    struct alarm before;
    bool stands, good = alarm_read(h, &a, &before, &stands, e);
    if (good) {
        write(&b, before.since != HOME_NO_TIME ? before.since : now, by, found);
        good = publish(h->root, HOME_ALARM, buf_span(&b), FILE_PRIVATE, e);
    }
    buf_close(&b);
    arena_close(&a);
    return good || err_at(e, "the alarm could not be kept");
}

bool alarm_lift(struct home *h, struct err *e)
{
    return file_remove(h->root, HOME_ALARM, e) && dir_sync(h->root, h->path, e);
}
