using System.Runtime.InteropServices;
using System.Text;

namespace SwarmNet.Linux;

/// <summary>A NULL-terminated array of NUL-terminated strings in native memory, as execve(2) wants it.</summary>
internal sealed unsafe class NativeStrings : SafeHandle
{
    internal NativeStrings(IReadOnlyList<string> strings)
        : base(0, ownsHandle: true)
    {
        int pointers = (strings.Count + 1) * sizeof(byte*);
        int characters = 0;
        foreach (string s in strings)
        {
            if (s.Contains('\0', StringComparison.Ordinal))
            {
                throw new ArgumentException("An argument or environment variable must not contain a NUL character.", nameof(strings));
            }

            characters += Encoding.UTF8.GetByteCount(s) + 1;
        }

        handle = (nint)NativeMemory.AllocZeroed((nuint)(pointers + characters));
        var rest = new Span<byte>((byte*)handle + pointers, characters);
        for (int i = 0; i < strings.Count; i++)
        {
            Pointer[i] = (byte*)handle + pointers + (characters - rest.Length);
            rest = rest[(Encoding.UTF8.GetBytes(strings[i], rest) + 1)..];
        }
    }

    public override bool IsInvalid => handle == 0;

    internal byte** Pointer => (byte**)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
