/*
 * For scripts/bench: bench_data noise|csv|unsorted MEGABYTES: bytes on standard output, the same
 * every time. noise cannot be compressed; csv is a laboratory listing of 20 columns with
 * quoted commas, about 150 bytes a row, in order of its key; unsorted is such a listing in none.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEGABYTE = 1000000, BLOCK = 8000 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "bench_data: %s\n", why);
    exit(2);
}

/* SplitMix64, by Sebastiano Vigna. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void write_noise(uint64_t bytes)
{
    uint64_t state = 1, block[BLOCK / sizeof(uint64_t)];
    for (uint64_t done = 0; done < bytes; done += BLOCK) {
        for (size_t i = 0; i < BLOCK / sizeof(uint64_t); i++)
            block[i] = next(&state);
        fwrite(block, 1, BLOCK, stdout);
    }
}

/* 24 bits, each number once. */
static unsigned mixed(unsigned row)
{
    return row * 0x9e3779b1u & 0xffffff;
}

static void write_csv(uint64_t bytes, bool in_order)
{
    static const char *const test[] = {"ALT", "AST", "BILI", "CREAT", "GLUC", "K", "SODIUM"};
    uint64_t state = 1, done = 0;
    printf("STUDYID,DOMAIN,USUBJID,LBSEQ,LBTESTCD,LBTEST,LBCAT,LBORRES,LBORRESU,LBORNRLO,"
           "LBORNRHI,LBSTRESC,LBSTRESN,LBSTRESU,LBNRIND,LBBLFL,VISITNUM,VISIT,LBDTC,LBDY\r\n");
    for (unsigned line = 0; done < bytes; line++) {
        unsigned row = in_order ? line : mixed(line);
        uint64_t r = next(&state);
        unsigned value = (unsigned)(r % 4000), day = (unsigned)(r >> 32) % 300;
        int n =
            printf("BENCH-1,LB,BENCH-1-%06u,%u,%s,%s,CHEMISTRY,%u.%u,U/L,%u,%u,%u.%u,%u.%u,"
                   "U/L,%s,%s,%u,VISIT %u,2026-%02u-%02uT08:%02u,%u\r\n",
                   row / 40, row % 40 + 1, test[r % 7],
                   row % 12 == 0 ? "\"Enzyme, in serum\"" : "Enzyme in serum", value / 10,
                   value % 10, 5 + value % 7, 300 + value % 50, value / 10, value % 10, value / 10,
                   value % 10, value > 3000 ? "HIGH" : "NORMAL", row % 40 < 7 ? "Y" : "",
                   row % 40 / 7, row % 40 / 7, day / 28 + 1, day % 28 + 1, row % 60, day);
        done += n > 0 ? (uint64_t)n : 0;
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3)
        host_fatal("noise, csv or unsorted, and how many megabytes");
    uint64_t bytes = strtoull(argv[2], NULL, 10) * MEGABYTE;
    if (strcmp(argv[1], "noise") == 0)
        write_noise(bytes);
    else if (strcmp(argv[1], "csv") == 0)
        write_csv(bytes, true);
    else if (strcmp(argv[1], "unsorted") == 0)
        write_csv(bytes, false);
    else
        host_fatal("what kind of data?");
    if (fflush(stdout) != 0 || ferror(stdout))
        host_fatal("cannot write");
    return 0;
}
