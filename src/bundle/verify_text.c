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

/* As ssh-keygen takes it: 20260131020000. */
static void add_digits(struct buf *b, const char *time)
{
    for (; *time != '\0'; time++)
        if (*time >= '0' && *time <= '9')
            buf_byte(b, (uint8_t)*time);
}

/*
 * @O origin, @N entries, @T head time, @S scope, @F folder, @D head time as digits. Commands, and
 * nothing else, stand behind seven blanks: a test types them.
 */
static const char text[] =
    "HOW TO VERIFY THIS BUNDLE\n"
    "\n"
    "Ledger      @O\n"
    "Entries     @N\n"
    "Complete to @T\n"
    "Data        @S\n"
    "\n"
    "This page is carried for your convenience. It is not evidence and cannot vouch for itself.\n"
    "You need the trust folder, which was given to you separately and earlier. Type this first,\n"
    "with your own full paths:\n"
    "\n"
    "       export LC_ALL=C TZ=UTC TRUST=/path/to/trust-folder BUNDLE=/path/to/bundle.zip\n"
    "\n"
    "Compare the trust folder's fingerprint by another channel, a telephone call or a letter:\n"
    "\n"
    "       (cd \"$TRUST\" && sha256sum allowed_signers policy $(ls tsa.pem 2> /dev/null) | "
    "sha256sum)\n"
    "\n"
    "A. WITH THE VERIFIER\n"
    "\n"
    "   It says all that can be said; the rest of this page is for those who do not have it.\n"
    "\n"
    "       trialseal-verify --trust \"$TRUST\" \"$BUNDLE\"\n"
    "\n"
    "B. WITH COMMON TOOLS: unzip, sha256sum, ssh-keygen (OpenSSH 8.2 or later), openssl 3, xxd\n"
    "\n"
    "   The script verify-with-stock-tools.sh of trialseal takes these steps, and a few more.\n"
    "\n"
    "1. Unpack into an empty folder. The first and the last command must print nothing: no name\n"
    "   twice, and only files and folders.\n"
    "\n"
    "       unzip -Z1 \"$BUNDLE\" | sort | uniq -d\n"
    "       unzip -q \"$BUNDLE\" && cd @F\n"
    "       find . ! -type f ! -type d\n"
    "\n"
    "2. Every file is as listed, and every file is listed. All this must print nothing.\n"
    "\n"
    "       sha256sum -c --strict --quiet tagmanifest-sha256.txt\n"
    "       sha256sum -c --strict --quiet manifest-sha256.txt\n"
    "       find . -type f | cut -c3- | sort > ../there\n"
    "       (cut -c67- manifest-sha256.txt tagmanifest-sha256.txt\n"
    "        echo tagmanifest-sha256.txt; echo tagmanifest-sha256.txt.sig\n"
    "        grep '^seals/[0-9.a-z-]*$' ../there) | sort | diff - ../there\n"
    "\n"
    "3. The notary signed the list of lists. It must say: Good \"trialseal-bundle\" signature.\n"
    "\n"
    "       NOTARY=$(ssh-keygen -Y find-principals -f \"$TRUST/allowed_signers\" \\\n"
    "         -Overify-time=@D -s tagmanifest-sha256.txt.sig)\n"
    "       ssh-keygen -Y verify -f \"$TRUST/allowed_signers\" -I \"$NOTARY\" -n trialseal-bundle "
    "\\\n"
    "         -Overify-time=@D -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt\n"
    "\n"
    "4. The ledger's key signed the checkpoint: name of the ledger, number of entries, root. It\n"
    "   must say: Good \"trialseal-checkpoint\" signature.\n"
    "\n"
    "       sed '/^$/,$d' data/checkpoint > ../checkpoint.txt\n"
    "       LEDGER=$(ssh-keygen -Y find-principals -f \"$TRUST/allowed_signers\" \\\n"
    "         -Overify-time=@D -s data/checkpoint.sig)\n"
    "       ssh-keygen -Y verify -f \"$TRUST/allowed_signers\" -I \"$LEDGER\" -n "
    "trialseal-checkpoint \\\n"
    "         -Overify-time=@D -s data/checkpoint.sig < ../checkpoint.txt\n"
    "\n"
    "   The last line of data/checkpoint is a second signature of the same text by the same key,\n"
    "   which TRUST/policy names. It must say: Signature Verified Successfully.\n"
    "\n"
    "       (printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'\n"
    "        sed -n 's|^log @O+[0-9a-f]*+||p' \"$TRUST/policy\" | base64 -d | tail -c 32) > "
    "../key\n"
    "       sed -n 's|^[^ ]* @O ||p' data/checkpoint | base64 -d | tail -c 64 > ../signature\n"
    "       openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey ../key \\\n"
    "         -in ../checkpoint.txt -sigfile ../signature\n"
    "\n"
    "5. The entries give the root (RFC 6962: leaf = SHA-256 of 0x00 and the entry, node = SHA-256\n"
    "   of 0x01, left and right). The last command must print the same line twice. This takes a\n"
    "   minute for each 5,000 entries.\n"
    "\n"
    "       for entry in data/entries/*; do (printf '\\000'; cat $entry) | sha256sum; done |\n"
    "         cut -c1-64 > ../level\n"
    "       while [ $(wc -l < ../level) -gt 1 ]; do\n"
    "         paste -d ' ' - - < ../level | while read left right; do\n"
    "           if [ -z \"$right\" ]; then echo $left; else\n"
    "             (printf '\\001'; echo $left$right | xxd -r -p) | sha256sum | cut -c1-64; fi\n"
    "         done > ../next; mv ../next ../level\n"
    "       done\n"
    "       xxd -r -p ../level | base64; sed -n 3p data/checkpoint\n"
    "\n"
    "   The inclusion proofs (data/proofs) are what senders hold as receipts. Where all entries\n"
    "   are present, as here, they show nothing more.\n"
    "\n"
    "6. The data is what was notarized. A line that this prints with < is of a revision whose\n"
    "   bytes are not here: withdrawn, erased, or left out as \"Data\" above says. There must be\n"
    "   no line with >, which would be bytes that no entry names.\n"
    "\n"
    "       cat data/entries/* | tr '}' '\\n' |\n"
    "         sed -n 's|.*\"dataset\":\"\\([^\"]*\\)\".*\"revision\":\\([0-9]*\\),.*|\\1 \\2|p\n"
    "                 s|.*\"subject\":\\[{\"digest\":{\"sha256\":\"\\(.*\\)\"|\\1|p' |\n"
    "         awk 'NF == 2 { d = $1; n = $2 } NF == 1 && d != \"\" {\n"
    "           printf \"%s  data/datasets/%s/r%04d\\n\", $1, d, n; d = \"\" }' | sort > ../named\n"
    "       grep '  data/datasets/' manifest-sha256.txt | sed 's|/[^/]*$||' | sort | diff ../named "
    "-\n"
    "\n"
    "7. Time. A bundle may have seals, by a time-stamp authority whose certificates are in\n"
    "   TRUST/tsa.pem, over the notary's signature. Each must say: Verification: OK. The first\n"
    "   time is the one before which all this existed. Without tsa.pem, or without seals, this\n"
    "   prints nothing.\n"
    "\n"
    "       for list in $(ls \"$TRUST/tsa.pem\" > /dev/null 2>&1 && ls seals/???.txt 2> "
    "/dev/null); do\n"
    "         token=${list%.txt}.tsr; bits=256\n"
    "         [ $(head -n 1 $list | wc -c) -lt 128 ] || bits=512\n"
    "         sha${bits}sum -c --strict --quiet $list\n"
    "         [ ! -f ${list%.txt}-sha512.txt ] || sha512sum -c --strict --quiet "
    "${list%.txt}-sha512.txt\n"
    "         time=$(openssl ts -reply -in $token -text | sed -n 's|^Time stamp: ||p')\n"
    "         echo $time; openssl ts -verify -data $list -in $token -CAfile \"$TRUST/tsa.pem\" \\\n"
    "           -attime $(date -d \"$time\" +%s)\n"
    "       done\n"
    "\n"
    "WHAT NOTHING HERE CAN SHOW: that the notary's clock was right (but for seals), that it kept "
    "no\n"
    "second history (unless witnesses cosigned the checkpoint), and what happened after the last\n"
    "entry.\n";

static void add_value(struct buf *b, char which, const struct bag_info *i)
{
    char time[TIME_TEXT + 1];
    time_write(i->head_time, time);
    switch (which) {
    case 'O':
        buf_add(b, i->origin);
        break;
    case 'N':
        buf_u64(b, i->size);
        break;
    case 'T':
        buf_str(b, time);
        break;
    case 'S':
        scope_write(b, &i->scope);
        break;
    case 'F':
        add_folder(b, i);
        break;
    default:
        add_digits(b, time);
    }
}

void verify_text_write(struct buf *b, const struct bag_info *i)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '@')
            add_value(b, *++p, i);
        else
            buf_byte(b, (uint8_t)*p);
    }
}
