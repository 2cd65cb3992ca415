#include "cli/verdict.h"

/* --- for people --- */

struct saying {
    const struct offline *o;
    const struct offline_result *r;
    const struct verdict *v;
    struct arena *a;
};

/* Without a trust folder a bundle can only agree with itself. */
static bool only_untrusted(const struct saying *s, const struct issues *issues)
{
    return !s->r->trusted && issues_count(issues, SEVERITY_BAD) == issues->count[ISSUE_TRUST_NONE];
}

static void say_result(const struct saying *s, const struct issues *issues)
{
    printf("%s: ", s->r->verified ? "VERIFIED" : "NOT VERIFIED");
    put_text(stdout, span_str(s->o->bundle));
    putchar('\n');
    if (only_untrusted(s, issues))
        puts("It is consistent with itself, by nobody you trust.");
    if (issues_count(issues, SEVERITY_BAD) > 0) {
        puts("\nWhat is wrong");
        issues_print(stdout, "  ", issues, SEVERITY_BAD);
    }
}

static void say_test(const struct saying *s)
{
    if (s->v->test)
        puts("\nTEST HOME: this was made in a home for tests. Its times are what somebody typed "
             "and its keys\ncan be guessed. It is evidence of nothing.");
}

static void say_ledger(const struct saying *s)
{
    const struct checkpoint *c = &s->v->checkpoint;
    const char *key = !s->v->log_good ? "Nobody you trust signed it: no good signature by the "
                                        "ledger's key."
                      : s->r->trusted
                          ? "The ledger's key, which your trust folder names, signed it."
                          : "The key that the ledger itself names signed it.";
    fputs("  Ledger ", stdout);
    put_text(stdout, c->origin);
    if (s->v->root_good)
        printf(": all %s are here, in order, as they were signed.\n",
               counted(s->a, c->size, "entry", "entries"));
    else
        puts(": the entries are not those that were signed.");
    printf("  %s\n", key);
    if (s->v->root_good)
        printf("  Complete as of entry %llu at %s; what came later, this bundle cannot show.\n",
               (unsigned long long)(c->size - 1), shown_time(s->a, s->v->head_time));
}

static void say_notary(const struct saying *s)
{
    const char *key = shown_key(s->a, &s->v->notary);
    if (!s->v->notary_good) {
        puts("  The bundle: no good signature by a notary.");
        return;
    }
    fputs("  The bundle is signed by ", stdout);
    if (s->v->notary_name.n > 0) {
        put_text(stdout, s->v->notary_name);
        printf(", key\n  %s\n", key);
    } else {
        printf("the key that it names itself,\n  %s\n", key);
    }
}

static void say_comparison(const struct saying *s)
{
    const char *other = words(s->a, "%s, %s", s->o->previous,
                              counted(s->a, s->r->compared_size, "entry", "entries"));
    if (s->r->compared && s->r->verified)
        printf("  It agrees with %s%s.\n", other, s->r->older ? ", which is the later one" : "");
}

static void say_seal(const struct saying *s, const char *what, const struct sealed *oldest,
                     const struct sealed *newest)
{
    printf("  %s existed before %s, says ", what, shown_time(s->a, oldest->time));
    put_text(stdout, oldest->authority);
    printf(".\n    The certificate that this rests on ends on %s; ",
           shown_time(s->a, newest->until));
    if (newest->revocation_known)
        printf("not revoked as of %s.\n", shown_time(s->a, newest->revocation_as_of));
    else
        puts("whether it was revoked is not known.");
}

static void say_seals(const struct saying *s)
{
    const struct verdict *v = s->v;
    if (v->sealed)
        say_seal(s, "The bundle", &v->oldest, &v->newest);
    if (v->ledger_sealed)
        say_seal(
            s,
            words(s->a, "The first %s", counted(s->a, v->ledger_sealed_size, "entry", "entries")),
            &v->ledger, &v->ledger);
}

static void say_established(const struct saying *s)
{
    puts(s->r->verified ? "\nWhat was established" : "\nWhat was found");
    say_ledger(s);
    say_notary(s);
    say_seals(s);
    say_comparison(s);
}

static void say_left_out(const struct saying *s)
{
    struct buf scope = {0};
    const char *revisions = counted(s->a, s->v->left_out, "revision", "revisions");
    scope_write(&scope, &s->v->scope);
    if (s->v->left_out == 0)
        puts(s->v->erasures == 0 ? "  Nothing is left out." : "  Nothing else is left out.");
    else if (span_eq(buf_span(&scope), SPAN("all")))
        printf("  Left out: the bytes of %s, withdrawn. All entries are here.\n", revisions);
    else
        printf("  Left out: the bytes of %s, not in its scope (%.*s) or withdrawn. All entries are "
               "here.\n",
               revisions, SPAN_ARGS(buf_span(&scope)));
    buf_close(&scope);
}

