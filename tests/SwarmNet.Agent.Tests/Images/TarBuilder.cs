using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace SwarmNet.Agent.Tests.Images;

/// <summary>Writes small tar archives.</summary>
internal sealed class TarBuilder
{
    private readonly List<TarEntry> _entries = [];

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
        var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            _entries.ForEach(writer.WriteEntry);
        }

        return bytes.ToArray();
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
        _entries.Add(entry);
        return this;
    }
}
