/* Entries for tests: one of each kind, and the texts that go with them. */
#ifndef TESTS_LEDGER_ENTRY_MAKE_H
#define TESTS_LEDGER_ENTRY_MAKE_H

#include "base/arena.h"
#include "ledger/entry.h"

/* A hash that stands for nothing: 32 times this byte. */
struct hash hash_fill(uint8_t c);

/*
 * A good entry of that kind, every number in it another one, for a ledger called
 * "example.org/trials/S1". Spans are literals or live until the test's process ends.
 */
struct entry entry_make(enum entry_kind k);

/* Its bytes, in the arena. */
struct span entry_bytes(struct arena *a, const struct entry *x);

/* The vkey of the log key whose seed is this byte, 32 times; and an OpenSSH public key. */
struct span log_key_make(struct arena *a, struct span origin, uint8_t seed);
struct span ssh_key_make(struct arena *a, uint8_t seed);

#endif
