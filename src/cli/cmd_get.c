#include <string.h>

#include "cli/describe.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/objects.h"

/* --- which bytes --- */

static bool hash_of_entry(struct cli *c, const struct place *p, struct hash *out, struct err *e)
{
    struct ledger l;
    struct span bytes;
    struct entry x;
    if (!ledger_open(c, p->study, &l, e))
        return false;
    bool good = ledger_entry(c, &l, p->entry, &bytes, &x, e);
    log_close(l.log);
    if (!good)
        return false;
    if (entry_file(&x, out))
        return true;
    err_set(e, ERR_USAGE, "entry %llu has no bytes to get: it is %s %s",
            (unsigned long long)p->entry,
            x.kind == ENTRY_REFUSAL ? "a refusal without a file, of kind" : "of kind",
            entry_kind_name(x.kind));
    return err_hint(e, "revisions have, and refused files");
}

static bool hash_of(struct cli *c, struct place *p, struct hash *out, struct err *e)
{
    struct catalog_revision x;
    if (p->has_entry)
        return hash_of_entry(c, p, out, e);
    if (!cli_catalog(c, e) || !place_revision(c, p, &x, e))
        return false;
    *out = x.sha256;
    return true;
}

/* Whose bytes are gone on purpose is told so, and not as something lost. */
static bool check_erased(struct cli *c, struct span study, struct hash name, struct err *e)
{
    struct catalog_erased erased;
    bool there, found;
    if (!objects_has(c->home, name, &there, e) || there)
        return there;
    if ((c->catalog == NULL && !cli_catalog(c, e)) ||
        !catalog_erased(c->catalog, study, name, &erased, &found, e))
        return false;
    if (!found)
        return true;
    err_set(e, ERR_USAGE, "these bytes were erased, by entry %llu",
            (unsigned long long)erased.index);
    return err_hint(e, "trialseal show '%.*s#%llu' says why", SPAN_ARGS(study),
                    (unsigned long long)erased.index);
}

/* --- where they go --- */

static bool write_stdout(void *ctx, struct span s, struct err *e)
{
    (void)ctx;
    return fwrite(s.p, 1, s.n, stdout) == s.n ||
           err_set(e, ERR_IO, "cannot write to standard output");
}

/* Appears under its name only when the hash was right. */
static bool write_file(struct cli *c, struct object *o, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *parent = slash == NULL ? "."
                         : slash == path
                             ? "/"
                             : arena_str(&c->arena, span_of(path, (size_t)(slash - path)));
    struct temp t = {0};
    int folder = -1;
    if (name[0] == '\0')
        return err_set(e, ERR_USAGE, "%s is a folder; give a file name", path);
    if (!dir_open_path(parent, &folder, e))
        return false;
    bool good = temp_open(folder, FILE_PRIVATE, &t, e);
    if (good) {
        good = object_read(o, file_sink(&t.file), e) && temp_publish(&t, folder, name, e);
        temp_drop(&t);
    }
    dir_close(folder);
    return good;
}

static void object_line(const struct place *p, struct hash name, uint64_t size, const char *path)
{
    struct line l;
    line_begin(&l);
    line_text(&l, "path", span_str(path));
    line_hash(&l, "sha256", name);
    line_number(&l, "size", size);
    line_text(&l, "study", p->study);
    line_type(&l, "object");
    line_end(&l);
}

static bool check_output(const struct cli *c, const char *path, struct err *e)
{
    if (path == NULL) {
        err_set(e, ERR_USAGE, "get needs -o FILE");
        return err_hint(e, "-o - writes to standard output");
    }
    if (c->json && strcmp(path, "-") == 0)
        return err_set(e, ERR_USAGE, "--json and -o - both want standard output");
    return true;
}

bool get_run(struct cli *c, struct err *e)
{
    struct place p;
    struct hash name;
    struct object *o;
    const char *path = options_value(&c->options, "output");
    if (!check_output(c, path, e) || !place_parse(cli_operand(c, 0), &p, e) ||
        !cli_home(c, HOME_READ, e) || !place_study(c, p.study, e))
        return false;
    if (p.dataset.n == 0 && !p.has_entry)
        return err_set(e, ERR_USAGE, "say which dataset or entry of %.*s", SPAN_ARGS(p.study));
    if (!hash_of(c, &p, &name, e) || !check_erased(c, p.study, name, e) ||
        !objects_open(c->home, name, &o, e))
        return false;
    uint64_t size = object_size(o);
    bool good = strcmp(path, "-") == 0 ? object_read(o, (struct sink){write_stdout, NULL}, e)
                                       : write_file(c, o, path, e);
    object_close(o);
    if (good && c->json)
        object_line(&p, name, size, path);
    return good;
}
