/* A fuzz target as a plain program: runs it once over each file named as an argument. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

/* A target's own mutator is linked but never called here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room)
{
    (void)data;
    (void)room;
    return size;
}

static int replay(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        fprintf(stderr, "replay: %s: %s\n", name, strerror(errno));
        return 1;
    }
    uint8_t *data = NULL;
    size_t size = 0, room = 0, got;
    do {
        if (size == room) {
            room = room == 0 ? 4096 : room * 2;
            data = realloc(data, room);
            MUST(data != NULL);
        }
        got = fread(data + size, 1, room - size, file);
        size += got;
    } while (got > 0);
    fclose(file);
    uint8_t *exact = malloc(size + (size == 0)); /* so that a sanitizer sees a byte too many */
    MUST(exact != NULL);
    memcpy(exact, data, size);
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    int status = argc < 2;
    if (argc < 2)
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    for (int i = 1; i < argc; i++)
        status |= replay(argv[i]);
    return status;
}
