/* kcount/tasks: a table for each task; a task is a partition number. Pure.
 *
 * What is counted without a store is one task. With one, a task comes by its first RESTORE or by
 * its assignment, and goes with its table: whoever has the partitions has the counts. */
#ifndef KPIPE_KCOUNT_TASKS_H
#define KPIPE_KCOUNT_TASKS_H

#include "util/table.h"

#include <stdbool.h>

struct task {
    uint32_t number;
    bool assigned; /* restored: its records may come */
    struct table table;
};

struct tasks {
    uint64_t seed[2]; /* of all tables */
    struct task *list;
    size_t count, room;
    size_t last; /* the one that was asked for last: the next record is of it, too */
};

/* The seed is random bytes. */
void tasks_open(struct tasks *tasks, const uint64_t seed[2]);

/* The task, or NULL. It stays where it is until the next tasks_add() or tasks_drop(). */
struct task *tasks_find(struct tasks *tasks, uint32_t number);

/* The task, made with an empty table where it is not there yet. NULL: no memory. */
struct task *tasks_add(struct tasks *tasks, uint32_t number);

/* Forgets the task and its table, where there is one. */
void tasks_drop(struct tasks *tasks, uint32_t number);

/* The keys of all tables, and the bytes allocated for them. */
size_t tasks_keys(const struct tasks *tasks);
size_t tasks_memory(const struct tasks *tasks);

void tasks_close(struct tasks *tasks);

#endif
