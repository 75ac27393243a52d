/*
 * pipes seen PIPE        prints who owns it and whom its list lets in (SDDL)
 * pipes held PIPE SDDL   makes a pipe of that name, whose only instance is free
 * pipes busy PIPE SDDL   the same, and takes that instance
 * pipes lent PIPE SDDL   likewise; a line on stdin frees it, and "called" is said
 *                        once somebody has it and has said something
 * The last three say "here"; the first two of them keep it until stdin ends.
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>

static int failed(const char *what)
{
    fprintf(stderr, "pipes: %s: error %lu\n", what, GetLastError());
    return 1;
}

static HANDLE opened(const char *name)
{
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
}

static int seen(const char *name)
{
    const SECURITY_INFORMATION parts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    PSECURITY_DESCRIPTOR descriptor;
    HANDLE pipe = opened(name);
    DWORD error;
    char *text;

    if (pipe == INVALID_HANDLE_VALUE)
        return failed("open");
    error = GetSecurityInfo(pipe, SE_KERNEL_OBJECT, parts, NULL, NULL, NULL, NULL, &descriptor);
    SetLastError(error);
    if (error != ERROR_SUCCESS || !ConvertSecurityDescriptorToStringSecurityDescriptorA(
                                      descriptor, SDDL_REVISION_1, parts, &text, NULL))
        return failed("look");
    printf("%s\n", text);
    return 0;
}

/* Another caller in the place of the one that has the only instance. */
static int lend(HANDLE pipe, HANDLE taken)
{
    char byte;
    DWORD len;

    if (getchar() == EOF)
        return 0;
    CloseHandle(taken);
    DisconnectNamedPipe(pipe);
    if (!ConnectNamedPipe(pipe, NULL) && GetLastError() != ERROR_PIPE_CONNECTED)
        return failed("wait");
    if (!ReadFile(pipe, &byte, 1, &len, NULL))
        return failed("read");
    printf("called\n");
    fflush(stdout);
    return 0;
}

static int kept(const char *name, const char *list, BOOL busy, BOOL lent)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, FALSE};
    HANDLE pipe, taken = NULL;

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(
            list, SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL))
        return failed("read the list");
    pipe = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, &attributes);
    if (pipe == INVALID_HANDLE_VALUE)
        return failed("make");
    if (busy && (taken = opened(name)) == INVALID_HANDLE_VALUE)
        return failed("take");
    printf("here\n");
    fflush(stdout);
    if (lent)
        return lend(pipe, taken);
    while (getchar() != EOF)
        continue;
    return 0;
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "seen") == 0)
        return seen(words[2]);
    if (count == 4 && strcmp(words[1], "held") == 0)
        return kept(words[2], words[3], FALSE, FALSE);
    if (count == 4 && strcmp(words[1], "busy") == 0)
        return kept(words[2], words[3], TRUE, FALSE);
    if (count == 4 && strcmp(words[1], "lent") == 0)
        return kept(words[2], words[3], TRUE, TRUE);
    fprintf(stderr, "usage: pipes seen|held|busy|lent PIPE [SDDL]\n");
    return 2;
}
