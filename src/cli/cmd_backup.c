#include "cli/cli.h"
#include "keep/backup.h"

static void tell(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    cli_progress(ctx, what, done, total);
}

static void say(struct cli *c, const struct backup *b, const char *folder, bool check)
{
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_number(&l, "bytes", b->bytes);
        json_out_bool(&l.o, "check", check);
        line_number(&l, "entries", b->entries);
        line_number(&l, "files", b->files);
        line_text(&l, "folder", span_str(folder));
        line_number(&l, "objects", b->objects);
        line_number(&l, "studies", b->studies);
        line_type(&l, "backup");
        line_end(&l);
    } else if (cli_talks(c)) {
        printf("%s holds %s of %s and %s; %s, %s, %s.\n", folder,
               counted(&c->arena, b->entries, "entry", "entries"),
               counted(&c->arena, b->studies, "study", "studies"),
               counted(&c->arena, b->objects, "object", "objects"),
               counted(&c->arena, b->files, "file", "files"),
               counted(&c->arena, b->bytes, "byte", "bytes"), check ? "read" : "copied");
    }
}

static bool check(struct cli *c, const char *folder, struct issues *found, struct backup *b,
                  struct err *e)
{
    return backup_check(folder, options_value(&c->options, "secrets"),
                        (struct backup_progress){tell, c}, found, b, e);
}

static bool copy(struct cli *c, const char *folder, struct issues *found, struct backup *b,
                 struct err *e)
{
    return cli_home(c, HOME_READ, e) &&
           backup_home(c->home, folder, options_value(&c->options, "secrets"),
                       (struct backup_progress){tell, c}, found, b, e);
}

bool backup_run(struct cli *c, struct err *e)
{
    struct issues found = {0};
    struct backup b = {0};
    const char *folder = c->options.operand[0];
    bool only = options_given(&c->options, "check");
    bool good = only ? check(c, folder, &found, &b, e) : copy(c, folder, &found, &b, e);
    /* The home itself lacks what its entries name. */
    c->alarm = found.count[ISSUE_STORE_MISSING] > 0 || found.count[ISSUE_STORE_ALTERED] > 0;
    cli_progress_end(c);
    cli_issues(c, &found, SPAN(""), SPAN(""), NULL);
    issues_close(&found);
    if (good)
        say(c, &b, folder, only);
    return good;
}
