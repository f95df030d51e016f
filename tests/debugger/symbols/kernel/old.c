/* old.c - built without debugging information and unwind tables, with frame pointers. */
int old_sum(int (*add)(int, int), int n);

int old_sum(int (*add)(int, int), int n)
{
    int total = 0;
    while (n)
        total = add(total, n--);
    return total;
}
