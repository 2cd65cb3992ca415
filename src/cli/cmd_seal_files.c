/* `seal request` and `seal import`: where no authority can be reached from here. */
#include <string.h>

#include "cli/place.h"
#include "cli/seals.h"
#include "os/clock.h"

static void say_request(struct cli *c, const char *folder, const char *name)
{
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_text(&l, "folder", span_str(folder));
        line_text(&l, "name", span_str(name));
        line_type(&l, "seal-request");
        line_end(&l);
    } else if (cli_talks(c)) {
        printf(
            "%s/%s.tsq\nSend it to the authority as application/timestamp-query. Lay its answer\n"
            "beside it as %s.tsr, and: trialseal seal import %s/%s.tsr\n",
            folder, name, name, folder, name);
    }
}

bool seal_request_run(struct cli *c, struct err *e)
{
    struct authorities t = {0};
    const char *what = c->options.operand[0], *name = "";
    const char *folder = options_value(&c->options, "output");
    bool bundle = seals_is_bundle(what);
    c->now = clock_now();
    if (folder == NULL)
        return err_set(e, ERR_USAGE, "where to? give -o DIR");
    if (bundle && options_given(&c->options, "trust")
            ? false
            : !cli_home(c, HOME_WORK, e) || !cli_catalog(c, e))
        return false;
    bool good =
        seals_authorities(c, false, &t, e) &&
        (bundle ? seal_request_bundle(what, &t, seals_sha512(c), folder, &c->arena, &name, e)
                : place_study(c, span_str(what), e) &&
                      seal_request_study(c->home, c->catalog, span_str(what), &t, folder, c->now,
                                         &c->arena, &name, e));
    if (good)
        say_request(c, folder, name);
    authorities_close(&t);
    return good;
}

static bool import_one(struct cli *c, const struct authorities *t, const char *path, struct err *e)
{
    struct seal_answer x;
    struct seal_result r = {0};
    const char *bundle = options_value(&c->options, "bundle");
    bool good = seal_answer_read(path, &c->arena, &x, e);
    if (good && bundle == NULL && x.study.n == 0) {
        err_set(e, ERR_USAGE, "%s is not the answer for a study", path);
        good = err_hint(e, "for a bundle's, say which: --bundle FILE.zip");
    }
    good = good && (bundle != NULL ? seal_import_bundle(bundle, &x, t, &c->arena, &r, e)
                                   : place_study(c, x.study, e) &&
                                         seal_import_study(c->home, c->catalog, &x, t, c->now,
                                                           &c->arena, &r, e));
    if (good)
        seals_say(c, bundle != NULL ? bundle : arena_str(&c->arena, x.study), bundle != NULL, &r);
    seal_result_close(&r);
    return good || err_at(e, "%s", path);
}

bool seal_import_run(struct cli *c, struct err *e)
{
    struct authorities t = {0};
    c->now = clock_now();
    bool alone = options_given(&c->options, "bundle") && options_given(&c->options, "trust");
    bool good = (alone || (cli_home(c, HOME_WORK, e) && cli_catalog(c, e))) &&
                seals_authorities(c, false, &t, e);
    for (size_t i = 0; good && i < c->options.operands; i++)
        good = import_one(c, &t, c->options.operand[i], e);
    authorities_close(&t);
    return good;
}
