#include "cli/place.h"
#include "job/typing.h"
#include "store/keys.h"
#include "study/study.h"

/* --- study add --- */

/* One study in one line, for programs. */
static bool study_line(struct cli *c, const struct conf_study *s, struct err *e)
{
    struct public_key key;
    struct ledger ledger;
    struct line l;
    if (!keys_public(c->home, keys_log(&c->arena, s->id), &key, e) ||
        !ledger_open(c, s->id, &ledger, e))
        return false;
    log_close(ledger.log);
    line_begin(&l);
    line_text(&l, "log", span_str(shown_key(&c->arena, &key)));
    line_text(&l, "origin", home_study_origin(c->home, &c->arena, s->id));
    line_number(&l, "size", ledger.checkpoint.size);
    line_text(&l, "study", s->id);
    line_text_or_null(&l, "studyid", s->studyid);
    line_text_or_null(&l, "title", s->title);
    line_type(&l, "study");
    line_end(&l);
    return true;
}

bool study_add_run(struct cli *c, struct err *e)
{
    struct span study = cli_operand(c, 0);
    struct conf_study conf;
    if (!study_name_check(study)) {
        err_set(e, ERR_USAGE, "not a study name: %.*s", SPAN_ARGS(study));
        return err_hint(e, "letters, digits, '_' and '-', at most %d", STUDY_NAME_MAX);
    }
    if (!cli_home(c, HOME_WORK, e) || !cli_catalog(c, e) ||
        !study_add(c->home, c->catalog, study, c->now, e) ||
        !home_study_conf(c->home, study, &c->arena, &conf, e))
        return false;
    if (c->json)
        return study_line(c, &conf, e);
    if (cli_talks(c))
        printf("%.*s added. What may be set is in %s/studies/%.*s/study.conf;\n"
               "transfers come into %s/inbox/%.*s.\n",
               SPAN_ARGS(study), c->home->path, SPAN_ARGS(study), c->home->path, SPAN_ARGS(study));
    return true;
}

/* --- study list --- */

static bool list_one(struct cli *c, const char *name, struct table *t, struct err *e)
{
    struct conf_study conf;
    struct ledger ledger;
    if (!home_study_conf(c->home, span_str(name), &c->arena, &conf, e))
        return false;
    if (c->json)
        return study_line(c, &conf, e);
    if (!ledger_open(c, conf.id, &ledger, e))
        return false;
    log_close(ledger.log);
    table_cell(t, conf.id);
    table_text(t, "%s", counted(&c->arena, ledger.checkpoint.size, "entry", "entries"));
    table_cell(t, conf.title);
    return true;
}

bool study_list_run(struct cli *c, struct err *e)
{
    struct home_studies s;
    struct table t = {.columns = 3, .right = {[1] = true}};
    if (!cli_home(c, HOME_READ, e) || !home_studies(c->home, &c->arena, &s, e))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < s.count; i++)
        good = list_one(c, s.name[i], &t, e);
    table_print(&t, stdout);
    return good;
}

/* --- study show --- */

static void show_rules(const struct conf_study *s, struct table *t)
{
    for (size_t i = 0; i < s->rules; i++) {
        const struct conf_rule *r = &s->rule[i];
        table_text(t, "file %.*s", SPAN_ARGS(r->pattern));
        table_text(t, "is %.*s%s", SPAN_ARGS(r->dataset), r->opaque ? ", opaque" : "");
    }
}

/* How data is read; nothing where study.conf and the folder say nothing. */
static void show_reading(struct cli *c, const struct conf_study *s, const struct typing *typing,
                         struct table *t)
{
    for (size_t i = 0; i < s->keys; i++) {
        struct span first = s->key[i].column[0], last = s->key[i].column[s->key[i].columns - 1];
        table_text(t, "key of %.*s", SPAN_ARGS(s->key[i].dataset));
        table_cell(t, span_of(first.p, (size_t)(last.p + last.n - first.p)));
    }
    for (size_t i = 0; i < s->missings; i++) {
        table_text(t, "nothing in CSV is");
        table_cell(t, s->missing[i]);
    }
    if (s->encoding.n > 0) {
        table_text(t, "text not UTF-8 is");
        table_cell(t, s->encoding);
    }
    for (size_t i = 0; i < typing->count; i++) {
        const struct typing_schema *x = &typing->schema[i];
        table_text(t, "schema %.*s", SPAN_ARGS(x->name));
        if (x->of.n > 0)
            table_text(t, "%s of %.*s", counted(&c->arena, x->define.items, "column", "columns"),
                       SPAN_ARGS(x->of));
        else
            table_text(t, "%s", counted(&c->arena, x->define.datasets, "dataset", "datasets"));
    }
}

static void row(struct table *t, const char *name, struct span value)
{
    table_text(t, "%s", name);
    table_cell(t, value.n > 0 ? value : SPAN("-"));
}

static bool show_study(struct cli *c, const struct conf_study *s, const struct typing *typing,
                       struct err *e)
{
    struct public_key key;
    struct table t = {.columns = 2};
    if (!keys_public(c->home, keys_log(&c->arena, s->id), &key, e))
        return false;
    row(&t, "study", s->id);
    row(&t, "title", s->title);
    row(&t, "origin", home_study_origin(c->home, &c->arena, s->id));
    row(&t, "log key", span_str(shown_key(&c->arena, &key)));
    row(&t, "STUDYID must be", s->studyid);
    row(&t, "inbox", span_str(words(&c->arena, "%s/inbox/%.*s", c->home->path, SPAN_ARGS(s->id))));
    row(&t, "most files in a transfer",
        span_str(words(&c->arena, "%llu", (unsigned long long)s->limits.transfer_files)));
    row(&t, "most bytes in a transfer",
        span_str(words(&c->arena, "%llu", (unsigned long long)s->limits.transfer_bytes)));
    row(&t, "most bytes in a file",
        span_str(words(&c->arena, "%llu", (unsigned long long)s->limits.file_bytes)));
    show_rules(s, &t);
    show_reading(c, s, typing, &t);
    table_print(&t, stdout);
    return true;
}

bool study_show_run(struct cli *c, struct err *e)
{
    struct conf_study s;
    struct typing typing = {0};
    if (!cli_home(c, HOME_READ, e) ||
        !home_study_conf(c->home, cli_operand(c, 0), &c->arena, &s, e))
        return false;
    bool good = typing_of_study(c->home, s.id, &s, &typing, e) &&
                (c->json ? study_line(c, &s, e) : show_study(c, &s, &typing, e));
    typing_close(&typing);
    return good;
}
