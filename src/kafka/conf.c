#include "kafka/conf.h"

#include "kafka/brokers.h"
#include "kafka/kcatconf.h"
#include "kafka/profiles.h"
#include "kafka/trusted.h"
#include "kafka/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char everybody[] = "/etc/kpipe.yaml";

/* ~/.config/kpipe.yaml; NULL: there is no such place, or no memory. */
static char *own_file(struct fault *fault)
{
    const char *config = value_variable("XDG_CONFIG_HOME"), *home = value_variable("HOME");
    if (config != NULL && config[0] == '/')
        return value_join(fault, "%s/kpipe.yaml", config);
    return home == NULL ? NULL : value_join(fault, "%s/.config/kpipe.yaml", home);
}

/* The file to read, owned by the caller; NULL: there is none, or the fault is set. The first one
 * that is there is the only one. */
static char *find_file(const char *profile, struct fault *fault)
{
    if (profile != NULL && strchr(profile, '/') != NULL)
        return value_join(fault, "%s", profile);
    if (value_variable("KPIPE_CONF") != NULL)
        return value_join(fault, "%s", value_variable("KPIPE_CONF"));
    char *own = own_file(fault);
    if (own != NULL && access(own, F_OK) == 0)
        return own;
    free(own);
    bool there = fault->status == 0 && access(everybody, F_OK) == 0;
    return there ? value_join(fault, "%s", everybody) : NULL;
}

bool conf_known(void)
{
    struct fault ignored = {.tool = ""};
    char *file = find_file(NULL, &ignored);
    bool known =
        value_variable("KPIPE_BROKERS") != NULL || (file != NULL && access(file, F_OK) == 0);
    free(file);
    return known;
}

bool conf_set(struct conf *conf, const char *word, struct fault *fault)
{
    const char *equals = strchr(word, '=');
    struct span name = equals == NULL ? (struct span){0} : span_of(word, (size_t)(equals - word));
    if (!props_name(name)) {
        fault_set(fault, STATUS_USAGE, "-X: want NAME=VALUE, as in -X security.protocol=ssl");
        return false;
    }
    struct prop prop = {.name = value_join(fault, "%.*s", (int)name.size, word),
                        .value = value_join(fault, "%s", equals + 1)};
    if (prop.name != NULL && prop.value != NULL) {
        prop.hidden = props_secret(prop.name) || prop.value[0] == '@';
        if (props_secret(prop.name) && prop.value[0] != '@')
            fault_set(fault, STATUS_USAGE,
                      "-X %.128s: all users see a command line: put it into a file that only you "
                      "can read: -X %.128s=@./FILE",
                      prop.name, prop.name);
        else
            props_add(&conf->sets, &prop, fault);
    }
    free(prop.name);
    free(prop.value);
    return fault->status == 0;
}

/* What the file says, as text; false: the fault is set. */
static bool parse_file(struct profiles *profiles, const char *file, struct fault *fault)
{
    struct trusted trusted;
    if (!trusted_read(&trusted, file, false, fault))
        return false;
    struct span text = span_of(trusted.text, trusted.size);
    if (kcatconf_is(text)) {
        if (kcatconf_show(stderr, text, fault))
            fault_set(fault, STATUS_CONFIG,
                      "%s: has lines of NAME=VALUE, as kcat's: put the above into a file, "
                      "e.g. ~/.config/kpipe.yaml",
                      file);
    } else if (profiles_parse(profiles, file, text, fault) && profiles->plain != NULL &&
               trusted.shown) {
        props_fault(fault, profiles->plain->place, profiles->plain->name,
                    "is a secret, and others may read this file: chmod 600 it, or say \"@FILE\"");
    }
    trusted_close(&trusted);
    return fault->status == 0;
}

/* The names of the profiles, for a message. */
static void list_names(const struct profiles *profiles, char *to, size_t room)
{
    size_t n = 0;
    to[0] = '\0';
    for (size_t i = 0; i < profiles->count && n < room; i++)
        n += (size_t)snprintf(to + n, room - n, "%s%s", i == 0 ? "" : ", ", profiles->list[i].name);
}

/* A file in this folder, named without a slash, is meant as a file. */
static const char *slash_hint(const char *profile)
{
    return access(profile, F_OK) == 0 ? "; a file is -F ./FILE" : "";
}

/* The profile that -F names, or a file's default. NULL without a fault: none is wanted. */
static const struct profile *choose(const struct conf *conf, const struct profiles *profiles,
                                    struct fault *fault)
{
    bool named = conf->profile != NULL && strchr(conf->profile, '/') == NULL;
    char names[256];
    list_names(profiles, names, sizeof names);
    if (named) {
        const struct profile *profile = profiles_find(profiles, conf->profile);
        if (profile == NULL)
            fault_set(fault, STATUS_CONFIG, "%s: has no profile %.128s: one of: %s%s", conf->file,
                      conf->profile, names, slash_hint(conf->profile));
        return profile;
    }
    if (profiles->standard != NULL)
        return profiles_find(profiles, profiles->standard);
    if (conf->profile != NULL && profiles->count == 1)
        return &profiles->list[0];
    if (conf->profile != NULL)
        fault_set(fault, STATUS_CONFIG,
                  "%s: which profile? give it a default, or KPIPE_CONF=%s -F NAME: %s", conf->file,
                  conf->file, names);
    return NULL;
}

