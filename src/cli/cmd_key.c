#include <string.h>

#include "cli/cli.h"
#include "format/ssh_key.h"
#include "store/keys.h"

static const char *purpose(struct cli *c, const char *name)
{
    struct span study = span_str(name);
    if (strcmp(name, KEYS_NOTARY) == 0)
        return "signs bundles";
    if (span_take(&study, SPAN("log-")))
        return words(&c->arena, "signs checkpoints of %.*s", SPAN_ARGS(study));
    return "unknown";
}

static void key_line(struct cli *c, const struct keys_entry *k)
{
    struct buf public = {0};
    struct line l;
    ssh_key_write(&public, &k->key);
    line_begin(&l);
    line_text(&l, "fingerprint", span_str(shown_key(&c->arena, &k->key)));
    line_text(&l, "key", buf_span(&public));
    line_text(&l, "name", span_str(k->name));
    line_text(&l, "purpose", span_str(purpose(c, k->name)));
    line_type(&l, "key");
    line_end(&l);
    buf_close(&public);
}

bool key_list_run(struct cli *c, struct err *e)
{
    struct keys_list list;
    struct table t = {.columns = 3};
    if (!cli_home(c, HOME_READ, e) || !keys_list(c->home, &c->arena, &list, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const struct keys_entry *k = &list.entry[i];
        if (c->json) {
            key_line(c, k);
            continue;
        }
        table_text(&t, "%s", k->name);
        table_text(&t, "%s", shown_key(&c->arena, &k->key));
        table_text(&t, "%s", purpose(c, k->name));
    }
    table_print(&t, stdout);
    return true;
}
