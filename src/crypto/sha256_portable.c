#ifndef SHA256_SODIUM

#include "base/bytes.h"
#include "crypto/sha256_way.h"

const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* FIPS 180-4 section 6.2.2, step 1. */
static void schedule(uint32_t w[64], const uint8_t *p)
{
    for (size_t t = 0; t < 16; t++)
        w[t] = bytes_four(p + 4 * t);
    for (size_t t = 16; t < 64; t++) {
        uint32_t x = w[t - 15], y = w[t - 2];
        uint32_t s0 = rotate(x, 7) ^ rotate(x, 18) ^ x >> 3;
        uint32_t s1 = rotate(y, 17) ^ rotate(y, 19) ^ y >> 10;
        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

/*
 * One round of step 3. Only d and h get new values (the next round's e and a); the caller
 * renames the others.
 */
static inline void turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
                        uint32_t g, uint32_t *h, uint32_t kw)
{
    uint32_t choose = g ^ (e & (f ^ g));
    uint32_t majority = (a & b) | (c & (a | b));
    uint32_t t1 = *h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choose + kw;
    uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
    *d += t1;
    *h = t1 + t2;
}

static void compress(uint32_t s[8], const uint8_t *p)
{
    uint32_t w[64];
    schedule(w, p);
    uint32_t a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    const uint32_t *k = sha256_k;
    for (size_t t = 0; t < 64; t += 8) {
        turn(a, b, c, &d, e, f, g, &h, k[t] + w[t]);
        turn(h, a, b, &c, d, e, f, &g, k[t + 1] + w[t + 1]);
        turn(g, h, a, &b, c, d, e, &f, k[t + 2] + w[t + 2]);
        turn(f, g, h, &a, b, c, d, &e, k[t + 3] + w[t + 3]);
        turn(e, f, g, &h, a, b, c, &d, k[t + 4] + w[t + 4]);
        turn(d, e, f, &g, h, a, b, &c, k[t + 5] + w[t + 5]);
        turn(c, d, e, &f, g, h, a, &b, k[t + 6] + w[t + 6]);
        turn(b, c, d, &e, f, g, h, &a, k[t + 7] + w[t + 7]);
    }
    s[0] += a, s[1] += b, s[2] += c, s[3] += d;
    s[4] += e, s[5] += f, s[6] += g, s[7] += h;
}

static void portable_one(uint32_t state[8], const uint8_t *p, size_t n)
{
    for (; n > 0; n--, p += SHA256_BLOCK)
        compress(state, p);
}

const struct sha256_way *sha256_portable(void)
{
    static const struct sha256_way way = {"portable", portable_one, NULL, NULL};
    return &way;
}

#endif
