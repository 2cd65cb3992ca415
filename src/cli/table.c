/* The commands and the options that all of them take. Help texts and parsing come from here. */
#include "cli/cli.h"

const struct option global_options[] = {
    {"home", 'C', "HOME", "the home; without it, $TRIALSEAL_HOME", false},
    {"quiet", 'q', NULL, "say only what went wrong", false},
    {"verbose", 'v', NULL, "say more", false},
    {"json", 0, NULL, "print JSON lines; the last one is a summary", false},
    {"now", 0, "TIME", "in a test home: the time, like 2026-01-31T02:00:00Z", false},
    {"help", 'h', NULL, "say how it is used", false},
    {"version", 0, NULL, "print the version", false},
    {0},
};

static const struct option init_options[] = {
    {"origin", 0, "NAME", "what the ledgers are named by, for ever: example.org/trials", false},
    {"test", 0, NULL, "a home for tests: its clock can be set, and every verifier says so", false},
    {0},
};

static const struct option submit_options[] = {
    {"id", 0, "ID", "the sender's id; the same id with other content is refused", false},
    {"reason", 0, "TEXT", "why the transfer was made", false},
    {0},
};

static const struct option get_options[] = {
    {"output", 'o', "FILE", "where to write; - is standard output", false},
    {0},
};

static const struct option bundle_options[] = {
    {"output", 'o', "FILE", "where to write; without it, the study's outbox", false},
    {"dataset", 0, "DATASET", "carry the data of this dataset only", false},
    {"since", 0, "ENTRY", "carry data from this entry on only", false},
    {"no-data", 0, NULL, "carry no data, entries only", false},
    {0},
};

static const struct option verify_options[] = {
    {"trust", 0, "DIR", "the trust folder, which you got separately from the bundle", false},
    {"previous", 0, "OLD.zip", "an earlier bundle of the same ledger, to compare with", false},
    {0},
};

static const struct option rebuild_options[] = {
    {"known", 0, "CHECKPOINT", "a checkpoint from elsewhere, below which the ledger must not be",
     true},
    {0},
};

static const struct option withdraw_options[] = {
    {"reason", 0, "TEXT", "why; kept beside the ledger", false},
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
     "Shows a study's datasets, a dataset's revisions, or one entry", NULL, NULL, 1, 1, true,
     show_run},
    {"get", "STUDY/DATASET[@REVISION] | STUDY#ENTRY -o FILE",
     "Gets the bytes of a revision or of a refused file",
     "FILE appears only when the bytes are those that the ledger names. With -o - they are\n"
     "written as they are read: use them only if the exit status is 0.",
     get_options, 1, 1, true, get_run},
    {"bundle", "STUDY [-o FILE] [--dataset DATASET] [--since ENTRY] [--no-data]",
     "Writes an evidence bundle", "A bundle always carries all entries; the options limit data.",
     bundle_options, 1, 1, true, bundle_run},
    {"verify", "--trust DIR [--previous OLD.zip] BUNDLE", "Verifies an evidence bundle, offline",
     "Needs no home. Without --trust nothing is ever verified.", verify_options, 1, 1, false,
     verify_run},
    {"check", "", "Audits all that the home holds", NULL, NULL, 0, 0, true, check_run},
    {"rebuild", "[--known CHECKPOINT]...", "Makes the catalog anew from ledgers and objects", NULL,
     rebuild_options, 0, 0, true, rebuild_run},
    {"trust export", "STUDY DIR", "Writes the trust folder that verifiers of a study need",
     "Hand it over separately from any bundle, and its fingerprint by another channel.", NULL, 2, 2,
     true, trust_export_run},
    {"key list", "", "Lists the keys", NULL, NULL, 0, 0, true, key_list_run},
    {"status", "", "Says how each study is, and what somebody should do", NULL, NULL, 0, 0, true,
     status_run},
    {"withdraw", "STUDY/DATASET@REVISION --reason TEXT",
     "Keeps the bytes of a revision out of later bundles", "The entry stays for ever.",
     withdraw_options, 1, 1, true, withdraw_run},
    {"help", "[COMMAND]", "Says how it is used", NULL, NULL, 0, 2, false, help_run},
    {0},
};
