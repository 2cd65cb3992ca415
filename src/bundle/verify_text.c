/* data/VERIFY.txt: for the person who has the bundle and a trust folder, but not our program. */
#include "base/time.h"
#include "bundle/layout.h"

static void add_folder(struct buf *b, const struct bag_info *i)
{
    size_t slash = i->origin.n;
    while (slash > 0 && i->origin.p[slash - 1] != '/')
        slash--;
    layout_folder(b, span_skip(i->origin, slash), i->size);
}

static void add_head(struct buf *b, const struct bag_info *i)
{
    char time[TIME_TEXT + 1];
    buf_str(b, "HOW TO VERIFY THIS BUNDLE\n\nLedger      ");
    buf_add(b, i->origin);
    buf_str(b, "\nEntries     ");
    buf_u64(b, i->size);
    buf_str(b, "\nComplete to ");
    buf_str(b, time_write(i->head_time, time));
    buf_str(b, "\nData        ");
    scope_write(b, &i->scope);
    buf_str(b, "\n\n");
}

static const char before_folder[] =
    "This file is carried for your convenience. It is not evidence and cannot vouch for itself:\n"
    "take these steps from a place that you trust, and so the keys.\n"
    "\n"
    "You need the trust folder (here: TRUST), given to you separately and earlier. Compare its\n"
    "fingerprint by another channel (a telephone call, a letter):\n"
    "\n"
    "    (cd TRUST && sha256sum allowed_signers policy | sha256sum)\n"
    "\n"
    "A. With the verifier:  trialseal-verify --trust TRUST BUNDLE.zip\n"
    "\n"
    "B. With common tools (unzip, sha256sum, ssh-keygen 8.1 or later, openssl, a shell):\n"
    "\n"
    "  1. Unpack into an empty folder. The first command must print nothing: no name twice.\n"
    "       unzip -Z1 BUNDLE.zip | sort | uniq -d\n"
    "       unzip -q BUNDLE.zip && cd ";

static const char behind_folder[] =
    "\n"
    "       find . ! -type f ! -type d          (must print nothing)\n"
    "\n"
    "  2. The notary's signature over the list of lists. NOTARY is the first word of its line in\n"
    "     TRUST/allowed_signers; TIME is the \"Complete to\" above as YYYYMMDDHHMMSSZ.\n"
    "       ssh-keygen -Y verify -f TRUST/allowed_signers -I NOTARY -n trialseal-bundle \\\n"
    "         -Overify-time=TIME -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt\n"
    "\n"
    "  3. Every byte, and no file that is not listed (the last command must print nothing).\n"
    "       sha256sum -c --strict --quiet tagmanifest-sha256.txt\n"
    "       sha256sum -c --strict --quiet manifest-sha256.txt\n"
    "       find . -type f | cut -c3- | LC_ALL=C sort > ../there\n"
    "       (cut -c67- manifest-sha256.txt tagmanifest-sha256.txt; echo tagmanifest-sha256.txt;\n"
    "        echo tagmanifest-sha256.txt.sig) | LC_ALL=C sort | diff - ../there\n"
    "\n"
    "  4. The ledger's signature over the checkpoint (ledger name, number of entries, root).\n"
    "       sed '/^$/,$d' data/checkpoint > ../checkpoint.txt\n"
    "       ssh-keygen -Y verify -f TRUST/allowed_signers -I LEDGER -n trialseal-checkpoint \\\n"
    "         -Overify-time=TIME -s data/checkpoint.sig < ../checkpoint.txt\n"
    "\n"
    "  5. The entries give the root: RFC 6962, leaf = SHA-256(0x00 entry), node = SHA-256(0x01\n"
    "     left right). The script scripts/verify-with-stock-tools.sh of trialseal does this in a "
    "shell\n"
    "     loop; docs/FORMAT.md says how, for a program of your own.\n"
    "\n"
    "  6. What was notarized: each data/entries/*.json with predicateType .../revision/v1 names a\n"
    "     file by SHA-256 (subject), its dataset and number; the file is\n"
    "     data/datasets/<dataset>/r<number>/. Nothing else may lie there.\n"
    "\n"
    "WHAT THIS CANNOT SHOW: that the notary's clock was right, that it kept no second history\n"
    "(unless witnesses cosigned the checkpoint), and what happened after the last entry.\n";

void verify_text_write(struct buf *b, const struct bag_info *i)
{
    add_head(b, i);
    buf_str(b, before_folder);
    add_folder(b, i);
    buf_str(b, behind_folder);
}
