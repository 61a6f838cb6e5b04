using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace SwarmNet.Agent.Tests.Images;

/// <summary>Writes small tar archives.</summary>
internal sealed class TarBuilder
{
    private readonly MemoryStream _bytes = new();
    private readonly TarWriter _writer;

    public TarBuilder() => _writer = new TarWriter(_bytes, TarEntryFormat.Pax, leaveOpen: true);

    public TarBuilder Folder(string name, int mode = 0x1ED) => Entry(new PaxTarEntry(TarEntryType.Directory, name) { Mode = (UnixFileMode)mode });

    public TarBuilder File(string name, string text, int mode = 0x1A4, int uid = 0) => File(name, Encoding.UTF8.GetBytes(text), mode, uid);

    public TarBuilder File(string name, byte[] bytes, int mode = 0x1A4, int uid = 0) =>
        Entry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = (UnixFileMode)mode, Uid = uid, Gid = uid, DataStream = new MemoryStream(bytes) });

    public TarBuilder Link(string name, string target) => Entry(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });

    public TarBuilder HardLink(string name, string target) => Entry(new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target });

    public TarBuilder Device(string name, int major, int minor) =>
        Entry(new PaxTarEntry(TarEntryType.CharacterDevice, name) { DeviceMajor = major, DeviceMinor = minor, Mode = (UnixFileMode)0x1B6 });

    public byte[] ToArray()
    {
        _writer.Dispose();
        return _bytes.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionMode.Compress))
        {
            gzip.Write(bytes);
        }

        return result.ToArray();
    }

    private TarBuilder Entry(TarEntry entry)
    {
        _writer.WriteEntry(entry);
        return this;
    }
}
