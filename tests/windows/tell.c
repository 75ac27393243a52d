/*
 * tell PID EVENT: tells a process what Windows would: ctrl-c, ctrl-break,
 * console-close, logoff or shutdown, as the console does; session-end or
 * task-end, as the desktop and the scheduler do. Wine tells the first alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* By a thread in the process that calls its handlers. */
static int by_console(DWORD process_id, DWORD event)
{
    HANDLE process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, process_id);
    FARPROC routine = GetProcAddress(GetModuleHandleA("kernelbase.dll"), "CtrlRoutine");

    if (process == NULL || routine == NULL)
        return 1;
    /* A system library is at the same address in every process. */
    return CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)routine,
                              (void *)(UINT_PTR)event, 0, NULL) == NULL;
}

static BOOL CALLBACK of_process(HWND window, LPARAM wanted)
{
    DWORD *process_id = (DWORD *)wanted, owner = 0;

    GetWindowThreadProcessId(window, &owner);
    if (owner != process_id[0])
        return TRUE;
    if (process_id[1] == WM_CLOSE)
        process_id[2] = PostMessageW(window, WM_CLOSE, 0, 0);
    else
        /* As whoever ends a session does: first it asks. */
        process_id[2] = SendMessageW(window, WM_QUERYENDSESSION, 0, ENDSESSION_LOGOFF) &&
                        SendNotifyMessageW(window, WM_ENDSESSION, TRUE, ENDSESSION_LOGOFF);
    return FALSE;
}

static int by_window(DWORD process_id, DWORD message)
{
    DWORD told[3] = {process_id, message, 0};

    EnumWindows(of_process, (LPARAM)told);
    return !told[2];
}

int main(int count, char **words)
{
    static const struct {
        const char *name;
        int (*by)(DWORD, DWORD);
        DWORD what;
    } events[] = {
        {"ctrl-c", by_console, CTRL_C_EVENT},
        {"ctrl-break", by_console, CTRL_BREAK_EVENT},
        {"console-close", by_console, CTRL_CLOSE_EVENT},
        {"logoff", by_console, CTRL_LOGOFF_EVENT},
        {"shutdown", by_console, CTRL_SHUTDOWN_EVENT},
        {"session-end", by_window, WM_ENDSESSION},
        {"task-end", by_window, WM_CLOSE},
    };
    size_t at;

    for (at = 0; count == 3 && at < sizeof events / sizeof *events; at++)
        if (strcmp(words[2], events[at].name) == 0)
            return events[at].by((DWORD)strtoul(words[1], NULL, 10), events[at].what);
    fprintf(stderr, "usage: tell PID EVENT\n");
    return 2;
}
