#include "cli/place.h"
#include "job/erase.h"

/* --- what is to be erased --- */

/* STUDY:SHA256 */
static bool parse_object(struct span text, struct erase_target *out)
{
    size_t colon = span_find(text, 0, ':');
    if (colon == text.n || !study_name_check(span_of(text.p, colon)))
        return false;
    *out = (struct erase_target){.study = span_of(text.p, colon), .entry = ENTRY_NONE};
    return hash_parse(span_skip(text, colon + 1), &out->object);
}

static bool parse_target(struct span text, struct place *p, struct erase_target *out, struct err *e)
{
    *p = (struct place){0};
    if (parse_object(text, out))
        return true;
    if (!place_parse(text, p, e))
        return false;
    if (!p->has_revision && !p->has_entry) {
        err_set(e, ERR_USAGE, "erase needs STUDY/DATASET@REVISION, STUDY#ENTRY or STUDY:SHA256");
        return err_hint(e, "trialseal show STUDY/DATASET lists the revisions");
    }
    *out = (struct erase_target){.study = p->study, .entry = p->entry};
    return true;
}

/* A revision is the entry that it is of. */
static bool find_entry(struct cli *c, struct place *p, struct erase_target *t, struct err *e)
{
    struct catalog_revision x;
    if (!p->has_revision)
        return true;
    if (!place_revision(c, p, &x, e))
        return false;
    t->entry = x.index;
    return true;
}

/* --- saying it to people --- */

static const char *others(struct cli *c, const struct erase_object *x)
{
    if (x->uses < 2)
        return "";
    return words(&c->arena, " and of %s", counted(&c->arena, x->uses - 1, "other", "others"));
}

static void say_object(struct cli *c, const struct erase_object *x)
{
    char hex[65];
    printf("  %s %s", x->of == ERASED_FILE ? "file" : "text", hash_hex(x->name, hex));
    if (x->size != ENTRY_NONE)
        printf(", %s", counted(&c->arena, x->size, "byte", "bytes"));
    printf("\n    of entry %llu%s", (unsigned long long)x->from, others(c, x));
    if (x->erasure != ENTRY_NONE)
        printf("; erased %sby entry %llu", x->before ? "before, " : "",
               (unsigned long long)x->erasure);
    putchar('\n');
    if (x->secrets > 0)
        printf("    with %s: no record of it can be proved by itself any more\n",
               counted(&c->arena, x->secrets, "secret", "secrets"));
    if (x->other.n > 0)
        printf("    its bytes stay here, for study %.*s names them too: erase them there as well\n",
               SPAN_ARGS(x->other));
}

static void say_bundles(struct cli *c, const struct erase_report *r)
{
    char hex[65];
    if (r->bundles == 0) {
        puts("No bundle that was issued carries it.");
        return;
    }
    puts("Bundles that were issued, and still carry some of it:");
    for (size_t i = 0; i < r->bundles; i++)
        printf("  entry %llu: %s, data: %.*s\n    SHA-256 %s\n",
               (unsigned long long)r->bundle[i].entry,
               counted(&c->arena, r->bundle[i].size, "entry", "entries"),
               SPAN_ARGS(r->bundle[i].scope), hash_hex(r->bundle[i].hash, hex));
    puts("  Ask those who hold them to delete them. `trialseal bundle` makes one without it.");
}

static void say_copies(const struct erase_report *r, enum erase_copy_kind kind, const char *heading)
{
    bool any = false;
    for (size_t i = 0; i < r->copies; i++) {
        if (r->copy[i].kind != kind)
            continue;
        if (!any)
            puts(heading);
        any = true;
        fputs("  ", stdout);
        put_text(stdout, span_str(r->copy[i].path));
        putchar('\n');
    }
}

