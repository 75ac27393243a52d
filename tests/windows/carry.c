/*
 * carry PIPE: carries stdin to a named pipe and what comes of it to stdout,
 * until one of them ends. So tests that are no Windows programs talk to a
 * daemon that is one, byte by byte.
 */
#include <stdio.h>
#include <windows.h>

static HANDLE pipe_end;

/* Done with when the transfer is: there may be one each way at a time. */
static BOOL transfer(BOOL write, char *bytes, DWORD len, DWORD *done)
{
    OVERLAPPED overlapped = {0};
    BOOL started;

    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (overlapped.hEvent == NULL)
        return FALSE;
    started = write ? WriteFile(pipe_end, bytes, len, NULL, &overlapped)
                    : ReadFile(pipe_end, bytes, len, NULL, &overlapped);
    if (started || GetLastError() == ERROR_IO_PENDING)
        started = GetOverlappedResult(pipe_end, &overlapped, done, TRUE);
    CloseHandle(overlapped.hEvent);
    return started;
}

static DWORD WINAPI carry_in(void *unused)
{
    char bytes[4096];
    DWORD len, at, done;

    (void)unused;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof bytes, &len, NULL) && len > 0)
        for (at = 0; at < len; at += done)
            /* Whoever has hung up may have said why. */
            if (!transfer(TRUE, bytes + at, len - at, &done))
                return 0;
    ExitProcess(0);
}

static void carry_out(void)
{
    char bytes[4096];
    DWORD len, at, done;

    while (transfer(FALSE, bytes, sizeof bytes, &len))
        for (at = 0; at < len; at += done)
            if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes + at, len - at, &done, NULL))
                return;
}

int main(int count, char **words)
{
    if (count != 2) {
        fprintf(stderr, "usage: carry PIPE\n");
        return 2;
    }
    do {
        pipe_end = CreateFileA(words[1], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                               FILE_FLAG_OVERLAPPED, NULL);
    } while (pipe_end == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PIPE_BUSY &&
             WaitNamedPipeA(words[1], NMPWAIT_WAIT_FOREVER));
    if (pipe_end == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "carry: %s: error %lu\n", words[1], GetLastError());
        return 1;
    }
    if (CreateThread(NULL, 0, carry_in, NULL, 0, NULL) == NULL)
        return 1;
    carry_out();
    ExitProcess(0);
}
