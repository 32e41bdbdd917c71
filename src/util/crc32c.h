/* util/crc32c: the checksum of RFC 3720 appendix B.4, also that of Kafka's record batches. It finds
 * every error of up to 32 bits in a row, and any one, two or three bits in 200 MB. */
#ifndef KPIPE_UTIL_CRC32C_H
#define KPIPE_UTIL_CRC32C_H

#include "util/span.h"

/* The checksum of what came before, 0 at the start, and these bytes behind it. */
uint32_t crc32c(uint32_t before, struct span bytes);

#endif
