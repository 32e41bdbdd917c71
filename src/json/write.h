/* json/write: records as JSON envelopes, a line each; kjson(5) is the same in prose. */
#ifndef KPIPE_JSON_WRITE_H
#define KPIPE_JSON_WRITE_H

#include "text/write.h"

/* Puts one record: what struct text's `put` is for. The line is valid JSON whatever the bytes are,
 * json/envelope makes the same record of it, and nothing in it can steer a terminal: controls and
 * characters that do not show (util/escape) are \uXXXX, bytes that are not UTF-8 are base64. */
void json_put(struct out *out, const struct text *text, const struct reader *reader,
              const struct frame *frame);

/* Puts a field of bytes, as json_put() does a key: a string, {"base64":"..."} or null. */
void json_bytes(struct out *out, struct span bytes);

#endif
