#ifndef SHA256_SODIUM

#include "crypto/sha256_way.h"

/*
 * Chosen when compiling (e.g. -march=armv8-a+crypto), not when running: AArch64 has
 * nothing like CPUID that a program may use without asking the operating system.
 */
#if defined(__aarch64__) && defined(__ARM_FEATURE_SHA2) && !defined(__ARM_BIG_ENDIAN)

#include <arm_neon.h>

struct regs {
    uint32x4_t abcd, efgh;
    uint32x4_t w0, w1, w2, w3;
};

/* Four big-endian words. */
static inline uint32x4_t words(const uint8_t *p)
{
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(p)));
}

/* Four rounds. */
static inline void rounds(struct regs *r, uint32x4_t w, const uint32_t *k)
{
    uint32x4_t kw = vaddq_u32(w, vld1q_u32(k));
    uint32x4_t abcd = r->abcd;
    r->abcd = vsha256hq_u32(abcd, r->efgh, kw);
    r->efgh = vsha256h2q_u32(r->efgh, abcd, kw);
}

static inline void first_rounds(struct regs *r, const uint8_t *p)
{
    rounds(r, r->w0 = words(p), sha256_k);
    rounds(r, r->w1 = words(p + 16), sha256_k + 4);
    rounds(r, r->w2 = words(p + 32), sha256_k + 8);
    rounds(r, r->w3 = words(p + 48), sha256_k + 12);
}

/* The next four words of the schedule, and their rounds. */
static inline void next_rounds(struct regs *r, const uint32_t *k)
{
    uint32x4_t w = vsha256su1q_u32(vsha256su0q_u32(r->w0, r->w1), r->w2, r->w3);
    r->w0 = r->w1;
    r->w1 = r->w2;
    r->w2 = r->w3;
    r->w3 = w;
    rounds(r, w, k);
}

static void armv8_one(uint32_t state[8], const uint8_t *p, size_t n)
{
    struct regs r = {.abcd = vld1q_u32(state), .efgh = vld1q_u32(state + 4)};
    for (; n > 0; n--, p += SHA256_BLOCK) {
        const uint32x4_t abcd = r.abcd, efgh = r.efgh;
        first_rounds(&r, p);
        for (size_t t = 16; t < 64; t += 4)
            next_rounds(&r, sha256_k + t);
        r.abcd = vaddq_u32(r.abcd, abcd);
        r.efgh = vaddq_u32(r.efgh, efgh);
    }
    vst1q_u32(state, r.abcd);
    vst1q_u32(state + 4, r.efgh);
}

const struct sha256_way *sha256_armv8(void)
{
    static const struct sha256_way way = {"armv8", armv8_one, NULL, NULL};
    return &way;
}

#else

const struct sha256_way *sha256_armv8(void)
{
    return NULL;
}

#endif
#endif
