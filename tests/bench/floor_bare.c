/*
 * What floor_client.c needs of a C library, and nothing around it: with this in
 * place of one it is the least that a process can be. For Linux on x86-64.
 */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long call(long number, long first, long second, long third)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
}

int socket(int domain, int type, int protocol)
{
    return (int)call(SYS_socket, domain, type, protocol);
}

int connect(int socket, const struct sockaddr *address, socklen_t len)
{
    return (int)call(SYS_connect, socket, (long)address, len);
}

ssize_t read(int from, void *buffer, size_t len)
{
    return call(SYS_read, from, (long)buffer, (long)len);
}

ssize_t write(int to, const void *bytes, size_t len)
{
    return call(SYS_write, to, (long)bytes, (long)len);
}

void _exit(int code)
{
    for (;;)
        call(SYS_exit_group, code, 0, 0);
}

size_t strlen(const char *text)
{
    size_t len = 0;
    while (text[len])
        len++;
    return len;
}

char *strcpy(char *to, const char *from)
{
    for (size_t i = 0; (to[i] = from[i]); i++)
        ;
    return to;
}

/* Of decimal digits alone: the bench writes nothing else. */
unsigned long strtoul(const char *text, char **end, int base)
{
    (void)end;
    (void)base;
    unsigned long number = 0;
    for (; *text; text++)
        number = number * 10 + (unsigned long)(*text - '0');
    return number;
}

int main(int argc, char **argv);

/* The kernel leaves the arguments on the stack. */
__attribute__((used)) static _Noreturn void start(long *stack)
{
    _exit(main((int)stack[0], (char **)(stack + 1)));
}

__asm__(".globl _start\n"
        "_start:\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call start\n");
