/* nearest.c - how far a word is from another. */
#include "nearest.h"

enum { NAME_MOST = 64 };

int word_distance(const char *a, const char *b, int most)
{
    int n = (int)strnlen(a, NAME_MOST), m = (int)strnlen(b, NAME_MOST), row[3][NAME_MOST + 1];
    if (n - m > most || m - n > most)
        return most + 1;
    for (int i = 0; i <= n; i++) {
        int least = most + 1, *now = row[i % 3], *last = row[(i + 2) % 3], *older = row[(i + 1) % 3];
        for (int j = 0; j <= m; j++) {
            int best = !i ? j : !j ? i : last[j - 1] + (a[i - 1] != b[j - 1]);
            if (i && last[j] + 1 < best)
                best = last[j] + 1;
            if (j && now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && older[j - 2] + 1 < best)
                best = older[j - 2] + 1;
            now[j] = best;
            least = best < least ? best : least;
        }
        if (least > most)
            return most + 1;
    }
    return row[n % 3][m];
}
