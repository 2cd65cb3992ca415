/* The commands and the options that all of them take. Help texts and parsing come from here. */
#include "cli/cli.h"

const struct option global_options[] = {
    {"home", "HOME", "the home; without it, $TRIALSEAL_HOME", 'C', false},
    {"quiet", NULL, "say only what went wrong", 'q', false},
    {"verbose", NULL, "say more", 'v', false},
    {"json", NULL, "print JSON lines; the last one is a summary", 0, false},
    {"now", "TIME", "in a test home: the time, like 2026-01-31T02:00:00Z", 0, false},
    {"help", NULL, "say how it is used", 'h', false},
    {"version", NULL, "print the version", 0, false},
    {0},
};

static const struct option init_options[] = {
    {"origin", "NAME", "what the ledgers are named by, for ever: example.org/trials", 0, false},
    {"test", NULL, "a home for tests: its clock can be set, and every verifier says so", 0, false},
    {0},
};

static const struct option submit_options[] = {
    {"id", "ID", "the sender's id; the same id with other content is refused", 0, false},
    {"reason", "TEXT", "why the transfer was made", 0, false},
    {0},
};

static const struct option get_options[] = {
    {"output", "FILE", "where to write; - is standard output", 'o', false},
    {0},
};

static const struct option bundle_options[] = {
    {"output", "FILE", "where to write; without it, the study's outbox", 'o', false},
    {"dataset", "DATASET", "carry the data of this dataset only", 0, false},
    {"since", "ENTRY", "carry data from this entry on only", 0, false},
    {"no-data", NULL, "carry no data, entries only", 0, false},
    {0},
};

#define AUTHORITY_OPTIONS                                                                          \
    {"authority", "URL", "whom to ask, for a bundle without a home", 0, true},                     \
    {                                                                                              \
        "trust", "FILE", "the tsa.pem to check the answer by; then no home is needed", 0, false    \
    }

static const struct option seal_options[] = {AUTHORITY_OPTIONS, {0}};

static const struct option seal_renew_options[] = {
    AUTHORITY_OPTIONS,
    {"hash", "HASH", "sha256, sha384 or sha512; with sha512 a bundle is listed anew", 0, false},
    {0},
};

static const struct option seal_request_options[] = {
    {"output", "DIR", "where to write the request and what it is over", 'o', false},
    {"hash", "HASH", "sha256, sha384 or sha512; with sha512 a bundle is listed anew", 0, false},
    {"trust", "FILE", "the tsa.pem that will check the answer; a bundle needs no home then", 0,
     false},
    {0},
};

static const struct option seal_import_options[] = {
    {"bundle", "FILE.zip", "the bundle that was asked for; without it, studies", 0, false},
    {"trust", "FILE", "the tsa.pem to check the answer by; a bundle needs no home then", 0, false},
    {0},
};

static const struct option verify_options[] = {
    {"trust", "DIR", "the trust folder, which you got separately from the bundle", 0, false},
    {"previous", "OLD.zip", "an earlier bundle of the same ledger, to compare with", 0, false},
    {0},
};

static const struct option rebuild_options[] = {
    {"known", "CHECKPOINT", "a checkpoint from elsewhere, below which the ledger must not be", 0,
     true},
    {0},
};

static const struct option backup_options[] = {
    {"secrets", "DIR2", "keys and secrets as well: the folder of their backup", 0, false},
    {"check", NULL, "read the backup in DIR and say what is wrong with it; needs no home", 0,
     false},
    {0},
};

static const struct option check_options[] = {
    {"ledgers", NULL, "only ledgers: no objects, no catalog; lifts no alarm", 0, false},
    {"repair", NULL, "mend what the other stores allow; what is damaged is set aside", 0, false},
    {"bundle", "FILE.zip", "a bundle that may hold what is lost here", 0, true},
    {"from", "DIR", "a folder with objects/ or ledger/ that may hold it: a backup, a copy", 0,
     true},
    {"dry-run", NULL, "with --repair: only say what would be mended", 0, false},
    {0},
};

static const struct option restore_options[] = {
    {"secrets", "DIR2", "the backup of keys and secrets", 0, false},
    {"known", "CHECKPOINT", "a checkpoint from elsewhere, which the ledger must not contradict", 0,
     true},
    {"receipt", "FOLDER", "a receipt, as it was handed out; the same", 0, true},
    {"bundle", "FILE.zip", "a bundle; the same", 0, true},
    {0},
};

