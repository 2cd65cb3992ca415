#include "cli/seals.h"

#include <fcntl.h>

#include "cli/describe.h"
#include "os/clock.h"
#include "os/file.h"

bool seals_is_bundle(const char *operand)
{
    return span_ends(span_str(operand), SPAN(".zip"));
}

/* --- whom to ask --- */

static bool given_by_hand(const struct cli *c)
{
    return options_given(&c->options, "authority") || options_given(&c->options, "trust");
}

/* The rules for values are those of the configuration: so it reads them. */
static bool read_by_hand(struct cli *c, struct authorities *out, struct err *e)
{
    const char *url[OPTION_USES_MAX], *trust = options_value(&c->options, "trust");
    size_t urls = options_values(&c->options, "authority", url);
    struct buf text = {0};
    struct conf_home conf;
    *out = (struct authorities){0};
    if (trust == NULL)
        return err_set(e, ERR_USAGE, "--authority needs --trust tsa.pem, to check what it answers");
    buf_str(&text, "[home]\norigin = x\ntest = no\n[seal]\n");
    for (size_t i = 0; i < urls; i++) {
        buf_str(&text, "authority = ");
        buf_str(&text, url[i]);
        buf_byte(&text, '\n');
    }
    bool good = conf_home_parse(&c->arena, buf_span(&text), &conf, e) &&
                file_read_all(AT_FDCWD, trust, BUNDLE_TSA_MAX, &c->arena, &out->roots, e) &&
                (seal_roots_check(out->roots, e) || err_at(e, "%s", trust));
    if (!good && e->kind == ERR_FORMAT)
        e->kind = ERR_USAGE;
    out->conf = conf.seal;
    buf_close(&text);
    return good;
}

static bool take_hash(const struct cli *c, struct authorities *out, struct err *e)
{
    const char *hash = options_value(&c->options, "hash");
    enum seal_hash h;
    static const unsigned bits[SEAL_HASHES] = {
        [SEAL_SHA256] = 256, [SEAL_SHA384] = 384, [SEAL_SHA512] = 512};
    if (hash == NULL)
        return true;
    if (!seal_hash_find(span_str(hash), &h))
        return err_set(e, ERR_USAGE, "--hash is sha256, sha384 or sha512");
    out->conf.hash_bits = bits[h];
    return true;
}

bool seals_authorities(struct cli *c, bool ask, struct authorities *out, struct err *e)
{
    if (given_by_hand(c) ? !read_by_hand(c, out, e)
                         : !authorities_of_home(c->home, &c->arena, out, e))
        return false;
    if (ask && out->conf.authorities == 0) {
        err_set(e, ERR_USAGE, "no time-stamp authority is configured");
        return err_hint(e, "set authority in [seal] of trialseal.conf, or see trialseal help seal "
                           "request");
    }
    if (out->roots.p == NULL) {
        err_set(e, ERR_USAGE, "the home has no " HOME_TSA);
        return err_hint(e, "put the certificate of the authority's issuer there");
    }
    return take_hash(c, out, e);
}

bool seals_sha512(const struct cli *c)
{
    const char *hash = options_value(&c->options, "hash");
    return hash != NULL && span_eq(span_str(hash), SPAN("sha512"));
}

/* --- saying it --- */

static void result_line(const char *what, bool bundle, const struct seal_result *r)
{
    static const char *const outcome[] = {"needless", "made", "waits"};
    bool made = r->outcome == SEAL_MADE;
    struct line l;
    line_begin(&l);
    line_text_or_null(&l, "authority", made ? r->token.authority : SPAN(""));
    line_text_or_null(&l, "bundle", bundle ? span_str(what) : SPAN(""));
    line_number_or_null(&l, "entry", made && !bundle, r->entry);
    line_number_or_null(&l, "number", made && bundle, r->number);
    line_text(&l, "outcome", span_str(outcome[r->outcome]));
    if (made && bundle)
        line_hash(&l, "sha256", r->hash);
    else
        json_out_null(&l.o, "sha256");
    line_number_or_null(&l, "size", made && !bundle, r->size);
    line_text_or_null(&l, "study", bundle ? SPAN("") : span_str(what));
    if (made)
        line_time(&l, "time", r->token.time);
    else
        json_out_null(&l.o, "time");
    line_type(&l, "seal");
    if (made)
        line_time(&l, "until", r->token.until);
    else
        json_out_null(&l.o, "until");
    line_end(&l);
}

static void say_made(struct cli *c, const char *what, bool bundle, const struct seal_result *r)
{
    char hex[65];
    if (bundle)
        printf("%s existed before %s, says ", what, shown_time(&c->arena, r->token.time));
    else
        printf("%s, entry %llu: the first %s existed before %s, says ", what,
               (unsigned long long)r->entry, counted(&c->arena, r->size, "entry", "entries"),
               shown_time(&c->arena, r->token.time));
    put_text(stdout, r->token.authority);
    printf("\n  its certificate ends on %s\n", shown_time(&c->arena, r->token.until));
    if (bundle)
        printf("  SHA-256 %s, with seal %u\n", hash_hex(r->hash, hex), r->number);
}

void seals_say(struct cli *c, const char *what, bool bundle, const struct seal_result *r)
{
    const char *heading =
        words(&c->arena, "%s: %s", what, r->outcome == SEAL_WAITS ? "not sealed yet" : "sealed");
    cli_issues(c, &r->issues, bundle ? SPAN("") : span_str(what), SPAN(""), heading);
    if (c->json)
        result_line(what, bundle, r);
    else if (cli_talks(c) && r->outcome == SEAL_MADE)
        say_made(c, what, bundle, r);
    else if (cli_talks(c) && r->outcome == SEAL_NEEDLESS)
        printf("%s is sealed; nothing to do\n", what);
}

/* --- ends --- */

/* What is wrong with the newest seal is told by now. */
static bool check_end(struct cli *c, const char *study, struct span roots, struct issues *found,
                      struct err *e)
{
    struct ledger l;
    struct seal_state state;
    struct sealed last = {0};
    struct issues told = {0};
    if (!ledger_open(c, span_str(study), &l, e))
        return false;
    bool good = seal_state(c->catalog, l.log, l.checkpoint.size, span_str(study), &state, e) &&
                (!state.has_last ||
                 seal_last_check(c->home, &state, roots, &c->arena, &last, &told, study, e));
    if (good && last.until != 0)
        seal_check_end(&c->home->conf.seal, study, &last, c->now, found);
    issues_close(&told);
    log_close(l.log);
    return good;
}

bool seals_check_ends(struct cli *c, struct issues *found, struct err *e)
{
    struct home_studies s;
    struct span roots;
    if (!home_tsa(c->home, &c->arena, &roots, e))
        return false;
    if (roots.p == NULL)
        return true;
    bool good = cli_catalog(c, e) && home_studies(c->home, &c->arena, &s, e);
    for (size_t i = 0; good && i < s.count; i++)
        good = check_end(c, s.name[i], roots, found, e);
    return good;
}

/* --- the night --- */

bool seals_of_night(struct cli *c, struct authorities *t, const char *study, struct err *e)
{
    struct seal_result r = {0};
    bool good =
        seal_study(c->home, c->catalog, span_str(study), t, false, c->now, &c->arena, &r, e);
    bool told = r.outcome == SEAL_MADE || (r.outcome == SEAL_WAITS && r.stale) || r.ends_tonight;
    if (good && told)
        seals_say(c, study, false, &r);
    seal_result_close(&r);
    return good;
}
