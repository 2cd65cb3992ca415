#include "cli/cli.h"
#include "ledger/checkpoint.h"
#include "store/keys.h"

static bool say(struct cli *c, bool test, struct err *e)
{
    struct public_key notary;
    if (!keys_public(c->home, KEYS_NOTARY, &notary, e))
        return false;
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_text(&l, "home", span_str(c->home->path));
        line_text(&l, "notary", span_str(shown_key(&c->arena, &notary)));
        line_text(&l, "origin", c->home->conf.origin);
        json_out_bool(&l.o, "test", test);
        line_type(&l, "home");
        line_end(&l);
    } else if (cli_talks(c)) {
        printf("%s made; its notary key is %s.\n%sNext: trialseal -C %s study add STUDY\n",
               c->home->path, shown_key(&c->arena, &notary),
               test ? "It is a home for tests: what it says is evidence of nothing.\n" : "",
               c->home->path);
    }
    return true;
}

bool init_run(struct cli *c, struct err *e)
{
    const char *origin = options_value(&c->options, "origin"), *path = c->options.operand[0];
    bool test = options_given(&c->options, "test");
    if (origin == NULL) {
        err_set(e, ERR_USAGE, "init needs --origin NAME");
        return err_hint(e, "a name that is yours for ever, like example.org/trials");
    }
    if (!origin_check(span_str(origin))) {
        err_set(e, ERR_USAGE, "not an origin: %s", origin);
        return err_hint(e, "at most %d printable ASCII characters, no blank, no '+'", ORIGIN_MAX);
    }
    return home_init(path, span_str(origin), test, e) && home_open(path, HOME_READ, &c->home, e) &&
           say(c, test, e);
}