static const struct option withdraw_options[] = {
    {"reason", "TEXT", "why; kept beside the ledger", 0, false},
    {0},
};

static const struct option data_options[] = {
    {"define", "FILE", "the define.xml that says the types of a CSV's columns, and the keys", 0,
     false},
    {"schema", "FILE", "the CSV schema that says the same; one of the two", 0, false},
    {"missing", "TEXT", "what stands in a CSV, without quotes, where nothing is: NA", 0, true},
    {"encoding", "NAME", "of texts that are not UTF-8: shift_jis; without it, windows-1252", 0,
     false},
    {0},
};

static const struct option report_options[] = {
    {"output", "DIR", "where to make a folder for each study; without it, their outboxes", 'o',
     false},
    {"pdf", NULL, "pages of transfers also as PDF/A-2b; needs weasyprint", 0, false},
    {0},
};

static const struct option erase_options[] = {
    {"reason", "TEXT", "why; kept beside the ledger", 0, false},
    {"dry-run", NULL, "only say what would be destroyed, and what would remain", 0, false},
    {0},
};

enum { ANY_NUMBER = 1000000 };

const struct command commands[] = {
    {"init", "HOME --origin NAME [--test]", "Makes a home", NULL, init_options, 1, 1, false,
     init_run},
    {"study add", "STUDY", "Adds a study: its folders, its key and its ledger",
     "A name has letters, digits, '_' and '-'. It cannot be changed later.", NULL, 1, 1, true,
     study_add_run},
    {"study list", "", "Lists the studies", NULL, NULL, 0, 0, true, study_list_run},
    {"study show", "STUDY", "Shows how a study is set up", NULL, NULL, 1, 1, true, study_show_run},
    {"submit", "STUDY PATH... [--id ID] [--reason TEXT]", "Takes in one transfer",
     "PATH is a folder, one archive, or files. They are read and left where they are.",
     submit_options, 2, ANY_NUMBER, true, submit_run},
    {"run", "", "The nightly run: takes in every complete transfer of every inbox",
     "Says nothing when all went well, so that cron mails only trouble.", NULL, 0, 0, true,
     run_run},
    {"log", "[STUDY]", "Lists the ledger's entries", NULL, NULL, 0, 1, true, log_run},
    {"show", "STUDY | STUDY/DATASET[@REVISION] | STUDY#ENTRY",
     "Shows a study's datasets, a dataset's revisions, or one entry",
     "Of each revision it says what changed against the one before of the same format, and\n"
     "which earlier one, of another format or name, has the same data.",
     NULL, 1, 1, true, show_run},
    {"get", "STUDY/DATASET[@REVISION] | STUDY#ENTRY -o FILE",
     "Gets the bytes of a revision or of a refused file",
     "FILE appears only when the bytes are those that the ledger names. With -o - they are\n"
     "written as they are read: use them only if the exit status is 0.",
     get_options, 1, 1, true, get_run},
    {"report", "[STUDY] [-o DIR] [--pdf]",
     "Writes the notarization report: HTML pages for the reviewer",
     "Without STUDY: of all studies. Begin with index.html. What may be shown besides names of\n"
     "datasets, numbers and hashes is set in study.conf.",
     report_options, 0, 1, true, report_run},
    {"bundle", "STUDY [-o FILE] [--dataset DATASET] [--since ENTRY] [--no-data]",
     "Writes an evidence bundle", "A bundle always carries all entries; the options limit data.",
     bundle_options, 1, 1, true, bundle_run},
    {"seal renew", "STUDY | FILE.zip... [--hash HASH]",
     "Adds a time seal to those that are there, before they expire",
     "The new one covers the ones before. See help seal for --authority and --trust.",
     seal_renew_options, 1, ANY_NUMBER, true, seal_renew_run},
    {"seal request", "STUDY | FILE.zip -o DIR",
     "Writes a request for a seal, to be carried elsewhere",
     "DIR gets NAME.tsq, for the authority, and NAME.txt, what it is over.", seal_request_options,
     1, 1, true, seal_request_run},
    {"seal import", "FILE.tsr... [--bundle FILE.zip]", "Takes in answers to requests for seals",
     "The request must lie beside its answer: NAME.tsq, NAME.tsr.", seal_import_options, 1,
     ANY_NUMBER, true, seal_import_run},
    {"seal", "[STUDY | FILE.zip]...", "Gets time seals for what has none: studies, or bundles",
     "Without operands: all studies. `run` does that every night. A bundle needs no home, if\n"
     "--authority and --trust are given: so whoever holds one can seal it.",
     seal_options, 0, ANY_NUMBER, true, seal_run},
    {"verify", "--trust DIR [--previous OLD.zip] BUNDLE", "Verifies an evidence bundle, offline",
     "Needs no home. Without --trust nothing is ever verified.", verify_options, 1, 1, false,
     verify_run},
    {"compare", "FILE FILE [--define FILE | --schema FILE] [--missing TEXT]... [--encoding NAME]",
     "Says whether two files hold the same data, and how they differ",
     "CSV, SAS transport files, Dataset-JSON and audit records of ODM, in any combination. Needs\n"
     "no home. Exit status 0: the same data; 1: different data.",
     data_options, 2, 2, false, compare_run},
    {"describe", "FILE [--define FILE | --schema FILE] [--missing TEXT]... [--encoding NAME]",
     "Says what a dataset file holds: datasets, columns, records, digests",
     "Of a define.xml: its datasets and their keys. Needs no home.", data_options, 1, 1, false,
     describe_run},
    {"identify",
     "FILE [STUDY] [--define FILE | --schema FILE] [--missing TEXT]... [--encoding NAME]",
     "Says which notarized revision a file in hand is, by its bytes or by its data",
     "Whatever it is called, and though the bytes were erased. If none is, it names the revision\n"
     "with the most records in common. Without options it is read as its study says. Exit status\n"
     "0: it is one of them; 1: it is none.",
     data_options, 1, 2, true, identify_run},
    {"check", "[--repair [--bundle FILE.zip]... [--from DIR]... [--dry-run]]",
     "Audits all that the home holds",
     "What contradicts what was signed is an integrity alarm: nothing is appended until a check\n"
     "finds nothing bad. --repair takes from ledger, catalog, outbox, inbox and what you name,\n"
     "and puts in place only what signatures and hashes prove.",
     check_options, 0, 0, true, check_run},
    {"rebuild", "[--known CHECKPOINT]...", "Makes the catalog anew from ledgers and objects", NULL,
     rebuild_options, 0, 0, true, rebuild_run},
    {"backup", "DIR [--secrets DIR2] | --check DIR [--secrets DIR2]",
     "Backs up the home, while it is in use",
     "DIR is made, or gets what it lacks. Keep DIR2 away from DIR: who has both can sign.",
     backup_options, 1, 1, true, backup_run},
    {"restore",
     "DIR HOME --secrets DIR2 [--known CHECKPOINT | --receipt FOLDER | --bundle FILE.zip]...",
     "Makes a home from a backup",
     "Anchors, and what the options give, must not be ahead of the backup: else nothing is made.\n"
     "Without HOME it is that of -C. Each ledger says that it was restored.",
     restore_options, 1, 2, true, restore_run},
    {"trust export", "STUDY DIR", "Writes the trust folder that verifiers of a study need",
     "Hand it over separately from any bundle, and its fingerprint by another channel.", NULL, 2, 2,
     true, trust_export_run},
    {"key list", "", "Lists the keys", NULL, NULL, 0, 0, true, key_list_run},
    {"status", "", "Says how each study is, and what somebody should do", NULL, NULL, 0, 0, true,
     status_run},
    {"withdraw", "STUDY/DATASET@REVISION --reason TEXT",
     "Keeps the bytes of a revision out of later bundles", "The entry stays for ever.",
     withdraw_options, 1, 1, true, withdraw_run},
    {"erase", "STUDY/DATASET@REVISION | STUDY#ENTRY | STUDY:SHA256 --reason TEXT [--dry-run]",
     "Destroys the bytes of a file, and what persons wrote about it",
     "The entries stay, and every proof of them. Receipts and kept transfers that have some of it\n"
     "go, too. It says which bundles that were issued still carry it, and what else in the home\n"
     "somebody must look at. It cannot be undone.",
     erase_options, 1, 1, true, erase_command},
    {"help", "[COMMAND]", "Says how it is used", NULL, NULL, 0, 2, false, help_run},
    {0},
};
