/*
 * bcryptprimitives.dll for Wine 8, which lacks it: Rust's standard library has
 * its random numbers from there. Beside a program under Wine, and nowhere else.
 */
#include <stddef.h>
#include <windows.h>

/* RtlGenRandom, by the name that advapi32 exports it under. */
BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG len);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T len)
{
    const ULONG at_once = 1UL << 20;
    while (len > 0) {
        ULONG part = len < at_once ? (ULONG)len : at_once;
        if (!SystemFunction036(buffer, part))
            return FALSE;
        buffer += part;
        len -= part;
    }
    return TRUE;
}
