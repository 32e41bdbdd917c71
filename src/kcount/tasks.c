#include "kcount/tasks.h"

#include "util/grow.h"

#include <stdlib.h>

void tasks_open(struct tasks *tasks, const uint64_t seed[2])
{
    *tasks = (struct tasks){.seed = {seed[0], seed[1]}};
}

struct task *tasks_find(struct tasks *tasks, uint32_t number)
{
    if (tasks->last < tasks->count && tasks->list[tasks->last].number == number)
        return &tasks->list[tasks->last];
    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->list[i].number == number) {
            tasks->last = i;
            return &tasks->list[i];
        }
    return NULL;
}

struct task *tasks_add(struct tasks *tasks, uint32_t number)
{
    struct task *task = tasks_find(tasks, number);
    if (task != NULL)
        return task;
    struct task *list = grow_list(tasks->list, tasks->count, &tasks->room, 8, sizeof *list);
    if (list == NULL)
        return NULL;
    tasks->list = list;
    task = &tasks->list[tasks->count];
    *task = (struct task){.number = number};
    if (!table_open(&task->table, tasks->seed))
        return NULL;
    tasks->last = tasks->count++;
    return task;
}

void tasks_drop(struct tasks *tasks, uint32_t number)
{
    struct task *task = tasks_find(tasks, number);
    if (task == NULL)
        return;
    table_close(&task->table);
    *task = tasks->list[--tasks->count];
}

size_t tasks_keys(const struct tasks *tasks)
{
    size_t keys = 0;
    for (size_t i = 0; i < tasks->count; i++)
        keys += tasks->list[i].table.used;
    return keys;
}

size_t tasks_memory(const struct tasks *tasks)
{
    size_t bytes = 0;
    for (size_t i = 0; i < tasks->count; i++)
        bytes += table_memory(&tasks->list[i].table);
    return bytes;
}

void tasks_close(struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->count; i++)
        table_close(&tasks->list[i].table);
    free(tasks->list);
    *tasks = (struct tasks){0};
}
