/* option_values.c - see option_values.h. */
#include "option_values.h"
#include <stdio.h>

/* An unsigned number and what follows it; false when there is none. */
static bool option_number(const char *text, u64 *value, const char **end)
{
    char *e;
    if (*text < '0' || *text > '9')
        return false;
    *value = strtoull(text, &e, 0);
    *end = e;
    return *value != UINT64_MAX;                /* what is too large reads as that */
}

/* A number with an optional unit; `units` are the shifts of none, K, M and G. */
bool option_scaled(const char *text, u64 *value, const u64 units[4])
{
    const char *end, *letters = "KkMmGg";
    u64 unit = units[0];
    if (!option_number(text, value, &end))
        return false;
    const char *letter = *end ? strchr(letters, *end) : NULL;
    if (letter) {
        unit = units[1 + (letter - letters) / 2];
        end++;
    }
    if (*end || *value > UINT64_MAX / unit)
        return false;
    *value *= unit;
    return true;
}

bool option_digits(const char **text, int most, u32 *value)
{
    const char *from = *text;
    *value = 0;
    for (; **text >= '0' && **text <= '9' && *text - from < most; ++*text)
        *value = *value * 10 + (u32)(**text - '0');
    return *text != from;
}

bool option_port(const char *text, u64 *port)
{
    const char *end;
    return option_number(text, port, &end) && !*end && *port && *port <= 0xffff;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static i64 days_since_1970(i64 year, int month, int day)
{
    year -= month <= 2;
    i64 era = (year >= 0 ? year : year - 399) / 400;
    i64 of_era = year - era * 400;
    i64 of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool option_date(const char *text, u64 *value)
{
    u32 year, month, day, hour = 0, minute = 0, second = 0;
    const char *end;
    if (!strcmp(text, "now")) {
        *value = UINT64_MAX;                    /* the program asks the host's clock */
        return true;
    }
    if (option_number(text, value, &end) && !*end && *value < 1ull << 40)
        return true;
    if (!option_digits(&text, 4, &year) || *text++ != '-' || !option_digits(&text, 2, &month) || *text++ != '-' ||
        !option_digits(&text, 2, &day))
        return false;
    if (*text == 'T' || *text == ' ') {
        text++;
        if (!option_digits(&text, 2, &hour) || *text++ != ':' || !option_digits(&text, 2, &minute))
            return false;
        if (*text == ':' && (text++, !option_digits(&text, 2, &second)))
            return false;
        text += *text == 'Z';
    }
    if (*text)
        return false;
    static const u8 lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (year < 1980 || year > 2099 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    if (month == 2 && day == 29 && year % 4)
        return false;
    *value = (u64)(days_since_1970(year, (int)month, (int)day) * 86400 + hour * 3600 + minute * 60 + second);
    return true;
}

bool option_seconds(const char *text, u64 *ms)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds > 0 && seconds < 1e9))
        return false;
    *ms = (u64)(seconds * 1000);
    return true;
}

/* So many instructions a virtual microsecond, as what one takes. */
bool option_mips(const char *text, u64 *tick_cost)
{
    char *end;
    double mips = strtod(text, &end);
    if (end == text || *end || !(mips >= 0.1 && mips <= 1000))
        return false;
    *tick_cost = (u64)(65536 * 1000 / mips + 0.5);
    return true;
}

/* A length of virtual time: a number, perhaps with a fraction, and its unit. In whole nanoseconds, without rounding. */
bool option_time(const char *text, u64 *ns)
{
    static const struct { const char *name; u64 ns; } units[] = {
        { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { "m", 60000000000 },
    };
    const char *at, *point = text + strspn(text, "0123456789"), *unit = point;
    u64 digit_ns, whole = 0, part = 0, one = 0;
    if (*point == '.')
        unit = point + 1 + strspn(point + 1, "0123456789");
    for (size_t k = 0; k < ARRAY_LEN(units); k++)
        if (!strcmp(unit, units[k].name))
            one = units[k].ns;
    if (!one || point == text || point - text > 9)
        return false;
    for (at = text; at < point; at++)
        whole = whole * 10 + (u64)(*at - '0');
    for (at = point + 1, digit_ns = one / 10; at < unit; at++, digit_ns /= 10)
        part += digit_ns * (u64)(*at - '0');
    *ns = whole * one + part;
    return *ns && whole <= (UINT64_MAX / 2 - part) / one;
}
