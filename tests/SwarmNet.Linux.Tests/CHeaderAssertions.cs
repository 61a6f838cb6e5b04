using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace SwarmNet.Linux;

/// <summary>Collects what our bindings claim as C static assertions and lets the compiler judge them against the real headers.</summary>
internal sealed class CHeaderAssertions
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private readonly StringBuilder _source = new();

    internal CHeaderAssertions(params string[] headers)
    {
        _source.AppendLine("#define _GNU_SOURCE");
        _source.AppendLine("#include <stddef.h>");
        foreach (string header in headers)
        {
            _source.AppendLine(CultureInfo.InvariantCulture, $"#include <{header}>");
        }
    }

    /// <summary>Number of assertions so far.</summary>
    internal int Count { get; private set; }

    internal void Equal(string expression, long value)
    {
        _source.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert((long)({expression}) == {value}L, \"{expression} is not {value}\");");
        Count++;
    }

    /// <summary>All constants of a class, and static int properties (values that differ between architectures), by their own names.</summary>
    internal void Constants(Type type, Func<string, bool> isHeaderName)
    {
        foreach (FieldInfo field in type.GetFields(All).Where(f => f.IsLiteral && f.FieldType != typeof(string) && isHeaderName(f.Name)))
        {
            object value = field.GetRawConstantValue()!;
            Equal(field.Name, value is ulong u ? unchecked((long)u) : Convert.ToInt64(value, CultureInfo.InvariantCulture));
        }

        // nint constants are static fields with an initialiser for reflection.
        foreach (FieldInfo field in type.GetFields(All).Where(f => !f.IsLiteral && f.IsStatic && isHeaderName(f.Name) && (f.FieldType == typeof(nint) || f.FieldType == typeof(nuint))))
        {
            Equal(field.Name, field.GetValue(null) is nuint n ? (long)n : (nint)field.GetValue(null)!);
        }

        foreach (PropertyInfo property in type.GetProperties(All).Where(p => p.PropertyType == typeof(int) && isHeaderName(p.Name)))
        {
            Equal(property.Name, (int)property.GetValue(null)!);
        }
    }

    /// <summary>Size of a struct and offsets of its fields.</summary>
    internal void Struct(Type type, string cName, bool wholeSize = true, params string[] except)
    {
        if (wholeSize)
        {
            Equal($"sizeof({cName})", Marshal.SizeOf(type));
        }

        foreach (FieldInfo field in type.GetFields(All).Where(f => !f.IsStatic && !except.Contains(f.Name)))
        {
            Equal($"offsetof({cName}, {field.Name})", Marshal.OffsetOf(type, field.Name));
        }
    }

    /// <summary>Compiles; fails the test with the compiler's words.</summary>
    internal void Verify()
    {
        string file = Path.Combine(Path.GetTempPath(), $"swarmnet-abi-{Environment.ProcessId}-{Guid.NewGuid():N}.c");
        File.WriteAllText(file, _source.ToString());
        try
        {
            using Process gcc = Process.Start(new ProcessStartInfo("gcc", $"-std=gnu11 -fsyntax-only {file}") { RedirectStandardError = true })!;
            string errors = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            Assert.That(gcc.ExitCode, Is.Zero, errors);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
