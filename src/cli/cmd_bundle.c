#include "cli/place.h"
#include "cli/seals.h"
#include "job/evidence.h"

static bool read_scope(struct cli *c, struct span study, struct scope *out, struct err *e)
{
    const char *dataset = options_value(&c->options, "dataset");
    struct place p = {.study = study};
    *out = (struct scope){.none = options_given(&c->options, "no-data")};
    if (!options_number(&c->options, "since", &out->since, e))
        return false;
    if (out->since > ENTRY_INDEX_MAX)
        return err_set(e, ERR_USAGE, "--since is larger than the index of any entry");
    if (out->none && (dataset != NULL || options_given(&c->options, "since")))
        return err_set(e, ERR_USAGE, "--no-data leaves nothing for --dataset and --since to limit");
    if (dataset == NULL)
        return true;
    p.dataset = span_str(dataset);
    if (!place_dataset(c, &p, e))
        return false;
    out->dataset = p.dataset;
    return true;
}

static void say(struct cli *c, struct span study, const struct evidence *v)
{
    char hex[65];
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_number(&l, "bytes", v->bytes);
        line_number(&l, "carried", v->carried);
        line_number(&l, "issued", v->issued);
        line_text(&l, "path", span_str(v->path));
        line_hash(&l, "sha256", v->hash);
        line_number(&l, "size", v->size);
        line_text(&l, "study", study);
        line_type(&l, "bundle");
        line_end(&l);
    } else if (cli_talks(c)) {
        printf("%s\n  %s, the data of %s, %s\n  SHA-256 %s\n", v->path,
               counted(&c->arena, v->size, "entry", "entries"),
               counted(&c->arena, v->carried, "revision", "revisions"),
               counted(&c->arena, v->bytes, "byte", "bytes"), hash_hex(v->hash, hex));
    }
}

/* The bundle is good in any case; whoever has a tsa.pem in the trust folder wants a seal, too. */
static bool seal_it(struct cli *c, const char *path, struct err *e)
{
    struct authorities t = {0};
    struct seal_result r = {0};
    if (!authorities_of_home(c->home, &c->arena, &t, e))
        return false;
    bool wanted = t.roots.p != NULL;
    bool good = !wanted || seal_bundle(path, &t, false, false, c->now, &c->arena, &r, e);
    if (good && wanted)
        seals_say(c, path, true, &r);
    if (good && r.outcome == SEAL_WAITS) {
        c->bad = true;
        if (!c->json)
            fprintf(stderr, "trialseal: hint: the bundle is there; later: trialseal seal %s\n",
                    path);
    }
    seal_result_close(&r);
    authorities_close(&t);
    return good;
}

bool bundle_run(struct cli *c, struct err *e)
{
    struct span study = cli_operand(c, 0);
    struct scope scope;
    struct evidence v;
    if (!cli_home(c, HOME_WORK, e) || !place_study(c, study, e) || !cli_catalog(c, e) ||
        !read_scope(c, study, &scope, e) ||
        !evidence_bundle(c->home, c->catalog, study, &scope, options_value(&c->options, "output"),
                         c->now, &c->arena, &v, e))
        return false;
    say(c, study, &v);
    return seal_it(c, v.path, e);
}
