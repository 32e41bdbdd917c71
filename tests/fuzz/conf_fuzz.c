/* Any text as a configuration file: what is taken is whole, what is refused has a place and tells
 * no value, and kcat's files become a file that is taken. */
#include "fuzz.h"
#include "kafka/kcatconf.h"
#include "kafka/profiles.h"

static const char secret[] = "hunter+2"; /* no key can be called so */

static void look_at(const struct profiles *profiles)
{
    MUST(profiles->standard == NULL || profiles_find(profiles, profiles->standard) != NULL);
    for (size_t i = 0; i < profiles->count; i++) {
        const struct profile *profile = &profiles->list[i];
        MUST(props_name(span_str(profile->name)));
        MUST(profiles_find(profiles, profile->name) == profile); /* none is there twice */
        MUST(profile->brokers == NULL || profile->brokers[0] != '\0');
        for (size_t j = 0; j < profile->props.count; j++) {
            const struct prop *prop = &profile->props.list[j];
            MUST(props_name(span_str(prop->name)) && prop->value[0] != '\0');
            MUST(props_find(&profile->props, prop->name) == prop);
            MUST(prop->place.line > 0 && prop->place.column > 0);
            MUST(prop->hidden || !props_secret(prop->name));
            MUST(!props_secret(prop->name) || prop->value[0] == '@' || profiles->plain != NULL);
        }
    }
}

static bool parse(struct span text)
{
    struct profiles profiles;
    struct fault fault = {.tool = "conf"};
    bool taken = profiles_parse(&profiles, "FILE", text, &fault);
    MUST(taken == (fault.status == 0));
    MUST(taken || (fault.status == STATUS_CONFIG && strncmp(fault.line, "FILE:", 5) == 0));
    MUST(strstr(fault.line, secret) == NULL);
    if (taken)
        look_at(&profiles);
    profiles_close(&profiles);
    return taken;
}

static void translate(struct span text)
{
    char *made = NULL;
    size_t size = 0;
    struct fault fault = {.tool = "conf"};
    FILE *to = open_memstream(&made, &size);
    MUST(to != NULL);
    MUST(kcatconf_show(to, text, &fault));
    MUST(fclose(to) == 0);
    MUST(parse(span_of(made, size)));
    free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (memchr(data, '\0', size) != NULL) /* never comes here: kafka/trusted */
        return 0;
    struct span text = span_of(data, size);
    MUST(!parse(text) || !kcatconf_is(text));
    translate(text);
    return 0;
}