static void say(struct cli *c, const struct erase_report *r, bool dry)
{
    puts(dry ? "This would be erased:" : "Erased:");
    for (size_t i = 0; i < r->objects; i++)
        say_object(c, &r->object[i]);
    say_copies(r, ERASE_RECEIPT,
               dry ? "Receipts that would go with it:" : "Receipts that went with it:");
    say_copies(r, ERASE_KEPT,
               dry ? "Kept as it came, and would go with it:"
                   : "Kept as it came, and went with it:");
    say_bundles(c, r);
    say_copies(r, ERASE_CLAIMED, "Not taken in yet; trialseal run does that:");
    say_copies(r, ERASE_FOREIGN, "In this home, and not touched; look at them and remove them:");
    puts("Not seen from here: backups of this home, and what senders and receivers keep.");
}

/* --- saying it to programs --- */

static void object_member(struct line *l, const struct erase_object *x)
{
    json_out_object(&l->o, NULL);
    json_out_bool(&l->o, "before", x->before);
    line_number(l, "entry", x->from);
    line_number_or_null(l, "erasure", x->erasure != ENTRY_NONE, x->erasure);
    line_text_or_null(l, "kept_for", x->other);
    line_text(l, "of", x->of == ERASED_FILE ? SPAN("file") : SPAN("text"));
    line_number(l, "secrets", x->secrets);
    line_hash(l, "sha256", x->name);
    line_number_or_null(l, "size", x->size != ENTRY_NONE, x->size);
    line_number(l, "uses", x->uses);
    json_out_object_end(&l->o);
}

static void bundle_member(struct line *l, const struct erase_bundle *b)
{
    json_out_object(&l->o, NULL);
    line_number(l, "entry", b->entry);
    line_text(l, "scope", b->scope);
    line_hash(l, "sha256", b->hash);
    line_number(l, "size", b->size);
    json_out_object_end(&l->o);
}

static bool is_destroyed(const struct erase_copy *x)
{
    return x->kind == ERASE_RECEIPT || x->kind == ERASE_KEPT;
}

static void report_line(struct span study, const struct erase_report *r, bool dry)
{
    struct line l;
    line_begin(&l);
    json_out_array(&l.o, "bundles");
    for (size_t i = 0; i < r->bundles; i++)
        bundle_member(&l, &r->bundle[i]);
    json_out_array_end(&l.o);
    json_out_array(&l.o, "copies");
    for (size_t i = 0; i < r->copies; i++) {
        json_out_object(&l.o, NULL);
        line_text(&l, "path", span_str(r->copy[i].path));
        json_out_bool(&l.o, "removed", !dry && is_destroyed(&r->copy[i]));
        json_out_object_end(&l.o);
    }
    json_out_array_end(&l.o);
    json_out_bool(&l.o, "dry_run", dry);
    json_out_array(&l.o, "objects");
    for (size_t i = 0; i < r->objects; i++)
        object_member(&l, &r->object[i]);
    json_out_array_end(&l.o);
    line_text(&l, "study", study);
    line_type(&l, "erasure");
    line_end(&l);
}

/* --- all --- */

/* What remains elsewhere is said in cron, too: nobody erases by cron. */
bool erase_command(struct cli *c, struct err *e)
{
    struct place p;
    struct erase_target t;
    struct erase_report r;
    const char *reason = options_value(&c->options, "reason");
    bool dry = options_given(&c->options, "dry-run");
    if (!dry && (reason == NULL || reason[0] == '\0'))
        return err_set(e, ERR_USAGE, "erase needs --reason TEXT");
    if (!parse_target(cli_operand(c, 0), &p, &t, e) ||
        !cli_home(c, dry ? HOME_READ : HOME_WORK, e) || !place_study(c, t.study, e) ||
        !cli_catalog(c, e) || !find_entry(c, &p, &t, e))
        return false;
    bool good =
        dry ? erase_plan(c->home, c->catalog, &t, &c->arena, &r, e)
            : erase_run(c->home, c->catalog, &t, span_str(reason), c->now, &c->arena, &r, e);
    if (good && c->json)
        report_line(t.study, &r, dry);
    else if (good && !c->quiet)
        say(c, &r, dry);
    return good;
}
