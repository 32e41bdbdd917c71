#include "kcat-in/placing.h"

bool placing_look(struct placing *placing, int32_t is, int32_t java)
{
    if (placing->looks == PLACING_LOOKS)
        return false;
    placing->looks++;
    placing->others += is != java;
    return true;
}

enum placing_rule placing_rule(const struct placing *placing)
{
    if (placing->others >= PLACING_OTHERS)
        return PLACING_OTHER;
    return placing->looks == PLACING_LOOKS && placing->others == 0 ? PLACING_JAVA : PLACING_OPEN;
}