enum { ERASURES_SHOWN = 8 };

/* A long list is cut short. */
static void say_erasures(const struct saying *s)
{
    const struct verdict *v = s->v;
    fputs(v->erasures == 1 ? "entry" : "entries", stdout);
    for (size_t i = 0; i < v->erasures && i < ERASURES_SHOWN; i++)
        printf("%s %llu", i > 0 ? "," : "", (unsigned long long)v->erasure[i].entry);
    if (v->erasures > ERASURES_SHOWN)
        printf(" and %s", counted(s->a, v->erasures - ERASURES_SHOWN, "other", "others"));
}

/* By entry, so that its time and its reason can be looked up. */
static void say_erased(const struct saying *s)
{
    const struct verdict *v = s->v;
    uint64_t texts = 0;
    for (size_t i = 0; i < v->erasures; i++)
        texts += v->erasure[i].of == ERASED_TEXT;
    if (v->erasures == 0)
        return;
    printf("  Erased by the operator: %s and %s, see ",
           counted(s->a, v->erasures - texts, "file", "files"),
           counted(s->a, texts, "text", "texts"));
    say_erasures(s);
    printf(".\n    So the bytes of %s are not here; their entries are.\n",
           counted(s->a, v->erased, "revision", "revisions"));
}

static void say_content(const struct saying *s)
{
    const struct verdict *v = s->v;
    printf("\nWhat it carries\n  %s in %s, from %s; %s and %s.\n",
           counted(s->a, v->datasets, "dataset", "datasets"),
           counted(s->a, v->revisions, "revision", "revisions"),
           counted(s->a, v->transfers, "transfer", "transfers"),
           counted(s->a, v->refusals, "refusal", "refusals"),
           counted(s->a, v->withdrawals, "withdrawal", "withdrawals"));
    if (v->carried > 0)
        printf("  The bytes of %s (%llu bytes), exactly as they were notarized.\n",
               counted(s->a, v->carried, "revision", "revisions"),
               (unsigned long long)v->carried_bytes);
    say_erased(s);
    say_left_out(s);
}

static void say_times(const struct verdict *v)
{
    if (v->sealed || v->ledger_sealed)
        puts("  The times in the entries: they are the operator's clock. Seals bound them from "
             "above "
             "only.");
    else if (v->seals > 0 || v->ledger_seals > 0)
        puts("  The times: they are the operator's clock. There are time seals, but what their "
             "authorities\n  signed was not checked, so they do not count.");
    else
        puts("  The times: they are the operator's clock, and the bundle carries no time seal.");
}

static void say_limits(const struct saying *s)
{
    const struct verdict *v = s->v;
    puts("\nWhat rests on the operator's word alone");
    say_times(v);
    if (v->cosigned_needed == 0)
        puts("  The history: no witness has to cosign it, so the operator could show another one "
             "to\n  somebody else. Compare with bundles that others got, by --previous.");
    else
        printf("  The history: %llu of at least %llu witnesses cosigned it.\n",
               (unsigned long long)v->cosigned, (unsigned long long)v->cosigned_needed);
    puts("  VERIFY.txt in the bundle explains; it is not verified and vouches for nothing.");
}

static void say_trust(const struct saying *s)
{
    char hex[65];
    if (s->r->trusted)
        printf("\nThe trust folder's fingerprint, to compare by another channel\n  %s\n",
               hash_hex(s->r->folder, hex));
    else
        puts("\nGive --trust the folder that you got separately from the bundle.");
}

void verdict_print(const struct offline *o, const struct offline_result *r,
                   const struct issues *issues)
{
    struct arena a = {0};
    struct saying s = {o, r, &r->verdict, &a};
    say_result(&s, issues);
    say_test(&s);
    if (r->verdict.checkpoint.origin.n > 0) {
        say_established(&s);
        if (r->verdict.root_good) {
            say_content(&s);
            say_limits(&s);
        }
    }
    say_trust(&s);
    arena_close(&a);
}

/* --- for programs --- */