/* What belongs to one cluster, its logins above all, is not shown to another: a default profile
 * with brokers of its own stands aside where others are named. */
static bool stands_aside(const struct conf *conf, const struct profile *profile)
{
    return conf->profile == NULL && profile->brokers != NULL &&
           (conf->brokers != NULL || value_variable("KPIPE_BROKERS") != NULL);
}

static bool take_profile(struct conf *conf, const struct profile *profile, struct fault *fault)
{
    if (profile == NULL || stands_aside(conf, profile))
        return fault->status == 0;
    if (profile->brokers != NULL)
        conf->own_brokers = value_join(fault, "%s", profile->brokers);
    for (size_t i = 0; i < profile->props.count && fault->status == 0; i++)
        props_add(&conf->props, &profile->props.list[i], fault);
    return fault->status == 0;
}

static bool read_file(struct conf *conf, struct fault *fault)
{
    conf->file = find_file(conf->profile, fault);
    if (conf->file == NULL) {
        if (conf->profile != NULL)
            fault_set(fault, STATUS_CONFIG,
                      "-F %.128s: there is no configuration: write ~/.config/kpipe.yaml, see "
                      "kpipe.conf(5)%s",
                      conf->profile, slash_hint(conf->profile));
        return fault->status == 0;
    }
    struct profiles profiles = {0};
    bool taken = parse_file(&profiles, conf->file, fault) &&
                 take_profile(conf, choose(conf, &profiles, fault), fault);
    profiles_close(&profiles);
    return taken;
}

/* A weakness is said at each run, or not at all: in a file it would be forgotten. */
static bool check(const struct conf *conf, const struct prop *prop, bool group, struct fault *fault)
{
    const char *why = props_refused(prop, group);
    if (why != NULL) {
        props_fault(fault, prop->place, prop->name, why);
        return false;
    }
    why = props_weak(&conf->props, prop);
    if (why != NULL && prop->place.file != NULL)
        fault_set(fault, STATUS_CONFIG, "%s:%zu:%zu: %s: %s: leave it out; for one run: -X",
                  prop->place.file, prop->place.line, prop->place.column, prop->name, why);
    else if (why != NULL)
        fault_note(fault, "-X %s: %s", prop->name, why);
    return fault->status == 0;
}

static bool read_props(struct conf *conf, bool group, struct fault *fault)
{
    for (size_t i = 0; i < conf->sets.count; i++)
        if (!props_add(&conf->props, &conf->sets.list[i], fault))
            return false;
    for (size_t i = 0; i < conf->props.count; i++) {
        struct prop *prop = &conf->props.list[i];
        if (!value_resolve(prop, fault))
            return false;
    }
    for (size_t i = 0; i < conf->props.count; i++)
        if (!check(conf, &conf->props.list[i], group, fault))
            return false;
    return true;
}

static void check_brokers(const char *brokers, bool typed, struct fault *fault)
{
    struct span wrong = brokers_wrong(brokers);
    if (wrong.size > 0)
        fault_set(fault, typed ? STATUS_USAGE : STATUS_CONFIG,
                  "%s %.*s: is no broker: want HOST:PORT, separated by commas",
                  typed ? "-b" : "brokers", (int)(wrong.size < 300 ? wrong.size : 300),
                  (const char *)wrong.at);
}

static bool find_brokers(struct conf *conf, struct fault *fault)
{
    bool typed = conf->brokers != NULL && *conf->brokers != '\0';
    const char *environment = value_variable("KPIPE_BROKERS");
    if (conf->brokers == NULL && environment != NULL && conf->own_brokers != NULL)
        fault_note(fault, "KPIPE_BROKERS stands over the brokers of -F %.128s", conf->profile);
    if (conf->brokers == NULL)
        conf->brokers = environment != NULL ? environment : conf->own_brokers;
    if (conf->brokers == NULL || *conf->brokers == '\0')
        fault_set(fault, STATUS_CONFIG,
                  "no brokers: -b HOST:PORT, KPIPE_BROKERS or a profile; to try: "
                  "kdev & export KPIPE_BROKERS=127.0.0.1:19092");
    else
        check_brokers(conf->brokers, typed, fault);
    return fault->status == 0;
}

bool conf_read(struct conf *conf, bool group, struct fault *fault)
{
    return read_file(conf, fault) && read_props(conf, group, fault) && find_brokers(conf, fault);
}

void conf_close(struct conf *conf)
{
    props_close(&conf->sets);
    props_close(&conf->props);
    free(conf->file);
    free(conf->own_brokers);
    *conf = (struct conf){0};
}
