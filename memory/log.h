/* log.h - what the machine says on stderr about its guest: chosen by class with -log, and
 * guest nonsense only once a site a machine. */
#pragma once
#include "base.h"

enum log_class {
    LOG_INT,        /* interrupts and exceptions */
    LOG_GUEST,      /* the guest did what the manual forbids */
    LOG_UNIMP,      /* the guest wants what Vitrine does not have */
    LOG_IO,         /* every port and MMIO access */
    LOG_PCI, LOG_DISK, LOG_VGA, LOG_INPUT, LOG_SERIAL, LOG_TIMER, LOG_DMA, LOG_POWER, LOG_SMM,
    LOG_CLASSES
};

struct log;

/* A log that prints nothing but LOG_GUEST and LOG_UNIMP, each site once. Never NULL. */
struct log *log_new(void);
void log_free(struct log *log);

/* Turn classes on, a comma list such as "int,io" ("all", "none"; "-name" turns one off).
 * False and the offending word copied to bad (size bytes) when a word is unknown. */
bool log_select(struct log *log, const char *list, char *bad, size_t size);
/* Name of a class ("int"), NULL past the end; and what it shows, for -log help. */
const char *log_class_name(int class);
const char *log_class_title(int class);

/* Where lines go; stderr when NULL. `text` is a line without its newline. */
void log_redirect(struct log *log, void (*out)(void *to, const char *text), void *to);

/* True when the class was selected with log_select (then every event is printed). */
bool log_on(const struct log *log, enum log_class class);

/* Print "class: text". For LOG_GUEST and LOG_UNIMP not selected: the first time a site only. */
void log_at(struct log *log, enum log_class class, const char *site, const char *fmt, ...) printf_like(4, 5);

#define LOG_STR2(x) #x
#define LOG_STR(x) LOG_STR2(x)
/* A macro because it names its own site. Cheap when off: test log_on() first on hot paths. */
#define log_event(log, class, ...) log_at(log, class, __FILE__ ":" LOG_STR(__LINE__), __VA_ARGS__)