static void state_members(struct line *l, const struct offline_result *r)
{
    const struct verdict *v = &r->verdict;
    if (r->compared) {
        json_out_object(&l->o, "compared");
        json_out_bool(&l->o, "older", r->older);
        line_number(l, "size", r->compared_size);
        json_out_object_end(&l->o);
    } else {
        json_out_null(&l->o, "compared");
    }
    if (v->root_good) {
        json_out_object(&l->o, "complete");
        line_number(l, "entry", v->checkpoint.size - 1);
        line_time(l, "time", v->head_time);
        json_out_object_end(&l->o);
    } else {
        json_out_null(&l->o, "complete");
    }
}

static void notary_member(struct line *l, const struct verdict *v)
{
    struct arena a = {0};
    const struct public_key none = {{0}};
    json_out_object(&l->o, "notary");
    line_text_or_null(l, "fingerprint",
                      public_key_eq(&v->notary, &none) ? SPAN("")
                                                       : span_str(shown_key(&a, &v->notary)));
    json_out_bool(&l->o, "good", v->notary_good);
    line_text_or_null(l, "name", v->notary_name);
    json_out_object_end(&l->o);
    arena_close(&a);
}

static void scope_member(struct line *l, const struct verdict *v)
{
    struct buf scope = {0};
    scope_write(&scope, &v->scope);
    line_text(l, "scope", buf_span(&scope));
    buf_close(&scope);
}

static void sealed_member(struct line *l, const char *name, bool sealed,
                          const struct sealed *oldest, const struct sealed *newest,
                          const uint64_t *size)
{
    char time[TIME_TEXT + 1];
    if (!sealed) {
        json_out_null(&l->o, name);
        return;
    }
    json_out_object(&l->o, name);
    line_text(l, "authority", oldest->authority);
    line_text(l, "before", span_str(time_write(oldest->time, time)));
    line_text_or_null(
        l, "revocation",
        newest->revocation_known ? span_str(time_write(newest->revocation_as_of, time)) : SPAN(""));
    if (size != NULL)
        line_number(l, "size", *size);
    line_text(l, "until", span_str(time_write(newest->until, time)));
    json_out_object_end(&l->o);
}

static void seal_members(struct line *l, const struct verdict *v)
{
    sealed_member(l, "sealed", v->sealed, &v->oldest, &v->newest, NULL);
    sealed_member(l, "sealed_ledger", v->ledger_sealed, &v->ledger, &v->ledger,
                  &v->ledger_sealed_size);
    json_out_object(&l->o, "seals");
    line_number(l, "bundle", v->seals);
    line_number(l, "ledger", v->ledger_seals);
    json_out_object_end(&l->o);
}

void verdict_lines(const struct offline *o, const struct offline_result *r,
                   const struct issues *issues)
{
    const struct verdict *v = &r->verdict;
    struct line l;
    issues_lines(issues, SPAN(""), SPAN(""));
    line_begin(&l);
    line_text(&l, "bundle", span_str(o->bundle));
    line_number(&l, "carried", v->carried);
    line_number(&l, "carried_bytes", v->carried_bytes);
    state_members(&l, r);
    line_number(&l, "cosigned", v->cosigned);
    line_number(&l, "cosigned_needed", v->cosigned_needed);
    line_number(&l, "datasets", v->datasets);
    line_number(&l, "erased", v->erased);
    line_number(&l, "erasures", v->erasures);
    line_number(&l, "left_out", v->left_out);
    json_out_bool(&l.o, "log_good", v->log_good);
    notary_member(&l, v);
    line_text_or_null(&l, "origin", v->checkpoint.origin);
    line_number(&l, "refusals", v->refusals);
    line_number(&l, "revisions", v->revisions);
    json_out_bool(&l.o, "root_good", v->root_good);
    scope_member(&l, v);
    seal_members(&l, v);
    line_number(&l, "size", v->checkpoint.size);
    json_out_bool(&l.o, "test", v->test);
    line_number(&l, "transfers", v->transfers);
    if (r->trusted)
        line_hash(&l, "trust", r->folder);
    else
        json_out_null(&l.o, "trust");
    line_type(&l, "verdict");
    json_out_bool(&l.o, "verified", r->verified);
    line_number(&l, "withdrawals", v->withdrawals);
    line_end(&l);
}

bool verdict_run(const struct offline *o, bool json, bool quiet, struct issues *issues,
                 bool *verified, struct err *e)
{
    struct arena a = {0};
    struct offline_result r = {0};
    *verified = false;
    bool done = offline_verify(o, &a, issues, &r, e);
    if (done) {
        *verified = r.verified;
        if (json)
            verdict_lines(o, &r, issues);
        else if (!quiet)
            verdict_print(o, &r, issues);
    }
    arena_close(&a);
    return done;
}
