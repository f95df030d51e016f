/* option_values.h - what options take for a number, a time, a date: text to value. Each is false where the text is none. */
#pragma once
#include "../../host/base.h"

/* A number with an optional unit behind it; `units` are what none, K, M and G multiply by. */
bool option_scaled(const char *text, u64 *value, const u64 units[4]);
/* So many decimal digits, at least one and at most `most` (1 to 9); *text stands behind them. */
bool option_digits(const char **text, int most, u32 *value);
/* An I/O port, not 0. */
bool option_port(const char *text, u64 *port);
/* UTC seconds since 1970 of YYYY-MM-DD, YYYY-MM-DDTHH:MM[:SS], or a number of them; UINT64_MAX for "now". */
bool option_date(const char *text, u64 *value);
/* Seconds of the host, in milliseconds. */
bool option_seconds(const char *text, u64 *ms);
/* So many million instructions a virtual second, as what one takes: 65536ths of a nanosecond. */
bool option_mips(const char *text, u64 *tick_cost);
/* A length of virtual time: a number, perhaps with a fraction, and its unit (ns, us, ms, s, m). In whole nanoseconds, without rounding. */
bool option_time(const char *text, u64 *ns);
