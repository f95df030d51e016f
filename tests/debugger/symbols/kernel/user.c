/* user.c - the program in user mode: two system calls. */
static int call(int number, const char *text, int n)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(text), "c"(n) : "memory");
    return result;
}

static int print(const char *text)
{
    int n = 0;
    while (text[n])
        n++;
    return call(4, text, n);
}

void user_main(void)
{
    print("hello\n");
    call(1, 0, 0);
}
