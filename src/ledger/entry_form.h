/*
 * What each kind of entry looks like, as a table: docs/FORMAT.md, chapter 3. Writing, parsing and
 * matching all go by it. The words of entry.h (change_name and so on) are from its lists.
 */
#ifndef LEDGER_ENTRY_FORM_H
#define LEDGER_ENTRY_FORM_H

#include "ledger/entry.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define PREDICATE_TYPE "https://trialseal.org/entry/"

enum field_type {
    A_TIME,
    A_HASH,
    A_HASH_OR_NULL,
    A_NUMBER,
    A_NUMBER_OR_NULL,
    A_BOOL,
    A_WORD,
    A_TEXT
};

enum { LEAD_MAX = 24 };

struct entry_field {
    const char *name;
    char lead[LEAD_MAX]; /* ,"name": and zeroes */
    unsigned lead_size;
    enum field_type type;
    size_t offset;              /* in struct entry */
    const char *const *words;   /* A_WORD: NULL-terminated; "" stands for null */
    bool (*check)(struct span); /* A_TEXT */
};

struct entry_form {
    const char *name, *subject;
    const struct entry_field *fields; /* of the predicate, in canonical order; "at" is the first */
    size_t count;
    size_t size; /* of a struct entry, as far as this kind uses it */
};

const struct entry_form *entry_form(enum entry_kind k);

#endif
