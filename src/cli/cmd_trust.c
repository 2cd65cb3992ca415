#include "cli/place.h"
#include "study/study.h"

bool trust_export_run(struct cli *c, struct err *e)
{
    struct span study = cli_operand(c, 0);
    const char *folder = c->options.operand[1];
    struct hash fingerprint;
    char hex[65];
    if (!cli_home(c, HOME_READ, e) || !place_study(c, study, e) ||
        !study_trust_export(c->home, study, folder, &fingerprint, e))
        return false;
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_hash(&l, "fingerprint", fingerprint);
        line_text(&l, "folder", span_str(folder));
        line_text(&l, "study", study);
        line_type(&l, "trust");
        line_end(&l);
    } else if (!c->quiet) {
        printf("%s\n", hash_hex(fingerprint, hex));
        if (cli_talks(c))
            printf("This is the fingerprint of %s. Hand the folder over separately from any "
                   "bundle,\nand tell the fingerprint by another channel.\n",
                   folder);
    }
    return true;
}
