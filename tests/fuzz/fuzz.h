/* What a fuzz target is to libFuzzer, and to tests/fuzz/replay.c in its place. */
#ifndef KPIPE_TESTS_FUZZ_FUZZ_H
#define KPIPE_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the process with the place, so that the fuzzer keeps the input. */
#define MUST(what)                                                             \
    do                                                                         \
        if (!(what)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
            abort();                                                           \
        }                                                                      \
    while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Changes data, `size` of `room` bytes, and returns its new size. A target may have one of its own,
 * which calls libFuzzer's. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

#endif
