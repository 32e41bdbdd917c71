#include "kgrep/needle.h"

#include "stream/frame.h"

#include <ctype.h>

enum {
    LANE = NEEDLE_LANE,
    BLOCK = 4 * LANE,
    VAIN_MOST = 8, /* comparisons in vain, and one more for each VAIN_EACH bytes; then memmem(3) */
    VAIN_EACH = 32
};

/* Bytes of English text, logs, JSON and CSV, the most common first; all others are rarer. */
static const char common[] =
    " etaoinsr0l1hd2c,u.p3m:gf-\"5b48y697v_w/=kTSACxEIRMPDNOLBF;()jzqGHUWVKJ{}[]XYQZ'";

static size_t rarity(uint8_t byte)
{
    const char *at = byte == '\0' ? NULL : strchr(common, byte);
    return at == NULL ? sizeof common : (size_t)(at - common);
}

/* What to set in a byte before it is compared with `byte`: capitals become small letters. */
static uint8_t fold_bit(const struct needle *needle, uint8_t byte)
{
    return needle->fold && islower(byte) ? 0x20 : 0;
}

void needle_open(struct needle *needle, struct span bytes, bool fold)
{
    size_t first = 0, second = 0;
    for (size_t i = 1; i < bytes.size; i++)
        if (rarity(bytes.at[i]) > rarity(bytes.at[first]))
            first = i;
    for (size_t i = 0; i < bytes.size; i++)
        if (i != first && (second == first || rarity(bytes.at[i]) > rarity(bytes.at[second])))
            second = i;
    *needle = (struct needle){bytes, fold, {first, second}, {{0}}, {{0}}};
    for (size_t i = 0; i < 2 && bytes.size > 0; i++) {
        needle->byte[i] += bytes.at[needle->at[i]];
        needle->bits[i] += fold_bit(needle, bytes.at[needle->at[i]]);
    }
}

static bool is_at(const struct needle *needle, const uint8_t *place)
{
    if (!needle->fold)
        return memcmp(place, needle->bytes.at, needle->bytes.size) == 0;
    for (size_t i = 0; i < needle->bytes.size; i++)
        if ((place[i] | fold_bit(needle, needle->bytes.at[i])) != needle->bytes.at[i])
            return false;
    return true;
}

/* 0xff for each of LANE places where both stand, 0 for others. */
static inline needle_lane stand(const struct needle *needle, const uint8_t *place)
{
    needle_lane a, b;
    memcpy(&a, place + needle->at[0], LANE);
    memcpy(&b, place + needle->at[1], LANE);
    return (needle_lane)((a | needle->bits[0]) == needle->byte[0]) &
           (needle_lane)((b | needle->bits[1]) == needle->byte[1]);
}

static inline bool any(needle_lane bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* The first of LANE places where the whole needle stands; NULL: none. */
static const uint8_t *find_in_lane(const struct needle *needle, const uint8_t *place, size_t *vain)
{
    uint8_t stands[LANE];
    needle_lane both = stand(needle, place);
    memcpy(stands, &both, LANE);
    for (size_t half = 0; half < LANE; half += 8)
        for (uint64_t left = load64(stands + half); left != 0; ++*vain) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            const uint8_t *at = place + half + bit / 8;
            if (is_at(needle, at))
                return at;
            left &= ~(UINT64_C(0xff) << bit);
        }
    return NULL;
}

static const uint8_t *find_in_block(const struct needle *needle, const uint8_t *place, size_t *vain)
{
    const uint8_t *at = NULL;
    for (size_t i = 0; at == NULL && i < BLOCK; i += LANE)
        at = find_in_lane(needle, place + i, vain);
    return at;
}

/* What is left where a lane does not fit. */
static const uint8_t *find_in_rest(const struct needle *needle, const uint8_t *place,
                                   const uint8_t *stop)
{
    const uint8_t first = needle->byte[0][0], bit = needle->bits[0][0];
    for (; place < stop; place++)
        if ((place[needle->at[0]] | bit) == first && is_at(needle, place))
            return place;
    return NULL;
}

static const uint8_t *find(const struct needle *needle, const uint8_t *from, const uint8_t *end)
{
    const uint8_t *at = from, *stop = end - needle->bytes.size + 1, *place;
    size_t vain = 0;
    for (; stop - at >= BLOCK; at += BLOCK) {
        if (!any(stand(needle, at) | stand(needle, at + LANE) | stand(needle, at + 2 * LANE) |
                 stand(needle, at + 3 * LANE)))
            continue;
        if ((place = find_in_block(needle, at, &vain)) != NULL)
            return place;
        if (!needle->fold && vain > VAIN_MOST + (size_t)(at - from) / VAIN_EACH)
            return memmem(at, (size_t)(end - at), needle->bytes.at, needle->bytes.size);
    }
    for (; stop - at >= LANE; at += LANE)
        if ((place = find_in_lane(needle, at, &vain)) != NULL)
            return place;
    return find_in_rest(needle, at, stop);
}

const uint8_t *needle_find(const struct needle *needle, const uint8_t *from, const uint8_t *end)
{
    if (needle->bytes.size > (size_t)(end - from))
        return NULL;
    return needle->bytes.size == 0 ? from : find(needle, from, end);
}
